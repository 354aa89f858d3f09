/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Class weights: their texts, and what they do to splits, leaves and the estimate out of bag. */
#include "tests/unit/test_model_fixture.h"

#include "classifier/class_weights.h"

static void test_texts(void)
{
	dataset_t *dataset = fixture_make(1, (double[]) { 1, 2, 3, 4, 5, 6 }, "abbbcc");
	double weights[3];
	ok(class_weights_parse(NULL, dataset, weights, NULL) == STATUS_OK && weights[0] == 1 &&
	   weights[1] == 1 && weights[2] == 1, "no text: 1 for all");
	ok(class_weights_parse("balanced", dataset, weights, NULL) == STATUS_OK && weights[0] == 2 &&
	   weights[1] == 6.0 / 9 && weights[2] == 1, "balanced: rows / (classes x rows of the class)");
	ok(class_weights_parse("c=2.5,a=1e-1", dataset, weights, NULL) == STATUS_OK &&
	   weights[0] == 0.1 && weights[1] == 1 && weights[2] == 2.5, "two of three are named");
	static const struct { const char *text, *sentence; } wrong[] = {
		{ "", "class-weights must be balanced or NAME=W,..., not ''" },
		{ "equal", "class-weights must be balanced or NAME=W,..., not 'equal'" },
		{ "a=1,", "class-weights must be balanced or NAME=W,..., not ''" },
		{ "d=1", "class-weights: no row has the class 'd'" },
		{ "a=1,b=2,a=1", "class-weights: the class 'a' is named twice" },
		{ "a=", "class-weights: the weight of 'a' must be 1e-06 to 1e+06, not ''" },
		{ "a=0", "class-weights: the weight of 'a' must be 1e-06 to 1e+06, not '0'" },
		{ "a=-1", "class-weights: the weight of 'a' must be 1e-06 to 1e+06, not '-1'" },
		{ "a=nan", "class-weights: the weight of 'a' must be 1e-06 to 1e+06, not 'nan'" },
		{ "a=0x1p3", "class-weights: the weight of 'a' must be 1e-06 to 1e+06, not '0x1p3'" },
		{ "a=2e6", "class-weights: the weight of 'a' must be 1e-06 to 1e+06, not '2e6'" },
		{ "a=1 ", "class-weights: the weight of 'a' must be 1e-06 to 1e+06, not '1 '" },
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		failure_t failure = { 0 };
		ok(class_weights_parse(wrong[i].text, dataset, weights, &failure) == STATUS_BAD_DATA,
		   "'%s' is refused", wrong[i].text);
		is_text(failure.sentence, wrong[i].sentence, "its sentence");
	}
	char long_text[400];
	memset(long_text, 'a', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	ok(class_weights_parse(long_text, dataset, weights, NULL) == STATUS_BAD_DATA,
	   "a text longer than a model carries is refused");
	dataset_destroy(dataset);
}

/* Equal rows of two classes make one leaf, whose frequencies the weights move. */
static void test_leaf(void)
{
	const double same[] = { 5, 5, 5, 5 };
	dataset_t *dataset = fixture_make(1, same, "abbb");
	training_t training = training_default();
	double probabilities[2];
	training.class_weights = "balanced";
	model_t *model = fixture_train("tree", dataset, &training);
	model_predict(model, same, 1, 1, NULL, probabilities);
	ok(probabilities[0] == 0.5 && probabilities[1] == 0.5, "balanced: one to three is half to half");
	is_text(model_parameter_key(model, model_parameter_count(model) - 1), "class-weights",
	        "the model names the parameter");
	model_destroy(model);
	training.class_weights = "a=9";
	model = fixture_train("tree", dataset, &training);
	model_predict(model, same, 1, 1, NULL, probabilities);
	ok(probabilities[0] == 0.75 && probabilities[1] == 0.25, "a=9: nine to three");
	model_destroy(model);
	dataset_destroy(dataset);
}

/*
 * One feature, six rows a b a b b b, depth 1. Without weights the cut 3|4 scores
 * (4 + 1)/3 + 9/3 = 4.67, more than 1|2 with 1 + (1 + 16)/5 = 4.4. With b = 0.1, the first
 * scores (4 + .01)/2.1 + .09/.3 = 2.21 and 1|2 scores 1 + (1 + .16)/1.4 = 1.83. With b = 10,
 * 3|4 is (4 + 100)/12 + 900/30 = 38.67, 1|2 is 1 + (1 + 1600)/41 = 40.05: the other cut.
 */
static void test_split(void)
{
	static const struct { const char *weights; double threshold; } cases[] = {
		{ NULL, 3.5 }, { "b=0.1", 3.5 }, { "b=10", 1.5 }, { "a=0.1", 1.5 },
	};
	dataset_t *dataset = fixture_make(1, (double[]) { 1, 2, 3, 4, 5, 6 }, "ababbb");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		training_t training = training_default();
		training.max_depth = 1;
		training.class_weights = cases[i].weights;
		model_t *model = fixture_train("tree", dataset, &training);
		ok(((forest_t *)model->learned)->nodes[0].threshold == cases[i].threshold,
		   "%s: the root's cut is at %g", cases[i].weights != NULL ? cases[i].weights : "no weights",
		   cases[i].threshold);
		model_destroy(model);
	}
	dataset_destroy(dataset);
}

/* Weights of 1 give the trees that no weights give; balanced ones find more of a rare class. */
static void test_forest(void)
{
	generator_t generator = generator_make(8, 8);
	dataset_t *dataset = fixture_begin(4);
	for (size_t row = 0; row < 2000; row++) {
		bool rare = generator_uniform(&generator) < 0.05;
		double values[4];
		for (size_t i = 0; i < 4; i++) {
			values[i] = generator_normal(&generator) + (rare && i < 2 ? 1.5 : 0);
		}
		fixture_add(dataset, values, rare ? "rare" : "usual");
	}
	tap_require(dataset_finish(dataset, NULL) == STATUS_OK, "rows of which a twentieth is rare");
	training_t training = training_default();
	training.trees = 60;
	training.min_leaf = 20;
	training.threads = 2;
	model_t *plain = fixture_train("forest", dataset, &training);
	training.class_weights = "rare=1,usual=1";
	model_t *ones = fixture_train("forest", dataset, &training);
	training.class_weights = "balanced";
	model_t *balanced = fixture_train("forest", dataset, &training);
	const forest_t *a = plain->learned, *b = ones->learned;
	ok(a->starts[60] == b->starts[60] &&
	   memcmp(a->nodes, b->nodes, a->starts[60] * sizeof(*a->nodes)) == 0,
	   "weights of 1 give the trees of no weights");
	model_tally_t few = model_class_tally(plain, 0), more = model_class_tally(balanced, 0);
	ok(few.rows == more.rows && more.right > few.right && more.predicted > few.predicted,
	   "balanced weights find %d of %d rare rows out of bag, no weights %d", (int)more.right,
	   (int)more.rows, (int)few.right);
	model_destroy(plain);
	model_destroy(ones);
	model_destroy(balanced);
	dataset_destroy(dataset);
}

int main(void)
{
	test_texts();
	test_leaf();
	test_split();
	test_forest();
	return tap_done();
}
