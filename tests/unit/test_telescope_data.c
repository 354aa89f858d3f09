/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real captures of other projects as if they were a telescope's: what sources did in them,
 * counted by event and protocol. Skipped where they are not.
 */
#include <inttypes.h>

#include "capture/capture.h"
#include "common/moment.h"
#include "darknet/telescope.h"
#include "tests/unit/shared_data.h"

/* What a file holds: "EVENT PROTOCOL SOURCES PACKETS [TOOL]", divided by "; ". */
typedef struct {
	const char *path;
	uint64_t packets, sources;
	const char *events;
} expected_t;

/*
 * Packets by tshark: all of IP; backscatter.trace: 3431 with SYN and ACK, 1310 with RST, 28 of
 * ICMP, 2 of UDP. Windows of a week, so that each file is one; the darknet is the Internet.
 */
static const expected_t expected[] = {
	{ "bro-simple-scan/testing_pcaps_backscatter.trace", 4771, 203,
	  "backscatter tcp 199 4741; backscatter icmp 4 28; small-udp udp 2 2" },
	{ "bro-simple-scan/testing_pcaps_445_scan.pcap", 21, 1,
	  "network-scan-light tcp 1 21 conficker" },
	{ "bro-simple-scan/testing_pcaps_multiport_scan.pcap", 16, 7,
	  "network-scan-light tcp 1 6; backscatter icmp 6 6; small-syn tcp 1 4" },
	{ "bro-simple-scan/testing_pcaps_port_scan.pcap", 10, 1, "port-scan-light tcp 1 10" },
	{ "bro-simple-scan/testing_pcaps_scan_with_zero_windows.pcap", 10, 1,
	  "network-scan-light tcp 1 10" },
	{ "nDPI/tests_cfgs_default_pcap_ip_fragmented_garbage.pcap", 1252, 1,
	  "backscatter tcp 1 2; ip-fragment tcp 1 1250" },
	{ "nDPI/tests_cfgs_default_pcap_ripe_atlas.pcap", 7, 7, "small-udp udp 7 7" },
	{ "zeek/testing_btest_Traces_ipv4_fragmented-syn.pcap", 2, 1, "ip-fragment tcp 1 2" },
};

#define ROWS (EVENT_KINDS * GROUPS * TOOLS)

/* Sources and packets of each event, protocol and tool. */
typedef struct {
	uint64_t sources[EVENT_KINDS][GROUPS][TOOLS], packets[EVENT_KINDS][GROUPS][TOOLS];
	uint64_t all_sources;
	size_t events;
} sums_t;

static status_t take_event(void *context, size_t set, const event_t *event, failure_t *failure)
{
	(void)set, (void)failure;
	sums_t *sums = context;
	sums->sources[event->kind][event->protocol][event->tool]++;
	sums->packets[event->kind][event->protocol][event->tool] += event->packets;
	sums->events++;
	return STATUS_OK;
}

static status_t take_window(void *context, const telescope_window_t *window, failure_t *failure)
{
	(void)failure;
	sums_t *sums = context;
	sums->all_sources += window->sources;
	return STATUS_OK;
}

static telescope_t *open_telescope(sums_t *sums)
{
	static prefix_t internet[2];
	(void)prefix_parse("0.0.0.0/0", &internet[0]);
	(void)prefix_parse("::/0", &internet[1]);
	telescope_options_t options = telescope_defaults();
	options.prefixes = internet;
	options.prefix_count = 2;
	options.window = 7 * 86400 * MICROSECONDS;
	options.sink = (telescope_sink_t) { take_event, take_window, sums };
	telescope_t *telescope;
	tap_require(telescope_create(&options, &telescope, NULL) == STATUS_OK, "a telescope");
	return telescope;
}

/* Reads a file; returns false if it is not there. */
static bool read_file(const char *path, telescope_t *telescope)
{
	capture_t *capture;
	failure_t failure;
	frame_t frame;
	packet_t packet;
	if (capture_open(path, &capture, &failure) != STATUS_OK) {
		printf("# %s\n", failure.sentence);
		return false;
	}
	while (capture_next(capture, &frame, &failure) == STATUS_OK) {
		packet_kind_t kind = packet_decode(&frame, &packet);
		(void)telescope_take(telescope, frame.moment, &packet, kind, &failure);
	}
	capture_close(capture);
	return telescope_finish(telescope, &failure) == STATUS_OK;
}

static void write_sums(const sums_t *sums, char text[1024])
{
	size_t length = 0;
	text[0] = '\0';
	for (size_t i = 0; i < ROWS; i++) {
		event_kind_t kind = (event_kind_t)(i / (GROUPS * TOOLS));
		protocol_group_t group = (protocol_group_t)(i / TOOLS % GROUPS);
		tool_t tool = (tool_t)(i % TOOLS);
		uint64_t sources = sums->sources[kind][group][tool];
		if (sources > 0) {
			length += (size_t)snprintf(text + length, 1024 - length, "%s%s %s %" PRIu64 " %" PRIu64
			                           "%s%s", length > 0 ? "; " : "", event_info(kind)->name,
			                           protocol_group_name(group), sources,
			                           sums->packets[kind][group][tool], tool > 0 ? " " : "",
			                           tool_info(tool)->name);
		}
	}
}

static void check_expected(const char *folder, const expected_t *wanted)
{
	sums_t sums = { .events = 0 };
	telescope_t *telescope = open_telescope(&sums);
	char text[1024];
	ok(read_file(shared_path(folder, wanted->path), telescope), "%s is read", wanted->path);
	is_int(telescope_count(telescope, TELESCOPE_TAKEN), wanted->packets, "all its packets");
	is_int(sums.all_sources, wanted->sources, "its sources");
	write_sums(&sums, text);
	is_text(text, wanted->events, "its events");
	telescope_destroy(telescope);
}

/* The ZMap scans of the Service Location Protocol are told from the others. */
static void check_zmap(const char *folder)
{
	sums_t sums = { .events = 0 };
	telescope_t *telescope = open_telescope(&sums);
	ok(read_file(shared_path(folder, "nDPI/tests_cfgs_default_pcap_srvloc.pcap"), telescope),
	   "srvloc.pcap is read");
	uint64_t zmap = 0, packets = 0;
	for (event_kind_t kind = 0; kind < EVENT_KINDS; kind++) {
		zmap += sums.sources[kind][GROUP_UDP][TOOL_ZMAP];
		packets += sums.packets[kind][GROUP_UDP][TOOL_ZMAP];
	}
	ok(zmap > 10 && packets <= 343, "%" PRIu64 " sources with %" PRIu64 " of the 343 packets with "
	   "identification 54321 are ZMap's", zmap, packets);
	telescope_destroy(telescope);
}

int main(void)
{
	const char *folder = shared_folder();
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		check_expected(folder, &expected[i]);
	}
	check_zmap(folder);
	return tap_done();
}
