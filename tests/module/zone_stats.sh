#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In zone scope: what each zone sees, by knotc zone-stats and in the store.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin
scope=zone
knotd_conf "    interval: 1
    checkpoint: 1
    prefix64: on"
knotd_start

zone_counter() { # ZONE NAME
	ctl zone-stats "$1" mod-backscatter 2>/dev/null |
		sed -n "s/^\[$1\.\] mod-backscatter\.$(printf %s "$2" | sed 's/[][\/]/\\&/g') = //p"
}
zone_counts() { [ "$(zone_counter "$1" "$2")" = "$3" ]; }
shares() { # of the latest windows, by zone
	"$backscatter" top --store "$folder/store" |
		sed -n 's/.* zone \([^ ,]*\),.* \([0-9.]*\) % full names.*/\1 \2/p' | sort
}
# The pass tells its counters before it writes the store.
stored() { [ "$(shares)" = "$1" ]; }
v6=0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa

for last in 1 2 3; do
	ok "a full name of IPv4" ask $last.2.0.192.in-addr.arpa PTR
done
ok "the last one again" ask 3.2.0.192.in-addr.arpa PTR
ok "a part of one" ask 2.0.192.in-addr.arpa NS
ok "a full name of IPv6" ask 1.$v6 PTR
ok "parts: a /32" ask 8.b.d.0.1.0.0.2.ip6.arpa A
ok "a /36" ask 0.8.b.d.0.1.0.0.2.ip6.arpa A
ok "and a full name of another type" ask 1.$v6 A
ok "in-addr.arpa: four full names of five" eventually 5 zone_counts in-addr.arpa 'full-share[ipv4]' 80
ok "ip6.arpa: one of four, the /64 is none" eventually 5 zone_counts ip6.arpa 'full-share[ipv6]' 25
is "$(zone_counter in-addr.arpa 'observations[ipv4]') $(zone_counter in-addr.arpa 'partial[ipv4/24]')" \
	"3 1" "observations and partial names of the one zone"
is "$(zone_counter ip6.arpa 'observations[ipv6]') $(zone_counter ip6.arpa 'partial[ipv6/32]') $(
	zone_counter ip6.arpa 'partial[ipv6/36]') $(zone_counter ip6.arpa 'partial[ipv6/128]')" \
	"1 1 1 1" "and of the other, by depth"
ok "the store has the share of each zone" eventually 5 stored "in-addr.arpa. 80.0
ip6.arpa. 25.0"

knotd_stop
knotd_start
ok "one more after a restart" ask 0.192.in-addr.arpa NS
ok "the share goes on" eventually 5 zone_counts in-addr.arpa 'full-share[ipv4]' 67
ok "in the store, too" eventually 5 stored "in-addr.arpa. 66.7
ip6.arpa. 25.0"
knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(trouble)" "no trouble in the log"
tap_done
