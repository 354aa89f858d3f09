#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# `extract --summary` of real captures against tshark, which decodes them independently:
# observations, partial names by depth, other names.
set -u
top_srcdir=${top_srcdir:-$(dirname "$0")/../..}
top_builddir=${top_builddir:-.}
. "$top_srcdir/tests/tap.sh"

data=${KB_TEST_DATA:-$top_srcdir/../shared/data}
[ -r "$data" ] || skip_all "no captures in KB_TEST_DATA or ../shared/data"
command -v tshark >/dev/null || skip_all "tshark is not installed"
work=$(mktemp -d ./extract_data.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT

# The DNS queries to port 53 of a file, each packet for itself: type, class, name.
queries() {
	tshark -r "$1" -o ip.defragment:FALSE -o ipv6.defragment:FALSE \
		-o tcp.desegment_tcp_streams:FALSE -o dns.desegment_dns_messages:FALSE \
		-Y 'dns.flags.response==0 && dns.flags.opcode==0 && dns.count.queries==1 &&
			(udp.dstport==53 || tcp.dstport==53)' \
		-T fields -e dns.qry.type -e dns.qry.class -e dns.qry.name 2>/dev/null
}

# The kinds of the names, by regular expressions and as the summary prints them.
judge() {
	awk -F '\t' '
	function octets(count, pattern, i) {
		for (i = 0; i < count; i++) pattern = pattern "(0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])[.]"
		return "^" pattern "in-addr[.]arpa$"
	}
	function nibbles(count, pattern, i) {
		for (i = 0; i < count; i++) pattern = pattern "[0-9a-f][.]"
		return "^" pattern "ip6[.]arpa$"
	}
	BEGIN {
		for (i = 0; i <= 4; i++) names[i] = octets(i)
		for (i = 0; i <= 32; i++) names6[i] = nibbles(i)
	}
	# tshark writes the root as "<Root>", and cuts names that are too long.
	{
		name = tolower($3)
		class = $2 ~ /^0x/ ? substr($2, length($2)) : $2
		depth = depth6 = -1
		for (i = 0; i <= 4; i++) if (name ~ names[i]) depth = i
		for (i = 0; i <= 32; i++) if (name ~ names6[i]) depth6 = i
		if (class != 1) next
		if (depth == 4 && $1 == 12) count["observations[ipv4]"]++
		else if (depth6 == 32 && $1 == 12) count["observations[ipv6]"]++
		else if (depth >= 0) count["partial[ipv4/" 8 * depth "]"]++
		else if (depth6 >= 0) count["partial[ipv6/" 4 * depth6 "]"]++
	}
	END { for (i in count) print i " = " count[i] }' | sort
}

check() { # FILE
	case $1 in
	*.xz) xz -dc "$data/$1" >"$work/capture" ;;
	*) cp "$data/$1" "$work/capture" ;;
	esac
	queries "$work/capture" | judge >"$work/theirs"
	"$top_builddir/backscatter" extract "$data/$1" --summary >"$work/summary"
	is "$?" 0 "$1 is read"
	grep -E '^(observations|partial)\[' "$work/summary" | sort >"$work/ours"
	is "$(cat "$work/ours")" "$(cat "$work/theirs")" "$1: observations and partial names as in tshark"
}

for name in bind bind2 kres kres2 pdns pdns2 ub ub2; do
	check "resolver-lab/$name.pcap"
	ok "there are some" grep -q '^observations' "$work/ours"
done
check compactor/test-scripts_nsd-live.raw.pcap.xz
is "$(grep observations "$work/ours")" "observations[ipv4] = 77
observations[ipv6] = 5" "77 and 5 complete reverse names"
check compactor/test-scripts_gold.pcap.xz
check dnscap/src_test_vlan11.pcap
tap_done
