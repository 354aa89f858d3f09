#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backscatter label: what it writes, what it refuses, damaged captures, full disks.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"
top_srcdir=$(cd "$top_srcdir" && pwd)
top_builddir=$(cd "$top_builddir" && pwd)
backscatter=$top_builddir/backscatter
[ -x "$backscatter" ] || { echo "Bail out! there is no $backscatter"; exit 1; }
work=$(mktemp -d ./label.XXXXXX) || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
darknet=198.51.0.0/16,2001:db8::/32

# Runs the command; leaves $status and the files out and err.
run() {
	"$backscatter" label "$@" >out 2>err </dev/null
	status=$?
}

# The last run ended with status $1 and one line that holds $2; nothing was printed.
refused() { # STATUS TEXT NAME
	is "$status:$(wc -c <out | tr -d ' '):$(wc -l <err | tr -d ' ')" "$1:0:1" "$3: status, one sentence"
	ok "$3: names $2" grep -qF -- "$2" err || sed 's/^/# /' err
}

"$top_builddir/tests/cli/write_telescope" . 4 3 12000 || { echo "Bail out! no captures"; exit 1; }
captures="telescope-0.pcap telescope-1.pcap telescope-2.pcap telescope-3.pcap"

# A whole run, and what must be in it.
# shellcheck disable=SC2086
run $captures --darknet $darknet -o labels.csv --events events.csv --series series.csv --summary
is "$status" 0 "a run"
empty "$(cat err)" "says nothing on standard error"
is "$(head -1 labels.csv)" \
	"window_start,window_seconds,address,class,event,protocol,packets,targets,ports,tool" "the columns"
is "$(awk -F, '($4 == "scan") != ($5 ~ /-scan-/)' labels.csv | sed 1d)" "" "scan is the class of scans alone"
is "$(cut -d, -f1-10 events.csv)" "$(cat labels.csv)" "events are the same rows, and more columns"
is "$(cut -d, -f1 labels.csv | sed 1d | sort -u)" "2026-01-01T00:00:00Z
2026-01-02T00:00:00Z
2026-01-03T00:00:00Z" "three days"
is "$(sed 1d labels.csv | cut -d, -f3 | grep -c '^45\.3\.')" "$(sed 1d labels.csv | grep -vc ',2a00:100::')" \
	"sources are those that sent"
is "$(awk -F, '$5 ~ /scan/ && $10 == "zmap before 4.1" { n++ } END { print (n > 0) }' labels.csv)" 1 \
	"ZMap is told"
is "$(awk -F, 'NR > 1 { n += $7 } END { print n }' labels.csv)" "$(sed -n 's/^  taken  *//p' out)" \
	"each packet is in one event"
is "$(sed -n 's/^packets  *//p' out)" 12000 "all packets were read"
is "$(awk '/^  / { n += $NF } END { print n }' out)" 12000 "and have one fate"
is "$(awk -F, '$3 == "event" { n += $5 } END { print (n > 0) }' series.csv)" 1 "a series"
is "$(sed 1d series.csv | cut -d, -f1,3,4 | sort | uniq -d)" "" "every name once in a window"
cp labels.csv wanted.csv

# One capture, several, compressed, from a pipe, in another order: the same bytes.
# shellcheck disable=SC2086
run $captures --darknet $darknet
is "$(cat out)" "$(cat wanted.csv)" "labels go to standard output"
gzip -k telescope-1.pcap
mv telescope-1.pcap.gz "a name that says nothing"
xz -c telescope-2.pcap >two 2>/dev/null || cp telescope-2.pcap two
run two telescope-3.pcap "a name that says nothing" telescope-0.pcap --darknet $darknet -o labels.csv
is "$(cmp labels.csv wanted.csv)" "" "compressed, and in the order of time"
{ cat telescope-0.pcap; for i in 1 2 3; do tail -c +25 telescope-$i.pcap; done; } >all.pcap
"$backscatter" label - --darknet 198.51.0.0/16 --darknet 2001:db8::/32 -o labels.csv <all.pcap
is "$(cmp labels.csv wanted.csv)" "" "from a pipe, and prefixes one by one"
run all.pcap --darknet $darknet --memory 100M -o labels.csv
is "$(cmp labels.csv wanted.csv)" "" "with less memory"

# Windows, parameters, sweeps.
run all.pcap --darknet $darknet --window 12h -o labels.csv
is "$(sed 1d labels.csv | cut -d, -f1 | sort -u | wc -l | tr -d ' ')" 6 "windows of 12 hours"
run all.pcap --darknet $darknet --parameter N2=1000000 --parameter N1=60000 -o labels.csv
is "$(grep -c scan labels.csv)" 0 "with high thresholds nobody scans"
run all.pcap --darknet $darknet --sweep N2=2,5,1000 --sweep window=12h,1d --json
is "$(wc -l <out | tr -d ' ')" 5 "a line of JSON for each value of a sweep"
share() { sed -n "s/.*\"sweep\":\"$1\",\"value\":\"$2\".*\"scan\":{\"sources\":\([0-9]*\),.*/\1/p" out; }
is "$(share N2 5):$(share window 1d)" "$(share window 1d):$(share N2 5)" "sweeps agree"
is "$(share N2 5)" "$(awk -F, '$4 == "scan" && !seen[$1, $3]++ { n++ } END { print n }' wanted.csv)" \
	"and with the labels"
ok "a lower threshold finds more" test "$(share N2 2)" -gt "$(share N2 5)"
ok "a higher one less" test "$(share N2 1000)" -lt "$(share N2 5)"
run all.pcap --darknet $darknet --sweep darknet=/16,/20
is "$(sed -n 1p out | tr -s ' ')" "darknet /16 /20" "the size of the darknet is varied"
ok "a smaller one has less packets" awk '$1 == "packets" { exit !($2 > $3 && $3 > 0) }' out
run all.pcap --darknet $darknet --summary --json
ok "the summary as JSON" grep -q '^{"captures":1,"damaged_captures":0,"packets":12000,"packets_by_fate":{' out

# Lists.
printf '45.3.0.0\n45.3.0.2 # alone\n' >mail
printf '; networks\n45.3.0.0/24\n2a00::/16\n' >cloud
run all.pcap --darknet $darknet --list mail=mail --list cloud=cloud -o labels.csv --conflicts conflicts.csv
is "$status:$(cat err)" 0: "lists"
is "$(sed -n '2,5p' labels.csv)" ",,45.3.0.0/24,cloud,list,,,,,
,,45.3.0.0,mail,list,,,,,
,,45.3.0.2,mail,list,,,,,
,,2a00::/16,cloud,list,,,,," "come first"
is "$(grep ',45.3.0.0,' labels.csv | cut -d, -f4 | sort -u)" mail "a listed address keeps its class"
is "$(grep ',45.3.0.1,' labels.csv | cut -d, -f4 | sort -u)" scan "a scanner in a cloud is a scanner"
is "$(cut -d, -f4 conflicts.csv | sort | uniq -c | tr -s ' ' | grep -c -e ' 1 rule' -e ' 2 longest-prefix' \
	-e ' [0-9]* listed-address' -e ' [0-9]* darknet')" 4 "each conflict is told"
is "$(awk -F, '$4 == "listed-address" { print $3 }' conflicts.csv | sort -u)" "45.3.0.0
45.3.0.2" "for each address and window"
run all.pcap --darknet $darknet --list mail=mail --prefer darknet -o labels.csv
is "$(grep '[0-9],45.3.0.0,' labels.csv | cut -d, -f4 | sort -u)" scan "--prefer darknet"
ok "conflicts are counted in any case" grep -q ' labels disagree; --conflicts tells which$' err
run all.pcap --darknet $darknet --list cloud=cloud --prefer list -o labels.csv
is "$(grep ',45.3.0.1,' labels.csv | cut -d, -f4 | sort -u)" cloud "--prefer list"
run --list mail=mail --list cloud=cloud
is "$status:$(wc -l <out | tr -d ' ')" 0:5 "lists alone"

# The labels are what train takes.
{ echo window_start,window_seconds,originator,x
	awk -F, 'NR > 1 && !seen[$1, $3]++ { print $1 "," $2 "," $3 "," NR % 7 }' wanted.csv; } >features.csv
run all.pcap --darknet $darknet --list dns=mail -o labels.csv
"$backscatter" train --features features.csv --labels labels.csv --algorithm tree --classes all -o tree.kbm \
	>out 2>err
is "$?" 0 "train takes the labels"
is "$(awk '$1 == "dns" || $1 == "scan" { print $1 }' err)" "dns
scan" "with both classes"

# Damaged captures.
head -c 100000 telescope-2.pcap >cut.pcap
run telescope-0.pcap cut.pcap telescope-3.pcap --darknet $darknet -o labels.csv --summary
is "$status" 1 "a cut capture"
is "$(wc -l <err | tr -d ' '):$(grep -c cut.pcap err)" 1:1 "is told in one sentence"
is "$(sed -n 's/^damaged captures  *//p' out)" 1 "and counted"
whole=$(( $(wc -c <cut.pcap) )) packets=$(sed -n 's/^packets  *//p' out)
ok "its whole packets count ($packets, $whole bytes)" test "$packets" -gt 6000 -a "$packets" -lt 9000
is "$(cut -d, -f1 labels.csv | sed 1d | sort -u | wc -l | tr -d ' ')" 3 "the files behind it are read"

# What is refused.
run
refused 2 "neither a capture nor --list" "nothing"
run all.pcap
refused 2 "--darknet is needed" "no darknet"
run all.pcap --darknet 198.51.0.0/33
refused 2 "'198.51.0.0/33'" "a bad prefix"
run all.pcap --darknet $darknet --parameter N9=5
refused 2 "'N9=5'" "no such parameter"
run all.pcap --darknet $darknet --parameter N1=0
refused 2 "N1 takes a whole number" "a bad value"
run all.pcap --darknet $darknet --sweep darknet=/8
refused 1 "no prefix of the darknet is as large as /8" "a darknet that is larger"
run all.pcap --darknet $darknet --sweep N1=5,5
refused 2 "5 twice" "a value twice"
run all.pcap --darknet $darknet --memory 1K
refused 2 "--memory takes a size" "too little memory"
run all.pcap --darknet $darknet --memory 4X
refused 2 "not '4X'" "no unit"
run all.pcap --darknet $darknet --window 1m --slack 1h
refused 2 "--slack can be as long as the window" "a long slack"
run all.pcap --darknet $darknet --list mail
refused 2 "CLASS=FILE, not 'mail'" "a list without a class"
run all.pcap --darknet $darknet --list mail=none
refused 1 "none" "no such list"
printf '10.0.0.1\n10.0.0.x\n' >bad
run all.pcap --darknet $darknet --list mail=bad
refused 1 "bad:2: '10.0.0.x' is no address or prefix" "a bad list"
run all.pcap --darknet $darknet --prefer both
refused 2 "not 'both'" "no such preference"
run all.pcap --darknet $darknet --json
refused 2 "--json goes with" "nothing to print as JSON"
run all.pcap --darknet $darknet -o - --summary
refused 2 "only one thing" "two things on standard output"
run all.pcap --darknet $darknet --sweep N1=2 --state state
refused 2 "--state does not go with --sweep" "a sweep with a state"
run all.pcap none.pcap --darknet $darknet -o labels.csv
refused 1 "none.pcap" "no such capture"
run wanted.csv --darknet $darknet
refused 1 "wanted.csv" "no capture"
run all.pcap --darknet $darknet -o none/labels.csv
refused 1 "none/labels.csv" "a file that cannot be"

# A disk that is full: the old files stay.
if [ -w /dev/full ]; then
	run all.pcap --darknet $darknet -o /dev/full
	refused 1 "/dev/full" "a full disk"
	"$backscatter" label all.pcap --darknet $darknet --summary >/dev/full 2>err
	is "$?:$(wc -l <err | tr -d ' ')" 1:1 "a full standard output"
fi
cp wanted.csv labels.csv
(trap '' XFSZ; ulimit -f 16; run all.pcap --darknet $darknet -o labels.csv; exit "$status")
is "$?:$(wc -l <err | tr -d ' ')" 1:1 "a disk that fills up"
is "$(cmp labels.csv wanted.csv)" "" "the old labels are whole"
is "$(find . -name 'labels.csv*')" ./labels.csv "nothing half is left behind"
tap_done
