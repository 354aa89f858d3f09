/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frame Streams built by hand: as servers write them, and as they must not be. */
#include "capture/frame_stream.h"

#include "tests/dnstap_write.h"
#include "tests/tap.h"
#include "tests/unit/scratch.h"

/* Reads a whole file: its frames behind each other into `text`, with a '|' before each. */
static status_t file_read(const char *path, char text[256], failure_t *failure)
{
	byte_source_t *source;
	frame_stream_t *stream;
	const uint8_t *data;
	size_t size;
	*text = '\0';
	*failure = (failure_t) { 0 };
	tap_require(byte_source_open(path, &source, failure) == STATUS_OK, "open");
	status_t status = frame_stream_open(source, DNSTAP_CONTENT, &stream, failure);
	if (status != STATUS_OK) {
		ok(stream == NULL, "no stream");
		byte_source_close(source);
		return status;
	}
	while ((status = frame_stream_next(stream, &data, &size, failure)) == STATUS_OK) {
		size_t used = strlen(text);
		(void)snprintf(text + used, 256 - used, "|%.*s", size < 10 ? (int)size : 10,
		               (const char *)data);
	}
	is_int(frame_stream_next(stream, &data, &size, NULL), status, "the end stays what it is");
	frame_stream_close(stream);
	byte_source_close(source);
	return status;
}

static void check(buffer_t *file, status_t wanted, const char *frames, const char *word,
                  const char *what)
{
	char text[256];
	failure_t failure;
	const char *path = scratch_write("stream", file->data, file->size);
	is_int(file_read(path, text, &failure), wanted, "%s", what);
	is_text(text, frames, "%s: the frames", what);
	if (wanted != STATUS_END) {
		ok(strstr(failure.sentence, path) != NULL && strstr(failure.sentence, word) != NULL,
		   "%s: %s", what, failure.sentence);
	}
	buffer_clear(file);
}

static void put_data(buffer_t *out, const char *text)
{
	fstrm_put_data(out, text, strlen(text));
}

static void put_stream(buffer_t *out, const char *first, const char *second)
{
	fstrm_put_control(out, FSTRM_START, DNSTAP_CONTENT);
	put_data(out, first);
	put_data(out, second);
	fstrm_put_control(out, FSTRM_STOP, NULL);
}

static void test_good(void)
{
	buffer_t file = { 0 };
	put_stream(&file, "one", "two");
	check(&file, STATUS_END, "|one|two", NULL, "a file");

	fstrm_put_control(&file, FSTRM_READY, DNSTAP_CONTENT);
	fstrm_put_control(&file, FSTRM_ACCEPT, DNSTAP_CONTENT);
	put_stream(&file, "one", "two");
	fstrm_put_control(&file, FSTRM_FINISH, NULL);
	check(&file, STATUS_END, "|one|two", NULL, "a handshake");

	put_stream(&file, "one", "two");
	fstrm_put_control(&file, FSTRM_READY, DNSTAP_CONTENT);
	put_stream(&file, "three", "four");
	check(&file, STATUS_END, "|one|two|three|four", NULL, "two streams");

	fstrm_put_control(&file, FSTRM_START, DNSTAP_CONTENT);
	put_data(&file, "one");
	put_stream(&file, "two", "three");
	check(&file, STATUS_END, "|one|two|three", NULL, "a stream that begins anew");

	fstrm_put_control(&file, FSTRM_START, DNSTAP_CONTENT);
	check(&file, STATUS_END, "", NULL, "a stream without frames");

	fstrm_put_control(&file, FSTRM_START, NULL);
	put_data(&file, "one");
	check(&file, STATUS_END, "|one", NULL, "a stream without content type and end");
}

static void test_refused(void)
{
	buffer_t file = { 0 };
	fstrm_put_control(&file, FSTRM_START, "protobuf:other.Type");
	put_data(&file, "one");
	check(&file, STATUS_UNSUPPORTED, "", "'protobuf:other.Type'", "another content type");

	put_stream(&file, "one", "two");
	fstrm_put_control(&file, FSTRM_START, "text");
	put_data(&file, "three");
	check(&file, STATUS_UNSUPPORTED, "|one|two", "'text'", "another one later");

	fstrm_put_control(&file, FSTRM_READY, DNSTAP_CONTENT);
	put_data(&file, "one");
	check(&file, STATUS_BAD_DATA, "", "outside of a stream", "data before START");

	put_stream(&file, "one", "two");
	put_data(&file, "three");
	check(&file, STATUS_BAD_DATA, "|one|two", "behind frame 2: data outside of a stream",
	      "data behind STOP");

	fstrm_put_control(&file, FSTRM_READY, DNSTAP_CONTENT);
	check(&file, STATUS_BAD_DATA, "", "it ends within a frame", "no START");

	fstrm_put_control(&file, FSTRM_START, DNSTAP_CONTENT);
	put_data(&file, "one");
	fstrm_put_control(&file, 6, NULL);
	check(&file, STATUS_BAD_DATA, "|one", "behind frame 1: a control frame of the unknown type 6",
	      "an unknown control frame");
}

/* Control frames whose lengths do not agree. */
static void test_lengths(void)
{
	static const struct { uint32_t size, type, field, value; const char *word, *what; } frames[] = {
		{ 3, 2, 1, 0, "control frame of 3 bytes", "a control frame without a type" },
		{ 513, 2, 1, 0, "control frame of 513 bytes", "a long control frame" },
		{ UINT32_MAX, 2, 1, 0, "control frame of 4294967295 bytes", "a longer one" },
		{ 8, 2, 1, 0, "START of a wrong length", "a START cut in a field" },
		{ 12, 2, 1, 4, "START of a wrong length", "a content type behind its end" },
		{ 12, 2, 1, UINT32_MAX, "START of a wrong length", "one far behind it" },
	};
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		buffer_t file = { 0 };
		put_be32(&file, 0);
		put_be32(&file, frames[i].size);
		put_be32(&file, frames[i].type);
		put_be32(&file, frames[i].field);
		put_be32(&file, frames[i].value);
		put_stream(&file, "one", "two");
		check(&file, STATUS_BAD_DATA, "", frames[i].word, frames[i].what);
	}
}

static void test_large(void)
{
	char *large = calloc(1, FRAME_STREAM_FRAME_MAX);
	memcpy(large, "large", 5);
	buffer_t file = { 0 };
	fstrm_put_control(&file, FSTRM_START, DNSTAP_CONTENT);
	fstrm_put_data(&file, large, FRAME_STREAM_FRAME_MAX);
	put_data(&file, "one");
	check(&file, STATUS_END, "|large|one", NULL, "the largest frame");
	free(large);
	static const uint32_t sizes[] = { FRAME_STREAM_FRAME_MAX + 1, 0x7fffffff, UINT32_MAX };
	for (size_t i = 0; i < 3; i++) {
		fstrm_put_control(&file, FSTRM_START, DNSTAP_CONTENT);
		put_data(&file, "one");
		put_be32(&file, sizes[i]);
		put_stream(&file, "two", "three");
		char word[64];
		(void)snprintf(word, sizeof(word), "a frame of %u bytes", sizes[i]);
		check(&file, STATUS_BAD_DATA, "|one", word, "a frame that is too large");
	}
}

/* Each cut gives the frames before it, and the end only where a frame ends. */
static void test_cuts(void)
{
	buffer_t file = { 0 };
	put_stream(&file, "one", "two");
	fstrm_put_control(&file, FSTRM_READY, DNSTAP_CONTENT);
	const size_t start = 12 + 8 + 22, ends[] = { start, start + 7, start + 14, start + 26,
	                                             start + 26 + start };
	tap_require(file.size == ends[4], "the frames have the sizes that they should have");
	size_t wrong = 0;
	for (size_t size = 1; size <= file.size; size++) {
		byte_source_t *source;
		frame_stream_t *stream = NULL;
		failure_t failure;
		const char *path = scratch_write("cut", file.data, size);
		status_t status = byte_source_open(path, &source, &failure);
		wrong += status != STATUS_OK;
		status = frame_stream_open(source, DNSTAP_CONTENT, &stream, &failure);
		size_t frames = 0;
		const uint8_t *data;
		size_t length;
		while (status == STATUS_OK) {
			status = frame_stream_next(stream, &data, &length, &failure);
			frames += status == STATUS_OK;
		}
		bool clean = false;
		for (size_t i = 0; i < 5; i++) {
			clean |= size == ends[i];
		}
		wrong += status != (clean ? STATUS_END : STATUS_BAD_DATA) ||
		         frames != (size_t)(size >= ends[1]) + (size >= ends[2]) ||
		         (!clean && strstr(failure.sentence, path) == NULL);
		frame_stream_close(stream);
		byte_source_close(source);
	}
	is_int(wrong, 0, "a file cut at each of %zu lengths", file.size);
	buffer_clear(&file);
}

static void test_probe(void)
{
	buffer_t file = { 0 };
	fstrm_put_control(&file, FSTRM_READY, DNSTAP_CONTENT);
	ok(frame_stream_probe(file.data, file.size), "a stream is known");
	ok(!frame_stream_probe(file.data, FRAME_STREAM_PROBE - 1), "by twelve bytes");
	ok(!frame_stream_probe((const uint8_t *)"\0\0\0\0\0\0\0\0\0\0\0\0", 12), "zeros are none");
	ok(!frame_stream_probe((const uint8_t *)"\0\0\0\0\0\0\0\4\0\0\0\6", 12), "nor is a type 6");
	ok(frame_stream_probe((const uint8_t *)"\0\0\0\0\0\0\0\4\0\0\0\5", 12), "a FINISH is");
	buffer_clear(&file);
}

int main(void)
{
	scratch_begin();
	test_good();
	test_refused();
	test_lengths();
	test_large();
	test_cuts();
	test_probe();
	scratch_end();
	return tap_done();
}
