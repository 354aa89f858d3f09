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
static char store_path[64], model_path[64];

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
	tap_require(dataset_read(path, &(dataset_labels_t) { .column = "class" }, &dataset,
	                         &failure) == STATUS_OK &&
	            learner_train("forest", dataset, &training, &model, &failure) == STATUS_OK &&
	            model_save(model, model_path, &failure) == STATUS_OK, "model made %s",
	            failure.sentence);
	model_destroy(model);
	dataset_destroy(dataset);
	unlink(path);
}
