/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our readers on real captures and on the pcapng conformance files: counts of other
 * programs, the same files with all numbers turned around, and libpcap as the reference.
 */
#include "config.h"

#include "capture/capture.h"

#include <ftw.h>
#include <pcap/pcap.h>

#include "common/cursor.h"
#include "common/moment.h"
#include "tests/tap.h"
#include "tests/unit/capture_builder.h"
#include "tests/unit/scratch.h"
#include "tests/unit/shared_data.h"

/*
 * Packets of the conformance files by capinfos -c of Wireshark 4.0.17. What else is in
 * them (names, statistics, custom blocks, journal entries) it does not count either.
 */
static const struct { const char *name; long packets; } conformance[] = {
	{ "advanced_test100", 5 }, { "advanced_test101", 4 }, { "advanced_test102", 5 },
	{ "basic_test001", 4 }, { "basic_test002", 0 }, { "basic_test003", 0 },
	{ "basic_test004", 4 }, { "basic_test005", 4 }, { "basic_test006", 5 },
	{ "basic_test007", 1 }, { "basic_test008", 4 }, { "basic_test009", 2 },
	{ "basic_test010", 4 }, { "basic_test011", 4 }, { "basic_test012", 4 },
	{ "basic_test013", 0 }, { "basic_test014", 0 }, { "basic_test015", 0 },
	{ "basic_test016", 4 }, { "basic_test017", 0 }, { "basic_test018", 4 },
	{ "difficult_test200", 0 }, { "difficult_test201", 4 }, { "difficult_test202", 8 },
};

#define CONFORMANCE (sizeof(conformance) / sizeof(conformance[0]))

/* Packets of some others, likewise (xz and lz4 decompressed first), and their format. */
static const struct { const char *path; long packets; const char *format; } counted[] = {
	{ "compactor/test-scripts_nsd-live.raw.pcap.xz", 21804, "pcapng" },
	{ "compactor/test-scripts_gold.pcap.xz", 1998, "pcap" },
	{ "compactor/test-scripts_malformed.pcap.xz", 24, "pcap" },
	{ "compactor/test-scripts_matching.pcap.xz", 43, "pcap" },
	{ "libtrace/test_traces_ip-in-mpls.pcap.gz", 10507, "pcap" },
	{ "libtrace/test_traces_complex.pcapng", 5, "pcapng" },
	{ "nDPI/tests_cfgs_default_pcap_tcp_scan.pcapng", 30, "pcap" },
	{ "nDPI/tests_cfgs_default_pcap_srvloc.pcap", 629, "pcap" },
	{ "bro-simple-scan/testing_pcaps_backscatter.trace", 4771, "pcap" },
	{ "zeek/testing_btest_Traces_pcapng-multi-interface.pcapng", 6, "pcapng" },
	{ "zeek/testing_btest_Traces_vntag.pcap", 3, "pcap" },
};

#define COUNTED (sizeof(counted) / sizeof(counted[0]))

static const char *folder;

static capture_t *must_open(const char *path)
{
	capture_t *capture;
	failure_t failure = { 0 };
	if (capture_open(path, &capture, &failure) != STATUS_OK) {
		printf("Bail out! %s\n", failure.sentence);
		exit(1);
	}
	return capture;
}

/* Frames of a file, or -1 if it does not end well. */
static long count(const char *path)
{
	capture_t *capture = must_open(path);
	frame_t frame;
	status_t status;
	long frames = 0;
	while ((status = capture_next(capture, &frame, NULL)) == STATUS_OK) {
		frames++;
	}
	capture_close(capture);
	return status == STATUS_END ? frames : -1;
}

/* A simple packet, which has no time, may stand first in one file and not in the other. */
static bool frames_equal(const frame_t *a, const frame_t *b)
{
	return (a->moment == b->moment || a->moment == 0) && a->link == b->link && a->size == b->size &&
	       a->wire_size == b->wire_size && memcmp(a->data, b->data, a->size) == 0;
}

/* The other file has the frames of the first, `times` times. */
static void check_same(const char *path, const char *other_path, int times, const char *what)
{
	capture_t *other = must_open(other_path);
	frame_t frame, other_frame;
	size_t wrong = 0;
	for (int i = 0; i < times; i++) {
		capture_t *capture = must_open(path);
		while (capture_next(capture, &frame, NULL) == STATUS_OK) {
			wrong += capture_next(other, &other_frame, NULL) != STATUS_OK ||
			         !frames_equal(&frame, &other_frame);
		}
		capture_close(capture);
	}
	wrong += capture_next(other, &other_frame, NULL) != STATUS_END;
	is_int(wrong, 0, "%s: the same frames", what);
	capture_close(other);
}

static buffer_t file_load(const char *path)
{
	buffer_t bytes = { 0 };
	uint8_t block[4096];
	size_t size;
	FILE *file = fopen(path, "rb");
	tap_require(file != NULL, "%s is there", path + strlen(folder) + 1);
	while ((size = fread(block, 1, sizeof(block), file)) > 0) {
		buffer_append(&bytes, block, size);
	}
	fclose(file);
	return bytes;
}

static uint32_t take16(cursor_t *cursor, bool big)
{
	uint16_t value = cursor_be16(cursor);
	return big ? value : __builtin_bswap16(value);
}

static uint32_t take32(cursor_t *cursor, bool big)
{
	return big ? cursor_be32(cursor) : cursor_le32(cursor);
}

/* Options, their codes and lengths turned, and the value of one that is a number. */
static void turn_options(cursor_t *body, buffer_t *out, bool big)
{
	while (cursor_left(body) >= 4) {
		uint32_t code = take16(body, big), length = take16(body, big);
		put16(out, (uint16_t)code, !big);
		put16(out, (uint16_t)length, !big);
		if (code == 14 && length == 8) {
			put64(out, big ? cursor_be64(body) : cursor_le64(body), !big);
			continue;
		}
		length = (length + 3) & ~3u;
		const uint8_t *value = cursor_take(body, length);
		tap_require(value != NULL, "options of the conformance file");
		buffer_append(out, value, length);
	}
}

/* Turns what stands before the bytes of a block; "2" and "4" are numbers of that many bytes. */
static void turn_numbers(cursor_t *body, buffer_t *out, const char *sizes, bool big)
{
	for (; *sizes != '\0'; sizes++) {
		if (*sizes == '2') {
			put16(out, (uint16_t)take16(body, big), !big);
		} else {
			put32(out, take32(body, big), !big);
		}
	}
}

/* The body of a block, turned around. */
static buffer_t turn_body(uint32_t type, cursor_t body, bool big)
{
	static const struct { uint32_t type; const char *numbers; bool options; } layouts[] = {
		/* The 8 bytes of a section's length are -1 in all of the files. */
		{ 0x0a0d0d0a, "42244", true }, { 1, "224", true },
		{ 6, "44444", false }, { 2, "224444", false }, { 3, "4", false },
	};
	buffer_t turned = { 0 };
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (layouts[i].type == type) {
			turn_numbers(&body, &turned, layouts[i].numbers, big);
			if (layouts[i].options) {
				turn_options(&body, &turned, big);
			}
		}
	}
	buffer_append(&turned, body.at, cursor_left(&body));
	return turned;
}

/* The file with each section in the other byte order. */
static buffer_t turn(const buffer_t *file)
{
	buffer_t out = { 0 };
	cursor_t cursor = cursor_make(file->data, file->size);
	bool big = false;
	while (cursor_left(&cursor) > 0) {
		uint32_t type = take32(&cursor, big);
		if (type == 0x0a0d0d0a) {
			big = cursor.at[4] == 0x1a;
		}
		uint32_t length = take32(&cursor, big);
		const uint8_t *start = cursor_take(&cursor, length - 12);
		tap_require(start != NULL && take32(&cursor, big) == length, "a block of %u", length);
		buffer_t turned = turn_body(type, cursor_make(start, length - 12), big);
		pcapng_block_end(&out, type, &turned, !big);
	}
	return out;
}

static void test_conformance(size_t number)
{
	const char *name = conformance[number].name;
	char relative[128], what[128];
	(void)snprintf(relative, sizeof(relative), "pcapng-test-generator/output_le_%s.pcapng", name);
	const char *path = shared_path(folder, relative);
	is_int(count(path), conformance[number].packets, "%s: packets", name);
	buffer_t file = file_load(path), turned = turn(&file), both = { 0 };
	(void)snprintf(what, sizeof(what), "%s in the other byte order", name);
	check_same(path, scratch_write("turned", turned.data, turned.size), 1, what);
	buffer_append(&both, turned.data, turned.size);
	buffer_append(&both, file.data, file.size);
	(void)snprintf(what, sizeof(what), "%s in both byte orders", name);
	check_same(path, scratch_write("both", both.data, both.size), 2, what);
	buffer_clear(&file);
	buffer_clear(&turned);
	buffer_clear(&both);
}

static void test_compressed(void)
{
	const char *path = shared_path(folder, "dnscap/src_test_dns.pcap.gz");
	is_int(count(path), 133, "dns.pcap.gz: packets");
	check_same(path, shared_path(folder, "dnscap/src_test_dns.pcap.xz"), 1, "dns.pcap.xz");
	check_same(path, shared_path(folder, "dnscap/src_test_dns.pcap.zst"), 1, "dns.pcap.zst");
	check_same(path, shared_path(folder, "dnscap/src_test_dns.pcap.lz4"), 1, "dns.pcap.lz4");
}

static size_t files_compared, files_refused_by_libpcap, frames_compared;

/* libpcap reads the seconds of pcap with a sign. */
static uint64_t reference_moment(const struct pcap_pkthdr *header)
{
	time_t read = header->ts.tv_sec;
	return (read < 0 ? (uint32_t)read : (uint64_t)read) * MICROSECONDS +
	       (uint64_t)header->ts.tv_usec;
}

/*
 * Whether a frame is the one that libpcap gives. Two things it does otherwise: it cuts what
 * was kept to the snapshot length that the file states, and leaves simple packets at 1970.
 */
static bool reference_equal(const frame_t *frame, const struct pcap_pkthdr *header,
                            const uint8_t *data, int snapshot)
{
	uint64_t moment = reference_moment(header);
	return (frame->size == header->caplen ||
	        (frame->size > header->caplen && (int)header->caplen == snapshot)) &&
	       memcmp(frame->data, data, header->caplen) == 0 &&
	       frame->wire_size == (header->len > frame->size ? header->len : frame->size) &&
	       (frame->moment == moment || moment == 0);
}

/* Frames that differ from those of libpcap, as far as it reads. */
static size_t compare(capture_t *capture, pcap_t *pcap)
{
	struct pcap_pkthdr *header;
	const uint8_t *data;
	frame_t frame;
	size_t wrong = 0;
	int result;
	while ((result = pcap_next_ex(pcap, &header, &data)) == 1) {
		frames_compared++;
		wrong += capture_next(capture, &frame, NULL) != STATUS_OK ||
		         !reference_equal(&frame, header, data, pcap_snapshot(pcap));
	}
	if (result == PCAP_ERROR_BREAK) {
		wrong += capture_next(capture, &frame, NULL) != STATUS_END;
	} else {
		files_refused_by_libpcap++;
	}
	return wrong;
}

static int file_check(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status;
	char reason[PCAP_ERRBUF_SIZE];
	if (kind != FTW_F) {
		return 0;
	}
	capture_t *capture;
	failure_t failure = { 0 };
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_MICRO, reason);
	status_t opened = capture_open(path, &capture, &failure);
	if (pcap == NULL) {
		files_refused_by_libpcap++;
	} else if (opened == STATUS_OK) {
		files_compared++;
		is_int(compare(capture, pcap), 0, "%s: as libpcap has it", path + where->base);
	} else {
		ok(opened == STATUS_UNSUPPORTED && strstr(failure.sentence, "link type") != NULL,
		   "%s", failure.sentence);
	}
	capture_close(capture);
	if (pcap != NULL) {
		pcap_close(pcap);
	}
	return 0;
}

int main(void)
{
	folder = shared_folder();
	scratch_begin();
	for (size_t i = 0; i < CONFORMANCE; i++) {
		test_conformance(i);
	}
	for (size_t i = 0; i < COUNTED; i++) {
		const char *path = shared_path(folder, counted[i].path);
		is_int(count(path), counted[i].packets, "%s: packets", counted[i].path);
		capture_t *capture = must_open(path);
		is_text(capture_format(capture), counted[i].format, "%s: format", counted[i].path);
		capture_close(capture);
	}
	test_compressed();
	tap_require(nftw(folder, file_check, 16, FTW_PHYS) == 0, "all files were tried");
	ok(files_compared >= 90 && frames_compared >= 9000,
	   "%zu files and %zu frames compared, %zu files not (wholly) read by libpcap", files_compared,
	   frames_compared, files_refused_by_libpcap);
	scratch_end();
	return tap_done();
}
