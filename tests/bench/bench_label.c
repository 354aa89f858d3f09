/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What `backscatter label` costs as a whole, process start to labels written: millions of
 * packets per second of CPU time (all threads, user and system), and peak memory, beside a
 * bare loop over the same file; then compressed files, beside their decompressors alone.
 *
 *   bench_label [SCALE]    1000 by default: 8 million packets of 200 thousand sources
 *
 * Each measurement is a process of its own, the best of some rounds. The files are temporary
 * and in the page cache. The command is ./backscatter, or that of BACKSCATTER.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/decompress_alone.h"
#include "tests/bench/telescope_traffic.h"
#include "tests/unit/capture_builder.h"
#include "tests/unit/scratch.h"

#define ROUNDS 3
#define BLOCK  ((size_t)1 << 20)

/* What a process took. */
typedef struct {
	double cpu;     /* seconds */
	double memory;  /* MB */
} cost_t;

static void put_transport(buffer_t *frame, const packet_t *packet)
{
	switch (packet->protocol) {
	case PROTOCOL_TCP:
		PUT(frame, HIGH_LOW(packet->source_port), HIGH_LOW(packet->destination_port),
		    HIGH_LOW(packet->tcp_sequence >> 16), HIGH_LOW(packet->tcp_sequence), 0, 0, 0, 0,
		    5 << 4, packet->tcp_flags, 4, 0, 0, 0, 0, 0);
		break;
	case PROTOCOL_UDP:
		PUT(frame, HIGH_LOW(packet->source_port), HIGH_LOW(packet->destination_port), 0, 8, 0, 0);
		break;
	default:
		PUT(frame, packet->icmp_type, 0, 0, 0, 0, 0, 0, 0);
	}
}

/* A packet of the traffic as a frame: Ethernet, IPv4, and TCP, UDP or ICMP. */
static void put_frame(buffer_t *frame, const packet_t *packet)
{
	unsigned size = packet->protocol == PROTOCOL_TCP ? 40 : 28;
	unsigned fragment = (packet->more_fragments ? 0x2000u : 0u) | packet->fragment_offset / 8u;
	frame->size = 0;
	PUT(frame, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
	    0x45, 0, HIGH_LOW(size), HIGH_LOW(packet->identification), HIGH_LOW(fragment), 240,
	    packet->protocol, 0, 0);
	buffer_append(frame, packet->source.bytes + 12, 4);
	buffer_append(frame, packet->destination.bytes + 12, 4);
	put_transport(frame, packet);
}

/* Writes the capture; returns its bytes, and how many packets there are. */
static size_t write_capture(const char *path, unsigned scale, size_t *packets)
{
	traffic_t traffic;
	buffer_t file = { 0 }, frame = { 0 };
	uint64_t moment;
	packet_t packet;
	FILE *stream = fopen(path, "w");
	if (stream == NULL || !traffic_create(&traffic, scale, 1)) {
		perror("bench_label: capture");
		exit(1);
	}
	size_t size = 0;
	pcap_begin(&file, 0xa1b2c3d4, LINKTYPE_ETHERNET, false);
	*packets = traffic.packets;
	while (traffic_next(&traffic, &moment, &packet)) {
		put_frame(&frame, &packet);
		pcap_packet(&file, (uint32_t)(moment / 1000000), (uint32_t)(moment % 1000000), &frame,
		            frame.size, false);
		if (file.size >= BLOCK) {
			size += fwrite(file.data, 1, file.size, stream);
			file.size = 0;
		}
	}
	size += fwrite(file.data, 1, file.size, stream);
	traffic_clear(&traffic);
	buffer_clear(&file);
	buffer_clear(&frame);
	if (fclose(stream) != 0) {
		perror("bench_label: capture");
		exit(1);
	}
	return size;
}

/* Blocks are read, and of each record only its length is looked at. */
static bool read_bare(const char *path)
{
	static uint8_t block[2 * BLOCK];
	int file = open(path, O_RDONLY);
	size_t left = 0, at = 24;
	ssize_t size;
	while ((size = read(file, block + left, BLOCK)) > 0) {
		size_t end = left + (size_t)size;
		for (uint32_t kept; at + 16 <= end; at += 16 + kept) {
			memcpy(&kept, block + at + 8, 4);
			if (at + 16 + kept > end) {
				break;
			}
		}
		left = end - at;
		memmove(block, block + at, left);
		at = 0;
	}
	close(file);
	return left == 0;
}

static bool run_label(const char *path)
{
	const char *command = getenv("BACKSCATTER");
	command = command != NULL ? command : "./backscatter";
	char labels[SCRATCH_PATH_MAX];
	(void)snprintf(labels, sizeof(labels), "%s", scratch_path("labels.csv"));
	execl(command, "backscatter", "label", path, "--darknet", TRAFFIC_DARKNET, "-o", labels, NULL);
	perror(command);
	return false;
}

static compressed_t alone_kind;

static bool run_alone(const char *path)
{
	return decompress_alone(alone_kind, path) > 0;
}

/* Does the work in a process of its own, some times; the least that it took. */
static cost_t measure(bool (*work)(const char *), const char *path)
{
	cost_t best = { 1e9, 0 };
	for (int i = 0; i < ROUNDS; i++) {
		struct rusage usage;
		int status;
		pid_t child = fork();
		if (child == 0) {
			_exit(work(path) ? 0 : 1);
		}
		if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
			fprintf(stderr, "bench_label: a process failed\n");
			exit(1);
		}
		double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		             (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
		if (cpu < best.cpu) {
			best = (cost_t) { cpu, (double)usage.ru_maxrss / 1024 };
		}
	}
	return best;
}

static double bench_plain(const char *path, size_t packets, size_t size)
{
	cost_t bare = measure(read_bare, path), label = measure(run_label, path);
	double millions = (double)packets * 1e-6;
	printf("%.2f million packets, %zu MB of pcap; millions of packets per CPU second:\n", millions,
	       size >> 20);
	printf("  bare loop          %6.2f\n", millions / bare.cpu);
	printf("  backscatter label  %6.2f, %.3f of the bare loop, %.0f MB at most\n",
	       millions / label.cpu, bare.cpu / label.cpu, label.memory);
	return label.cpu;
}

/* Compresses a file in each way, and labels it. */
static void bench_compressed(const char *path, size_t packets, size_t size)
{
	double plain = measure(run_label, path).cpu, millions = (double)packets * 1e-6;
	printf("%.2f million packets compressed; the decompressor alone, and backscatter label:\n",
	       millions);
	for (alone_kind = 0; alone_kind < COMPRESSED_KINDS; alone_kind++) {
		buffer_t file = { 0 };
		uint8_t *bytes = malloc(size);
		FILE *stream = fopen(path, "r");
		if (bytes == NULL || stream == NULL || fread(bytes, 1, size, stream) != size) {
			perror("bench_label: capture");
			exit(1);
		}
		fclose(stream);
		compressed_append(&file, alone_kind, bytes, size);
		free(bytes);
		const char *compressed = scratch_write("compressed", file.data, file.size);
		buffer_clear(&file);
		double alone = measure(run_alone, compressed).cpu;
		double label = measure(run_label, compressed).cpu;
		printf("  %-5s %6.2f  %6.2f: %.2f of what both take apart from each other\n",
		       compressed_kinds[alone_kind].name, millions / alone, millions / label,
		       label / (alone + plain));
	}
}

int main(int argc, char **argv)
{
	unsigned scale = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
	size_t packets;
	if (scale == 0) {
		return 1;
	}
	scratch_begin();
	char path[SCRATCH_PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s", scratch_path("telescope.pcap"));
	size_t size = write_capture(path, scale, &packets);
	bench_plain(path, packets, size);
	size = write_capture(path, scale / 4 > 0 ? scale / 4 : 1, &packets);
	bench_compressed(path, packets, size);
	scratch_end();
	return 0;
}
