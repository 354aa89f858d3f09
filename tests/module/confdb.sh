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
empty "$(trouble | grep -v /nonexistent/model)" "no trouble in the log but the missing model"
tap_done
