#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Stop and start lose nothing, kill -9 loses at most what came since the last checkpoint;
# a checkpoint that is damaged or of other settings is refused, one that cannot be written is
# told once, and the server runs on.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin

settings="    min-queriers: 1
    interval: 1
    checkpoint: 1"
file=$folder/store/checkpoint
asked=0

queries() { # COUNT: each a new originator
	until=$((asked + $1))
	while [ $asked -lt $until ]; do
		asked=$((asked + 1))
		kdig "@127.0.0.1" -p "$port" +timeout=2 +retry=0 \
			$((asked % 256)).$((asked / 256)).0.192.in-addr.arpa PTR >/dev/null 2>&1
	done
}

# Waits for two more checkpoints: the second one was begun after the call.
checkpoints() {
	for _ in 1 2; do
		was=$(stat -c %y "$file" 2>/dev/null)
		eventually 20 sh -c "[ \"\$(stat -c %y '$file' 2>/dev/null)\" != '$was' ]"
	done
}

knotd_kill() {
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	pid=
}

# Observations that the last start of the server has taken up.
taken_up() {
	value=$(sed -n 's/.*ipv4 window goes on with \([0-9]*\) observations/\1/p' "$folder/log" | tail -n 1)
	echo "${value:-0}"
}

restart() { # [SETTINGS]
	rm -f "$folder/log"
	[ $# -eq 0 ] || knotd_conf "$1"
	knotd_start
}

restart "$settings"
queries 20
checkpoints
queries 5
knotd_kill
is "$(stat -c %a "$file")" 600 "the file is for the server only"
restart
ok "kill -9: what came more than a checkpoint before is there" [ "$(taken_up)" -ge 20 ]
ok "an answer" ask 1.2.0.192.in-addr.arpa PTR
asked_before=$(taken_up)
knotd_stop
restart
is "$(taken_up)" $((asked_before + 1)) "stop: all is there"
ok "passes see it" eventually 5 counts 'originators[ipv4]' $((asked_before + 1))

# At other moments.
for round in 1 2; do
	before=$(counter 'observations[ipv4]')
	kept=$(taken_up)
	queries $((7 * round))
	checkpoints
	queries $((3 * round))
	sleep 0.$round
	knotd_kill
	restart
	ok "kill -9, round $round: nothing older than a checkpoint is lost" \
		[ "$(taken_up)" -ge $((kept + before + 7 * round)) ]
	ok "and nothing is there twice" [ "$(taken_up)" -le $((kept + before + 10 * round)) ]
done

# What cannot be written: told once, counted, and no more than that.
knotd_stop
mkdir "$file.new"
restart
ok "errors are counted" eventually 8 sh -c "[ \"\$(LD_PRELOAD=$sanitizer ASAN_OPTIONS=detect_leaks=0 knotc \
	-s '$folder/run/knot.sock' stats mod-backscatter.errors | sed -n 's/.*checkpoint. = //p')\" -ge 2 ]"
is "$(grep -c 'a restart would lose' "$folder/log")" 1 "and told once"
ok "an answer" ask 1.2.0.192.in-addr.arpa PTR
knotd_stop
rmdir "$file.new"

# Other settings, damage, none.
restart "$settings
    dedup: 5"
ok "a checkpoint of other settings is refused" logged "was written with other settings; windows begin empty"
ok "an answer" ask 1.2.0.192.in-addr.arpa PTR
knotd_stop
size=$(stat -c %s "$file")
printf 'XXXX' | dd of="$file" bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
restart
ok "a damaged one is refused" logged "is damaged; windows begin empty"
ok "an answer" ask 1.2.0.192.in-addr.arpa PTR
knotd_kill
head -c 100 /dev/zero >"$file"
restart
ok "something else is refused" logged "is of another kind, version or machine; windows begin empty"
knotd_stop
rm "$file"
restart "${settings%1}0"
ok "an answer" ask 1.2.0.192.in-addr.arpa PTR
sleep 1.5
knotd_stop
is "$stopped" 0 "knotd ends well"
ok "checkpoint: 0 writes none" [ ! -e "$file" ]

scope=zone
restart "$settings"
ok "zone scope: an answer" ask 1.2.0.192.in-addr.arpa PTR
knotd_stop
ok "each zone has its file" [ -f "$file.in-addr.arpa." -a -f "$file.ip6.arpa." ]
restart
is "$(taken_up)" 1 "which is taken up"
knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(trouble)" "no trouble in the log"
tap_done
