#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backscatter train and classify, from the command line: what they write and how they refuse.
set -u
backscatter=$top_builddir/backscatter
dir=$(mktemp -d "${TMPDIR:-/tmp}/train_classify.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 99
count=0 failures=0

# check NAME COMMAND...: one test, good if the command is.
check()
{
	name=$1
	shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $name"
	else
		failures=$((failures + 1))
		echo "not ok $count - $name"
		sed 's/^/# /' stderr
	fi
}

# run STATUS ARGUMENT...: good if the command ends with that status.
run()
{
	wanted=$1
	shift
	"$backscatter" "$@" >stdout 2>stderr
	status=$?
	[ $status -eq "$wanted" ] || { echo "# status $status, wanted $wanted"; return 1; }
}

# refuse STATUS SENTENCE ARGUMENT...: good if it ends so, with that sentence in one line.
refuse()
{
	sentence=$2
	status=$1
	shift 2
	run "$status" "$@" && [ "$(wc -l <stderr)" -eq 1 ] && grep -qF -- "$sentence" stderr
}

# A window of originators: scanners are asked about by home resolvers, mailers by mail hosts.
awk 'BEGIN {
	print "window_start,window_seconds,originator,queriers,queries,home,mail,persistence,known_names"
	for (i = 0; i < 120; i++) {
		scan = i % 3 == 0
		printf "2026-01-01T00:00:00Z,86400,192.0.2.%d,%d,%d,%.2f,%s,%.3f,0.9\n", i, 20 + i, 50 + i,
			(scan ? 0.6 : 0.2) + i % 7 / 30, i % 10 == 5 ? "" : (scan ? 0.1 : 0.5) + i % 5 / 20,
			i % 11 / 11
	}
}' </dev/null >features.csv
awk 'BEGIN {
	print "address,class,first_seen,last_seen"
	for (i = 0; i < 110; i++)
		print "192.0.2." i "," (i % 3 == 0 ? "scan" : i % 3 == 1 ? "mail" : "cdn") ",,"
}' </dev/null >labels.csv
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH
train="train --features features.csv --labels labels.csv --trees 30"

check "train writes a model" run 0 $train -o two.kbm
check "nothing on standard output" [ ! -s stdout ]
check "the summary counts rows" grep -q '^110 rows of 3 features learnt from, 10 without' stderr
check "the summary counts classes" grep -q '^other *73 ' stderr
check "classes are two where there is scan" grep -q '^scan *37 ' stderr
check "the summary has the accuracy out of bag" grep -q '^accuracy out of bag [01][.]' stderr
check "no progress where there is no terminal" sh -c '! grep -q "$(printf "\\r")" stderr'
check "train again with one thread" run 0 $train --threads 1 -o again.kbm
check "the same bytes" cmp two.kbm again.kbm
check "train again with three threads" run 0 $train --threads 3 -o again.kbm
check "the same bytes again" cmp two.kbm again.kbm
check "another seed" run 0 $train --seed 2 -o again.kbm
check "other bytes" sh -c '! cmp -s two.kbm again.kbm'
check "rows in another order" sh -c '{ head -1 labels.csv; tail -n +2 labels.csv | sort -r; } >r.csv'
check "labels in another order" run 0 train --features features.csv --labels r.csv --trees 30 -o again.kbm
check "give the same bytes" cmp two.kbm again.kbm

check "classify to a file" run 0 classify --model two.kbm features.csv -o verdicts.csv
check "a verdict for each row" [ "$(wc -l <verdicts.csv)" -eq 121 ]
check "columns are the input's, then the verdict" \
	[ "$(head -1 verdicts.csv)" = "$(head -1 features.csv),class,probability,threshold" ]
cut -d, -f1-9 verdicts.csv >echoed.csv
check "the input is echoed as it was" cmp echoed.csv features.csv
check "classes are told rightly" awk -F, 'NR > 1 && ($10 == "scan") == ((NR - 2) % 3 == 0) { n++ }
	END { exit n < 115 }' verdicts.csv
check "probabilities are those of the class told" awk -F, 'NR > 1 && ($11 < 0.5 || $11 > 1) { bad = 1 }
	END { exit bad }' verdicts.csv
check "classify to standard output" run 0 classify --model two.kbm features.csv
check "the same verdicts" cmp stdout verdicts.csv
check "classify from standard input" sh -c '"$1" classify -m two.kbm - <features.csv >stdout' sh "$backscatter"
check "the same verdicts again" cmp stdout verdicts.csv
check "verdicts can be classified again" run 0 classify -m two.kbm verdicts.csv
check "new verdicts take the place of the old" cmp stdout verdicts.csv

check "all classes" run 0 $train --classes all -o all.kbm
check "are in the summary" grep -q '^cdn *36 ' stderr
check "another positive class" run 0 $train --positive mail -o mail.kbm
check "is in the summary" grep -q '^mail *37 ' stderr
check "a single tree" run 0 train --features features.csv --labels labels.csv --algorithm tree -o tree.kbm
check "has no estimate" sh -c '! grep -q "out of bag" stderr'
check "and classifies" run 0 classify -m tree.kbm features.csv
printf 'a,b,y\n0,0,n\n0,1,p\n1,0,p\n1,1,n\n' >xor.csv
check "any numeric CSV with a label column" run 0 train --features xor.csv --label y --algorithm tree -o xor.kbm
check "classifies itself" run 0 classify -m xor.kbm xor.csv
check "exactly" [ "$(tr '\n' ' ' <stdout)" = \
	"a,b,y,class,probability,threshold 0,0,n,n,1, 0,1,p,p,1, 1,0,p,p,1, 1,1,n,n,1, " ]

# Labels of windows: those of another day are out of reach, those that disagree are told.
{ echo "window_start,window_seconds,address,class"
	sed '1d; s/^\([^,]*,[^,]*\).*/2026-01-02T00:00:00Z,86400,\1/' labels.csv; } >windows.csv
windows="train --features features.csv --labels windows.csv --trees 30"
check "labels of another day" refuse 1 "no originator has a label" $windows -o w.kbm
check "are reached" run 0 $windows --label-reach 1d -o w.kbm
check "and give the same bytes" cmp two.kbm w.kbm
{ cat windows.csv; echo "2026-01-03T00:00:00Z,86400,192.0.2.0,mail"; echo ",,192.0.2.1,cdn"; } >more.csv
check "labels that are farther, and of any time" run 0 train --features features.csv --labels more.csv \
	--trees 30 --label-reach 2d -o w.kbm
check "change nothing" cmp two.kbm w.kbm
echo "2026-01-02T00:00:00Z,8640,192.0.2.0,mail" >>more.csv
check "labels that disagree" run 0 train --features features.csv --labels more.csv --trees 30 \
	--label-reach 1d -o w.kbm
check "are told" grep -q '^109 rows .*, 10 without a label left out, and 1 whose labels disagree$' stderr
check "a reach without labels" refuse 2 "--label-reach goes with --labels" \
	train --features xor.csv --label y --label-reach 1d -o x
check "a reach that is none" refuse 2 "--label-reach takes a duration" $windows --label-reach far -o x

check "the summary has the threshold" run 0 $train --seed 2 -o again.kbm
check "and how it was chosen" grep -q '^threshold of class scan: 0[.][0-9]*, the highest F out of bag' stderr
check "a wanted precision" run 0 $train --precision 0.9 -o precise.kbm
check "is in the summary" grep -q '^threshold of class scan: .*, the least of precision 0.9 out of bag' stderr
check "a threshold" run 0 $train --threshold 0.125 -o fixed.kbm
check "is taken as it is" grep -q '^threshold of class scan: 0.1250, fixed' stderr
check "classify by it" run 0 classify -m fixed.kbm features.csv
check "it stands in each row" awk -F, 'NR > 1 && $12 != 0.125 { bad = 1 } END { exit bad }' stdout
check "the verdict keeps it" awk -F, 'NR > 1 && ($10 == "scan" ? $11 < 0.125 : $11 <= 0.875) { bad = 1 }
	END { exit bad }' stdout
check "a threshold and a precision" refuse 2 "only one of them" $train --threshold 0.5 --precision 0.5 -o x
check "the precision of a tree" refuse 2 "--precision is for a forest" \
	train --features features.csv --labels labels.csv --algorithm tree --precision 0.9 -o x
check "a threshold out of range" refuse 2 "--threshold takes" $train --threshold 1.5 -o x
check "reasons" run 0 classify -m two.kbm features.csv --explain -o reasons.csv
check "are columns behind the verdict" [ "$(head -1 reasons.csv | cut -d, -f13-)" = \
	"reason_base,reason_1,reason_1_change,reason_2,reason_2_change,reason_3,reason_3_change" ]
check "they sum to the probability of scan" awk -F, 'NR > 1 { p = $10 == "scan" ? $11 : 1 - $11
	d = $13 + $15 + $17 + $19 - p; if (d < -1e-9 || d > 1e-9) bad = 1 } END { exit bad || NR != 121 }' reasons.csv
check "the strongest first" awk -F, 'function size(x) { return x < 0 ? -x : x }
	NR > 1 && (size($15) < size($17) || size($17) < size($19)) { bad = 1 } END { exit bad }' reasons.csv
check "one reason" run 0 classify -m two.kbm reasons.csv --explain=1
check "old reasons give way" [ "$(head -1 stdout | cut -d, -f10-)" = \
	"class,probability,threshold,reason_base,reason_1,reason_1_change" ]
check "a support vector machine" run 0 train --features features.csv --labels labels.csv --algorithm svm -o svm.kbm
check "has no reasons, and says so" refuse 1 "a model of the kind 'svm' can give no reasons" \
	classify -m svm.kbm features.csv --explain -o no.csv
check "no reason" refuse 2 "--explain takes a whole number from 1 to 64, not '0'" \
	classify -m two.kbm features.csv --explain=0

check "a support vector machine" run 0 train --features features.csv --labels labels.csv \
	--classes all --algorithm svm --threads 1 -o svm.kbm
check "again with three threads" run 0 train --features features.csv --labels labels.csv \
	--classes all --algorithm svm --threads 3 -o again.kbm
check "the same bytes" cmp svm.kbm again.kbm
check "classifies" run 0 classify -m svm.kbm features.csv
check "rightly" awk -F, 'NR > 1 && ($10 == "scan") == ((NR - 2) % 3 == 0) { n++ } END { exit n < 110 }' stdout
check "with a grid" run 0 train --features features.csv --labels labels.csv --algorithm svm --grid \
	-o again.kbm
check "libsvm says nothing" sh -c '! grep -Eiq "optimization|nSV|obj =" stdout stderr'
check "rows of a group in one fold of the grid" run 0 train --features features.csv --label mail \
	--group home --algorithm svm --grid -o grouped.kbm
check "no such group" refuse 1 "features.csv: there is no column 'town'" $train --group town -o x
check "group and label" refuse 2 "cannot be the same column" \
	train --features features.csv --label home --group home -o x
check "new rows by SMOTE" run 0 $train --smote 1 --smote-k 3 -o again.kbm
check "are learnt from" grep -q '^scan *73 ' stderr
check "but not counted out of bag" grep -q 'over 110 rows' stderr
check "a ratio that is none" refuse 2 "--smote takes a number from 0 to 1, not '2'" $train --smote 2 -o x
check "cost of a forest" refuse 2 "--cost, --gamma and --grid go with --algorithm svm" $train --cost 2 -o x
check "a cost that is none" refuse 2 "--cost takes a number from 1e-09 to 1e+09, not '0'" \
	train --features features.csv --labels labels.csv --algorithm svm --cost 0 -o x

awk 'BEGIN { print "a,b,y"
	for (i = 0; i < 60; i++) printf "%s,%d,%s\n", i % 2 ? "" : i % 7, i * 7 % 11, i % 2 ? "gone" : "there" }' \
	</dev/null >gaps.csv
printf 'b,a\n3,\n3,-100\n3,0\n3,100\n' >asked.csv
for kind in tree forest; do
	check "rows of which a missing value tells the class" run 0 \
		train --features gaps.csv --label y --algorithm $kind -o gaps.kbm
	check "$kind: the direction of missing values is learnt" run 0 classify -m gaps.kbm asked.csv
	check "$kind: and kept, whatever the value" [ "$(cut -d, -f3 <stdout | tr '\n' ' ')" = \
		"class gone there there there " ]
done

check "the file has no row of the class" refuse 1 "no row has the class 'spam'" \
	$train --positive spam -o no.kbm
check "a field that is no number" sh -c 'sed "s/0\.545/often/" features.csv >bad.csv'
check "is named with file, line and column" refuse 1 "bad.csv:8: column 'persistence': 'often' is no number" \
	classify -m two.kbm bad.csv -o no.csv
check "also in training" refuse 1 "bad.csv:8: column 'persistence'" \
	train --features bad.csv --labels labels.csv -o no.kbm
cut -d, -f1-6,8 features.csv >bad.csv
check "a feature that the file lacks is named" refuse 1 \
	"bad.csv: there is no column for the model's feature 'mail'" classify -m two.kbm bad.csv -o no.csv
# Bad input: one sentence with file and line, or it works; and no model is lost by it.
cp two.kbm kept.kbm
bad() { # NAME SENTENCE CSV
	printf "$3" >bad.csv
	check "$1" refuse 1 "$2" train --features bad.csv --label y --trees 10 -o kept.kbm
}
good() { # NAME CSV
	printf "$2" >bad.csv
	for kind in tree forest svm; do
		check "$1: $kind" run 0 train --features bad.csv --label y --algorithm $kind -o good.kbm
		check "$1: $kind tells" run 0 classify -m good.kbm bad.csv
		check "$1: $kind tells all rows by numbers" sh -c \
			'[ "$(wc -l <stdout)" -eq "$(wc -l <bad.csv)" ] && ! grep -qi nan stdout'
	done
}
bad "a field that is no number" "bad.csv:3: column 'a': 'x1' is no number" 'a,y\n1,p\nx1,q\n'
bad "a field too few" "bad.csv:3: 1 fields, the header has 2" 'a,y\n1,p\n2\n'
bad "a field too many" "bad.csv:2: 3 fields, the header has 2" 'a,y\n1,p,q\n'
bad "no header" "bad.csv:1: there is no column 'y', but one '1': is there no header line?" '1,p\n2,q\n'
bad "no header, and equal fields" "bad.csv:1: column '0' stands there twice: is there no header line?" '0.5,0,0,p\n'
bad "no header, and an empty field" "bad.csv:1: column 3 has no name: is there no header line?" '0.5,0,,p\n'
bad "one class" "bad.csv: all 3 rows have the class 'p'" 'a,y\n1,p\n2,p\n3,p\n'
bad "fewer rows than classes" "bad.csv: each of the 3 rows has a class of its own" 'a,y\n1,p\n2,q\n3,r\n'
bad "a column twice" "bad.csv:1: column 'a' stands there twice" 'a,a,y\n1,2,p\n2,3,q\n'
bad "an infinite value" "bad.csv:3: column 'a': 'inf' is infinite" 'a,y\n1,p\ninf,q\n'
bad "a value too large" "bad.csv:2: column 'a': '-1e999' is infinite" 'a,y\n-1e999,p\n'
bad "an empty file" "bad.csv: the file is empty" ''
bad "a header alone" "bad.csv: there are no rows" 'a,y\n'
check "the model is what it was" cmp two.kbm kept.kbm
good "constant features" 'a,b,y\n1,5,p\n1,5,q\n1,5,p\n1,5,q\n1,5,p\n'
good "a column that is another's double" 'a,b,y\n1,1,p\n2,2,p\n3,3,q\n4,4,q\n5,5,q\n'
good "a class of one row" 'a,y\n1,p\n2,q\n3,p\n4,q\n6,r\n'
printf '0,1\n' >bad.csv
check "no header where rows are told" refuse 1 \
	"bad.csv:1: there is no column for the model's feature 'a', but one '0': is there no header line?" \
	classify -m xor.kbm bad.csv -o no.csv
head -c 1000 two.kbm >cut.kbm
# Labels by chance make large trees: a hundred thousand of them are more than a model may have.
awk 'BEGIN {
	srand(1)
	print "a,b,y"
	for (i = 0; i < 6000; i++)
		print rand() "," rand() "," (rand() < 0.5 ? "yes" : "no")
}' </dev/null >chance.csv
cp two.kbm kept.kbm
check "a model that would be too large" refuse 1 "a forest on these 6000 rows is larger than the" \
	train --features chance.csv --label y --trees 100000 -o kept.kbm
check "leaves what was there" cmp -s two.kbm kept.kbm
check "a cut model is named" refuse 1 "model 'cut.kbm': cut: 1000 bytes where" \
	classify -m cut.kbm features.csv
check "a missing model is named" refuse 1 "cannot open model 'no.kbm'" classify -m no.kbm features.csv
check "a missing features file is named" refuse 1 "cannot open 'no.csv'" classify -m two.kbm no.csv
check "a folder that is not there" refuse 1 "no/model.kbm" $train -o no/model.kbm
check "no file was left by what failed" sh -c '! ls | grep "^no[.]"'
# A limit stands in for a machine without memory; a sanitizer's own would not fit below it.
if ldd "$backscatter" | grep -qE 'lib(asan|tsan)'; then
	echo "# a sanitizer: memory is not limited"
else
	awk 'BEGIN { print "c0"; for (i = 1; i < 3000; i++) print "c" i; print "y" }' </dev/null |
		paste -sd, - >wide.csv
	awk 'BEGIN { for (i = 0; i < 3000; i++) line = line "1,"
		for (i = 0; i < 2000; i++) print line (i % 2 ? "p" : "q") }' </dev/null >>wide.csv
	check "rows beyond the memory there is" sh -c 'ulimit -d 32768
		"$0" train --features wide.csv --label y -o no.kbm 2>stderr; [ $? -eq 1 ]' "$backscatter"
	check "are named with file and line" grep -qE \
		'^backscatter train: wide.csv:[0-9]+: not enough memory for more than [0-9]+ rows of 3000 features$' stderr
	rm -f wide.csv
fi
check "--features is missing" refuse 2 "--features is missing" train --labels labels.csv -o x
check "labels are missing" refuse 2 "either --labels or --label" train --features features.csv -o x
check "both labels" refuse 2 "and not both" $train --label y -o x
check "-o is missing" refuse 2 "-o is missing" $train
check "no such algorithm" refuse 2 "--algorithm takes forest, tree or svm, not 'bush'" $train --algorithm bush -o x
check "no such classes" refuse 2 "--classes takes two or all, not 'three'" $train --classes three -o x
check "no trees" refuse 2 "--trees takes a whole number from 1 to 100000, not '0'" $train --trees 0 -o x
check "trees of a tree" refuse 2 "--trees is for a forest" $train --algorithm tree -o x
check "splits that are none" refuse 2 "--splits takes binned or exact, not 'fine'" $train --splits fine -o x
check "exact splits" run 0 $train --splits exact -o exact.kbm
check "weights of a class that is none" refuse 1 "class-weights: no row has the class 'zebra'" \
	$train --class-weights zebra=2 -o x
check "balanced classes" run 0 $train --class-weights balanced -o balanced.kbm
check "too many features to try" refuse 1 "mtry must be 1 to 3, not 4" $train --mtry 4 -o x
check "a date that is none" env SOURCE_DATE_EPOCH=soon sh -c '! "$@" 2>stderr' sh "$backscatter" $train -o x
check "two positive classes" refuse 2 "--positive goes with --classes two" $train --classes all --positive mail -o x
check "an argument too many" refuse 2 "argument 'more' is not expected" $train -o x more
check "classify without a model" refuse 2 "--model is missing" classify features.csv
check "classify without a file" refuse 2 "one features file is needed, 0 are given" classify -m two.kbm
check "what a model says" run 0 model info two.kbm
check "kind and date" sh -c 'grep -q "^kind: *forest$" stdout && grep -q "^trained: *2023-11-14T22:13:20Z$" stdout'
check "parameters" grep -q "^parameters: trees 30, mtry 1, min-leaf 1, max-depth 1024, seed 1" stdout
check "threshold" grep -q "^threshold: *0[.][0-9]* for scan, the highest F out of bag$" stdout
check "classes with figures" grep -q "^scan *37 *[01][.][0-9]* *[01][.][0-9]* *[01][.][0-9]*$" stdout
check "features, the most important first" awk '/^feature /{ on = 1; next }
	on { if (seen && $2 > last) bad = 1; last = $2; seen++; sum += $2 }
	END { exit bad || seen != 3 || sum < 0.999 || sum > 1.001 }' stdout
check "as JSON" run 0 model info --json precise.kbm
check "which is JSON" sh -c 'python3 -m json.tool <stdout >json 2>stderr || ! command -v python3 >/dev/null'
check "with rule and precision" grep -q '"rule": "precision"' stdout
check "of a tree" run 0 model info tree.kbm --json
check "no figures" grep -q '"out_of_bag": null' stdout
check "without a positive class" run 0 model info xor.kbm
check "no threshold" grep -q "^threshold: *none" stdout
check "a cut model is refused" refuse 1 "model 'cut.kbm': cut: 1000 bytes where" model info cut.kbm
check "of a support vector machine" run 0 model info svm.kbm
check "no importances" grep -qx 'persistence  *-' stdout
check "no word what to do" refuse 2 "what to do is missing" model two.kbm
check "no model" refuse 2 "one model file is needed, 0 are given" model info
check "help of train" run 0 train --help
check "help of classify" run 0 classify --help

echo "1..$count"
[ $failures -eq 0 ]
