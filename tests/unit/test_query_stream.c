/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packet files built by hand: formats, links, cuts, and the queries that are in them. */
#include "config.h"

#include "capture/query_stream.h"

#include <stdlib.h>
#include <unistd.h>

#include "capture/capture.h"
#include "common/buffer.h"
#include "common/moment.h"
#include "tests/tap.h"
#include "tests/unit/capture_builder.h"

#define BASE     UINT64_C(1790000000)  /* Seconds. */
#define QUERY    (12 + 5 + 4)          /* Bytes of what put_query() writes. */

static char folder[] = "/tmp/query_stream.XXXXXX";

/* Writes a file into the folder; returns its path, which lives until the next but three. */
static const char *file_write(const char *name, const void *data, size_t size)
{
	static char paths[4][128];
	static unsigned turn;
	char *path = paths[turn++ % 4];
	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	tap_require(file != NULL && fwrite(data, 1, size, file) == size && fclose(file) == 0,
	            "%s is written", name);
	return path;
}

static void put(buffer_t *out, const void *data, size_t size)
{
	buffer_append(out, data, size);
}

/* A query for the name "\3" `label` of three letters. */
static void put_query(buffer_t *out, const char *label, uint8_t high_flags)
{
	PUT(out, 0, 7, high_flags, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3);
	put(out, label, 4);
	PUT(out, 0, 12, 0, 1);
}

static void put_ipv4(buffer_t *out, uint8_t protocol, size_t payload)
{
	PUT(out, 0x45, 0, HIGH_LOW(20 + payload), 0, 0, 0, 0, 64, protocol, 0, 0,
	    198, 51, 100, 7, 192, 0, 2, 53);
}

static void udp_packet(buffer_t *out, const char *label, uint8_t high_flags,
                       unsigned from, unsigned to)
{
	put_ipv4(out, 17, 8 + QUERY);
	PUT(out, HIGH_LOW(from), HIGH_LOW(to), HIGH_LOW(8 + QUERY), 0, 0);
	put_query(out, label, high_flags);
}

static void tcp_packet(buffer_t *out, const buffer_t *payload)
{
	put_ipv4(out, 6, 20 + payload->size);
	PUT(out, HIGH_LOW(40000), HIGH_LOW(53), 0, 0, 0, 0, 0, 0, 0, 0, 5 << 4, 0x18, 1, 0,
	    0, 0, 0, 0);
	put(out, payload->data, payload->size);
}

/* A raw file of packets one second apart. */
typedef struct {
	buffer_t file;
	uint32_t packets;
} writer_t;

static void writer_begin(writer_t *writer)
{
	*writer = (writer_t) { 0 };
	pcap_begin(&writer->file, 0xa1b2c3d4, LINKTYPE_RAW, false);
}

/* Adds the packet and clears it. */
static void writer_add(writer_t *writer, buffer_t *packet, size_t kept)
{
	pcap_packet(&writer->file, BASE + writer->packets++, 0, packet, kept, false);
	buffer_clear(packet);
}

static const char *writer_end(writer_t *writer, const char *name)
{
	const char *path = file_write(name, writer->file.data, writer->file.size);
	buffer_clear(&writer->file);
	return path;
}

/* Reads a stream to its end; notes the labels of its queries, "abc def ". */
static status_t labels_read(const char *const *paths, size_t count, char labels[256],
                            query_stream_counts_t *counts, failure_t *failure)
{
	query_stream_t *stream;
	*labels = '\0';
	*failure = (failure_t) { 0 };
	status_t status = query_stream_open(paths, count, &stream, failure);
	if (status != STATUS_OK) {
		return status;
	}
	query_t query;
	while ((status = query_stream_next(stream, &query, failure)) == STATUS_OK) {
		size_t used = strlen(labels);
		(void)snprintf(labels + used, 256 - used, "%.3s%s%s ", (const char *)query.qname + 1,
		               query.tcp ? "/tcp" : "", query.cut ? "/cut" : "");
	}
	*counts = *query_stream_counts(stream);
	query_stream_close(stream);
	return status;
}

static uint64_t packets_sum(const query_stream_counts_t *counts)
{
	return counts->not_ip + counts->fragments + counts->truncated + counts->malformed +
	       counts->other + counts->dns;
}

static void check_moment(const char *path, uint64_t wanted, const char *what)
{
	capture_t *capture;
	frame_t frame = { 0 };
	failure_t failure;
	tap_require(capture_open(path, &capture, &failure) == STATUS_OK, "%s: opened", what);
	ok(capture_position(capture) <= capture_size(capture), "%s: position before the end", what);
	is_int(capture_next(capture, &frame, &failure), STATUS_OK, "%s: a frame", what);
	is_int(frame.moment, wanted, "%s: its moment", what);
	is_int(frame.link, LINK_RAW, "%s: its link", what);
	is_int(frame.size, 28 + QUERY, "%s: its size", what);
	is_int(capture_next(capture, &frame, &failure), STATUS_END, "%s: the end", what);
	is_int(capture_position(capture), capture_size(capture), "%s: position at the end", what);
	capture_close(capture);
}

static void test_pcap_formats(void)
{
	static const struct { uint32_t magic, unit; bool swapped; const char *what; } formats[] = {
		{ 0xa1b2c3d4, 1, false, "pcap, microseconds" },
		{ 0xa1b2c3d4, 1, true, "pcap, microseconds, other byte order" },
		{ 0xa1b23c4d, 1000, false, "pcap, nanoseconds" },
		{ 0xa1b23c4d, 1000, true, "pcap, nanoseconds, other byte order" },
	};
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		buffer_t file = { 0 }, packet = { 0 };
		udp_packet(&packet, "abc", 1, 40000, 53);
		pcap_begin(&file, formats[i].magic, LINKTYPE_RAW, formats[i].swapped);
		pcap_packet(&file, BASE, 123456 * formats[i].unit, &packet, packet.size,
		            formats[i].swapped);
		const char *path = file_write("format.pcap", file.data, file.size);
		check_moment(path, BASE * MICROSECONDS + 123456, formats[i].what);
		buffer_clear(&file);
		buffer_clear(&packet);
	}
	buffer_t file = { 0 }, packet = { 0 };
	udp_packet(&packet, "abc", 1, 40000, 53);
	pcap_begin(&file, 0xa1b2c3d4, LINKTYPE_RAW, false);
	pcap_packet(&file, 4000000000, 999999, &packet, packet.size, false);
	const char *path = file_write("late.pcap", file.data, file.size);
	check_moment(path, 4000000000 * MICROSECONDS + 999999, "after the year 2038");
	buffer_clear(&file);
	buffer_clear(&packet);
}

/* pcapng: section header, one interface with nanoseconds, one enhanced packet. */
static void test_pcapng(void)
{
	buffer_t file = { 0 }, packet = { 0 };
	udp_packet(&packet, "abc", 1, 40000, 53);
	pcapng_section(&file, false);
	pcapng_interface(&file, LINKTYPE_RAW, 65535, 9, 0, false);
	pcapng_packet(&file, 0, BASE * 1000000000 + 123456789, &packet, packet.size, false, false);
	const char *path = file_write("format.pcapng", file.data, file.size);
	check_moment(path, BASE * MICROSECONDS + 123456, "pcapng, nanoseconds");
	buffer_clear(&file);
	buffer_clear(&packet);
}

static void test_queries(void)
{
	writer_t writer;
	buffer_t packet = { 0 };
	writer_begin(&writer);
	udp_packet(&packet, "aaa", 1, 40000, 53);
	writer_add(&writer, &packet, packet.size);
	const char *path = writer_end(&writer, "one.pcap");
	query_stream_t *stream;
	query_t query;
	failure_t failure;
	char text[ADDRESS_TEXT_MAX];
	tap_require(query_stream_open(&path, 1, &stream, &failure) == STATUS_OK, "one query: opened");
	tap_require(query_stream_next(stream, &query, &failure) == STATUS_OK, "one query: read");
	is_int(query.moment, BASE * MICROSECONDS, "moment");
	is_text(address_format(&query.querier, text), "198.51.100.7", "querier");
	is_text(address_format(&query.server, text), "192.0.2.53", "server");
	is_int(query.querier_port, 40000, "port");
	ok(!query.tcp && !query.cut, "by UDP, whole");
	is_int(query.qtype, 12, "type");
	is_int(query.qclass, 1, "class");
	ok(query.qname_size == 5 && memcmp(query.qname, "\3aaa", 5) == 0, "name");
	ok(query.message_size == QUERY && query.message[1] == 7, "message");
	is_int(query.question_end, QUERY, "end of the question");
	is_int(query_stream_next(stream, &query, &failure), STATUS_END, "the end");
	is_int(query_stream_next(stream, &query, &failure), STATUS_END, "stays the end");
	is_int(query_stream_position(stream), query_stream_size(stream), "all is read");
	query_stream_close(stream);
}

static void add_udp(writer_t *writer, const char *label, uint8_t high_flags, unsigned from,
                    unsigned to, size_t cut)
{
	buffer_t packet = { 0 };
	udp_packet(&packet, label, high_flags, from, to);
	writer_add(writer, &packet, packet.size - cut);
}

static void test_counts(void)
{
	writer_t writer;
	buffer_t packet = { 0 };
	writer_begin(&writer);
	add_udp(&writer, "aaa", 0x01, 40000, 53, 0);
	add_udp(&writer, "bbb", 0x81, 40000, 53, 0);      /* a response to port 53 */
	add_udp(&writer, "ccc", 0x81, 53, 40000, 0);      /* a response */
	add_udp(&writer, "ddd", 0x01, 53, 53, 0);         /* a query from port 53 */
	add_udp(&writer, "eee", 0x01, 53, 40000, 0);      /* not to port 53 */
	add_udp(&writer, "fff", 0x01, 40000, 5353, 0);    /* not to port 53 */
	add_udp(&writer, "ggg", 0x20, 40000, 53, 0);      /* NOTIFY */
	add_udp(&writer, "hhh", 0x01, 40000, 53, 1);      /* cut in the question */
	add_udp(&writer, "iii", 0x01, 40000, 53, QUERY + 1);
	udp_packet(&packet, "jjj", 1, 40000, 53);
	packet.data[28 + 12] = 0xc0;                      /* a pointer */
	writer_add(&writer, &packet, packet.size);
	udp_packet(&packet, "kkk", 1, 40000, 53);
	packet.data[6] = 0x20;                            /* a first fragment */
	packet.data[25] += 100;
	writer_add(&writer, &packet, packet.size);
	udp_packet(&packet, "lll", 1, 40000, 53);
	packet.data[7] = 100;                             /* a later one */
	writer_add(&writer, &packet, packet.size);
	udp_packet(&packet, "mmm", 1, 40000, 53);
	packet.data[0] = 0x44;                            /* a short header */
	writer_add(&writer, &packet, packet.size);
	PUT(&packet, 0, 1, 2, 3);
	writer_add(&writer, &packet, packet.size);        /* not IP */
	const char *path = writer_end(&writer, "counts.pcap");

	char labels[256];
	query_stream_counts_t counts;
	failure_t failure;
	is_int(labels_read(&path, 1, labels, &counts, &failure), STATUS_END, "counts: read");
	is_text(labels, "aaa ddd kkk/cut ", "counts: the queries");
	is_int(counts.packets, 14, "packets");
	is_int(packets_sum(&counts), 14, "each of one kind");
	is_int(counts.dns, 8, "with DNS");
	is_int(counts.udp_queries, 3, "queries");
	is_int(counts.tcp_queries, 0, "none by TCP");
	is_int(counts.responses, 2, "responses");
	is_int(counts.dns_other, 1, "other messages");
	is_int(counts.dns_short, 1, "short messages");
	is_int(counts.dns_malformed, 1, "malformed messages");
	is_int(counts.other, 2, "other packets");
	is_int(counts.truncated, 1, "truncated packets");
	is_int(counts.fragments, 1, "fragments");
	is_int(counts.malformed, 1, "malformed packets");
	is_int(counts.not_ip, 1, "packets not IP");
	is_int(counts.first_moment, BASE * MICROSECONDS, "first moment");
	is_int(counts.last_moment, (BASE + 13) * MICROSECONDS, "last moment");
}

static void put_tcp_query(buffer_t *out, const char *label)
{
	PUT(out, HIGH_LOW(QUERY));
	put_query(out, label, 1);
}

static void test_tcp(void)
{
	writer_t writer;
	buffer_t payload = { 0 }, packet = { 0 };
	writer_begin(&writer);
	tcp_packet(&packet, &payload);                    /* no payload */
	writer_add(&writer, &packet, packet.size);
	put_tcp_query(&payload, "aaa");                   /* three messages */
	put_tcp_query(&payload, "bbb");
	put_tcp_query(&payload, "ccc");
	tcp_packet(&packet, &payload);
	writer_add(&writer, &packet, packet.size);
	tcp_packet(&packet, &payload);                    /* cut within the third */
	packet.data[3] -= 1;
	writer_add(&writer, &packet, packet.size - 1);
	tcp_packet(&packet, &payload);                    /* the third goes on in the next one */
	packet.data[3] -= 4;
	writer_add(&writer, &packet, packet.size);
	buffer_clear(&payload);
	PUT(&payload, HIGH_LOW(QUERY));                   /* a length alone */
	tcp_packet(&packet, &payload);
	writer_add(&writer, &packet, packet.size);
	buffer_clear(&payload);
	put_query(&payload, "ddd", 1);                    /* its message */
	tcp_packet(&packet, &payload);
	writer_add(&writer, &packet, packet.size);
	buffer_clear(&payload);
	PUT(&payload, HIGH_LOW(QUERY + 11));              /* captured up to its question's end */
	put_query(&payload, "eee", 1);
	PUT(&payload, 0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0);
	tcp_packet(&packet, &payload);
	writer_add(&writer, &packet, packet.size - 11);
	buffer_clear(&payload);
	const char *path = writer_end(&writer, "tcp.pcap");

	char labels[256];
	query_stream_counts_t counts;
	failure_t failure;
	is_int(labels_read(&path, 1, labels, &counts, &failure), STATUS_END, "TCP: read");
	is_text(labels, "aaa/tcp bbb/tcp ccc/tcp aaa/tcp bbb/tcp aaa/tcp bbb/tcp eee/tcp/cut ",
	        "TCP: the queries");
	is_int(counts.tcp_queries, 8, "TCP: counted");
	is_int(counts.tcp_skipped, 4, "TCP: segments with a rest that is no query");
	is_int(counts.dns, 6, "TCP: segments with payload");
	is_int(counts.other, 1, "TCP: the one without");
	is_int(packets_sum(&counts), counts.packets, "TCP: each packet of one kind");
}

/* Each cut of a file of three packets gives the packets before it, then one failure. */
static void test_cut_file(void)
{
	buffer_t file = { 0 }, packet = { 0 };
	udp_packet(&packet, "abc", 1, 40000, 53);
	size_t record = 16 + packet.size, wrong = 0;
	pcap_begin(&file, 0xa1b2c3d4, LINKTYPE_RAW, false);
	for (uint32_t i = 0; i < 3; i++) {
		pcap_packet(&file, BASE + 10 - i, 0, &packet, packet.size, false);
	}
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/cut.pcap", folder);
	const char *paths[] = { path };
	for (size_t size = 0; size <= file.size; size++) {
		FILE *out = fopen(path, "wb");
		tap_require(out != NULL, "size %zu", size);
		(void)fwrite(file.data, 1, size, out);
		(void)fclose(out);
		query_stream_counts_t counts = { 0 };
		failure_t failure;
		char labels[256];
		status_t status = labels_read(paths, 1, labels, &counts, &failure);
		size_t whole = size < 24 ? 0 : (size - 24) / record;
		bool clean = size >= 24 && (size - 24) % record == 0;
		wrong += status != (clean ? STATUS_END : STATUS_BAD_DATA) ||
		         counts.packets != whole || (!clean && strstr(failure.sentence, path) == NULL);
	}
	is_int(wrong, 0, "a file cut at each of %zu lengths", file.size);
	buffer_clear(&file);
	buffer_clear(&packet);
}

static void test_several_files(void)
{
	writer_t writer;
	writer_begin(&writer);
	add_udp(&writer, "aaa", 1, 40000, 53, 0);
	add_udp(&writer, "bbb", 1, 40000, 53, 0);
	writer.file.size -= 3;                            /* the second is cut */
	const char *paths[3] = { writer_end(&writer, "1.pcap") };
	writer_begin(&writer);
	paths[1] = writer_end(&writer, "2.pcap");         /* no packet */
	writer_begin(&writer);
	add_udp(&writer, "ccc", 1, 40000, 53, 0);
	paths[2] = writer_end(&writer, "3.pcap");
	query_stream_t *stream;
	query_t query;
	failure_t failure;
	tap_require(query_stream_open(paths, 3, &stream, &failure) == STATUS_OK, "three files");
	is_int(query_stream_next(stream, &query, &failure), STATUS_OK, "the first query");
	is_int(query_stream_next(stream, &query, &failure), STATUS_BAD_DATA, "then the failure");
	is_int(query_stream_next(stream, &query, &failure), STATUS_OK, "then the third file");
	ok(memcmp(query.qname, "\3ccc", 5) == 0, "its query");
	is_int(query.moment, BASE * MICROSECONDS, "whose moment runs backwards");
	is_int(query_stream_next(stream, &query, &failure), STATUS_END, "the end");
	is_int(query_stream_position(stream), query_stream_size(stream), "all files are read");
	query_stream_close(stream);
	is_int(query_stream_open(NULL, 0, &stream, &failure), STATUS_OK, "no file");
	is_int(query_stream_next(stream, &query, &failure), STATUS_END, "is an empty stream");
	query_stream_close(stream);
}

static void check_refused(const char *path, status_t wanted, const char *word, const char *what)
{
	writer_t writer;
	writer_begin(&writer);
	const char *paths[] = { writer_end(&writer, "good.pcap"), path };
	query_stream_t *stream;
	failure_t failure = { 0 };
	is_int(query_stream_open(paths, 2, &stream, &failure), wanted, "%s is refused at once", what);
	ok(stream == NULL, "%s: no stream", what);
	ok(strstr(failure.sentence, path) != NULL, "%s: named", what);
	ok(strstr(failure.sentence, word) != NULL, "%s: %s", what, failure.sentence);
}

static void test_refused(void)
{
	buffer_t file = { 0 };
	check_refused("/nonexistent/file.pcap", STATUS_SYSTEM, "cannot open", "a missing file");
	check_refused(file_write("text", "time,querier\n1,2\n3,4\n5,6\n", 26), STATUS_BAD_DATA,
	              "cannot be read", "a text file");
	pcap_begin(&file, 0xa1b2c3d4, 105, false);
	check_refused(file_write("wireless", file.data, file.size), STATUS_UNSUPPORTED, "IEEE802_11",
	              "another link type");
	buffer_clear(&file);
	pcap_begin(&file, 0xa1b2c3d4, 250, false);
	check_refused(file_write("unknown", file.data, file.size), STATUS_UNSUPPORTED, "250",
	              "yet another link type");
	buffer_clear(&file);
}

static void test_standard_input(void)
{
	writer_t writer;
	writer_begin(&writer);
	add_udp(&writer, "aaa", 1, 40000, 53, 0);
	const char *path = writer_end(&writer, "stdin.pcap"), *dash = "-";
	char labels[256];
	query_stream_counts_t counts;
	failure_t failure;
	tap_require(freopen(path, "rb", stdin) != NULL, "standard input");
	is_int(labels_read(&dash, 1, labels, &counts, &failure), STATUS_END, "is read");
	is_text(labels, "aaa ", "and has its query");
}

int main(void)
{
	tap_require(mkdtemp(folder) != NULL, "a folder");
	test_pcap_formats();
	test_pcapng();
	test_queries();
	test_counts();
	test_tcp();
	test_cut_file();
	test_several_files();
	test_refused();
	test_standard_input();
	char command[64];
	(void)snprintf(command, sizeof(command), "rm -r '%s'", folder);
	ok(system(command) == 0, "the folder goes away");
	return tap_done();
}
