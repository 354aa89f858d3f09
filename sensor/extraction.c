/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Feature extraction.
 *
 * First every querier of the window is looked up once in the directory; its
 * category, and its AS and country as small numbers, go into an array indexed by
 * querier number. Then each originator costs one pass over its sample and a sort
 * of its queriers' prefixes. Sums run over sorted groups, so the result does not
 * depend on the numbers that threads happened to give to queriers.
 */
#include "sensor/extraction.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/grouping.h"
#include "sensor/mapping.h"
#include "sensor/row_order.h"
#include "sensor/sort.h"

/* So many profiles are asked for ahead. */
#define PROFILES_AHEAD 16

/* What is known of a querier, all numbered from 1, 0: unknown; and where it is. */
typedef struct {
	uint64_t prefix;  /* prefix_key() */
	uint32_t as_group;
	uint16_t country_group;
	uint8_t category;
	bool verified;
} profile_t;

typedef struct {
	const window_t *window;
	profile_t *profiles;       /* by querier number */
	size_t profiles_size;      /* bytes */
	uint32_t as_groups;
	uint32_t country_groups;
	uint32_t *wants;           /* by querier number: rows with it in their samples; NULL: not asked */
	uint32_t *as_seen;         /* per AS: the row that saw it last, from 1 */
	uint32_t *country_seen;
	uint32_t periods;          /* denominator of persistence */
	size_t rows_max;
	uint64_t *entries;         /* the sample at hand, and scratch */
	uint8_t *levels;
	uint64_t *prefixes;        /* twice as much room: the half behind is for sorting */
	uint32_t room;
} work_t;

static void work_clear(work_t *work)
{
	mapping_destroy(work->profiles, work->profiles_size);
	free(work->wants);
	free(work->as_seen);
	free(work->country_seen);
	free(work->entries);
	free(work->levels);
	free(work->prefixes);
}

static status_t make_room(work_t *work, uint32_t room)
{
	free(work->entries);
	free(work->levels);
	free(work->prefixes);
	work->entries = malloc(room * sizeof(*work->entries));
	work->levels = malloc(room);
	work->prefixes = malloc(2 * room * sizeof(*work->prefixes));
	work->room = room;
	return work->entries != NULL && work->levels != NULL && work->prefixes != NULL ?
	       STATUS_OK : STATUS_NO_MEMORY;
}

/* First 48 bits of an IPv6 address, or all 32 of an IPv4 one behind a mark. */
static uint64_t prefix_key(const address_t *address)
{
	uint64_t key = 0;
	bool ipv4 = address_is_ipv4(address);
	const uint8_t *bytes = address->bytes + (ipv4 ? 12 : 0);
	for (int i = 0; i < (ipv4 ? 4 : 6); i++) {
		key = key << 8 | bytes[i];
	}
	return ipv4 ? key | UINT64_C(1) << 63 : key;
}

static status_t add_profile(work_t *work, const querier_directory_t *directory, uint32_t number,
                            const address_t *querier, grouping_t *as_numbers,
                            grouping_t *countries)
{
	const querier_table_t *queriers = window_queriers(work->window);
	querier_info_t info = querier_directory_get(directory, querier);
	profile_t *profile = &work->profiles[number];
	profile->prefix = prefix_key(querier);
	profile->verified = querier_table_verified(queriers, number);
	profile->category = info.category != CATEGORY_UNKNOWN ? (uint8_t)(info.category + 1) : 0;
	if (info.as_number != 0 &&
	    (profile->as_group = grouping_number(as_numbers, info.as_number)) == 0) {
		return STATUS_NO_MEMORY;
	}
	uint32_t country = 0;
	if (info.country != 0 && (country = grouping_number(countries, info.country)) == 0) {
		return STATUS_NO_MEMORY;
	}
	profile->country_group = (uint16_t)country;
	return STATUS_OK;
}

/* The next queriers; the directory is asked for all of them ahead. \return How many; 0: none left. */
static size_t next_queriers(const work_t *work, const querier_directory_t *directory,
                            uint32_t numbers[PROFILES_AHEAD], address_t queriers[PROFILES_AHEAD])
{
	const querier_table_t *table = window_queriers(work->window);
	uint32_t number = numbers[PROFILES_AHEAD - 1];
	size_t count = 0;
	while (count < PROFILES_AHEAD && (number = querier_table_next(table, number)) != 0) {
		numbers[count] = number;
		queriers[count] = querier_table_address(table, number);
		querier_directory_prefetch(directory, &queriers[count++]);
	}
	return count;
}

/* Looks up all queriers of the window. */
static status_t make_profiles(work_t *work, const querier_directory_t *directory,
                              extraction_t *extraction)
{
	const querier_table_t *queriers = window_queriers(work->window);
	grouping_t as_numbers = { 0 }, countries = { 0 };
	status_t status = STATUS_OK;
	/* Numbers lie scattered over the slots: what is not in use is not touched. */
	work->profiles_size = querier_table_end(queriers) * sizeof(*work->profiles);
	work->profiles = mapping_create(work->profiles_size, true);
	if (work->profiles == NULL) {
		return STATUS_NO_MEMORY;
	}
	uint32_t numbers[PROFILES_AHEAD] = { 0 };
	address_t ahead[PROFILES_AHEAD];
	size_t count = PROFILES_AHEAD;
	while (status == STATUS_OK && count == PROFILES_AHEAD) {
		count = next_queriers(work, directory, numbers, ahead);
		for (size_t i = 0; i < count && status == STATUS_OK; i++) {
			status = add_profile(work, directory, numbers[i], &ahead[i], &as_numbers, &countries);
			extraction->verified += work->profiles[numbers[i]].verified;
		}
		extraction->queriers += count;
	}
	work->as_groups = as_numbers.count;
	work->country_groups = countries.count;
	grouping_clear(&as_numbers);
	grouping_clear(&countries);
	work->as_seen = calloc(work->as_groups + 1u, sizeof(*work->as_seen));
	work->country_seen = calloc(work->country_groups + 1u, sizeof(*work->country_seen));
	if (work->as_seen == NULL || work->country_seen == NULL) {
		return STATUS_NO_MEMORY;
	}
	return status;
}

/* The network of a key for the local entropy (/24, /48) or the global one (/8, /16). */
static uint64_t prefix_of_key(uint64_t key, bool global)
{
	if (key >> 63 != 0) {
		return key >> (global ? 24 : 8);
	}
	return global ? key >> 32 : key;
}

/* Shannon entropy of the networks of sorted keys over its maximum, log2(count). */
static double entropy(const uint64_t *sorted, uint32_t count, bool global)
{
	if (count < 2) {
		return 0;
	}
	double sum = 0, term = 0;
	uint32_t size = 0;
	for (uint32_t i = 0; i < count;) {
		uint32_t first = i;
		uint64_t network = prefix_of_key(sorted[i], global);
		while (i < count && prefix_of_key(sorted[i], global) == network) {
			i++;
		}
		/* Most networks have one querier, as the one before. */
		if (i - first != size) {
			size = i - first;
			double share = (double)size / count;
			term = share * log2(share);
		}
		sum -= term;
	}
	return sum / log2(count);
}

static double ratio(uint64_t numerator, uint64_t denominator)
{
	return denominator != 0 ? (double)numerator / (double)denominator : NAN;
}

/* What one pass over a sample counts. */
typedef struct {
	uint64_t queries;
	uint32_t verified, names, as_queriers, as_numbers, country_queriers, countries;
	uint32_t categories[FEATURE_STATIC];
} tally_t;

static void count_group(uint32_t group, uint32_t *seen, uint32_t row, uint32_t *queriers,
                        uint32_t *distinct)
{
	if (group != 0) {
		(*queriers)++;
		*distinct += seen[group] != row;
		seen[group] = row;
	}
}

/* Of a querier that came after the profiles were made. */
static uint64_t late_prefix(const work_t *work, uint32_t number)
{
	address_t querier = querier_table_address(window_queriers(work->window), number);
	return prefix_key(&querier);
}

static void count_wants(work_t *work, uint32_t count)
{
	for (uint32_t i = 0; work->wants != NULL && i < count; i++) {
		work->wants[sample_entry_number(work->entries[i])]++;
	}
}

/*
 * Profiles lie scattered, so some are on their way at once. In line always: a function that only
 * asks ahead has no effect that GCC knows of, and a call of it is left out.
 */
static inline __attribute__((always_inline)) void prefetch_profile(const work_t *work,
                                                                   uint32_t count, uint32_t i)
{
	if (i < count) {
		uint32_t number = sample_entry_number(work->entries[i]);
		__builtin_prefetch(&work->profiles[number]);
		if (work->wants != NULL) {
			__builtin_prefetch(&work->wants[number], 1);
		}
	}
}

static tally_t count_sample(work_t *work, uint32_t count, uint32_t row)
{
	tally_t tally = { 0 };
	for (uint32_t i = 0; i < PROFILES_AHEAD; i++) {
		prefetch_profile(work, count, i);
	}
	for (uint32_t i = 0; i < count; i++) {
		prefetch_profile(work, count, i + PROFILES_AHEAD);
		uint32_t number = sample_entry_number(work->entries[i]);
		const profile_t *profile = &work->profiles[number];
		tally.queries += sample_entry_count(work->entries[i]);
		tally.verified += profile->verified;
		if (profile->category != 0) {
			tally.names++;
			tally.categories[profile->category - 1]++;
		}
		count_group(profile->as_group, work->as_seen, row, &tally.as_queriers,
		            &tally.as_numbers);
		count_group(profile->country_group, work->country_seen, row, &tally.country_queriers,
		            &tally.countries);
		work->prefixes[i] = profile->prefix != 0 ? profile->prefix :
		                    late_prefix(work, number);
	}
	count_wants(work, count);
	sort_keys(work->prefixes, work->prefixes + work->room, count);
	return tally;
}

static void fill_features(const work_t *work, const tally_t *tally, uint32_t count,
                          uint32_t periods, double features[FEATURES])
{
	for (unsigned i = 0; i < FEATURE_STATIC; i++) {
		features[i] = ratio(tally->categories[i], tally->names);
	}
	features[FEATURE_QUERIES_PER_QUERIER] = ratio(tally->queries, count);
	features[FEATURE_PERSISTENCE] = fmin(ratio(periods, work->periods), 1);
	features[FEATURE_LOCAL_ENTROPY] = entropy(work->prefixes, count, false);
	features[FEATURE_GLOBAL_ENTROPY] = entropy(work->prefixes, count, true);
	bool any_as = tally->as_queriers > 0, any_country = tally->country_queriers > 0;
	features[FEATURE_UNIQUE_AS] = any_as ? ratio(tally->as_numbers, work->as_groups) : NAN;
	features[FEATURE_UNIQUE_COUNTRY] = any_country ?
		ratio(tally->countries, work->country_groups) : NAN;
	features[FEATURE_QUERIERS_PER_COUNTRY] = ratio(tally->country_queriers, tally->countries);
	features[FEATURE_QUERIERS_PER_AS] = ratio(tally->as_queriers, tally->as_numbers);
}

/* Reads the sample of an originator into the work; makes more room when it is needed. */
static status_t read_sample(work_t *work, const window_originator_t *originator, uint32_t *count,
                            unsigned *level, uint32_t *periods)
{
	for (;;) {
		window_sample(work->window, originator, work->entries, work->levels, work->room, count,
		              level, periods);
		if (*count <= work->room) {
			return STATUS_OK;
		}
		/* Others may add while we allocate: take twice what there was. */
		if (make_room(work, *count * 2) != STATUS_OK) {
			return STATUS_NO_MEMORY;
		}
	}
}

static status_t append_row(extraction_t *extraction, size_t *room)
{
	if (extraction->count == *room) {
		size_t more = *room != 0 ? 2 * *room : 256;
		originator_features_t *rows = realloc(extraction->rows, more * sizeof(*rows));
		if (rows == NULL) {
			return STATUS_NO_MEMORY;
		}
		mapping_dense(rows, more * sizeof(*rows));
		extraction->rows = rows;
		*room = more;
	}
	memset(&extraction->rows[extraction->count++], 0, sizeof(*extraction->rows));
	return STATUS_OK;
}

static status_t extract_one(work_t *work, const window_originator_t *originator,
                            uint32_t min_queriers, size_t *room, extraction_t *extraction)
{
	uint32_t count, periods;
	unsigned level;
	if (read_sample(work, originator, &count, &level, &periods) != STATUS_OK) {
		return STATUS_NO_MEMORY;
	}
	uint64_t queriers = (uint64_t)count << level;
	/* A record stands there a moment before its first entry does. */
	if (count == 0 || queriers < min_queriers) {
		return STATUS_OK;
	}
	if (extraction->count == work->rows_max) {
		extraction->left_out++;
		return STATUS_OK;
	}
	if (append_row(extraction, room) != STATUS_OK) {
		return STATUS_NO_MEMORY;
	}
	tally_t tally = count_sample(work, count, (uint32_t)extraction->count);
	originator_features_t *row = &extraction->rows[extraction->count - 1];
	row->originator = originator->originator;
	row->queriers = queriers;
	row->queries = tally.queries << level;
	row->verified = (uint64_t)tally.verified << level;
	row->sampled = count;
	row->known_names = (float)tally.names / (float)count;
	row->known_as = (float)tally.as_queriers / (float)count;
	row->known_countries = (float)tally.country_queriers / (float)count;
	fill_features(work, &tally, count, periods, row->features);
	return STATUS_OK;
}

static status_t list_wanted(const work_t *work, wanted_t *wanted)
{
	const querier_table_t *queriers = window_queriers(work->window);
	if (work->wants == NULL) {
		return STATUS_OK;
	}
	for (uint32_t number = 0; (number = querier_table_next(queriers, number)) != 0;) {
		if (work->wants[number] == 0) {
			continue;
		}
		const wanted_querier_t querier = {
			.querier = querier_table_address(queriers, number),
			.originators = work->wants[number],
			.known = work->profiles[number].category != 0,
		};
		if (wanted_add(wanted, &querier) != STATUS_OK) {
			return STATUS_NO_MEMORY;
		}
	}
	wanted_finish(wanted);
	return STATUS_OK;
}

static uint32_t periods_until(const window_t *window, uint64_t until)
{
	if (until >= window_end(window)) {
		return window_periods(window);
	}
	uint64_t passed = until > window_start(window) ? until - window_start(window) : 0;
	return (uint32_t)(passed / window_options(window)->period) + 1;
}

static status_t extract_all(work_t *work, const querier_directory_t *directory,
                            uint32_t min_queriers, extraction_t *extraction)
{
	status_t status = make_profiles(work, directory, extraction);
	if (status == STATUS_OK) {
		status = make_room(work, 2 * window_options(work->window)->sample_size + 64);
	}
	extraction->as_numbers = work->as_groups;
	extraction->countries = work->country_groups;
	originator_walk_t walk = { 0 };
	window_originator_t batch[WINDOW_BATCH];
	size_t count, room = 0;
	while (status == STATUS_OK && (count = window_next_batch(work->window, &walk, batch)) > 0) {
		extraction->originators += count;
		for (size_t i = 0; i < count && status == STATUS_OK; i++) {
			status = extract_one(work, &batch[i], min_queriers, &room, extraction);
		}
	}
	extraction->originators += walk.first_sightings;
	return status == STATUS_OK ? list_wanted(work, &extraction->wanted) : status;
}

/* The rows, and the wanted if there is an array to count them in. */
static status_t make(work_t *work, family_t family, const querier_directory_t *directory,
                     uint32_t min_queriers, extraction_t *extraction)
{
	*extraction = (extraction_t) {
		.start = window_start(work->window),
		.since = window_since(work->window),
		.length = window_options(work->window)->length,
		.family = family,
		.counts = window_counts(work->window),
		.wanted.max = WANTED_MAX,
	};
	status_t status = extract_all(work, directory, min_queriers, extraction);
	work_clear(work);
	if (status == STATUS_OK) {
		status = row_order_sort(extraction->rows, extraction->count);
	}
	if (status != STATUS_OK) {
		extraction_clear(extraction);
	}
	return status;
}

status_t extraction_make(const window_t *window, family_t family,
                         const querier_directory_t *directory, uint32_t min_queriers,
                         uint64_t until, size_t rows_max, extraction_t *extraction)
{
	work_t work = {
		.window = window, .periods = periods_until(window, until), .rows_max = rows_max,
		.wants = calloc(querier_table_end(window_queriers(window)), sizeof(*work.wants)),
	};
	return work.wants == NULL ? STATUS_NO_MEMORY :
	       make(&work, family, directory, min_queriers, extraction);
}

status_t extraction_make_rows(const window_t *window, family_t family,
                              const querier_directory_t *directory, uint32_t min_queriers,
                              extraction_t *extraction)
{
	work_t work = {
		.window = window, .periods = window_periods(window), .rows_max = SIZE_MAX,
	};
	return make(&work, family, directory, min_queriers, extraction);
}

void extraction_clear(extraction_t *extraction)
{
	free(extraction->rows);
	wanted_clear(&extraction->wanted);
	*extraction = (extraction_t) { 0 };
}
