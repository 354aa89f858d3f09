/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model file: round trip, and whatever can be wrong with it. */
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/test_model_alterations.h"
#include "tests/unit/test_model_fixture.h"

#define DATE UINT64_C(1700000000123456)

static char path[] = "test_model.XXXXXX";

/* A small forest with impure leaves, missing directions and three classes. */
static model_t *make_model(const char *kind)
{
	dataset_t *dataset = fixture_clouds(11, 40, 3, 0.2);
	training_t training = training_default();
	training.trees = 3;
	training.min_leaf = 6;
	training.created = DATE;
	model_t *model = fixture_train(kind, dataset, &training);
	dataset_destroy(dataset);
	return model;
}

static buffer_t make_bytes(const char *kind)
{
	buffer_t buffer = { 0 };
	model_t *model = make_model(kind);
	if (model_write(model, &buffer, NULL) != STATUS_OK) {
		abort();
	}
	model_destroy(model);
	return buffer;
}

static void check_same(const model_t *a, const model_t *b)
{
	is_text(model_kind_name(b), model_kind_name(a), "kind");
	ok(model_created(b) == DATE, "date");
	is_int(model_feature_count(b), 3, "number of features");
	is_int(model_class_count(b), 3, "number of classes");
	for (size_t i = 0; i < 3; i++) {
		model_tally_t x = model_class_tally(a, i), y = model_class_tally(b, i);
		is_text(model_feature_name(b, i), model_feature_name(a, i), "name of feature %zu", i);
		is_text(model_class_name(b, i), model_class_name(a, i), "name of class %zu", i);
		ok(model_class_rows(b, i) == model_class_rows(a, i) && model_class_rows(b, i) > 0,
		   "rows of class %zu", i);
		ok(memcmp(&x, &y, sizeof(x)) == 0, "tally of class %zu", i);
		ok(model_feature_importance(b, i) == model_feature_importance(a, i),
		   "importance of feature %zu", i);
	}
	double precision[2];
	size_t positive[2] = { 9, 9 };
	ok(model_threshold(a, &positive[0]) == model_threshold(b, &positive[1]) &&
	   positive[0] == 2 && positive[1] == 2, "threshold and its class");
	ok(model_threshold_rule(a, &precision[0]) == model_threshold_rule(b, &precision[1]) &&
	   precision[0] == precision[1], "and how it was chosen");
	is_int(model_parameter_count(b), 6, "number of parameters");
	is_text(model_parameter_key(b, 2), "min-leaf", "key of a parameter");
	is_text(model_parameter_value(b, 2), "6", "value of a parameter");
	generator_t generator = generator_make(1, 2);
	size_t differ = 0;
	for (size_t i = 0; i < 300; i++) {
		double row[3], x[3], y[3];
		for (size_t j = 0; j < 3; j++) {
			row[j] = i % 5 == j ? NAN : 2 * generator_normal(&generator);
		}
		model_predict(a, row, 1, 3, NULL, x);
		model_predict(b, row, 1, 3, NULL, y);
		differ += memcmp(x, y, sizeof(x)) != 0;
	}
	is_int(differ, 0, "the same predictions, bit by bit");
}

static void test_round_trip(const char *kind)
{
	model_t *model = make_model(kind), *back;
	failure_t failure = { 0 };
	buffer_t bytes = make_bytes(kind), again = { 0 };
	ok(model_checksum(model) == 0, "no checksum before it is saved");
	tap_require(model_save(model, path, &failure) == STATUS_OK, "%s is saved", kind);
	tap_require(model_load(path, &back, &failure) == STATUS_OK, "and loaded (%s)", failure.sentence);
	check_same(model, back);
	ok(model_checksum(back) != 0, "the checksum is known");
	ok(model_write(back, &again, NULL) == STATUS_OK && again.size == bytes.size &&
	   memcmp(again.data, bytes.data, bytes.size) == 0, "what was loaded writes the same bytes");
	buffer_clear(&bytes);
	buffer_clear(&again);
	model_destroy(model);
	model_destroy(back);
	model_destroy(NULL);
}

static void test_map(void)
{
	static const char *const names[] = { "x", "f2", "f0", "known_f", "f1" };
	model_t *model = make_model("tree");
	size_t columns[3];
	failure_t failure;
	ok(model_map_features(model, names, 5, columns, &failure) == STATUS_OK && columns[0] == 2 &&
	   columns[1] == 4 && columns[2] == 1, "features are found among columns");
	is_int(model_map_features(model, names, 4, columns, &failure), STATUS_BAD_DATA, "f1 lacks");
	is_text(failure.sentence, "there is no column for the model's feature 'f1'", "its sentence");
	model_destroy(model);
}

static bool refused(const buffer_t *bytes, size_t size, failure_t *failure)
{
	/* A copy of its own size: reading past it is then an error that a sanitizer sees. */
	uint8_t *copy = malloc(size > 0 ? size : 1);
	memcpy(copy, bytes->data, size);
	model_t *model = NULL;
	*failure = (failure_t) { 0 };
	status_t status = model_read(copy, size, "file.kbm", &model, failure);
	free(copy);
	model_destroy(model);
	return status != STATUS_OK && status == failure->status && model == NULL &&
	       strncmp(failure->sentence, "model 'file.kbm': ", 18) == 0;
}

static void test_damage(void)
{
	buffer_t bytes = make_bytes("forest");
	failure_t failure;
	size_t taken = 0, sealed = 0;
	for (size_t size = 0; size < bytes.size; size++) {
		taken += !refused(&bytes, size, &failure);
	}
	is_int(taken, 0, "cut at each of %zu lengths: refused", bytes.size);
	for (size_t i = 0; i < bytes.size; i++) {
		for (int bit = 0; bit < 8; bit++) {
			bytes.data[i] ^= (uint8_t)(1 << bit);
			taken += !refused(&bytes, bytes.size, &failure);
			bytes.data[i] ^= (uint8_t)(1 << bit);
		}
	}
	is_int(taken, 0, "each bit flipped: refused");
	/* With the checksum made right, a cut file must still be refused. */
	for (size_t size = MODEL_HEAD_SIZE + MODEL_CHECKSUM_SIZE; size < bytes.size; size++) {
		buffer_t cut = { 0 };
		buffer_append(&cut, bytes.data, size);
		model_seal(cut.data, size);
		sealed += !refused(&cut, size, &failure);
		buffer_clear(&cut);
	}
	is_int(sealed, 0, "cut at each length and sealed anew: refused");
	buffer_clear(&bytes);
}

/* Loads bytes that were altered and sealed; if they are taken, predictions must be sane. */
static bool harmless(const uint8_t *bytes, size_t size)
{
	static const double values[] = { NAN, -INFINITY, INFINITY, 0, 1.5, -1e308 };
	model_t *model;
	failure_t failure;
	if (model_read(bytes, size, "file.kbm", &model, &failure) != STATUS_OK) {
		return strncmp(failure.sentence, "model 'file.kbm': ", 18) == 0;
	}
	size_t features = model_feature_count(model), classes = model_class_count(model);
	double *row = calloc(features, sizeof(*row)), *probabilities = calloc(classes, sizeof(*row));
	bool good = true;
	for (size_t i = 0; i < 6; i++) {
		double sum = 0;
		for (size_t j = 0; j < features; j++) {
			row[j] = values[(i + j) % 6];
		}
		model_predict(model, row, 1, features, NULL, probabilities);
		for (size_t j = 0; j < classes; j++) {
			good = good && probabilities[j] >= 0 && probabilities[j] <= 1 + 1e-9;
			sum += probabilities[j];
		}
		good = good && fabs(sum - 1) < 1e-6;
	}
	free(row);
	free(probabilities);
	model_destroy(model);
	return good;
}

static void test_sealed_damage(const char *kind)
{
	static const uint8_t patterns[] = { 0x01, 0x02, 0x10, 0x7f, 0x80, 0xff };
	buffer_t bytes = make_bytes(kind);
	uint8_t *copy = malloc(bytes.size);
	size_t harm = 0;
	for (size_t i = 0; i < bytes.size - MODEL_CHECKSUM_SIZE; i++) {
		for (size_t pattern = 0; pattern < sizeof(patterns); pattern++) {
			memcpy(copy, bytes.data, bytes.size);
			copy[i] ^= patterns[pattern];
			model_seal(copy, bytes.size);
			harm += !harmless(copy, bytes.size);
		}
		/* And whole words, as counts, indices and doubles are. */
		for (size_t width = 4; width <= 8 && i + width <= bytes.size - MODEL_CHECKSUM_SIZE;
		     width += 4) {
			memcpy(copy, bytes.data, bytes.size);
			memset(copy + i, i % 2 == 0 ? 0xff : 0, width);
			model_seal(copy, bytes.size);
			harm += !harmless(copy, bytes.size);
		}
	}
	is_int(harm, 0, "%s: each byte and word altered and sealed anew does no harm", kind);
	free(copy);
	buffer_clear(&bytes);
}

static void put_le(uint8_t *at, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++) {
		at[i] = (uint8_t)(value >> (8 * i));
	}
}

static void put_double(uint8_t *at, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	put_le(at, bits, 8);
}

static void check_alteration(const buffer_t *bytes, const alteration_t *alteration)
{
	buffer_t copy = { 0 };
	failure_t failure;
	char wanted[FAILURE_SENTENCE_MAX];
	buffer_append(&copy, bytes->data, bytes->size);
	uint8_t *at = alteration->from_end ?
		copy.data + copy.size - MODEL_CHECKSUM_SIZE - alteration->at : copy.data + alteration->at;
	if (alteration->width > 0) {
		put_le(at, alteration->value, alteration->width);
	} else {
		put_double(at, alteration->number);
	}
	model_seal(copy.data, copy.size);
	ok(refused(&copy, copy.size, &failure), "%s: refused", alteration->what);
	snprintf(wanted, sizeof(wanted), "model 'file.kbm': %s", alteration->sentence);
	is_text(failure.sentence, wanted, "%s: its sentence", alteration->what);
	is_int(failure.status, alteration->status, "%s: its status", alteration->what);
	buffer_clear(&copy);
}

/* The file of four rows of exclusive or. */
static buffer_t make_xor(void)
{
	static const char *const names[] = { "aa", "bb" };
	dataset_t *dataset;
	buffer_t buffer = { 0 };
	if (dataset_create(names, 2, &dataset, NULL) != STATUS_OK) {
		abort();
	}
	for (int i = 0; i < 4; i++) {
		fixture_add(dataset, (double[]) { i / 2, i % 2 }, i == 0 || i == 3 ? "n" : "p");
	}
	training_t training = training_default();
	training.positive = "p";
	if (dataset_finish(dataset, NULL) != STATUS_OK) {
		abort();
	}
	model_t *model = fixture_train("tree", dataset, &training);
	if (model_write(model, &buffer, NULL) != STATUS_OK) {
		abort();
	}
	model_destroy(model);
	dataset_destroy(dataset);
	return buffer;
}

static void test_alterations(void)
{
	buffer_t bytes = make_xor();
	failure_t failure;
	for (size_t i = 0; i < sizeof(alterations) / sizeof(alterations[0]); i++) {
		check_alteration(&bytes, &alterations[i]);
	}
	ok(!refused(&bytes, bytes.size, &failure), "unaltered, it is taken");
	/* A byte behind the end, with and without a head that knows of it. */
	buffer_u8(&bytes, 0);
	ok(refused(&bytes, bytes.size, &failure) && strstr(failure.sentence, "bytes behind its end"),
	   "a byte behind its end: %s", failure.sentence);
	model_seal(bytes.data, bytes.size);
	ok(refused(&bytes, bytes.size, &failure) && strstr(failure.sentence, "behind its end"),
	   "a byte behind the trees: %s", failure.sentence);
	buffer_clear(&bytes);
}

/* Frequencies of leaves, in a file that has some. */
static void test_leaves(void)
{
	buffer_t bytes = make_bytes("tree");
	model_t *model;
	failure_t failure;
	tap_require(model_read(bytes.data, bytes.size, "m", &model, NULL) == STATUS_OK, "a tree");
	const forest_t *forest = model->learned;
	size_t nodes = forest->starts[1], impure = forest->leaf_rows - 3;
	tap_require(impure > 0, "that has %zu impure leaves", impure);
	size_t at = bytes.size - MODEL_CHECKSUM_SIZE - nodes * NODE - 4 - impure * 3 * 8;
	static const struct { double number; const char *sentence; } wrong[] = {
		{ NAN, "leaf 3 has a frequency outside 0 to 1" },
		{ INFINITY, "leaf 3 has a frequency outside 0 to 1" },
		{ -0.5, "leaf 3 has a frequency outside 0 to 1" },
		{ 1.5, "leaf 3 has a frequency outside 0 to 1" },
		{ 0.999, "the frequencies of leaf 3 do not sum to 1" },
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		put_double(bytes.data + at, wrong[i].number);
		model_seal(bytes.data, bytes.size);
		ok(refused(&bytes, bytes.size, &failure), "a frequency of %g", wrong[i].number);
		is_text(strchr(failure.sentence, ':') + 2, wrong[i].sentence, "its sentence");
	}
	model_destroy(model);
	buffer_clear(&bytes);
	/* The kind `tree` has one tree. */
	bytes = make_bytes("forest");
	put_le(bytes.data + 28, 4, 4);
	memcpy(bytes.data + 32, "tree", 4);
	memmove(bytes.data + 36, bytes.data + 38, bytes.size - 38);
	bytes.size -= 2;
	model_seal(bytes.data, bytes.size);
	ok(refused(&bytes, bytes.size, &failure), "a tree of three trees");
	is_text(strchr(failure.sentence, ':') + 2, "3 trees, where there must be one", "its sentence");
	buffer_clear(&bytes);
}

/* A tree whose right children go on and on, `depth` times. */
static forest_t *make_chain(size_t depth)
{
	forest_t *forest = forest_create(3, 3, 1, 2 * depth + 1, 3);
	for (size_t i = 0; i < depth; i++) {
		forest->nodes[2 * i] = (tree_node_t) {
			.threshold = (double)i, .child = (uint32_t)(2 * i + 1),
		};
		forest->nodes[2 * i + 1] = (tree_node_t) {
			.leaf = true, .child = i % 3, .threshold = 1,
		};
	}
	forest->nodes[2 * depth] = (tree_node_t) { .leaf = true, .threshold = 1 };
	forest->starts[1] = 2 * depth + 1;
	return forest;
}

static void test_depth(void)
{
	model_t *model = make_model("tree");
	failure_t failure;
	for (size_t depth = TREE_DEPTH_MAX; depth <= TREE_DEPTH_MAX + 1; depth++) {
		buffer_t bytes = { 0 };
		forest_destroy(model->learned);
		model->learned = make_chain(depth);
		tap_require(model_write(model, &bytes, NULL) == STATUS_OK, "a tree of depth %zu", depth);
		ok(refused(&bytes, bytes.size, &failure) == (depth > TREE_DEPTH_MAX), "%s",
		   depth > TREE_DEPTH_MAX ? failure.sentence : "is taken");
		buffer_clear(&bytes);
	}
	ok(strstr(failure.sentence, "tree 0 has more depth than is allowed") != NULL, "its sentence");
	model_destroy(model);
}

static void check_load(const char *what, const char *name, status_t wanted, const char *part)
{
	model_t *model = NULL;
	failure_t failure = { 0 };
	is_int(model_load(name, &model, &failure), wanted, "%s: refused", what);
	ok(strstr(failure.sentence, name) != NULL && strstr(failure.sentence, part) != NULL &&
	   model == NULL, "%s: %s", what, failure.sentence);
}

static void test_files(void)
{
	check_load("missing", "test_model.missing", STATUS_SYSTEM, "cannot open model");
	check_load("a folder", ".", STATUS_BAD_DATA, "this is no regular file");
	check_load("a device", "/dev/null", STATUS_BAD_DATA, "this is no regular file");
	FILE *file = fopen(path, "w");
	tap_require(file != NULL && fclose(file) == 0, "an empty file");
	check_load("empty", path, STATUS_BAD_DATA, "the file is empty");
	tap_require(truncate(path, (off_t)MODEL_SIZE_MAX + 1) == 0, "a sparse file");
	check_load("too large", path, STATUS_BAD_DATA, "are above");
	unlink(path);
	/* Opening a pipe must not wait for somebody to write to it. */
	tap_require(mkfifo(path, 0600) == 0, "a pipe");
	check_load("a pipe", path, STATUS_BAD_DATA, "this is no regular file");
	model_t *model = make_model("tree");
	failure_t failure;
	is_int(model_save(model, "test_model.missing/x", &failure), STATUS_SYSTEM, "no such folder");
	ok(strstr(failure.sentence, "test_model.missing/x") != NULL, "its sentence names the file");
	model_destroy(model);
}

int main(void)
{
	int fd = mkstemp(path);
	tap_require(fd >= 0, "a file to test with");
	close(fd);
	test_round_trip("forest");
	test_round_trip("tree");
	test_map();
	test_damage();
	test_sealed_damage("forest");
	test_sealed_damage("tree");
	test_alterations();
	test_leaves();
	test_depth();
	test_files();
	unlink(path);
	return tap_done();
}
