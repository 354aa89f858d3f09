/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a file of packets or of dnstap, down to the queries in it: each lies in its
 * message, and all that was seen is counted once.
 */
#include <string.h>
#include <unistd.h>

#include "capture/query_stream.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/input_file.h"

static void query_check(const query_t *query)
{
	const uint8_t *message = query->message;
	size_t sum = 0;
	fuzz_require(query->qname == message + DNS_HEADER && query->qname_size >= 1 &&
	             query->qname_size <= DNS_NAME_MAX && query->qname[query->qname_size - 1] == 0);
	fuzz_require(query->question_end == DNS_HEADER + query->qname_size + 4 &&
	             query->question_end <= query->message_size);
	for (size_t i = 0; i < query->message_size; i++) {
		sum += message[i]; /* A sanitizer sees what is not there. */
	}
	volatile size_t keep = sum;
	(void)keep;
}

static void counts_check(const query_stream_counts_t *counts, uint64_t queries)
{
	fuzz_require(counts->udp_queries + counts->tcp_queries == queries);
	fuzz_require(counts->not_ip + counts->fragments + counts->truncated + counts->malformed +
	             counts->other + counts->dns == counts->packets);
	fuzz_require(counts->dnstap_other + counts->dnstap_without + counts->dnstap_malformed +
	             counts->dnstap_dns == counts->dnstap_frames);
	/* A TCP segment may hold several queries, or none and a rest. */
	uint64_t messages = counts->responses + counts->dns_other + counts->dns_short +
	                    counts->dns_malformed;
	fuzz_require(counts->dns + counts->dnstap_dns >= counts->udp_queries + messages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[INPUT_FILE_PATH_MAX];
	int descriptor = input_file(data, size, name);
	const char *path = name;
	query_stream_t *stream;
	query_t query;
	failure_t failure = { 0 };
	uint64_t queries = 0;
	status_t status = query_stream_open(&path, 1, &stream, &failure);
	if (status == STATUS_OK) {
		while ((status = query_stream_next(stream, &query, &failure)) == STATUS_OK) {
			query_check(&query);
			queries++;
		}
		counts_check(query_stream_counts(stream), queries);
		query_stream_close(stream);
	}
	fuzz_require(status == STATUS_END || strstr(failure.sentence, path) != NULL);
	close(descriptor);
	return 0;
}
