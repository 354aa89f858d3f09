/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packet files built by hand: formats, times, interfaces, compression. */
#include "config.h"

#include "capture/capture.h"

#include "common/moment.h"
#include "tests/tap.h"
#include "tests/unit/compressed.h"
#include "tests/unit/numbered_capture.h"

static void put_unknown(buffer_t *file, uint32_t type, size_t size, bool big)
{
	buffer_t body = { 0 };
	for (size_t i = 0; i < size; i++) {
		buffer_u8(&body, (uint8_t)i);
	}
	pcapng_block_end(file, type, &body, big);
}

/* One section with two interfaces, a third between packets, and blocks of other types. */
static void put_section(buffer_t *file, size_t first, size_t packets, bool big)
{
	pcapng_section(file, big);
	pcapng_interface(file, LINKTYPE_RAW, 65535, 6, 0, big);
	put_unknown(file, 5, 40, big);
	pcapng_interface(file, LINKTYPE_ETHERNET, 0, 9, 0, big);
	for (size_t i = first; i < first + packets; i++) {
		put_numbered(file, i, big);
		put_unknown(file, 0x0bad0000 + (uint32_t)i, i % 5, big);
	}
	pcapng_interface(file, 147, 96, 3, 0, big);
}

static void check_file(const char *path, long packets, const char *format, const char *what)
{
	capture_t *capture = must_open(path);
	status_t end;
	failure_t failure = { 0 };
	is_text(capture_format(capture), format, "%s: format", what);
	is_int(count_read(capture, &end, &failure), packets, "%s: packets", what);
	is_int(end, STATUS_END, "%s: the end", what);
	is_int(capture_position(capture), capture_size(capture), "%s: all was read", what);
	capture_close(capture);
}

static void test_formats(void)
{
	buffer_t file = { 0 };
	for (int big = 0; big < 2; big++) {
		const char *order = big ? "big end first" : "little end first";
		char what[64];
		put_pcap(&file, 20, big);
		(void)snprintf(what, sizeof(what), "pcap, %s", order);
		check_file(write_and_clear("file", &file), 20, "pcap", what);
		put_section(&file, 0, 20, big);
		(void)snprintf(what, sizeof(what), "pcapng, %s", order);
		check_file(write_and_clear("file", &file), 20, "pcapng", what);
		put_pcap(&file, 0, big);
		check_file(write_and_clear("file", &file), 0, "pcap", "pcap without packets");
		pcapng_section(&file, big);
		check_file(write_and_clear("file", &file), 0, "pcapng", "pcapng without packets");
	}
	put_section(&file, 0, 7, false);
	put_section(&file, 7, 7, true);
	put_section(&file, 14, 0, true);
	put_section(&file, 14, 7, false);
	check_file(write_and_clear("file", &file), 21, "pcapng", "sections of both orders");
	capture_close(NULL);
}

/* More packets than a block of the source holds, and a block that is larger than one. */
static void test_long(void)
{
	enum { PACKETS = 20000 };
	buffer_t file = { 0 };
	put_pcap(&file, PACKETS, false);
	ok(file.size > 2 * BYTE_SOURCE_BLOCK, "a file of several blocks");
	check_file(write_and_clear("file", &file), PACKETS, "pcap", "long pcap");
	put_section(&file, 0, PACKETS, true);
	put_unknown(&file, 77, 3 * BYTE_SOURCE_BLOCK, true);
	put_numbered(&file, PACKETS, true);
	check_file(write_and_clear("file", &file), PACKETS + 1, "pcapng", "long pcapng");
}

/* Compressed by each means it is the same file; cut, it gives a front of it and one failure. */
static void test_compressed(void)
{
	enum { PACKETS = 30 };
	buffer_t plain = { 0 };
	put_section(&plain, 0, PACKETS, false);
	for (compressed_t kind = 0; kind < COMPRESSED_KINDS; kind++) {
		const char *name = compressed_kinds[kind].name;
		buffer_t file = { 0 };
		compressed_append(&file, kind, plain.data, plain.size / 2);
		compressed_append(&file, kind, plain.data + plain.size / 2, plain.size - plain.size / 2);
		check_file(scratch_write("file", file.data, file.size), PACKETS, "pcapng", name);
		long before = 0;
		size_t wrong = 0;
		for (size_t size = 16; size < file.size; size++) {
			capture_t *capture;
			failure_t failure = { 0 };
			const char *path = scratch_write("file", file.data, size);
			status_t end = capture_open(path, &capture, &failure);
			long count = end == STATUS_OK ? count_read(capture, &end, &failure) : 0;
			wrong += count < before || end != STATUS_BAD_DATA ||
			         strstr(failure.sentence, path) == NULL;
			before = count;
			capture_close(end == STATUS_OK ? NULL : capture);
		}
		is_int(wrong, 0, "%s: cut at each of %zu bytes", name, file.size);
		is_int(before, PACKETS, "%s: without its last byte it has all packets", name);
		buffer_clear(&file);
	}
	buffer_clear(&plain);
}

/* Resolution, offset and units of an interface, and the moment that they give. */
static void test_moments(void)
{
	static const struct { uint8_t resolution; int64_t offset; uint64_t units, moment; } cases[] = {
		{ 6, 0, 1790000000123456, 1790000000123456 },
		{ 0, 0, 1790000000, 1790000000000000 },
		{ 3, 0, 1790000000123, 1790000000123000 },
		{ 7, 0, 17900000001234567, 1790000000123456 },
		{ 9, 0, 1790000000123456789, 1790000000123456 },
		{ 12, 0, 1790000000123456789, 1790000000123 },
		{ 18, 0, UINT64_MAX, 18446744 },
		{ 25, 0, UINT64_MAX, 1 },
		{ 26, 0, UINT64_MAX, 0 },
		{ 127, 0, UINT64_MAX, 0 },
		{ 0x80, 0, 1790000000, 1790000000000000 },
		{ 0x80 | 1, 0, 3, 1500000 },
		{ 0x80 | 10, 0, 1024 * 7 + 512, 7500000 },
		{ 0x80 | 20, 0, (UINT64_C(1790000000) << 20) + 1, 1790000000000000 },
		{ 0x80 | 32, 0, (UINT64_C(1790000000) << 32) + (UINT64_C(1) << 31), 1790000000500000 },
		{ 0x80 | 64, 0, UINT64_C(1) << 63, 500000 },
		{ 0x80 | 83, 0, UINT64_MAX, 1 },
		{ 0x80 | 84, 0, UINT64_MAX, 0 },
		{ 0x80 | 127, 0, UINT64_MAX, 0 },
		{ 6, 1790000000, 5, 1790000000000005 },
		{ 9, -10, 1790000000123456789, 1789999990123456 },
		{ 6, -1, 999999, 0 },
		{ 0, 0, UINT64_MAX, UINT64_MAX },
		{ 6, INT64_MAX, 0, UINT64_MAX },
		{ 6, INT64_MIN, UINT64_MAX, 0 },
		{ 0, INT64_MAX, UINT64_MAX, UINT64_MAX },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int big = 0; big < 2; big++) {
			buffer_t file = { 0 }, packet = packet_make(0);
			frame_t frame = { 0 };
			pcapng_section(&file, big);
			pcapng_interface(&file, LINKTYPE_RAW, 0, cases[i].resolution, cases[i].offset, big);
			pcapng_packet(&file, 0, cases[i].units, &packet, packet.size, i % 2 == 0, big);
			capture_t *capture = must_open(write_and_clear("file", &file));
			is_int(capture_next(capture, &frame, NULL), STATUS_OK, "a packet");
			ok(frame.moment == cases[i].moment, "resolution 0x%02x, offset %lld: moment %llu",
			   cases[i].resolution, (long long)cases[i].offset,
			   (unsigned long long)cases[i].moment);
			capture_close(capture);
			buffer_clear(&packet);
		}
	}
}

/* A simple packet is of the first interface, cut to its snapshot length, without a time. */
static void test_simple(void)
{
	buffer_t file = { 0 }, packet = packet_make(3);
	pcapng_section(&file, true);
	pcapng_interface(&file, LINKTYPE_RAW, 30, 6, 0, true);
	pcapng_interface(&file, LINKTYPE_ETHERNET, 0, 6, 0, true);
	pcapng_simple(&file, &packet, 30, true);
	pcapng_packet(&file, 1, 777, &packet, packet.size, false, true);
	pcapng_simple(&file, &packet, 30, true);
	capture_t *capture = must_open(write_and_clear("file", &file));
	frame_t frame = { 0 };
	ok(capture_next(capture, &frame, NULL) == STATUS_OK && frame_is(&frame, 3, 30) &&
	   frame.link == LINK_RAW, "a simple packet");
	is_int(frame.moment, 0, "without a time before it: 0");
	ok(capture_next(capture, &frame, NULL) == STATUS_OK && frame_is(&frame, 3, SIZE_MAX) &&
	   frame.link == LINK_ETHERNET && frame.moment == 777, "another packet");
	ok(capture_next(capture, &frame, NULL) == STATUS_OK && frame_is(&frame, 3, 30), "a simple one");
	is_int(frame.moment, 777, "with the time of the one before");
	is_int(capture_next(capture, &frame, NULL), STATUS_END, "the end");
	capture_close(capture);
	buffer_clear(&packet);
}

static void test_details(void)
{
	buffer_t file = { 0 }, packet = packet_make(1);
	frame_t frame = { 0 };
	pcap_begin(&file, 0xa1b2c3d4, 0x40000000 | LINKTYPE_ETHERNET, false); /* with a check sum */
	put32(&file, 1, false);
	put32(&file, 2000000, false); /* more than a second */
	put32(&file, (uint32_t)packet.size, false);
	put32(&file, 5, false);       /* less than were kept */
	buffer_append(&file, packet.data, packet.size);
	pcap_packet(&file, 2, 0, &packet, 0, false);
	capture_t *capture = must_open(write_and_clear("file", &file));
	ok(capture_next(capture, &frame, NULL) == STATUS_OK && frame_is(&frame, 1, SIZE_MAX),
	   "what was kept is the least that was there");
	is_int(frame.moment, 3000000, "a fraction above a second is carried");
	is_int(frame.link, LINK_ETHERNET, "the bits above the link type do not count");
	ok(capture_next(capture, &frame, NULL) == STATUS_OK && frame_is(&frame, 1, 0), "no byte kept");
	is_int(capture_next(capture, &frame, NULL), STATUS_END, "the end");
	capture_close(capture);
	buffer_clear(&packet);
}

/* Frames of interfaces that cannot be decoded are given as such among others. */
static void test_other_links(void)
{
	static const uint16_t links[][2] = { { 147, LINKTYPE_RAW }, { LINKTYPE_RAW, 147 } };
	for (size_t i = 0; i < 2; i++) {
		buffer_t file = { 0 };
		pcapng_section(&file, false);
		pcapng_interface(&file, links[i][0], 0, 6, 0, false);
		pcapng_interface(&file, links[i][1], 0, 9, 0, false);
		for (size_t number = 0; number < 9; number++) {
			put_numbered(&file, number, false);
		}
		capture_t *capture = must_open(write_and_clear("file", &file));
		frame_t frame;
		size_t wrong = 0, count = 0;
		while (capture_next(capture, &frame, NULL) == STATUS_OK) {
			uint16_t link = links[i][count % 3 == 1];
			wrong += frame.link != (link == 147 ? LINK_OTHER : LINK_RAW);
			count++;
		}
		ok(count == 9 && wrong == 0, "interface %zu of two cannot be decoded", i);
		capture_close(capture);
	}
}

int main(void)
{
	scratch_begin();
	test_formats();
	test_long();
	test_compressed();
	test_moments();
	test_simple();
	test_details();
	test_other_links();
	scratch_end();
	return tap_done();
}
