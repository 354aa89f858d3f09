/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filter of acquaintances: nobody is forgotten, few are mistaken, and it never fills up. */
#include <pthread.h>

#include "common/generator.h"
#include "sensor/acquaintances.h"
#include "tests/tap.h"

#define THREADS 4

/* The hash of a querier by number; a good one, as the keyed hash is. */
static uint64_t hash_of(uint64_t number)
{
	generator_t generator = generator_make(number, 77);
	return generator_next(&generator);
}

typedef struct {
	acquaintances_t *acquaintances;
	uint64_t first, count;
} share_t;

static void *add_share(void *context)
{
	const share_t *share = context;
	for (uint64_t i = 0; i < share->count; i++) {
		(void)acquaintances_add(share->acquaintances, hash_of(share->first + i));
	}
	return NULL;
}

/* Threads add overlapping halves; all are there afterwards. */
static void test_threads(acquaintances_t *acquaintances, uint64_t count)
{
	pthread_t ids[THREADS];
	share_t shares[THREADS];
	for (unsigned i = 0; i < THREADS; i++) {
		shares[i] = (share_t) { acquaintances, i % 2 * (count / 3), count - count / 3 };
		pthread_create(&ids[i], NULL, add_share, &shares[i]);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(ids[i], NULL);
	}
	uint64_t found = 0;
	for (uint64_t i = 0; i < count; i++) {
		found += acquaintances_has(acquaintances, hash_of(i));
	}
	is_int(found, count, "nobody who was met is forgotten");
}

/* How many of a hundred thousand that were never added are taken for known. */
static unsigned mistaken(const acquaintances_t *acquaintances)
{
	unsigned found = 0;
	for (uint64_t i = 0; i < 100000; i++) {
		found += acquaintances_has(acquaintances, hash_of((UINT64_C(1) << 40) + i));
	}
	return found;
}

int main(void)
{
	acquaintances_t *acquaintances = acquaintances_create();
	tap_require(acquaintances != NULL, "made");
	is_int(mistaken(acquaintances), 0, "empty at first");
	test_threads(acquaintances, 200000);
	unsigned wrong = mistaken(acquaintances);
	ok(wrong <= 400, "200 thousand: one in 400 is mistaken or fewer: %u of 100000", wrong);
	uint64_t added = 0;
	while (added < 10000000 && acquaintances_add(acquaintances, hash_of(1000000 + added))) {
		added++;
	}
	ok(added > 800000 && added < 2000000, "full after %llu more", (unsigned long long)added);
	wrong = mistaken(acquaintances);
	ok(wrong > 5000 && wrong <= 6600, "then one in 16 is mistaken: %u of 100000", wrong);
	ok(acquaintances_add(acquaintances, hash_of(1)), "those who are there are still welcome");
	acquaintances_clear(acquaintances);
	is_int(mistaken(acquaintances), 0, "empty again");
	ok(acquaintances_add(acquaintances, hash_of(5)) && acquaintances_has(acquaintances, hash_of(5)),
	   "and in use again");
	acquaintances_destroy(acquaintances);
	return tap_done();
}
