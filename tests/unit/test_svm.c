/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Support vector machines: held against libsvm itself, scales, probabilities, hostile files. */
#include <libsvm/svm.h>

#include "classifier/sigmoid.h"
#include "classifier/svm_machine.h"
#include "classifier/svm_problem.h"
#include "classifier/svm_train.h"
#include "tests/unit/test_model_fixture.h"

static training_t training_of(double cost, double gamma)
{
	training_t training = training_default();
	training.cost = cost;
	training.gamma = gamma;
	return training;
}

/* libsvm's own model with its own sigmoids, on our scaled rows in order of classes. */
static struct svm_model *train_reference(const svm_problem_t *problem, double cost, double gamma)
{
	int rows = (int)dataset_rows(problem->dataset);
	static double labels[1000];
	static struct svm_node *list[1000];
	for (int i = 0; i < rows; i++) {
		labels[i] = dataset_labels(problem->dataset)[problem->by_class[i]];
		list[i] = (struct svm_node *)svm_problem_row(problem, problem->by_class[i]);
	}
	struct svm_problem given = { .l = rows, .y = labels, .x = list };
	struct svm_parameter parameter = {
		.svm_type = C_SVC, .kernel_type = RBF, .gamma = gamma, .C = cost, .cache_size = 10,
		.eps = 1e-3, .shrinking = 1, .probability = 1,
	};
	tap_require(svm_check_parameter(&given, &parameter) == NULL, "libsvm takes the parameters");
	return svm_train(&given, &parameter);
}

/* Our prediction from libsvm's model against libsvm's prediction. */
static void hold_against_libsvm(const char *what, const dataset_t *dataset, double margin)
{
	size_t classes = dataset_classes(dataset), features = dataset_features(dataset), alike = 0;
	svm_problem_t *problem = svm_problem_create(dataset);
	struct svm_model *reference = train_reference(problem, 2, 0.2);
	svm_machine_t *machine = svm_machine_take(reference, problem->scales, features);
	double worst = 0, worst_sum = 0, wanted[SVM_CLASSES_MAX], got[SVM_CLASSES_MAX];
	for (size_t row = 0; row < dataset_rows(dataset); row++) {
		double told = svm_predict_probability(reference, svm_problem_row(problem, row), wanted);
		svm_machine_predict(machine, dataset_matrix(dataset) + row * features, 1, got);
		double sum = 0;
		for (size_t i = 0; i < classes; i++) {
			worst = fmax(worst, fabs(got[i] - wanted[i]));
			sum += got[i];
		}
		worst_sum = fmax(worst_sum, fabs(sum - 1));
		alike += (size_t)told == model_class_argmax(got, classes);
	}
	ok(worst < margin, "%s: probabilities are libsvm's (worst difference %g)", what, worst);
	ok(worst_sum < 1e-12, "%s: they sum to 1", what);
	is_int(alike, dataset_rows(dataset), "%s: the same classes", what);
	svm_machine_destroy(machine);
	svm_free_and_destroy_model(&reference);
	svm_problem_destroy(problem);
}

/* The whole of our training against libsvm's decision values and verdicts. */
static void test_training(void)
{
	dataset_t *dataset = fixture_xor(3, 400, 4, 0.05);
	training_t training = training_of(2, 0.2);
	model_t *model = fixture_train("svm", dataset, &training);
	svm_problem_t *problem = svm_problem_create(dataset);
	struct svm_model *reference = train_reference(problem, 2, 0.2);
	const svm_machine_t *machine = model->learned;
	is_int(machine->vectors, reference->l, "as many support vectors as libsvm's");
	is_near(machine->pairs[0].rho, reference->rho[0], 1e-9, "the same rho");
	double worst = 0;
	for (size_t v = 0; v < machine->vectors; v++) {
		worst = fmax(worst, fabs(machine->weights[v] - reference->sv_coef[0][v]));
	}
	ok(worst < 1e-9, "the same weights");
	/* libsvm deals its folds with rand() and has an offset: near ours, not the same. */
	is_near(machine->pairs[0].slope, reference->probA[0], 0.15 * fabs(reference->probA[0]),
	        "a sigmoid as steep as libsvm's");
	size_t alike = 0;
	for (size_t row = 0; row < dataset_rows(dataset); row++) {
		double p[2];
		model_predict(model, dataset_matrix(dataset) + row * 4, 1, 4, NULL, p);
		alike += (double)model_class_argmax(p, 2) ==
		         svm_predict(reference, svm_problem_row(problem, row));
	}
	is_int(alike, dataset_rows(dataset), "the more probable class is the one libsvm decides for");
	ok(fixture_accuracy(model, dataset) > 0.9, "exclusive-or is learnt");
	svm_free_and_destroy_model(&reference);
	svm_problem_destroy(problem);
	model_destroy(model);
	dataset_destroy(dataset);
}

static void test_scales(void)
{
	static const double matrix[] = {
		1, 5, NAN, NAN, 2, 5, NAN, 1e300, 3, 5, NAN, -1e300, 10, 5, NAN, 0, NAN, 5, NAN, 0,
	};
	dataset_t *dataset = fixture_make(4, matrix, "aabba");
	svm_problem_t *problem = svm_problem_create(dataset);
	const svm_scale_t *scale = problem->scales;
	is_near(scale[0].median, 2.5, 0, "median of the values that are there");
	is_near(scale[0].centre, 3.7, 1e-15, "mean, the missing value at the median");
	is_near(1 / scale[0].factor, sqrt(10.36), 1e-12, "standard deviation likewise");
	ok(scale[1].factor == 0, "a constant feature counts nothing");
	ok(scale[2].factor == 0 && scale[2].median == 0, "nor does one that is missing everywhere");
	ok(isfinite(scale[3].factor) && scale[3].factor > 0, "huge values are held within bounds");
	double scaled[4];
	svm_machine_scale(scale, 4, (double[]) { NAN, 7, 1, 1e308 }, scaled);
	is_near(scaled[0], (2.5 - 3.7) / sqrt(10.36), 1e-12, "a missing value becomes the median");
	ok(scaled[1] == 0 && scaled[2] == 0 && isfinite(scaled[3]), "all is finite");
	svm_problem_destroy(problem);
	dataset_destroy(dataset);
}

/* Rows outside of the training part must not move the scales. */
static void test_training_part(void)
{
	dataset_t *dataset = fixture_clouds(5, 300, 5, 0.05), *part, *other;
	size_t rows[200];
	for (size_t i = 0; i < 200; i++) {
		rows[i] = i;
	}
	tap_require(dataset_subset(dataset, rows, 200, &part, NULL) == STATUS_OK, "a training part");
	svm_problem_t *of_part = svm_problem_create(part), *of_all = svm_problem_create(dataset);
	training_t training = training_default();
	model_t *model = fixture_train("svm", part, &training);
	const svm_machine_t *machine = model->learned;
	ok(memcmp(machine->scales, of_part->scales, 5 * sizeof(svm_scale_t)) == 0,
	   "the model keeps the scales of its training part");
	ok(memcmp(machine->scales, of_all->scales, 5 * sizeof(svm_scale_t)) != 0,
	   "and these are not those of all rows");
	other = fixture_make(1, (double[]) { 100, 104, 106, 110 }, "abab");
	model_t *shifted = fixture_train("svm", other, &training);
	is_near(((const svm_machine_t *)shifted->learned)->scales[0].centre, 105, 1e-12,
	        "a machine predicts with the centre that it learnt");
	model_destroy(shifted);
	dataset_destroy(other);
	svm_problem_destroy(of_part);
	svm_problem_destroy(of_all);
	model_destroy(model);
	dataset_destroy(part);
	dataset_destroy(dataset);
}

static void test_sigmoid(void)
{
	/*
	 * At 1: 30 positive, 10 negative; at -1: 20 negative. By hand, with targets 31/32 and
	 * 1/32 and p at 1: 30 x 31/32 + 10/32 - 40 p - (20/32 - 20 (1 - p)) = 0, so p is 13/16.
	 */
	double decisions[60];
	uint8_t positive[60];
	for (size_t i = 0; i < 60; i++) {
		decisions[i] = i < 40 ? 1 : -1;
		positive[i] = i < 30;
	}
	is_near(1 / (1 + exp(sigmoid_fit(decisions, positive, 60))), 13.0 / 16, 1e-6,
	        "the sigmoid at 1");
	for (size_t i = 0; i < 60; i++) {
		positive[i] = !positive[i];
	}
	ok(sigmoid_fit(decisions, positive, 60) == SIGMOID_SLOPE_MAX,
	   "never falls, not even where decisions are worse than none");
}

/* Rows of one group stay in one fold, or the sigmoid is fitted to what is known by heart. */
static void test_folds(void)
{
	dataset_t *dataset = fixture_begin(1);
	for (size_t row = 0; row < 60; row++) {
		fixture_add(dataset, (double[]) { (double)row }, row % 2 == 0 ? "a" : "b");
		dataset_set_group(dataset, (char[]) { (char)('A' + row / 3), '\0' }, NULL);
	}
	tap_require(dataset_finish(dataset, NULL) == STATUS_OK, "twenty groups of three rows");
	svm_problem_t *problem = svm_problem_create(dataset);
	uint16_t fold_of[60];
	size_t counts[SVM_FOLDS] = { 0 };
	bool whole = true, even = true;
	svm_problem_deal(problem, 1, 1, fold_of);
	for (size_t row = 0; row < 60; row++) {
		whole = whole && fold_of[row] == fold_of[row / 3 * 3];
		counts[fold_of[row]]++;
	}
	for (size_t i = 0; i < SVM_FOLDS; i++) {
		even = even && counts[i] == 12;
	}
	ok(whole, "no group is in two folds");
	ok(even, "and the folds are of one size");
	svm_problem_destroy(problem);
	dataset_destroy(dataset);
}

static void same_bytes(const char *what, const dataset_t *dataset, bool grid)
{
	buffer_t buffers[3] = { { 0 } };
	for (size_t i = 0; i < 3; i++) {
		training_t training = training_default();
		training.grid = grid;
		training.threads = i == 1 ? 3 : 1;
		training.seed = i == 2 ? 2 : 1;
		model_t *model = fixture_train("svm", dataset, &training);
		model_write(model, &buffers[i], NULL);
		model_destroy(model);
		/* libsvm must not look at what others leave in rand(). */
		(void)rand();
	}
	ok(buffers[0].size == buffers[1].size &&
	   memcmp(buffers[0].data, buffers[1].data, buffers[0].size) == 0,
	   "%s: threads change no byte", what);
	ok(buffers[0].size != buffers[2].size ||
	   memcmp(buffers[0].data, buffers[2].data, buffers[0].size) != 0,
	   "%s: the seed does", what);
	model_t *again;
	failure_t failure = { 0 };
	buffer_t copy = { 0 };
	tap_require(model_read(buffers[0].data, buffers[0].size, "m", &again, &failure) == STATUS_OK,
	            "%s: the file is read (%s)", what, failure.sentence);
	model_write(again, &copy, NULL);
	ok(copy.size == buffers[0].size && memcmp(copy.data, buffers[0].data, copy.size) == 0,
	   "%s: and written again as it was", what);
	model_destroy(again);
	buffer_clear(&copy);
	for (size_t i = 0; i < 3; i++) {
		buffer_clear(&buffers[i]);
	}
}

/* Found out without learning, by learner_check() too. */
static void test_rows(void)
{
	dataset_t *dataset = fixture_begin(1);
	for (size_t i = 0; i <= SVM_ROWS_MAX; i++) {
		fixture_add(dataset, (double[]) { (double)i }, i % 2 == 0 ? "a" : "b");
	}
	tap_require(dataset_finish(dataset, NULL) == STATUS_OK, "a million rows and one");
	training_t training = training_default();
	failure_t failure;
	is_int(learner_check("svm", dataset, &training, &failure), STATUS_UNSUPPORTED, "are too many");
	is_text(failure.sentence, "1000001 rows: a support vector machine learns from at most 1000000, "
	        "as its time grows with their square", "and the sentence says so");
	is_int(learner_check("forest", dataset, &training, &failure), STATUS_OK, "but for a forest");
	training.mtry = 2;
	is_int(learner_check("forest", dataset, &training, &failure), STATUS_BAD_DATA,
	       "if it does not want more features than there are");
	is_int(learner_check("bush", dataset, &training, &failure), STATUS_UNSUPPORTED, "or is none");
	dataset_destroy(dataset);
}

static void test_limits(void)
{
	dataset_t *dataset = fixture_begin(1);
	for (size_t i = 0; i < 2 * (SVM_CLASSES_MAX + 1); i++) {
		char name[16];
		snprintf(name, sizeof(name), "c%02zu", i / 2);
		fixture_add(dataset, (double[]) { (double)i }, name);
	}
	tap_require(dataset_finish(dataset, NULL) == STATUS_OK, "33 classes");
	training_t training = training_default();
	failure_t failure;
	model_t *model = NULL;
	is_int(learner_train("svm", dataset, &training, &model, &failure), STATUS_UNSUPPORTED,
	       "are too many");
	is_text(failure.sentence, "33 classes: a support vector machine tells at most 32 apart",
	        "and the sentence says so");
	dataset_destroy(dataset);
	dataset = fixture_make(1, (double[]) { 1, 2, 3, 9, 100 }, "aaabc");
	model = fixture_train("svm", dataset, &training);
	ok(true, "classes of one row are learnt");
	double p[3];
	model_predict(model, (double[]) { NAN }, 1, 1, NULL, p);
	is_near(p[0] + p[1] + p[2], 1, 1e-12, "and a row without any value is told");
	model_destroy(model);
	training.cost = 0;
	is_int(learner_train("svm", dataset, &training, &model, &failure), STATUS_BAD_DATA, "no cost");
	is_text(failure.sentence, "cost must be 1e-09 to 1e+09, not 0", "its sentence");
	dataset_destroy(dataset);
}

/* Every byte of a file in turn is altered, and every length tried: refused or harmless. */
static void test_hostile(void)
{
	dataset_t *dataset = fixture_clouds(7, 40, 2, 0);
	training_t training = training_default();
	model_t *model = fixture_train("svm", dataset, &training), *read;
	buffer_t buffer = { 0 };
	model_write(model, &buffer, NULL);
	model_destroy(model);
	size_t refused = 0, cut = 0, bad = 0;
	for (size_t i = MODEL_HEAD_SIZE; i < buffer.size - MODEL_CHECKSUM_SIZE; i++) {
		for (unsigned flip = 0; flip < 3; flip++) {
			uint8_t *copy = malloc(buffer.size);
			memcpy(copy, buffer.data, buffer.size);
			copy[i] ^= (uint8_t[]) { 0xff, 0x40, 0x01 }[flip];
			model_seal(copy, buffer.size);
			if (model_read(copy, buffer.size, "m", &read, NULL) != STATUS_OK) {
				refused++;
			} else {
				double row[2] = { 1e308, -1e308 }, p[3] = { 0 };
				model_predict(read, row, 1, 2, NULL, p);
				bad += model_class_count(read) == 3 && !(fabs(p[0] + p[1] + p[2] - 1) < 1e-9);
				model_destroy(read);
			}
			free(copy);
		}
	}
	ok(refused > 100, "altered files are refused where it matters");
	is_int(bad, 0, "and what is taken still predicts probabilities");
	for (size_t size = MODEL_HEAD_SIZE + MODEL_CHECKSUM_SIZE; size < buffer.size; size++) {
		uint8_t *copy = malloc(size);
		memcpy(copy, buffer.data, size);
		model_seal(copy, size);
		cut += model_read(copy, size, "m", &read, NULL) == STATUS_BAD_DATA;
		free(copy);
	}
	is_int(cut, buffer.size - MODEL_HEAD_SIZE - MODEL_CHECKSUM_SIZE, "every cut file is refused");
	buffer_clear(&buffer);
	dataset_destroy(dataset);
}

int main(void)
{
	test_scales();
	test_training_part();
	test_sigmoid();
	test_folds();
	dataset_t *two = fixture_xor(1, 300, 3, 0.1), *three = fixture_clouds(2, 300, 7, 0.05);
	same_bytes("two classes", two, false);
	same_bytes("three classes", three, false);
	dataset_t *few = fixture_clouds(2, 60, 3, 0);
	same_bytes("grid", few, true);
	test_training();
	hold_against_libsvm("two classes", two, 1e-9);
	hold_against_libsvm("three classes", three, 1e-9);
	test_limits();
	test_rows();
	test_hostile();
	dataset_destroy(few);
	dataset_destroy(two);
	dataset_destroy(three);
	return tap_done();
}
