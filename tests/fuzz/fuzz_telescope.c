/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any packets at any time: the telescope tells what the reference tells, in order, and gives
 * all memory back. Four bytes of settings, then twelve for each packet.
 */
#include <stdbool.h>
#include <string.h>

#include "common/moment.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/scenario.h"
#include "tests/unit/telescope_reference.h"

#define SETTINGS    4
#define RECORD      12
#define PACKETS_MAX 100

static reference_packet_t packet_make(const uint8_t *bytes)
{
	static const uint8_t protocols[2][4] = {
		{ PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMP, 47 },
		{ PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMPV6, PROTOCOL_ICMP },
	};
	static const packet_kind_t kinds[] = { PACKET_WHOLE, PACKET_TRUNCATED, PACKET_MALFORMED,
	                                       PACKET_NOT_IP };
	bool ipv6 = bytes[0] & 4;
	uint32_t target = (uint32_t)bytes[3] << 8 | bytes[4];
	reference_packet_t result = {
		/* Up to 9 hours around a day, in seconds. */
		.moment = (86400 + (uint64_t)bytes[10] * 256 + bytes[11]) * MICROSECONDS,
		.kind = kinds[bytes[0] >> 6],
		.packet = {
			.ipv6 = ipv6, .protocol = protocols[ipv6][bytes[0] & 3], .transport = !(bytes[0] & 8),
			.fragment_offset = bytes[0] & 16 ? 8 : 0, .more_fragments = bytes[0] & 32,
			.tcp_flags = bytes[1], .icmp_type = bytes[1],
			.source = bytes[2] == 255 ? scenario_target(ipv6, 1) : scenario_source(ipv6, bytes[2]),
			.destination = target == 65535 ? scenario_source(ipv6, 1)
			                               : scenario_target(ipv6, target),
			.destination_port = (uint16_t)(bytes[5] << 8 | bytes[6]),
			.source_port = (uint16_t)(bytes[7] << 8 | bytes[8]),
			.identification = bytes[9] == 0 ? 54321 : bytes[9],
			.tcp_sequence = bytes[9] == 1 ? 0xc6330000 | target : bytes[9],
		},
	};
	return result;
}

static status_t take_event(void *context, size_t set, const event_t *event, failure_t *failure)
{
	(void)set, (void)failure;
	fuzz_require(event->packets > 0 && event->kind < EVENT_KINDS && event->tool < TOOLS);
	fuzz_require(!event->exact || (event->targets > 0 && event->targets <= event->packets &&
	                               event->ports <= event->packets));
	reference_write_event(event, context);
	return STATUS_OK;
}

static void run(const reference_packet_t *packets, size_t count, telescope_options_t *options,
                uint64_t *counts, FILE *out)
{
	telescope_t *telescope;
	failure_t failure;
	options->sink = (telescope_sink_t) { .event = take_event, .context = out };
	fuzz_require(telescope_create(options, &telescope, &failure) == STATUS_OK);
	for (size_t i = 0; i < count; i++) {
		fuzz_require(telescope_take(telescope, packets[i].moment, &packets[i].packet,
		                            packets[i].kind, &failure) == STATUS_OK);
	}
	fuzz_require(telescope_finish(telescope, &failure) == STATUS_OK);
	uint64_t sum = 0;
	for (telescope_count_t fate = 0; fate < TELESCOPE_COUNTS; fate++) {
		sum += counts[fate] = telescope_count(telescope, fate);
	}
	fuzz_require(sum == count && telescope_memory(telescope) == 0);
	telescope_destroy(telescope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static reference_packet_t packets[PACKETS_MAX];
	if (size < SETTINGS) {
		return 0;
	}
	size_t count = (size - SETTINGS) / RECORD;
	count = count < PACKETS_MAX ? count : PACKETS_MAX;
	for (size_t i = 0; i < count; i++) {
		packets[i] = packet_make(data + SETTINGS + i * RECORD);
	}
	prefix_t darknet[] = { scenario_darknet(false), scenario_darknet(true) };
	taxonomy_parameters_t parameters = { { 2 + data[1] % 32, 2 + data[2] % 32, 1 + data[3] % 4,
	                                       1 + data[3] % 16 } };
	telescope_options_t options = telescope_defaults();
	options.prefixes = darknet;
	options.prefix_count = 2;
	options.window = 3600 * MICROSECONDS;
	options.flows = TELESCOPE_FLOWS_MIN + data[0] % 64;
	options.memory = TELESCOPE_MEMORY_MIN;
	options.sets = &parameters;
	char *got, *wanted;
	size_t got_size, wanted_size;
	uint64_t counts[TELESCOPE_COUNTS], wanted_counts[TELESCOPE_COUNTS];
	FILE *out = open_memstream(&got, &got_size);
	run(packets, count, &options, counts, out);
	fclose(out);
	out = open_memstream(&wanted, &wanted_size);
	reference_write(packets, count, &options, 0, wanted_counts, out);
	fclose(out);
	fuzz_require(strcmp(got, wanted) == 0);
	fuzz_require(memcmp(counts, wanted_counts, sizeof(counts)) == 0);
	free(got);
	free(wanted);
	return 0;
}
