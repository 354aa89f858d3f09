#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Who is verified: TCP and a valid DNS cookie prove a source, UDP alone does not, nor does a
# cookie that the server never gave.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin
by() { # LAST OCTET OF THE SOURCE, KDIG OPTION...
	source=127.0.0.$1
	shift
	ask 1.2.0.192.in-addr.arpa PTR -b "$source" "$@"
}

knotd_conf "    interval: 1"
sed -i 's|global-module: \(.*\)|global-module: [mod-cookies, \1]|' "$folder/knot.conf"
knotd_start
ok "UDP: an answer" by 2
ok "UDP with a cookie that the server gave: an answer" by 3 +cookie
ok "TCP: an answer" by 4 +tcp
ok "UDP with a cookie that it did not give: an answer" \
	by 5 +nobadcookie +cookie=0102030405060708a1a2a3a4a5a6a7a8
ok "all are counted" eventually 5 counts 'queriers[ipv4]' 4
is "$(counter 'verified[ipv4]')" 2 "two of them are verified"
knotd_stop
empty "$(cat "$folder"/sanitizer.* 2>/dev/null)" "no report of a sanitizer"
tap_done
