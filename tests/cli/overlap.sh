#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backscatter overlap: tables, CSV, JSON, and what is refused. What is counted, test_overlap holds.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"
top_builddir=$(cd "$top_builddir" && pwd)
backscatter=$top_builddir/backscatter
[ -x "$backscatter" ] || { echo "Bail out! there is no $backscatter"; exit 1; }
work=$(mktemp -d ./overlap.XXXXXX) || exit 1
trap 'cd / && rm -rf "$work"' EXIT
work=$(cd "$work" && pwd)
cd "$work" || exit 1

run() {
	"$backscatter" overlap "$@" >out 2>err </dev/null
	status=$?
}

refused() { # STATUS TEXT NAME
	is "$status:$(wc -c <out | tr -d ' '):$(wc -l <err | tr -d ' ')" "$1:0:1" "$3: status, one sentence"
	ok "$3: names $2" grep -qF -- "$2" err || sed 's/^/# /' err
}

cat >labels.csv <<'END'
window_start,window_seconds,address,class,event
,,198.51.100.0/24,mail,list
2026-01-01T00:00:00Z,86400,192.0.2.1,,one-flow
2026-01-02T00:00:00Z,86400,192.0.2.1,scan,network-scan-light
2026-01-02T00:00:00Z,86400,192.0.2.1,,small-syn
2026-01-02T00:00:00Z,86400,192.0.2.2,scan,network-scan-light
2026-01-02T00:00:00Z,86400,198.51.100.1,,backscatter
2026-01-02T00:00:00Z,86400,198.51.100.2,,backscatter
2026-01-02T00:00:00Z,86400,203.0.113.9,,backscatter
2026-01-04T00:00:00Z,86400,192.0.2.2,scan,network-scan-light
2026-01-04T00:00:00Z,86400,198.51.100.1,scan,network-scan-light
2026-01-04T00:00:00Z,86400,198.51.100.2,,backscatter
END
run labels.csv
is "$status:$(cat err)" 0: "a table"
is "$(cat out)" "labelled on 2026-01-02: 2 benign and 2 malicious addresses
                    BENIGN                       MALICIOUS
DAY      OFFSET       SEEN  SHARE  AGAIN  SHARE    SEEN  SHARE  AGAIN  SHARE
2026-01-01      -1       0 0.0000      0 0.0000       1 0.5000      0 0.0000
2026-01-02       0       2 1.0000      2 1.0000       2 1.0000      2 1.0000
2026-01-04       2       2 1.0000      1 0.5000       1 0.5000      1 0.5000" "as it should be"
csv="day,offset,group,labelled,seen,seen_share,again,again_share
2026-01-01,-1,benign,2,0,0,0,0
2026-01-01,-1,malicious,2,1,0.5,0,0
2026-01-02,0,benign,2,2,1,2,1
2026-01-02,0,malicious,2,2,1,2,1
2026-01-04,2,benign,2,2,1,1,0.5
2026-01-04,2,malicious,2,1,0.5,1,0.5"
run labels.csv --from 2026-01-02 -o overlap.csv
is "$(cat overlap.csv)" "$csv" "CSV"
sed -n '1,6p' labels.csv >one.csv
sed -n '1p;7,$p' labels.csv >two.csv
run two.csv one.csv -o overlap.csv
is "$(cat overlap.csv)" "$csv" "the same from two files"
run labels.csv --json
is "$(sed -n 2p out)" \
	'{"day":"2026-01-01","offset":-1,"group":"malicious","labelled":2,"seen":1,"seen_share":0.5,"again":0,"again_share":0.0}' \
	"JSON"
is "$(wc -l <out | tr -d ' ')" 6 "a line for each day and group"
run labels.csv --malicious mail,spam --from 2026-01-04
is "$(sed -n 1p out)" "labelled on 2026-01-04: 2 benign and 1 malicious addresses" "other classes are malicious"
cat >features.csv <<'END'
window_start,window_seconds,originator,queriers
2026-01-02T00:00:00Z,86400,192.0.2.1,30
2026-01-02T00:00:00Z,86400,198.51.100.77,30
2026-01-03T00:00:00Z,86400,198.51.100.77,30
END
run labels.csv --seen features.csv -o overlap.csv
is "$(cat overlap.csv)" "day,offset,group,labelled,seen,seen_share,again,again_share
2026-01-02,0,benign,1,1,1,1,1
2026-01-02,0,malicious,1,1,1,1,1
2026-01-03,1,benign,1,1,1,1,1
2026-01-03,1,malicious,1,0,0,0,0" "seen by features"

run
refused 2 "no file of labels" "nothing"
run none.csv
refused 1 "none.csv" "no such file"
run labels.csv --from yesterday
refused 2 "'yesterday'" "no day"
run labels.csv --from 2026-01-03
refused 1 "no address with a label was seen on 2026-01-03" "a day without labels"
run labels.csv --malicious scan,,spam
refused 2 "'scan,,spam'" "an empty class"
run -
refused 2 "standard input" "standard input"
run labels.csv --seen -
refused 2 "standard input" "standard input for features"
printf 'window_start,window_seconds,address,class\nnow,1,192.0.2.1,scan\n' >bad.csv
run labels.csv bad.csv
refused 1 "bad.csv:2: window_start 'now' is no moment" "a bad moment"
[ -w /dev/full ] && { run labels.csv -o /dev/full; refused 1 "/dev/full" "a full disk"; }
tap_done
