#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A disk that is full when the store is to be made: told, answered on, and good again
# when there is room. One that fills up later: no checkpoints, told once, and the one before
# stays. Needs the right to mount.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin
mount -t tmpfs -o size=1m none "$folder/store" 2>/dev/null || skip_all "no right to mount"
trap 'umount "$folder/store"; knotd_clean' EXIT

# LMDB writes through a mapping too: each number of pages left may end in another way.
for pages in 0 1 2 3 4; do
	rm -f "$folder"/store/*.mdb "$folder/log"
	dd if=/dev/zero of="$folder/store/fill" bs=4k count=$((256 - pages)) 2>/dev/null
	knotd_conf "    interval: 1"
	knotd_start
	ok "$pages pages: told" eventually 5 logged "No space left on device"
	ok "$pages pages: an answer" ask 1.2.0.192.in-addr.arpa PTR
	rm "$folder/store/fill"
	ok "$pages pages: good again when there is room" eventually 15 \
		"$backscatter" top --store "$folder/store"
	ok "$pages pages: an answer" ask 2.2.0.192.in-addr.arpa PTR
	knotd_stop
	is "$stopped" 0 "$pages pages: knotd ends well"
done

file=$folder/store/checkpoint
moment() { stat -c %y "$file" 2>/dev/null; }
another() { [ -s "$file" ] && [ "$(moment)" != "$was" ]; }
failed() { [ "$(counter 'errors[checkpoint]')" -ge 3 ]; }

mount -o remount,size=32m "$folder/store"
rm -f "$folder"/store/* "$folder/log"
knotd_conf "    interval: 1
    checkpoint: 1"
knotd_start
ok "an answer" ask 3.2.0.192.in-addr.arpa PTR
for _ in 1 2; do
	was=$(moment)
	ok "a checkpoint" eventually 10 another
done
dd if=/dev/zero of="$folder/store/fill" bs=4k 2>/dev/null
was=$(moment)
ok "full later: checkpoints fail" eventually 15 failed
is "$(grep -c 'a restart would lose' "$folder/log")" 1 "which is told once"
is "$(moment)" "$was" "and the one before is as it was"
ok "an answer" ask 4.2.0.192.in-addr.arpa PTR
rm "$folder/store/fill"
ok "they come again when there is room" eventually 10 another
kill -KILL "$pid"
wait "$pid" 2>/dev/null
rm "$folder/log"
knotd_start
ok "and hold all that was seen" logged "ipv4 window goes on with 2 observations"
knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(cat "$folder"/sanitizer.* 2>/dev/null)" "no report of a sanitizer"
tap_done
