/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks two servers on loopback the same queries, of all kinds and some that are broken, and
 * compares the answers byte for byte: same_answers PORT PORT COUNT [SEED]. Ends with 0 if they are
 * the same; prints how many there were. Every few queries come from another address in 127/8.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/generator.h"

#define ANSWER_MAX 4096

/* After so many milliseconds neither will answer; and one, if the other has. */
#define PATIENCE_BOTH 100
#define PATIENCE_ONE  2000

/* So many queries come from one address. */
#define QUERIES_OF_ONE 16

/* A socket from an address in 127.1/16 to a port of 127.0.0.1. */
static int connect_to(const char *port, uint32_t from)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	own.sin_addr.s_addr = htonl(0x7f010000 | from);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int file = socket(AF_INET, SOCK_DGRAM, 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (file < 0 || bind(file, (struct sockaddr *)&own, sizeof(own)) != 0 ||
	    connect(file, (struct sockaddr *)&to, sizeof(to)) != 0) {
		perror("same_answers");
		exit(2);
	}
	return file;
}

/* Appends a name of labels that are divided by points. */
static size_t put_name(uint8_t *at, const char *name)
{
	size_t size = 0;
	while (*name != '\0') {
		size_t label = strcspn(name, ".");
		at[size++] = (uint8_t)label;
		memcpy(at + size, name, label);
		size += label;
		name += label + (name[label] == '.');
	}
	at[size++] = 0;
	return size;
}

static void draw_name(generator_t *generator, char *name, size_t size)
{
	static const char *const others[] = {
		"in-addr.arpa", "192.in-addr.arpa", "0.192.In-Addr.Arpa", "www.example.com", "ip6.arpa",
		"b._dns-sd._udp.0.2.0.192.in-addr.arpa", "0/25.2.0.192.in-addr.arpa", "256.2.0.192.in-addr.arpa",
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "",
	};
	if (generator_below(generator, 2) == 0) {
		(void)snprintf(name, size, "%s", others[generator_below(generator, sizeof(others) / sizeof(others[0]))]);
	} else {
		(void)snprintf(name, size, "%u.%u.0.192.in-addr.arpa",
		               (unsigned)generator_below(generator, 256), (unsigned)generator_below(generator, 256));
	}
}

static size_t make_query(generator_t *generator, uint16_t id, uint8_t *query)
{
	static const uint16_t types[] = { 12, 12, 12, 1, 2, 6, 255, 28, 252, 65 };
	char name[128];
	bool edns = generator_below(generator, 2) == 0;
	const uint8_t head[12] = { (uint8_t)(id >> 8), (uint8_t)id, (uint8_t)generator_below(generator, 2), 0,
	                           0, 1, 0, 0, 0, 0, 0, edns };
	memcpy(query, head, sizeof(head));
	draw_name(generator, name, sizeof(name));
	size_t size = sizeof(head) + put_name(query + sizeof(head), name);
	uint16_t type = types[generator_below(generator, sizeof(types) / sizeof(types[0]))];
	const uint8_t rest[4] = { (uint8_t)(type >> 8), (uint8_t)type, 0, generator_below(generator, 20) == 0 ? 3 : 1 };
	memcpy(query + size, rest, sizeof(rest));
	size += sizeof(rest);
	if (edns) {
		const uint8_t opt[11] = { 0, 0, 41, 4, 208, 0, (uint8_t)(generator_below(generator, 20) == 0), 0,
		                          generator_below(generator, 2) == 0 ? 128 : 0, 0, 0 };
		memcpy(query + size, opt, sizeof(opt));
		size += sizeof(opt);
	}
	/* Some are cut, so that they are answered by FORMERR. */
	return generator_below(generator, 200) == 0 ? size - 2 : size;
}

/* Asks both; sizes of the answers are 0 where there is none. */
static void ask(const int files[2], const uint8_t *query, size_t size, uint8_t answers[2][ANSWER_MAX],
                ssize_t sizes[2])
{
	struct pollfd both[2] = { { .fd = files[0], .events = POLLIN }, { .fd = files[1], .events = POLLIN } };
	bool any = false;
	for (int i = 0; i < 2; i++) {
		(void)send(files[i], query, size, 0);
	}
	any = poll(both, 2, PATIENCE_BOTH) > 0;
	for (int i = 0; i < 2; i++) {
		struct pollfd one = { .fd = files[i], .events = POLLIN };
		sizes[i] = any && poll(&one, 1, PATIENCE_ONE) == 1 ? recv(files[i], answers[i], ANSWER_MAX, 0) : 0;
	}
}

int main(int argc, char **argv)
{
	if (argc != 4 && argc != 5) {
		return 2;
	}
	int files[2] = { -1, -1 };
	generator_t generator = generator_make(argc > 4 ? (uint64_t)atoll(argv[4]) : 1, 0);
	unsigned count = (unsigned)atoi(argv[3]), answers = 0, different = 0;
	for (unsigned i = 0; i < count; i++) {
		if (i % QUERIES_OF_ONE == 0) {
			uint32_t from = 1 + (uint32_t)generator_below(&generator, 4000);
			for (int j = 0; j < 2; j++) {
				if (files[j] >= 0) {
					close(files[j]);
				}
				files[j] = connect_to(argv[1 + j], from);
			}
		}
		uint8_t query[512], got[2][ANSWER_MAX];
		size_t size = make_query(&generator, (uint16_t)i, query);
		ssize_t sizes[2];
		ask(files, query, size, got, sizes);
		answers += sizes[0] > 0;
		different += sizes[0] != sizes[1] || memcmp(got[0], got[1], (size_t)(sizes[0] > 0 ? sizes[0] : 0)) != 0;
	}
	printf("%u queries, %u answers, %u different\n", count, answers, different);
	close(files[0]);
	close(files[1]);
	return different == 0 && answers > count / 2 ? 0 : 1;
}
