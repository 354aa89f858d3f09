/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Classic pcap: a header of 24 bytes, then per packet 16 bytes and the frame.
 *
 *   magic 4 | major 2 | minor 2 | zone 4 | accuracy 4 | longest packet 4 | link type 4
 *   seconds 4 | microseconds 4 | bytes here 4 | bytes on the wire 4 | frame
 */
#include "simulator/pcap_writer.h"

#include "common/moment.h"

#define MAGIC 0xa1b2c3d4u
#define SNAPLEN 65535u
#define LINKTYPE_ETHERNET 1u

static void put_le32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++) {
		at[i] = (uint8_t)(value >> (8 * i));
	}
}

void pcap_write_header(FILE *file)
{
	uint8_t header[24] = { [4] = 2, [6] = 4 };  /* version 2.4 */
	put_le32(header, MAGIC);
	put_le32(header + 16, SNAPLEN);
	put_le32(header + 20, LINKTYPE_ETHERNET);
	fwrite(header, sizeof(header), 1, file);
}

void pcap_write_packet(FILE *file, uint64_t moment, const uint8_t *frame, size_t size)
{
	uint8_t header[16];
	put_le32(header, (uint32_t)(moment / MICROSECONDS));
	put_le32(header + 4, (uint32_t)(moment % MICROSECONDS));
	put_le32(header + 8, (uint32_t)size);
	put_le32(header + 12, (uint32_t)size);
	fwrite(header, sizeof(header), 1, file);
	fwrite(frame, size, 1, file);
}
