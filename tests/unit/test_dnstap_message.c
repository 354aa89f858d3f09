/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of dnstap built by hand: what servers write, what is missing, what cannot be. */
#include "capture/dnstap_message.h"

#include <dirent.h>

#include "tests/dnstap_write.h"
#include "tests/tap.h"

#define SECONDS UINT64_C(1790000000)

static const uint8_t querier[] = { 198, 51, 100, 7 }, server[] = { 192, 0, 2, 53 };
static const uint8_t querier6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 7 };

static dnstap_spec_t spec_make(void)
{
	return (dnstap_spec_t) {
		.type = 1, .family = 1, .protocol = 1,
		.querier = querier, .querier_size = 4, .server = server, .server_size = 4,
		.querier_port = 40000, .server_port = 53,
		.seconds = SECONDS, .nanoseconds = 123456789, .query = "question", .query_size = 8,
	};
}

/* The kind of a frame around `message`, from an allocation of just its size. */
static dnstap_kind_t kind_of(const buffer_t *message, dnstap_query_t *query)
{
	static uint8_t *copy;
	buffer_t frame = { 0 };
	dnstap_put_frame(&frame, message);
	free(copy);
	copy = malloc(frame.size);
	memcpy(copy, frame.data, frame.size);
	dnstap_kind_t kind = dnstap_message_parse(copy, frame.size, query);
	if (kind == DNSTAP_QUERY && (query->message < copy ||
	    query->message + query->message_size > copy + frame.size)) {
		printf("Bail out! a message outside of its frame\n");
		exit(1);
	}
	buffer_clear(&frame);
	return kind;
}

static dnstap_kind_t kind_of_spec(const dnstap_spec_t *spec, dnstap_query_t *query)
{
	buffer_t message = { 0 };
	dnstap_put_message(&message, spec);
	dnstap_kind_t kind = kind_of(&message, query);
	buffer_clear(&message);
	return kind;
}

static void test_query(void)
{
	dnstap_spec_t spec = spec_make();
	dnstap_query_t query;
	char text[ADDRESS_TEXT_MAX];
	tap_require(kind_of_spec(&spec, &query) == DNSTAP_QUERY, "a query");
	is_int(query.moment, SECONDS * MICROSECONDS + 123456, "its moment");
	is_text(address_format(&query.querier, text), "198.51.100.7", "its querier");
	is_text(address_format(&query.server, text), "192.0.2.53", "its server");
	is_int(query.querier_port, 40000, "its port");
	ok(!query.stream, "over UDP");
	ok(query.message_size == 8 && memcmp(query.message, "question", 8) == 0, "its message");
	spec.family = 2;
	spec.querier = querier6;
	spec.querier_size = sizeof(querier6);
	is_int(kind_of_spec(&spec, &query), DNSTAP_QUERY, "over IPv6");
	is_text(address_format(&query.querier, text), "2001:db8::7", "the querier");
	is_text(address_format(&query.server, text), "::", "a server of the other family is none");
	spec = spec_make();
	spec.server = NULL;
	is_int(kind_of_spec(&spec, &query), DNSTAP_QUERY, "a query without a server");
	is_text(address_format(&query.server, text), "0.0.0.0", "which is then of the same family");
}

static void test_protocols(void)
{
	static const bool streams[] = { false, false, true, true, true, false, true, true, false };
	dnstap_spec_t spec = spec_make();
	for (unsigned i = 0; i < sizeof(streams); i++) {
		dnstap_query_t query;
		spec.protocol = i;
		ok(kind_of_spec(&spec, &query) == DNSTAP_QUERY && query.stream == streams[i],
		   "socket protocol %u: %s", i, streams[i] ? "a stream" : "datagrams");
	}
}

static void test_types(void)
{
	dnstap_spec_t spec = spec_make();
	for (unsigned i = 1; i <= 300; i = i < 20 ? i + 1 : i + 97) {
		dnstap_query_t query;
		spec.type = i;
		is_int(kind_of_spec(&spec, &query), i == 1 || i == 5 ? DNSTAP_QUERY : DNSTAP_OTHER,
		       "type %u", i);
	}
}

/* Changes of a good message, and what it is then. */
typedef struct {
	const char *what;
	dnstap_kind_t kind;
	void (*make)(dnstap_spec_t *spec);
} change_t;

static void no_type(dnstap_spec_t *spec) { spec->type = 0; }
static void no_family(dnstap_spec_t *spec) { spec->family = 0; }
static void other_family(dnstap_spec_t *spec) { spec->family = 2; }
static void strange_family(dnstap_spec_t *spec) { spec->family = 3; }
static void no_querier(dnstap_spec_t *spec) { spec->querier = NULL; }
static void empty_querier(dnstap_spec_t *spec) { spec->querier_size = 0; }
static void short_querier(dnstap_spec_t *spec) { spec->querier_size = 3; }
static void no_server(dnstap_spec_t *spec) { spec->server = NULL; }
static void short_server(dnstap_spec_t *spec) { spec->server_size = 2; }
static void no_port(dnstap_spec_t *spec) { spec->querier_port = 0; }
static void high_port(dnstap_spec_t *spec) { spec->querier_port = 65536; }
static void no_time(dnstap_spec_t *spec) { spec->seconds = 0; }
static void last_nanosecond(dnstap_spec_t *spec) { spec->nanoseconds = 999999999; }
static void high_nanosecond(dnstap_spec_t *spec) { spec->nanoseconds = 1000000000; }
static void last_second(dnstap_spec_t *spec) { spec->seconds = DNSTAP_SECONDS_MAX; }
static void high_second(dnstap_spec_t *spec) { spec->seconds = DNSTAP_SECONDS_MAX + 1; }
static void highest_second(dnstap_spec_t *spec) { spec->seconds = UINT64_MAX; }
static void no_query(dnstap_spec_t *spec) { spec->query = NULL; }
static void empty_query(dnstap_spec_t *spec) { spec->query_size = 0; }

static const change_t changes[] = {
	{ "without a type", DNSTAP_MALFORMED, no_type },
	{ "without a family", DNSTAP_QUERY, no_family },
	{ "with another family than its address", DNSTAP_MALFORMED, other_family },
	{ "with a family that is unknown", DNSTAP_MALFORMED, strange_family },
	{ "without an address", DNSTAP_WITHOUT, no_querier },
	{ "with an empty address", DNSTAP_WITHOUT, empty_querier },
	{ "with an address of three bytes", DNSTAP_MALFORMED, short_querier },
	{ "without a server's address", DNSTAP_QUERY, no_server },
	{ "with a server's address of two bytes", DNSTAP_QUERY, short_server },
	{ "without a port", DNSTAP_QUERY, no_port },
	{ "with port 65536", DNSTAP_MALFORMED, high_port },
	{ "without a time", DNSTAP_WITHOUT, no_time },
	{ "in the last nanosecond of a second", DNSTAP_QUERY, last_nanosecond },
	{ "with a second of nanoseconds", DNSTAP_MALFORMED, high_nanosecond },
	{ "in the last second", DNSTAP_QUERY, last_second },
	{ "in the second after it", DNSTAP_MALFORMED, high_second },
	{ "at the end of all numbers", DNSTAP_MALFORMED, highest_second },
	{ "without a message", DNSTAP_WITHOUT, no_query },
	{ "with an empty message", DNSTAP_QUERY, empty_query },
};

static void test_changes(void)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		dnstap_spec_t spec = spec_make();
		dnstap_query_t query;
		changes[i].make(&spec);
		is_int(kind_of_spec(&spec, &query), changes[i].kind, "a query %s", changes[i].what);
	}
}

/* A good message with one more field, given by its bytes, before or behind the others. */
static dnstap_kind_t kind_with(const char *bytes, size_t size, bool before, dnstap_query_t *query)
{
	dnstap_spec_t spec = spec_make();
	buffer_t message = { 0 };
	if (before) {
		buffer_append(&message, bytes, size);
	}
	dnstap_put_message(&message, &spec);
	if (!before) {
		buffer_append(&message, bytes, size);
	}
	dnstap_kind_t kind = kind_of(&message, query);
	buffer_clear(&message);
	return kind;
}

static void test_encoding(void)
{
	#define LONG_VARINT "\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	static const struct { const char *bytes; size_t size; dnstap_kind_t kind; const char *what; }
	fields[] = {
		{ "\xf8\x01\x05", 3, DNSTAP_QUERY, "an unknown number" },
		{ "\xf9\x01" "12345678", 10, DNSTAP_QUERY, "an unknown number of 64 bits" },
		{ "\xfd\x01" "1234", 6, DNSTAP_QUERY, "an unknown number of 32 bits" },
		{ "\xfa\x01\x03" "abc", 6, DNSTAP_QUERY, "unknown bytes" },
		{ "\xf8\x01" LONG_VARINT "\x01", 12, DNSTAP_QUERY, "a number of ten bytes" },
		{ "\xf8\x01" LONG_VARINT "\x81\x01", 13, DNSTAP_MALFORMED, "a number of eleven bytes" },
		{ "\xfa\x01\xff\xff\xff\xff\x7f", 7, DNSTAP_MALFORMED, "more bytes than there are" },
		{ "\xfa\x01\x80\x80\x80\x80\x80\x00", 8, DNSTAP_MALFORMED, "a length of six bytes" },
		{ "\x00\x01", 2, DNSTAP_MALFORMED, "a field 0" },
		{ "\xfb\x01", 2, DNSTAP_MALFORMED, "the begin of a group" },
		{ "\xfc\x01", 2, DNSTAP_MALFORMED, "the end of a group" },
		{ "\xfe\x01", 2, DNSTAP_MALFORMED, "an unknown encoding" },
		{ "\x0d" "1234", 5, DNSTAP_MALFORMED, "a type of 32 bits" },
		{ "\x20\x01", 2, DNSTAP_MALFORMED, "an address that is a number" },
		{ "\x48\x01", 2, DNSTAP_MALFORMED, "nanoseconds that are a varint" },
	};
	dnstap_query_t query;
	for (size_t i = 0; i < 2 * sizeof(fields) / sizeof(fields[0]); i++) {
		bool before = i % 2 != 0;
		is_int(kind_with(fields[i / 2].bytes, fields[i / 2].size, before, &query),
		       fields[i / 2].kind, "%s %s the others", fields[i / 2].what,
		       before ? "before" : "behind");
	}
	is_int(kind_with("\x30\x07", 2, false, &query), DNSTAP_QUERY, "a port twice");
	is_int(query.querier_port, 7, "the last one counts");
	is_int(kind_with("\xb0\x80\x80\x80\x00\x09", 6, false, &query), DNSTAP_QUERY,
	       "a tag of five bytes");
	is_int(query.querier_port, 9, "is read");
	is_int(kind_with("\x30\x8a\x80\x80\x80\x80\x01", 7, false, &query), DNSTAP_QUERY,
	       "a port with bits above 32");
	is_int(query.querier_port, 10, "loses them");
}

/* Each cut of a frame is malformed, or lacks its type, which comes last. */
static void test_cuts(void)
{
	dnstap_spec_t spec = spec_make();
	buffer_t message = { 0 }, frame = { 0 };
	dnstap_put_message(&message, &spec);
	dnstap_put_frame(&frame, &message);
	size_t wrong = 0;
	for (size_t size = 0; size < frame.size; size++) {
		uint8_t *copy = malloc(size > 0 ? size : 1);
		memcpy(copy, frame.data, size);
		dnstap_query_t query;
		wrong += dnstap_message_parse(copy, size, &query) != DNSTAP_MALFORMED;
		free(copy);
	}
	is_int(wrong, 0, "a frame cut at each of %zu lengths", frame.size);
	buffer_clear(&message);
	buffer_clear(&frame);
}

static void test_outermost(void)
{
	dnstap_query_t query;
	buffer_t frame = { 0 };
	put_number(&frame, 15, 1);
	is_int(dnstap_message_parse(frame.data, frame.size, &query), DNSTAP_WITHOUT,
	       "a frame without a message");
	put_number(&frame, 15, 2);
	is_int(dnstap_message_parse(frame.data, frame.size, &query), DNSTAP_OTHER,
	       "a frame of a type to come");
	put_bytes(&frame, 14, "", 0);
	is_int(dnstap_message_parse(frame.data, frame.size, &query), DNSTAP_MALFORMED,
	       "an empty message has no type");
	buffer_clear(&frame);
	put_number(&frame, 14, 1);
	put_number(&frame, 15, 1);
	is_int(dnstap_message_parse(frame.data, frame.size, &query), DNSTAP_MALFORMED,
	       "a message that is a number");
	buffer_clear(&frame);
	put_bytes(&frame, 15, "a", 1);
	is_int(dnstap_message_parse(frame.data, frame.size, &query), DNSTAP_MALFORMED,
	       "a type that is bytes");
	buffer_clear(&frame);
	put_number(&frame, 1, 1);
	put_number(&frame, 15, 1);
	is_int(dnstap_message_parse(frame.data, frame.size, &query), DNSTAP_MALFORMED,
	       "an identity that is a number");
	buffer_clear(&frame);
}

static void test_bare(void)
{
	dnstap_spec_t spec = spec_make();
	buffer_t message = { 0 }, frame = { 0 };
	dnstap_put_message(&message, &spec);
	dnstap_put_frame(&frame, &message);
	ok(dnstap_message_bare(frame.data, frame.size), "a bare message");
	size_t seen = 0;
	for (size_t size = 7; size < frame.size; size++) {
		seen += dnstap_message_bare(frame.data, size);
	}
	is_int(seen, frame.size - 7, "is known by its first two fields");
	ok(!dnstap_message_bare((const uint8_t *)"r\nrandom text\n", 14), "text is none");
	ok(!dnstap_message_bare((const uint8_t *)"\n\n\n\n\n\n\n\n\n\n\n\n", 12), "nor are lines");
	ok(!dnstap_message_bare(NULL, 0), "nor is nothing");
	buffer_clear(&message);
	buffer_clear(&frame);
}

/* The seeds of fuzz_dnstap are what their names say. */
static void test_corpus(void)
{
	static const struct { const char *front; dnstap_kind_t kind; } fronts[] = {
		{ "good-", DNSTAP_QUERY }, { "other-", DNSTAP_OTHER },
		{ "without-", DNSTAP_WITHOUT }, { "bad-", DNSTAP_MALFORMED },
	};
	const char *top = getenv("top_srcdir");
	char path[512];
	(void)snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/dnstap", top != NULL ? top : ".");
	DIR *folder = opendir(path);
	struct dirent *entry;
	size_t seeds = 0;
	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
			if (strncmp(entry->d_name, fronts[i].front, strlen(fronts[i].front)) != 0) {
				continue;
			}
			uint8_t data[1024];
			dnstap_query_t query;
			char name[1024];
			(void)snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
			FILE *file = fopen(name, "rb");
			size_t size = file != NULL ? fread(data, 1, sizeof(data), file) : 0;
			is_int(dnstap_message_parse(data, size, &query), fronts[i].kind, "seed %s",
			       entry->d_name);
			seeds++;
			if (file != NULL) {
				(void)fclose(file);
			}
		}
	}
	if (folder != NULL) {
		(void)closedir(folder);
	}
	ok(seeds >= 20, "%zu seeds", seeds);
}

int main(void)
{
	test_query();
	test_corpus();
	test_protocols();
	test_types();
	test_changes();
	test_encoding();
	test_cuts();
	test_outermost();
	test_bare();
	for (dnstap_kind_t kind = 0; kind < DNSTAP_KINDS; kind++) {
		ok(dnstap_kind_name(kind)[0] != '\0', "kind %d has a name", (int)kind);
	}
	return tap_done();
}
