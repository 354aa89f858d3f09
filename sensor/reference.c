/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The naive window. */
#include "sensor/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	address_t originator;
	reference_entry_t *entries;  /* all queriers, whatever their level */
	size_t count;
	bool *periods;
} record_t;

typedef struct {
	address_t querier;
	uint32_t originators;
} fan_out_t;

struct reference {
	uint64_t start;
	window_options_t options;
	record_t *records;
	size_t count;
	fan_out_t *fan_outs;
	size_t fan_out_count;
};

reference_t *reference_create(uint64_t start, const window_options_t *options)
{
	reference_t *reference = calloc(1, sizeof(*reference));
	if (reference != NULL) {
		reference->start = start;
		reference->options = *options;
	}
	return reference;
}

void reference_destroy(reference_t *reference)
{
	if (reference == NULL) {
		return;
	}
	for (size_t i = 0; i < reference->count; i++) {
		free(reference->records[i].entries);
		free(reference->records[i].periods);
	}
	free(reference->records);
	free(reference->fan_outs);
	free(reference);
}

static uint64_t periods_of(const window_options_t *options)
{
	return (options->length + options->period - 1) / options->period;
}

static record_t *find(const reference_t *reference, const address_t *originator)
{
	for (size_t i = 0; i < reference->count; i++) {
		if (address_equal(&reference->records[i].originator, originator)) {
			return &reference->records[i];
		}
	}
	return NULL;
}

/* Tests run with memory to spare: a reference that cannot grow ends the program. */
static void *grow(void *array, size_t size)
{
	array = realloc(array, size);
	if (array == NULL) {
		abort();
	}
	return array;
}

static record_t *find_or_add(reference_t *reference, const address_t *originator)
{
	record_t *record = find(reference, originator);
	if (record != NULL) {
		return record;
	}
	reference->records = grow(reference->records, (reference->count + 1) * sizeof(*record));
	record = &reference->records[reference->count++];
	*record = (record_t) { .originator = *originator };
	size_t periods = periods_of(&reference->options);
	record->periods = grow(NULL, periods * sizeof(bool));
	memset(record->periods, 0, periods * sizeof(bool));
	return record;
}

static fan_out_t *find_fan_out(reference_t *reference, const address_t *querier)
{
	for (size_t i = 0; i < reference->fan_out_count; i++) {
		if (address_equal(&reference->fan_outs[i].querier, querier)) {
			return &reference->fan_outs[i];
		}
	}
	reference->fan_outs = grow(reference->fan_outs,
	                           (reference->fan_out_count + 1) * sizeof(fan_out_t));
	fan_out_t *fan_out = &reference->fan_outs[reference->fan_out_count++];
	*fan_out = (fan_out_t) { .querier = *querier };
	return fan_out;
}

static reference_entry_t *find_entry(const record_t *record, const address_t *querier)
{
	for (size_t i = 0; record != NULL && i < record->count; i++) {
		if (address_equal(&record->entries[i].querier, querier)) {
			return &record->entries[i];
		}
	}
	return NULL;
}

static sample_result_t repeat(const window_options_t *options, reference_entry_t *entry,
                              uint32_t tick)
{
	int64_t distance = llabs((int64_t)tick - (int64_t)entry->tick);
	if (distance < (int64_t)window_dedup_ticks(options)) {
		return SAMPLE_SUPPRESSED;
	}
	entry->count++;
	entry->tick = tick > entry->tick ? tick : entry->tick;
	return SAMPLE_COUNTED;
}

sample_result_t reference_observe(reference_t *reference, uint64_t moment,
                                  const address_t *originator, const address_t *querier)
{
	const window_options_t *options = &reference->options;
	record_t *record = find(reference, originator);
	uint32_t tick = window_tick(options, reference->start, moment);
	reference_entry_t *entry = find_entry(record, querier);
	if (entry != NULL) {
		if (repeat(options, entry, tick) == SAMPLE_SUPPRESSED) {
			return SAMPLE_SUPPRESSED;
		}
	} else {
		fan_out_t *fan_out = find_fan_out(reference, querier);
		if (options->fan_out_max != 0 && fan_out->originators >= options->fan_out_max) {
			return SAMPLE_CAPPED;
		}
		fan_out->originators++;
		record = find_or_add(reference, originator);
		record->entries = grow(record->entries, (record->count + 1) * sizeof(*entry));
		record->entries[record->count++] = (reference_entry_t) { *querier, 1, tick };
	}
	record->periods[(moment - reference->start) / options->period] = true;
	return SAMPLE_COUNTED;
}

size_t reference_originators(const reference_t *reference, size_t least)
{
	size_t count = 0;
	for (size_t i = 0; i < reference->count; i++) {
		count += reference->records[i].count >= least;
	}
	return count;
}

uint32_t reference_sample(const reference_t *reference, const address_t *originator,
                          reference_entry_t *entries, unsigned *level, uint32_t *periods)
{
	const record_t *record = find(reference, originator);
	*periods = 0;
	if (record == NULL) {
		return 0;
	}
	for (uint64_t i = 0; i < periods_of(&reference->options); i++) {
		*periods += record->periods[i];
	}
	for (*level = 0;; (*level)++) {
		uint32_t count = 0;
		for (size_t i = 0; i < record->count; i++) {
			uint64_t hash = window_querier_hash(&reference->options,
			                                    &record->entries[i].querier);
			if (sample_level_of(hash) >= *level) {
				if (count < reference->options.sample_size) {
					entries[count] = record->entries[i];
				}
				count++;
			}
		}
		if (count <= reference->options.sample_size) {
			return count;
		}
	}
}

/* Entropy of the first bits of the addresses over log2(count), group by group. */
static double entropy(const reference_entry_t *entries, uint32_t count, unsigned ipv4_bits,
                      unsigned ipv6_bits)
{
	double sum = 0;
	/* Marked by the family: no network of one is one of the other. */
	address_t *networks = grow(NULL, (count + 1) * sizeof(*networks));
	for (uint32_t i = 0; i < count; i++) {
		bool ipv4 = address_is_ipv4(&entries[i].querier);
		networks[i] = address_network(&entries[i].querier, ipv4 ? 96 + ipv4_bits : ipv6_bits);
		networks[i].bytes[15] = ipv4;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t same = 0;
		bool first = true;
		for (uint32_t j = 0; j < count; j++) {
			if (address_equal(&networks[i], &networks[j])) {
				first = first && j >= i;
				same++;
			}
		}
		if (first) {
			sum -= (double)same / count * log2((double)same / count);
		}
	}
	free(networks);
	return count > 1 ? sum / log2(count) : 0;
}

/* Distinct values other than 0 among `count`; *known is how many are not 0. */
static uint32_t distinct(const uint32_t *values, size_t count, uint32_t *known)
{
	uint32_t result = 0;
	*known = 0;
	for (size_t i = 0; i < count; i++) {
		bool first = values[i] != 0;
		*known += values[i] != 0;
		for (size_t j = 0; j < i && first; j++) {
			first = values[j] != values[i];
		}
		result += first;
	}
	return result;
}

reference_totals_t reference_totals(const reference_t *reference,
                                    const querier_directory_t *directory)
{
	size_t entries = 1, count = 0;
	for (size_t i = 0; i < reference->count; i++) {
		entries += reference->records[i].count;
	}
	uint32_t *as_numbers = grow(NULL, entries * sizeof(*as_numbers));
	uint32_t *countries = grow(NULL, entries * sizeof(*countries)), known;
	for (size_t i = 0; i < reference->count; i++) {
		const record_t *record = &reference->records[i];
		for (size_t j = 0; j < record->count; j++) {
			querier_info_t info = querier_directory_get(directory, &record->entries[j].querier);
			as_numbers[count] = info.as_number;
			countries[count++] = info.country;
		}
	}
	reference_totals_t totals = {
		.as_numbers = distinct(as_numbers, count, &known),
		.countries = distinct(countries, count, &known),
	};
	free(as_numbers);
	free(countries);
	return totals;
}

static double ratio(double numerator, double denominator)
{
	return denominator != 0 ? numerator / denominator : NAN;
}

bool reference_features(const reference_t *reference, const address_t *originator,
                        const querier_directory_t *directory, const reference_totals_t *totals,
                        originator_features_t *out)
{
	uint32_t size = reference->options.sample_size, periods, names = 0;
	reference_entry_t *entries = grow(NULL, size * sizeof(*entries));
	uint32_t *as_numbers = grow(NULL, size * sizeof(*as_numbers));
	uint32_t *countries = grow(NULL, size * sizeof(*countries));
	unsigned level = 0;
	uint32_t count = reference_sample(reference, originator, entries, &level, &periods);
	*out = (originator_features_t) { .originator = *originator, .sampled = count };
	double *f = out->features;
	for (uint32_t i = 0; i < count; i++) {
		querier_info_t info = querier_directory_get(directory, &entries[i].querier);
		as_numbers[i] = info.as_number;
		countries[i] = info.country;
		out->queries += entries[i].count;
		if (info.category != CATEGORY_UNKNOWN) {
			names++;
			f[info.category]++;
		}
	}
	for (unsigned i = 0; i < FEATURE_STATIC; i++) {
		f[i] = ratio(f[i], names);
	}
	uint32_t known_as, known_country;
	double ases = distinct(as_numbers, count, &known_as);
	double country_count = distinct(countries, count, &known_country);
	f[FEATURE_QUERIES_PER_QUERIER] = ratio((double)out->queries, count);
	f[FEATURE_PERSISTENCE] = (double)periods / (double)periods_of(&reference->options);
	f[FEATURE_LOCAL_ENTROPY] = entropy(entries, count, 24, 48);
	f[FEATURE_GLOBAL_ENTROPY] = entropy(entries, count, 8, 16);
	f[FEATURE_UNIQUE_AS] = known_as == 0 ? NAN : ases / totals->as_numbers;
	f[FEATURE_UNIQUE_COUNTRY] = known_country == 0 ? NAN : country_count / totals->countries;
	f[FEATURE_QUERIERS_PER_COUNTRY] = ratio(known_country, country_count);
	f[FEATURE_QUERIERS_PER_AS] = ratio(known_as, ases);
	out->queriers = (uint64_t)count << level;
	out->queries <<= level;
	out->known_names = (float)names / (float)count;
	out->known_as = (float)known_as / (float)count;
	out->known_countries = (float)known_country / (float)count;
	free(entries);
	free(as_numbers);
	free(countries);
	return count > 0;
}
