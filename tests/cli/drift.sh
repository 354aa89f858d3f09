#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backscatter drift and compare, from the command line: what they answer, by exit status too,
# and what they refuse.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"
backscatter=$(cd "$top_builddir" && pwd)/backscatter
models=$(cd "$top_srcdir" && pwd)/tests/fuzz/corpus/model
[ -x "$backscatter" ] || { echo "Bail out! there is no $backscatter"; exit 1; }
work=$(mktemp -d ./drift.XXXXXX) || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# run STATUS ARGUMENT...: good if the command ends with that status; leaves stdout and stderr.
run() {
	wanted=$1
	shift
	"$backscatter" "$@" >stdout 2>stderr </dev/null
	status=$?
	[ $status -eq "$wanted" ] || { echo "# status $status, wanted $wanted"; sed 's/^/# /' stderr; return 1; }
}

# refuse STATUS SENTENCE ARGUMENT...: good if it ends so, with that sentence in one line.
refuse() {
	sentence=$2
	wanted=$1
	shift 2
	run "$wanted" "$@" || return 1
	if [ "$(wc -l <stderr)" -ne 1 ] || ! grep -qF -- "$sentence" stderr; then
		sed 's/^/# /' stderr
		return 1
	fi
}

# day NUMBER SHIFT: 300 originators of a day, the first 200 of them with labels, one in five scans.
# Values are a walk through a circle, another on each day, moved by SHIFT.
day() {
	awk -v day="$1" -v shift="$2" 'BEGIN {
		print "window_start,window_seconds,originator,queriers,queries,home,mail"
		for (i = 0; i < 300; i++) {
			scan = i % 5 == 0
			printf "2026-01-0%dT00:00:00Z,86400,198.51.%d.%d,20,30,%.4f,%s\n", day, i / 200, i % 200,
				(scan ? 0.5 : 0.1) + shift + (i * 37 + day * 101) % 300 / 600,
				i % 17 == day % 17 ? "" : (i * 53 + day * 7) % 300 / 300
		}
	}' </dev/null
}
for number in 1 2 3; do day $number 0 >day$number.csv; done
day 3 0.3 >moved.csv
awk 'BEGIN {
	print "address,class"
	for (i = 0; i < 200; i++) print "198.51.0." i "," (i % 5 == 0 ? "scan" : i % 2 ? "mail" : "cdn")
}' </dev/null >labels.csv
SOURCE_DATE_EPOCH=1767312000 # 2026-01-02
export SOURCE_DATE_EPOCH
"$backscatter" train --features day1.csv --labels labels.csv --trees 30 -o one.kbm 2>stderr || exit 1
"$backscatter" train --features day2.csv --labels labels.csv --trees 30 -o two.kbm 2>stderr || exit 1
"$backscatter" train --features day1.csv --labels labels.csv --algorithm tree -o tree.kbm 2>stderr || exit 1
awk -F, 'NR == 1 || $2 == "cdn" { print } $2 != "cdn" && NR > 1 { print $1 "," ($2 == "scan" ? "mail" : "scan") }' \
	labels.csv >wrong.csv
"$backscatter" train --features day1.csv --labels wrong.csv --trees 30 -o wrong.kbm 2>stderr || exit 1

ok "rows like those of the training" run 0 drift --model one.kbm --features day2.csv
is "$(head -2 stdout)" "model trained at 2026-01-02T00:00:00Z with labels of 2026-01-01T00:00:00Z to \
2026-01-02T00:00:00Z, 1.0 days before the end of the rows
300 rows beside 300 of the training" "all rows are held against all rows"
is "$(awk 'NR > 3 { print $1, $4 }' stdout)" "home stable
mail stable
(probability) stable" "are stable"
ok "those with labels" run 0 drift --model one.kbm --features day2.csv --labels labels.csv
is "$(sed -n 2p stdout)" "200 rows with labels beside 200 of the training, 100 without a label left out" \
	"are held against those learnt from"
ok "and tell how the model does" grep -qE '^F of scan: (0[.]|1[.]0)[0-9]+ now, [01][.][0-9]+ out of bag' stdout
ok "rows that have moved" run 3 drift --model one.kbm --features moved.csv
is "$(awk 'NR > 3 && $4 == "moved" { print $1 }' stdout | head -1)" home "are told by the exit status"
is "$(awk '$1 == "mail" { print $4 }' stdout)" stable "what has not moved is stable"
head -12 moved.csv >few.csv
ok "few rows" run 0 drift --model two.kbm --features few.csv
ok "may be so by chance" awk '$1 == "mail" { exit !($2 > 0.1 && $2 < $3 && $4 == "stable") }' stdout
ok "as JSON" run 3 drift --model one.kbm --features moved.csv --json
if command -v python3 >/dev/null; then
	is "$(python3 -c '
import json
d = json.load(open("stdout"))
print(d["moved"], d["rows"], d["training_rows"], d["labels_days"], [f["feature"] for f in d["features"]])')" \
		"True 300 300 2.0 ['home', 'mail', '(probability)']" "that can be read"
else
	echo "# no python3: the JSON is not read back"
fi
# Its rows without labels have the tree's own probabilities, those with one none.
ok "a tree" run 0 drift --model tree.kbm --features day2.csv --labels labels.csv
ok "has no probability to compare" grep -q '^(probability).*not known$' stdout

ok "a model against itself" run 0 compare --features day3.csv --labels labels.csv one.kbm one.kbm
is "$(sed -n '1p;$p' stdout)" "200 rows with labels, 40 of them scan; left out: 0 of times that a model learnt \
from, 100 without a label
the new model is not worse" "is not worse"
ok "one that has learnt wrongly" run 3 compare --features day3.csv --labels labels.csv one.kbm wrong.kbm
is "$(tail -1 stdout)" "the new model is worse" "is worse"
ok "the other way round it is not" run 0 compare --features day3.csv --labels labels.csv wrong.kbm one.kbm
ok "nor with all the margin" run 0 compare --features day3.csv --labels labels.csv --margin 1 one.kbm wrong.kbm
ok "its JSON" run 3 compare --features day3.csv --labels labels.csv --json one.kbm wrong.kbm
ok "says so" grep -q '"worse": true' stdout
(cat day1.csv; sed 1d day3.csv) >both.csv
ok "rows of a day that one has learnt from" run 0 compare --features both.csv --labels labels.csv two.kbm one.kbm
ok "are left out" grep -q '^200 rows with labels, .*left out: 200 of times' stdout
ok "where nothing is left" refuse 1 "of 0 rows that neither model may have learnt from none has the label 'scan' \
(200 more rows" compare --features day1.csv --labels labels.csv one.kbm two.kbm

ok "a model without a portrait" refuse 1 "tree.kbm' does not say what its training data looked like" \
	drift --model "$models/tree.kbm" --features day1.csv
ok "a feature that lacks" refuse 1 "day1.csv: there is no column for the model's feature 'a'" \
	drift --model "$models/portrait.kbm" --features day1.csv
ok "a class that lacks" refuse 1 "model 'one.kbm' has no class 'spam'" \
	compare --features day3.csv --labels labels.csv --positive spam one.kbm two.kbm
head -1 day1.csv >empty.csv
ok "no rows" refuse 1 "empty.csv: there are no rows" drift --model one.kbm --features empty.csv
printf 'address,class\n192.0.2.1,scan\n' >nobody.csv
ok "no labels" refuse 1 "day1.csv: there are no rows with a label" drift --model one.kbm --features day1.csv \
	--labels nobody.csv
ok "no model" refuse 2 "--model and --features are needed" drift --features day1.csv
ok "one model" refuse 2 "two models, the old and the new one, are needed" compare --features day1.csv \
	--labels labels.csv one.kbm
ok "no file" refuse 1 "cannot open 'none.csv'" drift --model one.kbm --features none.csv
head -c 900 one.kbm >cut.kbm
ok "a model that is cut" refuse 1 "model 'cut.kbm': cut" drift --model cut.kbm --features day1.csv
tap_done
