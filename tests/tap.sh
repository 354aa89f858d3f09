# SPDX-License-Identifier: GPL-3.0-or-later
# Test Anything Protocol for shell tests; to be sourced. The twin of tap.h.
#
#   ok NAME COMMAND...     passes if the command succeeds
#   is GOT WANTED NAME     passes if the two texts are equal; shows both if not
#   empty TEXT NAME        passes if there is no text; shows it if there is
#   skip_all WHY           leaves the whole script out
#   tap_done               prints the plan; the last command of a script

tap_count=0
tap_failures=0

tap_result() { # STATUS NAME
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
	else
		tap_failures=$((tap_failures + 1))
		echo "not ok $tap_count - $2"
	fi
	return "$1"
}

ok() {
	tap_name=$1
	shift
	if "$@"; then
		tap_result 0 "$tap_name"
	else
		tap_result 1 "$tap_name"
	fi
}

is() {
	if [ "$1" = "$2" ]; then
		tap_result 0 "$3"
	else
		tap_result 1 "$3" || printf 'got:\n%s\nwanted:\n%s\n' "$1" "$2" | sed 's/^/# /'
	fi
}

empty() {
	if [ -z "$1" ]; then
		tap_result 0 "$2"
	else
		tap_result 1 "$2" || printf '%s\n' "$1" | sed 's/^/# /'
	fi
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

tap_done() {
	echo "1..$tap_count"
	[ "$tap_failures" -eq 0 ] && [ "$tap_count" -gt 0 ]
}
