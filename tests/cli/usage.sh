#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command line of every subcommand that `backscatter --help` lists: help that is whole
# and true, and one sentence and exit status 2 for what is wrong.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"

backscatter=$top_builddir/backscatter
[ -x "$backscatter" ] || { echo "Bail out! there is no $backscatter"; exit 1; }
work=$(mktemp -d ./usage.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT

# Runs the command; leaves $status, $out and $err.
run() {
	"$backscatter" "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	out=$(cat "$work/out")
	err=$(cat "$work/err")
}

# The last run was refused as a wrong command line: one line that holds $1, nothing else.
refused() { # TEXT NAME
	is "$status" 2 "$2: exit status 2"
	empty "$out" "$2: nothing on standard output"
	is "$(wc -l <"$work/err" | tr -d ' ')" 1 "$2: one line on standard error"
	case $err in
	*"$1"*) tap_result 0 "$2: names $1" ;;
	*) tap_result 1 "$2: names $1" || echo "# $err" ;;
	esac
	case $err in
	*"--help'") tap_result 0 "$2: points at --help" ;;
	*) tap_result 1 "$2: points at --help" || echo "# $err" ;;
	esac
}

# Words of the given text that look like long options, once each.
long_options() {
	printf '%s\n' "$1" | grep -oE -- '(^|[^[:alnum:]-])--[a-z][a-z0-9-]*' | grep -oE -- '--.*' | sort -u
}

# Every letter that stands as an option of its own: "-o", "-o FILE".
short_options() {
	printf '%s\n' "$1" | grep -oE -- '(^|[[ |(])-[a-zA-Z]( |,|]|$)' | grep -oE -- '-[a-zA-Z]' | sort -u
}

check_command_itself() {
	run --help
	is "$status" 0 "--help: exit status 0"
	empty "$err" "--help: nothing on standard error"
	case $out in
	"Usage: backscatter "*) tap_result 0 "--help: begins with the usage" ;;
	*) tap_result 1 "--help: begins with the usage" ;;
	esac
	help=$out
	run -h
	is "$out" "$help" "-h is --help"
	version=$(sed -n "s/^AC_INIT(\[knot-backscatter\], \[\(.*\)\])/\1/p" "$top_srcdir/configure.ac")
	run --version
	is "$status:$out:$err" "0:backscatter (Knot Backscatter) $version:" "--version: the version of configure.ac"
	run
	refused "no command" "no command"
	run no-such-command --help
	refused "'no-such-command'" "an unknown command"
	run --no-such-option
	refused "'--no-such-option'" "an unknown option"
	if [ -w /dev/full ]; then
		"$backscatter" --help >/dev/full 2>/dev/null
		is "$?" 1 "--help into a full disk: exit status 1"
	fi
}

# What --help promises: each option that the usage line names is explained, and each that
# is explained is known. The wrong option behind it keeps the command from doing anything.
check_options_of() { # COMMAND HELP
	usage=$(printf '%s\n' "$2" | sed '/^$/q')
	lines=$(printf '%s\n' "$2" | sed '1,/^$/d' | grep -E '^ +-')
	ok "$1: there are options to explain" test -n "$lines"
	for option in $(long_options "$usage") $(short_options "$usage"); do
		printf '%s\n' "$lines" | grep -qE -- "(^|[ ,])$option([ ,=]|\$)"
		tap_result $? "$1: the help explains $option of the usage line"
	done
	# The left column only: an explanation may speak of other commands' options.
	left=$(printf '%s\n' "$lines" | sed 's/^\( *-[^ ]*\(,* --*[^ ]*\)*\).*/\1/')
	for option in $(long_options "$left") $(short_options "$left"); do
		case $option in
		--help) continue ;;
		--*) run "$1" "$option=1" --no-such-option ;;
		*) run "$1" "${option}1" --no-such-option ;;
		esac
		case $status:$err in
		2:*"'$option' is unknown"*) tap_result 1 "$1: knows $option" || echo "# $err" ;;
		2:*) tap_result 0 "$1: knows $option" ;;
		*) tap_result 1 "$1: knows $option" || echo "# exit status $status: $err" ;;
		esac
	done
}

check_command() { # COMMAND
	run "$1" --help
	is "$status" 0 "$1 --help: exit status 0"
	empty "$err" "$1 --help: nothing on standard error"
	help=$out
	case $help in
	"Usage: backscatter $1 "*) tap_result 0 "$1 --help: begins with the usage" ;;
	*) tap_result 1 "$1 --help: begins with the usage" ;;
	esac
	empty "$(printf '%s\n' "$help" | grep -E '.{101}')" "$1 --help: no line above 100 columns"
	empty "$(printf '%s\n' "$help" | grep -E '[[:blank:]]$')" "$1 --help: no blanks at the end of a line"
	check_options_of "$1" "$help"
	run "$1" --no-such-option
	refused "option '--no-such-option' is unknown" "$1: an unknown option"
	run "$1" "-!"
	refused "option '-!' is unknown" "$1: an unknown letter"
	run "$1" thing --no-such-option=5 other
	refused "option '--no-such-option' is unknown" "$1: an unknown option among arguments"
}

check_command_itself
summaries=$(printf '%s\n' "$help" | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) */\1 /p')
commands=$(printf '%s\n' "$summaries" | cut -d ' ' -f 1)
ok "--help lists commands" test -n "$commands"
empty "$(printf '%s\n' "$summaries" | grep -E '^[a-z-]+ *$')" "--help: every command has a summary"
for command in $commands; do
	check_command "$command"
done
tap_done
