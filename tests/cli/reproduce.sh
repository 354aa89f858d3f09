#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/reproduce: the quick run once, its page, its claims, the same bytes again.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"
top_srcdir=$(cd "$top_srcdir" && pwd)
top_builddir=$(cd "$top_builddir" && pwd)
backscatter=$top_builddir/backscatter
[ -x "$backscatter" ] || { echo "Bail out! there is no $backscatter"; exit 1; }
command -v gnuplot >/dev/null || skip_all "there is no gnuplot"
# A minute of work in a plain build: nothing here is new to the sanitizers.
! ldd "$backscatter" | grep -q -e libasan -e libtsan -e libubsan || skip_all "built with sanitizers"
work=$(mktemp -d ./reproduce.XXXXXX) || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
reproduce=$top_srcdir/scripts/reproduce

# The command line.
"$reproduce" --part none >out 2>err
is "$?:$(wc -l <err | tr -d ' '):$(grep -c "no part 'none'" err)" 2:1:1 "no such part"
"$reproduce" --seed x >out 2>err
is "$?:$(grep -c "not 'x'" err)" 2:1 "a seed that is none is refused"
is "$("$reproduce" --help | sed -n 's/^ *\(--[a-z]*\) .*/\1/p' | tr '\n' ' ')" \
	"--quick --seed --seeds --part --check --build " "the help tells the options"

# The whole quick run.
"$reproduce" --quick --build "$top_builddir" -o page >log 2>&1
is "$?" 0 "the quick run ends well" || sed 's/^/# /' log
sed -n '/^== claims/,$s/^/# /p' log
ok "there is a page" test -s page/index.html
ok "and the same as text" test -s page/index.txt
is "$(grep -c -e '^<h2>' page/index.html)" "$(grep -c '^-----*$' page/index.txt)" \
	"with the same sections"
empty "$(grep -oE '(src|href)="[^"]*"' page/index.html | cut -d'"' -f2 | while read -r file; do
	[ -s "page/$file" ] || echo "$file"
done)" "what the page names is there"
empty "$(grep -nE -e 'https?:' -e "$work" page/index.html)" "no network, no path of a machine"
ok "it says that all is simulated" grep -q 'All traffic here is simulated' page/index.txt
empty "$(cd page && for picture in *.svg; do
	[ -s "${picture%.svg}.png" ] || echo "$picture"
done)" "each picture is there as PNG, too"
# What is left out is told in the log of the test, and here by name.
grep -e '^Left out:' page/index.txt | sed 's/^/# /'

# Claims: what does not hold is a finding that doc/reproduce.md tells by its name.
is "$(cut -d, -f1 page/claims.csv | sed 1d | tr '\n' ' ')" \
	"forest-tree forest-svm smote smote-rare re-extract re-extract-smote malicious-overlap \
self-train self-train-smote " "the claims"
# shellcheck disable=SC2016
known=$(sed -n 's/^| `\([a-z-]*\)` |.*| does not hold |$/\1/p' "$top_srcdir/doc/reproduce.md" |
	sort)
awk -F, '$NF == "yes" || $NF == "no" { print $1, $NF }' page/claims.csv | while read -r claim holds; do
	told=$(echo "$known" | grep -cx -e "$claim")
	case $holds$told in
	no0) echo "$claim does not hold, and no finding is told" ;;
	yes1) echo "$claim holds, and a finding is told" ;;
	esac
done >differences
empty "$(cat differences)" "the claims hold, but those that are told as findings"
ok "most claims hold" test "$(grep -c ',yes$' page/claims.csv)" -ge 4
empty "$(grep ',not checked$' page/claims.csv)" "all are checked"

# The same bytes again: a part on the same data, and small data made twice.
BACKSCATTER=$backscatter "$top_srcdir/scripts/reproduce_parts/overlap" page/data again
for name in one two; do
	mkdir "$name"
	printf '%s\n' quick=1 seed=5 days=7 train_day=3 originators=300 trees=10 repeats=2 \
		darknet=198.18.0.0/16 >"$name/settings"
	for part in data overlap learners; do
		BACKSCATTER=$backscatter "$top_srcdir/scripts/reproduce_parts/$part" "$name" "$name.out"
	done
done >log 2>&1
{
	diff -r one.out two.out
	diff -rq one/traffic two/traffic
	for file in page/overlap*; do
		case $file in
		*.claims) ;;
		*) cmp "$file" "again/${file#page/}" ;;
		esac
	done
} >differences 2>&1
empty "$(cat differences)" "the same bytes" || sed 's/^/# /' log
is "$(find one.out -name '*.png' | wc -l | tr -d ' '):$(find again -name '*.svg' | wc -l | tr -d ' ')" \
	2:1 "pictures were among them"

# Parts that lack what they need say so, and make no figures.
mkdir empty
printf 'quick=1\nseed=1\ndays=14\ntrain_day=7\noriginators=100\ntrees=10\n' >empty/settings
for part in overlap learners strategies ipv6 attenuation detection labels; do
	BACKSCATTER=$backscatter "$top_srcdir/scripts/reproduce_parts/$part" empty none ||
		echo "$part failed"
	[ "$(find none -name "$part*" | tr '\n' ' ')" = "none/$part.part " ] || echo "$part made more"
	grep -q '^missing ' "none/$part.part" || echo "$part does not say why"
done >differences 2>&1
empty "$(cat differences)" "without labels a part is left out plainly"
tap_done
