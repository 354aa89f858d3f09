#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Settings changed through a configuration database while knotd runs.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin
knotd_conf "    min-queriers: 1
    interval: 1"
LD_PRELOAD=$sanitizer ASAN_OPTIONS=detect_leaks=0 \
	knotc -C "$folder/confdb" conf-import "$folder/knot.conf" >"$folder/ctl" 2>&1
knotd_start -C "$folder/confdb"
ok "an answer" ask 1.2.0.192.in-addr.arpa PTR

commit() { # SETTING...: sets it in a transaction
	ctl conf-begin && ctl conf-set "$@" && ctl conf-commit
}

ok "conf-set of the module" commit 'mod-backscatter[default].min-queriers' 2

# Every setting, to a value that is not the default; a new one in the schema needs a line here.
mkdir "$folder/store2"
changes="storage $folder/store2
model /nonexistent/model
asn-db /nonexistent/asn
asn-path number
country-db /nonexistent/country
country-path code
window 172800
window-ipv6 1209600
period 1200
interval 2
dedup 5
min-queriers 3
min-queriers-ipv6 4
sample-size 512
prefix64 on
ignore-querier 192.0.2.53
ignore-originator 198.51.100.0/24
sample-rate 3
min-known 0.5
fan-out-max 5000
memory-max 268435456
min-verified 0.5
checkpoint 30
comment text"
settings=$(sed -n 's/.*"\\x[0-9A-F]*""\([a-z0-9-]*\)".*/\1/p' "$top_srcdir/module/schema.c" | sort -u)
ok "settings are found in the schema" [ "$(echo "$settings" | wc -l)" -ge 14 ]
ctl conf-begin >/dev/null
for setting in $settings; do
	value=$(echo "$changes" | sed -n "s/^$setting //p")
	ctl conf-set "mod-backscatter[default].$setting" "$value" >"$folder/ctl" 2>&1
	tap_result $? "$setting is set" || sed 's/^/# /' "$folder/ctl"
done
ok "all at once" ctl conf-commit
ctl conf-read mod-backscatter | tr -d '"' >"$folder/read"
for setting in $settings; do
	value=$(echo "$changes" | sed -n "s/^$setting //p")
	ok "$setting is $value" grep -qxF "mod-backscatter[default].$setting = $value" "$folder/read"
done
ok "an answer with them" ask 2.2.0.192.in-addr.arpa PTR
ok "the new store is in use" eventually 8 test -f "$folder/store2/data.mdb"
for setting in ignore-querier ignore-originator sample-rate; do
	ctl conf-begin >/dev/null
	ok "$setting is unset" ctl conf-unset "mod-backscatter[default].$setting"
	ctl conf-commit >/dev/null
done
ok "an answer after all" ask 9.2.0.192.in-addr.arpa PTR
is "$(counter 'observations[ipv4]')" 1 "is observed"
ok "conf-set of a path" commit 'mod-backscatter[default].model' /nonexistent/model
ok "the model is missed" eventually 8 logged "cannot open model '/nonexistent/model'"
ok "an answer after it" ask 2.2.0.192.in-addr.arpa PTR
# A commit that does not touch the module unmaps it in Knot 3.2 before 3.2.10.
ok "conf-set of something else" commit server.identity other
ok "an answer after that" ask 3.2.0.192.in-addr.arpa PTR
ok "reload" ctl reload
ok "an answer after reload" ask 4.2.0.192.in-addr.arpa PTR
ok "min-queriers: 0 is refused" sh -c "! LD_PRELOAD='$sanitizer' ASAN_OPTIONS=detect_leaks=0 \
	sh -c \"knotc -s '$folder/run/knot.sock' conf-begin && \
	knotc -s '$folder/run/knot.sock' conf-set 'mod-backscatter[default].min-queriers' 0\" \
	>'$folder/out' 2>&1"
ok "with the item's name" grep -q 'out of range.*min-queriers' "$folder/out"
ctl conf-abort >/dev/null 2>&1
ok "still an answer" ask 5.2.0.192.in-addr.arpa PTR
knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(trouble | grep -v /nonexistent/)" "no trouble in the log but the missing files"
tap_done
