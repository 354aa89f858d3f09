/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The portrait of training data: against sums by hand, in the file, and what a file may not say. */
#include "classifier/portrait.h"
#include "classifier/portrait_make.h"
#include "common/moment.h"
#include "tests/unit/test_model_fixture.h"

#define DAY (86400 * MICROSECONDS)

/* The index, from the values themselves: shares of each bin counted anew for each edge. */
static double naive_psi(const double *then, size_t n, const double *now, size_t m,
                        const portrait_column_t *cut)
{
	double psi = 0, counts[2][PORTRAIT_EDGES + 2] = { { 0 } };
	const double *values[] = { then, now };
	size_t sizes[] = { n, m }, bins = cut->edges + 1;
	for (size_t which = 0; which < 2; which++) {
		for (size_t i = 0; i < sizes[which]; i++) {
			size_t below = 0;
			for (size_t j = 0; j < cut->edges; j++) {
				below += values[which][i] > cut->edge[j];
			}
			counts[which][isnan(values[which][i]) ? bins : below]++;
		}
	}
	size_t all = bins + (counts[0][bins] + counts[1][bins] > 0);
	for (size_t i = 0; i < all; i++) {
		double p = (counts[0][i] + 0.5) / ((double)n + 0.5 * (double)all);
		double q = (counts[1][i] + 0.5) / ((double)m + 0.5 * (double)all);
		psi += (q - p) * (log(q) - log(p));
	}
	return psi;
}

static portrait_column_t column_of(const portrait_column_t *cut, const double *values, size_t count)
{
	portrait_column_t column = portrait_empty(cut);
	for (size_t i = 0; i < count; i++) {
		portrait_count(&column, values[i]);
	}
	return column;
}

static void test_index(void)
{
	enum { N = 700, M = 300 };
	generator_t generator = generator_make(4, 0);
	for (int kind = 0; kind < 4; kind++) {
		double then[N], now[M], sorted[N];
		for (size_t i = 0; i < N; i++) {
			double x = generator_normal(&generator);
			/* Continuous, of few values, of one value, with missing ones. */
			then[i] = kind == 0 ? x : kind == 1 ? floor(x) : kind == 2 ? 5 :
			          generator_uniform(&generator) < 0.2 ? NAN : x;
		}
		for (size_t i = 0; i < M; i++) {
			double x = 0.4 + generator_normal(&generator);
			now[i] = kind == 0 ? x : kind == 1 ? floor(x) : kind == 2 ? 5 + (i % 2 == 0) :
			         generator_uniform(&generator) < 0.4 ? NAN : x;
		}
		portrait_column_t cut = { 0 };
		memcpy(sorted, then, sizeof(sorted));
		portrait_cut(&cut, sorted, N);
		portrait_column_t a = column_of(&cut, then, N), b = column_of(&cut, now, M);
		is_near(portrait_psi(&a, &b), naive_psi(then, N, now, M, &cut), 1e-12,
		        "kind %d, %u edges: the index is that of the reference", kind, (unsigned)cut.edges);
		is_near(portrait_psi(&a, &a), 0, 1e-15, "nothing has moved from itself");
		is_near(portrait_psi(&a, &b), portrait_psi(&b, &a), N == M ? 1e-12 : 0.2,
		        "there and back are alike");
		ok(kind == 2 ? cut.edges == 0 : cut.edges > 2, "as many bins as there are tenths");
	}
	double tenths[1000], sorted[1000];
	for (size_t i = 0; i < 1000; i++) {
		tenths[i] = sorted[i] = (double)(i * 7919 % 1000);
	}
	portrait_column_t cut = { 0 };
	portrait_cut(&cut, sorted, 1000);
	portrait_column_t column = column_of(&cut, tenths, 1000);
	bool even = cut.edges == PORTRAIT_EDGES;
	for (size_t i = 0; i <= PORTRAIT_EDGES; i++) {
		even = even && column.counts[i] == 100;
	}
	ok(even, "ten bins of a tenth each");
	portrait_cut(&cut, NULL, 0);
	is_int(cut.edges, 0, "of no values there is one bin");
}

/* How often chance is exceeded where nothing has moved: once in a thousand, about. */
static void test_chance(void)
{
	enum { N = 400, M = 150, ROUNDS = 3000 };
	generator_t generator = generator_make(5, 0);
	size_t above = 0, half = 0;
	for (size_t round = 0; round < ROUNDS; round++) {
		double then[N], now[M], sorted[N];
		for (size_t i = 0; i < N; i++) {
			then[i] = sorted[i] = generator_uniform(&generator);
		}
		for (size_t i = 0; i < M; i++) {
			now[i] = generator_uniform(&generator);
		}
		portrait_column_t cut = { 0 };
		portrait_cut(&cut, sorted, N);
		portrait_column_t a = column_of(&cut, then, N), b = column_of(&cut, now, M);
		above += portrait_psi(&a, &b) > portrait_chance(&a, &b);
		half += portrait_psi(&a, &b) > portrait_chance(&a, &b) / 2;
	}
	/* Edges that are cut from the rows themselves make it a little less. */
	ok(above <= 12, "%zu of %d are above chance", above, ROUNDS);
	ok(half > 30, "%zu are above half of it: it is no idle bound", half);
}

static void test_spans(void)
{
	portrait_t *portrait = portrait_create(1);
	time_window_t time;
	ok(!portrait_time(portrait, &time) && !portrait_knows(portrait, &TIME_WINDOW_ALWAYS),
	   "without windows nothing is known of time");
	portrait_extend(portrait->spans, &portrait->span_count, &TIME_WINDOW_ALWAYS);
	is_int(portrait->span_count, 0, "a row without a window adds none");
	const time_window_t day = { 10 * DAY, 11 * DAY }, later = { 12 * DAY, 13 * DAY };
	const time_window_t week = { 7 * DAY, 14 * DAY }, next = { 13 * DAY, 14 * DAY };
	portrait_extend(portrait->spans, &portrait->span_count, &later);
	portrait_extend(portrait->spans, &portrait->span_count, &week);
	portrait_extend(portrait->spans, &portrait->span_count, &day);
	is_int(portrait->span_count, 2, "windows of a day and of a week are told apart");
	ok(portrait_knows(portrait, &(time_window_t) { 11 * DAY, 12 * DAY }), "a day between is known");
	ok(!portrait_knows(portrait, &next), "the next one is not, though the week has it");
	ok(portrait_knows(portrait, &week) &&
	   !portrait_knows(portrait, &(time_window_t) { 14 * DAY, 21 * DAY }), "nor the next week");
	ok(portrait_knows(portrait, &TIME_WINDOW_ALWAYS), "a row of any time may be known");
	ok(portrait_time(portrait, &time) && time.start == 7 * DAY && time.end == 14 * DAY,
	   "all of it is from the first to the last");
	for (uint64_t i = 1; i < 6; i++) {
		portrait_extend(portrait->spans, &portrait->span_count,
		                &(time_window_t) { 20 * DAY, 20 * DAY + i });
	}
	is_int(portrait->span_count, PORTRAIT_SPANS, "more lengths than places");
	ok(portrait_knows(portrait, &(time_window_t) { 20 * DAY, 20 * DAY + 77 }),
	   "are all known where they lie");
	portrait_destroy(portrait);
}

/* A model with a portrait, of rows of which some have no label. */
static model_t *make_model(const char *kind, size_t unlabelled)
{
	dataset_t *dataset = fixture_clouds(11, 60, 3, 0.2);
	training_t training = training_default();
	training.trees = 4;
	training.min_leaf = 6;
	training.positive = "scan";
	size_t count = dataset_rows(dataset) * dataset_classes(dataset);
	double *out_of_bag = calloc(count, sizeof(*out_of_bag));
	for (size_t i = 0; i < count; i++) {
		out_of_bag[i] = NAN;
	}
	training.out_of_bag = out_of_bag;
	witness_t witness = witness_begin(1);
	const time_window_t window = { DAY, 2 * DAY };
	witness_see(&witness, dataset_matrix(dataset), 3, &window, true);
	for (size_t i = 0; i < unlabelled; i++) {
		witness_see(&witness, (double[]) { 100, NAN, 100 }, 3, &window, false);
	}
	model_t *model = fixture_train(kind, dataset, &training);
	if (portrait_make(model, dataset, out_of_bag, &witness, NULL) != STATUS_OK) {
		abort();
	}
	witness_clear(&witness);
	free(out_of_bag);
	dataset_destroy(dataset);
	return model;
}

static void test_samples(void)
{
	model_t *model = make_model("forest", 40);
	const portrait_t *portrait = model_portrait(model);
	const portrait_sample_t *learnt = &portrait->samples[PORTRAIT_LEARNT];
	const portrait_sample_t *all = &portrait->samples[PORTRAIT_ALL];
	is_int(learnt->rows, 60, "rows with a label");
	is_int(all->rows, 100, "and all");
	ok(all->columns[1].missing == learnt->columns[1].missing + 40, "those without one are among them");
	ok(learnt->columns[3].missing < 60, "the probability of rows learnt from is that out of bag");
	ok(all->columns[3].missing == learnt->columns[3].missing, "of the others the model's");
	model_destroy(model);
	model = make_model("tree", 0);
	is_int(model_portrait(model)->samples[PORTRAIT_LEARNT].columns[3].missing, 60,
	       "a tree has none");
	model_destroy(model);
	/* The sample of many is uniform: each row has the same chance to be kept. */
	witness_t witness = witness_begin(2);
	for (size_t i = 0; i < 2 * WITNESS_ROWS; i++) {
		witness_see(&witness, &(double) { i < WITNESS_ROWS }, 1, &TIME_WINDOW_ALWAYS, false);
	}
	double early = 0;
	for (size_t i = 0; i < witness.rows; i++) {
		early += witness.matrix[i];
	}
	ok(witness.rows == WITNESS_ROWS && fabs(early / WITNESS_ROWS - 0.5) < 0.02,
	   "of twice as many rows as are kept, half are of the first half");
	witness_clear(&witness);
}

static bool taken(uint8_t *bytes, size_t size)
{
	model_t *model = NULL;
	failure_t failure;
	model_seal(bytes, size);
	bool good = model_read(bytes, size, "file", &model, &failure) == STATUS_OK;
	buffer_t again = { 0 };
	if (good) {
		/* What is taken is whole: it writes what it was. */
		good = model_write(model, &again, NULL) == STATUS_OK;
		if (again.size != size || memcmp(again.data, bytes, size) != 0) {
			ok(false, "a file that is taken is written as it was");
		}
	}
	buffer_clear(&again);
	model_destroy(model);
	return good;
}

static size_t find(const buffer_t *bytes, uint64_t value)
{
	size_t at = 0;
	while (at + 8 <= bytes->size && memcmp(bytes->data + at, &value, 8) != 0) {
		at++;
	}
	return at;
}

static void test_file(void)
{
	model_t *model = make_model("forest", 7), *back;
	buffer_t bytes = { 0 };
	tap_require(model_write(model, &bytes, NULL) == STATUS_OK, "a model with a portrait");
	is_int(bytes.data[8], 3, "is of version 3");
	tap_require(model_read(bytes.data, bytes.size, "file", &back, NULL) == STATUS_OK, "is read");
	const portrait_t *a = model_portrait(model), *b = model_portrait(back);
	ok(a->span_count == b->span_count && memcmp(a->spans, b->spans, sizeof(a->spans)) == 0 &&
	   memcmp(a->samples[1].columns, b->samples[1].columns, 4 * sizeof(portrait_column_t)) == 0,
	   "with its portrait");
	model_destroy(back);
	ok(taken(bytes.data, bytes.size), "and written again");
	size_t cut = 0, harm = 0, changed = 0;
	uint8_t *copy = malloc(bytes.size);
	for (size_t size = MODEL_HEAD_SIZE + MODEL_CHECKSUM_SIZE; size < bytes.size; size++) {
		memcpy(copy, bytes.data, size);
		cut += taken(copy, size);
	}
	is_int(cut, 0, "cut at each length and sealed anew: refused");
	for (size_t i = 0; i < bytes.size - MODEL_CHECKSUM_SIZE; i++) {
		for (uint8_t bit = 0; bit < 8; bit++) {
			memcpy(copy, bytes.data, bytes.size);
			copy[i] ^= (uint8_t)(1 << bit);
			changed++;
			harm += taken(copy, bytes.size);
		}
	}
	ok(harm < changed, "each bit changed and sealed anew: %zu of %zu are taken, and are whole", harm,
	   changed);
	/* The time: 1 span of a day, from 1 day to 2 days. */
	size_t at = find(&bytes, DAY);
	memcpy(copy, bytes.data, bytes.size);
	copy[at - 4] = PORTRAIT_SPANS + 1;
	ok(!taken(copy, bytes.size), "too many lengths of windows");
	memcpy(copy, bytes.data, bytes.size);
	memset(copy + at + 16, 0, 8);
	ok(!taken(copy, bytes.size), "a time that ends before it begins");
	for (size_t i = 0; i < 3; i++) {
		/* Rows of the sample, missing ones of the first column, its number of edges. */
		static const size_t places[] = { 24, 32, 40 };
		memcpy(copy, bytes.data, bytes.size);
		copy[at + places[i]]++;
		ok(!taken(copy, bytes.size), "a count that does not fit, number %zu", i);
		memset(copy + at + places[i], 0xff, 4);
		ok(!taken(copy, bytes.size), "nor does a large one");
	}
	memcpy(copy, bytes.data, bytes.size);
	memset(copy + at + 44, 0xff, 8);
	ok(!taken(copy, bytes.size), "an edge that is no number");
	memcpy(copy + at + 44, bytes.data + at + 52, 8);
	ok(!taken(copy, bytes.size), "two edges that are one");
	free(copy);
	/* Without it the file is that of the version before. */
	model_set_portrait(model, NULL);
	bytes.size = 0;
	tap_require(model_write(model, &bytes, NULL) == STATUS_OK, "without a portrait");
	is_int(bytes.data[8], 2, "it is of version 2");
	ok(taken(bytes.data, bytes.size), "and is read");
	buffer_clear(&bytes);
	model_destroy(model);
}

int main(void)
{
	test_index();
	test_chance();
	test_spans();
	test_samples();
	test_file();
	return tap_done();
}
