/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our decoder of dnstap against the one that protobuf-c generates: frames of random content,
 * whole and damaged, must be judged the same and give the same values. And our reader of
 * Frame Streams against libfstrm: what it writes is read, what it reads is read the same.
 */
#include "config.h"

#include "capture/dnstap_message.h"

#include "common/generator.h"
#include "tests/dnstap_write.h"
#include "tests/tap.h"

#ifdef HAVE_DNSTAP_ORACLE
#include <fstrm.h>

#include "capture/frame_stream.h"
#include "tests/unit/dnstap_oracle.pb-c.h"
#include "tests/unit/scratch.h"
#include "tests/unit/shared_data.h"

#define FRAMES  20000
#define DAMAGED 20  /* Copies of each. */

static uint64_t moment_of(bool has, uint64_t seconds, uint32_t nanoseconds)
{
	return has && seconds <= DNSTAP_SECONDS_MAX && nanoseconds < 1000000000
	       ? seconds * MICROSECONDS + nanoseconds / 1000 : 0;
}

/* The time that a frame tells of: of a query, else of a response. */
static uint64_t judge_moment(const OracleFrame *frame)
{
	const OracleQuery *message = frame->message;
	if (message == NULL) {
		return 0;
	}
	uint64_t moment = moment_of(message->has_seconds, message->seconds, message->nanoseconds);
	return moment != 0 ? moment : moment_of(message->has_response_seconds,
	                                        message->response_seconds,
	                                        message->response_nanoseconds);
}

/* What protobuf-c says of a frame, by the rules of dnstap_message.h in their plainest form. */
static dnstap_kind_t judge(const OracleFrame *frame, dnstap_query_t *query)
{
	static const bool streams[] = { [2] = true, [3] = true, [4] = true, [6] = true, [7] = true };
	const OracleQuery *message = frame->message;
	if (frame->kind != 1) {
		return DNSTAP_OTHER;
	}
	if (message == NULL) {
		return DNSTAP_WITHOUT;
	}
	if (message->kind != 1 && message->kind != 5) {
		return DNSTAP_OTHER;
	}
	if (!message->has_querier || message->querier.len == 0 || !message->has_seconds ||
	    !message->has_query) {
		return DNSTAP_WITHOUT;
	}
	size_t size = message->querier.len;
	if ((size != 4 && size != 16) || (message->has_family && message->family != 1 &&
	    message->family != 2) || (message->has_family && (message->family == 1) != (size == 4)) ||
	    message->querier_port > 65535 || message->nanoseconds >= 1000000000 ||
	    message->seconds > DNSTAP_SECONDS_MAX) {
		return DNSTAP_MALFORMED;
	}
	*query = (dnstap_query_t) {
		.moment = message->seconds * MICROSECONDS + message->nanoseconds / 1000,
		.querier = size == 4 ? address_from_ipv4(message->querier.data)
		                     : address_from_ipv6(message->querier.data),
		.querier_port = (uint16_t)message->querier_port,
		.stream = message->protocol < sizeof(streams) && streams[message->protocol],
		.message = message->query.data, .message_size = message->query.len,
	};
	static const uint8_t none[16];
	const uint8_t *address = message->server.len == size ? message->server.data : none;
	query->server = size == 4 ? address_from_ipv4(address) : address_from_ipv6(address);
	return DNSTAP_QUERY;
}

static bool same(const dnstap_query_t *a, const dnstap_query_t *b)
{
	return a->moment == b->moment && address_equal(&a->querier, &b->querier) &&
	       address_equal(&a->server, &b->server) && a->querier_port == b->querier_port &&
	       a->stream == b->stream && a->message_size == b->message_size &&
	       (a->message_size == 0 || memcmp(a->message, b->message, a->message_size) == 0);
}

/* A field 0, which no message may have, protobuf-c lets through if its tag takes two bytes. */
static bool has_long_zero(const uint8_t *data, size_t size)
{
	for (size_t i = 1; i < size; i++) {
		if (data[i] == 0 && data[i - 1] >= 0x80 && data[i - 1] <= 0x87) {
			return true;
		}
	}
	return false;
}

/* Judges one frame both ways; returns our kind, or DNSTAP_KINDS if they differ. */
static dnstap_kind_t compare(const uint8_t *data, size_t size)
{
	dnstap_query_t ours, theirs;
	uint8_t *copy = malloc(size > 0 ? size : 1);
	memcpy(copy, data, size);
	dnstap_kind_t kind = dnstap_message_parse(copy, size, &ours);
	OracleFrame *frame = oracle_frame__unpack(NULL, size, copy);
	dnstap_kind_t wanted = frame != NULL ? judge(frame, &theirs) : DNSTAP_MALFORMED;
	bool good = kind == wanted && (kind != DNSTAP_QUERY || same(&ours, &theirs)) &&
	            (frame == NULL || ours.moment == judge_moment(frame));
	good = good || (kind == DNSTAP_MALFORMED && has_long_zero(data, size));
	if (frame != NULL) {
		oracle_frame__free_unpacked(frame, NULL);
	}
	free(copy);
	return good ? kind : DNSTAP_KINDS;
}

/* One of a few values, each of which has its own way through the decoder. */
static uint64_t pick(generator_t *generator, const uint64_t *values, size_t count)
{
	return values[generator_below(generator, count)];
}

#define PICK(...) pick(generator, (const uint64_t[]) { __VA_ARGS__ }, \
                       sizeof((const uint64_t[]) { __VA_ARGS__ }) / sizeof(uint64_t))

/* Returns false if there are two messages, of which protobuf-c loses runs of no bytes. */
static bool random_frame(generator_t *generator, buffer_t *frame)
{
	uint8_t bytes[300];
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)generator_next(generator);
	}
	size_t size = PICK(4, 4, 4, 16, 16, 5, 0);
	dnstap_spec_t spec = {
		.type = (unsigned)PICK(1, 1, 1, 5, 5, 2, 3, 13, 300, 0),
		.family = (unsigned)(PICK(0, 1, 2, 3, 100) % 4 != 0 ? 1 + (size == 16) : PICK(0, 1, 2)),
		.protocol = (unsigned)generator_below(generator, 10),
		.querier = PICK(0, 1, 1, 1) != 0 ? bytes : NULL, .querier_size = size,
		.server = PICK(0, 1, 1) != 0 ? bytes + 16 : NULL, .server_size = PICK(4, 16, 7),
		.querier_port = (unsigned)PICK(0, 53, 127, 128, 40000, 65535, 65536),
		.server_port = (unsigned)PICK(0, 53, 853),
		.seconds = PICK(0, 1, 1790000000, 1790000000, 1790000000, UINT32_MAX,
		                DNSTAP_SECONDS_MAX, UINT64_MAX),
		.nanoseconds = (uint32_t)PICK(0, 1, 999999999, 1000000000),
		.query = PICK(0, 1, 1, 1) != 0 ? bytes + 32 : NULL,
		.query_size = PICK(0, 12, 40, 127, 128, 260),
	};
	buffer_t message = { 0 };
	dnstap_put_message(&message, &spec);
	if (PICK(0, 0, 1) == 1) {
		put_number(&message, 12, PICK(0, 1790000001, DNSTAP_SECONDS_MAX + 1));
		put_fixed32(&message, 13, (uint32_t)PICK(0, 999999999, 1000000000));
	}
	if (PICK(0, 0, 0, 1) == 1) {
		put_bytes(&message, (unsigned)generator_below(generator, 40) + 14, bytes, 20);
	}
	dnstap_put_frame(frame, &message);
	bool joined = PICK(0, 0, 0, 0, 1) == 1 && size != 0 && spec.query_size != 0;
	if (joined) {
		put_bytes(frame, 14, message.data, message.size);
	}
	buffer_clear(&message);
	return !joined;
}

static void test_random(void)
{
	generator_t stream = generator_make(1, 0), *generator = &stream;
	size_t kinds[2][DNSTAP_KINDS + 1] = { 0 };
	for (size_t i = 0; i < FRAMES; i++) {
		buffer_t frame = { 0 };
		bool single = random_frame(generator, &frame);
		kinds[0][compare(frame.data, frame.size)]++;
		for (size_t j = 0; single && j < DAMAGED; j++) {
			size_t at = generator_below(generator, frame.size);
			uint8_t saved = frame.data[at];
			frame.data[at] = (uint8_t)generator_next(generator);
			size_t cut = PICK(0, 0, 0, 1) * generator_below(generator, frame.size);
			kinds[1][compare(frame.data, frame.size - cut)]++;
			frame.data[at] = saved;
		}
		buffer_clear(&frame);
	}
	for (size_t i = 0; i < 2; i++) {
		is_int(kinds[i][DNSTAP_KINDS], 0, "no %s frame is judged differently",
		       i == 0 ? "whole" : "damaged");
		for (dnstap_kind_t kind = 0; kind < DNSTAP_KINDS; kind++) {
			ok(kinds[i][kind] > FRAMES / 50, "%zu of them are of the kind '%s'",
			   kinds[i][kind], dnstap_kind_name(kind));
		}
	}
}

static struct fstrm_file_options *path_options(const char *path)
{
	struct fstrm_file_options *options = fstrm_file_options_init();
	fstrm_file_options_set_file_path(options, path);
	return options;
}

/* Bytes of the frame with a number, the same for writer and reader; returns their number. */
static size_t frame_make(size_t number, uint8_t *bytes)
{
	generator_t generator = generator_make(2, number);
	size_t size = 1 + generator_below(&generator, number % 100 == 0 ? FRAME_STREAM_FRAME_MAX : 400);
	memset(bytes, (int)(generator_next(&generator) & 0xff), size);
	return size;
}

/* libfstrm writes the frames from `first` on. */
static void theirs_write(const char *path, size_t first, size_t count, uint8_t *bytes)
{
	struct fstrm_file_options *file = path_options(path);
	struct fstrm_writer_options *options = fstrm_writer_options_init();
	(void)fstrm_writer_options_add_content_type(options, DNSTAP_CONTENT, strlen(DNSTAP_CONTENT));
	struct fstrm_writer *writer = fstrm_file_writer_init(file, options);
	tap_require(writer != NULL && fstrm_writer_open(writer) == fstrm_res_success,
	            "libfstrm opens a file to write");
	size_t failed = 0;
	for (size_t i = 0; i < count; i++) {
		size_t size = frame_make(first + i, bytes);
		failed += fstrm_writer_write(writer, bytes, size) != fstrm_res_success;
	}
	is_int(failed, 0, "it writes %zu frames", count);
	(void)fstrm_writer_destroy(&writer);
	fstrm_writer_options_destroy(&options);
	fstrm_file_options_destroy(&file);
}

static void test_read_theirs(uint8_t *bytes)
{
	const size_t count = 1000;
	const char *path = scratch_path("theirs");
	theirs_write(path, 0, count, bytes);
	byte_source_t *source;
	frame_stream_t *stream;
	failure_t failure;
	tap_require(byte_source_open(path, &source, &failure) == STATUS_OK &&
	            frame_stream_open(source, DNSTAP_CONTENT, &stream, &failure) == STATUS_OK,
	            "we open what libfstrm wrote");
	const uint8_t *data;
	size_t size, frames = 0, wrong = 0;
	status_t status;
	while ((status = frame_stream_next(stream, &data, &size, &failure)) == STATUS_OK) {
		wrong += size != frame_make(frames++, bytes) || memcmp(data, bytes, size) != 0;
	}
	is_int(status, STATUS_END, "it is read to its end");
	is_int(frames, count, "all frames");
	is_int(wrong, 0, "none altered");
	frame_stream_close(stream);
	byte_source_close(source);
}

static fstrm_res theirs_open(const char *path, struct fstrm_reader **reader)
{
	struct fstrm_file_options *file = path_options(path);
	*reader = fstrm_file_reader_init(file, NULL);
	fstrm_file_options_destroy(&file);
	return fstrm_reader_open(*reader);
}

/* What the tests write by hand is what libfstrm takes for a file. */
static void test_read_ours(uint8_t *bytes)
{
	const size_t count = 1000;
	buffer_t file = { 0 };
	fstrm_put_control(&file, FSTRM_START, DNSTAP_CONTENT);
	for (size_t i = 0; i < count; i++) {
		size_t size = frame_make(i, bytes);
		fstrm_put_data(&file, bytes, size);
	}
	fstrm_put_control(&file, FSTRM_STOP, NULL);
	const char *path = scratch_write("ours", file.data, file.size);
	buffer_clear(&file);
	struct fstrm_reader *reader;
	tap_require(theirs_open(path, &reader) == fstrm_res_success, "libfstrm opens what we wrote");
	const uint8_t *data;
	size_t size, frames = 0, wrong = 0;
	fstrm_res result;
	while ((result = fstrm_reader_read(reader, &data, &size)) == fstrm_res_success) {
		wrong += size != frame_make(frames++, bytes) || memcmp(data, bytes, size) != 0;
	}
	is_int(result, fstrm_res_stop, "it is read to its end");
	is_int(frames, count, "all frames");
	is_int(wrong, 0, "none altered");
	(void)fstrm_reader_destroy(&reader);

	fstrm_put_control(&file, FSTRM_READY, DNSTAP_CONTENT);
	fstrm_put_control(&file, FSTRM_START, DNSTAP_CONTENT);
	path = scratch_write("handshake", file.data, file.size);
	ok(theirs_open(path, &reader) != fstrm_res_success, "a handshake libfstrm does not read");
	(void)fstrm_reader_destroy(&reader);
	buffer_clear(&file);
}

/* All frames of a real file, as libfstrm and protobuf-c read it; returns their number. */
static size_t real_compare(const char *path)
{
	struct fstrm_reader *reader;
	byte_source_t *source;
	frame_stream_t *stream;
	failure_t failure;
	tap_require(theirs_open(path, &reader) == fstrm_res_success &&
	            byte_source_open(path, &source, &failure) == STATUS_OK &&
	            frame_stream_open(source, DNSTAP_CONTENT, &stream, &failure) == STATUS_OK,
	            "both open %s", path);
	const uint8_t *ours, *theirs;
	size_t our_size, their_size, frames = 0, wrong = 0;
	fstrm_res result;
	while ((result = fstrm_reader_read(reader, &theirs, &their_size)) == fstrm_res_success) {
		wrong += frame_stream_next(stream, &ours, &our_size, &failure) != STATUS_OK ||
		         our_size != their_size || memcmp(ours, theirs, our_size) != 0 ||
		         compare(ours, our_size) == DNSTAP_KINDS;
		frames++;
	}
	is_int(frame_stream_next(stream, &ours, &our_size, &failure), STATUS_END, "the end");
	is_int(result, fstrm_res_stop, "for both");
	is_int(wrong, 0, "%zu frames are read and judged the same", frames);
	(void)fstrm_reader_destroy(&reader);
	frame_stream_close(stream);
	byte_source_close(source);
	return frames;
}

/* Files that Knot DNS, kdig, dnsdist and BIND wrote; where they are not, this is left out. */
static void test_real(void)
{
	static const char *const names[] = {
		"compactor/test-scripts_test.dnstap", "dsc/src_test_test.dnstap",
		"dsc/src_test_dotdoh.dnstap", "bind9/bin_tests_system_dnstap_large-answer.fstrm",
	};
	const char *folder = shared_find();
	size_t frames = 0;
	for (size_t i = 0; folder != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
		frames += real_compare(shared_path(folder, names[i]));
	}
	ok(folder == NULL || frames == 20, "%zu frames of real files", frames);
}

int main(void)
{
	test_random();
	test_real();
	scratch_begin();
	uint8_t *bytes = malloc(FRAME_STREAM_FRAME_MAX);
	test_read_theirs(bytes);
	test_read_ours(bytes);
	free(bytes);
	scratch_end();
	return tap_done();
}

#else

int main(void)
{
	tap_skip_all("libprotobuf-c and protoc-c were not there when this was configured");
}

#endif
