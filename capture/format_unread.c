/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Formats that are refused by name: mostly told by a magic number at the front; ERF, which
 * has none, by two records that fit to each other; tar by a word behind its first header.
 */
#include <string.h>

#include "capture/format.h"
#include "common/cursor.h"

#define MAGIC_MAX 16

static const struct {
	const char *name;
	size_t offset;
	size_t size;
	uint8_t magic[MAGIC_MAX];
} unread[] = {
	{ "pcap as Kuznetzov changed it", 0, 4, { 0xa1, 0xb2, 0xcd, 0x34 } },
	{ "pcap as Kuznetzov changed it", 0, 4, { 0x34, 0xcd, 0xb2, 0xa1 } },
	{ "pcap as FMESQUIO changed it", 0, 4, { 0xa1, 0xb2, 0x34, 0xcd } },
	{ "pcap as FMESQUIO changed it", 0, 4, { 0xcd, 0x34, 0xb2, 0xa1 } },
	{ "pcap as Navtel changed it", 0, 4, { 0xa1, 0x2b, 0x3c, 0x4d } },
	{ "pcap as Navtel changed it", 0, 4, { 0x4d, 0x3c, 0x2b, 0xa1 } },
	{ "snoop", 0, 8, { 's', 'n', 'o', 'o', 'p' } },
	{ "btsnoop", 0, 8, { 'b', 't', 's', 'n', 'o', 'o', 'p' } },
	{ "iptrace", 0, 8, { 'i', 'p', 't', 'r', 'a', 'c', 'e', ' ' } },
	{ "Network Monitor 1", 0, 4, { 'R', 'T', 'S', 'S' } },
	{ "Network Monitor 2", 0, 4, { 'G', 'M', 'B', 'U' } },
	{ "Sniffer", 0, 16, { 'T', 'R', 'S', 'N', 'I', 'F', 'F', ' ', 'd', 'a', 't', 'a', ' ', ' ',
	                      ' ', ' ' } },
	{ "Windows Sniffer", 0, 4, { 'X', 'C', 'P' } },
	{ "C-DNS", 0, 7, { 0x83, 0x65, 'C', '-', 'D', 'N', 'S' } },
	{ "nfdump", 0, 2, { 0x0c, 0xa5 } },
	{ "nfdump", 0, 2, { 0xa5, 0x0c } },
	{ "SiLK flows", 0, 4, { 0xde, 0xad, 0xbe, 0xef } },
	{ "an ELF program", 0, 4, { 0x7f, 'E', 'L', 'F' } },
	{ "a tar archive", 257, 5, { 'u', 's', 't', 'a', 'r' } },
};

#define ERF_HEADER    16
#define ERF_TYPE_MAX  48  /* Types assigned so far are below. */

/* Whether an ERF record can begin here: time, type, flags, lengths of record and packet. */
static bool erf_take(cursor_t *cursor, uint32_t *seconds, unsigned *type)
{
	(void)cursor_le32(cursor);
	*seconds = cursor_le32(cursor);
	*type = cursor_u8(cursor) & 0x7fu;
	(void)cursor_u8(cursor);
	unsigned record = cursor_be16(cursor);
	(void)cursor_be16(cursor);
	unsigned wire = cursor_be16(cursor);
	if (cursor->failed || *type == 0 || *type > ERF_TYPE_MAX || record < ERF_HEADER ||
	    wire == 0) {
		return false;
	}
	/* Where the head ends within the packet there is no second record. */
	return cursor_take(cursor, record - ERF_HEADER) != NULL;
}

static bool erf_probe(const uint8_t *head, size_t size)
{
	cursor_t cursor = cursor_make(head, size);
	uint32_t seconds[2];
	unsigned types[2];
	return erf_take(&cursor, &seconds[0], &types[0]) && erf_take(&cursor, &seconds[1], &types[1]) &&
	       types[0] == types[1] && seconds[1] - seconds[0] < 86400;
}

/* Only what a line of text may have, and at least a few of them. */
static bool text_probe(const uint8_t *head, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (head[i] < ' ' && (head[i] < '\t' || head[i] > '\r')) {
			return false;
		}
	}
	return size >= 4;
}

const char *format_unread(const uint8_t *head, size_t size)
{
	for (size_t i = 0; i < sizeof(unread) / sizeof(unread[0]); i++) {
		if (size >= unread[i].offset + unread[i].size &&
		    memcmp(head + unread[i].offset, unread[i].magic, unread[i].size) == 0) {
			return unread[i].name;
		}
	}
	if (dnstap_message_bare(head, size)) {
		return "a dnstap message without Frame Streams around it";
	}
	if (erf_probe(head, size)) {
		return "ERF";
	}
	return text_probe(head, size) ? "text" : NULL;
}
