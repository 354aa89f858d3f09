/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sensors kept in files: brought back they are what they were and go on as they would have;
 * damage is refused; beside running threads each file is whole; and a process that is killed
 * at any moment leaves what it had written last.
 */
#include "sensor/sensor_state.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <urcu.h>

#include "common/generator.h"
#include "common/keyed_hash.h"
#include "common/moment.h"
#include "tests/tap.h"

#define START (19000 * UINT64_C(86400) * MICROSECONDS)
#define KILLS 100
#define QUERIERS 20
#define OBSERVATIONS_MAX (10000 * QUERIERS)

static char folder[] = "test_sensor_state.XXXXXX";
static char path[64];

static sensor_options_t make_options(void)
{
	return (sensor_options_t) {
		.window_length = { UINT64_C(86400) * MICROSECONDS, UINT64_C(604800) * MICROSECONDS },
		.memory = SENSOR_MEMORY_MIN,
		.window = {
			.period = 600 * MICROSECONDS, .dedup = 30 * MICROSECONDS, .sample_size = 64,
			.threads = 2, .key = { { 5, 6 } },
		},
	};
}

static address_t address_of(bool ipv6, uint64_t number)
{
	uint8_t octets[4] = { 10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };
	address_t address = address_from_ipv4(octets);
	if (ipv6) {
		address = (address_t) { .bytes = { 0x20, 0x01, 0x0d, 0xb8 } };
		memcpy(address.bytes + 12, octets, 4);
	}
	return address;
}

/* A partial name for each full one, of the same address. */
static void observe_part(sensor_t *sensor, uint64_t moment, bool ipv6, uint64_t number,
                         const address_t *querier)
{
	uint8_t bytes[16] = { 0x20, 1, (uint8_t)number, [12] = (uint8_t)number };
	query_judgement_t judgement = {
		.kind = QUERY_PARTIAL, .ipv6 = ipv6, .length = (uint8_t)(8 * (1 + number % 4)),
		.originator = ipv6 ? address_from_ipv6(bytes) : address_from_ipv4(bytes + 12),
	};
	rcu_read_lock();
	(void)sensor_observe_partial(sensor, 0, moment, &judgement, querier);
	rcu_read_unlock();
}

static void observe(sensor_t *sensor, uint64_t moment, bool ipv6, uint64_t originator, uint64_t querier)
{
	address_t from = address_of(ipv6, originator), by = address_of(false, 1 << 20 | querier);
	rcu_read_lock();
	(void)sensor_observe(sensor, 0, moment, &from, &by);
	rcu_read_unlock();
	observe_part(sensor, moment, ipv6, originator, &by);
}

/* Few originators with many queriers, many with one, over both families and some days. */
static void observe_at_random(generator_t *generator, sensor_t *sensor, sensor_t *twin, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		bool ipv6 = generator_below(generator, 4) == 0, busy = generator_below(generator, 2) == 0;
		uint64_t originator = busy ? generator_below(generator, 20) : generator_below(generator, 1 << 16);
		uint64_t querier = generator_below(generator, 1 << 12);
		uint64_t moment = START + generator_below(generator, 86400 + 600) * MICROSECONDS;
		observe(sensor, moment, ipv6, originator, querier);
		if (twin != NULL) {
			observe(twin, moment, ipv6, originator, querier);
		}
	}
}

#define ROOM (1 << 14)

typedef struct {
	address_t originator;
	uint32_t count, periods;
	unsigned level;
	uint64_t sum;  /* of the entries with addresses for numbers, in no order */
} digest_t;

static int compare_digests(const void *a, const void *b)
{
	return address_compare(&((const digest_t *)a)->originator, &((const digest_t *)b)->originator);
}

/* What a window has, by originator. */
static size_t digest(const window_t *window, digest_t **digests)
{
	static uint64_t entries[ROOM];
	static uint8_t levels[ROOM];
	originator_walk_t walk = { 0 };
	window_originator_t originator;
	size_t count = 0, room = 0;
	*digests = NULL;
	while (window_next(window, &walk, &originator)) {
		if (count == room) {
			room = room * 2 + 64;
			*digests = realloc(*digests, room * sizeof(**digests));
		}
		digest_t *one = &(*digests)[count++];
		*one = (digest_t) { .originator = originator.originator };
		window_sample(window, &originator, entries, levels, ROOM, &one->count, &one->level,
		              &one->periods);
		for (uint32_t i = 0; i < one->count; i++) {
			address_t by = querier_table_address(window_queriers(window), sample_entry_number(entries[i]));
			one->sum += keyed_hash_address(&(hash_key_t) { { entries[i] & 0x3fffffffff, 1 } }, &by);
		}
	}
	if (count > 0) {
		qsort(*digests, count, sizeof(**digests), compare_digests);
	}
	return count;
}

/* Prefixes with their queriers, in the order of the slots, which is kept. */
static bool same_prefixes(const window_t *a, const window_t *b)
{
	prefix_t x, y;
	uint64_t p = 0, q = 0;
	size_t at = 0, other = 0;
	bool more = true, same = true;
	while (more && same) {
		more = prefix_table_next(window_prefixes(a), &at, &x, &p);
		same = prefix_table_next(window_prefixes(b), &other, &y, &q) == more &&
		       (!more || (p == q && x.length == y.length && address_equal(&x.address, &y.address)));
	}
	return same;
}

static bool same_window(const window_t *a, const window_t *b)
{
	digest_t *x, *y;
	window_counts_t p = window_counts(a), q = window_counts(b);
	size_t count = digest(a, &x), other = digest(b, &y);
	bool same = count == other && memcmp(&p, &q, sizeof(p)) == 0 && same_prefixes(a, b) &&
	            window_start(a) == window_start(b) && window_since(a) == window_since(b);
	for (size_t i = 0; i < count && same; i++) {
		same = address_equal(&x[i].originator, &y[i].originator) && x[i].count == y[i].count &&
		       x[i].periods == y[i].periods && x[i].level == y[i].level && x[i].sum == y[i].sum;
	}
	free(x);
	free(y);
	return same;
}

static bool same_sensor(const sensor_t *a, const sensor_t *b)
{
	bool same = true;
	for (family_t family = 0; family < FAMILIES; family++) {
		same = same && same_window(sensor_current(a, family), sensor_current(b, family)) &&
		       same_window(sensor_next(a, family), sensor_next(b, family));
	}
	return same;
}

static status_t bring_back(const sensor_options_t *options, uint64_t now, sensor_t **sensor,
                           failure_t *failure)
{
	bool absent;
	return sensor_restore(path, "zone.", options, now, sensor, &absent, failure);
}

static void test_same(void)
{
	generator_t generator = generator_make(1, 0);
	sensor_options_t options = make_options(), other_key = options;
	other_key.window.key = (hash_key_t) { { 7, 8 } };
	sensor_t *sensor = sensor_create(&options, START + MICROSECONDS), *twin = NULL;
	failure_t failure = { 0 };
	observe_at_random(&generator, sensor, NULL, 200000);
	is_int(sensor_save(sensor, path, "zone.", &failure), STATUS_OK, "a sensor is saved %s",
	       failure.sentence);
	struct stat status;
	ok(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600, "the file is for its owner only");
	tap_require(bring_back(&other_key, START + 5 * MICROSECONDS, &twin, &failure) == STATUS_OK,
	            "and brought back %s", failure.sentence);
	ok(same_sensor(sensor, twin), "it has the same windows");
	digest_t *digests;
	size_t records = digest(sensor_current(sensor, FAMILY_IPV4), &digests);
	unsigned trimmed = 0;
	for (size_t i = 0; i < records; i++) {
		trimmed += digests[i].level > 0;
	}
	free(digests);
	ok(records > 1000 && trimmed >= 20, "of which %zu records, %u with more queriers than are kept",
	   records, trimmed);
	observe_at_random(&generator, sensor, twin, 200000);
	ok(same_sensor(sensor, twin), "and goes on as the first one does");
	sensor_destroy(twin);
	sensor_destroy(sensor);
}

/* A window that is over is there, to be closed. */
static void test_later(void)
{
	sensor_options_t options = make_options();
	sensor_t *sensor;
	failure_t failure;
	uint64_t now = START + 3 * UINT64_C(86400) * MICROSECONDS;
	tap_require(bring_back(&options, now, &sensor, &failure) == STATUS_OK, "brought back days later");
	is_int(window_start(sensor_current(sensor, FAMILY_IPV4)), START, "the old window is there");
	window_t *closed, *second;
	(void)sensor_turn(sensor, FAMILY_IPV4, now, &closed);
	(void)sensor_prepare(sensor, FAMILY_IPV4, now);
	(void)sensor_turn(sensor, FAMILY_IPV4, now, &second);
	ok(window_counts(closed).observations > 1000 && window_counts(second).observations > 100,
	   "and so is the next one");
	(void)sensor_prepare(sensor, FAMILY_IPV4, now);
	window_destroy(closed);
	window_destroy(second);
	is_int(window_start(sensor_current(sensor, FAMILY_IPV4)), now, "then comes that of the present");
	sensor_destroy(sensor);
}

/* A window of a time that was left before the restart does not pass for the one that was left. */
static void test_left(void)
{
	sensor_options_t options = make_options();
	uint64_t ahead = START + 30 * UINT64_C(86400) * MICROSECONDS;
	sensor_t *sensor = sensor_create(&options, ahead), *back;
	window_t *left[2], *closed;
	failure_t failure;
	tap_require(sensor != NULL && sensor_set_back(sensor, FAMILY_IPV4, START, left) == STATUS_OK,
	            "the clock was ahead");
	window_destroy(left[0]);
	window_destroy(left[1]);
	(void)sensor_prepare(sensor, FAMILY_IPV4, START);
	tap_require(sensor_save(sensor, path, "zone.", &failure) == STATUS_OK &&
	            bring_back(&options, START, &back, &failure) == STATUS_OK, "saved and brought back");
	for (int turn = 0; turn < 2; turn++) {
		tap_require(sensor_turn(back, FAMILY_IPV4, ahead, &closed) == STATUS_OK, "time goes on");
		window_destroy(closed);
		(void)sensor_prepare(back, FAMILY_IPV4, ahead);
	}
	const window_t *again = sensor_current(back, FAMILY_IPV4);
	ok(window_start(again) == ahead && window_since(again) > ahead,
	   "a window that was left comes again as a part of its own");
	sensor_destroy(back);
	sensor_destroy(sensor);
}

static bool knows(const acquaintances_t *acquaintances, const sensor_options_t *options,
                  uint64_t querier)
{
	address_t address = address_of(false, querier);
	return acquaintances_has(acquaintances, window_querier_hash(&options->window, &address));
}

static void meet(sensor_t *sensor, uint64_t from, uint64_t to)
{
	rcu_read_lock();
	for (uint64_t querier = from; querier < to; querier++) {
		address_t address = address_of(false, querier);
		(void)sensor_meet(sensor, &address);
	}
	rcu_read_unlock();
}

/* Who was met, and when, is known after a restart: so queriers stay verified. */
static void test_acquaintances(void)
{
	sensor_options_t options = make_options();
	uint64_t now = START;
	sensor_t *sensor = sensor_create(&options, now), *back;
	tap_require(sensor != NULL, "sensor made");
	meet(sensor, 0, 1000);
	now += UINT64_C(86400) * MICROSECONDS;
	window_t *closed;
	(void)sensor_turn(sensor, FAMILY_IPV4, now, &closed);
	window_destroy(closed);
	(void)sensor_prepare(sensor, FAMILY_IPV4, now);
	meet(sensor, 1000, 2000);
	failure_t failure;
	tap_require(sensor_save(sensor, path, "zone.", &failure) == STATUS_OK, "saved");
	tap_require(bring_back(&options, now, &back, &failure) == STATUS_OK, "brought back");
	unsigned now_met = 0, before = 0, mixed = 0;
	for (uint64_t querier = 0; querier < 2000; querier++) {
		bool first = querier < 1000;
		before += first && knows(sensor_met_before(back), &options, querier);
		now_met += !first && knows(sensor_met(back), &options, querier);
		mixed += knows(first ? sensor_met(back) : sensor_met_before(back), &options, querier);
	}
	is_int(now_met, 1000, "who was met in this window");
	is_int(before, 1000, "and in the one before");
	ok(mixed < 20, "are not mixed: %u", mixed);
	sensor_destroy(back);
	sensor_destroy(sensor);
}

static void is_refused(const sensor_options_t *options, const char *scope, const char *sentence)
{
	sensor_t *sensor;
	failure_t failure = { 0 };
	bool absent;
	status_t status = sensor_restore(path, scope, options, START, &sensor, &absent, &failure);
	ok(status != STATUS_OK && strstr(failure.sentence, sentence) != NULL, "refused: %s", failure.sentence);
}

static void test_refused(void)
{
	sensor_options_t options = make_options(), other = options;
	other.window.dedup++;
	is_refused(&other, "zone.", "other settings");
	other = options;
	other.memory *= 2;
	is_refused(&other, "zone.", "other settings");
	is_refused(&options, "", "other settings");
	char kept[128];
	(void)snprintf(kept, sizeof(kept), "%s/kept", folder);
	tap_require(rename(path, kept) == 0, "moved away");
	is_refused(&options, "zone.", "No such file");
	FILE *file = fopen(kept, "rb");
	(void)fseek(file, 0, SEEK_END);
	size_t size = (size_t)ftell(file);
	uint8_t *bytes = malloc(size);
	rewind(file);
	tap_require(fread(bytes, 1, size, file) == size, "read, %zu bytes", size);
	fclose(file);
	generator_t generator = generator_make(2, 0);
	unsigned taken = 0;
	for (unsigned i = 0; i < 60; i++) {
		/* A bit, or the end: the first ones in the heads. */
		size_t at = i < 20 ? i * 3 : generator_below(&generator, size), length = size;
		uint8_t bit = (uint8_t)(1u << generator_below(&generator, 8));
		bool cut = i % 3 == 0;
		bytes[at] ^= cut ? 0 : bit;
		length = cut ? at : size;
		file = fopen(path, "wb");
		(void)fwrite(bytes, 1, length, file);
		fclose(file);
		bytes[at] ^= cut ? 0 : bit;
		sensor_t *sensor;
		failure_t failure;
		taken += bring_back(&options, START, &sensor, &failure) == STATUS_OK;
	}
	is_int(taken, 0, "no damaged file is taken");
	free(bytes);
	unlink(kept);
}

/* Observations in order: originator n has queriers 0 to QUERIERS - 1, one after another. */
typedef struct {
	sensor_t *sensor;
	_Atomic uint64_t done;
	_Atomic bool stop;
} worker_t;

static void *work(void *context)
{
	worker_t *worker = context;
	rcu_register_thread();
	for (uint64_t i = 0; !atomic_load(&worker->stop); i++) {
		/* The tables have room for so many. */
		if (i >= OBSERVATIONS_MAX) {
			usleep(1000);
			continue;
		}
		observe(worker->sensor, START + MICROSECONDS, false, i / QUERIERS, i % QUERIERS);
		atomic_store(&worker->done, i + 1);
		if (i % 16 == 0) {
			usleep(50);
		}
	}
	rcu_unregister_thread();
	return NULL;
}

/* All that was done before a save began is in the file, once. */
static bool has_all(sensor_t *sensor, uint64_t done)
{
	digest_t *digests;
	size_t count = digest(sensor_current(sensor, FAMILY_IPV4), &digests);
	bool all = count >= done / QUERIERS &&
	           window_counts(sensor_current(sensor, FAMILY_IPV4)).observations >= done;
	for (size_t i = 0; i < count && all; i++) {
		address_t wanted = address_of(false, i);
		/* Of those that came meanwhile some are there; none twice. */
		all = i < done / QUERIERS ?
		      address_equal(&digests[i].originator, &wanted) && digests[i].count == QUERIERS :
		      i == 0 || compare_digests(&digests[i - 1], &digests[i]) < 0;
	}
	free(digests);
	return all;
}

static void test_beside_a_thread(void)
{
	sensor_options_t options = make_options();
	worker_t worker = { .sensor = sensor_create(&options, START) };
	pthread_t thread;
	unsigned good = 0;
	tap_require(pthread_create(&thread, NULL, work, &worker) == 0, "a thread observes");
	for (unsigned i = 0; i < 30; i++) {
		uint64_t done = atomic_load(&worker.done);
		failure_t failure;
		sensor_t *sensor;
		(void)sensor_save(worker.sensor, path, "zone.", &failure);
		if (bring_back(&options, START, &sensor, &failure) == STATUS_OK) {
			good += has_all(sensor, done);
			sensor_destroy(sensor);
		}
	}
	atomic_store(&worker.stop, true);
	pthread_join(thread, NULL);
	is_int(window_counts(sensor_current(worker.sensor, FAMILY_IPV4)).refused, 0,
	       "the tables had room for all");
	is_int(good, 30, "each file that was written meanwhile is whole");
	sensor_destroy(worker.sensor);
}

/* The process that will be killed: tells through a pipe what each finished file has at least. */
static void be_killed(int pipe)
{
	sensor_options_t options = make_options();
	worker_t worker = { .sensor = sensor_create(&options, START) };
	pthread_t thread;
	failure_t failure;
	(void)pthread_create(&thread, NULL, work, &worker);
	for (;;) {
		uint64_t done = atomic_load(&worker.done);
		if (sensor_save(worker.sensor, path, "zone.", &failure) != STATUS_OK ||
		    write(pipe, &done, sizeof(done)) != sizeof(done)) {
			_exit(1);
		}
	}
}

static void test_kills(void)
{
	sensor_options_t options = make_options();
	generator_t generator = generator_make(3, 0);
	unsigned whole = 0, before_any = 0;
	for (unsigned i = 0; i < KILLS; i++) {
		int ends[2];
		uint64_t done, last = 0;
		bool any = false;
		unlink(path);
		tap_require(pipe(ends) == 0, "round %u", i + 1);
		pid_t child = fork();
		if (child == 0) {
			be_killed(ends[1]);
		}
		close(ends[1]);
		/* Every other one while the first file is written, or before. */
		if (i % 2 == 0 && read(ends[0], &done, sizeof(done)) == sizeof(done)) {
			last = done;
			any = true;
		}
		usleep((useconds_t)generator_below(&generator, 20000));
		(void)kill(child, SIGKILL);
		(void)waitpid(child, NULL, 0);
		while (read(ends[0], &done, sizeof(done)) == sizeof(done)) {
			last = done;
			any = true;
		}
		close(ends[0]);
		sensor_t *sensor;
		failure_t failure = { 0 };
		bool absent = false;
		if (sensor_restore(path, "zone.", &options, START, &sensor, &absent, &failure) == STATUS_OK) {
			whole += has_all(sensor, last);
			sensor_destroy(sensor);
		} else if (!absent || any) {
			printf("# killed: %s\n", failure.sentence);
		} else {
			before_any++;
		}
	}
	is_int(whole + before_any, KILLS, "%u kills: nothing is lost that a file had", KILLS);
	ok(whole >= KILLS / 2, "%u of them after a file was there", whole);
}

static void test_full_disk(void)
{
	failure_t failure = { 0 };
	sensor_options_t options = make_options();
	sensor_t *sensor = sensor_create(&options, START);
	is_int(sensor_save(sensor, path, "zone.", &failure), STATUS_OK, "a good file");
	is_int(sensor_save(sensor, "/nonexistent/state", "zone.", &failure), STATUS_SYSTEM, "%s",
	       failure.sentence);
	/* A file may grow to 64 KiB: as on a full disk, writing fails in the middle. */
	pid_t child = fork();
	if (child == 0) {
		(void)signal(SIGXFSZ, SIG_IGN);
		const struct rlimit limit = { 1 << 16, 1 << 16 };
		generator_t generator = generator_make(4, 0);
		observe_at_random(&generator, sensor, NULL, 50000);
		(void)setrlimit(RLIMIT_FSIZE, &limit);
		_exit(sensor_save(sensor, path, "zone.", &failure) == STATUS_SYSTEM ? 0 : 1);
	}
	int status;
	(void)waitpid(child, &status, 0);
	is_int(status, 0, "a file that cannot be written is an error");
	char fresh[80];
	(void)snprintf(fresh, sizeof(fresh), "%s.new", path);
	ok(access(fresh, F_OK) != 0, "nothing is left of it");
	sensor_t *twin = NULL;
	is_int(bring_back(&options, START, &twin, &failure), STATUS_OK, "the file before it is as it was");
	sensor_destroy(twin);
	sensor_destroy(sensor);
}

int main(void)
{
	tap_require(mkdtemp(folder) != NULL, "temporary folder");
	(void)snprintf(path, sizeof(path), "%s/state", folder);
	/* Before any thread, for they fork. */
	rcu_register_thread();
	test_kills();
	test_full_disk();
	test_same();
	test_later();
	test_left();
	test_acquaintances();
	test_refused();
	test_beside_a_thread();
	rcu_unregister_thread();
	char command[128];
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	return (system(command) == 0 ? 0 : 1) | tap_done();
}
