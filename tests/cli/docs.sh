#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The documentation against the code: every command, option, setting and counter has its
# place in a manual page, every page is installed and well formed, and what the README
# names is there.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"

backscatter=$top_builddir/backscatter
[ -x "$backscatter" ] || { echo "Bail out! there is no $backscatter"; exit 1; }
man=$top_srcdir/doc/man
PATH=$PATH:/usr/sbin:/usr/local/sbin
work=$(mktemp -d ./docs.XXXXXX) || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT

# Of the given words those that do not occur in a file behind the given text, as a whole word.
missing() { # FILE BEFORE WORD...
	file=$1
	before=$2
	shift 2
	for word in "$@"; do
		grep -qE -- "$before$word( |\$)" "$file" || echo "$word"
	done
}

# Long and short options of the left column of a help, as mdoc writes them: "-output", "o".
options_of() { # COMMAND
	"$backscatter" "$1" --help | sed '1,/^$/d' | grep -E '^ +-' |
		sed 's/^\( *-[^ ]*\(,* --*[^ ]*\)*\).*/\1/' | grep -oE -- '-[A-Za-z0-9-]+' | sed 's/^-//'
}

# The check itself: what is there is found, what is not is told.
printf '.It Fl o , Fl -output Ar FILE\n.It Cm min-queriers-ipv6\n' >"$work/page"
is "$(missing "$work/page" 'Fl ' o -output -out)" -out "a missing option is seen"
is "$(missing "$work/page" '^\.It Cm ' min-queriers min-queriers-ipv6)" min-queriers \
	"a setting is not taken for a longer one"

# Commands.
commands=$("$backscatter" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
ok "--help lists commands" test -n "$commands"
# shellcheck disable=SC2086
empty "$(missing "$man/backscatter.1" '^\.It Cm ' $commands)" "backscatter.1 has all commands"
for command in $commands; do
	page=$man/backscatter-$command.1
	ok "$command has a manual page" test -f "$page" || continue
	options=$(options_of "$command")
	ok "$command: there are options" test -n "$options"
	# shellcheck disable=SC2086
	empty "$(missing "$page" 'Fl ' $options -help)" "$command: its page has all options"
	summary=$("$backscatter" --help | sed -n "s/^  $command  *//p")
	is "$(sed -n 's/^\.Nd //p' "$page")" "$summary" "$command: the page and the help say the same"
done

# The module. Settings stand as "\x07""storage" in the schema, counters as { "queries", ….
settings=$(sed -n 's/.*"\\x[0-9A-F]*""\([a-z0-9-]*\)".*/\1/p' "$top_srcdir/module/schema.c")
is "$(printf '%s\n' "$settings" | grep -cE '^(storage|model|comment)$')" 3 "settings are found"
page=$man/mod-backscatter.7
# shellcheck disable=SC2086
empty "$(missing "$page" '^\.It Cm ' $settings)" "mod-backscatter.7 explains all settings"
# shellcheck disable=SC2046,SC2086
empty "$(missing "$page" '^    ' $(printf '%s:\n' $settings))" "and has them in its synopsis"
counters=$(sed -n 's/.*\[COUNTER_[A-Z_]*\] = { "\([a-z-]*\)".*/\1/p' "$top_srcdir/module/counters.c")
is "$(printf '%s\n' "$counters" | grep -cE '^(queries|model-age|errors)$')" 3 "counters are found"
# shellcheck disable=SC2086
empty "$(missing "$page" '^\.It Li ' $counters)" "mod-backscatter.7 explains all counters"
indices=$(grep 'names\[' "$top_srcdir/module/counters.c" | grep -oE '"[a-z]+"' | tr -d '"')
indices="$indices $(sed -n 's/.*\[QUERY_\(CLASSLESS\|SERVICE\|MALFORMED\|OUTSIDE\)\] = "\(.*\)".*/\2/p' \
	"$top_srcdir/sensor/query.c")"
indices="$indices $(sed -n 's/.*\[FILTER_[A-Z]*\] = "\([a-z][a-z]*\)".*/\1/p' "$top_srcdir/module/filter.c")"
indices="$indices $(sed -n 's/.*\[OBSERVE_\(SUPPRESSED\|REFUSED\|CAPPED\|LATE\)\] = "\(.*\)".*/\2/p' \
	"$top_srcdir/sensor/sensor.c")"
# shellcheck disable=SC2086
is "$(echo $indices | wc -w | tr -d ' ')" 16 "their indices are found"
# shellcheck disable=SC2086
empty "$(missing "$page" '^\.It Li [a-z]+ Ns \[ Ns Li ' $indices)" "and all their indices"

# Pages: all are installed, and well formed.
installed=$(sed -n '/^dist_man_MANS =/,/[^\\]$/p' "$top_builddir/Makefile" | grep -oE 'doc/man/[^ ]*' | sort)
is "$installed" "$(cd "$top_srcdir" && find doc/man -name '*.[1-9]' | sort)" "all pages are installed"
if command -v mandoc >/dev/null; then
	empty "$(cd "$top_srcdir" && mandoc -Tlint -W error doc/man/*.[1-9] 2>&1)" "mandoc finds no error"
else
	ok "mandoc finds no error # SKIP mandoc is not installed" true
fi
empty "$(grep -LE '^\.Dd ' "$man"/*.[1-9])" "all pages are in mdoc"
# Pages of ours that are referred to: "Xr backscatter-top 1" and "backscatter(1)".
references=$(cat "$man"/*.[1-9] "$top_srcdir/README.md" "$top_srcdir"/doc/*.md |
	grep -oE '(Xr (mod-)?backscatter[a-z-]* [1-9]|(mod-)?backscatter[a-z-]*\([1-9]\))' |
	sed 's/^Xr //; s/[ (]/./; s/)//' | sort -u)
ok "pages refer to each other" test -n "$references"
empty "$(for reference in $references; do [ -f "$man/$reference" ] || echo "$reference"; done)" \
	"and to none that is not there"

# Texts: files of ours that they name.
for text in README.md doc/architecture.md doc/operator.md; do
	files=$(grep -oE '(^|[^/A-Za-z0-9_.-])(scripts|doc|examples|tests|sensor|module|store|cli)/[A-Za-z0-9_./-]*[A-Za-z0-9]|NEWS|COPYING' \
		"$top_srcdir/$text" | grep -oE '[A-Za-z].*' | sort -u)
	ok "$text names files" test -n "$files"
	empty "$(cd "$top_srcdir" && for file in $files; do [ -e "$file" ] || echo "$file"; done)" \
		"$text: they are there"
done
is "$(grep -cE '^    scripts/(demo|test) ' "$top_srcdir/README.md")" 2 "README.md has the two commands"

# The example is a configuration that Knot takes, and shows the defaults.
# shellcheck disable=SC2046,SC2086
empty "$(missing "$top_srcdir/examples/knot.conf" '^    #?' $(printf '%s\n' $settings |
	grep -v comment | sed 's/$/:/'))" "the example has all settings"
module=$top_builddir/.libs/backscatter.so
sed "s|^#\(module:\)|\1|; s|^#\(  - id: mod-backscatter\)|\1|; s|^#\(    file: \).*|\1$module|
	s|/var/lib/knot|$work|; s|/run/knot|$work|; /^    user:/d" "$top_srcdir/examples/knot.conf" >"$work/knot.conf"
if ! command -v knotc >/dev/null || ldd "$module" | grep -q libtsan; then
	ok "knotc conf-check takes the example # SKIP knotc is not there, or cannot load the module" true
else
	sanitizer=$(ldd "$module" | sed -n 's/.*libasan[^ ]* => \([^ ]*\).*/\1/p')
	LD_PRELOAD=$sanitizer ASAN_OPTIONS=detect_leaks=0 knotc -c "$work/knot.conf" conf-check \
		>"$work/out" 2>&1
	tap_result $? "knotc conf-check takes the example" || sed 's/^/# /' "$work/out"
	is "$(grep -c 'file: .*backscatter.so' "$work/knot.conf")" 1 "with the module as built"
fi
tap_done
