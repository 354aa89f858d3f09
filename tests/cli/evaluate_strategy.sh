#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backscatter evaluate --strategy, from the command line: the table, the report, and what it
# refuses. The strategies themselves are held against a reference by tests/unit/test_strategy.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"
backscatter=$(cd "$top_builddir" && pwd)/backscatter
[ -x "$backscatter" ] || { echo "Bail out! there is no $backscatter"; exit 1; }
work=$(mktemp -d ./strategy.XXXXXX) || exit 1
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

# Four days, of each 60 of 80 originators; one in five scans and takes another address each
# day; mail and cdn stay. Each day one row of a week, which is of no day. The truth is of days:
# 192.0.2.1 is a mailer until the 2nd, and scans from the 3rd on.
awk 'BEGIN {
	print "address,class,first_seen,last_seen" >"truth.csv"
	print "192.0.2.1,mail,2026-01-01T01:00:00Z,2026-01-02T22:00:00Z" >"truth.csv"
	print "192.0.2.1,scan,2026-01-03T01:00:00Z,2026-01-04T22:00:00Z" >"truth.csv"
	for (day = 1; day <= 4; day++) {
		file = "day" day ".csv"
		print "window_start,window_seconds,originator,queriers,queries,home,mail" >file
		printf "2025-12-28T00:00:00Z,604800,2001:db8::%d,9,9,0.5,0.5\n", day >file
		for (i = 0; i < 60; i++) {
			scan = i == 1 ? day > 2 : i % 5 == 0
			# The trailing part of the addresses of scanners moves with the day.
			host = i % 5 == 0 ? 100 + i + day : i
			mail = i % 2
			printf "2026-01-0%dT00:00:00Z,86400,192.0.2.%d,20,30,%.3f,%.3f\n", day, host,
				(scan ? 0.7 : 0.2) + (i * 7 + day * 3) % 11 / 22, (mail ? 0.8 : 0.1) + (i * 5 + day) % 7 / 10 >file
			if (i == 1 || (i % 5 != 0 && day > 1)) continue
			printf "192.0.2.%d,%s,2026-01-0%dT00:00:00Z,2026-01-0%dT23:00:00Z\n", host,
				scan ? "scan" : mail ? "mail" : "cdn", day, scan ? day : 4 >"truth.csv"
		}
	}
}' </dev/null
all="--strategy train-once,re-extract,self-train --labels truth.csv --train-on 2026-01-02"
quick="--trees 10 --protocol repeat=3"

# shellcheck disable=SC2086
{
ok "three strategies" run 0 $all --features day1.csv day2.csv day3.csv day4.csv $quick --csv -o report.csv
empty "$(cat stderr)" "nothing on standard error"
is "$(head -2 stdout)" "240 rows of 4 days, $(cat day?.csv | grep ^2026 | cut -d, -f3 | sort -u |
	wc -l | tr -d ' ') originators, 2 features; 240 rows have a label; 4 rows of \
windows longer than a day are left out
labels learnt from are of 2026-01-02; 3 times 60 % of the originators to train" "its head"
is "$(head -1 report.csv)" "learner,classes,smote,strategy,day,offset,rows,learnt,trials,f,f_deviation,\
precision,recall,accuracy,positive_rows,positive_f,positive_f_deviation,positive_precision,positive_recall" \
	"the columns of the report"
is "$(awk -F, 'NR > 1 { print $1, $2, $4, $6, $7, $9, $15 }' report.csv | head -4)" \
"forest all train-once -1 60 3 12
forest all train-once 0 60 3 12
forest all train-once 1 60 3 13
forest all train-once 2 60 3 13" "a line for each day, with the labels of that day"
is "$(awk -F, 'NR > 1 { n[$2 " " $4]++ } END { for (i in n) print i, n[i] }' report.csv | sort)" \
"all re-extract 4
all self-train 4
all train-once 4
two re-extract 4
two self-train 4
two train-once 4" "for all classes and for two"
is "$(awk -F, '$6 == 0 { print $2, $8, $10, $16 }' report.csv | sort -u | wc -l | tr -d ' ')" 2 \
	"on the training day the strategies are one"
empty "$(awk -F, 'NR > 1 { for (i = 10; i <= 19; i++) if (i != 15 && $i != "" && ($i < 0 || $i > 1)) print }' report.csv)" \
	"every figure is a share"
is "$(awk -F, '$2 == "two" && $4 == "re-extract" { print $6, $9, $10 != "" }' report.csv)" "-1 0 0
0 3 1
1 0 0
2 0 0" "where no scanner of the training day is left, nothing can be learnt"
is "$(grep -cE '^(train-once|re-extract|self-train) 2026-01-0' stdout)" 24 "the table has as many lines"
cp report.csv first.csv
ok "files in another order, one thread" run 0 $all --features day4.csv --features day2.csv day1.csv \
	day3.csv $quick --csv --threads 1 -o report.csv
ok "make the same bytes" cmp first.csv report.csv
ok "another seed" run 0 $all --features day1.csv day2.csv day3.csv day4.csv $quick --csv -o report.csv --seed 2
ok "makes others" sh -c '! cmp -s first.csv report.csv'
ok "the report as JSON on standard output" run 0 $all --features day1.csv day2.csv day3.csv day4.csv $quick -o -
ok "leaves the table to standard error" grep -q '^forest, all classes' stderr
if command -v python3 >/dev/null; then
	is "$(python3 -c '
import csv, json
lines = json.load(open("stdout"))
rows = list(csv.DictReader(open("first.csv")))
assert len(lines) == len(rows) == 24
for line, row in zip(lines, rows):
    assert list(line) == list(row), (list(line), list(row))
    for name, value in line.items():
        text = row[name]
        assert (value is None and text == "") or value == text or abs(value - float(text)) < 1e-9, (name, value, text)
print("good")')" good "which says what the CSV says"
else
	echo "# no python3: the report is not read back"
fi
ok "one strategy, a tree, two classes, SMOTE, folds" run 0 --strategy re-extract --labels truth.csv \
	--train-on 2026-01-02T12:00:00Z --features day1.csv day2.csv --algorithm tree --classes two --smote 1 \
	--protocol folds=5
ok "the labels are those of that day" grep -q '^labels learnt from are of 2026-01-02; 5 folds' stdout
is "$(grep -c '^re-extract' stdout):$(grep '^tree' stdout)" "2:tree, two classes, SMOTE 1; macro, then of scan" \
	"is one block"
printf 'address,class\n192.0.2.1,scan\n192.0.2.2,mail\n192.0.2.3,mail\n192.0.2.105,scan\n192.0.2.4,mail\n' >few.csv
ok "labels that hold at any time" run 0 --strategy train-once --labels few.csv --train-on 2026-01-01 \
	--features day1.csv day3.csv $quick --classes two
is "$(awk '/^train-once/ { print $4 }' stdout | tr '\n' ' ')" "4 4 " "are found on each day"

# What is wrong.
some="--labels truth.csv --features day1.csv day2.csv"
ok "a strategy that is none" refuse 2 "takes train-once, re-extract and self-train, not 'guess'" --strategy guess
ok "no day" refuse 2 "--strategy needs --train-on" --strategy train-once $some
ok "a day that is none" refuse 2 "takes a day such as 2026-11-23, not 'monday'" --train-on monday
ok "a day without rows" refuse 1 "there are no rows of 2026-02-01, the day to train on" \
	--strategy train-once $some --train-on 2026-02-01
ok "no strategy" refuse 2 "--train-on goes with --strategy" --labels truth.csv --features day1.csv \
	--train-on 2026-01-01
ok "CSV without a strategy" refuse 2 "--csv goes with --strategy" --labels truth.csv --features day1.csv --csv
ok "CSV without a file" refuse 2 "--csv goes with -o" --strategy train-once $some --train-on 2026-01-01 --csv
ok "more files without a strategy" refuse 2 "argument 'day2.csv' is not expected" $some
ok "a column of labels" refuse 2 "--strategy needs --labels" --strategy train-once --features day1.csv \
	--label home --train-on 2026-01-01
ok "groups" refuse 2 "--group does not go with --strategy" --strategy train-once $some --group home \
	--train-on 2026-01-01
ok "a file twice" refuse 1 "the rows have 192.0.2.1 twice in the window that begins at 2026-01-01T00:00:00Z: \
is a file given twice?" --strategy train-once $some day1.csv --train-on 2026-01-01
sed 1s/mail/post/ day3.csv >other.csv
ok "other features" refuse 1 "other.csv: there is no column 'mail'" --strategy train-once $some other.csv \
	--train-on 2026-01-01
sed 's/,[^,]*$//' day3.csv >other.csv
ok "fewer features" refuse 1 "other.csv: 1 features, the first file has 2" --strategy train-once $some \
	other.csv --train-on 2026-01-01
sed 's/^2026[^,]*,86400/,/' day3.csv >other.csv
ok "a row of no window" refuse 1 "other.csv:3: the row has no window" --strategy train-once $some other.csv \
	--train-on 2026-01-01
sed '3s/0\.[0-9]*$/x/' day3.csv >other.csv
ok "a field that is no number" refuse 1 "other.csv:3: column 'mail': 'x' is no number" --strategy train-once \
	$some other.csv --train-on 2026-01-01
head -2 day3.csv >other.csv
ok "weeks alone" refuse 1 "there are no rows of windows of a day or less" --strategy train-once \
	--labels truth.csv --features other.csv --train-on 2026-01-01
printf 'address,class,first_seen,last_seen\n192.0.2.1,scan,yesterday,\n' >bad.csv
ok "a moment that is none" refuse 1 "bad.csv:2: first_seen 'yesterday' is no moment" --strategy train-once \
	--labels bad.csv --features day1.csv --train-on 2026-01-01
printf 'address,class,first_seen,last_seen\n192.0.2.1,scan,2026-01-03,2026-01-02\n' >bad.csv
ok "a time that ends before it begins" refuse 1 "bad.csv:2: first_seen '2026-01-03' is after last_seen" \
	--strategy train-once --labels bad.csv --features day1.csv --train-on 2026-01-01
printf 'address,class\n198.51.100.1,scan\n' >bad.csv
ok "nobody with a label" refuse 1 "no originator of the rows has a label" --strategy train-once \
	--labels bad.csv --features day1.csv --train-on 2026-01-01
}
tap_done
