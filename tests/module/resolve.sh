#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Queriers of a running knotd, looked up by `backscatter resolve` at that very knotd: it serves
# the reverse zones of some of them, has one zone that it cannot load, and one whose server,
# at another address, is not there.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin
dead=$((port + 1))
# A model, so that there are verdicts; MaxMind DBs that know 198.51.100.0/25.
seq 1 20 | awk 'BEGIN { print "home,class" }
	{ printf "%g,%s\n", $1 / 25, ($1 > 10 ? "scan" : "other") }' >"$folder/training.csv"
"$backscatter" train --features "$folder/training.csv" --label class --trees 5 \
	-o "$folder/model.kbm" >/dev/null 2>&1
knotd_conf "    interval: 1
    model: $folder/model.kbm
    asn-db: $top_srcdir/tests/fuzz/corpus/network_map/good-ipv6-28
    country-db: $top_srcdir/tests/fuzz/corpus/network_map/good-ipv6-32
    country-path: c
remote:
  - id: dead
    address: 127.0.0.1@$dead
mod-dnsproxy:
  - id: dead
    remote: dead
    fallback: off
    timeout: 100"
cat >>"$folder/knot.conf" <<-END
  - domain: 100.51.198.in-addr.arpa
    file: names.zone
  - domain: 113.0.203.in-addr.arpa
    file: missing.zone
  - domain: 99.88.192.in-addr.arpa
    module: mod-dnsproxy/dead
END
# 20 mail servers, 9 homes, an alias to a web server, 10 name servers; 101 to 110 have no name.
{
	printf '%s\n' '@ 3600 SOA ns.example. host.example. 1 3600 900 86400 300' '@ 3600 NS ns.example.'
	seq 1 20 | sed 's/.*/& 7200 PTR mail-&.example.com./'
	seq 21 29 | sed 's/.*/& 7200 PTR dsl-&.example.com./'
	printf '30 7200 CNAME www.30-39\nwww.30-39 7200 PTR www.example.com.\n'
	seq 31 40 | sed 's/.*/& 7200 PTR ns&.example.com./'
} >"$folder/zones/names.zone"
knotd_start

# Asks for 192.0.2.$1 in the name of each querier of standard input.
ask_as() {
	while read -r querier; do
		echo "$1.2.0.192.in-addr.arpa PTR +proxy=$querier-127.0.0.1"
	done | xargs kdig "@127.0.0.1" -p "$port" +timeout=2 +retry=0 >>"$folder/answers" 2>&1
}

queriers() {
	seq 1 40 | sed 's/^/198.51.100./'
	seq 101 110 | sed 's/^/198.51.100./'
	seq 1 5 | sed 's/^/203.0.113./'
	seq 1 2 | sed 's/^/192.88.99./'
}

queriers | ask_as 1
ask 1.2.0.192.in-addr.arpa PTR

# Runs it for the resolver that is knotd; leaves its last line in $told.
resolve() {
	"$backscatter" resolve --store "$folder/store" --resolver "127.0.0.1@$port" --tries 2 "$@" \
		>"$folder/out" 2>"$folder/err"
	status=$?
	told=$(tail -n 1 "$folder/out")
}

known() { # SHARE
	"$backscatter" show --store "$folder/store" 192.0.2.1 >"$folder/show" 2>&1 &&
		grep -q "known: names $1 %" "$folder/show"
}

feature() { sed -n "s/^ *$1  *//p" "$folder/show" | head -n 1; }

ok "the originator is analyzable, its queriers are not known" eventually 10 known 0
before=$(counter queries)
is "$("$backscatter" show --store "$folder/store" 192.0.2.1 | sed -n 's/.*queriers: \([0-9]*\),.*/\1/p')" \
	58 "57 queriers, and the address of the resolver"

too_little="known: names 0 %, AS 86 %, countries 86 %; too little for the verdict, which wants names of 70 %"
ok "ASes are read from a MaxMind DB" logged "ASes of 3 networks read from"
ok "countries, too" logged "countries of 3 networks read from"
ok "show marks the verdict, and tells that 50 of 58 queriers have an AS" grep -qF "$too_little" "$folder/show"
top() { "$backscatter" top --store "$folder/store" --all "$@" 2>&1; }
is "$(top | awk '$1 == "192.0.2.1" { print $7 }')" '0%!' "so does top"
is "$(top --json | grep -c '"min_known":0.7.*,"little_known":true')" 1 "and as JSON"

begin=$(date +%s%N)
resolve --once --rate 40
took=$(($(date +%s%N) - begin))
is "$status" 0 "resolve --once"
# Names once each; SERVFAIL is tried twice.
is "$told" "40 names, 10 without a name, 7 unreachable; 64 queries sent, 1 queriers left out" \
	"names, nxdomain and unreachable are told apart, the resolver is left out"
is "$(($(counter queries) - before))" 64 "knotd saw as many"
ok "63 steps at 40 a second take $((took / 1000000)) ms" test "$took" -ge 1575000000
ok "the detector takes it up" eventually 10 known 98
is "$(top | awk '$1 == "192.0.2.1" { print $2, $7 }')" "other 98%" "the verdict is marked no more"
is "$(top --json | grep -c '"little_known":false')" 1 "nor as JSON"
ok "show tells the share alone" grep -q 'countries 86 %$' "$folder/show"
is "$(feature mail)" 0.3509 "mail is 20 of the 57 known"
is "$(feature home)" 0.1579 "home is 9"
is "$(feature www)" 0.0175 "the alias is followed"
is "$(feature ns)" 0.1754 "name servers are 10"
is "$(feature nxdomain)" 0.1754 "nxdomain is 10"
is "$(feature unreach)" 0.1228 "unreachable is 7"
resolve --once
is "$told" "0 names, 0 without a name, 0 unreachable; 0 queries sent, 1 queriers left out" \
	"nothing is asked for twice while it holds"

# 60 more queriers; the process is killed in the middle.
seq 41 100 | sed 's/^/198.51.100./' | ask_as 1
ok "the new ones are seen" eventually 10 known 48
"$backscatter" resolve --store "$folder/store" --resolver "127.0.0.1@$port" --rate 20 >"$folder/out" 2>&1 &
resolver=$!
sleep 1.7
kill -9 "$resolver"
wait "$resolver" 2>/dev/null
resolve --once --rate 1000
left=${told#0 names, }
left=${left%% *}
ok "after kill -9 in the middle, $left of 60 were left" test "$left" -gt 20 -a "$left" -lt 60
ok "and all are known" eventually 10 known 99

# As a service: it waits, notices new queriers, and stops when it is told.
"$backscatter" resolve --store "$folder/store" --resolver "127.0.0.1@$port" >"$folder/out" 2>"$folder/err" &
resolver=$!
seq 111 130 | sed 's/^/198.51.100./' | ask_as 1
ok "a service resolves new queriers" eventually 10 grep -q '20 without a name, 0 unreachable; waiting' "$folder/err"
kill -TERM "$resolver"
wait "$resolver"
is "$?" 0 "it stops by SIGTERM"
ok "and says what it did" grep -q '^0 names, 20 without a name, 0 unreachable; 20 queries' "$folder/out"

# A resolver that is not there: nothing is written.
seq 131 150 | sed 's/^/198.51.100./' | ask_as 1
ok "new ones again" eventually 10 known 87
"$backscatter" resolve --store "$folder/store" --resolver "127.0.0.1@$dead" --once >"$folder/out" 2>"$folder/err"
is "$?:$(cat "$folder/err")" \
	"1:backscatter resolve: resolver 127.0.0.1@$dead cannot be reached" "a resolver that is not there"
resolve --once
is "$told" "0 names, 20 without a name, 0 unreachable; 20 queries sent, 1 queriers left out" \
	"has put nothing into the store"

knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(trouble | grep -v -e 'missing.zone' -e '113.0.203.in-addr.arpa' -e 99.88.192)" \
	"no trouble in the log but for the zone that is missing"
tap_done
