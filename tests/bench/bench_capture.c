/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What reading captures costs, in millions of packets per second of CPU time, from the page
 * cache: a bare loop that reads blocks and steps over records, libpcap's loop, our reader,
 * our reader and decoder; then each compression, beside its library's decompression alone,
 * also on the clock, as we decompress in a thread.
 *
 *   bench_capture [PACKETS]      4 million by default; a quarter of them compressed
 *
 * The packets are what comes to a telescope: small TCP, UDP and ICMP over Ethernet, from and
 * to random addresses, by a fixed seed. The file is temporary.
 */
#include <fcntl.h>
#include <pcap/pcap.h>
#include <time.h>
#include <unistd.h>

#include "capture/packet.h"
#include "common/generator.h"
#include "tests/bench/decompress_alone.h"
#include "tests/unit/numbered_capture.h"

#define ROUNDS      5
#define PACKETS     4000000
#define BLOCK       ((size_t)1 << 20)
#define DARKNET     0xc6120000u  /* 198.18.0.0/16 */

static double seconds_now(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* One packet: Ethernet, IPv4, and TCP, UDP or ICMP, now and then with options or payload. */
static void put_packet(buffer_t *packet, generator_t *generator)
{
	uint64_t random = generator_next(generator), ports = generator_next(generator);
	uint32_t source = (uint32_t)random, target = DARKNET | (random >> 32 & 0xffff);
	unsigned kind = (unsigned)(ports & 15);
	uint8_t protocol = kind < 11 ? PROTOCOL_TCP : kind < 15 ? PROTOCOL_UDP : PROTOCOL_ICMP;
	unsigned options = protocol == PROTOCOL_TCP && (ports & 16) ? 4 : 0;
	unsigned payload = protocol == PROTOCOL_TCP ? 20 + options : 8 + (ports >> 5 & 31);
	unsigned total = 20 + payload;
	packet->size = 0;
	PUT(packet, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
	    0x45, 0, HIGH_LOW(total), HIGH_LOW(random >> 48), 0, 0, 240, protocol, 0, 0,
	    HIGH_LOW(source >> 16), HIGH_LOW(source), HIGH_LOW(target >> 16), HIGH_LOW(target));
	if (protocol == PROTOCOL_TCP) {
		PUT(packet, HIGH_LOW(ports >> 32), HIGH_LOW(ports >> 48), 1, 2, 3, 4, 0, 0, 0, 0,
		    (uint8_t)((20 + options) << 2), TCP_SYN, 4, 0, 0, 0, 0, 0);
	} else if (protocol == PROTOCOL_UDP) {
		PUT(packet, HIGH_LOW(ports >> 32), HIGH_LOW(ports >> 48), HIGH_LOW(payload), 0, 0);
	} else {
		PUT(packet, 8, 0, 0, 0, HIGH_LOW(ports >> 32), 0, 1);
	}
	while (packet->size < 14 + total) {
		buffer_u8(packet, (uint8_t)packet->size);
	}
}

static buffer_t file_make(size_t packets, bool ng)
{
	buffer_t file = { 0 }, packet = { 0 };
	generator_t generator = generator_make(1, 0);
	if (ng) {
		pcapng_section(&file, false);
		pcapng_interface(&file, LINKTYPE_ETHERNET, 0, 9, 0, false);
	} else {
		pcap_begin(&file, 0xa1b2c3d4, LINKTYPE_ETHERNET, false);
	}
	for (size_t i = 0; i < packets; i++) {
		put_packet(&packet, &generator);
		if (ng) {
			pcapng_packet(&file, 0, BASE * 1000000000 + i * 1000, &packet, packet.size, false,
			              false);
		} else {
			pcap_packet(&file, (uint32_t)(BASE + i / 1000), (uint32_t)(i % 1000 * 1000),
			            &packet, packet.size, false);
		}
	}
	buffer_clear(&packet);
	return file;
}

/* A bound for all readers: blocks are read, and of each record only its length is looked at. */
static uint64_t read_bare(const char *path)
{
	static uint8_t block[2 * BLOCK];
	int file = open(path, O_RDONLY);
	uint64_t packets = 0;
	size_t left = 0, at = 24;
	ssize_t size;
	while ((size = read(file, block + left, BLOCK)) > 0) {
		size_t end = left + (size_t)size;
		for (;;) {
			uint32_t kept;
			if (at + 16 > end) {
				break;
			}
			memcpy(&kept, block + at + 8, 4);
			if (at + 16 + kept > end) {
				break;
			}
			at += 16 + kept;
			packets++;
		}
		left = end - at;
		memmove(block, block + at, left);
		at = 0;
	}
	close(file);
	return packets;
}

static uint64_t read_libpcap(const char *path)
{
	char reason[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, reason);
	struct pcap_pkthdr *header;
	const uint8_t *data;
	uint64_t packets = 0;
	while (pcap != NULL && pcap_next_ex(pcap, &header, &data) == 1) {
		packets++;
	}
	pcap_close(pcap);
	return packets;
}

static uint64_t read_ours(const char *path)
{
	capture_t *capture = must_open(path);
	frame_t frame;
	uint64_t packets = 0;
	while (capture_next(capture, &frame, NULL) == STATUS_OK) {
		packets++;
	}
	capture_close(capture);
	return packets;
}

static uint64_t decode_ours(const char *path)
{
	capture_t *capture = must_open(path);
	frame_t frame;
	packet_t packet;
	uint64_t packets = 0, sum = 0;
	while (capture_next(capture, &frame, NULL) == STATUS_OK) {
		packets += packet_decode(&frame, &packet) == PACKET_WHOLE;
		sum += packet.destination_port + packet.source.words[1];
	}
	volatile uint64_t keep = sum;
	(void)keep;
	capture_close(capture);
	return packets;
}

/* Millions of packets per second. */
typedef struct {
	double cpu;    /* Of all threads. */
	double clock;
} speed_t;

static double larger(double a, double b)
{
	return a > b ? a : b;
}

/* The best of some rounds. `result` is what the work must give. */
static speed_t measure_both(uint64_t (*work)(const char *), const char *path, uint64_t result,
                            size_t packets)
{
	speed_t best = { 0 };
	for (int i = 0; i < ROUNDS; i++) {
		double cpu = seconds_now(CLOCK_PROCESS_CPUTIME_ID), clock = seconds_now(CLOCK_MONOTONIC);
		uint64_t given = work(path);
		cpu = seconds_now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
		clock = seconds_now(CLOCK_MONOTONIC) - clock;
		if (given != result) {
			printf("bench_capture: %llu instead of %llu\n", (unsigned long long)given,
			       (unsigned long long)result);
			exit(1);
		}
		best.cpu = larger(best.cpu, (double)packets * 1e-6 / cpu);
		best.clock = larger(best.clock, (double)packets * 1e-6 / clock);
	}
	return best;
}

static double measure(uint64_t (*work)(const char *), const char *path, size_t packets)
{
	return measure_both(work, path, packets, packets).cpu;
}

static void bench_plain(size_t packets)
{
	buffer_t file = file_make(packets, false);
	printf("%zu packets, %zu MB of pcap; millions of packets per CPU second:\n", packets,
	       file.size >> 20);
	const char *path = write_and_clear("pcap", &file);
	double bare = measure(read_bare, path, packets);
	static const struct { const char *what; uint64_t (*work)(const char *); } works[] = {
		{ "libpcap", read_libpcap },
		{ "our reader", read_ours },
		{ "our reader and decoder", decode_ours },
	};
	printf("  %-28s %6.1f\n", "bare loop", bare);
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		double speed = measure(works[i].work, path, packets);
		printf("  %-28s %6.1f, %.2f of the bare loop\n", works[i].what, speed, speed / bare);
	}
	(void)remove(path);
	file = file_make(packets, true);
	path = write_and_clear("pcapng", &file);
	printf("  %-28s %6.1f\n", "libpcap, pcapng", measure(read_libpcap, path, packets));
	printf("  %-28s %6.1f\n", "our reader, pcapng", measure(read_ours, path, packets));
	printf("  %-28s %6.1f\n", "our reader and decoder, pcapng", measure(decode_ours, path, packets));
	(void)remove(path);
}

static compressed_t alone_kind;

static uint64_t decompress(const char *path)
{
	return decompress_alone(alone_kind, path);
}

static void bench_compressed(size_t packets)
{
	buffer_t plain = file_make(packets, false);
	printf("%zu packets compressed; per CPU second and (on the clock) per second:\n"
	       "                      decompressor alone      our reader         our reader and decoder\n",
	       packets);
	for (alone_kind = 0; alone_kind < COMPRESSED_KINDS; alone_kind++) {
		buffer_t file = { 0 };
		compressed_append(&file, alone_kind, plain.data, plain.size);
		size_t size = file.size;
		const char *path = write_and_clear("compressed", &file);
		speed_t alone = measure_both(decompress, path, plain.size, packets);
		speed_t read = measure_both(read_ours, path, packets, packets);
		speed_t decoded = measure_both(decode_ours, path, packets, packets);
		printf("  %-5s to %2zu %%       %6.2f (%6.2f)   %6.2f (%6.2f), %.2f (%.2f)   "
		       "%6.2f (%6.2f), %.2f (%.2f)\n", compressed_kinds[alone_kind].name,
		       size * 100 / plain.size, alone.cpu, alone.clock, read.cpu, read.clock,
		       read.cpu / alone.cpu, read.clock / alone.clock, decoded.cpu, decoded.clock,
		       decoded.cpu / alone.cpu, decoded.clock / alone.clock);
		(void)remove(path);
	}
	buffer_clear(&plain);
}

int main(int argc, char **argv)
{
	size_t packets = argc > 1 ? strtoull(argv[1], NULL, 10) : PACKETS;
	scratch_begin();
	bench_plain(packets);
	bench_compressed(packets / 4);
	scratch_end();
	return 0;
}
