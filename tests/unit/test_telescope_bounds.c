/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows, large units, samples and their error, memory, and what a telescope refuses. */
#include <inttypes.h>

#include "common/generator.h"
#include "common/moment.h"
#include "darknet/shares.h"
#include "darknet/sweep.h"
#include "tests/tap.h"
#include "tests/unit/scenario.h"

#define EVENTS_KEPT 16

/* A telescope and what it told. */
typedef struct {
	telescope_t *telescope;
	failure_t failure;
	event_t events[EVENTS_KEPT];  /* The first ones. */
	size_t event_count;
	char windows[256];            /* "START+LENGTH: PACKETS of SOURCES; " */
	size_t length;
	size_t fail_at;               /* The sink fails at this event, counted from 1. */
} run_t;

static status_t take_event(void *context, size_t set, const event_t *event, failure_t *failure)
{
	(void)set;
	run_t *run = context;
	if (run->event_count < EVENTS_KEPT) {
		run->events[run->event_count] = *event;
	}
	return ++run->event_count == run->fail_at ? failure_set(failure, STATUS_SYSTEM, "disk full")
	                                          : STATUS_OK;
}

static status_t take_window(void *context, const telescope_window_t *window, failure_t *failure)
{
	(void)failure;
	run_t *run = context;
	run->length += (size_t)snprintf(run->windows + run->length, sizeof(run->windows) - run->length,
	                                "%" PRIu64 "+%" PRIu64 ": %" PRIu64 " of %" PRIu64 "; ",
	                                window->start / MICROSECONDS, window->length / MICROSECONDS,
	                                window->packets, window->sources);
	return STATUS_OK;
}

static prefix_t darknets[2];

static telescope_options_t options_make(run_t *run)
{
	darknets[0] = scenario_darknet(false);
	darknets[1] = scenario_darknet(true);
	telescope_options_t options = telescope_defaults();
	options.prefixes = darknets;
	options.prefix_count = 2;
	options.sink = (telescope_sink_t) { take_event, take_window, run };
	*run = (run_t) { .event_count = 0 };
	return options;
}

static void start(run_t *run, const telescope_options_t *options)
{
	tap_require(telescope_create(options, &run->telescope, &run->failure) == STATUS_OK,
	            "a telescope");
}

static status_t send_syn(run_t *run, uint64_t moment, bool ipv6, uint32_t source, uint32_t target,
                         uint16_t port)
{
	packet_t packet = {
		.ipv6 = ipv6, .protocol = PROTOCOL_TCP, .transport = true, .tcp_flags = TCP_SYN,
		.source_port = 40000, .destination_port = port,
		.source = scenario_source(ipv6, source), .destination = scenario_target(ipv6, target),
	};
	return telescope_take(run->telescope, moment, &packet, PACKET_WHOLE, &run->failure);
}

static void finish(run_t *run)
{
	is_int(telescope_finish(run->telescope, &run->failure), STATUS_OK, "finished");
}

static void test_windows(void)
{
	run_t run;
	telescope_options_t options = options_make(&run);
	options.window = 100 * MICROSECONDS;
	options.slack = 10 * MICROSECONDS;
	start(&run, &options);
	ok(telescope_open_since(run.telescope) == UINT64_MAX, "nothing is open at first");
	const unsigned seconds[] = { 150, 120, 199, 205, 198, 209, 215, 199, 1000, 950, 905, 899 };
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		(void)send_syn(&run, seconds[i] * MICROSECONDS, false, (uint32_t)i, 1, 1);
	}
	is_text(run.windows, "100+100: 4 of 4; 200+100: 3 of 3; ",
	        "a window is open until 10 s after its end");
	is_int(telescope_open_since(run.telescope) / MICROSECONDS, 900,
	       "after a gap an older window opens if none of its time was closed");
	is_int(telescope_count(run.telescope, TELESCOPE_LATE), 2, "what came too late is counted");
	finish(&run);
	is_text(run.windows, "100+100: 4 of 4; 200+100: 3 of 3; 900+100: 2 of 2; 1000+100: 1 of 1; ",
	        "windows without packets are not told");
	is_int(telescope_count(run.telescope, TELESCOPE_TAKEN), 10, "the others are taken");
	(void)send_syn(&run, 1200 * MICROSECONDS, false, 1, 1, 1);
	(void)send_syn(&run, 1099 * MICROSECONDS, false, 1, 1, 1);
	finish(&run);
	is_int(telescope_count(run.telescope, TELESCOPE_LATE), 3, "also after the end");
	(void)send_syn(&run, UINT64_MAX, false, 1, 1, 1);
	(void)send_syn(&run, UINT64_MAX - 1, false, 1, 1, 1);
	finish(&run);
	is_int(telescope_count(run.telescope, TELESCOPE_TAKEN), 13, "the latest of moments is one");
	telescope_destroy(run.telescope);
}

/* A unit of every size: all numbers must be exact. */
static void test_growth(bool ipv6)
{
	size_t wrong = 0;
	for (uint32_t flows = 1; flows < 20000; flows += 1 + flows / 7) {
		run_t run;
		telescope_options_t options = options_make(&run);
		(void)telescope_create(&options, &run.telescope, &run.failure);
		for (unsigned round = 0; round < 2; round++) {
			for (uint32_t i = 0; i < flows; i++) {
				(void)send_syn(&run, 0, ipv6, 1, i, 23);
			}
		}
		(void)telescope_finish(run.telescope, &run.failure);
		const event_t *event = &run.events[0];
		wrong += run.event_count != 1 || event->packets != 2 * flows || !event->exact ||
		         event->targets != flows || event->ports != 1 ||
		         event->kind != (flows >= 5 ? EVENT_NETWORK_SCAN_LIGHT : EVENT_SMALL_SYN);
		telescope_destroy(run.telescope);
	}
	is_int(wrong, 0, "%s: units of all sizes are exact", ipv6 ? "IPv6" : "IPv4");
}

/* Relative error of targets and ports, squared and averaged, for a matrix of flows. */
static void measure(uint32_t targets, uint32_t ports, uint32_t bound, double *target_error,
                    double *port_error)
{
	enum { KEYS = 60 };
	*target_error = *port_error = 0;
	for (unsigned key = 0; key < KEYS; key++) {
		run_t run;
		telescope_options_t options = options_make(&run);
		options.flows = bound;
		options.key = (hash_key_t) { { key, 77 } };
		(void)telescope_create(&options, &run.telescope, &run.failure);
		for (uint32_t i = 0; i < targets * ports; i++) {
			(void)send_syn(&run, 0, true, 1, i / ports, (uint16_t)(i % ports));
		}
		(void)telescope_finish(run.telescope, &run.failure);
		const event_t *event = &run.events[run.event_count - 1];
		double t = (double)event->targets / targets - 1, p = (double)event->ports / ports - 1;
		*target_error += t * t / KEYS;
		*port_error += p * p / KEYS;
		if (event->kind != EVENT_NETWORK_SCAN_LIGHT || event->exact ||
		    event->packets != (uint64_t)targets * ports) {
			*target_error = 1e9;
		}
		telescope_destroy(run.telescope);
	}
	*target_error = sqrt(*target_error);
	*port_error = sqrt(*port_error);
}

static void test_samples(void)
{
	double targets, ports;
	measure(30000, 1, 1024, &targets, &ports);
	ok(targets < 1 / sqrt(512), "one port, bound 1024: targets within %.2f %%, stated 4.4 %%",
	   100 * targets);
	ok(ports == 0, "the port is exact");
	measure(300, 200, 1024, &targets, &ports);
	ok(targets < 1 / sqrt(16), "a matrix: targets within %.1f %%, stated at worst 25 %%",
	   100 * targets);
	ok(ports < 1 / sqrt(16), "and ports within %.1f %%", 100 * ports);
}

/* What was a scan before it was thinned away is one afterwards. */
static void test_evidence(void)
{
	size_t missed = 0;
	for (uint64_t key = 0; key < 50; key++) {
		run_t run;
		telescope_options_t options = options_make(&run);
		options.flows = 64;
		options.key.words[0] = key;
		(void)telescope_create(&options, &run.telescope, &run.failure);
		for (uint32_t i = 0; i < 50; i++) {
			(void)send_syn(&run, 0, false, 1, 1, (uint16_t)(1000 + i));
		}
		for (uint32_t i = 0; i < 5000; i++) {
			(void)send_syn(&run, 0, false, 1, 2 + i, 23);
		}
		(void)telescope_finish(run.telescope, &run.failure);
		missed += run.events[0].kind != EVENT_PORT_SCAN_LIGHT ||
		          run.events[1].kind != EVENT_NETWORK_SCAN_LIGHT;
		telescope_destroy(run.telescope);
	}
	is_int(missed, 0, "a port scan of one address among 5000 is not forgotten");
}

static void test_memory(void)
{
	run_t run;
	telescope_options_t options = options_make(&run);
	options.memory = TELESCOPE_MEMORY_MIN;
	start(&run, &options);
	uint64_t most = 0;
	for (uint32_t i = 0; i < 100000; i++) {
		(void)send_syn(&run, 0, true, i, 1, 23);
		most = telescope_memory(run.telescope) > most ? telescope_memory(run.telescope) : most;
	}
	uint64_t refused = telescope_count(run.telescope, TELESCOPE_REFUSED);
	ok(refused > 1000 && refused < 90000, "%" PRIu64 " packets of new sources are refused", refused);
	is_int(telescope_count(run.telescope, TELESCOPE_TAKEN) + refused, 100000, "none is lost");
	for (uint32_t round = 0; round < 300; round++) {
		for (uint32_t i = 0; i < 2000; i++) {
			(void)send_syn(&run, 0, true, i, 1, (uint16_t)round);
		}
		most = telescope_memory(run.telescope) > most ? telescope_memory(run.telescope) : most;
	}
	is_int(telescope_count(run.telescope, TELESCOPE_REFUSED), refused, "known ones go on");
	ok(most <= options.memory, "memory stays within its bound: %" PRIu64 " bytes", most);
	finish(&run);
	const event_t *event = &run.events[0];
	ok(event->kind == EVENT_PORT_SCAN_LIGHT, "they are judged all the same");
	ok(run.event_count >= 100000 - refused, "all of them");
	is_int(telescope_memory(run.telescope), 0, "and all memory is given back");
	telescope_destroy(run.telescope);
}

static void test_sink(void)
{
	run_t run;
	telescope_options_t options = options_make(&run);
	run.fail_at = 2;
	start(&run, &options);
	for (uint32_t i = 0; i < 5; i++) {
		(void)send_syn(&run, 0, false, i, 1, 23);
	}
	is_int(telescope_finish(run.telescope, &run.failure), STATUS_SYSTEM, "a sink that fails");
	is_text(run.failure.sentence, "disk full", "is heard");
	is_int(run.event_count, 2, "at once");
	telescope_destroy(run.telescope);
}

static void test_options(void)
{
	run_t run;
	static const struct { size_t offset; uint64_t value; const char *part; } bad[] = {
		{ offsetof(telescope_options_t, prefix_count), 0, "number of prefixes" },
		{ offsetof(telescope_options_t, window), 1, "window" },
		{ offsetof(telescope_options_t, slack), 86401 * MICROSECONDS, "slack" },
		{ offsetof(telescope_options_t, set_count), 65, "parameter sets" },
		{ offsetof(telescope_options_t, memory), 1000, "memory" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		telescope_options_t options = options_make(&run);
		memcpy((char *)&options + bad[i].offset, &bad[i].value, sizeof(uint64_t));
		telescope_t *telescope;
		is_int(telescope_create(&options, &telescope, &run.failure), STATUS_BAD_DATA,
		       "refused: %s", bad[i].part);
		ok(telescope == NULL && strstr(run.failure.sentence, bad[i].part) != NULL, "%s",
		   run.failure.sentence);
	}
}

static void keep(void *context, const packet_t *packet, packet_kind_t kind)
{
	failure_t failure;
	(void)sweep_take(context, 1000 * MICROSECONDS, packet, kind, &failure);
}

/* Sources with network scans for each value of a sweep, as text. */
static void check_sweep(const char *text, const char *packets, const char *wanted)
{
	run_t run;
	sweep_plan_t plan;
	sweep_t *sweep;
	char got[128] = "";
	telescope_options_t options = options_make(&run);
	options.slack = 0;
	tap_require(sweep_parse(text, &plan, &run.failure) == STATUS_OK &&
	            sweep_create(&plan, &options, &sweep, &run.failure) == STATUS_OK, "sweep %s", text);
	scenario_play(packets, false, keep, sweep);
	is_int(sweep_finish(sweep, &run.failure), STATUS_OK, "is finished");
	for (size_t i = 0; i < plan.count; i++) {
		const shares_t *shares = sweep_shares(sweep, i);
		size_t length = strlen(got);
		(void)snprintf(got + length, sizeof(got) - length, "%s:%.2f/%" PRIu64 " ", plan.texts[i],
		               shares_of_event(shares, EVENT_NETWORK_SCAN_LIGHT), shares->sources);
	}
	is_text(got, wanted, "%s: %s", text, packets);
	sweep_destroy(sweep);
}

static void test_sweeps(void)
{
	check_sweep("N2=2,5,10", "syn 1-7 80; syn 1-3 80 from 2; syn 1 80 from 3; udp 1 1 from 3; "
	            "syn 1-20 80 from 4", "2:0.75/4 5:0.50/4 10:0.25/4 ");
	check_sweep("darknet=/16,/24,/30", "syn 1-7 80; syn 300-310 80 from 2",
	            "/16:1.00/2 /24:1.00/1 /30:0.00/1 ");
	check_sweep("window=1h,1d", "syn 1-7 80", "1h:1.00/1 1d:1.00/1 ");
	run_t run;
	telescope_options_t options = options_make(&run);
	sweep_plan_t plan;
	sweep_t *sweep;
	(void)sweep_parse("darknet=/15", &plan, &run.failure);
	is_int(sweep_create(&plan, &options, &sweep, &run.failure), STATUS_BAD_DATA,
	       "a darknet that is too large");
	is_text(run.failure.sentence, "no prefix of the darknet is as large as /15", "is named");
}

/*
 * So many sources that some have the same tag of 32 bits, whatever the key: 18 pairs are to be
 * expected, and none at all once in 10^8 runs. Each is a source of its own nevertheless.
 */
static void test_same_tags(void)
{
	enum { SOURCES = 400000 };
	run_t run;
	telescope_options_t options = options_make(&run);
	start(&run, &options);
	bool good = true;
	packet_t packet = {
		.protocol = PROTOCOL_TCP, .transport = true, .tcp_flags = TCP_SYN, .source_port = 40000,
		.destination_port = 80, .destination = scenario_target(false, 1),
	};
	for (uint32_t i = 0; i < SOURCES; i++) {
		const uint8_t octets[4] = { 45, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
		packet.source = address_from_ipv4(octets);
		good &= telescope_take(run.telescope, 0, &packet, PACKET_WHOLE, &run.failure) == STATUS_OK;
	}
	ok(good, "many sources");
	finish(&run);
	is_int(run.event_count, SOURCES, "each has an event of its own");
	is_text(run.windows, "0+86400: 400000 of 400000; ", "and is counted as one");
	telescope_destroy(run.telescope);
}

int main(void)
{
	test_windows();
	test_same_tags();
	test_growth(false);
	test_growth(true);
	test_samples();
	test_evidence();
	test_memory();
	test_sink();
	test_options();
	test_sweeps();
	return tap_done();
}
