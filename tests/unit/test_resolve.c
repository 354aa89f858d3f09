/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resolving against a resolver of our own that answers as it is told: names, none, SERVFAIL,
 * silence, refusals, rubbish; what of it is in the store, when it is asked for again, how fast.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cli/resolve_results.h"
#include "cli/resolve_run.h"
#include "common/moment.h"
#include "common/reverse_name.h"
#include "store/store_internal.h"
#include "store/store_querier.h"
#include "store/store_wanted.h"
#include "tests/tap.h"
#include "tests/unit/scratch.h"

#define SECOND MICROSECONDS
#define ARRIVALS_MAX 4096

/* What the resolver does, by the last octet of the address that is asked for. */
enum { NAME, NXDOMAIN, SERVFAIL, SILENCE, REFUSAL, NO_DATA, RUBBISH, SECOND_TIME, BEHAVIOURS };

static int server_socket;
static uint16_t server_port;
static _Atomic int all_do = -1; /* what all do, whatever the address; -1: each by itself */
static _Atomic unsigned arrivals;
static _Atomic uint64_t arrival[ARRIVALS_MAX];
static _Atomic uint8_t arrived[ARRIVALS_MAX]; /* last octets */
static _Atomic unsigned asked[256];

static uint64_t clock_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec / 1000;
}

static size_t put(uint8_t *at, const void *bytes, size_t size)
{
	memcpy(at, bytes, size);
	return size;
}

/* Answer with the record of the behaviour behind the question; returns the size. */
static size_t make_answer(uint8_t *message, size_t question_end, int behaviour)
{
	static const uint8_t ptr[] = "\xc0\x0c\0\x0c\0\x01\0\0\x1c\x20\0\x13\x06mail-1\x07" "example\x02" "cz";
	static const uint8_t soa[] = "\xc0\x0c\0\x06\0\x01\0\0\x0e\x10\0\x16\0\0\0\0\0\x01\0\0\0\x01"
	                             "\0\0\0\x01\0\0\0\x01\0\0\x1c\x84";
	static const int rcodes[BEHAVIOURS] = { [NXDOMAIN] = 3, [SERVFAIL] = 2, [REFUSAL] = 5 };
	message[2] = 0x81;
	message[3] = (uint8_t)(0x80 | rcodes[behaviour]);
	memset(message + 6, 0, 6);
	size_t size = question_end;
	if (behaviour == NAME) {
		message[7] = 1;
		size += put(message + size, ptr, sizeof(ptr));
	} else if (behaviour == NXDOMAIN) {
		message[9] = 1;
		size += put(message + size, soa, sizeof(soa) - 1);
	} else if (behaviour == RUBBISH) {
		message[7] = 9;
	}
	return size;
}

static void *serve(void *unused)
{
	(void)unused;
	for (;;) {
		uint8_t message[1024];
		struct sockaddr_in from;
		socklen_t from_size = sizeof(from);
		ssize_t got = recvfrom(server_socket, message, 600, 0, (struct sockaddr *)&from, &from_size);
		if (got <= 0) {
			return NULL;
		}
		size_t end = 12;
		while (end < (size_t)got && message[end] != 0) {
			end += 1u + message[end];
		}
		reverse_name_t name = reverse_name_parse(message + 12, (size_t)got - 12);
		uint8_t last = name.address.bytes[15];
		bool probe = name.address.bytes[12] == 127;
		/* As an index, gcc reads an atomic number as if it were none. */
		unsigned turn = arrivals;
		if (!probe && turn < ARRIVALS_MAX) {
			arrived[turn] = last;
			arrival[turn] = clock_us();
			arrivals = turn + 1;
		}
		int behaviour = all_do >= 0 ? all_do : probe ? NAME : last % BEHAVIOURS;
		behaviour = behaviour != SECOND_TIME ? behaviour : asked[last] > 0 ? NAME : SERVFAIL;
		asked[last]++;
		if (behaviour != SILENCE) {
			(void)sendto(server_socket, message, make_answer(message, end + 5, behaviour), 0,
			             (struct sockaddr *)&from, from_size);
		}
	}
}

static void start_server(pthread_t *thread)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	server_socket = socket(AF_INET, SOCK_DGRAM, 0);
	tap_require(bind(server_socket, (struct sockaddr *)&address, size) == 0 &&
	            getsockname(server_socket, (struct sockaddr *)&address, &size) == 0 &&
	            pthread_create(thread, NULL, serve, NULL) == 0, "a resolver on loopback");
	server_port = ntohs(address.sin_port);
}

static address_t ipv4(unsigned number)
{
	uint8_t octets[4] = { 10, 9, (uint8_t)(number >> 8), (uint8_t)number };
	return address_from_ipv4(octets);
}

/* A fresh store that waits for the queriers from `first` on, each less than the one before. */
static store_t *make_store(unsigned first, unsigned count)
{
	failure_t failure;
	store_t *store;
	wanted_t wanted = { 0 };
	(void)unlink(scratch_path("data.mdb"));
	(void)unlink(scratch_path("lock.mdb"));
	tap_require(store_open(scratch_folder, STORE_WRITE, &store, &failure) == STATUS_OK, "a store");
	for (unsigned i = 0; i < count; i++) {
		(void)wanted_add(&wanted, &(wanted_querier_t) { .querier = ipv4(first + i),
		                                                .originators = count - i });
	}
	wanted_finish(&wanted);
	tap_require(store_wanted_put(store, FAMILY_IPV4, "", moment_now(), &wanted,
	                             &failure) == STATUS_OK, "%u queriers are wanted", count);
	wanted_clear(&wanted);
	return store;
}

static resolve_options_t make_options(void)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 1 };
	return (resolve_options_t) {
		.folder = scratch_folder, .resolver = address_from_ipv4(loopback), .port = server_port,
		.once = true, .rate = 2000, .patience = SECOND / 5, .tries = 2, .ttl_min = SECOND,
		.ttl_max = 86400 * SECOND, .retry = 100 * SECOND,
	};
}

static volatile sig_atomic_t stop;
static char told[4096];

/* Runs in the thread that is to stop. */
static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static void hear(void *context, const char *sentence)
{
	(void)context;
	strncat(told, sentence, sizeof(told) - strlen(told) - 2);
	strcat(told, "\n");
}

static status_t resolve(const resolve_options_t *options, resolve_counts_t *counts,
                        failure_t *failure)
{
	sigset_t mask;
	sigemptyset(&mask);
	for (int i = 0; i < 256; i++) {
		asked[i] = 0;
	}
	arrivals = 0;
	stop = 0;
	*failure = (failure_t) { 0 };
	return resolve_run(options, &stop, &mask, hear, NULL, counts, failure);
}

/* Category of a querier, and seconds from now until it is due. */
static category_t stored(store_t *store, unsigned number, long *due, unsigned *failures)
{
	failure_t failure;
	querier_directory_t *directory = NULL;
	MDB_txn *transaction;
	store_name_state_t state = { 0 };
	address_t address = ipv4(number);
	category_t category = CATEGORY_UNKNOWN;
	size_t left_out;
	if (store_querier_load(store, SIZE_MAX, &directory, &left_out, &failure) == STATUS_OK) {
		category = querier_directory_get(directory, &address).category;
	}
	querier_directory_destroy(directory);
	if (store_begin(store, MDB_RDONLY, &transaction, &failure) == STATUS_OK) {
		(void)store_name_state(store, transaction, &address, &state, &failure);
		mdb_txn_abort(transaction);
	}
	*due = state.due == 0 ? 0 : (long)(((int64_t)state.due - (int64_t)moment_now()) / (int64_t)SECOND);
	*failures = state.failures;
	return category;
}

static bool near(long got, long wanted)
{
	return got <= wanted && got > wanted - 20;
}

static void test_kinds(void)
{
	const struct { category_t category; long due; unsigned failures, asked; } wanted[BEHAVIOURS] = {
		[NAME] = { FEATURE_MAIL, 7200, 0, 1 },
		[NXDOMAIN] = { FEATURE_NXDOMAIN, 3600, 0, 1 },
		[SERVFAIL] = { FEATURE_UNREACH, 100, 1, 2 },
		[SILENCE] = { FEATURE_UNREACH, 100, 1, 2 },
		[REFUSAL] = { FEATURE_UNREACH, 100, 1, 1 },
		[NO_DATA] = { FEATURE_NXDOMAIN, 1, 0, 1 },
		[RUBBISH] = { FEATURE_UNREACH, 100, 1, 2 },
		[SECOND_TIME] = { FEATURE_MAIL, 7200, 0, 2 },
	};
	resolve_counts_t counts;
	failure_t failure;
	store_t *store = make_store(0, 2 * BEHAVIOURS);
	resolve_options_t options = make_options();
	options.leave[options.leave_count++] = (prefix_t) { ipv4(8), 128 };
	is_int(resolve(&options, &counts, &failure), STATUS_OK, "all kinds: %s", failure.sentence);
	for (unsigned i = 0; i < BEHAVIOURS; i++) {
		long due;
		unsigned failures;
		category_t category = stored(store, i, &due, &failures);
		is_int(category, wanted[i].category, "kind %u: category", i);
		ok(near(due, wanted[i].due), "kind %u: due in %ld s", i, due);
		is_int(failures, wanted[i].failures, "kind %u: failures", i);
		is_int(asked[i], wanted[i].asked, "kind %u: queries", i);
	}
	is_int(asked[8], 0, "the one to be left out is not asked for");
	is_int(counts.left_out, 1, "and counted");
	is_int(counts.names, 3, "names");
	is_int(counts.without, 4, "without");
	is_int(counts.unreachable, 8, "unreachable");
	is_int(resolve(&options, &counts, &failure), STATUS_OK, "once more");
	ok(arrivals <= 2 && counts.names == 0 && counts.unreachable == 0,
	   "asks for nothing but what was told without a TTL");
	store_close(store);
}

static void test_operators_word(void)
{
	resolve_counts_t counts;
	failure_t failure;
	store_querier_batch_t *batch;
	store_t *store = make_store(0, 17);
	address_t by_hand = ipv4(0), without_name = ipv4(16);
	querier_info_t info = { .as_number = 64500, .country = 'C' << 8 | 'Z', .category = FEATURE_NS };
	(void)store_querier_begin(store, &batch, &failure);
	(void)store_querier_put(batch, &by_hand, "ns.example", info, 1, &failure);
	info.category = CATEGORY_UNKNOWN;
	(void)store_querier_put(batch, &without_name, "", info, 1, &failure);
	(void)store_querier_end(batch, true, &failure);
	resolve_options_t options = make_options();
	options.tries = 1;
	(void)resolve(&options, &counts, &failure);
	querier_directory_t *directory;
	size_t left_out;
	(void)store_querier_load(store, SIZE_MAX, &directory, &left_out, &failure);
	is_int(querier_directory_get(directory, &by_hand).category, FEATURE_NS, "a name by hand stays");
	is_int(asked[0], 0, "and is not asked for");
	querier_info_t got = querier_directory_get(directory, &without_name);
	ok(got.category == FEATURE_MAIL && got.as_number == 64500 && got.country == ('C' << 8 | 'Z'),
	   "a name that is found leaves AS and country");
	querier_directory_destroy(directory);
	store_close(store);
}

/* Nothing of a resolver that is down gets into the store. */
static void test_resolver_down(void)
{
	const struct { int all; const char *sentence; } cases[] = {
		{ SILENCE, "does not answer" }, { REFUSAL, "refuses to resolve names" },
	};
	resolve_counts_t counts;
	failure_t failure;
	uint64_t version;
	resolve_options_t options = make_options();
	store_t *store = make_store(0, 100);
	for (size_t i = 0; i < 2; i++) {
		all_do = cases[i].all;
		is_int(resolve(&options, &counts, &failure), STATUS_SYSTEM, "%s", cases[i].sentence);
		ok(strstr(failure.sentence, cases[i].sentence) != NULL, "said: %s", failure.sentence);
		(void)store_querier_version(store, &version, &failure);
		is_int(version, 0, "nothing is written");
	}
	options.port = 1;
	is_int(resolve(&options, &counts, &failure), STATUS_SYSTEM, "nobody at the port");
	ok(strstr(failure.sentence, "@1 cannot be reached") != NULL, "said: %s", failure.sentence);
	all_do = -1;
	store_close(store);
}

static void test_rate(void)
{
	resolve_counts_t counts;
	failure_t failure;
	resolve_options_t options = make_options();
	store_t *store = make_store(0, 120);
	options.rate = 100;
	all_do = NAME;
	(void)resolve(&options, &counts, &failure);
	all_do = -1;
	is_int(counts.names, 120, "all are resolved");
	is_int(arrivals, 120, "by one query each");
	unsigned in_order = 0;
	for (unsigned i = 0; i < arrivals; i++) {
		in_order += arrived[i] == i;
	}
	is_int(in_order, 120, "the most wanted first");
	unsigned most = 0;
	for (unsigned i = 0, first = 0; i < arrivals; i++) {
		while (arrival[i] - arrival[first] >= SECOND / 2) {
			first++;
		}
		most = i - first + 1 > most ? i - first + 1 : most;
	}
	ok(most <= 50 + 4, "at most %u in half a second at 100 a second", most);
	ok(arrival[119] - arrival[0] >= SECOND, "in %.2f s", (double)(arrival[119] - arrival[0]) / 1e6);
	store_close(store);
}

typedef struct {
	resolve_options_t options;
	resolve_counts_t counts;
	status_t status;
} service_t;

static void *run_service(void *context)
{
	service_t *service = context;
	failure_t failure;
	service->status = resolve(&service->options, &service->counts, &failure);
	return NULL;
}

static bool becomes(store_t *store, unsigned number, category_t category)
{
	long due;
	unsigned failures;
	for (int i = 0; i < 100; i++) {
		if (stored(store, number, &due, &failures) == category) {
			return true;
		}
		usleep(50000);
	}
	return false;
}

static void test_service(void)
{
	failure_t failure;
	pthread_t thread;
	service_t service = { .options = make_options() };
	service.options.once = false;
	service.options.retry = SECOND;
	store_t *store = make_store(0, 3);
	(void)pthread_create(&thread, NULL, run_service, &service);
	ok(becomes(store, 0, FEATURE_MAIL), "the first is resolved");
	ok(becomes(store, 2, FEATURE_UNREACH), "SERVFAIL is unreachable");
	wanted_t wanted = { 0 };
	(void)wanted_add(&wanted, &(wanted_querier_t) { .querier = ipv4(8), .originators = 1 });
	(void)wanted_add(&wanted, &(wanted_querier_t) { .querier = ipv4(2), .originators = 1 });
	(void)store_wanted_put(store, FAMILY_IPV4, "", moment_now(), &wanted, &failure);
	all_do = NAME;
	ok(becomes(store, 8, FEATURE_MAIL), "a new one is noticed");
	ok(becomes(store, 2, FEATURE_MAIL), "the unreachable one is tried again");
	(void)pthread_kill(thread, SIGUSR1);
	(void)pthread_join(thread, NULL);
	is_int(service.status, STATUS_OK, "it stops when it is told");
	ok(strstr(told, " names, ") != NULL && strstr(told, "waiting") != NULL, "and told what was done");
	all_do = -1;
	wanted_clear(&wanted);
	store_close(store);
}

static void test_due(void)
{
	const resolve_times_t times = { 3600 * SECOND, 7 * 86400 * SECOND, 600 * SECOND };
	const struct { ptr_kind_t kind; uint32_t ttl; unsigned failures; uint64_t seconds; } cases[] = {
		{ PTR_NAME, 7200, 0, 7200 }, { PTR_NAME, 1, 0, 3600 }, { PTR_NAME, 9999999, 0, 604800 },
		{ PTR_NONE, 7200, 0, 7200 }, { PTR_NONE, 0, 0, 3600 }, { PTR_NONE, 604800, 0, 86400 },
		{ PTR_FAILED, 0, 1, 600 }, { PTR_SILENT, 0, 2, 1200 }, { PTR_SILENT, 0, 5, 9600 },
		{ PTR_FAILED, 0, 8, 76800 }, { PTR_FAILED, 0, 9, 86400 }, { PTR_FAILED, 0, 255, 86400 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ptr_answer_t answer = { .kind = cases[i].kind, .ttl = cases[i].ttl };
		is_int(resolve_due(&times, &answer, cases[i].failures, SECOND) / SECOND - 1,
		       cases[i].seconds, "due: case %zu", i);
	}
}

int main(void)
{
	pthread_t server;
	const struct sigaction action = { .sa_handler = on_signal };
	(void)sigaction(SIGUSR1, &action, NULL);
	scratch_begin();
	start_server(&server);
	test_due();
	test_kinds();
	test_operators_word();
	test_resolver_down();
	test_rate();
	test_service();
	(void)shutdown(server_socket, SHUT_RDWR);
	(void)pthread_join(server, NULL);
	close(server_socket);
	scratch_end();
	return tap_done();
}
