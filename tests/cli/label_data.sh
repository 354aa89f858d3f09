#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backscatter label on real captures of other projects, where they lie (KB_TEST_DATA). They are
# no part of this one; skipped where they are not.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"
backscatter=$top_builddir/backscatter
[ -x "$backscatter" ] || { echo "Bail out! there is no $backscatter"; exit 1; }
data=${KB_TEST_DATA:-$top_srcdir/../shared/data}
[ -d "$data/bro-simple-scan" ] || skip_all "no captures in KB_TEST_DATA or ../shared/data"
bro=$data/bro-simple-scan/testing_pcaps_
work=$(mktemp -d ./label_data.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT

# Runs the command with a summary; leaves $status and the files out, err and labels.
run() {
	"$backscatter" label "$@" --summary -o "$work/labels" >"$work/out" 2>"$work/err" </dev/null
	status=$?
}

# A number of the summary.
told() { # NAME
	sed -n "s/^ *$1  *\([0-9]*\).*/\1/p" "$work/out" | head -1
}

# A day of backscatter between 192.150/16 and one host: SYN+ACK, RST and ICMP errors, answers
# to forged packets, by 203 sources. Nobody scans.
run "${bro}backscatter.trace" --darknet 192.150.0.0/16,202.229.120.98
is "$status" 0 "backscatter.trace"
is "$(told packets):$(told taken)" 4771:4771 "all packets are for the darknet"
is "$(sed 1d "$work/labels" | cut -d, -f3 | sort -u | wc -l | tr -d ' ')" 203 "203 sources"
is "$(sed 1d "$work/labels" | cut -d, -f4 | sort -u)" "" "no scan"
is "$(sed 1d "$work/labels" | awk -F, '$5 == "backscatter" { n += $7 } END { print n }')" 4769 \
	"all but the two UDP packets are backscatter"
run "${bro}backscatter.trace" --darknet 192.150.0.0/16
is "$(told taken):$(told 'sent by the darknet')" 3468:1303 "with the answers of the darknet apart"
ok "which is told" grep -q '^backscatter label: 1303 packets were sent by addresses of the darknet' "$work/err"

# Time that runs backwards by hours.
run "${bro}445_scan.pcap" --darknet 192.168.0.0/16,10.10.0.0/16
is "$status:$(told packets):$(told taken):$(told late)" 0:21:21:0 "445_scan counts every packet"
run "${bro}multiport_scan.pcap" --darknet 192.168.0.0/16,10.10.0.0/16
is "$status:$(told packets):$(told taken):$(told late)" 0:16:10:0 "multiport_scan: those for the darknet"
is "$(told 'sent by the darknet')" 6 "and its answers"
run "${bro}multiport_scan.pcap" --darknet 0.0.0.0/0
is "$status:$(told packets):$(told taken):$(told late)" 0:16:16:0 "multiport_scan counts every packet"
run "${bro}port_scan.pcap" --darknet 192.168.0.0/16
is "$(sed 1d "$work/labels" | cut -d, -f4,5,7,9 | sort -u)" "scan,port-scan-light,10,10" "port_scan is one"

# SLP probes of ZMap among others.
run "$data/nDPI/tests_cfgs_default_pcap_srvloc.pcap" --darknet 0.0.0.0/0
is "$status:$(told packets):$(told taken)" 0:629:629 "srvloc"
ok "sources are marked by ZMap" grep -q ',zmap before 4.1$' "$work/labels"
run "$data/nDPI/tests_cfgs_default_pcap_ip_fragmented_garbage.pcap" --darknet 0.0.0.0/0
# First fragments with a whole header may be answers.
is "$(sed 1d "$work/labels" | cut -d, -f5 | sort -u | tr '\n' ' ')" "backscatter ip-fragment " \
	"fragments are no scan"

# Every capture there is, is read or refused by one sentence that names it.
refused=0 read=0
for file in $(find "$data" -type f ! -name '*.md' | sort); do
	run "$file" --darknet 0.0.0.0/0,::/0
	lines=$(wc -l <"$work/err" | tr -d ' ')
	if [ "$status" -eq 0 ]; then
		read=$((read + 1))
	elif [ "$status" -eq 1 ] && [ "$lines" -eq 1 ] && grep -qF "$file" "$work/err"; then
		refused=$((refused + 1))
	else
		tap_result 1 "$file: status $status" || sed 's/^/# /' "$work/err"
	fi
done
ok "$read captures are read, $refused refused" test "$read" -gt 80 -a "$refused" -ge 5
tap_done
