/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The detector with a clock of our own: passes, verdicts, flags, windows, models
 * that come, change and are bad, a store that is not there.
 */
#include <sys/stat.h>
#include <unistd.h>
#include <urcu.h>

#include "classifier/learner.h"
#include "common/moment.h"
#include "module/detector.h"
#include "module/flags.h"
#include "store/store_querier.h"
#include "store/store_wanted.h"
#include "tests/tap.h"

#define SECOND MICROSECONDS
#define DAY    (UINT64_C(86400) * SECOND)
#define START  (19000 * DAY)

/* What the detector said. */
static char messages[1 << 16];
static uint64_t gauges[COUNTERS][GAUGE_INDICES_MAX];

static void hear(void *context, int priority, const char *text)
{
	(void)context;
	(void)priority;
	strncat(messages, text, sizeof(messages) - strlen(messages) - 2);
	strcat(messages, "\n");
}

static void see(void *context, counter_t counter, unsigned index, uint64_t value)
{
	(void)context;
	gauges[counter][index] = value;
}

static unsigned heard(const char *text)
{
	unsigned count = 0;
	for (const char *at = messages; (at = strstr(at, text)) != NULL; at++) {
		count++;
	}
	return count;
}

static char folder[] = "test_detector.XXXXXX";
static char store_path[64], model_path[64], networks_path[64];

static address_t ipv4(unsigned number)
{
	uint8_t octets[4] = { 10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };
	return address_from_ipv4(octets);
}

/* A model that takes an originator for a scanner when half of its queriers are home. */
static void write_model(const char *class_name, uint64_t created)
{
	failure_t failure = { 0 };
	char path[80];
	(void)snprintf(path, sizeof(path), "%s.csv", model_path);
	FILE *file = fopen(path, "w");
	fputs("home,class\n", file);
	for (int i = 0; i < 20; i++) {
		fprintf(file, "%g,%s\n", i / 20.0, i >= 10 ? class_name : "other");
	}
	fclose(file);
	dataset_t *dataset = NULL;
	model_t *model = NULL;
	training_t training = training_default();
	training.trees = 5;
	training.created = created;
	tap_require(dataset_read(&(dataset_source_t) { .features = path, .label_column = "class" }, &dataset,
	                         &failure) == STATUS_OK &&
	            learner_train("forest", dataset, &training, &model, &failure) == STATUS_OK &&
	            model_save(model, model_path, &failure) == STATUS_OK, "model made %s",
	            failure.sentence);
	model_destroy(model);
	dataset_destroy(dataset);
	unlink(path);
}

/* Queriers 0 to 99 are home, 100 to 199 mail. */
static void write_directory(void)
{
	failure_t failure;
	store_t *store;
	store_querier_batch_t *batch;
	tap_require(store_open(store_path, STORE_WRITE, &store, &failure) == STATUS_OK, "store");
	(void)store_querier_begin(store, &batch, &failure);
	for (unsigned i = 0; i < 200; i++) {
		address_t querier = ipv4(i);
		querier_info_t info = { .category = i < 100 ? FEATURE_HOME : FEATURE_MAIL };
		(void)store_querier_put(batch, &querier, "x", info, START, &failure);
	}
	(void)store_querier_end(batch, true, &failure);
	store_close(store);
}

/* Thirty queriers ask for an originator; the first of them by number. */
static void observe(sensor_t *sensor, uint64_t moment, unsigned originator, unsigned first)
{
	address_t address = ipv4(0x100000 + originator);
	for (unsigned i = 0; i < 30; i++) {
		address_t querier = ipv4(first + i);
		rcu_read_lock();
		(void)sensor_observe(sensor, 0, moment, &address, &querier);
		rcu_read_unlock();
	}
}

typedef struct {
	unsigned windows;
	store_window_t latest;
} seen_t;

static bool visit(void *context, const store_window_t *window)
{
	seen_t *seen = context;
	if (window->family == FAMILY_IPV4 && seen->windows++ == 0) {
		seen->latest = *window;
	}
	return true;
}

static seen_t look_into_store(void)
{
	failure_t failure;
	store_t *store;
	seen_t seen = { 0 };
	if (store_open(store_path, STORE_READ, &store, &failure) == STATUS_OK) {
		(void)store_windows(store, visit, &seen, &failure);
		store_close(store);
	}
	return seen;
}

/* Reads what the store waits for. */
static wanted_t look_what_is_wanted(void)
{
	failure_t failure;
	store_t *store;
	wanted_t wanted = { 0 };
	if (store_open(store_path, STORE_READ, &store, &failure) == STATUS_OK) {
		(void)store_wanted_read(store, START, &wanted, &failure);
		store_close(store);
	}
	return wanted;
}

static settings_t make_settings(char *model)
{
	return (settings_t) {
		.storage = store_path, .model = model, .window = { DAY, 7 * DAY },
		.period = 600 * SECOND, .interval = 300 * SECOND, .dedup = 30 * SECOND,
		.min_queriers = { 20, 5 }, .sample_size = 1024, .fan_out_max = 100000,
		.memory_max = SETTINGS_MEMORY_MIN, .min_known = 0.7,
	};
}

static void test_without_model(detector_t *detector, sensor_t *sensor)
{
	settings_t settings = make_settings(NULL);
	(void)detector_configure(detector, &settings);
	uint64_t pause = detector_step(detector, START + SECOND);
	ok(pause > 0 && pause <= 300 * SECOND, "something is due later");
	is_int(heard("cannot open store folder"), 1, "the folder is missing: said");
	(void)detector_step(detector, START + 10 * SECOND);
	is_int(heard("cannot open store folder"), 1, "and not again at once");
	is_int(heard("nothing is flagged"), 1, "no model: said once");
	is_int(gauges[COUNTER_ORIGINATORS][0], 0, "no pass before the interval is over");
	(void)mkdir(store_path, 0755);
	write_directory();
	observe(sensor, START + 20 * SECOND, 1, 0);
	observe(sensor, START + 20 * SECOND, 2, 100);
	(void)detector_step(detector, START + 302 * SECOND);
	is_int(gauges[COUNTER_ORIGINATORS][0], 2, "originators");
	is_int(gauges[COUNTER_QUERIERS][0], 60, "queriers");
	is_int(gauges[COUNTER_ANALYZABLE][0], 2, "analyzable");
	is_int(gauges[COUNTER_CLASSIFIED][0], 0, "not classified");
	is_int(heard("directory of 200 queriers read"), 1, "the directory is read");
	seen_t seen = look_into_store();
	ok(seen.windows == 1 && !seen.latest.closed && seen.latest.analyzable == 2 &&
	   seen.latest.model == 0, "an interim window is in the store");
}

static void test_model(detector_t *detector, sensor_t *sensor)
{
	settings_t settings = make_settings(model_path);
	write_model("scan", START);
	(void)detector_configure(detector, &settings);
	(void)detector_step(detector, START + 603 * SECOND);
	is_int(heard("loaded: forest with 2 classes, trained 2022-01-08T00:00:00Z"), 1, "model loaded");
	is_int(gauges[COUNTER_MODEL_AGE][0], 603, "its age");
	is_int(gauges[COUNTER_CLASSIFIED][0], 2, "classified");
	is_int(gauges[COUNTER_SCANNERS][0], 1, "one scanner");
	is_int(heard("scanner 10.16.0.1: probability"), 1, "the right one");
	is_int(heard("scanner 10.16.0.2"), 0, "not the other");
	(void)detector_step(detector, START + 1000 * SECOND);
	is_int(heard("scanner 10.16.0.1: probability"), 1, "told once");

	/* A model that is none, one that is cut, one without the class: the old one stays. */
	FILE *file = fopen(model_path, "w");
	fputs("no model", file);
	fclose(file);
	(void)detector_step(detector, START + 1010 * SECOND);
	is_int(heard("the model in use stays"), 1, "a bad model is refused");
	(void)detector_step(detector, START + 1020 * SECOND);
	is_int(heard("the model in use stays"), 1, "once");
	write_model("scan", START + DAY / 2);
	(void)truncate(model_path, 200);
	(void)detector_step(detector, START + 1030 * SECOND);
	is_int(heard("the model in use stays"), 2, "a cut model is refused");
	write_model("scanner", START);
	(void)detector_step(detector, START + 1040 * SECOND);
	is_int(heard("has no class 'scan'; the model in use stays"), 1, "a model without the class too");
	unlink(model_path);
	(void)detector_step(detector, START + 1050 * SECOND);
	is_int(heard("No such file or directory; the model in use stays"), 1, "a model that is gone");
	is_int(gauges[COUNTER_ERRORS][ERROR_MODEL], 4, "all are counted");
	observe(sensor, START + 1100 * SECOND, 3, 50);
	(void)detector_step(detector, START + 1400 * SECOND);
	is_int(heard("scanner 10.16.0.3"), 1, "and the old one works");
	wanted_t wanted = look_what_is_wanted();
	is_int(wanted.count, 0, "no querier's name is wanted, all are known");
	wanted_clear(&wanted);
	write_model("scan", START + 60 * SECOND);
	(void)detector_step(detector, START + 1410 * SECOND);
	is_int(heard("trained 2022-01-08T00:01:00Z"), 1, "a good model is taken without more");
}

/* Text with the AS of the originators' and queriers' network, by rename as it should be. */
static void write_networks(const char *text)
{
	char path[80];
	(void)snprintf(path, sizeof(path), "%s.new", networks_path);
	FILE *file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
	(void)rename(path, networks_path);
}

static uint64_t as_numbers_in_store(void)
{
	return look_into_store().latest.as_numbers;
}

static void test_networks(detector_t *detector)
{
	settings_t settings = make_settings(model_path);
	settings.as_db = networks_path;
	(void)detector_configure(detector, &settings);
	(void)detector_step(detector, START + 1415 * SECOND);
	is_int(heard("cannot open networks"), 1, "no file of networks: said");
	is_int(heard("there are none"), 1, "and that there are none");
	(void)detector_step(detector, START + 1416 * SECOND);
	is_int(heard("cannot open networks"), 1, "once");
	write_networks("10.0.0.0\t25\t64500\n10.0.0.128\t25\t64501\n");
	(void)detector_step(detector, START + 1420 * SECOND);
	is_int(heard("ASes of 2 networks read from"), 1, "the file is read when it is there");
	(void)detector_step(detector, START + 1800 * SECOND);
	is_int(as_numbers_in_store(), 2, "queriers have ASes");
	write_networks("10.0.0.0\t24\tnothing\n");
	(void)detector_step(detector, START + 1810 * SECOND);
	is_int(heard("this is no AS number; the networks in use stay"), 1, "a bad one is refused");
	is_int(gauges[COUNTER_ERRORS][ERROR_NETWORKS], 2, "and counted");
	(void)detector_step(detector, START + 2110 * SECOND);
	is_int(as_numbers_in_store(), 2, "the old ones stay");
	write_networks("10.0.0.0\t16\t64500\n");
	(void)detector_step(detector, START + 2420 * SECOND);
	is_int(as_numbers_in_store(), 1, "a good one is taken up without more");
	settings.as_db = NULL;
	(void)detector_configure(detector, &settings);
	(void)detector_step(detector, START + 2730 * SECOND);
	is_int(as_numbers_in_store(), 0, "without the setting there are none");
}

static void test_windows(detector_t *detector, sensor_t *sensor)
{
	observe(sensor, START + DAY - SECOND, 4, 0);
	observe(sensor, START + DAY + SECOND / 2, 5, 0);
	(void)detector_step(detector, START + DAY + SECOND / 2);
	is_int(heard("window of 2022-01-08T00:00:00Z closed"), 0, "a grace second after the end");
	(void)detector_step(detector, START + DAY + SECOND);
	is_int(heard("ipv4 window of 2022-01-08T00:00:00Z closed: 120 observations, 4 originators, "
	             "4 analyzable, 3 scanners"), 1, "closed by the clock");
	seen_t seen = look_into_store();
	ok(seen.windows == 1 && seen.latest.closed && seen.latest.scanners == 3, "stored as closed");
	(void)detector_step(detector, START + DAY + 400 * SECOND);
	is_int(heard("scanner 10.16.0.5"), 1, "the one behind the border is in the next window");
	observe(sensor, START + DAY + 500 * SECOND, 1, 0);
	detector_finish(detector, START + DAY + 600 * SECOND);
	is_int(heard("scanner 10.16.0.1: probability"), 1, "a scanner of the last window is not told again");
	seen = look_into_store();
	ok(seen.windows == 2 && !seen.latest.closed && seen.latest.scanners == 2,
	   "the end leaves an interim window");
	observe(sensor, START + DAY + 700 * SECOND, 6, 190);
	observe(sensor, START + DAY + 700 * SECOND, 7, 200);
	detector_finish(detector, START + DAY + 800 * SECOND);
	wanted_t wanted = look_what_is_wanted();
	is_int(wanted.count, 30, "queriers 200 to 229 are wanted");
	ok(wanted.count == 30 && wanted.queriers[0].originators == 2 &&
	   wanted.queriers[19].originators == 2 && wanted.queriers[20].originators == 1,
	   "first those that two originators have");
	wanted_clear(&wanted);
}

/* Queriers from 0 on are home, those from 200 on not known: 20 and 10, and exactly 70 %. */
static void test_little_known(detector_t *detector, sensor_t *sensor)
{
	const unsigned known[] = { 20, 21 };
	uint64_t now = START + DAY + 1000 * SECOND;
	for (unsigned i = 0; i < 2; i++) {
		address_t originator = ipv4(0x100000 + 20 + i);
		for (unsigned j = 0; j < 30; j++) {
			address_t querier = ipv4(j < known[i] ? j : 200 + j);
			rcu_read_lock();
			(void)sensor_observe(sensor, 0, now, &originator, &querier);
			rcu_read_unlock();
		}
	}
	uint64_t before = gauges[COUNTER_LITTLE_KNOWN][0];
	detector_finish(detector, now + 100 * SECOND);
	is_int(heard("scanner 10.16.0.20: probability 1.00 (threshold 0.10), 30 queriers (0 verified), 30 queries; "
	             "names of only 67 % of them are known"), 1, "the log says that little is known");
	is_int(heard("scanner 10.16.0.21: probability 1.00 (threshold 0.10), 30 queriers (0 verified), 30 queries\n"), 1,
	       "70 %% are not below 0.7");
	is_int(gauges[COUNTER_LITTLE_KNOWN][0], before + 1, "and it is counted");
	store_t *store;
	store_row_t row;
	failure_t failure;
	store_window_t window = look_into_store().latest;
	is_near(window.min_known, 0.7, 0, "the window tells what is wanted");
	tap_require(store_open(store_path, STORE_READ, &store, &failure) == STATUS_OK, "store");
	for (unsigned i = 0; i < 2; i++) {
		address_t originator = ipv4(0x100000 + 20 + i);
		is_int(store_row_get(store, window.id, &originator, &row, &failure), STATUS_OK, "row %u", i);
		is_int(row.little_known, i == 0, "its mark");
	}
	store_close(store);
}

/* Whether the command's list has an address, and a word in the same line; NULL: any. */
static bool listed(const char *options, const char *address, const char *word)
{
	char command[256], line[512];
	(void)snprintf(command, sizeof(command), "./backscatter top --store %s %s", store_path, options);
	FILE *file = popen(command, "r");
	bool found = false;
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		found = found || (strstr(line, address) != NULL && (word == NULL || strstr(line, word) != NULL));
	}
	return file != NULL && pclose(file) == 0 && found;
}

/* An originator that so many queriers ask for: those that are home, then unknown ones. */
static void observe_many(sensor_t *sensor, uint64_t moment, unsigned originator, unsigned queriers,
                         bool proven)
{
	address_t address = ipv4(0x100000 + originator);
	rcu_read_lock();
	for (unsigned i = 0; i < queriers; i++) {
		sensor_observation_t observation = { moment, address, ipv4(i < 100 ? i : 100 + i), proven };
		sensor_observe_batch(sensor, 0, &observation, 1, NULL);
	}
	rcu_read_unlock();
}

/* Someone forges ten thousand queriers, those that look most like a scanner's among them. */
static void test_framing(const detector_outlet_t *outlet)
{
	uint64_t now = START + 20 * DAY;
	settings_t settings = make_settings(model_path);
	settings.min_verified = 0.5;
	sensor_options_t options = settings_sensor(&settings, 1, (hash_key_t) { { 1, 2 } });
	sensor_t *sensor = sensor_create(&options, now);
	detector_t *detector = detector_create(sensor, "", outlet);
	tap_require(sensor != NULL && detector != NULL, "detector made");
	write_model("scan", START);
	(void)detector_configure(detector, &settings);
	(void)detector_step(detector, now);
	observe_many(sensor, now, 90, 10000, false);
	observe_many(sensor, now, 91, 40, true);
	detector_finish(detector, now + 100 * SECOND);
	is_int(heard("scanner 10.16.0.90"), 0, "framed: the victim is not told as a scanner");
	is_int(heard("scanner 10.16.0.91: probability 1.00 (threshold 0.10), 40 queriers (40 verified), 40 queries"), 1,
	       "framed: a real one is");
	is_int(gauges[COUNTER_UNVERIFIED][0], 1, "framed: the verdict that is held back is counted");
	is_int(gauges[COUNTER_SCANNERS][0], 1, "framed: the scanner as well");
	is_int(gauges[COUNTER_VERIFIED][0], 40, "framed: and the verified queriers");
	store_row_t row;
	store_t *store;
	failure_t failure;
	store_window_t window = look_into_store().latest;
	address_t victim = ipv4(0x100000 + 90);
	tap_require(store_open(store_path, STORE_READ, &store, &failure) == STATUS_OK, "store");
	is_int(store_row_get(store, window.id, &victim, &row, &failure), STATUS_OK, "framed: its row");
	store_close(store);
	ok(row.unverified && !store_row_is_scan(&row) && row.flagged == 0 &&
	   strcmp(row.class_name, "scan") == 0, "framed: with the verdict, marked and not flagged");
	ok(row.features.queriers > 9000 && row.features.verified < 200,
	   "framed: both counts: %llu queriers, %llu verified",
	   (unsigned long long)row.features.queriers, (unsigned long long)row.features.verified);
	is_int(window.scanners, 1, "framed: one scanner in the window");
	ok(listed("", "10.16.0.91", "40") && listed("--json", "10.16.0.91", "\"unverified\":false"),
	   "framed: the list of scanners has the real one");
	ok(!listed("", "10.16.0.90", NULL) && !listed("--json", "10.16.0.90", NULL),
	   "framed: and never the victim");
	ok(listed("--all", "10.16.0.90", "unverified") &&
	   listed("--all --json", "10.16.0.90", "\"unverified\":true"), "framed: which is marked");
	settings.min_verified = 0;
	(void)detector_configure(detector, &settings);
	detector_finish(detector, now + 200 * SECOND);
	is_int(heard("scanner 10.16.0.90"), 1, "framed: without min-verified it works");
	detector_destroy(detector);
	sensor_destroy(sensor);
}

static void test_share(void)
{
	const struct { const char *text; double share; } good[] = {
		{ "0", 0 }, { "1", 1 }, { "0.7", 0.7 }, { "1.0", 1 }, { "0.25", 0.25 }, { "0.000001", 1e-6 },
	};
	const char *const bad[] = { "", "2", "1.1", "0.", ".5", "-0", "0.7x", "0,7", "70 %", "00", "1e-1" };
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		double share = -1;
		ok(settings_share(good[i].text, &share) && share == good[i].share, "share '%s'", good[i].text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		double share;
		ok(!settings_share(bad[i], &share), "no share '%s'", bad[i]);
	}
}

/* A clock that is years ahead for a while: what is stored stays, and so does what is seen. */
static void test_clock(detector_t *detector, sensor_t *sensor)
{
	uint64_t now = START + 3 * DAY + 600 * SECOND, ahead = now + 400 * DAY;
	(void)detector_step(detector, now);
	(void)detector_step(detector, now);
	unsigned before = look_into_store().windows;
	ok(before >= 2, "%u windows are stored", before);
	(void)detector_step(detector, ahead);
	(void)detector_step(detector, ahead + SECOND);
	ok(look_into_store().windows >= before, "a clock that jumps ahead removes none");
	(void)detector_step(detector, now + 10 * SECOND);
	uint64_t late = sensor_late(sensor);
	observe(sensor, now + 11 * SECOND, 9, 0);
	is_int(sensor_late(sensor), late, "when it is set back, observations count");
	(void)detector_step(detector, now + 400 * SECOND);
	is_int(heard("scanner 10.16.0.9"), 1, "and are judged");
}

/* A store that is removed is made anew, and filled. */
static void test_removed_store(detector_t *detector)
{
	uint64_t now = START + 3 * DAY + 1200 * SECOND;
	char path[80];
	static const char *const names[] = { "data.mdb", "lock.mdb" };
	for (int i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", store_path, names[i]);
		unlink(path);
	}
	(void)detector_step(detector, now);
	is_int(heard("was removed or replaced"), 1, "a store that is removed: said");
	(void)detector_step(detector, now + 400 * SECOND);
	is_int(heard("was removed or replaced"), 1, "once");
	ok(look_into_store().windows > 0, "it is there again and has windows");
	write_directory();
	(void)detector_step(detector, now + 800 * SECOND);
	is_int(heard("directory of 200 queriers read"), 2, "the new directory is read");
}

static void test_settings(void)
{
	settings_t settings = make_settings(NULL);
	ok(settings_fit(&settings), "144 and 1008 periods");
	settings.period = 7 * SECOND;
	ok(!settings_fit(&settings), "a day is no multiple of 7 s");
	settings.period = 60 * SECOND;
	ok(!settings_fit(&settings), "a week has too many minutes");
	settings_t other = make_settings(NULL);
	settings = other;
	settings.min_queriers[FAMILY_IPV4] = 10;
	settings.interval = SECOND;
	ok(settings_same_sensor(&settings, &other), "the sensor need not know of these");
	settings.min_queriers[FAMILY_IPV4] = 1;
	ok(!settings_same_sensor(&settings, &other), "whoever judges single queriers needs records");
	settings = other;
	settings.memory_max *= 2;
	ok(!settings_same_sensor(&settings, &other), "memory");
	settings = other;
	settings.fan_out_max++;
	ok(!settings_same_sensor(&settings, &other), "fan-out");
	uint64_t windows = 0;
	sensor_options_t options = settings_sensor(&other, 2, (hash_key_t) { { 1, 2 } });
	for (family_t family = 0; family < FAMILIES; family++) {
		windows += 2 * sensor_window_memory(options.memory, family);
	}
	ok(windows + settings_rows_max(&other) * sizeof(store_row_t) +
	   settings_directory_max(&other) * 96 <= other.memory_max, "the parts are within the whole");
	ok(options.memory >= SENSOR_MEMORY_MIN, "the least memory is enough for the sensor");
}

static void test_flags(void)
{
	store_row_t rows[3];
	flags_t flags = { 0 };
	size_t fresh[3], found;
	const struct { const char *classes[3]; uint64_t window; bool closed; size_t found, left; } steps[] = {
		{ { "scan", "other", "scan" }, 1, false, 2, 2 },
		{ { "scan", "scan", "other" }, 1, false, 1, 3 },
		{ { "other", "scan", "scan" }, 1, true, 0, 3 },
		{ { "other", "scan", "other" }, 2, false, 0, 3 },
		{ { "other", "scan", "other" }, 2, true, 0, 1 },
		{ { "scan", "scan", "other" }, 3, false, 1, 2 },
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		for (unsigned j = 0; j < 3; j++) {
			rows[j] = (store_row_t) { .features.originator = ipv4(j) };
			strcpy(rows[j].class_name, steps[i].classes[j]);
		}
		(void)flags_update(&flags, rows, 3, steps[i].window, 100 + i, steps[i].closed, fresh,
		                   &found);
		is_int(found, steps[i].found, "step %zu: new flags", i);
		is_int(flags.count, steps[i].left, "step %zu: flags", i);
	}
	is_int(rows[1].flagged, 101, "a flag keeps its first moment");
	is_int(rows[0].flagged, 105, "a flag that had gone begins anew");
	flags_clear(&flags);
}

int main(void)
{
	tap_require(mkdtemp(folder) != NULL, "temporary folder");
	(void)snprintf(store_path, sizeof(store_path), "%s/store", folder);
	(void)snprintf(model_path, sizeof(model_path), "%s/model", folder);
	(void)snprintf(networks_path, sizeof(networks_path), "%s/networks", folder);
	rcu_register_thread();
	test_flags();
	test_settings();
	test_share();
	settings_t settings = make_settings(NULL);
	sensor_options_t options = settings_sensor(&settings, 1, (hash_key_t) { { 1, 2 } });
	sensor_t *sensor = sensor_create(&options, START);
	const detector_outlet_t outlet = { .log = hear, .gauge = see };
	detector_t *detector = detector_create(sensor, "", &outlet);
	tap_require(sensor != NULL && detector != NULL, "detector made");
	test_without_model(detector, sensor);
	test_model(detector, sensor);
	test_networks(detector);
	test_windows(detector, sensor);
	test_little_known(detector, sensor);
	test_clock(detector, sensor);
	test_removed_store(detector);
	test_framing(&outlet);
	detector_destroy(detector);
	sensor_destroy(sensor);
	rcu_unregister_thread();
	char command[128];
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	return (system(command) == 0 ? 0 : 1) | tap_done();
}
