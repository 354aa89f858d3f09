/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums as lines. */
#include "cli/extract_summary.h"

#include <inttypes.h>
#include <stddef.h>

#include "common/moment.h"

/* A line of the reader's counters. An index belongs to the last name above it. */
static const struct { const char *name, *index; size_t offset; } reader_lines[] = {
	#define COUNT(member) offsetof(query_stream_counts_t, member)
	{ "packets", NULL, COUNT(packets) },
	{ "packets", "not-ip", COUNT(not_ip) },
	{ "packets", "fragment", COUNT(fragments) },
	{ "packets", "truncated", COUNT(truncated) },
	{ "packets", "malformed", COUNT(malformed) },
	{ "packets", "other", COUNT(other) },
	{ "packets", "dns", COUNT(dns) },
	{ "dnstap", NULL, COUNT(dnstap_frames) },
	{ "dnstap", "other", COUNT(dnstap_other) },
	{ "dnstap", "without", COUNT(dnstap_without) },
	{ "dnstap", "malformed", COUNT(dnstap_malformed) },
	{ "dnstap", "dns", COUNT(dnstap_dns) },
	{ "messages", "response", COUNT(responses) },
	{ "messages", "other", COUNT(dns_other) },
	{ "messages", "short", COUNT(dns_short) },
	{ "messages", "malformed", COUNT(dns_malformed) },
	{ "messages", "tcp-skipped", COUNT(tcp_skipped) },
	#undef COUNT
};

static void print_name(FILE *file, const char *name, uint64_t number)
{
	fprintf(file, "%s = %" PRIu64 "\n", name, number);
}

static void print_index(FILE *file, const char *name, const char *index, uint64_t number)
{
	if (number != 0) {
		fprintf(file, "%s[%s] = %" PRIu64 "\n", name, index, number);
	}
}

static void print_reader(FILE *file, const query_stream_counts_t *counts)
{
	for (size_t i = 0; i < sizeof(reader_lines) / sizeof(reader_lines[0]); i++) {
		uint64_t number = *(const uint64_t *)((const char *)counts + reader_lines[i].offset);
		if (reader_lines[i].index == NULL) {
			print_name(file, reader_lines[i].name, number);
		} else {
			print_index(file, reader_lines[i].name, reader_lines[i].index, number);
		}
	}
	if (counts->first_moment != 0) {
		char text[MOMENT_TEXT_MAX];
		fprintf(file, "first = %s\n", moment_format(counts->first_moment, text));
		fprintf(file, "last = %s\n", moment_format(counts->last_moment, text));
	}
	print_name(file, "queries", counts->udp_queries + counts->tcp_queries);
	print_index(file, "queries", "udp", counts->udp_queries);
	print_index(file, "queries", "tcp", counts->tcp_queries);
}

void extract_summary_print(FILE *file, const query_stream_counts_t *counts,
                           const extract_summary_t *summary)
{
	print_reader(file, counts);
	print_name(file, "observations", summary->kinds[QUERY_OBSERVATION]);
	for (family_t family = 0; family < FAMILIES; family++) {
		print_index(file, "observations", family_name(family), summary->observations[family]);
	}
	print_index(file, "observations", "ipv6/64", summary->subnets);
	for (observe_result_t i = OBSERVE_SUPPRESSED; i < OBSERVE_RESULTS; i++) {
		print_index(file, "dropped", observe_result_name(i), summary->results[i]);
	}
	print_name(file, "partial", summary->kinds[QUERY_PARTIAL]);
	for (unsigned depth = 0; depth < QUERY_DEPTHS; depth++) {
		char text[QUERY_DEPTH_NAME_MAX];
		print_index(file, "partial", query_depth_name(depth, text), summary->partial[depth]);
	}
	for (query_kind_t kind = QUERY_CLASSLESS; kind < QUERY_KINDS; kind++) {
		print_index(file, "other", query_kind_name(kind), summary->kinds[kind]);
	}
	print_name(file, "rows", summary->rows);
}
