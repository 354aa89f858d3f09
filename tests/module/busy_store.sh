#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Another process holds the store's write lock and does not let go, as one that was
# stopped in the middle of a write. The detector must wait; Knot's main thread must not.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin
knotd_conf "    min-queriers: 1
    interval: 1"
knotd_start
ok "an answer" ask 1.2.0.192.in-addr.arpa PTR
ok "a first pass" eventually 5 counts 'originators[ipv4]' 1

mkfifo "$folder/hold"
hold() {
	: >"$folder/held"
	"$top_builddir/tests/module/hold_store" "$folder/store" <"$folder/hold" >"$folder/held" 2>&1 &
	holder=$!
	exec 7>"$folder/hold"
	eventually 10 grep -q held "$folder/held"
}
release() {
	exec 7>&-
	wait $holder
}

ok "the lock is held" hold
ok "an answer meanwhile" ask 2.2.0.192.in-addr.arpa PTR
sleep 2
cp "$folder/knot.conf" "$folder/with.conf"
grep -v 'module: mod-backscatter/default' "$folder/with.conf" >"$folder/knot.conf"
ok "reload without the module comes back" ctl reload
ok "it says why it took so long" logged "not waiting for it"
ok "an answer without the module" ask 3.2.0.192.in-addr.arpa PTR
cp "$folder/with.conf" "$folder/knot.conf"
ok "the module comes again" ctl reload
ok "an answer with it" ask 4.2.0.192.in-addr.arpa PTR
ok "the lock is let go" release
ok "passes go on" eventually 8 counts 'originators[ipv4]' 1
ok "what the engine that was left alone had seen is stored" eventually 5 sh -c \
	"'$backscatter' top --store '$folder/store' --all --window '$(date -u +%Y-%m-%dT%H:%M:%SZ)' |
	grep -q '^192.0.2.2 '"

ok "the lock is held again" hold
sleep 2
before=$(date +%s)
knotd_stop
is "$stopped" 0 "knotd ends well"
ok "and in time" [ $(($(date +%s) - before)) -lt 20 ]
ok "the lock is let go again" release
empty "$(trouble | grep -v LeakSanitizer)" "no trouble in the log"
tap_done
