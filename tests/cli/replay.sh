#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# `backscatter replay` against a real knotd on loopback. mod-queryacl answers only
# queriers of two prefixes, so the response codes show which addresses knotd believed.
backscatter=${top_builddir:-.}/backscatter
write_capture=${top_builddir:-.}/tests/cli/write_capture

PATH=$PATH:/usr/sbin:/usr/local/sbin
for program in knotd knotc kdig; do
	if ! command -v $program >/dev/null; then
		echo "1..0 # SKIP $program is not installed"
		exit 0
	fi
done

folder=$(mktemp -d) || exit 99
pid=
count=0
failures=0

stop() {
	if [ -n "$pid" ]; then
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		pid=
	fi
}

clean() {
	stop
	rm -rf "$folder"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

# check NAME COMMAND...: one check, good if the command succeeds.
check() {
	name=$1
	shift
	count=$((count + 1))
	if "$@" >"$folder/check" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		failures=$((failures + 1))
		sed 's/^/# /' "$folder/check" "$folder/out" "$folder/err"
	fi
}

# replay STATUS ARGUMENT...: runs it; succeeds if it exits with that status.
replay() {
	wanted=$1
	shift
	"$backscatter" replay "$@" >"$folder/out" 2>"$folder/err"
	status=$?
	[ $status -eq "$wanted" ] || { echo "exit status $status, not $wanted"; return 1; }
}

# says LINE...: succeeds if standard output has all these whole lines.
says() {
	for line in "$@"; do
		grep -qxF "$line" "$folder/out" || { echo "no line '$line'"; return 1; }
	done
}

complains() { grep -qF "$1" "$folder/err"; }

# at_least NAME VALUE: succeeds if the summary's number is not below the value.
at_least() {
	awk -F': ' -v name="$1" -v least="$2" \
		'$1 == name && $2 + 0 >= least { found = 1 } END { exit !found }' "$folder/out"
}

conf() {
	cat <<-END
	server:
	    rundir: $folder
	    identity: $folder
	    listen: 127.0.0.1@$port
	    $1
	database:
	    storage: $folder/db
	log:
	  - target: stderr
	    any: info
	mod-stats:
	  - id: count
	    query-type: on
	    request-protocol: on
	mod-queryacl:
	  - id: known
	    address: [ 198.51.100.0/24, 2001:db8:1::/48 ]
	template:
	  - id: default
	    storage: $folder
	    global-module: mod-stats/count
	zone:
	  - domain: 2.0.192.in-addr.arpa
	    file: zone
	    module: mod-queryacl/known
	END
}

answering() {
	[ "$(kdig +short +retry=0 +timeout=1 "@127.0.0.1" -p $port CH TXT id.server 2>/dev/null)" = "\"$folder\"" ]
}

# serve LINE: starts knotd with that line among its server options. Two knotd can share a
# port without a word (SO_REUSEPORT), so each run of this test begins at another one.
serve() {
	for try in 1 2 3 4 5; do
		port=$((20000 + ($$ * 7 + try * 1009) % 12000))
		conf "$1" >"$folder/knot.conf"
		knotd -c "$folder/knot.conf" 2>"$folder/knotd.log" &
		pid=$!
		for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			kill -0 "$pid" 2>/dev/null || break
			answering && return 0
			sleep 0.2
		done
		stop
	done
	return 1
}

counted() { knotc -s "$folder/knot.sock" stats mod-stats | grep -qxF "mod-stats.$1"; }

printf '%s\n' '@ 3600 SOA ns.example. admin.example. 1 3600 900 86400 60' \
	'@ NS ns.example.' '* PTR host.example.' >"$folder/zone"
: >"$folder/out"
: >"$folder/err"
capture=$folder/queries.pcap
check "the capture is written" "$write_capture" "$capture"

# The command line, without a server.
check "a server elsewhere is refused" replay 1 "$capture" --to 192.0.2.1@53
check "and the sentence says so" complains "127.0.0.0/8 or ::1 only, not to 192.0.2.1"
check "an IPv6 server elsewhere is refused" replay 1 "$capture" --to 2001:db8::1
check "a missing target is a usage error" replay 2 "$capture"
check "a missing capture is a usage error" replay 2 --to 127.0.0.1@5353
check "a port of 0 is a usage error" replay 2 "$capture" --to 127.0.0.1@0
check "a speed of 0 is a usage error" replay 2 "$capture" --to 127.0.0.1 --speed 0
check "speed and qps exclude each other" replay 2 "$capture" --to 127.0.0.1 --speed 1 --qps 1
check "a start in the past is a usage error" replay 2 "$capture" --to 127.0.0.1 --start-at 1000
check "a start that is no moment is a usage error" replay 2 "$capture" --to 127.0.0.1 --start-at now
check "a capture that is not there is named" replay 1 "$folder/missing" --to 127.0.0.1
check "by its path" complains "$folder/missing"

if ! serve "proxy-allowlist: 127.0.0.1"; then
	sed 's/^/# /' "$folder/knotd.log"
	echo "Bail out! knotd does not start"
	exit 1
fi
target=127.0.0.1@$port

# 30 + 20 + 1 queriers lie in the prefixes of mod-queryacl, 10 + 5 do not.
check "PTR queries are replayed" replay 0 "$capture" --to "$target"
check "all are answered, by their queriers' addresses" says "sent: 66" "answered: 66" \
	"rcode NOERROR: 51" "rcode NOTAUTH: 15" "unanswered: 0" "send errors: 0"
check "no faster than captured: 64 gaps of 2 ms" at_least seconds 0.128
# 41 queriers have IPv4 addresses; kdig was the 42nd.
check "knotd saw the PTR queries" counted "query-type[PTR] = 66"
check "knotd saw the IPv6 queriers" counted "request-protocol[udp6] = 25"

check "all types on demand" replay 0 "$capture" --to "$target" --all-queries --speed 100
check "are sent too" says "sent: 73" "answered: 73"
check "knotd saw them" counted "query-type[PTR] = 132"

check "a constant rate" replay 0 "$capture" --to "$target" --qps 200
check "is not exceeded: 65 gaps of 5 ms" at_least seconds 0.325

# The first packet's moment in the file is 1790000000; the TCP query lies a second before.
check "a base in the middle" replay 0 "$capture" --to "$target" --base 1790000000.1
check "leaves out what is before it" says "sent: 15" "left out before the base: 51"

start=$(($(date +%s) + 2))
check "a start on the clock" replay 0 "$capture" --to "$target" --start-at $start
check "is waited for" [ "$(date +%s)" -ge $start ]
check "and all is sent" says "sent: 66" "answered: 66"

size=$(wc -c <"$capture")
head -c $((size - 5)) "$capture" >"$folder/cut.pcap"
check "a cut capture fails" replay 1 "$folder/cut.pcap" --to "$target" --all-queries
check "after its whole packets" says "sent: 72" "answered: 72"
check "and is named" complains "capture '$folder/cut.pcap' cannot be read behind packet 72: truncated"
head -c 24 "$capture" >"$folder/empty.pcap"
check "a capture without queries fails" replay 1 "$folder/empty.pcap" --to "$target"
check "and is named too" complains "no PTR query to send in '$folder/empty.pcap'"

"$backscatter" replay - --to "$target" <"$capture" >"$folder/out" 2>"$folder/err"
check "standard input is a capture" says "sent: 66" "answered: 66"
stop

check "without a server" replay 1 "$capture" --to "$target"
check "the replay ends at once" complains "no server listens at $target"

if serve "async-start: off"; then
	check "without proxy-allowlist" replay 1 "$capture" --to "127.0.0.1@$port" --qps 10000
	check "nothing is answered" says "sent: 66" "answered: 0" "unanswered: 66"
fi

echo "1..$count"
[ $failures -eq 0 ]
