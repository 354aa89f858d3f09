#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Adds up the results of `make check`: every check of every TAP program, in one line.
#
# usage: tests/summary.sh [BUILD-FOLDER]...
#
# Prints "N passed, N failed" and, if there are any, ", N skipped" over all the
# given folders (default: the working folder). Failed are FAIL, XPASS and ERROR;
# an expected failure (TODO) counts as skipped. Exit status: 0 if checks ran and
# none failed, else 1.
set -u
[ $# -gt 0 ] || set -- .

for folder in "$@"; do
	if [ ! -d "$folder" ]; then
		echo "$0: '$folder' is no folder" >&2
		exit 1
	fi
done

# Not into what `make distcheck` leaves behind: it is another build. Each file once.
find "$@" -mindepth 1 -name 'knot-backscatter-*' -prune -o -name '*.trs' -type f -exec realpath {} + |
	sort -u | tr '\n' '\0' | xargs -0 -r cat |
	awk '
		$1 == ":test-result:" { count[$2]++ }
		END {
			passed = count["PASS"] + 0
			failed = count["FAIL"] + count["XPASS"] + count["ERROR"]
			skipped = count["SKIP"] + count["XFAIL"]
			printf "%d passed, %d failed", passed, failed
			if (skipped > 0) {
				printf ", %d skipped", skipped
			}
			printf "\n"
			exit failed > 0 || passed == 0
		}'
