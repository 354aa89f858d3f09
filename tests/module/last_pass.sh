#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The last pass, when a zone or the server goes: its scanners are in the store, and no
# message has the name of a zone that Knot has freed already.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin

awk 'BEGIN { print "queries_per_querier,class"
	for (i = 0; i < 20; i++) print i / 20 "," (i > 9 ? "scan" : "mail") }' >"$folder/training.csv"
"$backscatter" train --features "$folder/training.csv" --label class --trees 5 \
	-o "$folder/model" 2>"$folder/err"
for scope in global zone; do
	rm -f "$folder/log" "$folder"/store/*
	# No pass but the last one.
	knotd_conf "    min-queriers: 1
    model: $folder/model
    interval: 1d"
	knotd_start
	ok "$scope: the model is loaded" eventually 10 logged "loaded: forest"
	ok "$scope: a query" ask 1.2.0.192.in-addr.arpa PTR
	if [ "$scope" = zone ]; then
		sed -i '/^  - domain: in-addr.arpa/,/^    module:/d' "$folder/knot.conf"
		ok "$scope: reload without the zone" ctl reload
	fi
	knotd_stop
	is "$stopped" 0 "$scope: knotd ends well"
	"$backscatter" top --store "$folder/store" >"$folder/top" 2>&1
	ok "$scope: the scanner is stored" grep -q '^192.0.2.1  .*scan' "$folder/top"
	empty "$(LC_ALL=C grep -a 'module .mod-backscatter' "$folder/log" |
		grep -av -e ' \[in-addr.arpa.\] module' -e ' \[ip6.arpa.\] module' \
			-e ': module')" "$scope: messages have the zone's name or none"
	empty "$(trouble)" "$scope: no trouble in the log"
done
tap_done
