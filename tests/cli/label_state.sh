#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backscatter label --state: killed at any time, the outputs are those of an uninterrupted run.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"
top_builddir=$(cd "$top_builddir" && pwd)
backscatter=$top_builddir/backscatter
[ -x "$backscatter" ] || { echo "Bail out! there is no $backscatter"; exit 1; }
work=$(mktemp -d ./label_state.XXXXXX) || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# A file is 1.4 % longer than an hour: many windows begin shortly before the end of a file, and
# are open still when the window before them is closed in the next.
"$top_builddir/tests/cli/write_telescope" . 71 3 90000 || { echo "Bail out! no captures"; exit 1; }
gzip telescope-2.pcap
xz telescope-5.pcap 2>/dev/null
head -c 40001 telescope-4.pcap >cut && mv cut telescope-4.pcap
printf '45.3.0.0\n45.3.0.2\n45.3.0.0/25\n' >mail
printf '45.3.0.0/24\n2a00::/16\n45.3.0.2\n' >cloud

# Becomes a run with some options, so that its number is that of the subshell; files are named
# by the first argument.
become() { # NAME OPTION...
	name=$1
	shift
	exec "$backscatter" label telescope-* --darknet 198.51.0.0/16,2001:db8::/32 --list mail=mail \
		--list cloud=cloud -o "$name.labels" --events "$name.events" --series "$name.series" \
		--conflicts "$name.conflicts" --summary "$@" >"$name.out" 2>"$name.err"
}

label() { # NAME OPTION...
	(become "$@")
}

same() {
	for file in labels events series conflicts out; do
		cmp "whole.$file" "part.$file" 2>&1
	done
}

# Kills the run after a while that the number decides, again and again until it ends by itself.
interrupted() { # NUMBER OPTION...
	number=$1
	shift
	kills=0
	while :; do
		become part "$@" --state state &
		pid=$!
		number=$(( (number * 1103 + 12345) % 65536 ))
		# A share of what a whole run takes; the more interrupts, the more: it must end some day.
		pause=$((whole_ms * (5 + number % 40 + kills * 15) / 100))
		sleep "$((pause / 1000)).$(printf %03d $((pause % 1000)))"
		if kill -9 $pid 2>/dev/null; then
			wait $pid 2>/dev/null
			kills=$((kills + 1))
			[ "$kills" -lt 100 ] && continue
		fi
		wait $pid
		return $?
	done
}

went_on=0
all_kills=0
for options in "--window 1d" "--window 6h --slack 30m" \
	"--window 1h --slack 10m --flows 16 --memory 4M"; do
	begin=$(date +%s%N)
	# shellcheck disable=SC2086
	label whole $options
	status=$?
	whole_ms=$((($(date +%s%N) - begin) / 1000000))
	is "$status" 1 "$options: one capture is cut"
	for round in 1 2; do
		rm -f part.*
		# shellcheck disable=SC2086
		interrupted $((round * 77)) $options
		is "$?" 1 "$options: so it is after $kills interrupts"
		empty "$(same)" "$options: the files are the same, round $round"
		went_on=$((went_on + $(grep -c 'going on with capture' part.err)))
		all_kills=$((all_kills + kills))
		ok "the folder is gone" test ! -e state
	done
done
ok "$all_kills times it was killed, the last runs went on $went_on times" test "$all_kills" -gt 0

# Runs until there is a state to go on from; a run that is too fast for that is repeated.
until_state() {
	for attempt in 1 2 3 4 5 6 7 8 9 10; do
		become part --window 1h --state state &
		pid=$!
		while kill -0 $pid 2>/dev/null && [ ! -e state/state ]; do sleep 0.001; done
		kill -9 $pid 2>/dev/null
		wait $pid 2>/dev/null
		[ -e state/state ] && return 0
	done
	echo "# attempt $attempt: no state"
	return 1
}

# The last run failed, with one sentence about it behind what else there is to tell ($3 lines).
refused() { # TEXT NAME
	is "$?:$(wc -l <part.err | tr -d ' ')" "1:1" "$2: one sentence"
	ok "$2: it names $1" grep -qF -- "$1" part.err || sed 's/^/# /' part.err
}

# What has changed meanwhile is told, and nothing is done.
ok "an interrupted run" until_state
label part --window 2h --state state
refused "'window 3600 s', not 'window 7200 s'" "another option"
label part --window 1h --state state --parameter N2=9
refused "'parameter N2=5', not 'parameter N2=9'" "another parameter"
cp -p telescope-7.pcap kept
printf 'x' >>telescope-7.pcap
label part --window 1h --state state
refused "telescope-7.pcap" "another capture"
mv kept telescope-7.pcap
cp -p mail kept
touch mail
label part --window 1h --state state
refused "mail=mail" "another list"
cp -p kept mail
cp state/state kept
echo 'backscatter-label-state 2' >state/state
label part --window 1h --state state
refused "state/state:1: this is no state of this version" "another version"
sed 's/^open .*/open 5 5/' kept >state/state
label part --window 1h --state state
refused "is damaged" "a state that cannot be"
sed 's/^capture .*/capture 99/' kept >state/state
label part --window 1h --state state
refused "is damaged" "a capture that is not there"
cp kept state/state
cp state/labels kept
: >state/labels
label part --window 1h --state state
refused "state/labels is shorter" "rows that are gone"
cp kept state/labels
(flock 9; label part --window 1h --state state; exit $?) 9>>state/lock
refused "another run uses folder 'state'" "two runs at once"
label whole --window 1h
label part --window 1h --state state
is "$?:$(same)" "1:" "after all that it goes on"

: >file
label part --state file
refused "file" "a file in place of the folder"
"$backscatter" label - --darknet 10.0.0.0/8 --state state <telescope-0.pcap >part.out 2>part.err
refused "'-' cannot be read a second time" "standard input"
ok "no folder is made for it" test ! -e state
label part --state state --series none/series
refused "none/series" "an output that cannot be"

# A full disk: the state stays, and with room it goes on.
(trap '' XFSZ; ulimit -f 64; become part --window 1h --state state)
status=$?
# The capture that is cut is told, too, if it was read before.
is $status 1 "a disk that fills up"
ok "a disk that fills up: it names the file" grep -qF "cannot write 'state/" part.err
label part --window 1h --state state
is "$?:$(same)" "1:" "with room it goes on"
tap_done
