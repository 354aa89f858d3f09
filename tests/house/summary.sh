#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/summary.sh adds up right and cannot be pleased by nothing.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
. "$top_srcdir/tests/tap.sh"

folder=$(mktemp -d ./summary.XXXXXX) || exit 1
trap 'rm -rf "$folder"' EXIT
tests=$(cd "$top_srcdir/tests" && pwd)

results() { # FOLDER RESULT...
	mkdir -p "$folder/$1/tests"
	into=$folder/$1/tests/made.trs
	shift
	for result in "$@"; do
		echo ":test-result: $result 1 - a PASS that is FAIL in its name"
	done >"$into"
	echo ":global-test-result: PASS" >>"$into"
	echo ":recheck: no" >>"$into"
}

summary() { # FOLDER...: the line and the exit status
	(cd "$folder" && "$tests/summary.sh" "$@" 2>/dev/null; echo "$?") | tr '\n' ' '
}

results good PASS PASS PASS
results skips PASS SKIP SKIP XFAIL
results fails PASS FAIL
results errors PASS ERROR
results strange PASS XPASS
results idle SKIP
results none
results knot-backscatter-1 PASS PASS
results knot-backscatter-1/knot-backscatter-2 FAIL

is "$(summary good)" "3 passed, 0 failed 0 " "passes"
is "$(summary skips)" "1 passed, 0 failed, 3 skipped 0 " "skips and expected failures"
is "$(summary fails)" "1 passed, 1 failed 1 " "a failure"
is "$(summary errors)" "1 passed, 1 failed 1 " "an error is a failure"
is "$(summary strange)" "1 passed, 1 failed 1 " "a pass that should fail is a failure"
is "$(summary idle)" "0 passed, 0 failed, 1 skipped 1 " "only skips are no success"
is "$(summary none)" "0 passed, 0 failed 1 " "nothing is no success"
is "$(summary good skips)" "4 passed, 0 failed, 3 skipped 0 " "two folders"
is "$(summary good fails)" "4 passed, 1 failed 1 " "two folders, one of which fails"
is "$(summary good good/tests)" "3 passed, 0 failed 0 " "no result counts twice"
is "$(summary knot-backscatter-1)" "2 passed, 0 failed 0 " "the left-over of another build does not count"
is "$(summary good missing)" "1 " "a folder that is not there"
tap_done
