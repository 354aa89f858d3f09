#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# All at once for SOAK seconds (600 by default): queries of all kinds from many addresses, reloads
# with the same and with other settings, model swaps, reads of the store, resolve, windows that
# close every ten seconds, checkpoints. No report of a sanitizer, no error, no growth, and answers
# that are the same bytes as those of a server without the module. Run by `make check-long`.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin
seconds=${SOAK:-600}
same=$top_builddir/tests/module/same_answers
[ -x "$same" ] || skip_all "make check-long makes what it needs"

awk 'BEGIN { print "queries_per_querier,class"
	for (i = 0; i < 20; i++) print i / 20 "," (i > 9 ? "scan" : "mail") }' >"$folder/training.csv"
for trees in 5 6; do
	"$backscatter" train --features "$folder/training.csv" --label class --trees $trees \
		-o "$folder/model.$trees" 2>"$folder/err"
done
cp "$folder/model.5" "$folder/model"
settings="    min-queriers: 2
    model: $folder/model
    window: 10
    window-ipv6: 20
    period: 1
    interval: 1
    checkpoint: 1
    memory-max: 128M"
knotd_conf "$settings"
knotd_start
ok "a server without the module" bare_start
# Reads begin when there is something to be read.
"$same" $port $bare_port 200 9 >"$folder/first"
ok "the store has a window" eventually 30 "$backscatter" top --store "$folder/store" --all
end=$(($(date +%s) + seconds))
running() { [ "$(date +%s)" -lt $end ]; }

load() { # NUMBER
	seed=$1
	while running; do
		seed=$((seed + 10))
		"$same" $port $bare_port 2000 $seed >>"$folder/answers" 2>&1 || echo "seed $seed" >>"$folder/different"
	done
}
reloads() {
	turn=0
	while running; do
		turn=$((turn + 1))
		knotd_conf "$settings
    dedup: $((turn / 10 % 2 * 5))"
		ctl reload >"$folder/ctl" 2>&1 || cat "$folder/ctl" >>"$folder/refused"
		echo $turn >"$folder/reloads"
		sleep 2
	done
}
swaps() {
	while running; do
		for trees in 5 6; do
			cp "$folder/model.$trees" "$folder/model.new" && mv "$folder/model.new" "$folder/model"
			sleep 6
		done
	done
}
reads() {
	while running; do
		"$backscatter" top --store "$folder/store" --all >"$folder/top" 2>>"$folder/read.err" ||
			echo top >>"$folder/refused"
		ctl stats mod-backscatter >"$folder/read.stats" 2>&1 || true
		sleep 0.5
	done
}
resolves() {
	while running; do
		"$backscatter" resolve --store "$folder/store" --resolver "127.0.0.1@$bare_port" --once \
			>"$folder/resolve" 2>&1
		sleep 3
	done
}
resident() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$pid/status"; }

load 1 & jobs=$!
load 2 & jobs="$jobs $!"
for job in reloads swaps reads resolves; do
	$job & jobs="$jobs $!"
done
while running; do
	resident >>"$folder/resident"
	sleep 2
done
# shellcheck disable=SC2086
wait $jobs
ok "the server is there" knotd_alive
awk '{ queries += $1 } END { print "# " queries " queries, all answers compared" }' "$folder/answers"
echo "# $(cat "$folder/reloads") reloads, $(grep -c 'loaded:' "$folder/log") models, $(grep -c 'closed:' "$folder/log") windows closed"
empty "$(cat "$folder/different" 2>/dev/null)" "all answers are those of a server without the module"
empty "$(cat "$folder/refused" 2>/dev/null)" "all reloads and reads were good"
ok "windows closed" [ "$(grep -c 'closed:' "$folder/log")" -ge $((seconds / 20)) ]
# Of the second and the last third of the time.
growth=$(awk '{ r[NR] = $1 } END { for (i = 1; i <= NR; i++) {
		if (i > NR / 3 && i <= NR * 2 / 3 && r[i] > middle) middle = r[i]
		if (i > NR * 2 / 3 && r[i] > last) last = r[i] }
	printf "%d %d", middle, last }' "$folder/resident")
echo "# most resident in the second and last third, in kB: $growth"
ok "no growth" [ "${growth% *}" -gt 0 -a "${growth#* }" -le $((${growth% *} * 11 / 10 + 8192)) ]
bare_stop
knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(trouble)" "no trouble in the log, and no report of a sanitizer"
tap_done
