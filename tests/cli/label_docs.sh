#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The taxonomy in --help, which is made from the tables of the code, against the manual page and
# the description of the file: every name, default and sentence.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"
backscatter=$top_builddir/backscatter
[ -x "$backscatter" ] || { echo "Bail out! there is no $backscatter"; exit 1; }

help=$("$backscatter" label --help)
page=$top_srcdir/doc/man/backscatter-label.1
text=$top_srcdir/doc/formats/labels.md

# "NAME|SENTENCE" of the section of the help that begins with $1.
section() {
	printf '%s\n' "$help" | awk -v head="$1" '
		index($0, head) == 1 { inside = 1; next }
		/^[^ ]/ || /^$/ { if (inside && name != "") { print name "|" words }; inside = 0; name = "" }
		!inside { next }
		/^      / { sub(/^ +/, ""); words = words == "" ? $0 : words " " $0; next }
		{ if (name != "") { print name "|" words }; name = $0; sub(/^ +/, "", name); words = "" }
		END { if (inside && name != "") { print name "|" words } }'
}

# The same of the manual page: ".It Li NAME" and what follows.
items=$(awk '
	/^\./ { if (name != "") { print name "|" words }; name = "" }
	/^\.It Li / { name = $0; sub(/^\.It Li /, "", name); words = ""; next }
	name != "" { words = words == "" ? $0 : words " " $0 }' "$page")

events=$(section Events)
tools=$(section Tools)
# Parameters have one line: "NAME=VALUE SENTENCE".
parameters=$(section Parameters | sed 's/|$//; s/^\([^ ]*\)  */\1|/')
is "$(printf '%s\n' "$events" | wc -l | tr -d ' '):$(printf '%s\n' "$tools" | wc -l | tr -d ' '):$(
	printf '%s\n' "$parameters" | wc -l | tr -d ' ')" 11:4:4 "events, tools and parameters are found"
is "$items" "$events
$parameters
$tools" "the manual page says what the tables say"
empty "$(printf '%s\n' "$events" | cut -d '|' -f 1 | while read -r name; do
	grep -qF "\`$name\`" "$text" || echo "$name"; done)" "labels.md has all events"
empty "$(printf '%s\n' "$tools" | cut -d '|' -f 1 | while read -r name; do
	grep -qF "\`$name\`" "$text" || echo "$name"; done)" "and all tools"

# The columns.
for columns in labels events series conflicts; do
	ok "$columns.csv is described" grep -q "^## $columns.csv" "$text"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo 192.0.2.1 >"$work/mail"
"$backscatter" label --list mail="$work/mail" -o "$work/labels" --events "$work/events" \
	--series "$work/series" --conflicts "$work/conflicts"
all=$(for file in labels events series conflicts; do sed -n 1p "$work/$file"; done | tr ',' '\n' | sort -u)
ok "columns are found" test "$(echo "$all" | wc -l)" -gt 18
empty "$(for column in $all; do grep -qE "\`([a-z_]+,)*$column(,[a-z_]+)*\`" "$text" || echo "$column"; done)" \
	"labels.md has all columns"
tap_done
