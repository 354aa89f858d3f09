#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Who may include whom: the layers of the design, checked on every #include.
#
# A folder of the project is one with a Makefile.inc. Headers are named with their
# folder ("sensor/window.h"); config.h and the system's are free, but only module/
# sees Knot's. tests/ may include everything of ours.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
. "$top_srcdir/tests/tap.sh"

# Folder: what it may include besides itself.
layers='
common:
sensor: common
classifier: common
capture: common
darknet: capture common
simulator: capture common
store: sensor common
module: sensor classifier store common
cli: sensor classifier capture darknet simulator store common
tests: *
doc:
'

# Of the classifier the module takes inference only: no header whose name says otherwise.
not_inference='train|grow|evaluat|metric|smote|svm|fold|split'

# Prints "FILE:LINE: what is wrong" for the tree below the folder $1.
check_layers() {
	(
		cd "$1" || exit 1
		# Names of files go into $files, complaints about folders (3) to the output.
		for makefile in */Makefile.inc; do
			folder=${makefile%/Makefile.inc}
			case $layers in
			*"
$folder:"*) find "$folder" -name '*.[ch]' -type f ;;
			*) echo "$folder/Makefile.inc:1: the folder has no layer in tests/house/layers.sh" >&3 ;;
			esac
		done 3>&1 >"$files" | sort
		sort "$files" | tr '\n' '\0' | xargs -0 -r awk -v layers="$layers" -v bad="$not_inference" '
			function complain(why) {
				print FILENAME ":" FNR ": " why
			}
			BEGIN {
				split(layers, lines, "\n")
				for (i in lines) {
					if (split(lines[i], parts, ": *") < 2) {
						continue
					}
					known[parts[1]] = 1
					may[parts[1], parts[1]] = 1
					size = split(parts[2], names, " ")
					for (j = 1; j <= size; j++) {
						may[parts[1], names[j]] = 1
					}
				}
			}
			!/^[ \t]*#[ \t]*include[ \t]*[<"]/ { next }
			{
				folder = FILENAME
				sub(/\/.*/, "", folder)
				header = $0
				sub(/^[ \t]*#[ \t]*include[ \t]*[<"]/, "", header)
				ours = $0 ~ /include[ \t]*"/
				sub(/[>"].*/, "", header)
				of = header
				sub(/\/.*/, "", of)
			}
			of ~ /^(knot|libknot|libdnssec|libzscanner)$/ {
				if (folder != "module" && FILENAME !~ /^tests\/.*module/) {
					complain("only module/ includes <" header ">")
				}
				next
			}
			header == "config.h" || (!ours && !(of in known)) { next }
			header !~ /\// {
				complain("\"" header "\" is to be named with its folder")
				next
			}
			!(folder SUBSEP of in may) && !(folder SUBSEP "*" in may) {
				complain(folder "/ may not include " header)
			}
			folder == "module" && of == "classifier" && header ~ bad {
				complain("module/ takes inference only, not " header)
			}'
	)
}

work=$(mktemp -d ./layers.XXXXXX) || exit 1
work=$(cd "$work" && pwd)
trap 'rm -rf "$work"' EXIT
files=$work/files

# The check itself, on a tree that keeps the rules and on one that breaks each of them.
make_tree() { # NAME
	for folder in common sensor classifier capture darknet simulator store module cli tests; do
		mkdir -p "$work/$1/$folder"
		: >"$work/$1/$folder/Makefile.inc"
	done
}

put() { # FILE LINE...
	file=$1
	shift
	printf '%s\n' "$@" >"$file"
}

make_tree good
put "$work/good/common/a.c" '#include "config.h"' '#include "common/a.h"' '#include <stdio.h>'
put "$work/good/sensor/a.c" '#include "sensor/b.h"' '#include "common/a.h"' '#include <urcu/urcu.h>'
put "$work/good/darknet/a.c" '#include "capture/a.h"'
put "$work/good/store/a.c" '#include "sensor/a.h"' '#include <lmdb.h>' '#include <sys/stat.h>'
put "$work/good/module/a.c" '#include <knot/module.h>' '#include "classifier/forest.h"' '#include "store/a.h"'
put "$work/good/cli/a.c" '#include "darknet/a.h"' '#include "simulator/a.h"' '// #include "module/a.h"'
put "$work/good/tests/a.c" '#include "module/a.h"' '#include "tests/tap.h"'
mkdir -p "$work/good/tests/module"
put "$work/good/tests/module/a.c" '#include <knot/module.h>'
empty "$(check_layers "$work/good")" "a tree that keeps the rules is let through"

make_tree bad
put "$work/bad/common/a.c" '#include <stdio.h>' '#include "sensor/a.h"'
put "$work/bad/common/b.h" '#  include	"../sensor/a.h"'
put "$work/bad/sensor/a.c" '#include "classifier/a.h"' '#include <libknot/libknot.h>'
put "$work/bad/sensor/b.c" '#include <knot/module.h>' '#include "b.h"'
put "$work/bad/classifier/a.c" '#include "sensor/feature.h"'
put "$work/bad/capture/a.c" '#include <sensor/a.h>'
put "$work/bad/darknet/a.c" '#include "classifier/dataset.h"'
put "$work/bad/simulator/a.c" '#include "sensor/a.h"'
put "$work/bad/store/a.c" '#include "classifier/model.h"'
put "$work/bad/module/a.c" '#include "capture/a.h"' '#include "classifier/forest_train.h"'
put "$work/bad/cli/a.c" '#include "module/a.h"' '#include "tests/tap.h"'
put "$work/bad/tests/a.c" '#include <knot/module.h>'
mkdir -p "$work/bad/gui"
: >"$work/bad/gui/Makefile.inc"
is "$(check_layers "$work/bad")" "gui/Makefile.inc:1: the folder has no layer in tests/house/layers.sh
capture/a.c:1: capture/ may not include sensor/a.h
classifier/a.c:1: classifier/ may not include sensor/feature.h
cli/a.c:1: cli/ may not include module/a.h
cli/a.c:2: cli/ may not include tests/tap.h
common/a.c:2: common/ may not include sensor/a.h
common/b.h:1: common/ may not include ../sensor/a.h
darknet/a.c:1: darknet/ may not include classifier/dataset.h
module/a.c:1: module/ may not include capture/a.h
module/a.c:2: module/ takes inference only, not classifier/forest_train.h
sensor/a.c:1: sensor/ may not include classifier/a.h
sensor/a.c:2: only module/ includes <libknot/libknot.h>
sensor/b.c:1: only module/ includes <knot/module.h>
sensor/b.c:2: \"b.h\" is to be named with its folder
simulator/a.c:1: simulator/ may not include sensor/a.h
store/a.c:1: store/ may not include classifier/model.h
tests/a.c:1: only module/ includes <knot/module.h>" "every broken rule is seen"

empty "$(check_layers "$top_srcdir")" "the layers of this tree"
is "$(wc -l <"$files" | awk '{ print ($1 > 20) }')" 1 "and its files were looked at"
tap_done
