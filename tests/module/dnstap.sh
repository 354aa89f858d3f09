#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The same queries seen twice by one knotd: by the module, and by Knot's own mod-dnstap,
# whose log `extract` reads. The counters and the originators must be the same.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin

"$top_builddir/tests/module/write_trace" "$folder/trace.pcap" "$folder/queriers.csv" 20
knotd_conf "    window: 10d
    window-ipv6: 10d
    period: 1h
    dedup: 0
    min-queriers: 3
    min-queriers-ipv6: 2
    interval: 5"
# mod-dnstap stands first: the module counts nothing that is not in the log.
sed -i "s|global-module: mod-backscatter/default|global-module: [mod-dnstap/default, mod-backscatter/default]|
	s|^mod-backscatter:|mod-dnstap:\n  - id: default\n    sink: $folder/log.dnstap\n&|" "$folder/knot.conf"
knotc -c "$folder/knot.conf" conf-check 2>&1 | grep -q "unknown module 'mod-dnstap'" &&
	skip_all "Knot's mod-dnstap is not installed"
knotd_start
# Not faster: mod-dnstap drops what its queue cannot take while the processors are busy.
"$backscatter" replay "$folder/trace.pcap" --to "127.0.0.1@$port" --qps 700 --all-queries \
	>"$folder/replay" 2>&1
ok "all is answered" grep -qx 'unanswered: 0' "$folder/replay"
ctl stats mod-backscatter 2>/dev/null | sed 's/^mod-backscatter\.//' |
	grep -E '^(queries|observations|partial|other)' | sort >"$folder/counters"
knotd_stop
is "$stopped" 0 "knotd ends well"

"$backscatter" extract "$folder/log.dnstap" --summary --window 10d --window-ipv6 10d --period 1h \
	--dedup 0 --min-queriers 3 --min-queriers-ipv6 2 -o "$folder/log.csv" >"$folder/summary"
is "$?" 0 "the log is read"
grep -E '^(queries =|observations\[|partial\[|other)' "$folder/summary" | sort >"$folder/extracted"
ok "there is something to compare" grep -q '^observations\[ipv6\]' "$folder/counters"
is "$(cat "$folder/extracted")" "$(cat "$folder/counters")" "the log has what the module counted"

# As in the trace: mod-dnstap logs the querier that the PROXY header names.
"$backscatter" extract "$folder/trace.pcap" --window 10d --window-ipv6 10d --period 1h --dedup 0 \
	--min-queriers 3 --min-queriers-ipv6 2 -o "$folder/trace.csv"
is "$(cut -d, -f3-5 "$folder/log.csv" | sort)" "$(cut -d, -f3-5 "$folder/trace.csv" | sort)" \
	"originators with their queriers and queries as in the trace"
ok "there are some" [ "$(wc -l <"$folder/log.csv")" -ge 10 ]
empty "$(trouble)" "no trouble in the log"
tap_done
