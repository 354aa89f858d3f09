#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# One short trace served twice: read by `extract`, and sent to a live knotd by
# `replay` at true speed. The feature vectors must be equal, to the last digit.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin

window=20
"$top_builddir/tests/module/write_trace" "$folder/trace.pcap" "$folder/queriers.csv" $window
knotd_conf "    min-queriers: 3
    min-queriers-ipv6: 2
    window: $window
    window-ipv6: $window
    period: 2
    dedup: 3
    prefix64: on
    interval: 5"
"$backscatter" queriers --store "$folder/store" "$folder/queriers.csv" >"$folder/out"
knotd_start
# The trace begins at the start of a window: so must the replay, in the next one.
now=$(date +%s)
start=$((now - now % window + window))
"$backscatter" replay "$folder/trace.pcap" --to "127.0.0.1@$port" --base "1970-01-02T00:00:00Z" \
	--start-at $start --all-queries >"$folder/replay" 2>&1
ok "all is answered" grep -qx 'unanswered: 0' "$folder/replay"
ok "the window is closed by the clock" eventually 30 grep -q 'ipv6 window of .* closed: [1-9]' "$folder/log"

"$backscatter" extract "$folder/trace.pcap" --queriers "$folder/queriers.csv" --window ${window}s \
	--window-ipv6 ${window}s --period 2s --dedup 3s --min-queriers 3 --min-queriers-ipv6 2 --prefix64 \
	-o "$folder/offline.csv" --prefixes "$folder/prefixes.csv"
when=$(date -u -d @$((start + 1)) +%Y-%m-%dT%H:%M:%SZ)
"$backscatter" top --store "$folder/store" --window "$when" --all --json >"$folder/top.json"
# Both in one form: address, queriers, queries, then the features with six digits.
names=$(head -1 "$folder/offline.csv" | cut -d, -f6- | tr , ' ')
tail -n +2 "$folder/offline.csv" | awk -F, '{
	printf "%s %s %s", $3, $4, $5
	for (i = 6; i <= NF; i++) { if ($i == "") printf " -"; else printf " %.6f", $i }
	print ""
}' | sort >"$folder/offline"
sed -n 's/.*"originator":"\([^"]*\)".*/\1/p' "$folder/top.json" | while read -r address; do
	"$backscatter" show --store "$folder/store" "$address" --json |
	awk -v names="$names" -v address="$address" '
	function value(key) {
		if (!match($0, "\"" key "\":[^,}]*")) return "?"
		return substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
	}
	NR == 1 {
		printf "%s %s %s", address, value("queriers"), value("queries")
		n = split(names, name, " ")
		for (i = 1; i <= n; i++) {
			v = value(name[i])
			if (v == "null") printf " -"; else printf " %.6f", v
		}
		print ""
	}'
done | sort >"$folder/live"
ok "there is something to compare" [ "$(wc -l <"$folder/offline")" -ge 10 ]
ok "with /64s" [ "$(grep -c '/64 ' "$folder/offline")" -ge 6 ]
is "$(cat "$folder/live")" "$(cat "$folder/offline")" "the vectors are the same"

# Prefixes of partial names: hashed by another key, so that only small numbers are the same.
"$backscatter" top --store "$folder/store" --window "$when" --prefixes --json |
	sed 's/.*"prefix":"\([^"]*\)".*"queriers":\([0-9]*\).*/\1 \2/' | sort >"$folder/live"
tail -n +2 "$folder/prefixes.csv" | cut -d, -f3,4 | tr , ' ' | sort >"$folder/offline"
ok "there are prefixes" [ "$(wc -l <"$folder/live")" -ge 20 ]
is "$(cut -d' ' -f1 "$folder/live")" "$(cut -d' ' -f1 "$folder/offline")" "which are the same"
empty "$(join "$folder/live" "$folder/offline" | awk '{
	d = $2 > $3 ? $2 - $3 : $3 - $2
	if (d > 1 + 0.6 * $3) print
}')" "with numbers of queriers that differ by no more than the error of two estimates"
knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(trouble)" "no trouble in the log"
tap_done
