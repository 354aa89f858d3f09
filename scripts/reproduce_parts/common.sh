# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# What every part of scripts/reproduce shares; to be sourced. A part is called as
#
#     scripts/reproduce_parts/PART DATA OUT
#
# DATA is a folder as scripts/reproduce_parts/data makes it. A part works there, in a folder of
# its own name, so that all names in its commands are relative, and writes into OUT:
#   PART.part      what the page shows, see page.awk
#   PART.commands  the commands that made it
#   PART-*.csv     tables; PART-*.svg and PART-*.png pictures
#   PART.claims    a line for each claim: name, value
# The program is $BACKSCATTER, or backscatter of the PATH. A part that cannot run (a command,
# an option or a file is not there) writes a page that says so, and no figures.
set -eu
LC_ALL=C
export LC_ALL

if [ $# -ne 2 ] || [ ! -e "$1/settings" ]; then
	echo "usage: $0 DATA OUT, where DATA has a file settings" >&2
	exit 2
fi
part=${0##*/}
mkdir -p "$2" "$1/$part"
out=$(cd "$2" && pwd)
cd "$1"
setting() { sed -n "s/^$1=//p" settings; }
# shellcheck disable=SC2034
{
	quick=$(setting quick)
	seed=$(setting seed)
	days=$(setting days)
	train_day=$(setting train_day)
	originators=$(setting originators)
	trees=$(setting trees)
	repeats=$(setting repeats)
	strategy_repeats=$(setting strategy_repeats)
	darknet=$(setting darknet)
}
rm -f "$out/$part".part "$out/$part".commands "$out/$part".claims "$out/$part"-*

# Runs the product's command, and keeps it for the page.
backscatter() {
	{
		printf 'backscatter'
		for word in "$@"; do
			case $word in
			*[!A-Za-z0-9_./,:=@%+-]* | '') printf " '%s'" "$word" ;;
			*) printf ' %s' "$word" ;;
			esac
		done
		printf '\n'
	} >>"$out/$part.commands"
	"${BACKSCATTER:-$(command -v backscatter)}" "$@"
}

# Adds standard input to the page. A line that begins with a tab goes on with the one before.
page() {
	awk '
		/^\t/ { sub(/^\t+/, ""); line = line " " $0; next }
		NR > 1 { print line }
		{ line = $0 }
		END { if (NR) print line }' >>"$out/$part.part"
}

# Leaves the part out, plainly.
leave_out() { # TITLE WHY
	printf '= %s\nmissing %s\n' "$1" "$2" >"$out/$part.part"
	rm -f "$out/$part.commands" "$out/$part.claims" "$out/$part"-*
	exit 0
}

claim() { printf '%s %s\n' "$1" "$2" >>"$out/$part.claims"; } # NAME VALUE

# Draws what the gnuplot commands on standard input say, twice. Reads tables from OUT.
plot() { # NAME
	{
		printf 'set datafile separator ","\nset datafile columnheaders\nset key outside right\n'
		printf 'set grid\nset style data linespoints\n'
		cat
	} >"$part/$1.gnuplot"
	plot_as "$1" svg "svg size 860,420 fixed name '$1'"
	plot_as "$1" png "pngcairo size 860,420"
}

plot_as() { # NAME SUFFIX TERMINAL
	{
		printf "set terminal %s font 'DejaVu Sans,11'\nset output '%s'\n" "$3" "$out/$part-$1.$2"
		cat "$part/$1.gnuplot"
	} | (cd "$out" && gnuplot 2>"$part-$1.err") || {
		cat "$out/$part-$1.err" >&2
		exit 1
	}
	rm -f "$out/$part-$1.err"
}

# The number of a column of a CSV file; fails if there is none.
column_of() { # FILE COLUMN
	sed -n 1p "$1" | tr , '\n' | grep -nx -e "$2" | cut -d: -f1 | grep .
}

# Names of files by day: BEFORE1AFTER BEFORE2AFTER …
days_of() { # BEFORE AFTER FROM TO
	for_day=$3
	while [ "$for_day" -le "$4" ]; do
		printf '%s%d%s ' "$1" "$for_day" "$2"
		for_day=$((for_day + 1))
	done
}

# The date of a day, counted from 1.
date_of() { sed -n "$1p" dates; }

# "precision recall f found missed wrong" of the verdict scan, against the truth. This is the
# only use of the truth: the final comparison.
score() { # VERDICTS
	awk -F, '
		FILENAME == ARGV[1] {
			if (FNR == 1) { for (i = 1; i <= NF; i++) column[$i] = i; next }
			truth[$column["address"]] = $column["class"]
			next
		}
		FNR == 1 { for (i = 1; i <= NF; i++) verdict[$i] = i; next }
		{
			scan = truth[$verdict["originator"]] == "scan"
			if ($verdict["class"] == "scan") { right += scan; wrong += !scan } else missed += scan
		}
		END {
			precision = right + wrong ? right / (right + wrong) : 0
			recall = right + missed ? right / (right + missed) : 0
			f = precision + recall ? 2 * precision * recall / (precision + recall) : 0
			printf "%.4f %.4f %.4f %d %d %d\n", precision, recall, f, right, missed, wrong
		}' traffic/truth.csv "$1"
}

# A forest of two classes, from features and labels; returns 1 if no row is a labelled
# scanner, or all are.
train() { # FEATURES LABELS MODEL [OPTION...]
	train_features=$1 train_labels=$2 train_model=$3
	shift 3
	SOURCE_DATE_EPOCH=0 backscatter train --features "$train_features" --labels "$train_labels" \
		--classes two --positive scan --trees "$trees" --seed "$seed" -o "$train_model" "$@" \
		2>"$part/train.log" || {
		grep -q -e "no row has the class 'scan'" -e "nothing to tell apart" \
			"$part/train.log" && return 1
		cat "$part/train.log" >&2
		exit 1
	}
}

# Whether the program knows an option.
has_option() { # COMMAND OPTION
	"${BACKSCATTER:-backscatter}" "$1" --help 2>/dev/null | grep -q -e "$2"
}

# N addresses out of a list of one a line, drawn by a seed. A generator of its own, for rand()
# differs between programs. Selection sampling: Knuth, TAOCP 2, algorithm S.
draw() { # N SEED FILE
	awk -v n="$1" -v seed="$2" -v all="$(wc -l <"$3")" '
		BEGIN { x = (seed * 7919 + n) % 2147483646 + 1 }
		{
			x = x * 16807 % 2147483647
			if (x / 2147483647 * (all - NR + 1) < n - taken) { taken++; print }
		}' "$3"
}

# The scanners that the darknet labels on the day of training and that have features.
labelled_scanners() {
	awk -F, -v date="$(date_of "$train_day")" '
		FILENAME == ARGV[1] { if (FNR > 1) seen[$3] = 1; next }
		$4 == "scan" && substr($1, 1, 10) == date && ($3 in seen) && !done[$3]++ { print $3 }
		' "features-$train_day.csv" labels.csv
}

# Labels of the lists, and of the day of training those of the scanners of a list of addresses.
labels_with() { # SCANNERS
	awk -F, -v date="$(date_of "$train_day")" '
		FILENAME == ARGV[1] { chosen[$1] = 1; next }
		FNR == 1 || $5 == "list" || ($4 == "scan" && substr($1, 1, 10) == date && ($3 in chosen))
		' "$1" labels.csv
}

# What evaluate prints, as CSV.
learner_table() { # TABLE
	awk 'BEGIN { print "learner,classes,SMOTE,accuracy,+-,precision,+-,recall,+-,F,+-,F of scan,+-" }
		$1 == "tree" || $1 == "forest" || $1 == "svm" {
			line = $1
			for (i = 2; i <= NF; i++) line = line "," $i
			print line
		}' "$1"
}

# What overlap writes, both groups of a day beside each other; the first column is the offset in
# units of DAYS.
overlap_table() { # NAME DAYS OVERLAP
	awk -F, -v name="$1" -v unit="$2" '
		FNR == 1 {
			for (i = 1; i <= NF; i++) column[$i] = i
			print name ",benign,malicious,benign seen again,malicious seen again"
			next
		}
		{
			offset = $column["offset"]
			if (!(offset in known)) { known[offset] = 1; order[++n] = offset }
			share[offset, $column["group"]] = $column["seen_share"]
			count[offset, $column["group"]] = $column["seen"]
		}
		END {
			for (i = 1; i <= n; i++) {
				o = order[i]
				printf "%d,%.4f,%.4f,%d,%d\n", o / unit, share[o, "benign"], share[o, "malicious"],
					count[o, "benign"], count[o, "malicious"]
			}
		}' "$3"
}
