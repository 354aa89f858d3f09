/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One frame, and its DNS message again where dnstap is wanted. */
#include "simulator/query_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/output.h"
#include "simulator/dnstap_writer.h"
#include "simulator/pcap_writer.h"
#include "simulator/wire.h"

#define PATH_SIZE 4096

/* A form, by the number of its bit. */
enum { PCAP, DNSTAP, FORMS };
static const char *const endings[FORMS] = { [PCAP] = "pcap", [DNSTAP] = "dnstap" };

struct query_output {
	const char *folder;
	unsigned day;
	unsigned formats;
	output_t *files[FORMS];   /* NULL: not written */
};

static status_t make_path(const char *folder, unsigned day, int form, char path[PATH_SIZE],
                          failure_t *failure)
{
	if (snprintf(path, PATH_SIZE, "%s/authority-%u.%s", folder, day, endings[form]) >= PATH_SIZE) {
		return failure_system(failure, ENAMETOOLONG, "cannot write into", folder);
	}
	return STATUS_OK;
}

status_t query_output_open(const char *folder, unsigned day, unsigned formats,
                           query_output_t **out, failure_t *failure)
{
	query_output_t *output = calloc(1, sizeof(*output));
	if (output == NULL) {
		return failure_no_memory(failure, folder);
	}
	*output = (query_output_t) { .folder = folder, .day = day, .formats = formats };
	status_t status = STATUS_OK;
	for (int form = 0; form < FORMS && status == STATUS_OK; form++) {
		char path[PATH_SIZE];
		if ((formats >> form & 1) != 0 &&
		    (status = make_path(folder, day, form, path, failure)) == STATUS_OK) {
			status = output_open(path, &output->files[form], failure);
		}
	}
	if (status != STATUS_OK) {
		query_output_abandon(output);
		return status;
	}
	if (output->files[PCAP] != NULL) {
		pcap_write_header(output_stream(output->files[PCAP]));
	}
	if (output->files[DNSTAP] != NULL) {
		dnstap_write_start(output_stream(output->files[DNSTAP]));
	}
	*out = output;
	return STATUS_OK;
}

bool query_output_put(query_output_t *output, uint64_t moment, const packet_t *packet)
{
	uint8_t frame[PACKET_MAX];
	size_t size = packet_write(packet, frame);
	bool good = true;
	if (output->files[PCAP] != NULL) {
		FILE *file = output_stream(output->files[PCAP]);
		pcap_write_packet(file, moment, frame, size);
		good = ferror(file) == 0;
	}
	if (output->files[DNSTAP] != NULL) {
		FILE *file = output_stream(output->files[DNSTAP]);
		size_t headers = WIRE_ETHERNET_SIZE + WIRE_UDP_SIZE +
		                 (address_is_ipv4(&packet->querier) ? WIRE_IPV4_SIZE : WIRE_IPV6_SIZE);
		dnstap_write_query(file, moment, packet, frame + headers, size - headers);
		good = good && ferror(file) == 0;
	}
	return good;
}

status_t query_output_commit(query_output_t *output, failure_t *failure)
{
	if (output->files[DNSTAP] != NULL) {
		dnstap_write_stop(output_stream(output->files[DNSTAP]));
	}
	status_t status = STATUS_OK;
	for (int form = 0; form < FORMS && status == STATUS_OK; form++) {
		if (output->files[form] != NULL) {
			status = output_commit(output->files[form], failure);
			output->files[form] = NULL;
		}
	}
	if (status == STATUS_OK) {
		status = query_output_remove(output->folder, output->day,
		                             QUERY_FORMATS_ALL & ~output->formats, failure);
	}
	query_output_abandon(output);
	return status;
}

void query_output_abandon(query_output_t *output)
{
	if (output != NULL) {
		for (int form = 0; form < FORMS; form++) {
			output_abandon(output->files[form]);
		}
		free(output);
	}
}

status_t query_output_remove(const char *folder, unsigned day, unsigned formats,
                             failure_t *failure)
{
	for (int form = 0; form < FORMS; form++) {
		char path[PATH_SIZE];
		if ((formats >> form & 1) == 0) {
			continue;
		}
		status_t status = make_path(folder, day, form, path, failure);
		if (status != STATUS_OK) {
			return status;
		}
		if (unlink(path) != 0 && errno != ENOENT) {
			return failure_system(failure, errno, "cannot remove", path);
		}
	}
	return STATUS_OK;
}
