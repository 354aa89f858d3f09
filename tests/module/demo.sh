#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The whole path: simulate, extract, train, knotd with module and model, replay,
# verdicts against the truth. This is scripts/demo on a smaller Internet.
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/module/knotd.sh"
knotd_begin
"$top_srcdir/scripts/demo" --quick --build "$top_builddir" --folder "$folder/demo" \
	>"$folder/out" 2>&1
is $? 0 "the demo ends well, F of scan is at least 0.8"
sed 's/^/# /' "$folder/out"
ok "all queries are answered" grep -qx 'unanswered: 0' "$folder/out"
awk '/the same verdict for/ { sub(/.*for /, ""); good = $1 >= 95 } END { exit !good }' "$folder/out"
is $? 0 "live and offline verdicts agree"
empty "$(grep -E ' (error|critical): ' "$folder/demo/knotd.log")" "no trouble in the log"
ok "scanners are told in the log" grep -q 'scanner .*: probability' "$folder/demo/knotd.log"
tap_done
