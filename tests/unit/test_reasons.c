/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reasons and importance: by hand, and against the training rows themselves. */
#include "classifier/explain.h"
#include "tests/unit/test_model_fixture.h"

/* Share of a class, and of the classes the Gini impurity, among the rows that reach a node. */
typedef struct {
	double weight, share, impurity;
} reached_t;

typedef struct {
	const dataset_t *dataset;
	const forest_t *forest;
	size_t class_index;
	double importance[FIXTURE_FEATURES_MAX];
} naive_t;

/* Whether a row comes by a node, by walking it from the root. */
static bool comes_by(const naive_t *naive, size_t row, size_t wanted)
{
	const double *values = dataset_matrix(naive->dataset) + row * naive->forest->features;
	const tree_node_t *nodes = naive->forest->nodes;
	size_t at = 0;
	while (at != wanted && !nodes[at].leaf) {
		double x = values[nodes[at].feature];
		at = nodes[at].child + (isnan(x) ? nodes[at].missing_right : x > nodes[at].threshold);
	}
	return at == wanted;
}

static reached_t reach(const naive_t *naive, size_t node)
{
	double counts[8] = { 0 };
	reached_t reached = { .impurity = 1 };
	for (size_t row = 0; row < dataset_rows(naive->dataset); row++) {
		if (comes_by(naive, row, node)) {
			counts[dataset_labels(naive->dataset)[row]]++;
			reached.weight++;
		}
	}
	for (size_t i = 0; i < naive->forest->classes; i++) {
		double share = counts[i] / reached.weight;
		reached.impurity -= share * share;
	}
	reached.share = counts[naive->class_index] / reached.weight;
	return reached;
}

/* Follows each row, and counts what its nodes hold. */
static void check_reasons(const naive_t *naive, const model_t *model)
{
	const tree_node_t *nodes = naive->forest->nodes;
	size_t differ = 0, features = naive->forest->features;
	explainer_t *explainer;
	tap_require(explainer_create(model, naive->class_index, &explainer, NULL) == STATUS_OK,
	            "a tree explains");
	for (size_t row = 0; row < dataset_rows(naive->dataset); row++) {
		const double *values = dataset_matrix(naive->dataset) + row * features;
		double got[FIXTURE_FEATURES_MAX], wanted[FIXTURE_FEATURES_MAX] = { 0 };
		double base = model_explain(explainer, values, got);
		differ += fabs(base - reach(naive, 0).share) > 1e-12;
		for (size_t at = 0; !nodes[at].leaf;) {
			size_t next = nodes[at].child + !comes_by(naive, row, nodes[at].child);
			wanted[nodes[at].feature] += reach(naive, next).share - reach(naive, at).share;
			at = next;
		}
		for (size_t i = 0; i < features; i++) {
			differ += fabs(got[i] - wanted[i]) > 1e-12;
		}
	}
	is_int(differ, 0, "contributions are the changes of the share on the way");
	explainer_destroy(explainer);
}

/* A single tree learns from each row once, so its inner nodes can be counted out. */
static void test_tree_against_rows(void)
{
	enum { FEATURES = 4, ROWS = 120 };
	dataset_t *dataset = fixture_clouds(31, ROWS, FEATURES, 0.15);
	training_t training = training_default();
	training.min_leaf = 3;
	model_t *model = fixture_train("tree", dataset, &training);
	naive_t naive = { .dataset = dataset, .forest = model->learned, .class_index = 2 };
	size_t wrong = 0;
	double sum = 0, total = 0;
	for (size_t i = 0; i < naive.forest->starts[1]; i++) {
		const tree_node_t *node = &naive.forest->nodes[i];
		reached_t own = reach(&naive, i);
		if (node->leaf) {
			wrong += node->threshold != own.weight;
			continue;
		}
		reached_t left = reach(&naive, node->child), right = reach(&naive, node->child + 1);
		naive.importance[node->feature] += own.weight * own.impurity -
			left.weight * left.impurity - right.weight * right.impurity;
	}
	is_int(wrong, 0, "leaves weigh as many rows as fall into them");
	for (size_t i = 0; i < FEATURES; i++) {
		sum += naive.importance[i];
		total += model_feature_importance(model, i);
	}
	ok(fabs(total - 1) < 1e-12, "importances sum to 1");
	for (size_t i = 0; i < FEATURES; i++) {
		ok(fabs(model_feature_importance(model, i) - naive.importance[i] / sum) < 1e-12,
		   "importance of feature %zu: %g", i, model_feature_importance(model, i));
	}

	check_reasons(&naive, model);
	model_destroy(model);
	dataset_destroy(dataset);
}

/* The promise of model_explain(): base and contributions are the probability. */
static void check_sums(const model_t *model, const char *what)
{
	generator_t generator = generator_make(8, 8);
	size_t features = model_feature_count(model), classes = model_class_count(model), wrong = 0;
	double most = 0;
	for (size_t class_index = 0; class_index < classes; class_index++) {
		explainer_t *explainer;
		failure_t failure;
		tap_require(explainer_create(model, class_index, &explainer, &failure) == STATUS_OK,
		            "%s: class %zu", what, class_index);
		for (size_t round = 0; round < 300; round++) {
			double row[FIXTURE_FEATURES_MAX], contributions[FIXTURE_FEATURES_MAX];
			double probabilities[8];
			for (size_t i = 0; i < features; i++) {
				row[i] = generator_below(&generator, 8) == 0 ? NAN :
				         2 * generator_normal(&generator);
			}
			double sum = model_explain(explainer, row, contributions);
			for (size_t i = 0; i < features; i++) {
				sum += contributions[i];
				most = fmax(most, fabs(contributions[i]));
				wrong += !(fabs(contributions[i]) <= 1);
			}
			model_predict(model, row, 1, features, NULL, probabilities);
			wrong += !(fabs(sum - probabilities[class_index]) < 1e-9);
		}
		explainer_destroy(explainer);
	}
	is_int(wrong, 0, "%s: reasons sum to the probability", what);
	ok(most > 0.01, "%s: and are some (up to %g)", what, most);
}

static void test_sums(void)
{
	training_t training = training_default();
	training.trees = 60;
	dataset_t *clouds = fixture_clouds(9, 500, 6, 0.1);
	dataset_t *xor = fixture_xor(9, 400, 5, 0.05);
	model_t *model = fixture_train("forest", clouds, &training), *back;
	check_sums(model, "forest of three classes");
	buffer_t bytes = { 0 };
	tap_require(model_write(model, &bytes, NULL) == STATUS_OK &&
	            model_read(bytes.data, bytes.size, "m", &back, NULL) == STATUS_OK, "read back");
	check_sums(back, "forest from a file");
	model_destroy(back);
	model_destroy(model);
	buffer_clear(&bytes);
	training.class_weights = "yes=3,no=0.5";
	model = fixture_train("forest", xor, &training);
	check_sums(model, "forest with class weights");
	ok(model_feature_importance(model, 0) > 0.25 && model_feature_importance(model, 1) > 0.25 &&
	   model_feature_importance(model, 2) < 0.25, "the two features that matter: %g, %g",
	   model_feature_importance(model, 0), model_feature_importance(model, 1));
	model_destroy(model);
	dataset_destroy(clouds);
	dataset_destroy(xor);
}

/* Two features of exclusive or: the root gains nothing, its children gain all. */
static void test_by_hand(void)
{
	const double matrix[] = { 0, 0, 0, 1, 1, 0, 1, 1 };
	training_t training = training_default();
	dataset_t *dataset = fixture_make(2, matrix, "abba");
	model_t *model = fixture_train("tree", dataset, &training);
	explainer_t *explainer;
	double contributions[2];
	/* Which of the two equals comes first is a matter of chance. */
	size_t first = ((const forest_t *)model->learned)->nodes[0].feature, second = 1 - first;
	ok(model_feature_importance(model, first) == 0 && model_feature_importance(model, second) == 1,
	   "the second feature of the two does it all");
	tap_require(explainer_create(model, 0, &explainer, NULL) == STATUS_OK, "explainer");
	ok(model_explain(explainer, matrix + 2, contributions) == 0.5 && contributions[first] == 0 &&
	   contributions[second] == -0.5, "and is the reason");
	explainer_destroy(explainer);
	explainer_destroy(NULL);
	model_destroy(model);
	dataset_destroy(dataset);

	const double same[] = { 5, 5, 5, 5 };
	dataset = fixture_make(1, same, "abbb");
	model = fixture_train("tree", dataset, &training);
	ok(model_feature_importance(model, 0) == 0, "without splits nothing is important");
	tap_require(explainer_create(model, 0, &explainer, NULL) == STATUS_OK, "explainer");
	ok(model_explain(explainer, same, contributions) == 0.25 && contributions[0] == 0,
	   "and there is only the base");
	explainer_destroy(explainer);

	/* A kind without reasons says so. */
	static const model_kind_t mute = { .name = "mute" };
	model_t other = *model;
	other.kind = &mute;
	failure_t failure;
	is_int(explainer_create(&other, 0, &explainer, &failure), STATUS_UNSUPPORTED,
	       "a kind without reasons");
	is_text(failure.sentence, "a model of the kind 'mute' can give no reasons, only a tree or a "
	        "forest can", "its sentence");
	model_destroy(model);
	dataset_destroy(dataset);
}

int main(void)
{
	test_by_hand();
	test_tree_against_rows();
	test_sums();
	return tap_done();
}
