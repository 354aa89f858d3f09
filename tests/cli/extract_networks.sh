#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backscatter extract: ASes and countries of networks give the features that a table of the
# queriers gives; the table goes before; files that are none.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"

program=$top_builddir/backscatter
work=$(mktemp -d ./networks.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
"$top_builddir/tests/cli/write_capture" "$work/capture.pcap"

# Runs extract for all originators of that capture into the file $1; leaves $status and err.
run() { # FILE OPTION...
	into=$work/$1
	shift
	"$program" extract "$work/capture.pcap" --min-queriers 1 "$@" >"$into" 2>"$work/err"
	status=$?
}

# The last run was refused by one sentence that has $1.
refused() { # TEXT NAME
	is "$status:$(wc -l <"$work/err" | tr -d ' ')" "$2:1" "$3: one sentence"
	ok "$3: $1" grep -qF -- "$1" "$work/err"
}

# What the capture's queriers are, one by one and by their networks.
{
	echo querier,name,asn,country
	seq 1 99 | sed 's/.*/198.51.100.&,,64500,CZ/'
	seq 1 10 | sed 's/.*/203.0.113.&,,64501,JP/'
	seq 1 20 | awk '{ printf "2001:db8:1::%x,,64502,DE\n", $1 }'
	seq 1 5 | awk '{ printf "2001:db8:2::%x,,64502,FR\n", $1 }'
} >"$work/queriers.csv"
printf '198.51.100.0\t24\t64500\n203.0.113.0\t24\t64501_7\n2001:db8::\t32\t64502\n' >"$work/as"
printf '198.51.100.0\t24\tCZ\n203.0.113.0\t24\tjp\n2001:db8::\t32\tFR\n2001:db8:1::\t48\tDE\n' >"$work/country"

run nothing.csv
is "$(sed -n 2p "$work/nothing.csv" | grep -c ',,,,$')" 1 "without either the four features are missing"
run table.csv --queriers "$work/queriers.csv"
is "$status" 0 "with a table"
is "$(grep -c ',,,,$' "$work/table.csv")" 0 "they are there"
run networks.csv --asn-db "$work/as" --country-db "$work/country"
is "$status" 0 "with networks"
ok "they are the same" cmp "$work/table.csv" "$work/networks.csv"

# A table that says another thing for all.
sed 's/,645[0-9]*,[A-Z]*$/,1,US/' "$work/queriers.csv" >"$work/other.csv"
run other-table.csv --queriers "$work/other.csv"
run both.csv --queriers "$work/other.csv" --asn-db "$work/as" --country-db "$work/country"
ok "the table goes before" cmp "$work/other-table.csv" "$work/both.csv"
sed 's/,1,US$/,,/' "$work/other.csv" >"$work/empty.csv"
run filled.csv --queriers "$work/empty.csv" --asn-db "$work/as" --country-db "$work/country"
ok "what it leaves open is filled" cmp "$work/table.csv" "$work/filled.csv"

run bad.csv --asn-db "$work/missing"
refused "cannot open '$work/missing': No such file" 1 "no file"
run bad.csv --asn-db "$work/capture.pcap"
refused "$work/capture.pcap:1: this is neither a MaxMind DB nor text" 1 "a file of another kind"
run bad.csv --country-db "$work/as"
refused "$work/as:1: this is no country of two letters" 1 "ASes for countries"
run bad.csv --asn-db "$work/as" --asn-path a//b
refused "--asn-path takes one to 8 keys with '/' between them, not 'a//b'" 2 "a path of keys that is none"
tap_done
