#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Walks doc/operator.md with a real knotd: enable, watch, train, swap the model, set by
# knotc, switch off. The commands are taken from the guide itself; only paths, the user
# and the socket are others.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin
guide=$top_srcdir/doc/operator.md
mkdir "$folder/bin" "$folder/desk"

# The indented lines of a section, with the paths of this test.
section() { # HEADING
	sed -n "/^## $1\$/,/^## /s/^    //p" "$guide" | sed "s|^   *\([a-z]*  *[a-z-]\)|\1|
		s|/var/lib/knot/backscatter|$folder/store|g; s|/etc/knot/knot.conf|$folder/knot.conf|g
		s| -o knot -g knot||; s|sudo -u knot ||"
}

# Runs the commands of a section that match a pattern, one after another, in one shell.
walk() { # HEADING PATTERN
	section "$1" | grep -E "$2" >"$folder/commands"
	[ -s "$folder/commands" ] || { echo "# no '$2' in '$1'"; return 1; }
	(cd "$folder/desk" && PATH="$folder/bin:$PATH" sh -e "$folder/commands") >"$folder/out" 2>&1 ||
		{ sed 's/^/# /' "$folder/commands" "$folder/out"; return 1; }
}

# What the guide calls knotc and backscatter.
cat >"$folder/bin/knotc" <<END
#!/bin/sh
case \$1 in conf-check) set -- -c "$folder/knot.conf" "\$@" ;; *) set -- -s "$folder/run/knot.sock" -t 30 "\$@" ;; esac
LD_PRELOAD=$sanitizer ASAN_OPTIONS=detect_leaks=0 exec $(command -v knotc) "\$@"
END
printf '#!/bin/sh\nexec "%s" "$@"\n' "$(cd "$top_builddir" && pwd)/backscatter" >"$folder/bin/backscatter"
chmod +x "$folder/bin/knotc" "$folder/bin/backscatter"

# A server without the module, as before.
rmdir "$folder/store"
knotd_conf "    min-queriers: 1
    interval: 1"
cp "$folder/knot.conf" "$folder/with.conf"
sed '/^mod-backscatter:/,/^template:/{/^template:/!d}; /global-module/d' "$folder/with.conf" >"$folder/knot.conf"
knotd_start
ok "a server without the module" ask 1.2.0.192.in-addr.arpa PTR
is "$(counter queries)" 0 "counts nothing"

# Enable: the folder, the lines of the configuration, check, reload, see that it counts.
ok "the folder of the store" walk "Enable, step by step" '^install -d'
ok "is there" [ "$(stat -c %a "$folder/store")" = 750 ]
section "Enable, step by step" >"$folder/lines"
for line in 'mod-backscatter:' '- id: default' "storage: $folder/store" 'global-module: mod-backscatter/default'; do
	ok "the guide has $line" grep -qF -- "$line" "$folder/lines"
	ok "and so has what follows" grep -qF -- "$line" "$folder/with.conf"
done
cp "$folder/with.conf" "$folder/knot.conf"
ok "knotc conf-check, knotc reload" walk "Enable, step by step" '^knotc (conf-check|reload)'
ok "the log says what the guide says" eventually 8 logged \
	"$(grep -o 'no model is configured: [a-z ,]*' "$guide")"
ok "a query" ask 2.2.0.192.in-addr.arpa PTR
ok "knotc stats" walk "Enable, step by step" '^knotc stats'
ok "counts it" grep -q '^mod-backscatter.observations\[ipv4\] = 1$' "$folder/out"
ok "ignore-querier and ignore-originator" [ "$(grep -cE '^ *ignore-(querier|originator):' "$folder/lines")" = 2 ]
grep -E '^ *ignore-(querier|originator):' "$folder/lines" | sed 's/^ */    /' >"$folder/ignore"
sed "/^    interval: 1/r $folder/ignore" "$folder/with.conf" >"$folder/knot.conf"
ok "check and reload with them" walk "Enable, step by step" '^knotc (conf-check|reload)'

# A first model, as the guide makes one; only the simulation is smaller.
sed "s/simulate -o sim/simulate --originators 200 -o sim/" "$guide" >"$folder/guide.md"
guide=$folder/guide.md
ok "simulate, extract, train" walk "Train a first model" '^backscatter (simulate|extract sim|train .*truth)'
ok "install the model" walk "Train a first model" '^install .*scan.kbm'
ok "the guide names it" sh -c "grep -q '^ *model: $folder/store/scan.kbm' '$folder/all'" \
	"$(section "Train a first model" >"$folder/all")"
sed "s|^    interval: 1|&\n    model: $folder/store/scan.kbm|" "$folder/with.conf" >"$folder/knot.conf"
ok "reload with the model" walk "Enable, step by step" '^knotc (conf-check|reload)'
ok "it is loaded" eventually 8 logged "model '$folder/store/scan.kbm' loaded"

# Watch.
watched() { PATH=$folder/bin:$PATH backscatter top --store "$folder/store" >"$folder/out" 2>&1; }
ok "backscatter top as the guide has it, once there is a window" eventually 8 watched
ok "the guide has it" grep -qF 'backscatter top --store /var/lib/knot/backscatter' "$guide"

# Swap the model: the command of the guide on the rows of the first one.
ln -s day1.csv "$folder/desk/features.csv"
ln -s sim/truth.csv "$folder/desk/labels.csv"
loads=$(grep -c "loaded:" "$folder/log")
section "Retrain, swap the model" | sed -e :a -e '/\\$/N; s/\\\n */ /; ta' >"$folder/commands"
ok "retrain to the same path" sh -c "cd '$folder/desk' && PATH='$folder/bin:$PATH' sh -e '$folder/commands' \
	>'$folder/out' 2>&1"
more_loads() { [ "$(grep -c 'loaded:' "$folder/log")" -gt "$loads" ]; }
ok "is taken up without a reload" eventually 10 more_loads

# Switch off.
ok "the kill switch" walk "Switch off" "^(sed|knotc reload)"
ok "it answers on" ask 3.2.0.192.in-addr.arpa PTR
is "$(counter queries)" 0 "without the hook"
knotd_stop
is "$stopped" 0 "knotd ends well"

# The same from a configuration database.
cp "$folder/with.conf" "$folder/knot.conf"
LD_PRELOAD=$sanitizer ASAN_OPTIONS=detect_leaks=0 \
	knotc -C "$folder/confdb" conf-import "$folder/knot.conf" >"$folder/ctl" 2>&1
knotd_start -C "$folder/confdb"
ok "a setting by conf-set" walk "Enable, step by step" "^knotc conf-(begin|set|commit)"
is "$(ctl conf-read 'mod-backscatter[default].min-queriers' | sed 's/.*= //')" 30 "is set"
ok "a query before" ask 4.2.0.192.in-addr.arpa PTR
is "$(counter queries)" 1 "is seen"
ok "the kill switch" walk "Switch off" "^knotc conf-"
ok "it answers on" ask 5.2.0.192.in-addr.arpa PTR
is "$(counter queries)" 0 "without the hook"
knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(trouble)" "no trouble in the log"
tap_done
