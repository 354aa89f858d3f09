#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backscatter simulate: the command line, what it prints, and how it fails.
program=${top_builddir:-.}/backscatter
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
count=0

# check NAME COMMAND...: one line of TAP.
check() {
	name=$1
	shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$folder/out" "$folder/err"
	fi
}

# run STATUS ARGUMENT...: true if the command ends with that status.
run() {
	wanted=$1
	shift
	"$program" simulate "$@" >"$folder/out" 2>"$folder/err"
	test $? -eq "$wanted"
}

# One line on standard error that holds the text.
says() {
	test "$(wc -l <"$folder/err")" -eq 1 && grep -qF -- "$1" "$folder/err"
}

check "help" run 0 --help
check "help names every option" grep -q -- --originators "$folder/out"

# Wrong command lines: status 2, one sentence with the option or the value.
while IFS='|' read -r text arguments; do
	# shellcheck disable=SC2086 # the arguments are several words
	check "refused: '$arguments'" run 2 $arguments
	check "and says why" says "$text"
	check "and prints nothing else" test ! -s "$folder/out"
done <<-END
	-o|
	--days|-o $folder/x --days 0
	'367'|-o $folder/x --days 367
	'two'|-o $folder/x --days two
	'-1'|-o $folder/x --seed -1
	--originators|-o $folder/x --originators 11
	--scale|-o $folder/x --scale 0
	'1e9'|-o $folder/x --scale 1e9
	'big'|-o $folder/x --scale big
	'leaves'|-o $folder/x --authority leaves
	'JPN'|-o $folder/x --authority root:JPN
	--forge|-o $folder/x --forge 1000001
	'2024-02-30'|-o $folder/x --start 2024-02-30
	'2024-01-01T10:00:00Z'|-o $folder/x --start 2024-01-01T10:00:00Z
	2106|-o $folder/x --start 2107-01-01
	'text'|-o $folder/x --format text
	--colour|-o $folder/x --colour red
	'more'|-o $folder/x more
END
check "nothing was made" test ! -e "$folder/x"

check "a run" run 0 -o "$folder/x" --days 1 --originators 50 --start 2025-06-07
check "nothing on standard error when it is no terminal" test ! -s "$folder/err"
told() {
	wanted="^wrote $folder/x: 1 days, seed 1: [0-9]+ queries for [0-9]+ originators"
	tail -n 1 "$folder/out" | grep -qE "$wanted by [0-9]+ queriers\$"
}
check "the last line tells what was written" told
files="authority-1.pcap countries.txt pfx2as.txt queriers.csv truth.csv"
check "five files and nothing else" test "$(cd "$folder/x" && echo *)" = "$files"
other_days() {
	tail -n +2 "$folder/x/truth.csv" | cut -d, -f3,4 | grep -cv '^2025-06-07T.*,2025-06-07T'
}
check "the first day is the one asked for" test "$(other_days)" -eq 0

# The queries as dnstap are the same queries.
check "a run in both forms" run 0 -o "$folder/both" --days 1 --originators 200 --format both
extract() {
	name=$1
	shift
	"$program" extract --min-queriers 5 "$@" -o "$folder/$name.csv" 2>"$folder/err"
}
check "extract reads pcap" extract pcap "$folder/both/authority-1.pcap" \
	--queriers "$folder/both/queriers.csv"
check "and dnstap" extract dnstap "$folder/both/authority-1.dnstap" \
	--queriers "$folder/both/queriers.csv"
check "there are originators" test "$(wc -l <"$folder/pcap.csv")" -gt 30
check "with the same features" cmp "$folder/pcap.csv" "$folder/dnstap.csv"

# The address plan says of every querier what the table of queriers says.
sed 's/,[0-9]*,[A-Z][A-Z]$/,,/' "$folder/both/queriers.csv" >"$folder/names.csv"
check "extract takes pfx2as.txt and countries.txt" extract plan "$folder/both/authority-1.pcap" \
	--queriers "$folder/names.csv" --asn-db "$folder/both/pfx2as.txt" \
	--country-db "$folder/both/countries.txt"
check "and finds the same" cmp "$folder/pcap.csv" "$folder/plan.csv"
extract blind "$folder/both/authority-1.pcap" --queriers "$folder/names.csv"
differs() {
	! cmp -s "$folder/pcap.csv" "$folder/blind.csv"
}
check "which it does not without them" differs
check "dnstap alone" run 0 -o "$folder/both" --days 1 --originators 200 --format dnstap
check "leaves no pcap of before" test "$(cd "$folder/both" && echo authority*)" = \
	authority-1.dnstap

# Parameters: a file changes what it names; a wrong one is told with its line.
printf '[resolvers]\nminimises = 0\n' >"$folder/good"
printf '[resolvers]\nminimises = 2\n' >"$folder/bad"
check "other parameters" run 0 -o "$folder/y" --days 1 --originators 50 --parameters "$folder/good"
check "other traffic" sh -c "! cmp -s '$folder/x/authority-1.pcap' '$folder/y/authority-1.pcap'"
check "wrong parameters" run 1 -o "$folder/y" --parameters "$folder/bad"
check "are told with their line" says "$folder/bad:2: 'minimises'"
check "no parameters" run 1 -o "$folder/y" --parameters "$folder/none"
check "are named" says "$folder/none"
check "the scale" run 0 -o "$folder/y" --days 1 --originators 500 --scale 0.1
check "is a factor" run 0 -o "$folder/z" --days 1 --originators 50
check "and nothing else" cmp -s "$folder/y/authority-1.pcap" "$folder/z/authority-1.pcap"

# Heights: the same lookups, heard by others; what is said of the heights is the same.
check "at the leaves" run 0 -o "$folder/leaf" --days 1 --originators 100
grep -E '^(lookups|height)' "$folder/out" >"$folder/heights"
check "all heights are told of" test "$(wc -l <"$folder/heights")" -eq 5
check "at the root" run 0 -o "$folder/root" --days 1 --originators 100 --authority root
check "the heights are the same" sh -c "grep -E '^(lookups|height)' '$folder/out' |
	cmp -s - '$folder/heights'"
size() { wc -c <"$folder/$1/authority-1.pcap"; }
check "but there is less to hear" test $(($(size root) * 3)) -lt "$(size leaf)"
check "of one country" run 0 -o "$folder/root" --days 1 --originators 100 --authority root:US
check "a country that there is not" run 2 -o "$folder/root" --authority root:XX
check "is named" says "'XX'"
check "forged queriers" run 0 -o "$folder/leaf" --days 1 --originators 100 --forge 40
check "are told of" grep -q ',40$' "$folder/leaf/forged.csv"
victim=$(sed -n '2s/,.*//p' "$folder/leaf/forged.csv")
forged_queriers() {
	"$program" extract "$folder/leaf/authority-1.pcap" --queriers "$folder/leaf/queriers.csv" \
		-o - 2>"$folder/err" | grep -q ",$victim,"
}
check "and make the victim an originator" forged_queriers
check "nothing forged" run 0 -o "$folder/leaf" --days 1 --originators 100
check "leaves no forged.csv" test ! -e "$folder/leaf/forged.csv"

# Folders that cannot be.
check "a file instead of a folder" run 1 -o "$folder/x/truth.csv"
check "is named" says "$folder/x/truth.csv"
check "a folder in a missing one" run 1 -o "$folder/missing/y"
check "is named" says "$folder/missing/y"

mkdir "$folder/shut" && chmod 555 "$folder/shut"
if [ -w "$folder/shut" ]; then
	count=$((count + 1))
	echo "ok $count - a folder without write permission # SKIP this user may write everywhere"
else
	check "a folder without write permission" run 1 -o "$folder/shut"
	check "is named" says "$folder/shut"
fi

# A disk that fills up: files may have 64 blocks at most here. The old files stay.
cp "$folder/x/authority-1.pcap" "$folder/before"
full() {
	(trap '' XFSZ; ulimit -f 64; run 1 -o "$folder/x" --days 1 --originators 50 --seed 2)
}
check "a disk that is full" full
check "is told in one sentence" says "$folder/x/authority-1.pcap"
check "the file of the earlier run is whole" cmp -s "$folder/before" "$folder/x/authority-1.pcap"
check "nothing half is left behind" test "$(cd "$folder/x" && echo *)" = "$files"

if [ -e /dev/full ]; then
	lost() {
		"$program" simulate -o "$folder/x" --days 1 --originators 50 >/dev/full 2>"$folder/err"
		test $? -eq 1
	}
	check "a standard output that is full" lost
fi
echo "1..$count"
