#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backscatter extract --prefix64: the rows of a /64 are those of one originator in the place of
# all its addresses; rows of addresses do not change; labels of prefixes hold for a /64.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"

program=$top_builddir/backscatter
generator=$top_builddir/tests/module/write_trace
work=$(mktemp -d ./extract.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT

"$generator" "$work/plain.pcap" "$work/queriers.csv" 20
"$generator" "$work/folded.pcap" "$work/queriers.csv" 20 fold
run() { # CAPTURE [OPTION]...
	capture=$1
	shift
	"$program" extract "$work/$capture.pcap" --queriers "$work/queriers.csv" --window 20s \
		--window-ipv6 20s --period 2s --dedup 3s --min-queriers 3 --min-queriers-ipv6 1 "$@"
}

run plain -o "$work/without.csv"
run plain --prefix64 -o "$work/with.csv" --summary >"$work/summary"
is $? 0 "extract --prefix64"
run folded -o "$work/folded.csv"
grep '/64,' "$work/with.csv" | sed 's,/64,,' >"$work/subnets"
grep '::,' "$work/folded.csv" >"$work/naive"
is "$(wc -l <"$work/subnets")" 6 "six /64: two with many addresses, four with one"
ok "each has the row of all its addresses as one" cmp "$work/subnets" "$work/naive"
grep -v '/64,' "$work/with.csv" >"$work/addresses"
ok "rows of addresses are as without" cmp "$work/addresses" "$work/without.csv"
ok "the first address of a /64 is not the /64" grep -q ',2001:db8:2c8::,[12],' "$work/with.csv"
ok "which has many queriers" grep -qE ',2001:db8:2c8::/64,[1-9][0-9],' "$work/with.csv"
is "$(sed -n 's,^observations\[ipv6/64\] = ,,p' "$work/summary")" \
	"$(sed -n 's,^observations\[ipv6\] = ,,p' "$work/summary")" "the summary counts them by themselves"

# Labels: a /64 has that of a prefix that holds it, and none of its addresses'.
cat >"$work/labels.csv" <<END
address,class
2001:db8:2c8::/64,scan
2001:db8:2c8::,mail
2001:db8:c9::/48,scan
2001:db8:72::/64,mail
2001:db8:170::/40,mail
2001:db8:271::1701:271,mail
END
train() { # LINE: trains on rows with it
	(head -1 "$work/with.csv"; grep "$1" "$work/with.csv") >"$work/part.csv"
	"$program" train --features "$work/part.csv" --labels "$work/labels.csv" --seed 1 \
		-o "$work/model" >"$work/err" 2>&1
	awk '$1 == "other" || $1 == "scan" { printf "%s %s ", $1, $2 }' "$work/err"
}
is "$(train '/64,')" "other 3 scan 2 " "/64s have the labels of prefixes"
is "$(train '^[^,]*,[^,]*,2001:[0-9a-f:]*,')" "other 5 scan 47 " "and addresses theirs"
"$program" classify --model "$work/model" "$work/with.csv" >"$work/verdicts.csv" 2>"$work/err"
is "$? $(wc -l <"$work/verdicts.csv")" "0 $(wc -l <"$work/with.csv")" "classify takes both"
"$program" show --store "$work" 2001:db8::/63 2>"$work/err"
is $? 2 "show 2001:db8::/63 is refused"
ok "by its name" grep -q "'2001:db8::/63' is no address and no /64" "$work/err"
tap_done
