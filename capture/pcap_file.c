/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture.h on top of libpcap, which knows pcap and most of pcapng. */
#include "config.h"

#include "capture/capture.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/moment.h"

struct capture {
	pcap_t *pcap;
	char *path;
	uint64_t size;
	uint64_t frames;
	link_type_t link;
	failure_t failure;  /* Of the place where the file is damaged. */
};

/* The link types of libpcap that packet.h can decode. */
static const struct { int pcap; link_type_t link; } links[] = {
	{ DLT_EN10MB, LINK_ETHERNET },
	{ DLT_RAW, LINK_RAW },
	{ DLT_IPV4, LINK_RAW },
	{ DLT_IPV6, LINK_RAW },
	{ DLT_LINUX_SLL, LINK_LINUX_COOKED },
	{ DLT_LINUX_SLL2, LINK_LINUX_COOKED2 },
	{ DLT_NULL, LINK_NULL },
	{ DLT_LOOP, LINK_LOOP },
};

static status_t link_find(capture_t *capture, failure_t *failure)
{
	int type = pcap_datalink(capture->pcap);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (links[i].pcap == type) {
			capture->link = links[i].link;
			return STATUS_OK;
		}
	}
	const char *name = pcap_datalink_val_to_name(type);
	return failure_set(failure, STATUS_UNSUPPORTED,
	                   "capture '%s' has the link type %s (%d), which is not supported",
	                   capture->path, name != NULL ? name : "without a name", type);
}

static status_t file_open(capture_t *capture, failure_t *failure)
{
	FILE *file = strcmp(capture->path, "-") == 0 ? stdin : fopen(capture->path, "rb");
	if (file == NULL) {
		return failure_system(failure, errno, "cannot open capture", capture->path);
	}
	struct stat status;
	if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode)) {
		capture->size = (uint64_t)status.st_size;
	}
	/* Asked for microseconds, libpcap divides the finer times of a file itself. */
	char reason[PCAP_ERRBUF_SIZE] = "";
	capture->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_MICRO,
	                                                         reason);
	if (capture->pcap == NULL) {
		if (file != stdin) {
			(void)fclose(file);
		}
		return failure_set(failure, STATUS_BAD_DATA, "capture '%s' cannot be read: %s",
		                   capture->path, reason);
	}
	return link_find(capture, failure);
}

status_t capture_open(const char *path, capture_t **out, failure_t *failure)
{
	*out = NULL;
	capture_t *capture = calloc(1, sizeof(*capture));
	char *copy = strdup(path);
	if (capture == NULL || copy == NULL) {
		free(capture);
		free(copy);
		return failure_no_memory(failure, "a capture");
	}
	capture->path = copy;
	status_t status = file_open(capture, failure);
	if (status != STATUS_OK) {
		capture_close(capture);
		return status;
	}
	*out = capture;
	return STATUS_OK;
}

/* The seconds of a pcap file are 32 bits without a sign; libpcap reads them with one. */
static uint64_t moment_of(const struct timeval *time)
{
	time_t read = time->tv_sec;
	uint64_t seconds = read < 0 ? (uint32_t)read : (uint64_t)read;
	return seconds * MICROSECONDS + (uint32_t)time->tv_usec;
}

status_t capture_next(capture_t *capture, frame_t *frame, failure_t *failure)
{
	if (capture->failure.status != STATUS_OK) {
		return failure_set(failure, capture->failure.status, "%s", capture->failure.sentence);
	}
	struct pcap_pkthdr *header;
	const uint8_t *data;
	int result = pcap_next_ex(capture->pcap, &header, &data);
	if (result == PCAP_ERROR_BREAK) {
		return STATUS_END;
	}
	if (result != 1) {
		failure_set(&capture->failure, STATUS_BAD_DATA,
		            "capture '%s' cannot be read behind packet %llu: %s", capture->path,
		            (unsigned long long)capture->frames, pcap_geterr(capture->pcap));
		return capture_next(capture, frame, failure);
	}
	capture->frames++;
	*frame = (frame_t) {
		.moment = moment_of(&header->ts),
		.link = capture->link,
		.data = data,
		.size = header->caplen,
		.wire_size = header->len > header->caplen ? header->len : header->caplen,
	};
	return STATUS_OK;
}

void capture_close(capture_t *capture)
{
	if (capture == NULL) {
		return;
	}
	if (capture->pcap != NULL) {
		pcap_close(capture->pcap);
	}
	free(capture->path);
	free(capture);
}

const char *capture_path(const capture_t *capture)
{
	return capture->path;
}

uint64_t capture_position(const capture_t *capture)
{
	off_t position = ftello(pcap_file(capture->pcap));
	return position > 0 ? (uint64_t)position : 0;
}

uint64_t capture_size(const capture_t *capture)
{
	return capture->size;
}
