/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All ways to walk through trees that this machine has, held against the naive walk. */
#include "classifier/clusters.h"
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
static void check_walkers(const char *what, forest_t *forest, size_t most)
{
	static const size_t sizes[] = { 1, 2, 3, 5, 8, 17, 64, 100, 255, 256, 257, 700, 3000 };
	generator_t generator = generator_make(5, 5);
	double *matrix = make_rows(forest, most, &generator);
	double *wanted = calloc(most * forest->classes, sizeof(*wanted));
	double *got = calloc(most * forest->classes, sizeof(*got));
	naive_predict(forest, matrix, most, wanted);
	for (size_t i = 0; i < walker_count; i++) {
		if (!walkers[i]->is_available()) {
			ok(true, "%s: # SKIP this machine has no %s", what, walkers[i]->name);
			continue;
		}
		size_t wrong = !forest_compile(forest, walkers[i], 1);
		for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]) && sizes[j] <= most; j++) {
			size_t first = most - sizes[j], count = sizes[j] * forest->classes;
			forest_predict(forest, matrix + first * forest->features, sizes[j], got);
			wrong += memcmp(got, wanted + first * forest->classes, count * sizeof(*got)) != 0;
		}
		is_int(wrong, 0, "%s: %s gives the bits of the naive walk", what, walkers[i]->name);
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
	check_walkers(what, model->learned, 3000);
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

/* Thresholds of one feature, in chains that go on to the right, each with a leaf to the left. */
static forest_t *make_chains(size_t cuts)
{
	enum { DEEP = 1000 };
	size_t trees = (cuts + DEEP - 1) / DEEP;
	forest_t *forest = forest_create(1, 2, trees, 2 * cuts + trees, 2);
	for (size_t tree = 0, cut = 0; tree < trees; tree++) {
		tree_node_t *nodes = forest->nodes + forest->starts[tree];
		size_t count = cuts - cut < DEEP ? cuts - cut : DEEP;
		for (uint32_t i = 0; i < count; i++, cut++) {
			nodes[2 * i] = (tree_node_t) {
				.child = 2 * i + 1, .threshold = (double)cut, .missing_right = cut % 64 != 0
			};
			nodes[2 * i + 1] = (tree_node_t) { .leaf = true, .child = i % 2, .threshold = 1 };
		}
		nodes[2 * count] = (tree_node_t) { .leaf = true, .child = tree % 2, .threshold = 1 };
		forest->starts[tree + 1] = forest->starts[tree] + 2 * count + 1;
	}
	return forest;
}

/* Trees of a single leaf. */
static forest_t *make_stumps(void)
{
	forest_t *forest = forest_create(2, 3, 5, 5, 3);
	for (uint32_t tree = 0; tree < 5; tree++) {
		forest->nodes[tree] = (tree_node_t) { .leaf = true, .child = tree % 3, .threshold = 1 };
		forest->starts[tree + 1] = tree + 1;
	}
	return forest;
}

/* Which form a forest gets, and that all of them find the same. */
static void check_form(const char *what, forest_t *forest, size_t rows, const walker_t *asked,
                       const walker_t *wanted)
{
	ok(forest_compile(forest, asked, 2) && forest->walker == wanted,
	   "%s: %s when asked for %s", what, wanted->name, asked->name);
	check_walkers(what, forest, rows);
	forest_destroy(forest);
}

static void test_bounds(void)
{
	check_form("131072 leaves", make_complete(false), 3000, &walker_steps, &walker_steps);
	check_form("32767 thresholds", make_chains(32767), 256, &walker_clusters_plain,
	           &walker_clusters_plain);
	check_form("32768 thresholds", make_chains(32768), 256, &walker_clusters_plain,
	           &walker_steps);
	check_form("65534 thresholds", make_chains(65534), 256, &walker_steps, &walker_steps);
	check_form("131071 thresholds", make_complete(true), 700, &walker_steps, &walker_nodes);
	check_form("single leaves", make_stumps(), 300, &walker_clusters_plain,
	           &walker_clusters_plain);
}

/* Values near the cuts and far from them are ranked as by counting. */
static void check_cuts(const char *what, const double *cuts, uint32_t count)
{
	forest_t *forest = forest_create(1, 2, 1, 2 * count + 1, 2);
	for (uint32_t i = 0; i < count; i++) {
		forest->nodes[2 * i] = (tree_node_t) { .child = 2 * i + 1, .threshold = cuts[i] };
		forest->nodes[2 * i + 1] = (tree_node_t) { .leaf = true, .threshold = 1 };
	}
	forest->nodes[2 * count] = (tree_node_t) { .leaf = true, .threshold = 1 };
	forest->starts[1] = 2 * count + 1;
	forest_cuts_t *made = forest_cuts_create(forest, 1);
	const feature_cuts_t *feature = &made->feature[0];
	size_t wrong = 0;
	for (uint32_t i = 0; i < count; i++) {
		const double near[] = {
			cuts[i], nextafter(cuts[i], INFINITY), nextafter(cuts[i], -INFINITY), -cuts[i],
			odd[i % (sizeof(odd) / sizeof(odd[0]))],
		};
		enum { NEAR = sizeof(near) / sizeof(near[0]) };
		uint32_t ranks[NEAR];
		feature_cuts_rank(feature, near, 1, NEAR, ranks);
		for (size_t j = 0; j < NEAR; j++) {
			uint32_t below = 0;
			for (size_t k = 0; k < feature->count; k++) {
				below += feature->values[k] < near[j];
			}
			wrong += ranks[j] != below;
		}
	}
	is_int(wrong, 0, "%s: ranks are as counted", what);
	forest_cuts_destroy(made);
	forest_destroy(forest);
}

static void test_cuts(void)
{
	enum { COUNT = 700 };
	double cuts[COUNT];
	generator_t generator = generator_make(3, 3);
	for (size_t i = 0; i < COUNT; i++) {
		cuts[i] = generator_normal(&generator);
	}
	check_cuts("normal", cuts, COUNT);
	check_cuts("few", cuts, 5);
	check_cuts("one", cuts, 1);
	for (size_t i = 0; i < COUNT; i++) {
		cuts[i] = exp(40 * cuts[i]);
	}
	check_cuts("over many magnitudes", cuts, COUNT);
	cuts[0] = INFINITY;
	check_cuts("with an infinite one", cuts, COUNT);
	cuts[1] = -1.7e308;
	cuts[2] = 1.7e308;
	check_cuts("wider than a double", cuts, COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		cuts[i] = 5e-324 * (double)(i % 90);
	}
	check_cuts("closer than a double can divide", cuts, COUNT);
}

static bool same_clusters(const forest_t *forest, const clusters_t *a, const clusters_t *b)
{
	size_t trees = forest->trees, leaves = (forest->starts[trees] + trees) / 2;
	size_t starts = trees + 1, count = a->starts[trees];
	return memcmp(a->starts, b->starts, starts * sizeof(*a->starts)) == 0 &&
	       memcmp(a->leaves, b->leaves, leaves * sizeof(*a->leaves)) == 0 &&
	       memcmp(a->clusters, b->clusters, count * sizeof(*a->clusters)) == 0;
}

/* However many threads cut the trees, and sort their thresholds, the bytes are the same. */
static void test_threads(void)
{
	dataset_t *dataset = fixture_clouds(13, 1500, 6, 0.15);
	training_t training = training_default();
	training.trees = 40;
	model_t *model = fixture_train("forest", dataset, &training);
	forest_t *forest = model->learned;
	forest_cuts_t *cuts = forest_cuts_create(forest, 1), *others = forest_cuts_create(forest, 4);
	size_t differ = 0;
	for (size_t i = 0; i < forest->features; i++) {
		const feature_cuts_t *one = &cuts->feature[i], *other = &others->feature[i];
		differ += one->count != other->count || one->count == 0 ||
		          memcmp(one->values, other->values, one->count * sizeof(*one->values)) != 0;
	}
	is_int(differ, 0, "thresholds are the same by one thread and by four");
	clusters_t *by_one = NULL, *by_four = NULL;
	bool made = clusters_create(forest, cuts, 1, &by_one) &&
	            clusters_create(forest, others, 4, &by_four);
	ok(made && same_clusters(forest, by_one, by_four), "so are clusters");
	clusters_destroy(by_one);
	clusters_destroy(by_four);
	forest_cuts_destroy(cuts);
	forest_cuts_destroy(others);
	model_destroy(model);
	dataset_destroy(dataset);
}

int main(void)
{
	check_trained("pure leaves", 6, 25, 1, SPLITS_BINNED);
	check_trained("impure leaves", 6, 25, 7, SPLITS_BINNED);
	check_trained("exact splits", 6, 25, 1, SPLITS_EXACT);
	check_trained("one tree", 3, 1, 1, SPLITS_BINNED);
	check_trained("more trees than walks", 3, 300, 3, SPLITS_BINNED);
	check_trained("many features", 30, 9, 2, SPLITS_BINNED);
	check_trained("more features than a cache line", 33, 9, 2, SPLITS_BINNED);
	test_bounds();
	test_cuts();
	test_threads();
	return tap_done();
}
