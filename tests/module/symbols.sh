#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What leaves the module, and how it is linked.
. "$top_srcdir/tests/tap.sh"
module=$top_builddir/.libs/backscatter.so
for program in nm readelf; do
	command -v $program >/dev/null || skip_all "$program is not installed"
done
is "$(nm -D --defined-only "$module" | awk '{ print $3 }')" knotd_mod_api "one symbol leaves it"
ok "it stays mapped (nodelete)" sh -c "readelf -d '$module' | grep -q NODELETE"
empty "$(nm -D --undefined-only "$module" | awk '{ print $2 }' |
	grep -E '^(printf|puts|exit|abort|system|popen|socket|connect|sendto)(@|$)')" \
	"it neither prints, ends the process nor opens a socket"
tap_done
