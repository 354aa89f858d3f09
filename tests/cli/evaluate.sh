#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backscatter evaluate, from the command line: the table, the report, and what it refuses.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"
backscatter=$(cd "$top_builddir" && pwd)/backscatter
[ -x "$backscatter" ] || { echo "Bail out! there is no $backscatter"; exit 1; }
work=$(mktemp -d ./evaluate.XXXXXX) || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# run STATUS ARGUMENT...: good if the command ends with that status; leaves stdout and stderr.
run() {
	wanted=$1
	shift
	"$backscatter" evaluate "$@" >stdout 2>stderr </dev/null
	status=$?
	[ $status -eq "$wanted" ] || { echo "# status $status, wanted $wanted"; sed 's/^/# /' stderr; return 1; }
}

# refuse STATUS SENTENCE ARGUMENT...: good if it ends so, with that sentence in one line.
refuse() {
	sentence=$2
	wanted=$1
	shift 2
	run "$wanted" "$@" || return 1
	[ "$(wc -l <stderr)" -eq 1 ] && grep -qF -- "$sentence" stderr || { sed 's/^/# /' stderr; return 1; }
}

# Scanners are one in ten; 60 originators with three rows each; some values are missing.
awk 'BEGIN {
	print "originator,queriers,home,mail,flat,y"
	for (i = 0; i < 180; i++) {
		scan = i % 60 % 10 == 0
		mail = i % 3 == 1
		printf "192.0.2.%d,20,%.3f,%s,1,%s\n", i % 60, (scan ? 1 : 0.2) + i * 7 % 11 / 22,
			i % 13 == 4 ? "" : (mail ? 0.9 : 0.1) + i * 5 % 7 / 10, scan ? "scan" : i % 60 % 3 == 1 ? "mail" : "cdn"
	}
}' </dev/null >rows.csv
awk -F, 'NR == 1 { print "address,class" } NR > 1 && NR <= 61 { print $1 "," $6 }' rows.csv >labels.csv
cut -d, -f1-5 rows.csv >features.csv
quick="--protocol repeat=3,train=0.6 --trees 10"

# shellcheck disable=SC2086
{
ok "the table of the research" run 0 --features rows.csv --label y $quick -o report.json
empty "$(cat stderr)" "nothing on standard error"
is "$(head -1 stdout)" "180 rows of 60 groups, 3 features, 3 classes; 3 times 60 % to train" "its head"
is "$(awk 'NR > 2 { print $1, $2, $3 }' stdout)" "tree all -
forest all -
svm all -
tree two -
forest two -
svm two -
tree two 0.5
forest two 0.5
svm two 0.5" "tree, forest and svm on all, two, and two classes with SMOTE"
empty "$(awk 'NR > 2 { for (i = 4; i <= 12; i++) if ($i < 0 || $i > 1 || $i !~ /^[01][.][0-9]+$/) print }' stdout)" \
	"every figure is a share"
cp stdout table
ok "with labels by address" run 0 --features features.csv --labels labels.csv $quick
is "$(tail -n +2 stdout)" "$(tail -n +2 table)" "the same table"
ok "one thread" run 0 --features rows.csv --label y $quick --threads 1 -o one.json
ok "makes the same bytes" cmp report.json one.json
ok "three threads" run 0 --features rows.csv --label y $quick --threads 3 -o one.json
ok "make the same bytes" cmp report.json one.json
ok "another seed" run 0 --features rows.csv --label y $quick --seed 2 -o one.json
ok "makes others" sh -c '! cmp -s report.json one.json'
ok "the report on standard output" run 0 --features rows.csv --label y $quick -o -
ok "is the same" cmp report.json stdout
is "$(cat stderr)" "$(cat table)" "and the table goes to standard error"
if command -v python3 >/dev/null; then
	is "$(python3 -c '
import json
r = json.load(open("report.json"))
print(r["rows"], r["groups"], len(r["results"]))
for x in r["results"]:
    rows = sum(map(sum, x["confusion"]))
    right = sum(line[i] for i, line in enumerate(x["confusion"]))
    names = [c["class"] for c in x["of_classes"]]
    assert names == sorted(names) and len(x["confusion"]) == len(names)
    assert abs(right / rows - x["accuracy"]["mean"]) < 0.02, x["accuracy"]
    for c in x["of_classes"]:
        assert len(c["roc"]) == 101 and c["roc"][-1] == [1, 1] and 0 <= c["roc_area"]["mean"] <= 1
        assert len(c["precision_recall"]) == 101
    assert [f["feature"] for f in x["features"]] == ["home", "mail", "flat"]
    flat = x["features"][2]
    assert flat["gini"]["mean"] == 0 and flat["permutation"]["mean"] == 0
    assert x["learner"] == "svm" or abs(sum(f["gini"]["mean"] for f in x["features"]) - 1) < 1e-6
print("good")')" "180 60 9
good" "the report is JSON that agrees with itself"
else
	echo "# no python3: the report is not read back"
fi
ok "options of the training" run 0 --features rows.csv --label y --algorithm tree --classes all \
	--smote 0 --max-depth 1 $quick
ok "change the figures" sh -c 'cut -c1-60 stdout | sed 1,2d >shallow; grep "^tree *all " table | cut -c1-60 |
	cmp -s - shallow && exit 1; [ "$(wc -l <shallow)" -eq 1 ]'
ok "one that does not fit the rows" refuse 1 "mtry must be 1 to 3, not 4" --features rows.csv --label y \
	--algorithm tree --mtry 4 $quick
ok "folds" run 0 --features rows.csv --label y --algorithm tree --classes all --protocol folds=5 -o -
is "$(awk '/"confusion"/ { on = 1 } /"features": \[/ { on = 0 } on && /[0-9]/ { gsub(/[^0-9]/, ""); n += $0 }
	END { print n }' stdout)" 180 "test each row once"
ok "the model's threshold" run 0 --features rows.csv --label y --algorithm forest --use-threshold $quick
ok "a grid" run 0 --features rows.csv --label y --algorithm svm --classes two --smote 0 --grid \
	--protocol repeat=1
is "$(wc -l <stdout | tr -d ' ')" 3 "without SMOTE there is one line"
ok "SMOTE with all classes" run 0 --features rows.csv --label y --algorithm tree --classes all \
	--smote 1 $quick
is "$(awk 'NR > 2 { print $2, $3 }' stdout | tr '\n' ' ')" "all - all 1 " "if only these are asked for"

# Known by heart: pairs of equal rows whose class is a lot.
awk 'BEGIN { srand(5); print "x,pair,y"; for (i = 0; i < 200; i++) { x = rand(); c = rand() < 0.5 ? "p" : "q"
	print x "," i "," c; print x "," i "," c } }' </dev/null >pairs.csv
accuracy() { awk 'NR == 3 { print ($4 > 0.65 ? "known" : "guessed") }' stdout; }
ok "pairs of equal rows" run 0 --features pairs.csv --label y --algorithm tree $quick
is "$(accuracy)" known "are known by heart"
ok "with --group" run 0 --features pairs.csv --label y --algorithm tree --group pair $quick
is "$(accuracy)" guessed "they are not"

# Bad input: one sentence with file and line, or it works.
bad() { # NAME SENTENCE CSV
	printf "$3" >bad.csv
	ok "$1" refuse 1 "$2" --features bad.csv --label y $quick
}
good() { # NAME CSV
	printf "$2" >bad.csv
	ok "$1" run 0 --features bad.csv --label y $quick
	empty "$(grep -i nan stdout)" "$1: no figure is NaN"
}
bad "a field that is no number" "bad.csv:3: column 'a': 'x1' is no number" 'a,y\n1,p\nx1,q\n'
bad "a field too few" "bad.csv:3: 1 fields, the header has 2" 'a,y\n1,p\n2\n'
bad "a field too many" "bad.csv:2: 3 fields, the header has 2" 'a,y\n1,p,q\n'
bad "no header" "bad.csv:1: there is no column 'y', but one '1': is there no header line?" '1,p\n2,q\n3,p\n'
bad "one class" "bad.csv: all 3 rows have the class 'p'" 'a,y\n1,p\n2,p\n3,p\n'
bad "as many classes as rows" "bad.csv: each of the 3 rows has a class of its own" 'a,y\n1,p\n2,q\n3,r\n'
bad "a column twice" "column 'a'" 'a,a,y\n1,2,p\n2,3,q\n'
bad "an infinite value" "bad.csv:3: column 'a': 'inf' is infinite" 'a,y\n1,p\ninf,q\n'
bad "a value too large" "bad.csv:2: column 'a': '1e999' is infinite" 'a,y\n1e999,p\n'
bad "an empty file" "bad.csv" ''
bad "a header alone" "bad.csv: there are no rows" 'a,y\n'
bad "a file of zero bytes" "bad.csv" '\000\000\000\n'
bad "no features" "bad.csv: 0 features" 'y\np\nq\n'
good "constant features" 'a,b,y\n1,5,p\n1,5,q\n1,5,p\n1,5,q\n1,5,p\n1,5,q\n'
good "a column that is another's double" 'a,b,y\n1,1,p\n2,2,q\n3,3,p\n4,4,q\n5,5,p\n6,6,q\n'
good "a feature that is missing everywhere" 'a,b,y\n1,,p\n2,,q\n3,,p\n4,,q\n5,,p\n6,,q\n'
good "huge values" 'a,y\n1e308,p\n-1e308,q\n1e308,p\n-1e308,q\n1,p\n2,q\n'
good "a class of one row" 'a,y\n1,p\n2,q\n3,p\n4,q\n5,p\n6,r\n'
ok "is noted" grep -q "note: class 'r' has 1 row or group, fewer than 2" stderr
ok "fewer rows of a class than folds" run 0 --features bad.csv --label y --protocol folds=3
ok "is noted too" grep -q "class 'q' has 2 rows or groups, fewer than 3" stderr
ok "more folds than rows" run 1 --features bad.csv --label y --protocol folds=7
ok "are too many" grep -q "6 rows or groups of rows are too few for 7 parts" stderr
rm -f bad.csv
ok "no file" refuse 1 "cannot open 'bad.csv'" --features bad.csv --label y
ok "no such group" refuse 1 "there is no column 'town'" --features rows.csv --label y --group town
ok "no such class" refuse 1 "no row has the class 'spam'" --features rows.csv --label y \
	--classes two --positive spam
ok "a folder that is not there" refuse 1 "no/report.json" --features rows.csv --label y \
	--algorithm tree $quick -o no/report.json
ok "no features" refuse 2 "--features is missing" --label y
ok "no labels" refuse 2 "either --labels or --label is needed" --features rows.csv
ok "a learner that is none" refuse 2 "takes tree, forest and svm, not 'bush'" --algorithm tree,bush
ok "classes that are none" refuse 2 "takes two or all, not 'three'" --classes all,three
ok "a protocol that is none" refuse 2 "not 'loo'" --protocol loo
ok "two protocols" refuse 2 "not both" --protocol folds=5,train=0.5
ok "no folds" refuse 2 "folds takes a whole number from 2 to 1000, not '1'" --protocol folds=1
ok "all to train" refuse 2 "train takes a number from 0.01 to 0.99, not '1'" --protocol train=1
ok "group and label" refuse 2 "cannot be the same column" --features rows.csv --label y --group y
ok "an argument too many" refuse 2 "argument 'more' is not expected" --features rows.csv --label y more
}
tap_done
