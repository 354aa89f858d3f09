#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/retrain against a real knotd: a new model is taken up without a reload, a worse one
# is refused, and whatever fails or is killed on the way leaves the old one.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
command -v flock >/dev/null || skip_all "flock is not installed"
knotd_begin
backscatter=$(cd "$top_builddir" && pwd)/backscatter
retrain=$(cd "$top_srcdir" && pwd)/scripts/retrain
model=$folder/store/scan.kbm
work=$folder/retrain
mkdir "$folder/bin"
"$backscatter" simulate -o "$folder/sim" --days 3 --originators 300 >"$folder/out" 2>&1 ||
	{ echo "Bail out! no simulation"; exit 1; }

# settings DAY TRAIN-OPTIONS: days 1 to DAY, of which the last one is held out. The scanners of a
# small day are few, so that equal models differ by chance: hence the margin.
settings() {
	captures=
	for day in $(seq "$1"); do captures="$captures $folder/sim/authority-$day.pcap"; done
	cat >"$folder/retrain.conf" <<-END
	MODEL=$model WORK=$work KEEP=2 MARGIN=0.2
	CAPTURES='$captures' QUERIERS=$folder/sim/queriers.csv
	LABELS=$folder/sim/truth.csv
	TRAIN_OPTIONS='$2' BACKSCATTER=$folder/bin/backscatter
	END
}

# The command; one of its steps can be made to end in another way.
plain() { printf '#!/bin/sh\nexec "%s" "$@"\n' "$backscatter" >"$folder/bin/backscatter"; }
trap_step() { # STEP COMMAND
	printf '#!/bin/sh\n[ "$1" != %s ] || { %s; }\nexec "%s" "$@"\n' "$1" "$2" "$backscatter" \
		>"$folder/bin/backscatter"
}
plain
chmod +x "$folder/bin/backscatter"

# run STATUS ARGUMENT...: good if it ends with that status and says one line.
run() {
	wanted=$1
	shift
	"$retrain" --config "$folder/retrain.conf" "$@" >"$folder/out" 2>"$folder/err" </dev/null
	status=$?
	[ $status -eq "$wanted" ] || { sed 's/^/# /' "$folder/out" "$folder/err"; echo "# status $status"; return 1; }
}
said() { grep -qF -- "$1" "$folder/out" || { sed 's/^/# /' "$folder/out"; return 1; }; }
same() { cmp -s "$model" "$folder/before" && [ "$(stat -c %i "$model")" = "$inode" ]; }
remember() { cp "$model" "$folder/before"; inode=$(stat -c %i "$model"); }
kept() { find "$folder/store" -name 'scan.kbm.[0-9]*Z' | wc -l | tr -d ' '; }
loads() { grep -c "loaded:" "$folder/log"; }
more_loads() { [ "$(loads)" -gt "$before_loads" ]; }

# The first model, before the server names it.
settings 2 "--trees 20"
ok "the first run installs" run 0
ok "and says so in one line" said "there was no model"
is "$(wc -l <"$folder/out" | tr -d ' '):$(cat "$folder/err")" "1:" "and nothing else"
knotd_conf "    min-queriers: 1
    interval: 1
    model: $model"
knotd_start
ok "the server loads it" eventually 8 logged "model '$model' loaded"

# With a day more; the day that was held out is learnt from now.
before_loads=$(loads)
settings 3 "--trees 20"
ok "the second run installs a model that is not worse" run 0
ok "and has compared it" said "held-out rows"
ok "the server takes it up without a reload" eventually 10 more_loads
is "$(kept)" 1 "the former one is kept"

# A worse one.
remember
before_loads=$(loads)
settings 3 "--trees 1 --max-depth 1 --threshold 1"
ok "a worse model is refused" run 3
ok "with both figures" said "refused: worse: F"
ok "the one in use stays" same
is "$(kept)" 1 "and no other is kept"
is "$(loads)" "$before_loads" "the server has loaded nothing"

# Killed in each step, and right before the rename.
settings 3 "--trees 20"
for at in extract train compare drift; do
	# shellcheck disable=SC2016
	trap_step $at 'kill -9 $PPID; exit 1'
	ok "killed in '$at'" run 137
	ok "the one in use stays" same
	ok "and the lock is free" eventually 5 flock -n "$work/lock" true
done
plain
# shellcheck disable=SC2016
printf '#!/bin/sh\nkill -9 $PPID\n' >"$folder/bin/mv"
chmod +x "$folder/bin/mv"
(PATH=$folder/bin:$PATH; run 137)
ok "killed before the rename" [ $? -eq 0 ]
ok "the one in use stays" same
rm "$folder/bin/mv"
ok "the new one lies beside it" [ -s "$model.new" ]
is "$(loads)" "$before_loads" "the server has seen nothing of it"

# Steps that fail, and a lock that is held.
for at in extract train compare; do
	trap_step $at 'echo "the disk is full" >&2; exit 1'
	ok "'$at' fails" run 1
	ok "and says why" said "(the disk is full); the model in use stays"
	ok "it stays" same
done
plain
exec 8>"$work/lock"
flock 8
ok "two runs do not meet" run 1
ok "and the second one says so" grep -qF "another run is at work in $work" "$folder/err"
exec 8>&-
ok "the one in use stays" same

# The next run clears up.
before_loads=$(loads)
ok "a run after all that" run 0
ok "is taken up" eventually 10 more_loads
is "$(cd "$work" && echo *):$(cd "$folder/store" && echo *.new)" "lock retrain.log:*.new" "nothing is left behind"
settings 3 "--trees 1 --max-depth 1 --threshold 1"
before_loads=$(loads)
ok "--force installs a worse one" run 0 --force
ok "and says so" said "installed by force"
ok "it is taken up" eventually 10 more_loads
is "$(kept)" 2 "as many former ones are kept as are wanted"
is "$(grep -c ' installed' "$work/retrain.log"):$(grep -c ' refused' "$work/retrain.log"):$(grep -c ' failed' \
	"$work/retrain.log")" "4:1:3" "the log has a line for each run that came to an end"

# From the store: what the server saw, as it is exported.
ok "a query" ask 1.2.0.192.in-addr.arpa PTR
exported() { "$backscatter" export --store "$folder/store" --partial -o "$folder/rows.csv" &&
	grep -q ',192\.0\.2\.1,1,1,' "$folder/rows.csv"; }
ok "its row is exported" eventually 8 exported
is "$(head -1 "$folder/rows.csv")" "$("$backscatter" extract "$folder/sim/authority-1.pcap" \
	--min-queriers 100000 2>/dev/null | head -1)" "in the columns of extract"
ok "whole windows alone are exported otherwise" sh -c "[ \"\$('$backscatter' export --store '$folder/store' |
	wc -l)\" -eq 1 ]"
sed -i "s|^CAPTURES=.*|STORE=$folder/store|" "$folder/retrain.conf"
ok "a store without a whole window" run 1
ok "has too few" said "there are too few windows to hold 1 of them out"

# Settings.
printf 'MODEL=x WORK=y STORE=z LABELS=l HOLD=0\n' >"$folder/bad.conf"
"$retrain" --config "$folder/bad.conf" >"$folder/out" 2>&1
is "$?:$(cat "$folder/out")" "2:backscatter-retrain: $folder/bad.conf: HOLD takes a whole number above 0, not '0'" \
	"a setting that is wrong"
"$retrain" --config "$folder/none.conf" >"$folder/out" 2>&1
is "$?:$(cat "$folder/out")" "2:backscatter-retrain: cannot read '$folder/none.conf'" "no settings"
"$retrain" now >"$folder/out" 2>&1
is "$?:$(cat "$folder/out")" "2:backscatter-retrain: argument 'now' is not expected; see 'backscatter-retrain --help'" \
	"an argument"
knotd_stop
is "$stopped" 0 "knotd ends well"
empty "$(trouble)" "no trouble in the log"
tap_done
