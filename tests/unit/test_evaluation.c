/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluation: what leaks nothing, what threads cannot change, and figures that are known. */
#include "classifier/evaluation.h"
#include "classifier/trial.h"
#include "tests/unit/test_model_fixture.h"

static evaluation_plan_t plan_of(const char *algorithm)
{
	evaluation_plan_t plan = {
		.algorithm = algorithm, .training = training_default(), .repetitions = 6, .train = 0.6,
		.seed = 1, .threads = 2,
	};
	plan.training.trees = 10;
	return plan;
}

static evaluation_t *run(const dataset_t *dataset, const evaluation_plan_t *plan)
{
	evaluation_t *answer;
	failure_t failure;
	if (evaluation_run(dataset, plan, &answer, &failure) != STATUS_OK) {
		printf("Bail out! %s\n", failure.sentence);
		exit(1);
	}
	return answer;
}

static bool same(const evaluation_t *a, const evaluation_t *b)
{
	return a->trials == b->trials && memcmp(&a->f, &b->f, sizeof(a->f)) == 0 &&
	       memcmp(a->confusion, b->confusion,
	              a->class_count * a->class_count * sizeof(*a->confusion)) == 0 &&
	       memcmp(a->classes, b->classes, a->class_count * sizeof(*a->classes)) == 0 &&
	       memcmp(a->features, b->features, a->feature_count * sizeof(*a->features)) == 0;
}

static void test_threads(void)
{
	static const char *const algorithms[] = { "tree", "forest", "svm" };
	dataset_t *dataset = fixture_clouds(1, 150, 4, 0.05);
	for (size_t i = 0; i < 3; i++) {
		evaluation_plan_t plan = plan_of(algorithms[i]);
		plan.training.smote = 1;
		evaluation_t *two = run(dataset, &plan);
		plan.threads = 1;
		evaluation_t *one = run(dataset, &plan);
		plan.threads = 5;
		evaluation_t *five = run(dataset, &plan);
		plan.seed = 2;
		evaluation_t *other = run(dataset, &plan);
		ok(same(one, two) && same(one, five), "%s: threads change no figure", algorithms[i]);
		ok(!same(five, other), "%s: the seed does", algorithms[i]);
		evaluation_destroy(one);
		evaluation_destroy(two);
		evaluation_destroy(five);
		evaluation_destroy(other);
	}
	dataset_destroy(dataset);
}

/* f0 tells all, f1 nothing. */
static void test_known(void)
{
	dataset_t *dataset = fixture_begin(2);
	generator_t generator = generator_make(1, 0);
	for (size_t row = 0; row < 200; row++) {
		bool yes = row % 4 == 0;
		fixture_add(dataset, (double[]) { (yes ? 5 : 0) + generator_uniform(&generator),
		            generator_uniform(&generator) }, yes ? "yes" : "no");
	}
	tap_require(dataset_finish(dataset, NULL) == STATUS_OK, "classes that part clearly");
	evaluation_plan_t plan = plan_of("forest");
	evaluation_t *answer = run(dataset, &plan);
	ok(answer->accuracy.mean == 1 && answer->f.mean == 1 && answer->f.deviation == 0,
	   "are told without an error");
	is_int(answer->confusion[0], 6 * 60, "the confusion sums the test parts of all trials: no");
	is_int(answer->confusion[3], 6 * 20, "and yes: 40 %% of each class, six times");
	ok(answer->classes[1].roc_area.mean == 1 && answer->classes[1].average_precision.mean == 1 &&
	   answer->classes[1].roc[0] == 1, "the areas are full");
	ok(answer->features[0].permutation.mean > 0.3 && answer->features[1].permutation.mean == 0,
	   "only the feature that tells is missed when shuffled");
	ok(answer->features[0].gini.mean > 0.9, "and has the Gini importance");
	evaluation_destroy(answer);
	plan.folds = 5;
	answer = run(dataset, &plan);
	is_int(answer->trials, 5, "five folds are five trials");
	is_int(answer->confusion[0] + answer->confusion[3], 200, "that test each row once");
	evaluation_destroy(answer);
	dataset_destroy(dataset);
}

/*
 * Every group of two rows has a place and a class drawn by lot: whoever has seen one of
 * the rows knows the other; whoever has not can only guess.
 */
static void test_groups(void)
{
	for (int grouped = 0; grouped < 2; grouped++) {
		dataset_t *dataset = fixture_begin(1);
		generator_t generator = generator_make(5, 0);
		for (size_t pair = 0; pair < 150; pair++) {
			const char *class = generator_below(&generator, 2) == 0 ? "p" : "q";
			double value = generator_uniform(&generator);
			for (size_t i = 0; i < 2; i++) {
				char name[24];
				snprintf(name, sizeof(name), "%zu", pair);
				fixture_add(dataset, &value, class);
				if (grouped) {
					dataset_set_group(dataset, name, NULL);
				}
			}
		}
		tap_require(dataset_finish(dataset, NULL) == STATUS_OK, "pairs of equal rows");
		evaluation_plan_t plan = plan_of("tree");
		evaluation_t *answer = run(dataset, &plan);
		if (grouped) {
			ok(answer->accuracy.mean < 0.6, "with groups, nothing is known by heart (%g)",
			   answer->accuracy.mean);
		} else {
			ok(answer->accuracy.mean > 0.7, "without, much is (%g)", answer->accuracy.mean);
		}
		evaluation_destroy(answer);
		dataset_destroy(dataset);
	}
}

/* The figures must not move when only the test part does: the part learnt from is all there is. */
static void test_no_leak(void)
{
	dataset_t *dataset = fixture_begin(2), *moved = fixture_begin(2);
	generator_t generator = generator_make(6, 0);
	size_t learnt[100], tested[50];
	for (size_t row = 0; row < 150; row++) {
		bool yes = row % 5 == 0;
		double values[] = { yes + generator_normal(&generator), generator_normal(&generator) };
		fixture_add(dataset, values, yes ? "yes" : "no");
		/* The second half of the test part lies far away, which a scale of all rows would see. */
		if (row >= 125) {
			values[0] = values[1] = 1e6;
		}
		fixture_add(moved, values, yes ? "yes" : "no");
		*(row < 100 ? &learnt[row] : &tested[row - 100]) = row;
	}
	tap_require(dataset_finish(dataset, NULL) == STATUS_OK &&
	            dataset_finish(moved, NULL) == STATUS_OK, "two datasets that differ in the end");
	static const char *const algorithms[] = { "tree", "forest", "svm" };
	for (size_t i = 0; i < 3; i++) {
		evaluation_plan_t plan = plan_of(algorithms[i]);
		plan.training.smote = 1;
		trial_t one = { 0 }, other = { 0 };
		failure_t failure;
		trial_run(dataset, &plan, 1, learnt, 100, tested, 25, false, &one, &failure);
		trial_run(moved, &plan, 1, learnt, 100, tested, 25, false, &other, &failure);
		ok(memcmp(one.curves, other.curves, 2 * sizeof(*one.curves)) == 0 &&
		   memcmp(one.confusion, other.confusion, 4 * sizeof(*one.confusion)) == 0,
		   "%s with SMOTE: rows that are not learnt from move nothing", algorithms[i]);
		is_int(one.confusion[0] + one.confusion[1] + one.confusion[2] + one.confusion[3], 25,
		       "%s: no made-up row is tested", algorithms[i]);
		trial_clear(&one);
		trial_clear(&other);
	}
	dataset_destroy(dataset);
	dataset_destroy(moved);
}

static void check_refusal(const dataset_t *dataset, const evaluation_plan_t *plan,
                          const char *sentence)
{
	evaluation_t *answer = NULL;
	failure_t failure = { 0 };
	is_int(evaluation_run(dataset, plan, &answer, &failure), STATUS_BAD_DATA, "refused");
	is_text(failure.sentence, sentence, "with its sentence");
	ok(answer == NULL, "and no answer");
}

static void test_edges(void)
{
	dataset_t *dataset = fixture_make(1, (double[]) { 1, 2, 3, 4, 5, 6, 9 }, "aaaabbc");
	evaluation_plan_t plan = plan_of("svm");
	evaluation_t *answer = run(dataset, &plan);
	ok(answer->classes[2].trials == 0 && answer->classes[2].f.mean == 0,
	   "a class of one row is learnt from and never tested");
	ok(answer->f.mean > 0, "and the others are");
	evaluation_destroy(answer);
	plan.folds = 5;
	answer = run(dataset, &plan);
	ok(answer->classes[2].trials == 1 && answer->classes[2].f.mean == 0,
	   "in a fold without it, it is told wrongly");
	evaluation_destroy(answer);
	plan.folds = 8;
	check_refusal(dataset, &plan, "7 rows or groups of rows are too few for 8 parts");
	plan.folds = 1;
	check_refusal(dataset, &plan, "folds must be 2 to 1000, not 1");
	plan.folds = 0;
	plan.train = 1;
	check_refusal(dataset, &plan, "the share to train with must be between 0 and 1, not 1");
	plan.train = 0.6;
	plan.repetitions = 0;
	check_refusal(dataset, &plan, "repetitions must be 1 to 1000, not 0");
	dataset_destroy(dataset);
	dataset = fixture_make(1, (double[]) { 1, 2, 3, 4 }, "aaab");
	plan.folds = 4;
	check_refusal(dataset, &plan, "the training part: all 3 rows have the class 'a': there is "
	              "nothing to tell apart");
	dataset_destroy(dataset);
	evaluation_destroy(NULL);
}

int main(void)
{
	test_known();
	test_threads();
	test_groups();
	test_no_leak();
	test_edges();
	return tap_done();
}
