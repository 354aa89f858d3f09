/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the telescope costs per packet: 8 million packets of 200 thousand sources, unfolded on
 * the way, with and without the telescope behind. Given a number, that many thousandths of it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "darknet/shares.h"
#include "darknet/telescope.h"
#include "tests/bench/telescope_traffic.h"

static double seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double peak_megabytes(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1024;
}

static status_t take_event(void *context, size_t set, const event_t *event, failure_t *failure)
{
	(void)set, (void)failure;
	shares_event(context, event);
	return STATUS_OK;
}

static status_t take_window(void *context, const telescope_window_t *window, failure_t *failure)
{
	(void)failure;
	shares_window(context, window);
	return STATUS_OK;
}

/* Making the packets and nothing else. */
static double run_bare(traffic_t *traffic)
{
	traffic_t copy = *traffic;
	uint64_t moment, sum = 0;
	packet_t packet;
	double start = seconds_now();
	while (traffic_next(&copy, &moment, &packet)) {
		sum += packet.source.words[1] ^ packet.destination.words[1] ^ packet.identification ^
		       packet.tcp_sequence ^ moment;
	}
	volatile uint64_t keep = sum;
	(void)keep;
	return seconds_now() - start;
}

/* Returns false if it could not be done. */
static bool run_telescope(traffic_t *traffic, shares_t *shares, double *taking, double *closing,
                          uint64_t *memory)
{
	traffic_t copy = *traffic;
	prefix_t darknet;
	(void)prefix_parse(TRAFFIC_DARKNET, &darknet);
	telescope_options_t options = telescope_defaults();
	options.prefixes = &darknet;
	options.prefix_count = 1;
	options.sink = (telescope_sink_t) { take_event, take_window, shares };
	telescope_t *telescope;
	failure_t failure;
	if (telescope_create(&options, &telescope, &failure) != STATUS_OK) {
		fprintf(stderr, "%s\n", failure.sentence);
		return false;
	}
	uint64_t moment;
	packet_t packet;
	double start = seconds_now();
	while (traffic_next(&copy, &moment, &packet)) {
		if (telescope_take(telescope, moment, &packet, PACKET_WHOLE, &failure) != STATUS_OK) {
			break;
		}
	}
	double middle = seconds_now();
	*memory = telescope_memory(telescope);
	bool good = telescope_finish(telescope, &failure) == STATUS_OK &&
	            telescope_count(telescope, TELESCOPE_TAKEN) == copy.packets;
	*taking = middle - start;
	*closing = seconds_now() - middle;
	telescope_destroy(telescope);
	return good;
}

int main(int argc, char **argv)
{
	unsigned scale = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
	traffic_t traffic;
	if (scale == 0 || !traffic_create(&traffic, scale, 1)) {
		return 1;
	}
	double before = peak_megabytes(), bare = run_bare(&traffic), taking, closing;
	shares_t shares = { 0 };
	uint64_t memory;
	if (!run_telescope(&traffic, &shares, &taking, &closing, &memory)) {
		return 1;
	}
	double packets = (double)traffic.packets, own = taking + closing - bare;
	printf("%zu packets, %" PRIu64 " sources: bare loop %.1f ns per packet, with telescope %.1f "
	       "(%.1f to take, %.1f to close)\n", traffic.packets, shares.sources, bare / packets * 1e9,
	       (taking + closing) / packets * 1e9, taking / packets * 1e9, closing / packets * 1e9);
	printf("ratio to the bare loop %.2f; the telescope alone %.1f ns per packet, %.1f million per "
	       "CPU second\n", (taking + closing) / bare, own / packets * 1e9, packets / own / 1e6);
	printf("memory %.0f MB by its own account, the process grew by %.0f MB\n",
	       (double)memory / 1048576, peak_megabytes() - before);
	for (event_kind_t kind = 0; kind < EVENT_KINDS; kind++) {
		printf("  %-20s %5.1f %% of sources\n", event_info(kind)->name,
		       100 * shares_of_event(&shares, kind));
	}
	traffic_clear(&traffic);
	return 0;
}
