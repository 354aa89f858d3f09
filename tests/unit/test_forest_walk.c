/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All ways to walk through trees that this machine has, held against the naive walk. */
#include "classifier/forest_walk.h"
#include "tests/unit/test_model_fixture.h"

/* Values that a walk could stumble over. */
static const double odd[] = { NAN, INFINITY, -INFINITY, -0.0, 0.0, 1e300, -1e300, 5e-324 };

/* Rows near the thresholds of a forest, and odd ones. */
static double *make_rows(const forest_t *forest, size_t rows, generator_t *generator)
{
	double *matrix = calloc(rows * forest->features, sizeof(*matrix));
	size_t nodes = forest->starts[forest->trees];
	for (size_t i = 0; i < rows * forest->features; i++) {
		const tree_node_t *node = &forest->nodes[generator_below(generator, nodes)];
		switch (generator_below(generator, 5)) {
		case 0:
			matrix[i] = odd[generator_below(generator, sizeof(odd) / sizeof(odd[0]))];
			break;
		case 1:
			matrix[i] = generator_normal(generator);
			break;
		case 2:
			matrix[i] = nextafter(node->threshold, INFINITY);
			break;
		default:
			matrix[i] = node->threshold;
			/* A threshold of its own feature hits more often. */
			if (!node->leaf) {
				matrix[i - i % forest->features + node->feature] = node->threshold;
			}
		}
	}
	return matrix;
}

static void naive_predict(const forest_t *forest, const double *matrix, size_t rows, double *out)
{
	model_t model = { .learned = (void *)forest };
	for (size_t row = 0; row < rows; row++) {
		fixture_predict(&model, matrix + row * forest->features, out + row * forest->classes);
	}
}

/* Holds every way against the naive walk, for batches of many sizes. */
static void check_walkers(const char *what, const forest_t *forest, size_t most)
{
	static const size_t sizes[] = { 1, 2, 3, 5, 8, 17, 64, 100, 255, 256, 257, 700, 3000 };
	generator_t generator = generator_make(5, 5);
	double *matrix = make_rows(forest, most, &generator);
	double *wanted = calloc(most * forest->classes, sizeof(*wanted));
	double *got = calloc(most * forest->classes, sizeof(*got));
	naive_predict(forest, matrix, most, wanted);
	for (size_t i = 0; i < walker_count; i++) {
		if (!walkers[i].is_available()) {
			ok(true, "%s: # SKIP this machine has no %s", what, walkers[i].name);
			continue;
		}
		size_t wrong = 0;
		for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]) && sizes[j] <= most; j++) {
			size_t first = most - sizes[j], count = sizes[j] * forest->classes;
			forest_predict_with(forest, &walkers[i], matrix + first * forest->features, sizes[j],
			                    got);
			wrong += memcmp(got, wanted + first * forest->classes, count * sizeof(*got)) != 0;
		}
		is_int(wrong, 0, "%s: %s gives the bits of the naive walk", what, walkers[i].name);
	}
	free(matrix);
	free(wanted);
	free(got);
}

static void check_trained(const char *what, size_t features, uint32_t trees, uint32_t min_leaf,
                          splits_t splits)
{
	dataset_t *dataset = fixture_clouds(11, 1500, features, 0.15);
	training_t training = training_default();
	training.trees = trees;
	training.min_leaf = min_leaf;
	training.splits = splits;
	training.threads = 2;
	model_t *model = fixture_train("forest", dataset, &training);
	forest_t *forest = model->learned;
	ok(forest->steps != NULL, "%s: the forest has steps", what);
	check_walkers(what, forest, 3000);
	/* Without them the nodes give the same. */
	free(forest->steps);
	forest->steps = NULL;
	check_walkers(what, forest, 300);
	model_destroy(model);
	dataset_destroy(dataset);
}

/* A tree of 2^17 leaves; bit b of a leaf's number is told by feature `one ? 0 : b`. */
static forest_t *make_complete(bool one)
{
	enum { DEPTH = 17, LEAVES = 1 << DEPTH };
	forest_t *forest = forest_create(one ? 1 : DEPTH, 2, 1, 2 * LEAVES - 1, 2 + LEAVES);
	forest->starts[1] = 2 * LEAVES - 1;
	for (uint32_t i = 0; i < LEAVES; i++) {
		forest->leaves[2 * (2 + i)] = (double)i / LEAVES;
		forest->leaves[2 * (2 + i) + 1] = 1 - (double)i / LEAVES;
		forest->nodes[LEAVES - 1 + i] = (tree_node_t) {
			.leaf = true, .child = 2 + i, .threshold = 1
		};
	}
	for (uint32_t i = 0; i < LEAVES - 1; i++) {
		unsigned level = 31 - (unsigned)__builtin_clz(i + 1);
		uint32_t place = i + 1 - (1u << level);
		forest->nodes[i] = (tree_node_t) {
			.child = 2 * i + 1, .feature = one ? 0 : (uint16_t)level, .missing_right = i % 2,
			.threshold = one ? ((double)place + 0.5) / (1u << level) : 0.5,
		};
	}
	return forest;
}

static void test_bounds(void)
{
	forest_t *forest = make_complete(false);
	ok(forest_compile(forest) && forest->steps != NULL, "more leaves than 16 bits can tell");
	check_walkers("131072 leaves", forest, 3000);
	forest_destroy(forest);
	forest = make_complete(true);
	ok(forest_compile(forest) && forest->steps == NULL, "more thresholds than 16 bits can tell");
	check_walkers("131071 thresholds", forest, 700);
	forest_destroy(forest);
	/* As many as fit: 65534 of one feature, in a chain of two-node steps to the right. */
	enum { CUTS = 65534, DEEP = 1000 };
	forest = forest_create(1, 2, CUTS / DEEP + 1, 2 * CUTS + CUTS / DEEP + 1, 2);
	for (size_t tree = 0, cut = 0; tree < forest->trees; tree++) {
		size_t start = forest->starts[tree], count = CUTS - cut < DEEP ? CUTS - cut : DEEP;
		for (uint32_t i = 0; i < count; i++, cut++) {
			forest->nodes[start + 2 * i] = (tree_node_t) {
				.child = 2 * i + 1, .threshold = (double)cut, .missing_right = cut % 64 != 0
			};
			forest->nodes[start + 2 * i + 1] = (tree_node_t) { .leaf = true, .child = i % 2 };
			/* The leaf is the left child, the chain goes on in the right one. */
		}
		forest->nodes[start + 2 * count] = (tree_node_t) { .leaf = true, .child = tree % 2 };
		forest->starts[tree + 1] = start + 2 * count + 1;
	}
	ok(forest_compile(forest) && forest->steps != NULL, "as many thresholds as 16 bits can tell");
	check_walkers("65534 thresholds", forest, 256);
	forest_destroy(forest);
}

int main(void)
{
	check_trained("pure leaves", 6, 25, 1, SPLITS_BINNED);
	check_trained("impure leaves", 6, 25, 7, SPLITS_BINNED);
	check_trained("exact splits", 6, 25, 1, SPLITS_EXACT);
	check_trained("one tree", 3, 1, 1, SPLITS_BINNED);
	check_trained("more trees than walks", 3, 300, 3, SPLITS_BINNED);
	check_trained("many features", 30, 9, 2, SPLITS_BINNED);
	test_bounds();
	return tap_done();
}
