/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Query logs built by hand: the queries in them, what else is there, cuts, and mixed files. */
#include "capture/query_stream.h"

#include "capture/capture.h"
#include "tests/dnstap_write.h"
#include "tests/tap.h"
#include "tests/unit/capture_builder.h"
#include "tests/unit/scratch.h"

#define BASE  UINT64_C(1790000000)  /* Seconds. */
#define QUERY (12 + 5 + 4)          /* Bytes of what put_query() writes. */

static const uint8_t querier[] = { 198, 51, 100, 7 }, server[] = { 192, 0, 2, 53 };

/* A query for the name "\3" `label` of three letters. */
static void put_query(buffer_t *out, const char *label, uint8_t high_flags)
{
	PUT(out, 0, 7, high_flags, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3);
	buffer_append(out, label, 4);
	PUT(out, 0, 12, 0, 1);
}

/* A log that is written. */
typedef struct {
	buffer_t file;
	uint32_t frames;
} writer_t;

static void writer_begin(writer_t *writer)
{
	*writer = (writer_t) { 0 };
	fstrm_put_control(&writer->file, FSTRM_START, DNSTAP_CONTENT);
}

static const char *writer_end(writer_t *writer, const char *name)
{
	fstrm_put_control(&writer->file, FSTRM_STOP, NULL);
	const char *path = scratch_write(name, writer->file.data, writer->file.size);
	buffer_clear(&writer->file);
	return path;
}

/* Adds a frame; one second after the last, with a message if `message` is none of NULL. */
static void add_frame(writer_t *writer, unsigned type, unsigned protocol, const void *message,
                      size_t size)
{
	dnstap_spec_t spec = {
		.type = type, .family = 1, .protocol = protocol, .querier = querier,
		.querier_size = 4, .server = server, .server_size = 4, .querier_port = 40000,
		.server_port = 5300, .seconds = BASE + writer->frames++, .nanoseconds = 5999,
		.query = message, .query_size = size,
	};
	buffer_t fields = { 0 }, frame = { 0 };
	dnstap_put_message(&fields, &spec);
	dnstap_put_frame(&frame, &fields);
	fstrm_put_data(&writer->file, frame.data, frame.size);
	buffer_clear(&fields);
	buffer_clear(&frame);
}

static void add_query(writer_t *writer, unsigned type, unsigned protocol, const char *label,
                      uint8_t high_flags, size_t cut)
{
	buffer_t message = { 0 };
	put_query(&message, label, high_flags);
	add_frame(writer, type, protocol, message.data, message.size - cut);
	buffer_clear(&message);
}

/* Reads all queries: their labels behind each other, with "/tcp". Returns the last status. */
static status_t labels_read(const char *const *paths, size_t count, char labels[256],
                            query_stream_counts_t *counts, failure_t *failure)
{
	query_stream_t *stream;
	query_t query;
	*labels = '\0';
	*failure = (failure_t) { 0 };
	status_t status = query_stream_open(paths, count, &stream, failure);
	if (status != STATUS_OK) {
		return status;
	}
	while ((status = query_stream_next(stream, &query, failure)) == STATUS_OK) {
		size_t used = strlen(labels);
		(void)snprintf(labels + used, 256 - used, "%.3s%s ", (const char *)query.qname + 1,
		               query.tcp ? "/tcp" : "");
	}
	*counts = *query_stream_counts(stream);
	query_stream_close(stream);
	return status;
}

static void test_query(void)
{
	writer_t writer;
	writer_begin(&writer);
	add_query(&writer, 1, 1, "aaa", 1, 0);
	const char *path = writer_end(&writer, "one");
	query_stream_t *stream;
	query_t query;
	failure_t failure;
	char text[ADDRESS_TEXT_MAX];
	tap_require(query_stream_open(&path, 1, &stream, &failure) == STATUS_OK, "a log: opened");
	tap_require(query_stream_next(stream, &query, &failure) == STATUS_OK, "one query: read");
	is_int(query.moment, BASE * MICROSECONDS + 5, "moment");
	is_text(address_format(&query.querier, text), "198.51.100.7", "querier");
	is_text(address_format(&query.server, text), "192.0.2.53", "server");
	is_int(query.querier_port, 40000, "port");
	ok(!query.tcp && !query.cut, "by UDP, whole");
	is_int(query.qtype, 12, "type");
	is_int(query.qclass, 1, "class");
	ok(query.qname_size == 5 && memcmp(query.qname, "\3aaa", 5) == 0, "name");
	ok(query.message_size == QUERY && query.question_end == QUERY, "message");
	is_int(query_stream_next(stream, &query, &failure), STATUS_END, "the end");
	is_int(query_stream_position(stream), query_stream_size(stream), "all is read");
	query_stream_close(stream);
}

static void test_counts(void)
{
	writer_t writer;
	writer_begin(&writer);
	add_query(&writer, 2, 1, "aaa", 0x84, 0);      /* AUTH_RESPONSE */
	add_query(&writer, 1, 1, "bbb", 0x01, 0);
	add_query(&writer, 5, 2, "ccc", 0x01, 0);      /* CLIENT_QUERY, TCP */
	add_query(&writer, 5, 3, "ddd", 0x01, 0);      /* TLS */
	add_query(&writer, 3, 1, "eee", 0x01, 0);      /* RESOLVER_QUERY */
	add_query(&writer, 13, 1, "fff", 0x28, 0);     /* UPDATE_QUERY */
	add_query(&writer, 1, 1, "ggg", 0x20, 0);      /* NOTIFY */
	add_query(&writer, 1, 1, "hhh", 0x84, 0);      /* a response for a query */
	add_query(&writer, 1, 1, "iii", 0x01, 1);      /* cut in the question */
	add_frame(&writer, 1, 1, NULL, 0);             /* no message */
	add_frame(&writer, 1, 1, "", 0);               /* an empty one */
	fstrm_put_data(&writer.file, "\xff", 1);       /* no dnstap */
	const char *path = writer_end(&writer, "counts");

	char labels[256];
	query_stream_counts_t counts;
	failure_t failure;
	is_int(labels_read(&path, 1, labels, &counts, &failure), STATUS_END, "counts: read");
	is_text(labels, "bbb ccc/tcp ddd/tcp ", "counts: the queries");
	is_int(counts.packets, 0, "no packets");
	is_int(counts.dnstap_frames, 12, "frames");
	is_int(counts.dnstap_other, 3, "of other messages");
	is_int(counts.dnstap_without, 1, "without message");
	is_int(counts.dnstap_malformed, 1, "malformed");
	is_int(counts.dnstap_dns, 7, "with a message");
	is_int(counts.udp_queries, 1, "queries by UDP");
	is_int(counts.tcp_queries, 2, "queries by TCP");
	is_int(counts.responses, 1, "responses");
	is_int(counts.dns_other, 1, "other messages");
	is_int(counts.dns_short, 2, "short messages");
	is_int(counts.first_moment, (BASE + 1) * MICROSECONDS + 5, "first moment");
	is_int(counts.last_moment, (BASE + 10) * MICROSECONDS + 5, "last moment");
}

/* Frames as capture.h gives them: the time of a response is a time, and none is the last one. */
static void test_frames(void)
{
	writer_t writer;
	buffer_t message = { 0 }, frame = { 0 };
	put_number(&message, 1, 2);
	put_number(&message, 12, BASE + 5);
	dnstap_put_frame(&frame, &message);
	writer_begin(&writer);
	fstrm_put_data(&writer.file, frame.data, frame.size);
	fstrm_put_data(&writer.file, "\xff", 1);
	add_query(&writer, 1, 1, "aaa", 1, 0);
	const char *path = writer_end(&writer, "frames");
	capture_t *capture;
	frame_t read = { 0 };
	failure_t failure;
	tap_require(capture_open(path, &capture, &failure) == STATUS_OK, "a log as a capture");
	is_text(capture_format(capture), "dnstap", "its format");
	is_int(capture_next(capture, &read, &failure), STATUS_OK, "a response");
	ok(read.link == LINK_DNSTAP && read.dnstap->kind == DNSTAP_OTHER, "is another message");
	is_int(read.moment, (BASE + 5) * MICROSECONDS, "with its own time");
	is_int(capture_next(capture, &read, &failure), STATUS_OK, "bytes that are no message");
	ok(read.dnstap->kind == DNSTAP_MALFORMED && read.size == 1, "are malformed");
	is_int(read.moment, (BASE + 5) * MICROSECONDS, "with the time before them");
	is_int(capture_next(capture, &read, &failure), STATUS_OK, "a query");
	is_int(read.moment, BASE * MICROSECONDS + 5, "whose time runs backwards");
	is_int(capture_next(capture, &read, &failure), STATUS_END, "the end");
	capture_close(capture);
	buffer_clear(&message);
	buffer_clear(&frame);
}

/* A raw pcap file with one query. */
static const char *pcap_write(const char *name, const char *label)
{
	buffer_t file = { 0 }, packet = { 0 };
	PUT(&packet, 0x45, 0, HIGH_LOW(28 + QUERY), 0, 0, 0, 0, 64, 17, 0, 0,
	    198, 51, 100, 7, 192, 0, 2, 53);
	PUT(&packet, HIGH_LOW(40000), HIGH_LOW(53), HIGH_LOW(8 + QUERY), 0, 0);
	put_query(&packet, label, 1);
	pcap_begin(&file, 0xa1b2c3d4, LINKTYPE_RAW, false);
	pcap_packet(&file, BASE, 0, &packet, packet.size, false);
	const char *path = scratch_write(name, file.data, file.size);
	buffer_clear(&file);
	buffer_clear(&packet);
	return path;
}

static void test_mixed(void)
{
	writer_t writer;
	const char *paths[4] = { pcap_write("1.pcap", "aaa") };
	writer_begin(&writer);
	add_query(&writer, 1, 1, "bbb", 1, 0);
	paths[1] = writer_end(&writer, "2.dnstap");
	paths[2] = pcap_write("3.dnstap", "ccc");         /* the name says nothing */
	writer_begin(&writer);
	add_query(&writer, 1, 1, "ddd", 1, 0);
	paths[3] = writer_end(&writer, "4.pcap");
	char labels[256];
	query_stream_counts_t counts;
	failure_t failure;
	is_int(labels_read(paths, 4, labels, &counts, &failure), STATUS_END, "mixed files");
	is_text(labels, "aaa bbb ccc ddd ", "all queries in the order of the files");
	is_int(counts.packets, 2, "packets of two");
	is_int(counts.dnstap_frames, 2, "frames of the others");
	is_int(counts.udp_queries, 4, "queries of all");
}

/* Each cut gives the queries before it; the end only where a frame ends. */
static void test_cut(void)
{
	writer_t writer;
	writer_begin(&writer);
	size_t start = writer.file.size;
	for (int i = 0; i < 3; i++) {
		add_query(&writer, 1, 1, "aaa", 1, 0);
	}
	size_t frame = (writer.file.size - start) / 3, wrong = 0;
	for (size_t size = 1; size <= writer.file.size; size++) {
		const char *path = scratch_write("cut", writer.file.data, size);
		query_stream_counts_t counts = { 0 };
		failure_t failure;
		char labels[256];
		status_t status = labels_read(&path, 1, labels, &counts, &failure);
		size_t whole = size < start ? 0 : (size - start) / frame;
		bool clean = size >= start && (size - start) % frame == 0;
		wrong += status != (clean ? STATUS_END : STATUS_BAD_DATA) ||
		         counts.udp_queries != whole ||
		         (!clean && strstr(failure.sentence, path) == NULL);
	}
	is_int(wrong, 0, "a log cut at each of %zu lengths", writer.file.size);
	buffer_clear(&writer.file);
}

static void check_refused(const buffer_t *file, status_t wanted, const char *word, const char *what)
{
	const char *path = scratch_write("refused", file->data, file->size);
	char labels[256];
	query_stream_counts_t counts;
	failure_t failure;
	is_int(labels_read(&path, 1, labels, &counts, &failure), wanted, "%s", what);
	ok(strstr(failure.sentence, path) != NULL && strstr(failure.sentence, word) != NULL, "%s: %s",
	   what, failure.sentence);
}

static void test_refused(void)
{
	buffer_t file = { 0 };
	fstrm_put_control(&file, FSTRM_START, "protobuf:other.Type");
	check_refused(&file, STATUS_UNSUPPORTED, "protobuf:other.Type", "another content type");
	buffer_clear(&file);
	put_bytes(&file, 1, "ns1", 3);
	put_bytes(&file, 2, "test 1", 6);
	put_bytes(&file, 14, "\x08\x01", 2);
	put_number(&file, 15, 1);
	check_refused(&file, STATUS_UNSUPPORTED, "without Frame Streams", "a bare message");
	buffer_clear(&file);
	fstrm_put_control(&file, FSTRM_START, DNSTAP_CONTENT);
	put_be32(&file, UINT32_MAX);
	check_refused(&file, STATUS_BAD_DATA, "4294967295 bytes", "a frame of an absurd length");
	buffer_clear(&file);
}

int main(void)
{
	scratch_begin();
	test_query();
	test_counts();
	test_frames();
	test_mixed();
	test_cut();
	test_refused();
	scratch_end();
	return tap_done();
}
