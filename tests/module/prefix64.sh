#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# prefix64: IPv6 observations count for the /64 as well, by a setting that a reload changes.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin

settings() { # LINE...: the section
	lines="    min-queriers-ipv6: 5
    interval: 1"
	for line in "$@"; do
		lines="$lines
    $line"
	done
	knotd_conf "$lines"
}
from() { # QUERIER NIBBLE: asks for 2001:db8:1:2::NIBBLE
	ask "$2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa" PTR \
		"+proxy=$1-127.0.0.1"
}
answers() { # FIRST LAST: querier N asks for address N
	for number in $(seq "$1" "$2"); do
		from "192.0.2.$number" "$number" || return 1
	done
}

settings "prefix64: on"
knotd_start
ok "six addresses of a /64, each for another querier" answers 0 5
is "$(counter 'observations[ipv6]') $(counter 'observations[ipv6/64]')" "6 6" "observations of both"
ok "an address of it for a querier that has asked for another" from 192.0.2.1 6
ok "IPv4 has nothing of it" ask 1.2.0.192.in-addr.arpa PTR
is "$(counter 'observations[ipv6]') $(counter 'observations[ipv6/64]') $(counter 'dropped[repeated]')" \
	"7 6 1" "is new for the address, and repeated for the /64"
is "$(counter 'observations[ipv4]') $(counter queries)" "1 8" "all others count once"
ok "only the /64 has five queriers" eventually 5 counts 'analyzable[ipv6]' 1
ok "originators are seven addresses and the /64" eventually 5 counts 'originators[ipv6]' 8

"$backscatter" top --store "$folder/store" --all >"$folder/top"
is "$(grep -o '^2001[^ ]*' "$folder/top")" 2001:db8:1:2::/64 "top shows it as a /64"
"$backscatter" show --store "$folder/store" 2001:db8:1:2::/64 --json >"$folder/show"
ok "so does show" grep -q '"originator":"2001:db8:1:2::/64".*"queriers":6,' "$folder/show"
ok "its first address is another" sh -c \
	"! '$backscatter' show --store '$folder/store' 2001:db8:1:2:: >'$folder/out' 2>&1"

settings "prefix64: on" "ignore-originator: 2001:db8:1:2::8/125"
ok "reload with an ignored part" ctl reload
ok "an address in it" from 192.0.2.9 9
ok "and one that is not" from 192.0.2.7 7
is "$(counter 'observations[ipv6]') $(counter 'observations[ipv6/64]') $(counter 'ignored[originator]')" \
	"1 1 1" "what is ignored counts for neither"
ok "all goes into the window that there is" eventually 5 counts 'originators[ipv6]' 9

settings "prefix64: on" "sample-rate: 3"
ok "reload with a sample" ctl reload
for number in $(seq 20 49); do
	from "192.0.2.$number" $((number % 10))
done
subnets=$(counter 'observations[ipv6/64]')
addresses=$(counter 'observations[ipv6]')
ok "it has all of the /64 or nothing ($subnets of 30)" [ "$subnets" -eq 0 -o "$subnets" -eq 30 ]
is $((addresses % 3)) 0 "and all of an address or nothing ($addresses of 30)"

settings
ok "reload without" ctl reload
ok "an address" from 192.0.2.60 8
is "$(counter 'observations[ipv6]') $(counter 'observations[ipv6/64]')" "1 0" "counts for itself alone"
knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(trouble)" "no trouble in the log"
tap_done
