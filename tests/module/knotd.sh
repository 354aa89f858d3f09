# SPDX-License-Identifier: GPL-3.0-or-later
# A real knotd on loopback with the module as built; to be sourced after tests/tap.sh.
#
#   knotd_begin               skips the test if Knot is absent; makes $folder
#   knotd_conf [SECTION]      writes $folder/knot.conf; SECTION are lines of mod-backscatter
#   knotd_start               starts it and waits until it answers; sets $pid
#   knotd_stop                stops it and waits for its end; sets $stopped to its exit status
#   ctl ARGUMENT...           knotc for it
#   ask NAME TYPE [OPTION]... a query by kdig
#   counter NAME              value of a counter, as in 'observations[ipv4]'; 0 if not shown
#   eventually SECONDS COMMAND...  repeats until it succeeds or the time is over
#   logged TEXT               succeeds if the log has the text
#
# $folder holds all of it: knot.conf, log, run/, zones/, store/. Variables that a
# test may set before knotd_conf: scope (global or zone), server_lines, user.

PATH=$PATH:/usr/sbin:/usr/local/sbin
module=$top_builddir/.libs/backscatter.so
backscatter=$top_builddir/backscatter
folder=
pid=
bare=
scope=global
server_lines=
sanitizer=

knotd_clean() {
	if [ -n "$pid" ]; then
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	fi
	if [ -n "$bare" ]; then
		kill "$bare" 2>/dev/null
		wait "$bare" 2>/dev/null
	fi
	if [ -n "$KB_KEEP" ]; then
		echo "# kept $folder"
	else
		rm -rf "$folder"
	fi
}

knotd_begin() {
	for program in knotd knotc kdig; do
		command -v $program >/dev/null || skip_all "$program is not installed"
	done
	# A module with a sanitizer needs its runtime before all other libraries.
	sanitizer=$(ldd "$module" | sed -n 's/.*lib[at]san[^ ]* => \([^ ]*\).*/\1/p')
	folder=$(mktemp -d "${TMPDIR:-/tmp}/backscatter.XXXXXX") || exit 99
	trap knotd_clean EXIT
	trap 'exit 1' HUP INT TERM
	mkdir "$folder/run" "$folder/zones" "$folder/store" "$folder/db"
	for zone in in-addr.arpa ip6.arpa; do
		printf '%s\n' '@ 3600 SOA ns.example. host.example. 1 3600 900 86400 300' \
			'@ 3600 NS ns.example.' >"$folder/zones/$zone.zone"
	done
	port=$((20000 + $$ % 20000))
}

knotd_conf() {
	cat >"$folder/knot.conf" <<-END
	server:
	    rundir: $folder/run
	    identity: test
	    listen: [127.0.0.1@$port, ::1@$port]
	    proxy-allowlist: [127.0.0.1, ::1]
	    udp-workers: 2
	    tcp-workers: 2
	$server_lines
	log:
	  - target: stdout
	    any: info
	database:
	    storage: $folder/db
	module:
	  - id: mod-backscatter
	    file: $module
	mod-backscatter:
	  - id: default
	    storage: $folder/store
	$1
	template:
	  - id: default
	    storage: $folder/zones
	    file: "%s.zone"
	    semantic-checks: off
	END
	if [ "$scope" = global ]; then
		echo "    global-module: mod-backscatter/default" >>"$folder/knot.conf"
	fi
	echo "zone:" >>"$folder/knot.conf"
	for zone in in-addr.arpa ip6.arpa; do
		printf '  - domain: %s\n    file: %s.zone\n' $zone $zone >>"$folder/knot.conf"
		if [ "$scope" = zone ]; then
			echo "    module: mod-backscatter/default" >>"$folder/knot.conf"
		fi
	done
}

ctl() {
	LD_PRELOAD=$sanitizer ASAN_OPTIONS=detect_leaks=0 \
		knotc -s "$folder/run/knot.sock" -t 30 "$@"
}

eventually() {
	tries=$(($1 * 10))
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

knotd_alive() { kill -0 "$pid" 2>/dev/null && ctl status; }

# Arguments go to knotd, as in `knotd_start -C FOLDER/confdb`; default: the text configuration.
knotd_start() {
	[ $# -gt 0 ] || set -- -c "$folder/knot.conf"
	LD_PRELOAD=$sanitizer ASAN_OPTIONS="log_path=$folder/sanitizer:exitcode=0:detect_leaks=1" \
		LSAN_OPTIONS="suppressions=$top_srcdir/tests/module/leaks.supp:print_suppressions=0" \
		UBSAN_OPTIONS="log_path=$folder/sanitizer:print_stacktrace=1" \
		TSAN_OPTIONS="log_path=$folder/sanitizer:exitcode=0:suppressions=$top_srcdir/tests/module/races.supp" \
		knotd "$@" >>"$folder/log" 2>&1 &
	pid=$!
	if ! eventually 20 ctl status; then
		sed 's/^/# /' "$folder/log"
		echo "Bail out! knotd does not start"
		exit 1
	fi
}

# A second server with the same zones, without the module, on the next port: $bare_port, $bare.
bare_start() {
	mkdir "$folder/bare" "$folder/bare-db"
	bare_port=$((port + 1))
	sed "/^module:/,/^template:/{/^template:/!d}; /module: mod-/d; s/@$port/@$bare_port/g
		s|$folder/run|$folder/bare|; s|storage: $folder/db|storage: $folder/bare-db|" \
		"$folder/knot.conf" >"$folder/bare.conf"
	knotd -c "$folder/bare.conf" >"$folder/bare.log" 2>&1 &
	bare=$!
	eventually 20 knotc -s "$folder/bare/knot.sock" status
}

bare_stop() {
	kill "$bare"
	wait "$bare" 2>/dev/null
	bare=
}

knotd_stop() {
	kill "$pid"
	wait "$pid"
	stopped=$?
	pid=
}

ask() {
	ask_name=$1 ask_type=$2
	shift 2
	kdig "@127.0.0.1" -p "$port" +timeout=2 +retry=1 "$ask_name" "$ask_type" "$@" >"$folder/answer" 2>&1
}

counter() {
	ctl stats mod-backscatter >"$folder/stats" 2>/dev/null
	value=$(sed -n "s/^mod-backscatter\.$(printf %s "$1" | sed 's/[][\/]/\\&/g') = //p" "$folder/stats")
	echo "${value:-0}"
}

counts() { [ "$(counter "$1")" -eq "$2" ]; }

logged() { grep -qF -- "$1" "$folder/log"; }

# Lines of the log that tell of trouble, and reports of sanitizers.
trouble() {
	grep -E ' (error|critical): ' "$folder/log"
	cat "$folder"/sanitizer.* 2>/dev/null | head -60
	true
}
