#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the operator leaves out, changed by reloads of a text configuration; a value set by
# knotc that Knot loses; and the drop-in for systemd.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin

settings() { # LINE...: reloads with these lines in the section
	lines="    min-queriers: 1
    min-queriers-ipv6: 1"
	for line in "$@"; do
		lines="$lines
    $line"
	done
	knotd_conf "$lines" && ctl reload
}
from() { # QUERIER ORIGINATOR
	ask "$2.2.0.192.in-addr.arpa" PTR "+proxy=$1-127.0.0.1"
}
v6=1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa

knotd_conf "    min-queriers: 1"
knotd_start
ok "a reload with what is ignored" settings \
	"ignore-querier: [ 203.0.113.0/28, 198.51.100.7, 198.51.100.20-198.51.100.29 ]" \
	"ignore-originator: [ 192.0.2.128/25, 2001:db8::/32 ]"
for querier in 203.0.113.15 198.51.100.7 198.51.100.20 198.51.100.29; do
	ok "$querier is answered" from $querier 1
done
for querier in 203.0.113.16 198.51.100.8 198.51.100.19 198.51.100.30; do
	ok "$querier too" from $querier 2
done
ok "an originator that is ignored" from 203.0.113.99 128
ok "one beside it" from 203.0.113.99 127
ok "an IPv6 originator that is ignored" ask $v6 PTR
is "$(counter 'ignored[querier]')" 4 "ignored by querier: a prefix, an address, both ends of a range"
is "$(counter 'ignored[originator]')" 2 "ignored by originator"
is "$(counter 'observations[ipv4]')" 5 "all others are observed"
is "$(counter 'observations[ipv6]')" 0 "and none of the ignored prefix"
is "$(counter queries)" 11 "all are queries"

ok "a reload without" settings
ok "again" from 203.0.113.15 1
is "$(counter 'observations[ipv4]')" 1 "now it is observed"
is "$(counter 'ignored[querier]')" 0 "and nothing ignored"

ok "a reload with a sample" settings "sample-rate: 4"
i=0
while [ $i -lt 40 ]; do
	i=$((i + 1))
	from 203.0.113.40 $i
	from 203.0.113.41 $i
done
out=$(counter 'ignored[sample]')
is $((out % 2)) 0 "an originator is out with all of its queries ($out of 80)"
ok "some are out, some are in" [ "$out" -gt 20 -a "$out" -lt 80 ]
is "$(counter 'observations[ipv4]')" $((80 - out)) "the others are observed"
ok "a reload with the same sample" settings "sample-rate: 4" "interval: 7"
i=0
while [ $i -lt 40 ]; do
	i=$((i + 1))
	from 203.0.113.42 $i
done
is "$(counter 'ignored[sample]')" $((out / 2)) "leaves out the same ones"

# With a text configuration Knot says OK to conf-set, and reads the file again.
ok "conf-begin" ctl conf-begin
ok "conf-set" ctl conf-set 'mod-backscatter[default].sample-rate' 1
ok "conf-commit" ctl conf-commit
ctl reload >/dev/null
is "$(ctl conf-read 'mod-backscatter[default].sample-rate' | sed 's/.*= //')" 4 \
	"a value set by knotc is lost with a text configuration, as the guide says"
for bad in "ignore-querier: 10.0.0.0/33" "ignore-originator: here" "sample-rate: 0"; do
	ok "$bad is refused" sh -c "! LD_PRELOAD='$sanitizer' ASAN_OPTIONS=detect_leaks=0 knotc \
		-c '$folder/bad.conf' conf-check 2>'$folder/err'" "$(knotd_conf "    $bad
" && cp "$folder/knot.conf" "$folder/bad.conf")"
	ok "by its name" grep -q "${bad%%:*}" "$folder/err"
done
knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(trouble)" "no trouble in the log"

if command -v systemd-analyze >/dev/null; then
	mkdir "$folder/unit" "$folder/unit/knot.service.d"
	cp "$top_srcdir/examples/systemd/backscatter.conf" "$folder/unit/knot.service.d/"
	printf '[Service]\nExecStart=/bin/true\n' >"$folder/unit/knot.service"
	systemd-analyze verify "$folder/unit/knot.service" >"$folder/out" 2>&1
	empty "$(grep -F backscatter.conf "$folder/out")" "systemd takes all lines of the drop-in"
	echo "NoSuchSetting=1" >>"$folder/unit/knot.service.d/backscatter.conf"
	systemd-analyze verify "$folder/unit/knot.service" >"$folder/out" 2>&1
	ok "and would name one that is wrong" grep -q NoSuchSetting "$folder/out"
else
	ok "systemd takes the drop-in # SKIP systemd-analyze is not installed" true
fi
tap_done
