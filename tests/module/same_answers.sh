#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A knotd with the module and one without it give the same answers, byte for byte.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin
knotd_conf "    min-queriers: 1
    interval: 1"
knotd_start
ok "a server without the module" bare_start
is "$(knotc -s "$folder/bare/knot.sock" stats mod-backscatter 2>/dev/null | grep -c 'backscatter.queries')" 0 "has none"
ok "2000 queries" "$top_builddir/tests/module/same_answers" $port $bare_port 2000
ok "the module saw them" [ "$(counter queries)" -gt 1500 ]
# The test itself: other data, other answers.
sed -i 's/300/301/' "$folder/zones/in-addr.arpa.zone"
knotc -s "$folder/bare/knot.sock" zone-reload >/dev/null 2>&1
sed -i 's/ 1 3600/ 2 3600/' "$folder/zones/in-addr.arpa.zone"
knotc -b -s "$folder/bare/knot.sock" zone-reload >/dev/null 2>&1
ok "a difference is seen" sh -c "! '$top_builddir/tests/module/same_answers' $port $bare_port 200"
bare_stop
knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(trouble)" "no trouble in the log"
tap_done
