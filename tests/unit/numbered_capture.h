/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Packet files with numbered packets, and how they are read again.
 *
 * Packet n has the moment BASE + n seconds, and a size and bytes that tell it from others.
 */
#pragma once

#include "capture/capture.h"
#include "common/moment.h"
#include "tests/tap.h"
#include "tests/unit/capture_builder.h"
#include "tests/unit/scratch.h"

#define BASE UINT64_C(1790000000)  /* Seconds. */

/*! The bytes of a packet. */
__attribute__((unused))
static buffer_t packet_make(size_t number)
{
	buffer_t packet = { 0 };
	for (size_t i = 0; i < 20 + number * 7 % 50; i++) {
		buffer_u8(&packet, (uint8_t)(number + i));
	}
	return packet;
}

/*! Opens a file, or ends the program. */
__attribute__((unused))
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

/*! Writes a file into the scratch folder; returns its path. */
__attribute__((unused))
static const char *write_and_clear(const char *name, buffer_t *file)
{
	const char *path = scratch_write(name, file->data, file->size);
	buffer_clear(file);
	return path;
}

/*! Whether the frame is packet `number`, kept up to `kept` bytes. */
__attribute__((unused))
static bool frame_is(const frame_t *frame, size_t number, size_t kept)
{
	buffer_t packet = packet_make(number);
	size_t size = kept < packet.size ? kept : packet.size;
	bool same = frame->size == size && frame->wire_size == packet.size &&
	            memcmp(frame->data, packet.data, size) == 0;
	buffer_clear(&packet);
	return same;
}

/*! Reads packets 0, 1, ... a second apart; returns how many came, -1 if one of them is wrong. */
__attribute__((unused))
static long count_read(capture_t *capture, status_t *end, failure_t *failure)
{
	frame_t frame;
	long count = 0;
	while ((*end = capture_next(capture, &frame, failure)) == STATUS_OK) {
		if (!frame_is(&frame, (size_t)count, SIZE_MAX) ||
		    frame.moment != (BASE + (uint64_t)count) * MICROSECONDS) {
			return -1;
		}
		count++;
	}
	return count;
}

/*! A pcap file with packets 0, 1, ... */
__attribute__((unused))
static void put_pcap(buffer_t *file, size_t packets, bool big)
{
	pcap_begin(file, 0xa1b2c3d4, LINKTYPE_RAW, big);
	for (size_t i = 0; i < packets; i++) {
		buffer_t packet = packet_make(i);
		pcap_packet(file, (uint32_t)(BASE + i), 0, &packet, packet.size, big);
		buffer_clear(&packet);
	}
}

/*! Packet `number` at BASE + number in a section whose second interface has nanoseconds. */
__attribute__((unused))
static void put_numbered(buffer_t *file, size_t number, bool big)
{
	buffer_t packet = packet_make(number);
	bool nanoseconds = number % 3 == 1;
	pcapng_packet(file, nanoseconds, (BASE + number) * (nanoseconds ? 1000000000 : 1000000),
	              &packet, packet.size, number % 2 == 1, big);
	buffer_clear(&packet);
}
