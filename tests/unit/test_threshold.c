/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The threshold: examples reckoned by hand, every line tried as the reference, and the verdict. */
#include "classifier/threshold.h"
#include "tests/unit/test_model_fixture.h"

#define ROWS_MAX 64

/* Rows of two classes, n and p, with these probabilities of p. */
static dataset_t *make(const double *probabilities, const char *letters, double *matrix)
{
	for (size_t i = 0; letters[i] != '\0'; i++) {
		matrix[2 * i] = 1 - probabilities[i];
		matrix[2 * i + 1] = probabilities[i];
	}
	return fixture_make(2, matrix, letters);
}

static status_t choose(const dataset_t *dataset, const double *matrix, double precision,
                       model_threshold_t *threshold, failure_t *failure)
{
	training_t training = training_default();
	training.precision = precision;
	*threshold = (model_threshold_t) { .exists = true, .class_index = 1 };
	return threshold_choose(dataset, &training, matrix, threshold, failure);
}

/* A choice of which the answer is known. */
typedef struct {
	const char *what;
	double probabilities[8];
	const char *letters;
	double precision;
	double value;
	model_rule_t rule;
} example_t;

static const example_t examples[] = {
	{ "the gap between the classes", { 0.1, 0.2, 0.7, 0.9 }, "nnpp", 0, 0.45, MODEL_RULE_F },
	{ "order does not matter", { 0.9, 0.2, 0.1, 0.7 }, "pnnp", 0, 0.45, MODEL_RULE_F },
	/* above .1: 4 rows, 3 right, F 6/7; above .7: F 4/5; above .65: F 2*2/(3+3) */
	{ "a false alarm that is worth it", { 0.1, 0.3, 0.65, 0.7, 0.9 }, "npnpp", 0, 0.2,
	  MODEL_RULE_F },
	/* above .5: 1 of 1, F 2/3; above .1: 2 of 4, F 4/6: the line nearest to one half */
	{ "equal F", { 0.9, 0.1, 0.5, 0.5 }, "ppnn", 0, 0.7, MODEL_RULE_F },
	{ "equal probabilities stay together", { 0.5, 0.5, 0.5 }, "npp", 0, 0.5, MODEL_RULE_F },
	{ "nothing is left out", { NAN, NAN, NAN }, "npp", 0, 0.5, MODEL_RULE_FIXED },
	{ "rows without a probability do not count", { 0.2, 0.9, NAN, 0.4 }, "nppp", 0, 0.3,
	  MODEL_RULE_F },
	{ "precision", { 0.1, 0.3, 0.65, 0.7, 0.9 }, "npnpp", 0.9, 0.68, MODEL_RULE_PRECISION },
	{ "the least with it", { 0.1, 0.3, 0.65, 0.7, 0.9 }, "npnpp", 0.75, 0.2,
	  MODEL_RULE_PRECISION },
	{ "any precision", { 0.1, 0.3, 0.6 }, "npp", 0.1, 0.1, MODEL_RULE_PRECISION },
	{ "a narrow gap", { 0.123, 0.124, 0.2 }, "npp", 0, 0.1235, MODEL_RULE_F },
	{ "no gap at all", { 0.5, 0.5 + 0x1p-53, 0.6 }, "npp", 0, 0.5 + 0x1p-53, MODEL_RULE_F },
};

static void test_examples(void)
{
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const example_t *example = &examples[i];
		double matrix[16];
		model_threshold_t threshold;
		failure_t failure = { 0 };
		dataset_t *dataset = make(example->probabilities, example->letters, matrix);
		is_int(choose(dataset, matrix, example->precision, &threshold, &failure), STATUS_OK,
		       "%s", example->what);
		ok(fabs(threshold.value - example->value) < 1e-12, "%s: at %g", example->what,
		   threshold.value);
		ok(threshold.rule == example->rule && threshold.precision == example->precision,
		   "%s: the rule", example->what);
		dataset_destroy(dataset);
	}
}

/* Figures of a line, by counting. */
static void count(const double *matrix, const char *letters, double value, double *f,
                  double *precision)
{
	size_t above = 0, right = 0, positives = 0;
	for (size_t i = 0; letters[i] != '\0'; i++) {
		above += matrix[2 * i + 1] >= value;
		right += matrix[2 * i + 1] >= value && letters[i] == 'p';
		positives += letters[i] == 'p';
	}
	*f = 2 * (double)right / (double)(above + positives);
	*precision = above > 0 ? (double)right / (double)above : 0;
}

/* Tries a line at each row's probability; returns the number of choices that it betters. */
static size_t bettered(const double *matrix, const char *letters, const model_threshold_t *by_f,
                       const model_threshold_t *by_precision, double wanted)
{
	double f, precision, got_f, got_precision, other;
	size_t wrong = 0;
	count(matrix, letters, by_f->value, &got_f, &other);
	count(matrix, letters, by_precision->value, &other, &got_precision);
	wrong += got_precision < wanted;
	for (size_t i = 0; letters[i] != '\0'; i++) {
		count(matrix, letters, matrix[2 * i + 1], &f, &precision);
		wrong += f > got_f;
		wrong += precision >= wanted && matrix[2 * i + 1] < by_precision->value;
	}
	return wrong;
}

static void test_against_naive(void)
{
	generator_t generator = generator_make(5, 5);
	size_t wrong = 0, refused = 0, refused_wrongly = 0;
	for (size_t round = 0; round < 500; round++) {
		double probabilities[ROWS_MAX], matrix[2 * ROWS_MAX], wanted = 0.8;
		char letters[ROWS_MAX + 1] = { 0 };
		size_t rows = 4 + generator_below(&generator, ROWS_MAX - 4);
		for (size_t i = 0; i < rows; i++) {
			letters[i] = i < 2 ? 'p' : i < 4 ? 'n' : generator_below(&generator, 4) == 0 ? 'p' : 'n';
			probabilities[i] = round % 2 == 0 ? (double)generator_below(&generator, 10) / 10 :
			                   generator_uniform(&generator) * (letters[i] == 'p' ? 1 : 0.8);
		}
		dataset_t *dataset = make(probabilities, letters, matrix);
		model_threshold_t by_f, by_precision;
		if (choose(dataset, matrix, 0, &by_f, NULL) != STATUS_OK) {
			abort();
		}
		if (choose(dataset, matrix, wanted, &by_precision, NULL) == STATUS_OK) {
			wrong += bettered(matrix, letters, &by_f, &by_precision, wanted);
		} else {
			refused++;
			for (size_t i = 0; i < rows; i++) {
				double f, precision;
				count(matrix, letters, matrix[2 * i + 1], &f, &precision);
				refused_wrongly += precision >= wanted;
			}
		}
		dataset_destroy(dataset);
	}
	is_int(wrong, 0, "no line is better than the chosen one");
	ok(refused > 0 && refused < 400 && refused_wrongly == 0,
	   "%zu times there is none of that precision, and it is said", refused);
}

static void test_verdict(void)
{
	model_t model = { .class_count = 4 };
	ok(isnan(model_threshold(&model, NULL)), "no positive class");
	is_int(model_verdict(&model, (double[]) { 0.3, 0.4, 0.3, 0 }), 1, "the most probable class");
	model.threshold = (model_threshold_t) { .exists = true, .class_index = 2, .value = 0.3 };
	size_t positive = 0;
	ok(model_threshold(&model, &positive) == 0.3 && positive == 2, "a positive class");
	is_int(model_verdict(&model, (double[]) { 0.3, 0.4, 0.3, 0 }), 2, "at the threshold");
	is_int(model_verdict(&model, (double[]) { 0.3, 0.4, 0.299, 0 }), 1, "below it");
	is_int(model_verdict(&model, (double[]) { 0.4, 0.4, 0.2, 0 }), 0, "the first of equal ones");
	model.threshold.value = 0.8;
	is_int(model_verdict(&model, (double[]) { 0.1, 0.1, 0.7, 0.1 }), 0,
	       "the most probable class, but below its threshold");
	model.threshold.class_index = 0;
	is_int(model_verdict(&model, (double[]) { 0.7, 0.1, 0.1, 0.1 }), 1,
	       "the positive class may be the first");
}

static void refused(const dataset_t *dataset, const training_t *training, const char *kind,
                    const char *part)
{
	model_t *model = NULL;
	failure_t failure = { 0 };
	ok(learner_train(kind, dataset, training, &model, &failure) == STATUS_BAD_DATA &&
	   model == NULL && strstr(failure.sentence, part) != NULL, "refused: %s", failure.sentence);
}

static void test_training(void)
{
	dataset_t *dataset = fixture_clouds(12, 300, 4, 0.1);
	training_t training = training_default();
	training.trees = 40;
	model_t *model = fixture_train("forest", dataset, &training);
	size_t scan = 0;
	double threshold = model_threshold(model, &scan), wanted;
	ok(threshold > 0 && threshold < 1 && model_threshold_rule(model, NULL) == MODEL_RULE_F &&
	   strcmp(model_class_name(model, scan), "scan") == 0, "scan is the positive class: %g",
	   threshold);
	model_destroy(model);

	training.precision = 0.9;
	model = fixture_train("forest", dataset, &training);
	model_tally_t tally = model_class_tally(model, scan);
	ok((double)tally.right >= 0.9 * (double)tally.predicted && tally.right > 0 &&
	   model_threshold_rule(model, &wanted) == MODEL_RULE_PRECISION && wanted == 0.9,
	   "by precision: %llu of %llu", (unsigned long long)tally.right,
	   (unsigned long long)tally.predicted);
	model_destroy(model);
	refused(dataset, &training, "tree", "out-of-bag");
	training.precision = 1.5;
	refused(dataset, &training, "forest", "precision must be");

	dataset_destroy(dataset);
}

static void test_given(void)
{
	dataset_t *dataset = fixture_clouds(12, 300, 4, 0.1);
	training_t training = training_default();
	training.trees = 40;
	size_t scan = 0;
	training.threshold = 0.25;
	training.positive = "mail";
	model_t *model = fixture_train("tree", dataset, &training);
	ok(model_threshold(model, &scan) == 0.25 && scan == 1 &&
	   model_threshold_rule(model, NULL) == MODEL_RULE_FIXED, "a threshold that is given");
	model_destroy(model);
	training.threshold = NAN;
	refused(dataset, &training, "tree", "threshold must be");
	training.threshold = 0;
	training.positive = "spam";
	refused(dataset, &training, "forest", "no row has the class 'spam'");
	training.positive = NULL;
	model = fixture_train("tree", dataset, &training);
	ok(model_threshold(model, &scan) == 0.5 && scan == 2, "a tree has one half");
	model_destroy(model);
	dataset_destroy(dataset);
	dataset = fixture_xor(1, 60, 3, 0);
	model = fixture_train("forest", dataset, &training);
	ok(isnan(model_threshold(model, NULL)), "no class scan, no threshold");
	model_destroy(model);
	dataset_destroy(dataset);
}

int main(void)
{
	test_examples();
	test_against_naive();
	test_verdict();
	test_training();
	test_given();
	return tap_done();
}
