/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prefixes of partial names against exact counts: the error of the sketch, threads, a crawler that
 * asks for everything, a table that is full, and what is kept in a file.
 */
#include <pthread.h>

#include "common/generator.h"
#include "sensor/distinct.h"
#include "sensor/prefix_list.h"
#include "sensor/prefix_table.h"
#include "tests/tap.h"
#include "tests/unit/scratch.h"

#define MIB ((size_t)1 << 20)
#define PREFIXES 300
#define QUERIERS 3000
#define QUERIES  400000
#define THREADS_MAX 4

static const hash_key_t key = { { 7, 8 } };

static uint64_t querier_hash(unsigned number)
{
	const hash_key_t other = { { 1, 2 } };
	return keyed_hash(&other, &number, sizeof(number), 1, 3);
}

/* Root of the mean squared relative error, and the mean relative error. */
static void test_error(void)
{
	static const unsigned numbers[] = { 1, 2, 5, 20, 100, 1000, 100000 };
	const double stated = 1.04 / sqrt(DISTINCT_REGISTERS);
	uint64_t empty[DISTINCT_WORDS] = { 0 }, full[DISTINCT_WORDS];
	memset(full, 0xff, sizeof(full));
	is_int(distinct_estimate(empty), 0, "nobody");
	ok(distinct_estimate(full) > UINT64_C(100000000000), "and very many");
	generator_t generator = generator_make(1, 0);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		unsigned trials = numbers[i] > 10000 ? 60 : 400;
		double squares = 0, sum = 0;
		for (unsigned trial = 0; trial < trials; trial++) {
			_Atomic uint64_t words[DISTINCT_WORDS] = { 0 };
			uint64_t copy[DISTINCT_WORDS];
			for (unsigned j = 0; j < numbers[i]; j++) {
				distinct_mark_t mark = distinct_mark(generator_next(&generator));
				distinct_add(words, mark);
				distinct_add(words, mark);
			}
			for (unsigned j = 0; j < DISTINCT_WORDS; j++) {
				copy[j] = words[j];
			}
			double error = (double)distinct_estimate(copy) / numbers[i] - 1;
			squares += error * error;
			sum += error;
		}
		double root = sqrt(squares / trials), mean = sum / trials;
		ok(root < 1.3 * stated, "%u: standard error %.1f %%, stated %.1f %%", numbers[i], 100 * root,
		   100 * stated);
		/* Rounding is in it. */
		ok(fabs(mean) < 0.04, "%u: bias %.1f %%", numbers[i], 100 * mean);
		ok(numbers[i] > 1 || root == 0, "%u: one is exact", numbers[i]);
	}
}

static void test_names(void)
{
	static const struct { const char *address; bool ipv6; unsigned given; const char *wanted; } cases[] = {
		{ "0.0.0.0", false, 0, "" }, { "10.0.0.0", false, 8, "10.0.0.0/8" },
		{ "10.1.0.0", false, 16, "10.1.0.0/16" }, { "10.1.2.0", false, 24, "10.1.2.0/24" },
		{ "10.1.2.3", false, 32, "10.1.2.0/24" }, { "0.0.0.0", false, 8, "0.0.0.0/8" },
		{ "::", true, 0, "" }, { "2001:d00::", true, 28, "" },
		{ "2001:db8::", true, 32, "2001:db8::/32" }, { "2001:db8:f::", true, 44, "2001:db8::/32" },
		{ "2001:db8:1::", true, 48, "2001:db8:1::/48" },
		{ "2001:db8:1:f0::", true, 60, "2001:db8:1::/48" },
		{ "2001:db8:1:2::", true, 64, "2001:db8:1:2::/64" },
		{ "2001:db8:1:2::1", true, 128, "2001:db8:1:2::/64" }, { "::", true, 64, "::/64" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		query_judgement_t judgement = {
			.kind = QUERY_PARTIAL, .ipv6 = cases[i].ipv6, .length = (uint8_t)cases[i].given,
		};
		(void)address_parse(cases[i].address, &judgement.originator);
		prefix_t prefix;
		char text[PREFIX_TEXT_MAX] = "";
		if (prefix_of_name(&judgement, &prefix)) {
			prefix_format(&prefix, text);
		}
		is_text(text, cases[i].wanted, "%u bits of %s", cases[i].given, cases[i].address);
	}
}

/* Prefixes of one family: all three lengths of few networks, so that many nest. */
static prefix_t make_prefix(unsigned number, bool ipv6)
{
	static const unsigned lengths[2][3] = { { 8, 16, 24 }, { 32, 48, 64 } };
	unsigned group = number / 3;
	query_judgement_t judgement = {
		.ipv6 = ipv6, .length = (uint8_t)lengths[ipv6][number % 3],
	};
	uint8_t bytes[16] = { 0x20, 1, 0, (uint8_t)group, 0, 0, 0, 0, [12] = (uint8_t)group };
	judgement.originator = ipv6 ? address_from_ipv6(bytes) : address_from_ipv4(bytes + 12);
	prefix_t prefix;
	if (!prefix_of_name(&judgement, &prefix)) {
		ok(false, "the test itself: %u is a prefix", number);
	}
	return prefix;
}

typedef struct {
	prefix_table_t *table;
	const prefix_t *prefixes;
	unsigned thread, threads;
	unsigned refused;
} worker_t;

/* The query of a number: squares, so that few prefixes have many queriers. */
static void draw(unsigned number, unsigned *prefix, unsigned *querier)
{
	generator_t generator = generator_make(number, 3);
	double x = generator_uniform(&generator), y = generator_uniform(&generator);
	*prefix = (unsigned)(x * x * x * PREFIXES);
	*querier = (unsigned)(y * y * QUERIERS / (1 + *prefix % 97));
}

static void *work(void *context)
{
	worker_t *worker = context;
	for (unsigned i = worker->thread; i < QUERIES; i += worker->threads) {
		unsigned prefix, querier;
		draw(i, &prefix, &querier);
		worker->refused += !prefix_table_observe(worker->table, &worker->prefixes[prefix],
		                                         querier_hash(querier));
	}
	return NULL;
}

static prefix_table_t *run_threads(const prefix_t *prefixes, unsigned threads)
{
	worker_t workers[THREADS_MAX];
	pthread_t ids[THREADS_MAX];
	prefix_table_t *table = prefix_table_create(4 * MIB, false, &key);
	tap_require(table != NULL, "table made");
	unsigned refused = 0;
	for (unsigned i = 0; i < threads; i++) {
		workers[i] = (worker_t) { table, prefixes, i, threads, 0 };
		pthread_create(&ids[i], NULL, work, &workers[i]);
	}
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		refused += workers[i].refused;
	}
	is_int(refused, 0, "nothing is refused");
	return table;
}

static unsigned find(const prefix_t *prefixes, const prefix_t *prefix)
{
	unsigned i = 0;
	while (i < PREFIXES && (prefixes[i].length != prefix->length ||
	       !address_equal(&prefixes[i].address, &prefix->address))) {
		i++;
	}
	return i;
}

static void compare_with_naive(const prefix_table_t *table, const prefix_t *prefixes,
                               const unsigned *exact, unsigned threads)
{
	unsigned several = 0, found = 0, unknown = 0, far = 0;
	double squares = 0;
	for (unsigned i = 0; i < PREFIXES; i++) {
		several += exact[i] > 1;
	}
	prefix_t prefix;
	uint64_t queriers;
	for (size_t slot = 0; prefix_table_next(table, &slot, &prefix, &queriers); found++) {
		unsigned number = find(prefixes, &prefix);
		if (number == PREFIXES || exact[number] < 2) {
			unknown++;
			continue;
		}
		double error = (double)queriers / exact[number] - 1;
		squares += error * error;
		/* The first one may be lost where threads meet. */
		far += fabs(error) > 5 * 1.04 / sqrt(DISTINCT_REGISTERS) + 1.0 / exact[number];
	}
	ok(several > 50, "there is something to compare (%u prefixes)", several);
	is_int(found, several, "%u threads: all prefixes with several queriers", threads);
	is_int(unknown, 0, "%u threads: and no others", threads);
	is_int(far, 0, "%u threads: none is far from the exact number", threads);
	ok(sqrt(squares / found) < 0.16, "%u threads: their standard error is %.1f %%", threads,
	   100 * sqrt(squares / found));
}

static void test_naive(bool ipv6)
{
	static bool asked[PREFIXES][QUERIERS];
	static unsigned exact[PREFIXES];
	prefix_t prefixes[PREFIXES];
	memset(asked, 0, sizeof(asked));
	memset(exact, 0, sizeof(exact));
	for (unsigned i = 0; i < PREFIXES; i++) {
		prefixes[i] = make_prefix(i, ipv6);
	}
	for (unsigned i = 0; i < QUERIES; i++) {
		unsigned prefix, querier;
		draw(i, &prefix, &querier);
		exact[prefix] += !asked[prefix][querier];
		asked[prefix][querier] = true;
	}
	for (unsigned threads = 1; threads <= THREADS_MAX; threads += 3) {
		prefix_table_t *table = run_threads(prefixes, threads);
		compare_with_naive(table, prefixes, exact, threads);
		prefix_table_destroy(table);
	}
}

static bool ask(prefix_table_t *table, unsigned number, unsigned querier)
{
	uint8_t octets[4] = { (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number, 0 };
	prefix_t prefix = { address_from_ipv4(octets), ADDRESS_IPV4_OFFSET + 24 };
	return prefix_table_observe(table, &prefix, querier_hash(querier));
}

static size_t count(const prefix_table_t *table)
{
	prefix_t prefix;
	uint64_t queriers;
	size_t sum = 0;
	for (size_t slot = 0; prefix_table_next(table, &slot, &prefix, &queriers);) {
		sum++;
	}
	return sum;
}

static void test_bounds(void)
{
	prefix_table_t *table = prefix_table_create(MIB, false, &key);
	is_int(prefix_table_memory(table), 0, "an empty table takes nothing");
	unsigned refused = 0;
	for (unsigned i = 0; i < 1000000; i++) {
		refused += !ask(table, i, 1);
	}
	is_int(count(table), 0, "a crawler that asks for a million prefixes takes no slot");
	is_int(refused, 0, "and is not refused");
	ok(ask(table, 5, 1) && ask(table, 5, 2) && ask(table, 5, 3), "three queriers of one prefix");
	is_int(count(table), 1, "take one");
	for (unsigned i = 0; i < 100000; i++) {
		(void)ask(table, i, 4);
		refused += !ask(table, i, 5);
	}
	size_t slots = MIB / PREFIX_ENTRY_SIZE, used = count(table);
	ok(used <= slots && used > slots * 8 / 10, "a flood by two fills %zu of %zu slots", used, slots);
	ok(refused > 80000, "the rest is refused");
	ok(prefix_table_memory(table) <= MIB, "within its memory");
	ok(ask(table, 5, 6), "a prefix that is known goes on");
	prefix_list_t list;
	(void)prefix_list_make(table, 3, &list);
	is_int(list.count, 3, "a list is as long as wanted");
	is_int(list.prefixes, used, "and tells of how many");
	ok(list.entries[0].queriers >= 4, "the one with six queriers is the first");
	ok(list.entries[1].queriers == 2 && list.entries[2].queriers == 2 &&
	   address_compare(&list.entries[1].prefix.address, &list.entries[2].prefix.address) < 0,
	   "equal ones are in the order of addresses");
	prefix_list_clear(&list);
	prefix_table_destroy(table);
}

static bool same_lists(const prefix_table_t *a, const prefix_table_t *b)
{
	prefix_list_t x, y;
	(void)prefix_list_make(a, 1000, &x);
	(void)prefix_list_make(b, 1000, &y);
	bool same = x.count == y.count && x.count > 0;
	for (size_t i = 0; i < x.count && same; i++) {
		same = x.entries[i].queriers == y.entries[i].queriers &&
		       x.entries[i].prefix.length == y.entries[i].prefix.length &&
		       address_equal(&x.entries[i].prefix.address, &y.entries[i].prefix.address);
	}
	prefix_list_clear(&x);
	prefix_list_clear(&y);
	return same;
}

static bool restore(prefix_table_t *table, const char *path)
{
	state_reader_t *reader;
	failure_t failure;
	bool absent;
	if (state_reader_open(path, "KBtable1", &reader, &absent, &failure) != STATUS_OK) {
		return false;
	}
	bool good = prefix_table_restore(table, reader) && state_reader_at_end(reader);
	state_reader_close(reader);
	return good;
}

static void test_state(void)
{
	failure_t failure;
	state_writer_t *writer;
	scratch_begin();
	const char *path = scratch_path("state");
	prefix_table_t *table = prefix_table_create(MIB, false, &key);
	for (unsigned i = 0; i < 3000; i++) {
		(void)ask(table, i % 700, i * 7 % 90);
	}
	(void)ask(table, 5000, 1);
	tap_require(state_writer_open(path, "KBtable1", &writer, &failure) == STATUS_OK, "file");
	prefix_table_save(table, writer);
	is_int(state_writer_commit(writer, &failure), STATUS_OK, "kept");
	prefix_table_t *back = prefix_table_create(MIB, false, &key);
	ok(restore(back, path), "brought back");
	ok(same_lists(table, back), "it is the same");
	for (unsigned i = 0; i < 3000; i++) {
		(void)ask(table, i % 900, i * 11 % 190);
		(void)ask(back, i % 900, i * 11 % 190);
	}
	(void)ask(table, 5000, 2);
	(void)ask(back, 5000, 2);
	ok(same_lists(table, back), "and goes on as the other does, also for first queriers");
	prefix_table_t *small = prefix_table_create(MIB / 16, false, &key);
	ok(!restore(small, path), "one of another size is refused");
	prefix_table_destroy(small);
	prefix_table_destroy(back);
	prefix_table_destroy(table);
	scratch_end();
}

int main(void)
{
	test_error();
	test_names();
	test_naive(false);
	test_naive(true);
	test_bounds();
	test_state();
	return tap_done();
}
