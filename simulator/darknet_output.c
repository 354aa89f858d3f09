/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sources in, packets out. */
#include "simulator/darknet_output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "common/moment.h"
#include "common/output.h"
#include "simulator/dark_stream.h"
#include "simulator/pcap_writer.h"

#define DAY (86400 * MICROSECONDS)
#define PATH_SIZE 4096

static const char *const endings[] = { "pcap", "csv" };

static status_t make_path(const char *folder, unsigned day, const char *ending,
                          char path[PATH_SIZE], failure_t *failure)
{
	if (snprintf(path, PATH_SIZE, "%s/darknet-%u.%s", folder, day, ending) >= PATH_SIZE) {
		return failure_system(failure, ENAMETOOLONG, "cannot write into", folder);
	}
	return STATUS_OK;
}

static status_t open_file(const char *folder, unsigned day, const char *ending, output_t **output,
                          failure_t *failure)
{
	char path[PATH_SIZE];
	status_t status = make_path(folder, day, ending, path, failure);
	return status == STATUS_OK ? output_open(path, output, failure) : status;
}

static status_t take_source(void *context, const dark_source_t *source, failure_t *failure)
{
	return dark_stream_add(context, source, failure);
}

static status_t add_originators(const population_t *population, const darknet_t *darknet,
                                unsigned day, dark_stream_t *stream, failure_t *failure)
{
	const darknet_parameters_t *assumed = &population_parameters(population)->darknet;
	status_t status = STATUS_OK;
	for (size_t i = 0; i < population_count(population) && status == STATUS_OK; i++) {
		dark_source_t source;
		if (dark_source_originator(population, i, day, darknet, assumed, &source)) {
			status = dark_stream_add(stream, &source, failure);
		}
	}
	return status;
}

static status_t fill(const population_t *population, const darknet_t *darknet, unsigned day,
                     double alive, dark_stream_t *stream, failure_t *failure)
{
	dark_day_t about = {
		.world = population_world(population), .darknet = darknet,
		.assumed = &population_parameters(population)->darknet,
		.seed = population_seed(population), .day = day,
		.begin = population_day_begin(population, day), .alive = alive,
	};
	status_t status = add_originators(population, darknet, day, stream, failure);
	return status == STATUS_OK && darknet_size(darknet) > 0 ?
	       dark_source_others(&about, take_source, stream, failure) : status;
}

static status_t write_packets(dark_stream_t *stream, FILE *file, uint64_t *packets,
                              failure_t *failure)
{
	status_t status = STATUS_OK;
	bool there = true;
	pcap_write_header(file);
	for (*packets = 0; !ferror(file); (*packets)++) {
		uint64_t moment;
		dark_packet_t packet;
		uint8_t frame[DARK_PACKET_MAX];
		status = dark_stream_next(stream, &there, &moment, &packet, failure);
		if (status != STATUS_OK || !there) {
			break;
		}
		pcap_write_packet(file, moment, frame, dark_packet_write(&packet, frame));
	}
	return status;
}

static void write_truth(const dark_stream_t *stream, FILE *file)
{
	fputs("address,activity,tool,protocol,packets\n", file);
	for (size_t i = 0; i < dark_stream_sources(stream); i++) {
		char address[ADDRESS_TEXT_MAX];
		const dark_source_t *source = dark_stream_source(stream, i);
		fprintf(file, "%s,%s,%s,%u,%" PRIu64 "\n", address_format(&source->address, address),
		        dark_activity_names[source->activity],
		        source->tool == TOOL_NONE ? "" : tool_names[source->tool],
		        (unsigned)source->protocol, dark_stream_packets(stream, i));
	}
}

/* Fills both files; they are committed or dropped in every case. */
static status_t write_day(const population_t *population, const darknet_t *darknet, unsigned day,
                          double alive, output_t *capture, output_t *truth, uint64_t *packets,
                          failure_t *failure)
{
	dark_stream_t *stream = NULL;
	status_t status = dark_stream_create(darknet, population_seed(population), day,
	                                     population_day_begin(population, day) + DAY, &stream,
	                                     failure);
	if (status == STATUS_OK) {
		status = fill(population, darknet, day, alive, stream, failure);
	}
	if (status == STATUS_OK) {
		status = write_packets(stream, output_stream(capture), packets, failure);
	}
	if (status == STATUS_OK) {
		write_truth(stream, output_stream(truth));
		status = output_commit(capture, failure);
		capture = NULL;
	}
	if (status == STATUS_OK) {
		status = output_commit(truth, failure);
		truth = NULL;
	}
	output_abandon(capture);
	output_abandon(truth);
	dark_stream_destroy(stream);
	return status;
}

status_t darknet_output_day(const char *folder, const darknet_t *darknet,
                            const population_t *population, unsigned day, double alive,
                            uint64_t *packets, failure_t *failure)
{
	output_t *capture, *truth;
	status_t status = open_file(folder, day, endings[0], &capture, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = open_file(folder, day, endings[1], &truth, failure);
	if (status != STATUS_OK) {
		output_abandon(capture);
		return status;
	}
	return write_day(population, darknet, day, alive, capture, truth, packets, failure);
}

status_t darknet_output_remove(const char *folder, unsigned day, failure_t *failure)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		char path[PATH_SIZE];
		status_t status = make_path(folder, day, endings[i], path, failure);
		if (status != STATUS_OK) {
			return status;
		}
		if (unlink(path) != 0 && errno != ENOENT) {
			return failure_system(failure, errno, "cannot remove", path);
		}
	}
	return STATUS_OK;
}
