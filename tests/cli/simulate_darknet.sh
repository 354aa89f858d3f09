#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backscatter simulate --darknet: label tells of the packets what the truth about them is.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"
top_builddir=$(cd "$top_builddir" && pwd)
backscatter=$top_builddir/backscatter
[ -x "$backscatter" ] || { echo "Bail out! there is no $backscatter"; exit 1; }
work=$(mktemp -d ./darknet.XXXXXX) || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
darknet=198.18.0.0/16,2001:db8:7::/48

# Runs simulate; leaves $status and the files out and err.
simulate() {
	"$backscatter" simulate "$@" >out 2>err </dev/null
	status=$?
}

# More of what is rare, so that all of it occurs in a short run.
printf '[darknet]\nrepeats = 0.5\nfragment = 8\n[scan campaign]\nport_scan = 0.2\n' >more.txt
simulate -o a --days 2 --originators 1200 --parameters more.txt --darknet "$darknet"
is "$status" 0 "a run"
is "$(cd a && echo darknet*)" "darknet-1.csv darknet-1.pcap darknet-2.csv darknet-2.pcap" \
	"two files a day"
is "$(head -1 a/darknet-1.csv)" "address,activity,tool,protocol,packets" "the columns of the truth"
is "$(cut -d, -f2 a/darknet-1.csv | sed 1d | sort -u | tr '\n' ' ')" "fragment network-scan \
one-flow other port-scan small-ping small-syn small-udp stray victim " "every activity"

"$backscatter" label a/darknet-1.pcap --darknet "$darknet" -o labels.csv --events events.csv \
	--summary >summary 2>err
is "$?:$(cat err)" "0:" "label reads it"
taken() { # SUMMARY
	sed -n 's/^  taken  *//p' "$1"
}
is "$(taken summary)" "$(awk -F, 'NR > 1 { n += $5 } END { print n }' a/darknet-1.csv)" \
	"all packets are for the darknet, and as many as the truth says"
"$backscatter" label a/darknet-1.pcap --darknet "$darknet" --slack 0s -o strict.csv \
	--summary >strict 2>err
is "$(taken strict)" "$(taken summary)" "none late: sorted by time"
"$backscatter" label a/darknet-1.pcap a/darknet-2.pcap --darknet "$darknet" -o both.csv 2>err
is "$(cut -d, -f5 both.csv | sed 1d | sort -u | tr '\n' ' ')" "backscatter ip-fragment \
network-scan-heavy network-scan-light one-flow other port-scan-heavy port-scan-light small-ping \
small-syn small-udp " "all events of the taxonomy"

# Joins truth and labels: which activity is read as which event, by address.
cat >join.awk <<'AWK'
BEGIN { FS = "," }
FNR == 1 { file++; next }
file == 1 { events[$3] = events[$3] " " $5; tools[$3] = tools[$3] $10 "/"; next }
{
	wanted = ""
	# Of 17 visits at most four ports are tried: five addresses have one of them. With
	# seven packets a visit that is 119.
	if ($2 == "network-scan" && $5 >= 119 && $1 !~ /:/) wanted = "network-scan"
	if ($2 == "port-scan" && $5 >= 16) wanted = "port-scan"
	if ($2 == "victim") wanted = "backscatter"
	if ($2 == "fragment") wanted = "ip-fragment"
	if ($2 ~ /^(one-flow|small-.*|other)$/) wanted = $2
	if (wanted == "") next
	n[$2]++
	good[$2] += index(events[$1], wanted) > 0
}
END { for (name in n) print name, n[name], good[name] }
AWK
awk -f join.awk labels.csv a/darknet-1.csv | sort >joined
sed 's/^/# activity, sources, told: /' joined
for activity in fragment network-scan one-flow other port-scan small-ping small-syn small-udp \
	victim; do
	ok "$activity is told, but of one in a hundred at most" awk -v name="$activity" \
		'$1 == name { good = $2 > 0 && $3 >= 0.99 * $2 } END { exit !good }' joined
done

# Tools: the mark of each, where it sets one, from two packets on.
cat >tools.awk <<'AWK'
BEGIN { FS = ","; name["zmap"] = "zmap before 4.1"; name["masscan"] = "masscan"
	name["mirai"] = "mirai"; name["conficker"] = "conficker" }
FNR == 1 { file++; next }
file == 1 { if ($5 !~ /backscatter|fragment/) tool[$3] = $10; next }
$1 ~ /:/ || $5 < 2 || $2 !~ /-scan/ || ($3 == "masscan" && $4 != 6) { next }
$3 == "other" || $3 == "masscan" || $3 == "zmap" {
	# Whoever tries port 445 looks like Conficker: doc/darknet.md.
	if (tool[$1] == "conficker") { conficker++; next }
}
{ n[$3]++; good[$3] += tool[$1] == name[$3] }
END { for (t in n) print t, n[t], good[t] }
AWK
for day in 1 2; do
	"$backscatter" label a/darknet-$day.pcap --darknet "$darknet" -o day.csv 2>err
	awk -f tools.awk day.csv a/darknet-$day.csv
done | awk '{ n[$1] += $2; good[$1] += $3 } END { for (t in n) print t, n[t], good[t] }' |
	sort >tools
sed 's/^/# tool, sources, told: /' tools
is "$(awk '$3 != $2 { print $1 }' tools)" "" "each tool is told, and none where there is none"
is "$(grep -cE '^(zmap|masscan|mirai|conficker|other) ' tools)" 5 "all tools occur"

# The scanners of the darknet are those of the authority. Some live where no reverse zone is
# delegated, and are not heard of by the leaves.
awk -F, 'NR > 1 && $2 ~ /^(network|port)-scan$/ { print $1 }' a/darknet-1.csv | sort -u >scanners
awk -F, 'NR > 1 && $2 == "scan" { print $1 }' a/truth.csv | sort -u >truth
awk -F, 'NR > 1 { print $1 }' a/truth.csv | sort -u >known
comm -12 scanners truth | wc -l | tr -d ' ' >both
ok "scanners that come to the darknet: 6 of 7 are asked for at the authority ($(cat both) of \
$(wc -l <scanners | tr -d ' '))" test "$(($(cat both) * 7))" -ge "$(($(wc -l <scanners) * 6))"
comm -12 scanners known >seen
is "$(comm -23 seen truth)" "" "and those are scanners there, too"
awk -F, 'NR > 1 && $2 !~ /scan|stray/ { print $1 }' a/darknet-1.csv | sort -u >others
is "$(comm -12 others known)" "" "nobody asks for what is no originator"
awk -F, '$4 == "scan" { print $3 }' labels.csv | sort -u >labelled
awk -F, 'NR > 1 && $5 > 0 { print $1 }' a/darknet-1.csv | sort -u >all
is "$(comm -23 labelled all)" "" "label finds no source that did not send"
comm -12 labelled scanners | wc -l | tr -d ' ' >right
ok "19 of 20 that are labelled scan do scan ($(cat right) of $(wc -l <labelled | tr -d ' '))" \
	test "$(($(cat right) * 20))" -ge "$(($(wc -l <labelled) * 19))"

# The same bytes; a day does not hang on the days behind it, nor on the darknet.
simulate -o b --days 1 --originators 1200 --parameters more.txt --darknet "$darknet"
is "$(cmp a/darknet-1.pcap b/darknet-1.pcap && cmp a/darknet-1.csv b/darknet-1.csv)" "" \
	"day 1 is the same however many days follow"
simulate -o c --days 1 --originators 1200 --parameters more.txt
is "$(cmp b/authority-1.pcap c/authority-1.pcap)" "" "the authority sees the same without a darknet"
simulate -o a --days 1 --originators 1200 --parameters more.txt --darknet 198.18.0.0/20
is "$(cd a && echo darknet*)" "darknet-1.csv darknet-1.pcap" "days behind the last are removed"
small=$(awk -F, 'NR > 1 { n += $5 } END { print n }' a/darknet-1.csv)
large=$(awk -F, 'NR > 1 { n += $5 } END { print n }' b/darknet-1.csv)
ok "a sixteenth of the space, about a sixteenth of the packets ($small of $large)" \
	test "$((small * 32 > large && small * 8 < large))" -eq 1
simulate -o a --days 1 --originators 1200 --parameters more.txt
is "$(ls a | grep -c darknet)" 0 "no darknet, and none is left"

# A disk that fills up in the middle of the darknet: files may have 8000 blocks at most here. What
# was there stays.
simulate -o full --days 1 --originators 200 --darknet 198.18.0.0/24
cp full/darknet-1.pcap full/darknet-1.csv .
(trap '' XFSZ; ulimit -f 8000; simulate -o full --days 1 --originators 200 --darknet 198.0.0.0/9
echo "$status" >code)
is "$(cat code):$(wc -l <err | tr -d ' ')" "1:1" "a disk that is full: status, one sentence"
ok "the file is named" grep -qF full/darknet-1.pcap err
is "$(cmp darknet-1.pcap full/darknet-1.pcap && cmp darknet-1.csv full/darknet-1.csv)" "" \
	"the files of the earlier run are whole"
is "$(cd full && echo darknet*)" "darknet-1.csv darknet-1.pcap" "nothing half is left behind"

# What is refused.
while IFS='|' read -r text option; do
	simulate -o x --darknet "$option"
	is "$status:$(wc -l <err | tr -d ' ')" "2:1" "--darknet $option: status, one sentence"
	ok "names $text" grep -qF -- "$text" err
done <<-END
	'198.18.0.0/33'|198.18.0.0/33
	'north'|198.18.0.0/16,north
	198.0.0.0/7|198.0.0.0/7
	192.0.0.0/4|192.0.0.0/4
END
first=$(head -1 c/pfx2as.txt | cut -f1)
simulate -o x --darknet "$first/24"
is "$status" 2 "a network of the simulation is not dark"
ok "its AS is named" grep -qF "AS $(head -1 c/pfx2as.txt | cut -f3)" err
tap_done
