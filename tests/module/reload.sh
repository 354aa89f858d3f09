#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Reload in a loop under load, zone reload, changed settings, stop: no error, no
# sanitizer report, and what was observed before a reload is still there after it.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin

# Queries until told to stop. Without PROXY headers: Knot 3.2 reads its configuration for
# these outside of RCU, and at a reload it may read one that is freed.
load() {
	i=0
	while [ ! -e "$folder/enough" ]; do
		i=$((i + 1))
		kdig @127.0.0.1 -p "$port" -b 127.0.1.$((i % 200 + 1)) +timeout=2 +retry=0 \
			$((i % 250)).2.0.192.in-addr.arpa PTR >/dev/null 2>&1
		echo $i >"$folder/asked.$1"
	done
}

reloads() { # COUNT COMMAND...
	left=$1
	shift
	while [ "$left" -gt 0 ]; do
		"$@" >>"$folder/ctl" 2>&1 || return 1
		left=$((left - 1))
	done
}

for scope in global zone; do
	rm -f "$folder/enough" "$folder/log"
	day=$(date -u +%Y-%m-%d)
	knotd_conf "    min-queriers: 1
    interval: 1"
	knotd_start
	ok "$scope: a query before" ask 250.2.0.192.in-addr.arpa PTR +proxy=203.0.113.5-127.0.0.1
	load 1 &
	load1=$!
	load 2 &
	load2=$!
	ok "$scope: 50 reloads" reloads 50 ctl reload
	ok "$scope: zone reloads" reloads 5 ctl zone-reload
	ok "$scope: forced zone reloads" reloads 5 ctl -f zone-reload
	touch "$folder/enough"
	wait $load1 $load2
	ok "$scope: queries went on" [ "$(cat "$folder/asked.1")" -gt 20 ]
	ok "$scope: an answer after" ask 251.2.0.192.in-addr.arpa PTR +proxy=203.0.113.5-127.0.0.1
	ok "$scope: it is an answer" grep -q 'status: NXDOMAIN' "$folder/answer"
	sleep 2
	"$backscatter" top --store "$folder/store" --all >"$folder/top"
	ok "$scope: what came before the reloads is still there" \
		grep -q '^192.0.2.250  ' "$folder/top"
	# Other settings of the sensor: a new engine beside the old one, a part of the
	# window of its own, and what the old one had seen stays in the store.
	sed -i 's/interval: 1/interval: 1\n    dedup: 5/' "$folder/knot.conf"
	ok "$scope: reload with another dedup" ctl reload
	ok "$scope: an answer after that" ask 252.2.0.192.in-addr.arpa PTR
	"$backscatter" top --store "$folder/store" --all --window "$day" \
		>"$folder/top"
	ok "$scope: nothing is lost" grep -q '^192.0.2.250  ' "$folder/top"
	# The kill switch: without the module it goes on answering.
	grep -v 'module: mod-backscatter/default' "$folder/knot.conf" >"$folder/without.conf"
	mv "$folder/without.conf" "$folder/knot.conf"
	ok "$scope: reload without the module" ctl reload
	ok "$scope: an answer without it" ask 253.2.0.192.in-addr.arpa PTR
	knotd_stop
	is "$stopped" 0 "$scope: knotd ends well"
	empty "$(trouble)" "$scope: no trouble in the log"
done
tap_done
