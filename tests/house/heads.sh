#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What every file of ours has to show: the licence, a bearable size, clean lines, no
# path of somebody's machine, `#pragma once` in headers and a comment on each prototype.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
. "$top_srcdir/tests/tap.sh"

# Files should have at most 500 lines; up to LINES_MAX this is only noted.
lines_wanted=500
lines_max=600
# Letters in brackets so that this file does not find itself.
machine_paths='/wor[k]/|/tmp/k[b]|/(home|root|Users)/[A-Za-z]'

# The files of the tree in the current folder, by kind: code, script, build or text.
# A folder of the project is one with a Makefile.inc, and scripts/ and .ci/.
list_files() {
	for folder in . */Makefile.inc scripts .ci; do
		folder=${folder%/Makefile.inc}
		depth=99
		[ "$folder" = . ] && depth=1
		[ -e "$folder" ] || continue
		find "$folder" -maxdepth "$depth" -type d \( -name corpus -o -name '.libs' -o -name '.deps' \) \
			-prune -o -type f -print
	done | sed 's|^\./||' | while IFS= read -r file; do
		case $file in
		config.h | config.h.in | Makefile.in | aclocal.m4 | configure | libtool | */.dirstamp) ;;
		# What a build in the tree makes.
		*.pb-c.[ch]) ;;
		*.c | *.h) echo "code $file" ;;
		*.sh | scripts/* | .ci/*) echo "script $file" ;;
		*.inc | *.am | *.ac) echo "build $file" ;;
		*.md) echo "text $file" ;;
		esac
	done | sort -k 2
}

# Prints "FILE:LINE: what is wrong" for the tree below the folder $1.
check_heads() {
	(
		cd "$1" || exit 1
		list_files >"$files"
		while IFS=' ' read -r kind file; do
			check_text "$file"
			[ "$kind" = text ] || check_licence "$file"
			[ "$kind" = build ] || [ "$kind" = text ] || check_size "$file"
			case $file in
			*.h) check_header "$file" ;;
			esac
		done <"$files"
	)
}

check_licence() {
	head -n 3 "$1" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' ||
		echo "$1:1: no SPDX head"
}

check_size() {
	size=$(wc -l <"$1")
	[ "$size" -le "$lines_max" ] || echo "$1:$size: more than $lines_max lines"
}

check_text() {
	awk -v paths="$machine_paths" '
		/[ \t\r]$/ { print FILENAME ":" FNR ": blanks at the end" }
		$0 ~ paths { print FILENAME ":" FNR ": a path of one machine" }' "$1"
}

# Prototypes are what begins in the first column, holds a parenthesis and ends with a
# semicolon outside of all braces. The line above has to end a comment.
check_header() {
	grep -q '^#pragma once$' "$1" || echo "$1:1: no #pragma once"
	awk '
		function forget() {
			declaration = ""
		}
		continued || /^[ \t]*#/ {
			continued = /\\$/
			above_is_comment = 0
			next
		}
		in_comment || /^[ \t]*\/\*/ {
			in_comment = !/\*\//
			above_is_comment = !in_comment
			next
		}
		{
			line = $0
			gsub(/"([^"\\]|\\.)*"/, "", line)
			gsub(/\/\*[^*]*\*\//, "", line)
			if (depth == 0 && declaration == "" && line ~ /^[A-Za-z_]/) {
				documented = above_is_comment
				from = FNR
			}
			if (depth == 0) {
				declaration = declaration line
			}
			above_is_comment = 0
			depth += gsub(/{/, "{", line) - gsub(/}/, "}", line)
			if (depth > 0 || line ~ /}/) {
				forget()
			} else if (line ~ /;[ \t]*$/) {
				if (declaration ~ /^[A-Za-z_].*\(/ && !documented &&
				    declaration !~ /^(typedef|_Static_assert|static_assert)/) {
					print FILENAME ":" from ": a prototype without a comment"
				}
				forget()
			} else if (line ~ /^[ \t]*$/) {
				forget()
			}
		}' "$1"
}

work=$(mktemp -d ./heads.XXXXXX) || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
files=$work/files

# The check itself, on a tree that keeps the rules and on one that breaks each of them.
spdx='SPDX-License-Identifier: GPL-3.0-or-later'
mkdir -p "$work/good/common" "$work/good/scripts" "$work/good/other" \
	"$work/bad/common/corpus" "$work/bad/scripts"
: >"$work/good/other/not-ours.c"
echo "# $spdx" | tee "$work/good/common/Makefile.inc" "$work/bad/common/Makefile.inc" >"$work/good/configure.ac"
printf '#!/bin/sh\n# %s\n' "$spdx" >"$work/good/scripts/demo"
printf '# Title\n\nText in /var/lib and /tmp/x.\n' >"$work/good/README.md"
cat >"$work/good/common/a.h" <<EOF
/* $spdx */
/*! About. */
#pragma once

#include <stddef.h>

/*! A value with a function. */
typedef struct {
	int (*run)(int);
	int value;
} a_t;

typedef int (*call_t)(int);
_Static_assert(sizeof(int) == 4, "int (of 4)");

#define A_LOOP(x) do { \\
	a_run(x); \\
} while (0)

extern const int a_table[4], a_other;

static inline int a_twice(int x)
{
	return 2 * a_thing("{", x);
}

/*! One line. */
int a_one(int x);

/*!
 * More lines.
 */
status_t a_two(int x, /* no */ int y,
               const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/*! At once. */
void a_three(void);
EOF
empty "$(check_heads "$work/good")" "a tree that keeps the rules is let through"
is "$(wc -l <"$files" | tr -d ' ')" 5 "its five files were looked at, and no other"

printf 'int x;  \n' >"$work/bad/common/a.c"
printf '/* %s */\n%s\n' "$spdx" 'const char *where = "/wor''k/main";' >"$work/bad/common/b.c"
printf '/* %s */\n' "$spdx" >"$work/bad/common/long.c"
awk 'BEGIN { for (i = 0; i < 600; i++) print "int x" i ";" }' >>"$work/bad/common/long.c"
printf '#!/bin/sh\ncd /home/''somebody\n' >"$work/bad/scripts/demo"
printf 'Two blanks  \n' >"$work/bad/NOTES.md"
printf 'no head, blanks \n' >"$work/bad/common/corpus/fixture.c"
cat >"$work/bad/common/a.h" <<EOF
/* $spdx */

int a_one(int x);
/*! Documented. */
int a_two(int x);
int a_three(int x,
            int y);

/*! Too far away. */

void *a_four(void);
#define A_FIVE 1
extern int a_five(void);
typedef struct {
	int x;
} a_t;
a_t a_six(void);
EOF
is "$(check_heads "$work/bad")" "NOTES.md:1: blanks at the end
common/a.c:1: blanks at the end
common/a.c:1: no SPDX head
common/a.h:1: no #pragma once
common/a.h:3: a prototype without a comment
common/a.h:6: a prototype without a comment
common/a.h:11: a prototype without a comment
common/a.h:13: a prototype without a comment
common/a.h:17: a prototype without a comment
common/b.c:2: a path of one machine
common/long.c:601: more than 600 lines
scripts/demo:2: a path of one machine
scripts/demo:1: no SPDX head" "every broken rule is seen"

empty "$(check_heads "$top_srcdir")" "the files of this tree"
is "$(wc -l <"$files" | awk '{ print ($1 > 40) }')" 1 "and they were looked at"
(cd "$top_srcdir" && while read -r kind file; do
	size=$(wc -l <"$file")
	case $kind in
	code | script) [ "$size" -le "$lines_wanted" ] ||
		echo "# note: $file has $size lines, $lines_wanted are the aim" ;;
	esac
done <"$files")
tap_done
