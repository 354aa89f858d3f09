/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of labels, events, series and conflicts: every byte, from events made by hand. */
#include "config.h"

#include "darknet/labeller.h"

#include "common/moment.h"
#include "tests/tap.h"
#include "tests/unit/scratch.h"

#define DAY  (UINT64_C(86400) * MICROSECONDS)
#define WHEN (UINT64_C(20454) * DAY)  /* 2026-01-01 */

/* Streams in memory. */
typedef struct {
	FILE *files[LABEL_OUTPUTS];
	char *texts[LABEL_OUTPUTS];
	size_t sizes[LABEL_OUTPUTS];
} streams_t;

static void streams_open(streams_t *streams, labeller_options_t *options)
{
	for (label_output_t i = 0; i < LABEL_OUTPUTS; i++) {
		streams->files[i] = open_memstream(&streams->texts[i], &streams->sizes[i]);
		tap_require(streams->files[i] != NULL, "a stream");
		options->streams[i] = streams->files[i];
	}
}

static void streams_close(streams_t *streams)
{
	for (label_output_t i = 0; i < LABEL_OUTPUTS; i++) {
		fclose(streams->files[i]);
		free(streams->texts[i]);
	}
}

/* What was written since the last time. */
static void written(streams_t *streams, label_output_t output, const char *wanted, const char *name)
{
	fflush(streams->files[output]);
	is_text(streams->sizes[output] > 0 ? streams->texts[output] : "", wanted, "%s", name);
	rewind(streams->files[output]);
	memset(streams->texts[output], 0, streams->sizes[output]);
}

static event_t make_event(uint64_t window, const char *source, event_kind_t kind, uint64_t packets)
{
	event_t event = {
		.window_start = window, .window_length = DAY, .kind = kind, .protocol = GROUP_TCP,
		.packets = packets, .targets = 7, .ports = 0, .exact = true,
	};
	tap_require(address_parse(source, &event.source), "%s is an address", source);
	return event;
}

static void send_event(const telescope_sink_t *sink, const event_t *event)
{
	failure_t failure;
	tap_require(sink->event(sink->context, 0, event, &failure) == STATUS_OK, "an event is taken");
}

static void end(const telescope_sink_t *sink, uint64_t window, uint64_t packets, uint64_t refused)
{
	failure_t failure;
	telescope_window_t closed = {
		.start = window, .length = DAY, .packets = packets, .refused_packets = refused,
	};
	tap_require(sink->window(sink->context, &closed, &failure) == STATUS_OK, "a window is taken");
}

static label_lists_t *make_lists(void)
{
	static const char mail[] = "198.51.100.1\n198.51.100.2\n2001:db8::/32\n";
	static const char cloud[] = "198.51.100.0/24\n198.51.100.2\n";
	label_lists_t *lists = label_lists_create();
	char option[SCRATCH_PATH_MAX + 16];
	failure_t failure;
	tap_require(lists != NULL, "lists");
	(void)snprintf(option, sizeof(option), "mail=%s", scratch_write("m", mail, sizeof(mail) - 1));
	tap_require(label_lists_read(lists, option, &failure) == STATUS_OK, "mail");
	(void)snprintf(option, sizeof(option), "\"cloud\",=%s",
	               scratch_write("c", cloud, sizeof(cloud) - 1));
	tap_require(label_lists_read(lists, option, &failure) == STATUS_OK, "a class to be quoted");
	label_lists_finish(lists);
	return lists;
}

static void check_begin(streams_t *streams)
{
	char conflicts[2048];
	(void)snprintf(conflicts, sizeof(conflicts),
		"window_start,window_seconds,address,rule,class,source,other_class,other_source\n"
		",,198.51.100.1,longest-prefix,mail,%s/m,\"\"\"cloud\"\",\",%s/c\n"
		",,198.51.100.2,longest-prefix,mail,%s/m,\"\"\"cloud\"\",\",%s/c\n"
		",,198.51.100.2,first-list,mail,%s/m,\"\"\"cloud\"\",\",%s/c\n",
		scratch_folder, scratch_folder, scratch_folder, scratch_folder, scratch_folder,
		scratch_folder);
	written(streams, LABEL_OUTPUT_CONFLICTS, conflicts, "conflicts of lists");
	written(streams, LABEL_OUTPUT_LABELS,
		"window_start,window_seconds,address,class,event,protocol,packets,targets,ports,tool\n"
		",,198.51.100.0/24,\"\"\"cloud\"\",\",list,,,,,\n"
		",,198.51.100.1,mail,list,,,,,\n"
		",,198.51.100.2,mail,list,,,,,\n"
		",,2001:db8::/32,mail,list,,,,,\n", "rows of lists");
	written(streams, LABEL_OUTPUT_EVENTS,
		"window_start,window_seconds,address,class,event,protocol,packets,targets,ports,tool,"
		"flags,exact,listed\n", "header of events");
	written(streams, LABEL_OUTPUT_SERIES, "window_start,window_seconds,of,name,sources,share\n",
		"header of the series");
}

/* Sources of all sorts in one window. */
static void send_window(const telescope_sink_t *sink, uint64_t window)
{
	event_t event = make_event(window, "192.0.2.255", EVENT_NETWORK_SCAN_HEAVY, 12345678901234);
	event.tool = TOOL_ZMAP;
	event.flags = EVENT_FLAG_PORT_0 | EVENT_FLAG_BOGON;
	event.exact = false;
	send_event(sink, &event);
	event = make_event(window, "192.0.2.255", EVENT_SMALL_SYN, 1);
	event.ports = 10;
	send_event(sink, &event);
	event = make_event(window, "198.51.100.1", EVENT_BACKSCATTER, 5);
	event.flags = EVENT_FLAG_BOGON;
	send_event(sink, &event);
	event = make_event(window, "198.51.100.1", EVENT_PORT_SCAN_LIGHT, 9);
	event.protocol = GROUP_UDP;
	send_event(sink, &event);
	event.kind = EVENT_NETWORK_SCAN_LIGHT;
	send_event(sink, &event);
	event = make_event(window, "198.51.100.9", EVENT_PORT_SCAN_LIGHT, 9);
	send_event(sink, &event);
	event = make_event(window, "2001:db8::1", EVENT_OTHER, 9);
	event.protocol = GROUP_OTHER;
	send_event(sink, &event);
}

static void check_window(streams_t *streams)
{
	char conflicts[1024];
	written(streams, LABEL_OUTPUT_LABELS,
		"2026-01-01T00:00:00Z,86400,192.0.2.255,scan,network-scan-heavy,tcp,12345678901234,7,0,"
		"zmap before 4.1\n"
		"2026-01-01T00:00:00Z,86400,192.0.2.255,,small-syn,tcp,1,7,10,\n"
		"2026-01-01T00:00:00Z,86400,198.51.100.1,,backscatter,tcp,5,7,0,\n"
		"2026-01-01T00:00:00Z,86400,198.51.100.1,mail,port-scan-light,udp,9,7,0,\n"
		"2026-01-01T00:00:00Z,86400,198.51.100.1,mail,network-scan-light,udp,9,7,0,\n"
		"2026-01-01T00:00:00Z,86400,198.51.100.9,scan,port-scan-light,tcp,9,7,0,\n"
		"2026-01-01T00:00:00Z,86400,2001:db8::1,,other,other,9,7,0,\n", "labels");
	written(streams, LABEL_OUTPUT_EVENTS,
		"2026-01-01T00:00:00Z,86400,192.0.2.255,scan,network-scan-heavy,tcp,12345678901234,7,0,"
		"zmap before 4.1,port-0 bogon,0,\n"
		"2026-01-01T00:00:00Z,86400,192.0.2.255,,small-syn,tcp,1,7,10,,,1,\n"
		"2026-01-01T00:00:00Z,86400,198.51.100.1,,backscatter,tcp,5,7,0,,bogon,1,mail\n"
		"2026-01-01T00:00:00Z,86400,198.51.100.1,mail,port-scan-light,udp,9,7,0,,,1,mail\n"
		"2026-01-01T00:00:00Z,86400,198.51.100.1,mail,network-scan-light,udp,9,7,0,,,1,mail\n"
		"2026-01-01T00:00:00Z,86400,198.51.100.9,scan,port-scan-light,tcp,9,7,0,,,1,"
		"\"\"\"cloud\"\",\"\n"
		"2026-01-01T00:00:00Z,86400,2001:db8::1,,other,other,9,7,0,,,1,mail\n", "events");
	(void)snprintf(conflicts, sizeof(conflicts),
		"2026-01-01T00:00:00Z,86400,198.51.100.1,listed-address,mail,%s/m,scan,darknet\n"
		"2026-01-01T00:00:00Z,86400,198.51.100.9,darknet,scan,darknet,\"\"\"cloud\"\",\",%s/c\n",
		scratch_folder, scratch_folder);
	written(streams, LABEL_OUTPUT_CONFLICTS, conflicts, "each conflict once for a source");
}

static void check_series(streams_t *streams)
{
	written(streams, LABEL_OUTPUT_SERIES,
		"2026-01-01T00:00:00Z,86400,all,,4,1\n"
		"2026-01-01T00:00:00Z,86400,class,scan,3,0.75\n"
		"2026-01-01T00:00:00Z,86400,event,port-scan-heavy,0,0\n"
		"2026-01-01T00:00:00Z,86400,event,port-scan-light,2,0.5\n"
		"2026-01-01T00:00:00Z,86400,event,network-scan-heavy,1,0.25\n"
		"2026-01-01T00:00:00Z,86400,event,network-scan-light,1,0.25\n"
		"2026-01-01T00:00:00Z,86400,event,one-flow,0,0\n"
		"2026-01-01T00:00:00Z,86400,event,backscatter,1,0.25\n"
		"2026-01-01T00:00:00Z,86400,event,ip-fragment,0,0\n"
		"2026-01-01T00:00:00Z,86400,event,small-syn,1,0.25\n"
		"2026-01-01T00:00:00Z,86400,event,small-udp,0,0\n"
		"2026-01-01T00:00:00Z,86400,event,small-ping,0,0\n"
		"2026-01-01T00:00:00Z,86400,event,other,1,0.25\n"
		"2026-01-01T00:00:00Z,86400,tool,none,3,0.75\n"
		"2026-01-01T00:00:00Z,86400,tool,mirai,0,0\n"
		"2026-01-01T00:00:00Z,86400,tool,masscan,0,0\n"
		"2026-01-01T00:00:00Z,86400,tool,zmap before 4.1,1,0.25\n"
		"2026-01-01T00:00:00Z,86400,tool,conficker,0,0\n", "the series has every name");
}

static unsigned windows_closed;

static status_t closed(void *context, failure_t *failure)
{
	windows_closed++;
	return context != NULL ? failure_set(failure, STATUS_SYSTEM, "no more") : STATUS_OK;
}

static void check_totals(const label_totals_t *totals, uint64_t windows)
{
	is_int(totals->shares.windows, windows, "windows");
	is_int(totals->shares.sources, 4 * windows, "sources of all windows");
	is_int(totals->shares.scanners, 3 * windows, "scanners of all windows");
	is_int(totals->shares.packets, 100 * windows, "packets of all windows");
	is_int(totals->refused, 5 * windows, "refused packets");
	is_int(totals->rows, 7 * windows, "rows");
	is_int(totals->listed, 4, "rows of lists");
	is_int(totals->conflicts[LABEL_RULE_LONGEST_PREFIX], 2, "conflicts by longest prefix");
	is_int(totals->conflicts[LABEL_RULE_FIRST_LIST], 1, "conflicts by order");
	is_int(totals->conflicts[LABEL_RULE_ADDRESS], windows, "conflicts with an address");
	is_int(totals->conflicts[LABEL_RULE_DARKNET], windows, "conflicts with a network");
}

static void test_rows(void)
{
	label_lists_t *lists = make_lists();
	labeller_options_t options = { .lists = lists };
	streams_t streams = { 0 };
	streams_open(&streams, &options);
	labeller_t *labeller = labeller_create(&options);
	tap_require(labeller != NULL, "a labeller");
	labeller_begin(labeller);
	check_begin(&streams);
	telescope_sink_t sink = labeller_sink(labeller, closed, NULL);
	send_window(&sink, WHEN);
	end(&sink, WHEN, 100, 5);
	check_window(&streams);
	check_series(&streams);
	is_int(windows_closed, 1, "the end of the window was told");
	check_totals(labeller_totals(labeller), 1);

	/* Another one goes on: the first window comes again and changes nothing. */
	label_totals_t totals = *labeller_totals(labeller);
	labeller_destroy(labeller);
	labeller = labeller_create(&options);
	tap_require(labeller != NULL, "a second labeller");
	labeller_resume(labeller, &totals, WHEN + DAY);
	sink = labeller_sink(labeller, closed, NULL);
	send_window(&sink, WHEN);
	end(&sink, WHEN, 50, 0);
	is_int(windows_closed, 1, "it is not told again");
	for (label_output_t i = 0; i < LABEL_OUTPUTS; i++) {
		written(&streams, i, "", "nothing is written again");
	}
	send_window(&sink, WHEN + DAY);
	end(&sink, WHEN + DAY, 100, 5);
	check_totals(labeller_totals(labeller), 2);
	is_int(windows_closed, 2, "the second window was told");

	failure_t failure;
	telescope_window_t window = { .start = WHEN + 2 * DAY, .length = DAY, .packets = 1 };
	sink = labeller_sink(labeller, closed, &failure);
	is_int(sink.window(sink.context, &window, &failure), STATUS_SYSTEM, "a failure is passed on");
	labeller_destroy(labeller);
	streams_close(&streams);
	label_lists_destroy(lists);
}

/* Without streams and lists there are totals all the same. */
static void test_totals_alone(void)
{
	labeller_options_t options = { 0 };
	labeller_t *labeller = labeller_create(&options);
	tap_require(labeller != NULL, "a labeller");
	labeller_begin(labeller);
	telescope_sink_t sink = labeller_sink(labeller, NULL, NULL);
	send_window(&sink, WHEN);
	end(&sink, WHEN, 100, 0);
	is_int(labeller_totals(labeller)->shares.scanners, 3, "scanners are counted");
	is_int(labeller_totals(labeller)->rows, 7, "and events");
	labeller_destroy(labeller);
	labeller_destroy(NULL);
}

int main(void)
{
	scratch_begin();
	test_rows();
	test_totals_alone();
	scratch_end();
	return tap_done();
}
