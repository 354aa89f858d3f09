#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Wrong settings and broken files: one sentence names the item and the reason, and
# knotd goes on answering.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin

refused() { # SETTING SENTENCE: conf-check must fail with the sentence
	knotd_conf "    $1"
	if LD_PRELOAD=$sanitizer ASAN_OPTIONS=detect_leaks=0 \
		knotc -c "$folder/knot.conf" conf-check >"$folder/out" 2>&1; then
		return 1
	fi
	grep -qF -- "$2" "$folder/out" || { sed 's/^/# /' "$folder/out"; return 1; }
}

ok "unknown option" refused "colour: red" "item 'colour', value 'red' (invalid item)"
ok "min-queriers: 0" refused "min-queriers: 0" "item 'min-queriers', value '0' (value is out of range)"
ok "sample-size: 1" refused "sample-size: 1" "item 'sample-size', value '1' (value is out of range)"
ok "window: x" refused "window: x" "item 'window', value 'x'"
ok "window and period" refused "period: 7" "(window is not a multiple of period)"
ok "too many periods" refused "period: 1" "(window has more than 4096 periods)"
ok "relative model" refused "model: model.bin" "(model is not an absolute path)"
knotd_conf ""
sed -i "s|    storage: $folder/store|    storage: store|" "$folder/knot.conf"
ok "relative storage" sh -c "! LD_PRELOAD='$sanitizer' ASAN_OPTIONS=detect_leaks=0 \
	knotc -c '$folder/knot.conf' conf-check >'$folder/out' 2>&1"
ok "says so" grep -qF "(storage is not an absolute path)" "$folder/out"

# A bad change of a running server is refused, and the old configuration goes on.
knotd_conf "    min-queriers: 1
    interval: 1"
knotd_start
ok "an answer" ask 1.2.0.192.in-addr.arpa PTR
cp "$folder/knot.conf" "$folder/good.conf"
sed -i 's/min-queriers: 1/min-queriers: 0/' "$folder/knot.conf"
ok "reload with a bad setting fails" sh -c "! LD_PRELOAD='$sanitizer' ASAN_OPTIONS=detect_leaks=0 \
	knotc -s '$folder/run/knot.sock' reload >'$folder/out' 2>&1"
ok "the log names the item" logged "item 'min-queriers', value '0' (value is out of range)"
ok "an answer still" ask 2.2.0.192.in-addr.arpa PTR

# Models that are no models: each is told once; knotd and the sensor go on.
cp "$folder/good.conf" "$folder/knot.conf"
sed -i "s|    interval: 1|    interval: 1\n    model: $folder/model|" "$folder/knot.conf"
printf 'this is no model' >"$folder/model"
ok "reload with a model that is none" ctl reload
ok "it is refused" eventually 8 logged "$folder/model"
ok "nothing is flagged" eventually 8 logged "nothing is flagged"
is "$(counter 'errors[model]')" 1 "the error is counted"
ok "an answer with a bad model" ask 3.2.0.192.in-addr.arpa PTR

# A good one takes its place by rename, without a reload; a cut one does not.
awk 'BEGIN { print "home,class"; for (i = 0; i < 20; i++) print i / 20 "," (i > 9 ? "scan" : "mail") }' \
	>"$folder/training.csv"
ok "a model is trained" "$backscatter" train --features "$folder/training.csv" --label class \
	--trees 5 -o "$folder/model.new" 2>"$folder/err"
head -c 300 "$folder/model.new" >"$folder/model.cut"
mv "$folder/model.new" "$folder/model"
ok "a good model is loaded" eventually 10 logged "loaded: forest with 2 classes"
mv "$folder/model.cut" "$folder/model"
ok "a cut one is refused" eventually 10 logged "cut: 300 bytes"
ok "and the good one stays" logged "the model in use stays"
ok "an answer after that" ask 6.2.0.192.in-addr.arpa PTR
knotd_stop
is "$stopped" 0 "knotd ends well"

# A store folder that is missing appears later.
rm -rf "$folder/store" "$folder/log"
knotd_conf "    min-queriers: 1
    interval: 1"
knotd_start
ok "missing folder: told" eventually 5 logged \
	"cannot open store folder '$folder/store': No such file or directory"
ok "missing folder: an answer" ask 4.2.0.192.in-addr.arpa PTR
ok "missing folder: features go on" eventually 5 counts 'originators[ipv4]' 1
sleep 2
is "$(grep -c 'cannot open store folder' "$folder/log")" 1 "told once, not at every pass"
mkdir "$folder/store"
ok "found when it is there" eventually 10 logged "store '$folder/store' opened"
knotd_stop
is "$stopped" 0 "knotd ends well"

# A folder without the right to write: knotd drops to another user.
if [ "$(id -u)" -eq 0 ] && id nobody >/dev/null 2>&1; then
	rm -rf "$folder/store" "$folder/log"
	mkdir -m 755 "$folder/store"
	chmod 755 "$folder"
	chown -R nobody "$folder/run" "$folder/db" "$folder/zones"
	server_lines="    user: nobody:nogroup"
	knotd_conf "    interval: 1"
	knotd_start
	ok "no right to write: told" eventually 5 logged "store '$folder/store': cannot open: Permission denied"
	ok "no right to write: an answer" ask 5.2.0.192.in-addr.arpa PTR
	knotd_stop
	is "$stopped" 0 "knotd ends well"
else
	ok "no right to write # SKIP only root can start knotd as another user" true
fi
empty "$(cat "$folder"/sanitizer.* 2>/dev/null)" "no report of a sanitizer"
tap_done
