/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packet files that are cut, damaged, or of a kind that is refused by name. */
#include "config.h"

#include "tests/unit/numbered_capture.h"

/*
 * Cut at each byte: the packets that are whole, then a failure that stays. Behind one of
 * the `headers` (the list ends with 0) or a packet a file may end.
 */
static void check_cuts(const buffer_t *file, const size_t *ends, size_t packets,
                       const size_t *headers, const char *what)
{
	size_t wrong = 0;
	for (size_t size = 1; size < file->size; size++) {
		const char *path = scratch_write("cut", file->data, size);
		capture_t *capture;
		failure_t failure = { 0 }, again = { 0 };
		size_t whole = 0;
		bool border = false;
		for (size_t i = 0; headers[i] != 0; i++) {
			border |= headers[i] == size;
		}
		while (whole < packets && ends[whole] <= size) {
			border |= ends[whole++] == size;
		}
		status_t end = capture_open(path, &capture, &failure);
		if (end != STATUS_OK) {
			wrong += size >= ends[0] || capture != NULL || strstr(failure.sentence, path) == NULL;
			continue;
		}
		wrong += count_read(capture, &end, &failure) != (long)whole ||
		         end != (border ? STATUS_END : STATUS_BAD_DATA) ||
		         (!border && strstr(failure.sentence, path) == NULL) ||
		         count_read(capture, &end, &again) != 0 ||
		         strcmp(failure.sentence, again.sentence) != 0;
		capture_close(capture);
	}
	is_int(wrong, 0, "%s: cut at each of %zu bytes", what, file->size);
}

static void test_cuts(void)
{
	enum { PACKETS = 6 };
	for (int big = 0; big < 2; big++) {
		buffer_t pcap = { 0 }, pcapng = { 0 };
		size_t ends[PACKETS];
		put_pcap(&pcap, 0, big);
		for (size_t i = 0; i < PACKETS; i++) {
			buffer_t packet = packet_make(i);
			pcap_packet(&pcap, (uint32_t)(BASE + i), 0, &packet, packet.size, big);
			ends[i] = pcap.size;
			buffer_clear(&packet);
		}
		check_cuts(&pcap, ends, PACKETS, (const size_t[]) { 24, 0 }, "pcap");
		size_t headers[4] = { 0 };
		pcapng_section(&pcapng, big);
		headers[0] = pcapng.size;
		pcapng_interface(&pcapng, LINKTYPE_RAW, 65535, 6, 0, big);
		headers[1] = pcapng.size;
		pcapng_interface(&pcapng, LINKTYPE_RAW, 65535, 9, 0, big);
		headers[2] = pcapng.size;
		for (size_t i = 0; i < PACKETS; i++) {
			put_numbered(&pcapng, i, big);
			ends[i] = pcapng.size;
		}
		check_cuts(&pcapng, ends, PACKETS, headers, "pcapng");
		buffer_clear(&pcap);
		buffer_clear(&pcapng);
	}
}

static void check_refused(const char *path, status_t wanted, const char *word, const char *what)
{
	capture_t *capture;
	failure_t failure = { 0 };
	is_int(capture_open(path, &capture, &failure), wanted, "%s is refused", what);
	ok(capture == NULL && strstr(failure.sentence, path) != NULL &&
	   strstr(failure.sentence, word) != NULL, "%s: %s", what, failure.sentence);
	capture_close(capture);
}

static void test_unread(void)
{
	static const struct { const char *bytes; size_t size; const char *word; } cases[] = {
		{ "\xa1\xb2\xcd\x34", 4, "Kuznetzov" },
		{ "\x34\xcd\xb2\xa1\2\0\4\0", 8, "Kuznetzov" },
		{ "snoop\0\0\0\0\0\0\2", 12, "snoop" },
		{ "iptrace 2.0", 11, "iptrace" },
		{ "TRSNIFF data    \x1a", 17, "Sniffer" },
		{ "\x83\x65" "C-DNS", 7, "C-DNS" },
		{ "\x0c\xa5\x01\0", 4, "nfdump" },
		{ "17:01:02 IP 1.2.3.4 > 5.6.7.8: tcp\n", 35, "text" },
		{ "\0\0\0\1ERF-like-----------------------------------", 40, "cannot be read" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		status_t wanted = i + 1 < sizeof(cases) / sizeof(cases[0]) ? STATUS_UNSUPPORTED
		                                                             : STATUS_BAD_DATA;
		check_refused(scratch_write("file", cases[i].bytes, cases[i].size), wanted,
		              cases[i].word, cases[i].word);
	}
	buffer_t erf = { 0 };
	for (uint32_t i = 0; i < 3; i++) {
		PUT(&erf, 1, 2, 3, 4);
		put32(&erf, (uint32_t)BASE + i, false);
		PUT(&erf, 2, 4, 0, 40, 0, 0, 0, 60);
		for (int fill = 0; fill < 24; fill++) {
			buffer_u8(&erf, (uint8_t)fill);
		}
	}
	check_refused(write_and_clear("file", &erf), STATUS_UNSUPPORTED, "ERF", "ERF");
	check_refused(scratch_write("file", "", 0), STATUS_BAD_DATA, "empty", "an empty file");
	check_refused(scratch_write("file", "\xd4\xc3\xb2\xa1\2\0", 6), STATUS_BAD_DATA, "truncated",
	              "half a header");
	check_refused(scratch_folder, STATUS_SYSTEM, "directory", "a folder");
	check_refused(scratch_path("absent"), STATUS_SYSTEM, "No such", "a missing file");
}

static void test_versions_and_links(void)
{
	buffer_t file = { 0 };
	put_pcap(&file, 3, false);
	file.data[6] = 3;
	check_refused(write_and_clear("file", &file), STATUS_UNSUPPORTED, "2.3", "another version");
	put_pcap(&file, 3, true);
	file.data[5] = 3;
	check_refused(write_and_clear("file", &file), STATUS_UNSUPPORTED, "3.4", "another version");
	pcapng_section(&file, true);
	file.data[13] = 2;
	check_refused(write_and_clear("file", &file), STATUS_UNSUPPORTED, "2.0", "another version");
	pcap_begin(&file, 0xa1b2c3d4, 127, false);
	check_refused(write_and_clear("file", &file), STATUS_UNSUPPORTED, "IEEE802_11_RADIOTAP (127)",
	              "another link type");
	pcap_begin(&file, 0xa1b2c3d4, 65000, false);
	check_refused(write_and_clear("file", &file), STATUS_UNSUPPORTED, "without a name (65000)",
	              "an unknown link type");
	pcapng_section(&file, false);
	pcapng_interface(&file, 249, 0, 6, 0, false);
	pcapng_interface(&file, 189, 0, 9, 0, false);
	put_numbered(&file, 0, false);
	check_refused(write_and_clear("file", &file), STATUS_UNSUPPORTED, "USBPCAP (249)",
	              "pcapng of other link types");
}

/* A section with three packets; the bytes at `offset` of the second one's block are replaced. */
static void check_damage(size_t offset, uint32_t value, const char *word)
{
	buffer_t file = { 0 };
	failure_t failure = { 0 };
	status_t end;
	pcapng_section(&file, false);
	pcapng_interface(&file, LINKTYPE_RAW, 65535, 6, 0, false);
	pcapng_interface(&file, LINKTYPE_RAW, 65535, 9, 0, false);
	put_numbered(&file, 0, false);
	size_t at = file.size;
	put_numbered(&file, 1, false);
	size_t length = file.size - at;
	put_numbered(&file, 2, false);
	value = htole32(value);
	memcpy(file.data + at + (offset == SIZE_MAX ? length - 4 : offset), &value, 4);
	const char *path = write_and_clear("file", &file);
	capture_t *capture = must_open(path);
	is_int(count_read(capture, &end, &failure), 1, "%s: the packet before it", word);
	ok(end == STATUS_BAD_DATA && strstr(failure.sentence, word) != NULL &&
	   strstr(failure.sentence, "behind packet 1:") != NULL &&
	   strstr(failure.sentence, path) != NULL, "%s", failure.sentence);
	capture_close(capture);
}

static void test_damage(void)
{
	check_damage(4, 8, "with the length 8");
	check_damage(4, 61, "with the length 61");
	check_damage(4, 28, "with the length 28");
	check_damage(4, 0x7ffffffc, "above the limit");
	check_damage(SIZE_MAX, 64, "lengths differ");
	check_damage(8, 2, "not described");
	check_damage(20, 4000, "longer than its block");
	check_damage(0, 0x0a0d0d0a, "without a byte order");

	buffer_t file = { 0 };
	pcap_begin(&file, 0xa1b2c3d4, LINKTYPE_RAW, false);
	buffer_t packet = packet_make(0);
	pcap_packet(&file, (uint32_t)BASE, 0, &packet, packet.size, false);
	put64(&file, BASE, false);
	put32(&file, 262145, false);
	put32(&file, 262145, false);
	capture_t *capture = must_open(write_and_clear("file", &file));
	failure_t failure = { 0 };
	status_t end;
	is_int(count_read(capture, &end, &failure), 1, "pcap: the packet before it");
	ok(end == STATUS_BAD_DATA && strstr(failure.sentence, "262145") != NULL, "%s",
	   failure.sentence);
	capture_close(capture);
	buffer_clear(&packet);

	buffer_t body = { 0 };
	pcapng_section(&file, false);
	put64(&body, LINKTYPE_RAW, false);
	put32(&body, 0x00ff0009, false); /* an option of 255 bytes */
	pcapng_block_end(&file, 1, &body, false);
	check_refused(write_and_clear("file", &file), STATUS_BAD_DATA, "options", "damaged options");
	pcapng_section(&file, false);
	for (size_t i = 0; i < 65537; i++) {
		pcapng_interface(&file, LINKTYPE_RAW, 0, 6, 0, false);
	}
	check_refused(write_and_clear("file", &file), STATUS_BAD_DATA, "65536", "too many interfaces");
}

int main(void)
{
	scratch_begin();
	test_cuts();
	test_unread();
	test_versions_and_links();
	test_damage();
	scratch_end();
	return tap_done();
}
