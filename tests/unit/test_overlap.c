/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Overlap of labels, held against the definition applied row by row. */
#include "darknet/overlap.h"

#include "common/address.h"
#include "common/generator.h"
#include "common/moment.h"
#include "tests/tap.h"
#include "tests/unit/scratch.h"

#define DAYS      12
#define ADDRESSES 40
#define FIRST     UINT64_C(20000)  /* Days since 1970. */

static const char *const malicious[] = { "scan", "spam" };

/* A row as it is written. Class 0 is none; a day of -1 is any time, then it is a prefix. */
typedef struct {
	int day;
	unsigned address, length;
	unsigned class;
} row_t;

static const char *const classes[] = { "", "mail", "scan", "spam", "cdn" };

static const char *write_rows(const char *name, const char *key, const row_t *rows, size_t count)
{
	char text[1 << 16];
	size_t size = (size_t)snprintf(text, sizeof(text), "window_start,window_seconds,%s,class\n", key);
	for (size_t i = 0; i < count; i++) {
		char moment[MOMENT_TEXT_MAX] = "";
		if (rows[i].day >= 0) {
			moment_format((FIRST + (uint64_t)rows[i].day) * 86400 * MICROSECONDS, moment);
		}
		size += (size_t)snprintf(text + size, sizeof(text) - size, "%s,%s,10.0.0.%u%s%.0u,%s\n",
		                         moment, rows[i].day >= 0 ? "86400" : "", rows[i].address,
		                         rows[i].length < 32 ? "/" : "",
		                         rows[i].length < 32 ? rows[i].length : 0, classes[rows[i].class]);
	}
	return scratch_write(name, text, size);
}

/* 0: no label, 1: benign, 2: malicious, 3: they disagree. */
static unsigned naive_label(const row_t *rows, size_t count, unsigned address, int day)
{
	for (int always = 0; always < 2; always++) {
		for (unsigned length = 32; length >= 24; length--) {
			unsigned found = 0;
			for (size_t i = 0; i < count; i++) {
				unsigned shift = 32 - rows[i].length;
				if (rows[i].class != 0 && rows[i].length == length &&
				    rows[i].day == (always ? -1 : day) &&
				    rows[i].address >> shift == address >> shift) {
					found |= rows[i].class == 2 || rows[i].class == 3 ? 2 : 1;
				}
			}
			if (found != 0) {
				return found;
			}
		}
	}
	return 0;
}

static bool naive_seen(const row_t *rows, size_t count, unsigned address, int day)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].day == day && rows[i].address == address && rows[i].length == 32) {
			return true;
		}
	}
	return false;
}

static size_t compare(const overlap_t *overlap, int from, const row_t *labels, size_t label_count,
                      const row_t *seen, size_t seen_count)
{
	size_t wrong = 0;
	uint64_t disagreed = 0, base[2] = { 0 };
	for (size_t d = 0; d < overlap->day_count; d++) {
		const overlap_day_t *day = &overlap->days[d];
		int number = (int)(day->moment / 86400 / MICROSECONDS - FIRST);
		uint64_t sightings[2] = { 0 }, again[2] = { 0 };
		for (unsigned address = 0; address < ADDRESSES; address++) {
			unsigned label = naive_label(labels, label_count, address, from);
			if (label == 0 || !naive_seen(seen, seen_count, address, from)) {
				continue;
			}
			disagreed += d == 0 && label == 3;
			if (label == 3) {
				continue;
			}
			base[label - 1] += d == 0;
			if (naive_seen(seen, seen_count, address, number)) {
				sightings[label - 1]++;
				again[label - 1] += naive_label(labels, label_count, address, number) == label;
			}
		}
		wrong += day->offset != number - from;
		for (int i = 0; i < 2; i++) {
			wrong += day->seen[i] != sightings[i] || day->again[i] != again[i];
		}
	}
	return wrong + (overlap->disagreed != disagreed) + (overlap->base[0] != base[0]) +
	       (overlap->base[1] != base[1]);
}

/* Rows of addresses on days; without a class they only see. */
static size_t draw_rows(generator_t *generator, row_t *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		rows[i] = (row_t) {
			.day = (int)generator_below(generator, DAYS), .length = 32,
			.address = (unsigned)generator_below(generator, ADDRESSES),
			/* Contradictions between the groups of one window are refused: a class per address. */
		};
		rows[i].class = generator_below(generator, 3) == 0 ? 0 : 1 + (rows[i].address +
		                (unsigned)rows[i].day / 5) % 4;
	}
	return count;
}

static void add_lists(generator_t *generator, row_t *rows, size_t *count)
{
	for (unsigned i = 0; i < 6; i++) {
		unsigned length = 27 + i;
		unsigned address = (unsigned)generator_below(generator, ADDRESSES) >> (32 - length) <<
		                   (32 - length);
		rows[(*count)++] = (row_t) {
			.day = -1, .address = address, .length = length,
			.class = 1 + (unsigned)generator_below(generator, 4),
		};
	}
}

static void test_against_naive(void)
{
	generator_t generator = generator_make(6, 2);
	size_t wrong = 0, made = 0, empty = 0;
	for (int round = 0; round < 150; round++) {
		row_t labels[320], seen[300];
		size_t label_count = draw_rows(&generator, labels, 10 + (size_t)generator_below(&generator, 290));
		size_t seen_count = draw_rows(&generator, seen, 10 + (size_t)generator_below(&generator, 290));
		add_lists(&generator, labels, &label_count);
		bool apart = round % 2 == 0;
		int from = (int)generator_below(&generator, DAYS);
		/* Two files of labels say the same as one. */
		size_t half = label_count / 2;
		const char *paths[] = {
			write_rows("labels1.csv", "address", labels, half),
			write_rows("labels2.csv", "address", labels + half, label_count - half),
		};
		const char *seen_path = write_rows("seen.csv", "originator", seen, seen_count);
		overlap_options_t options = {
			.labels = paths, .label_count = 2, .seen = &seen_path, .seen_count = apart,
			.malicious = malicious, .malicious_count = 2,
			.from = (FIRST + (uint64_t)from) * 86400 * MICROSECONDS + 5,
		};
		overlap_t overlap = { 0 };
		failure_t failure = { 0 };
		status_t status = overlap_make(&options, &overlap, &failure);
		if (status == STATUS_OK) {
			made++;
			wrong += compare(&overlap, from, labels, label_count, apart ? seen : labels,
			                 apart ? seen_count : label_count);
			overlap_clear(&overlap);
		} else {
			empty++;
			wrong += strstr(failure.sentence, "no address with a label was seen on 2024-") == NULL;
		}
	}
	is_int(wrong, 0, "what is counted is what the definition says");
	ok(made > 100, "%zu overlaps, %zu days without labels", made, empty);
}

static void refuse(const char *text, const char *sentence)
{
	const char *path = scratch_write("bad.csv", text, strlen(text));
	overlap_options_t options = {
		.labels = &path, .label_count = 1, .malicious = malicious, .malicious_count = 2,
		.first = true,
	};
	overlap_t overlap;
	failure_t failure = { 0 };
	is_int(overlap_make(&options, &overlap, &failure), STATUS_BAD_DATA, "refused: %s", sentence);
	ok(strstr(failure.sentence, sentence) != NULL, "its sentence");
	printf("# %s\n", failure.sentence);
}

static void test_refusals(void)
{
	refuse("address,class\n10.0.0.1,scan\n", "no row of the files has a window");
	refuse("class\nscan\n", "there is no column 'address'");
	refuse("address,class\n10.0.0,scan\n", "bad.csv:2: '10.0.0' is no address or prefix");
	refuse("window_start,window_seconds,address,class\n1970-01-01,1,10.0.0.1,scan\n"
	       "2100-01-01,1,10.0.0.1,scan\n", "the files are of 47483 days");
	refuse("window_start,window_seconds,address,class\n1970-01-01,1,10.0.0.1,scan\n"
	       "2070-01-01,1,10.0.0.1,scan\n", "the files are of 36526 days, 36525 at most");
	refuse("window_start,window_seconds,address,class\n2026-01-01,1,10.0.0.1,scan\n"
	       "2026-01-01,1,10.0.0.1,mail\n", "labelled benign and malicious in one window");
	refuse("window_start,window_seconds,address,class\n2026-01-01,1,10.0.0.1,\n",
	       "no address with a label was seen on 2026-01-01");
}

/* The first day with a label is the base, not the first one with rows. */
static void test_first_day(void)
{
	static const char text[] = "window_start,window_seconds,address,class\n"
		"2026-01-01,86400,10.0.0.1,\n2026-01-03,86400,10.0.0.2,\n"
		"2026-01-02T12:00:00Z,3600,10.0.0.1,scan\n2026-01-02,3600,10.0.0.1,scan\n";
	const char *path = scratch_write("first.csv", text, strlen(text));
	overlap_options_t options = {
		.labels = &path, .label_count = 1, .malicious = malicious, .malicious_count = 2,
		.first = true,
	};
	overlap_t overlap;
	failure_t failure = { 0 };
	tap_require(overlap_make(&options, &overlap, &failure) == STATUS_OK, "a base (%s)",
	            failure.sentence);
	is_int(overlap.base[OVERLAP_MALICIOUS], 1, "one address, once");
	is_int(overlap.day_count, 3, "three days");
	is_int(overlap.days[0].offset, -1, "one before");
	is_int(overlap.days[0].seen[OVERLAP_MALICIOUS], 1, "it was seen then");
	is_int(overlap.days[0].again[OVERLAP_MALICIOUS], 0, "without a label");
	is_int(overlap.days[1].again[OVERLAP_MALICIOUS], 1, "all of a day come again on it");
	is_int(overlap.days[2].seen[OVERLAP_MALICIOUS], 0, "it is gone on the day after");
	overlap_clear(&overlap);
}

int main(void)
{
	scratch_begin();
	test_against_naive();
	test_first_day();
	test_refusals();
	scratch_end();
	return tap_done();
}
