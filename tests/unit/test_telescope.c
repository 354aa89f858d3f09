/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The telescope against the reference on random traffic: few sources that send to few or
 * many addresses and ports, with time that runs back and leaps, small bounds, both families.
 */
#include "darknet/telescope.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/generator.h"
#include "common/moment.h"
#include "tests/tap.h"
#include "tests/unit/scenario.h"
#include "tests/unit/telescope_reference.h"

#define SEEDS        400
#define PACKETS_MAX  600
#define SETS         3

/* A trace and how it is read. */
typedef struct {
	generator_t generator;
	reference_packet_t packets[PACKETS_MAX];
	size_t count;
	prefix_t darknet[2];
	taxonomy_parameters_t sets[SETS];
	telescope_options_t options;
	FILE *out[SETS];
} trial_t;

static uint64_t below(trial_t *trial, uint64_t bound)
{
	return generator_below(&trial->generator, bound);
}

static void keep(void *context, const packet_t *packet, packet_kind_t kind)
{
	trial_t *trial = context;
	trial->packets[trial->count].packet = *packet;
	trial->packets[trial->count++].kind = kind;
}

/* How the packets of a trial are spread. */
typedef struct {
	unsigned sources, targets, ports, kinds;
	uint64_t first_kind;
	bool both_families;
} spread_t;

static spread_t draw_spread(trial_t *trial)
{
	static const unsigned targets[] = { 2, 6, 30, 300 }, ports[] = { 1, 4, 12, 200 };
	static const unsigned kinds[] = { 1, 3, 30 };
	return (spread_t) {
		.sources = 1 + (unsigned)below(trial, 5), .targets = targets[below(trial, 4)],
		.ports = ports[below(trial, 4)], .kinds = kinds[below(trial, 3)],
		.first_kind = below(trial, 30), .both_families = below(trial, 2) == 0,
	};
}

/* Half of the numbers below a bound are small: some flows have many packets. */
static unsigned draw_number(trial_t *trial, unsigned bound)
{
	unsigned most = below(trial, 2) == 0 ? bound : 1 + bound / 8;
	return (unsigned)below(trial, most);
}

static void draw_packet(trial_t *trial, const spread_t *spread)
{
	static const unsigned odd_ports[] = { 0, 445, 53, 11211, 1023, 1024 };
	unsigned names = 0;
	while (scenario_kind(names) != NULL) {
		names++;
	}
	const char *kind = scenario_kind((spread->first_kind + below(trial, spread->kinds)) % names);
	unsigned port = draw_number(trial, spread->ports);
	port = below(trial, 20) == 0 ? odd_ports[below(trial, 6)] : port + 40000;
	char text[128];
	(void)snprintf(text, sizeof(text), "%s %u %u from %u", kind,
	               1 + draw_number(trial, spread->targets), port,
	               (unsigned)below(trial, spread->sources));
	bool ipv6 = spread->both_families && below(trial, 2) == 0;
	scenario_play(text, ipv6, keep, trial);
	packet_t *packet = &trial->packets[trial->count - 1].packet;
	switch (below(trial, 60)) {
	case 0: /* outside */
		packet->destination.bytes[ipv6 ? 5 : 13] ^= 1;
		break;
	case 1: /* from inside, to inside or outside */
		packet->source = scenario_target(ipv6, 7);
		packet->destination.bytes[ipv6 ? 5 : 13] ^= (uint8_t)below(trial, 2);
		break;
	case 2:
		*packet = (packet_t) { 0 };
		trial->packets[trial->count - 1].kind = below(trial, 2) == 0 ? PACKET_NOT_IP
		                                                             : PACKET_TRUNCATED;
		break;
	case 3: /* a bogon */
		(void)address_parse("10.1.2.3", &packet->source);
		packet->ipv6 = false;
		packet->destination = scenario_target(false, 9);
		break;
	default:
		break;
	}
}

static void draw_trial(trial_t *trial, uint64_t seed)
{
	*trial = (trial_t) { .generator = generator_make(seed, 0) };
	spread_t spread = draw_spread(trial);
	size_t count = 1 + below(trial, PACKETS_MAX);
	uint64_t now = 1000 * MICROSECONDS;
	while (trial->count < count) {
		draw_packet(trial, &spread);
		uint64_t step = below(trial, 2 * MICROSECONDS);
		now = below(trial, 8) == 0 ? now - below(trial, 15 * MICROSECONDS) : now + step;
		now += below(trial, 200) == 0 ? below(trial, 1000) * MICROSECONDS : 0;
		trial->packets[trial->count - 1].moment = now;
	}
	static const uint32_t flows[] = { 16, 17, 40, 100, TELESCOPE_FLOWS_DEFAULT };
	static const uint64_t slacks[] = { 0, 10, 60 };
	trial->darknet[0] = scenario_darknet(false);
	trial->darknet[1] = scenario_darknet(true);
	for (size_t i = 0; i < SETS; i++) {
		trial->sets[i] = taxonomy_defaults();
		trial->sets[i].values[PARAMETER_N1] = i == 0 ? 5 : 2 + (double)below(trial, 40);
		trial->sets[i].values[PARAMETER_N2] = i == 0 ? 5 : 2 + (double)below(trial, 40);
		trial->sets[i].values[PARAMETER_M] = i == 0 ? 3 : 1 + (double)below(trial, 30) / 10;
		trial->sets[i].values[PARAMETER_N3] = i == 0 ? 15 : 1 + (double)below(trial, 15);
	}
	trial->options = telescope_defaults();
	trial->options.prefixes = trial->darknet;
	trial->options.prefix_count = 2;
	trial->options.window = 60 * MICROSECONDS;
	trial->options.slack = slacks[below(trial, 3)] * MICROSECONDS;
	trial->options.sets = trial->sets;
	trial->options.set_count = SETS;
	trial->options.flows = flows[below(trial, 5)];
	trial->options.key = (hash_key_t) { { seed, 1 } };
}

static status_t take_event(void *context, size_t set, const event_t *event, failure_t *failure)
{
	(void)failure;
	trial_t *trial = context;
	reference_write_event(event, trial->out[set]);
	return STATUS_OK;
}

static bool run_telescope(trial_t *trial, uint64_t *counts)
{
	telescope_t *telescope;
	failure_t failure;
	trial->options.sink = (telescope_sink_t) { .event = take_event, .context = trial };
	status_t status = telescope_create(&trial->options, &telescope, &failure);
	for (size_t i = 0; i < trial->count && status == STATUS_OK; i++) {
		const reference_packet_t *packet = &trial->packets[i];
		status = telescope_take(telescope, packet->moment, &packet->packet, packet->kind, &failure);
	}
	if (status == STATUS_OK) {
		status = telescope_finish(telescope, &failure);
	}
	for (telescope_count_t fate = 0; status == STATUS_OK && fate < TELESCOPE_COUNTS; fate++) {
		counts[fate] = telescope_count(telescope, fate);
	}
	telescope_destroy(telescope);
	return status == STATUS_OK;
}

/* The first line that differs, for whoever has to mend it. */
static void show_difference(const char *got, const char *wanted)
{
	while (*got != '\0' && *got == *wanted) {
		got++;
		wanted++;
	}
	printf("# got    ...%.100s\n# wanted ...%.100s\n", got, wanted);
}

/* Returns whether all agreed; adds to what was seen. */
static bool run_trial(trial_t *trial, size_t *lines, size_t *estimates)
{
	char *got[SETS], *wanted[SETS];
	size_t sizes[SETS];
	uint64_t counts[TELESCOPE_COUNTS], wanted_counts[TELESCOPE_COUNTS];
	for (size_t i = 0; i < SETS; i++) {
		trial->out[i] = open_memstream(&got[i], &sizes[i]);
	}
	bool good = run_telescope(trial, counts);
	for (size_t i = 0; i < SETS; i++) {
		fclose(trial->out[i]);
		size_t size;
		FILE *out = open_memstream(&wanted[i], &size);
		reference_write(trial->packets, trial->count, &trial->options, i, wanted_counts, out);
		fclose(out);
		if (strcmp(got[i], wanted[i]) != 0) {
			good = false;
			show_difference(got[i], wanted[i]);
		}
		for (const char *at = got[i]; (at = strchr(at, '\n')) != NULL; at++) {
			++*lines;
			*estimates += at[-1] == 't' && at[-2] == 'u';
		}
		free(got[i]);
		free(wanted[i]);
	}
	return good && memcmp(counts, wanted_counts, sizeof(counts)) == 0;
}

int main(void)
{
	static trial_t trial;
	size_t wrong = 0, lines = 0, estimates = 0;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		draw_trial(&trial, seed);
		if (!run_trial(&trial, &lines, &estimates)) {
			printf("# seed %d differs\n", (int)seed);
			wrong++;
		}
	}
	is_int(wrong, 0, "%d traces give the events of the reference", SEEDS);
	ok(lines > 10000 && estimates > 300 && estimates < lines / 2,
	   "of %zu events %zu are estimates", lines, estimates);
	return tap_done();
}
