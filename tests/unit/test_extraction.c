/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The features of a small window, against figures worked out by hand. */
#include "common/moment.h"
#include "sensor/extraction.h"
#include "tests/tap.h"

#define START (UINT64_C(1700006400) * MICROSECONDS)

static const struct {
	const char *querier;
	category_t category;
	uint32_t as_number;
	const char *country;
	unsigned queries;      /* one a period, from the first */
	const char *originator;
} rows[] = {
	/* Four queriers in three /24 and two /8, two ASes, two countries, one name not known. */
	{ "192.0.2.1", FEATURE_HOME, 1, "JP", 3, "198.51.100.1" },
	{ "192.0.2.2", FEATURE_HOME, 1, "JP", 1, "198.51.100.1" },
	{ "192.0.3.1", FEATURE_MAIL, 2, "CZ", 1, "198.51.100.1" },
	{ "10.0.0.1", CATEGORY_UNKNOWN, 0, "JP", 1, "198.51.100.1" },
	/* One querier, nothing known; the window has four ASes and three countries in all. */
	{ "2001:db8::1", CATEGORY_UNKNOWN, 0, "", 2, "198.51.100.2" },
	{ "192.0.4.1", FEATURE_NS, 3, "US", 1, "198.51.100.3" },
	{ "192.0.5.1", FEATURE_NS, 4, "US", 1, "198.51.100.3" },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const originator_features_t *find(const extraction_t *extraction, const char *text)
{
	address_t originator;
	(void)address_parse(text, &originator);
	for (size_t i = 0; i < extraction->count; i++) {
		if (address_equal(&extraction->rows[i].originator, &originator)) {
			return &extraction->rows[i];
		}
	}
	return NULL;
}

static void test_first(const originator_features_t *row)
{
	const double *f = row->features;
	is_int(row->queriers, 4, "queriers");
	is_int(row->queries, 6, "queries");
	is_near((double)row->known_names, 0.75, 1e-6, "names known");
	is_near((double)row->known_as, 0.75, 1e-6, "ASes known");
	is_near((double)row->known_countries, 1, 1e-6, "countries known");
	is_near(f[FEATURE_HOME], 2.0 / 3, 1e-12, "home: unknown names are left out");
	is_near(f[FEATURE_MAIL], 1.0 / 3, 1e-12, "mail");
	is_near(f[FEATURE_NXDOMAIN], 0, 0, "nxdomain");
	is_near(f[FEATURE_QUERIES_PER_QUERIER], 1.5, 1e-12, "queries per querier");
	is_near(f[FEATURE_PERSISTENCE], 3.0 / 144, 1e-12, "persistence");
	/* /24: 2, 1, 1 of 4 = 1.5 bits of 2; /8: 3, 1 of 4 = 0.8112781244591328 bits of 2. */
	is_near(f[FEATURE_LOCAL_ENTROPY], 0.75, 1e-12, "local entropy");
	is_near(f[FEATURE_GLOBAL_ENTROPY], 0.4056390622295664, 1e-12, "global entropy");
	is_near(f[FEATURE_UNIQUE_AS], 2.0 / 4, 1e-12, "unique AS");
	is_near(f[FEATURE_UNIQUE_COUNTRY], 2.0 / 3, 1e-12, "unique country");
	is_near(f[FEATURE_QUERIERS_PER_COUNTRY], 4.0 / 2, 1e-12, "queriers per country");
	is_near(f[FEATURE_QUERIERS_PER_AS], 3.0 / 2, 1e-12, "queriers per AS");
}

int main(void)
{
	window_options_t options = {
		.length = 86400 * MICROSECONDS, .period = 600 * MICROSECONDS,
		.dedup = 30 * MICROSECONDS, .sample_size = 64, .memory = 1 << 20, .record_at_once = true,
		.threads = 1,
	};
	window_t *window = window_create(START, START, &options);
	querier_directory_t *directory = querier_directory_create();
	for (size_t i = 0; i < ROWS; i++) {
		address_t querier, originator;
		(void)address_parse(rows[i].querier, &querier);
		(void)address_parse(rows[i].originator, &originator);
		(void)querier_directory_put(directory, &querier, (querier_info_t) {
			.category = rows[i].category, .as_number = rows[i].as_number,
			.country = (uint16_t)country_parse(rows[i].country),
		});
		for (unsigned j = 0; j < rows[i].queries; j++) {
			(void)window_observe(window, 0, START + j * options.period, &originator, &querier);
		}
	}
	extraction_t extraction;
	tap_require(extraction_make(window, FAMILY_IPV4, directory, 1, UINT64_MAX,
	                            SIZE_MAX, &extraction) == STATUS_OK, "extracted");
	is_int(extraction.count, 3, "three originators");
	is_int(extraction.originators, 3, "all originators");
	is_int(extraction.queriers, 7, "queriers of the window");
	is_int(extraction.as_numbers, 4, "ASes of the window");
	is_int(extraction.countries, 3, "countries of the window");
	is_int(extraction.counts.observations, 10, "observations");
	test_first(find(&extraction, "198.51.100.1"));
	const originator_features_t *second = find(&extraction, "198.51.100.2");
	ok(isnan(second->features[FEATURE_HOME]) && isnan(second->features[FEATURE_UNIQUE_AS]) &&
	   isnan(second->features[FEATURE_QUERIERS_PER_COUNTRY]), "nothing known: missing");
	is_near(second->features[FEATURE_LOCAL_ENTROPY], 0, 0, "entropy of one querier");
	extraction_clear(&extraction);

	(void)extraction_make(window, FAMILY_IPV4, directory, 4, UINT64_MAX, SIZE_MAX, &extraction);
	is_int(extraction.count, 1, "one is analyzable with four queriers");
	is_int(extraction.originators, 3, "the others are counted");
	extraction_clear(&extraction);
	(void)extraction_make(window, FAMILY_IPV4, directory, 1, UINT64_MAX, 2, &extraction);
	is_int(extraction.count, 2, "no more rows than the limit");
	is_int(extraction.left_out, 1, "one is left out");
	extraction_clear(&extraction);
	(void)extraction_make(window, FAMILY_IPV4, NULL, 4, START + 6 * options.period, SIZE_MAX,
	                      &extraction);
	is_near(extraction.rows[0].features[FEATURE_PERSISTENCE], 3.0 / 7, 1e-12,
	        "persistence of the window so far");
	extraction_clear(&extraction);
	querier_directory_destroy(directory);
	window_destroy(window);
	return tap_done();
}
