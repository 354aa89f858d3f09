/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What real captures of other projects hold (shared_data.h says where they are). */
#include "config.h"

#include "capture/query_stream.h"

#include <ftw.h>

#include "capture/capture.h"
#include "common/reverse_name.h"
#include "tests/tap.h"
#include "tests/unit/shared_data.h"

#define TYPE_PTR 12

/* What a file holds. */
typedef struct {
	const char *path;
	uint64_t packets, not_ip, udp_queries, tcp_queries, responses;
	uint64_t ptr;       /* Queries with type PTR. */
	uint64_t complete;  /* Of those, for complete reverse names. */
} expected_t;

/*
 * By tshark 4.0.17, each packet for itself (-o ip.defragment:FALSE -o ipv6.defragment:FALSE
 * -o tcp.desegment_tcp_streams:FALSE -o dns.desegment_dns_messages:FALSE), number of lines of
 *   packets     tshark -r FILE
 *   not_ip      tshark -r FILE -Y '!(ip || ipv6)'
 *   queries     tshark -r FILE -Y 'dns.flags.response==0 && dns.flags.opcode==0 &&
 *               (udp.dstport==53 || tcp.dstport==53)' -T fields -e udp.dstport -e tcp.dstport
 *               -e dns.qry.type -e dns.qry.name
 *   ptr         those with type 12; complete: those with 4 or 32 labels below
 *               in-addr.arpa or ip6.arpa
 *   responses   tshark -r FILE -Y 'dns.flags.response==1 && udp && !icmp && !icmpv6'
 * It differs where it must: for the three messages of one segment in many1pkt tshark prints
 * one line, and the 41 queries of frags, each in two fragments, it puts together all the same.
 * Of nsd-live it prints five queries more, two without a question and three for a name of
 * more than 255 bytes.
 */
static const expected_t expected[] = {
	{ "resolver-lab/bind.pcap", 39, 0, 39, 0, 0, 12, 12 },
	{ "resolver-lab/bind2.pcap", 19, 0, 19, 0, 0, 3, 3 },
	{ "resolver-lab/kres.pcap", 38, 0, 38, 0, 0, 15, 15 },
	{ "resolver-lab/kres2.pcap", 17, 0, 17, 0, 0, 3, 3 },
	{ "resolver-lab/pdns.pcap", 41, 0, 41, 0, 0, 12, 12 },
	{ "resolver-lab/pdns2.pcap", 13, 0, 13, 0, 0, 2, 2 },
	{ "resolver-lab/ub.pcap", 49, 0, 49, 0, 0, 12, 12 },
	{ "resolver-lab/ub2.pcap", 18, 0, 18, 0, 0, 2, 2 },
	{ "compactor/test-scripts_nsd-live.raw.pcap.xz", 21804, 0, 10320, 106, 10326, 393, 82 },
	{ "dnscap/src_test_vlan11.pcap", 133, 10, 41, 0, 41, 17, 17 },
	{ "dnscap/src_test_sll2.pcap", 2, 0, 1, 0, 1, 0, 0 },
	{ "dnscap/src_test_edns.pcap", 14, 0, 7, 0, 7, 0, 0 },
	{ "dnscap/src_test_frags.pcap", 495, 0, 0, 0, 41, 0, 0 },
	{ "dnscap/src_test_dnsotcp-many1pkt.pcap", 10, 0, 0, 3, 0, 0, 0 },
	{ "dnscap/src_test_dnspad.pcap", 1, 0, 1, 0, 0, 0, 0 },
	{ "dnscap/src_test_ipv6-with-ethernet-padding.pcap", 1, 0, 1, 0, 0, 0, 0 },
	{ "dsc/src_test_1458044657.pcap", 8, 0, 4, 0, 4, 2, 2 },
	{ "nDPI/tests_cfgs_default_pcap_dns-invalid-chars.pcap", 2, 0, 1, 0, 1, 0, 0 },
	{ "nDPI/tests_cfgs_default_pcap_dns_long_domainname.pcap", 2, 0, 1, 0, 1, 0, 0 },
	{ "nDPI/tests_cfgs_default_pcap_dns_invert_query.pcapng", 2, 0, 0, 0, 1, 0, 0 },
	{ "nDPI/tests_cfgs_default_pcap_malformed_dns.pcap", 6, 0, 2, 0, 4, 0, 0 },
	{ "zeek/testing_btest_Traces_ipv6-fragmented-dns.pcap", 8, 0, 3, 0, 2, 0, 0 },
	{ "zeek/testing_btest_Traces_nmap-vsn.pcap", 547, 503, 6, 0, 6, 6, 6 },
	{ "zeek/testing_btest_Traces_linux_dlt_sll2.pcap", 6, 2, 0, 0, 0, 0, 0 },
	{ "zeek/testing_btest_Traces_vlan-qinqinq.pcap", 14, 0, 0, 0, 0, 0, 0 },
	{ "libtrace/test_traces_vlan.pcap", 395, 165, 0, 0, 0, 0, 0 },
};

static const char *folder;

static void check_expected(const expected_t *wanted)
{
	const char *path = shared_path(folder, wanted->path);
	query_stream_t *stream;
	query_t query;
	failure_t failure = { 0 };
	uint64_t ptr = 0, complete = 0;
	if (!ok(query_stream_open(&path, 1, &stream, &failure) == STATUS_OK, "%s", wanted->path)) {
		printf("# %s\n", failure.sentence);
		return;
	}
	status_t status;
	while ((status = query_stream_next(stream, &query, &failure)) == STATUS_OK) {
		if (query.qtype == TYPE_PTR) {
			ptr++;
			complete += reverse_name_parse(query.qname, query.qname_size).kind ==
			            REVERSE_COMPLETE;
		}
	}
	const query_stream_counts_t *counts = query_stream_counts(stream);
	is_int(status, STATUS_END, "%s: whole", wanted->path);
	is_int(counts->packets, wanted->packets, "%s: packets", wanted->path);
	is_int(counts->not_ip, wanted->not_ip, "%s: not IP", wanted->path);
	is_int(counts->udp_queries, wanted->udp_queries, "%s: UDP queries", wanted->path);
	is_int(counts->tcp_queries, wanted->tcp_queries, "%s: TCP queries", wanted->path);
	is_int(counts->responses, wanted->responses, "%s: responses", wanted->path);
	is_int(ptr, wanted->ptr, "%s: PTR queries", wanted->path);
	is_int(complete, wanted->complete, "%s: for complete names", wanted->path);
	query_stream_close(stream);
}

/* All 495 packets of the file are fragments. */
static void test_fragments(void)
{
	const char *path = shared_path(folder, "dnscap/src_test_frags.pcap");
	query_stream_t *stream;
	query_t query;
	tap_require(query_stream_open(&path, 1, &stream, NULL) == STATUS_OK, "fragments");
	is_int(query_stream_next(stream, &query, NULL), STATUS_END, "no question in one piece");
	const query_stream_counts_t *counts = query_stream_counts(stream);
	/* tshark -Y 'ip.frag_offset>0': 413; 41 first fragments of queries, 41 of responses. */
	is_int(counts->fragments, 413, "later fragments");
	is_int(counts->dns_short, 41, "first fragments of queries");
	query_stream_close(stream);
}

/* The same packets in microseconds, nanoseconds and pcapng. */
static void test_same_packets(void)
{
	static const char *const names[] = {
		"libtrace/test_traces_100_packets.pcap",
		"libtrace/test_traces_100_packetsns.pcap",
		"libtrace/test_traces_100_packets.pcapng",
	};
	capture_t *captures[3];
	frame_t frames[3];
	for (size_t i = 0; i < 3; i++) {
		const char *path = shared_path(folder, names[i]);
		tap_require(capture_open(path, &captures[i], NULL) == STATUS_OK, "%s", names[i]);
	}
	size_t count = 0, wrong = 0;
	while (capture_next(captures[0], &frames[0], NULL) == STATUS_OK) {
		count++;
		for (size_t i = 1; i < 3; i++) {
			wrong += capture_next(captures[i], &frames[i], NULL) != STATUS_OK ||
			         frames[i].moment != frames[0].moment ||
			         frames[i].size != frames[0].size ||
			         frames[i].wire_size != frames[0].wire_size ||
			         memcmp(frames[i].data, frames[0].data, frames[0].size) != 0;
		}
	}
	is_int(count, 100, "100 packets");
	is_int(wrong, 0, "are the same in all three formats");
	for (size_t i = 0; i < 3; i++) {
		is_int(capture_next(captures[i], &frames[i], NULL), STATUS_END, "%s: end", names[i]);
		capture_close(captures[i]);
	}
}

static size_t files_read, files_refused;

/* Any file is read, or refused with one sentence that names it; nothing is read wrongly. */
static int file_check(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status;
	if (kind != FTW_F) {
		return 0;
	}
	query_stream_t *stream;
	query_t query;
	failure_t failure = { 0 };
	const char *name = path + where->base;
	status_t result = query_stream_open(&path, 1, &stream, &failure);
	if (result == STATUS_OK) {
		while ((result = query_stream_next(stream, &query, &failure)) == STATUS_OK) {
		}
		const query_stream_counts_t *counts = query_stream_counts(stream);
		is_int(counts->not_ip + counts->fragments + counts->truncated + counts->malformed +
		       counts->other + counts->dns, counts->packets,
		       "%s: each packet of one kind", name);
		query_stream_close(stream);
	}
	if (result == STATUS_END) {
		files_read++;
		return 0;
	}
	files_refused++;
	ok((result == STATUS_BAD_DATA || result == STATUS_UNSUPPORTED) &&
	   strstr(failure.sentence, path) != NULL && strchr(failure.sentence, '\n') == NULL,
	   "%s is refused: %s", name, failure.sentence + 9);
	return 0;
}

int main(void)
{
	folder = shared_folder();
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		check_expected(&expected[i]);
	}
	test_fragments();
	test_same_packets();
	tap_require(nftw(folder, file_check, 16, FTW_PHYS) == 0, "all files were tried");
	ok(files_read >= 110 && files_refused >= 3, "%zu files read, %zu refused", files_read,
	   files_refused);
	return tap_done();
}
