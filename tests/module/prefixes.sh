#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Partial names: which prefixes are asked about, by how many queriers; what a reload and a
# restart make of it.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin

settings() { # [LINE]: the section
	knotd_conf "    interval: 1
    $1"
}
from() { # QUERIER NAME [TYPE]
	ask "$2" "${3:-NS}" "+proxy=192.0.2.$1-127.0.0.1"
}
queriers() { # PREFIX [OPTION]...: of the latest window
	wanted=$1
	shift
	"$backscatter" top --store "$folder/store" --prefixes "$@" >"$folder/top"
	awk -v prefix="$wanted" '$1 == prefix { print $2 }' "$folder/top"
}
# The key is drawn at random: so few queriers may be told as half of them or as twice as many.
about() { # PREFIX NUMBER [LEAST]: estimates of one window do not sink
	got=$(queriers "$1")
	[ -n "$got" ] && [ "$got" -ge $(($2 / 2)) -a "$got" -le $((2 * $2)) -a "$got" -ge "${3:-0}" ]
}

settings ""
knotd_start
for querier in 1 2 3 4; do
	ok "querier $querier asks for a /8" from $querier 10.in-addr.arpa
	from $querier 10.in-addr.arpa
	from $querier 1.10.in-addr.arpa A
done
from 1 2.10.in-addr.arpa
from 1 3.1.10.in-addr.arpa PTR
from 2 4.3.1.10.in-addr.arpa A
from 1 4.3.1.10.in-addr.arpa PTR
from 2 in-addr.arpa SOA
v6=8.b.d.0.1.0.0.2.ip6.arpa
for querier in 1 2 3; do
	from $querier $v6
	from $querier 1.0.0.$v6
	from $querier 0.0.1.0.0.0.$v6
done
ok "a pass" eventually 5 counts 'prefixes[ipv4]' 3
ok "and one of IPv6" eventually 5 counts 'prefixes[ipv6]' 2
ok "the /8: four queriers" about 10.0.0.0/8 4
ok "the /16: four" about 10.1.0.0/16 4
ok "the /24: one by its name, one by an A of an address in it" about 10.1.3.0/24 2
is "$(queriers 10.2.0.0/16)" "" "what one querier alone asks for is not told"
ok "IPv6 /32: three, also by a longer name" about 2001:db8::/32 3
ok "IPv6 /48: names behind it" about 2001:db8:1::/48 3
is "$(queriers 0.0.0.0/0)" "" "the root of the tree is no prefix"
is "$(counter 'partial[ipv4/8]')" 8 "all are counted by depth as well"
is "$(counter 'observations[ipv4]')" 1 "and none is an observation but the one"
"$backscatter" top --store "$folder/store" --prefixes --json --family ipv4 >"$folder/json"
is "$(sed 's/.*"prefix":"\([^"]*\)".*/\1/' "$folder/json")" "10.0.0.0/8
10.1.0.0/16
10.1.3.0/24" "JSON, the shortest first, of one family"
ok "with its window" grep -q '"window_seconds":86400,.*"closed":false,.*"queriers":[2-8],"full_share":0.0' "$folder/json"

ok "a reload" eval 'settings "ignore-querier: 192.0.2.9" && ctl reload'
from 9 2.10.in-addr.arpa
from 5 10.in-addr.arpa
from 5 2.10.in-addr.arpa
ok "goes on with the prefixes that were there" eventually 5 counts 'prefixes[ipv4]' 4
ok "the new one: one querier from before, one after, none that is ignored" about 10.2.0.0/16 2
ok "the /8 has one more" about 10.0.0.0/8 5
before=$got
knotd_stop
knotd_start
from 6 10.in-addr.arpa
from 3 2.10.in-addr.arpa
ok "so does a restart" eventually 5 counts 'prefixes[ipv4]' 4
ok "the /8 has one more still" eventually 5 about 10.0.0.0/8 6 "$before"
ok "and the /16" eventually 5 about 10.2.0.0/16 3
is "$(counter 'prefix-dropped[refused]') $(counter 'prefix-dropped[late]')" "0 0" "nothing is dropped"
"$backscatter" top --store "$folder/store" --prefixes --all 2>"$folder/err"
is $? 2 "--all and --prefixes are refused"
"$backscatter" top --store "$folder/store" --family ipv5 2>"$folder/err"
is "$? $(grep -c "not 'ipv5'" "$folder/err")" "2 1" "so is another family"
knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(trouble)" "no trouble in the log"
tap_done
