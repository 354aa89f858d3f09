#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the hook makes of queries of all kinds, seen by the counters.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin
knotd_conf "    min-queriers: 1
    min-queriers-ipv6: 1
    interval: 1"
knotd_start

v6=1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa
proxy=+proxy=198.51.100.7-127.0.0.1
proxy6=+proxy=2001:db8:7::1-::1

ok "IPv4 through the PROXY header" ask 1.2.0.192.in-addr.arpa PTR $proxy
ok "kdig -x" kdig @127.0.0.1 -p "$port" -x 192.0.2.2 $proxy +timeout=2
ok "IPv6 querier, IPv6 originator" \
	kdig @::1 -p "$port" $v6 PTR $proxy6 +timeout=2
ok "IPv4 querier, IPv6 originator" ask "$v6" PTR $proxy
ok "upper case" ask 3.2.0.192.IN-ADDR.ARPA PTR $proxy
ok "TCP" ask 4.2.0.192.in-addr.arpa PTR +tcp
ok "same querier, same originator again" ask 1.2.0.192.in-addr.arpa PTR $proxy
ok "ANY" ask 5.2.0.192.in-addr.arpa ANY $proxy
ok "A of a whole name" ask 6.2.0.192.in-addr.arpa A $proxy
ok "NS of a /16" ask 0.192.in-addr.arpa NS $proxy
ok "A of a /24" ask 2.0.192.in-addr.arpa A $proxy
ok "PTR of a /8" ask 192.in-addr.arpa PTR $proxy
ok "NS of an IPv6 /32" ask 8.b.d.0.1.0.0.2.ip6.arpa NS $proxy
ok "service name" ask lb._dns-sd._udp.0.2.0.192.in-addr.arpa PTR $proxy
ok "classless name" ask 0/25.2.0.192.in-addr.arpa PTR $proxy
ok "five labels" ask 1.2.3.4.5.in-addr.arpa PTR $proxy
ok "leading zero" ask 01.2.0.192.in-addr.arpa PTR $proxy
ok "256" ask 256.2.0.192.in-addr.arpa PTR $proxy
ok "no reverse name, refused" ask www.example.com A $proxy

counter queries >/dev/null
is "$(counter queries)" 19 "queries"
is "$(counter 'observations[ipv4]')" 4 "observations of IPv4 originators"
is "$(counter 'observations[ipv6]')" 2 "observations of IPv6 originators"
is "$(counter 'dropped[repeated]')" 1 "repetition within 30 s"
is "$(counter 'partial[ipv4/32]')" 2 "whole names of other types"
is "$(counter 'partial[ipv4/24]')" 1 "/24"
is "$(counter 'partial[ipv4/16]')" 1 "/16"
is "$(counter 'partial[ipv4/8]')" 1 "/8"
is "$(counter 'partial[ipv6/32]')" 1 "IPv6 /32"
is "$(counter 'other[service]')" 1 "service names"
is "$(counter 'other[classless]')" 1 "classless names"
is "$(counter 'other[malformed]')" 3 "malformed names"
is "$(counter 'other[outside]')" 1 "names outside"
ok "originators appear with the next pass" eventually 5 counts 'originators[ipv4]' 4
ok "queriers" eventually 5 counts 'queriers[ipv4]' 2
ok "who used TCP is verified, nobody else" eventually 5 counts 'verified[ipv4]' 1
ok "analyzable" eventually 5 counts 'analyzable[ipv6]' 1
is "$(counter 'classified[ipv4]')" 0 "nothing is classified without a model"
is "$(grep -c 'nothing is flagged' "$folder/log")" 1 "and that is said once"

"$backscatter" top --store "$folder/store" --all >"$folder/top"
ok "the command sees an IPv4 originator" grep -q '^192.0.2.1  ' "$folder/top"
ok "and an IPv6 one" grep -q '^2001:db8::1  ' "$folder/top"
"$backscatter" show --store "$folder/store" 2001:db8::1 --json >"$folder/show"
ok "JSON" grep -q '"originator":"2001:db8::1".*"queriers":2' "$folder/show"
ok "show: unknown address" \
	sh -c "! '$backscatter' show --store '$folder/store' 203.0.113.1 2>'$folder/err'"
ok "says so" grep -q '203.0.113.1 was analyzable in no window' "$folder/err"

knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(trouble)" "no trouble in the log"
tap_done
