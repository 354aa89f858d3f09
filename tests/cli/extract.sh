#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backscatter extract: the same queries as packets and as dnstap, mixed, compressed and cut;
# what --summary prints; wrong command lines.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"

program=$top_builddir/backscatter
generator=$top_builddir/tests/bench/write_authority
work=$(mktemp -d ./extract.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT

# Runs extract with 2 and 2 as least queriers; leaves $status, and files out and err.
run() {
	"$program" extract --min-queriers 2 --min-queriers-ipv6 2 "$@" >"$work/out" 2>"$work/err"
	status=$?
}

# A number of the summary; 0 if it is not shown.
number() {
	value=$(awk -v name="$1" '$1 == name { print $3 }' "$work/out")
	echo "${value:-0}"
}

"$generator" pcap 20000 1 "$work/1.pcap"
"$generator" dnstap 20000 1 "$work/1.dnstap"
"$generator" pcap 5000 2 "$work/2.pcap"
"$generator" dnstap 5000 2 "$work/2.dnstap"

# One trace both ways.
run "$work/1.pcap" -o "$work/pcap.csv" --summary
is "$status" 0 "packets are read"
empty "$(cat "$work/err")" "without a word on standard error"
grep -vE '^(packets|dnstap)' "$work/out" >"$work/pcap.summary"
is "$(number packets) $(number 'packets[dns]') $(number dnstap)" "20000 20000 0" "all packets are DNS"
run "$work/1.dnstap" -o "$work/dnstap.csv" --summary
is "$status" 0 "dnstap is read"
empty "$(cat "$work/err")" "without a word on standard error"
grep -vE '^(packets|dnstap)' "$work/out" >"$work/dnstap.summary"
is "$(number packets) $(number dnstap) $(number 'dnstap[dns]')" "0 20000 20000" "all frames have queries"
ok "both have the same summary" cmp "$work/pcap.summary" "$work/dnstap.summary"
ok "both have the same rows" cmp "$work/pcap.csv" "$work/dnstap.csv"
is "$(number rows)" "$(($(wc -l <"$work/dnstap.csv") - 1))" "rows are counted"
ok "there are some" [ "$(number rows)" -gt 100 ]

# The sums fit together.
sum() { awk -F '[[ ]' -v name="$1" '$1 == name && $2 != "=" { sum += $NF } END { print sum + 0 }' "$work/out"; }
is "$(number queries)" 20000 "queries are counted"
is "$(sum queries)" 20000 "by protocol"
is "$(sum observations)" "$(number observations)" "observations by family"
is "$(sum partial)" "$(number partial)" "partial names by depth"
is "$(($(number observations) + $(number partial) + $(sum other)))" 20000 "each query is of one kind"

# Only the summary, on standard output.
run "$work/1.dnstap" --summary
is "$(grep -vE '^(packets|dnstap)' "$work/out")" "$(cat "$work/dnstap.summary")" "--summary alone"
is "$(grep -cvE '^[a-z]+(\[[a-z0-9/-]+\])? = [0-9TZ:.-]+$' "$work/out")" 0 "is lines of name and number"
run "$work/1.dnstap"
ok "without it there are rows on standard output" cmp "$work/out" "$work/dnstap.csv"

# Mixed formats are one stream; names of files say nothing.
run "$work/1.pcap" "$work/2.pcap" -o "$work/both.csv"
cp "$work/2.pcap" "$work/3.dnstap"
for pair in "1.pcap 2.dnstap" "1.dnstap 2.pcap" "1.dnstap 3.dnstap"; do
	# shellcheck disable=SC2086
	set -- $pair
	run "$work/$1" "$work/$2" -o "$work/mixed.csv"
	ok "$1 and $2: the rows of both" cmp "$work/mixed.csv" "$work/both.csv"
done

# Compressed and through a pipe.
gzip -c "$work/1.dnstap" >"$work/1"
run "$work/1" -o "$work/gzip.csv"
ok "dnstap in gzip" cmp "$work/gzip.csv" "$work/dnstap.csv"
run - -o "$work/pipe.csv" <"$work/1"
ok "from standard input" cmp "$work/pipe.csv" "$work/dnstap.csv"

# A cut file gives all whole frames, then one sentence and exit status 1.
size=$(wc -c <"$work/1.dnstap")
head -c $((size / 2)) "$work/1.dnstap" >"$work/cut"
run "$work/cut" -o "$work/cut.csv" --summary
is "$status" 1 "a cut file: exit status 1"
is "$(wc -l <"$work/err" | tr -d ' ')" 1 "one sentence"
ok "that says where" grep -qE "capture '$work/cut' cannot be read behind frame $(number dnstap): " "$work/err"
ok "the queries before it are there" [ "$(number queries)" -gt 9000 ]
is "$(($(wc -l <"$work/cut.csv") - 1))" "$(number rows)" "and their rows"
run "$work/cut" "$work/2.dnstap" --summary
is "$status" 1 "another file behind it: exit status 1"
ok "is read nevertheless" [ "$(number queries)" -gt 14000 ]

# What is no capture, and wrong command lines.
printf '\000\000\000\000\000\000\000\021\000\000\000\002\000\000\000\001\000\000\000\005other' >"$work/other"
run "$work/other" -o "$work/none.csv"
is "$status" 1 "another content type: exit status 1"
ok "is named" grep -qF "content type 'other'" "$work/err"
ok "and nothing is written" [ ! -e "$work/none.csv" ]
run "$work/1.pcap" --summary -o -
is "$status" 2 "rows and summary both on standard output: exit status 2"
"$program" label "$work/1.dnstap" --darknet 192.0.2.0/24 -o "$work/none.csv" >"$work/out" 2>"$work/err"
is "$?" 1 "label refuses dnstap: exit status 1"
ok "by its name" grep -qF 'holds dnstap' "$work/err"
ok "and writes nothing" [ ! -e "$work/none.csv" ]
if [ -w /dev/full ]; then
	"$program" extract "$work/2.pcap" --summary >/dev/full 2>"$work/err"
	is "$?" 1 "a summary into a full disk: exit status 1"
	ok "with a sentence" grep -q 'cannot write to' "$work/err"
fi
tap_done
