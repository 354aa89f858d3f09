/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes a short trace and what is known of its queriers.
 *
 *     write_trace TRACE.pcap QUERIERS.csv WINDOW_SECONDS [fold]
 *
 * From 1970-01-02 on, over one window: 12 IPv4 and 4 IPv6 originators, each asked
 * for by 3 to 40 queriers of both families, some again within three seconds, some
 * later; and 24 addresses in each of two /64, from the first one on, with up to two queriers
 * each, of which some ask for the next one again. With "fold", all IPv6 originators are the
 * first addresses of their /64: what counting by /64 should come to. Before each query come
 * those for the parts of its name that a resolver would ask for first. No query comes near the
 * border of a period of two seconds or of the suppression time, so that the jitter of a live
 * server cannot change a feature.
 */
#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/generator.h"
#include "common/reverse_name.h"

#define START 86400
#define PORT_DNS 53
#define SUBNETS  2
#define ROTATED  24

typedef struct {
	uint64_t moment;  /* microseconds */
	address_t originator, querier;
	unsigned cut;     /* labels that the name lacks */
} question_t;

static int compare(const void *a, const void *b)
{
	const question_t *x = a, *y = b;
	return x->moment < y->moment ? -1 : x->moment > y->moment;
}

static address_t make_address(unsigned number, int ipv6)
{
	uint8_t bytes[16] = { 0x20, 0x01, 0x0d, 0xb8, (uint8_t)(number % 3), (uint8_t)number,
	                      [12] = (uint8_t)(20 + number % 5), (uint8_t)(number % 7), 2,
	                      (uint8_t)number };
	return ipv6 ? address_from_ipv6(bytes) : address_from_ipv4(bytes + 12);
}

/* A raw IP packet with a question for PTR; checksums are left 0, nobody looks at them. */
static size_t make_packet(const question_t *question, uint8_t packet[256])
{
	uint8_t message[128] = { 0x12, 0x34, 0, 0, 0, 1 };
	uint8_t name[REVERSE_NAME_MAX], *from = name;
	size_t size = 12 + reverse_name_write(&question->originator, name);
	for (unsigned i = 0; i < question->cut; i++) {
		size -= 1u + *from;
		from += 1 + *from;
	}
	memcpy(message + 12, from, size - 12);
	memcpy(message + size, question->cut > 0 ? "\0\1\0\1" : "\0\x0c\0\1", 4);
	size += 4;
	size_t udp = 8 + size, head;
	memset(packet, 0, 256);
	if (address_is_ipv4(&question->querier)) {
		head = 20;
		packet[0] = 0x45;
		packet[3] = (uint8_t)(head + udp);
		packet[8] = 64;
		packet[9] = 17;
		memcpy(packet + 12, question->querier.bytes + 12, 4);
		memcpy(packet + 16, "\xc0\0\2\x35", 4);
	} else {
		head = 40;
		packet[0] = 0x60;
		packet[5] = (uint8_t)udp;
		packet[6] = 17;
		packet[7] = 64;
		memcpy(packet + 8, question->querier.bytes, 16);
		memcpy(packet + 24, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x35", 16);
	}
	packet[head] = 0x30;
	packet[head + 3] = PORT_DNS;
	packet[head + 5] = (uint8_t)udp;
	memcpy(packet + head + 8, message, size);
	return head + udp;
}

/* The middle of a half second: 0.25 or 0.75 s behind its begin. */
static uint64_t draw_moment(generator_t *generator, unsigned window)
{
	uint64_t half = generator_below(generator, 2 * (window - 12));
	return UINT64_C(1000000) * START + half * 500000 + 250000;
}

/*
 * Scanners that take another address of their /64 for each target. All their moments lie 0.25 or
 * 0.75 s behind a multiple of four seconds: any two may be those of one querier and the /64.
 */
static size_t rotate(question_t *questions, unsigned window)
{
	generator_t generator = generator_make(6, 0);
	size_t count = 0;
	for (unsigned i = 0; i < SUBNETS * ROTATED; i++) {
		address_t originator = make_address(200 + i % SUBNETS, 1);
		memset(originator.bytes + 8, 0, 8);
		originator.bytes[15] = (uint8_t)(i / SUBNETS);
		for (unsigned j = 0; j <= i % 3 % 2; j++) {
			questions[count++] = (question_t) {
				UINT64_C(1000000) * START + generator_below(&generator, window / 4 - 1) * 4000000 +
				generator_below(&generator, 2) * 500000 + 250000,
				originator, make_address(i / 4 + 2 * j, 0), 0,
			};
		}
	}
	return count;
}

static size_t make_questions(question_t *questions, unsigned window)
{
	generator_t generator = generator_make(5, 0);
	size_t count = rotate(questions, window);
	for (unsigned i = 0; i < 16; i++) {
		address_t originator = make_address(100 + i, i >= 12);
		unsigned queriers = 3 + i * 5 % 38;
		for (unsigned j = 0; j < queriers; j++) {
			address_t querier = make_address(j * 3 + i, j % 4 == 0);
			uint64_t moment = draw_moment(&generator, window);
			questions[count++] = (question_t) { moment, originator, querier, 0 };
			if (j % 3 == 0) {
				questions[count++] =
					(question_t) { moment + 1000000, originator, querier, 0 };
			}
			if (j % 2 == 0) {
				questions[count++] =
					(question_t) { moment + 6000000, originator, querier, 0 };
			}
		}
	}
	return count;
}

/* The names of /16 and /24, or of /32, /48 and /64, that are asked for before. */
static size_t minimise(question_t *questions, size_t count)
{
	static const unsigned cuts[2][3] = { { 2, 1, 0 }, { 24, 20, 16 } };
	size_t all = count;
	for (size_t i = 0; i < count; i++) {
		for (unsigned j = 0; j < 3; j++) {
			questions[all] = questions[i];
			questions[all].cut = cuts[!address_is_ipv4(&questions[i].originator)][j];
			all += questions[all].cut > 0;
		}
	}
	qsort(questions, all, sizeof(*questions), compare);
	return all;
}

static void write_queriers(FILE *file)
{
	static const char *const names[] = {
		"", "!nxdomain", "!unreach", "mail.example.com", "dsl-1.example.net", "ns1.example.org",
		"gw.example.org",
	};
	char text[ADDRESS_TEXT_MAX];
	fputs("querier,name,asn,country\n", file);
	for (unsigned number = 0; number < 140; number++) {
		for (int ipv6 = 0; ipv6 < 2; ipv6++) {
			address_t querier = make_address(number, ipv6);
			fprintf(file, "%s,%s,", address_format(&querier, text), names[number % 7]);
			if (number % 5 != 0) {
				fprintf(file, "%u", 64500 + number % 11);
			}
			fprintf(file, ",%s\n", number % 6 == 0 ? "" : number % 3 == 0 ? "CZ" : "JP");
		}
	}
}

int main(int argc, char **argv)
{
	static question_t questions[4096];
	bool fold = argc == 5 && strcmp(argv[4], "fold") == 0;
	if (argc != 4 && !fold) {
		return 2;
	}
	pcap_t *pcap = pcap_open_dead(DLT_RAW, 65535);
	pcap_dumper_t *dumper = pcap_dump_open(pcap, argv[1]);
	FILE *queriers = fopen(argv[2], "w");
	if (dumper == NULL || queriers == NULL) {
		return 1;
	}
	size_t count = minimise(questions, make_questions(questions, (unsigned)atoi(argv[3])));
	for (size_t i = 0; i < count; i++) {
		uint8_t packet[256];
		if (fold && !address_is_ipv4(&questions[i].originator)) {
			memset(questions[i].originator.bytes + 8, 0, 8);
		}
		struct pcap_pkthdr header = {
			.ts = { (time_t)(questions[i].moment / 1000000),
			        (suseconds_t)(questions[i].moment % 1000000) },
		};
		header.caplen = header.len = (bpf_u_int32)make_packet(&questions[i], packet);
		pcap_dump((u_char *)dumper, &header, packet);
	}
	pcap_dump_close(dumper);
	pcap_close(pcap);
	write_queriers(queriers);
	return fclose(queriers) == 0 ? 0 : 1;
}
