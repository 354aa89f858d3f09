/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Reads an input as a packet file, and holds it against libpcap as far as that reads it.
 */
#pragma once

#include <pcap/pcap.h>
#include <string.h>

#include "capture/capture.h"
#include "common/moment.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/input_file.h"

/*!
 * Whether libpcap has read the same time. Only of pcap: the moments that pcapng can name are more
 * than libpcap has room for. It reads seconds and fractions with a sign.
 */
static bool moment_equal(const frame_t *frame, const struct pcap_pkthdr *header)
{
	return header->ts.tv_usec < 0 ||
	       frame->moment == (uint32_t)header->ts.tv_sec * MICROSECONDS +
	                        (uint64_t)header->ts.tv_usec;
}

/*! Whether libpcap has read the packet, too: what it kept may be cut to the snapshot length. */
static bool reference_equal(const frame_t *frame, const struct pcap_pkthdr *header,
                            const uint8_t *data, int snapshot)
{
	return (frame->size == header->caplen ||
	        (frame->size > header->caplen && (int)header->caplen == snapshot)) &&
	       memcmp(frame->data, data, header->caplen) == 0;
}

/*! Opens with libpcap; NULL if it refuses. */
static pcap_t *reference_open(const uint8_t *data, size_t size)
{
	char reason[PCAP_ERRBUF_SIZE];
	FILE *file = size > 0 ? fmemopen((void *)data, size, "rb") : NULL;
	pcap_t *pcap = file != NULL ? pcap_fopen_offline(file, reason) : NULL;
	if (pcap == NULL && file != NULL) {
		fclose(file);
	}
	return pcap;
}

/*! Reads all frames; what libpcap gives, has to come. */
static void capture_drain(capture_t *capture, pcap_t *pcap)
{
	bool timed = strcmp(capture_format(capture), "pcap") == 0;
	struct pcap_pkthdr *header;
	const uint8_t *data;
	frame_t frame;
	failure_t failures[2] = { 0 };
	status_t status;
	bool reference = pcap != NULL;
	size_t sum = 0;
	do {
		status = capture_next(capture, &frame, &failures[0]);
		reference = reference && pcap_next_ex(pcap, &header, &data) == 1;
		fuzz_require(!reference || (status == STATUS_OK &&
		             reference_equal(&frame, header, data, pcap_snapshot(pcap)) &&
		             (!timed || moment_equal(&frame, header))));
		if (status == STATUS_OK) {
			fuzz_require(frame.size <= frame.wire_size && frame.link <= LINK_DNSTAP);
			for (size_t i = 0; i < frame.size; i++) {
				sum += frame.data[i]; /* A sanitizer sees what is not there. */
			}
		}
	} while (status == STATUS_OK);
	volatile size_t keep = sum;
	(void)keep;
	fuzz_require(capture_next(capture, &frame, &failures[1]) == status &&
	             strcmp(failures[0].sentence, failures[1].sentence) == 0);
	fuzz_require(status == STATUS_END || strstr(failures[0].sentence, capture_path(capture)) != NULL);
}

/*! One input. \a format is what it is to be; others are left to the target of their name. */
static void capture_target(const uint8_t *data, size_t size, const char *format)
{
	char path[INPUT_FILE_PATH_MAX];
	int descriptor = input_file(data, size, path);
	capture_t *capture;
	failure_t failure = { 0 };
	status_t status = capture_open(path, &capture, &failure);
	if (status != STATUS_OK) {
		fuzz_require(capture == NULL && strstr(failure.sentence, path) != NULL);
	} else {
		bool wanted = strcmp(capture_format(capture), format) == 0;
		pcap_t *pcap = wanted ? reference_open(data, size) : NULL;
		capture_drain(capture, pcap);
		if (pcap != NULL) {
			pcap_close(pcap);
		}
		capture_close(capture);
	}
	close(descriptor);
}
