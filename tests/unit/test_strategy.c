/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strategies over days, against a naive reference, and what may never stand on both sides. */
#include "classifier/strategy.h"
#include "classifier/strategy_walk.h"
#include "common/keyed_hash.h"
#include "tests/unit/test_model_fixture.h"

#define FEATURES_OF_DAYS 3
#define ORIGINATORS 60
#define DAY_COUNT 6

static const char *const feature_texts[] = { "f0", "f1", "f2" };
static const char *const class_texts[] = { "cdn", "mail", "scan" };

/* How rows of the test's days come to be. */
typedef struct {
	bool by_heart;  /* features say who it is, and nothing of the class */
	uint64_t seed;
} recipe_t;

/*
 * Days by hand: each originator is there on some of them, has a class of its own, changes it on
 * the last day now and then, and has no label at all if its number is a multiple of 7.
 */
static days_t *make_days(const recipe_t *recipe)
{
	days_t *days = calloc(1, sizeof(*days));
	size_t most = ORIGINATORS * DAY_COUNT;
	generator_t generator = generator_make(recipe->seed, 0);
	if (days == NULL || dataset_create(feature_texts, FEATURES_OF_DAYS, &days->names, NULL) !=
	    STATUS_OK) {
		abort();
	}
	for (size_t i = 0; i < 3; i++) {
		uint32_t index;
		if (dataset_class(days->names, class_texts[i], &index, NULL) != STATUS_OK) {
			abort();
		}
	}
	days->features = FEATURES_OF_DAYS;
	days->originator_count = ORIGINATORS;
	days->matrix = calloc(most * FEATURES_OF_DAYS, sizeof(double));
	days->labels = calloc(most, sizeof(*days->labels));
	days->originators = calloc(most, sizeof(*days->originators));
	for (size_t day = 0; day < DAY_COUNT; day++) {
		days->days[days->count++] = (day_t) { .moment = day, .first = days->rows };
		for (uint32_t i = 0; i < ORIGINATORS; i++) {
			uint32_t class_index = (uint32_t)(checksum(&i, sizeof(i)) % 3);
			class_index = day == DAY_COUNT - 1 && i % 11 == 0 ? 2 : class_index;
			if (day != 2 && generator_uniform(&generator) < 0.3) {
				continue;
			}
			double *row = days->matrix + days->rows * FEATURES_OF_DAYS;
			for (size_t j = 0; j < FEATURES_OF_DAYS; j++) {
				row[j] = recipe->by_heart ? (double)(i * 7 + j) :
				         (j == class_index ? 1.5 : 0) + generator_normal(&generator);
			}
			bool label = i % 7 != 0;
			days->labels[days->rows] = label ? class_index : DAYS_NONE;
			days->days[day].labelled += label;
			days->originators[days->rows++] = i;
		}
	}
	return days;
}

static strategy_plan_t plan_of(const char *algorithm)
{
	strategy_plan_t plan = {
		.plan = {
			.algorithm = algorithm, .training = training_default(), .repetitions = 4, .train = 0.6,
			.seed = 1, .threads = 2,
		},
		.chosen = { true, true, true }, .train_on = 2, .positive = "scan",
	};
	plan.plan.training.trees = 8;
	return plan;
}

/* The reference: strategies as strategy.h defines them, a row at a time. */

/* Trains on the rows of a day, by a list of who is known as what; NULL if that cannot be. */
static model_t *naive_learn(const days_t *days, const strategy_plan_t *plan, size_t trial,
                            size_t day, const uint8_t *tested, const uint32_t *known,
                            size_t *learnt)
{
	dataset_t *dataset = fixture_begin(FEATURES_OF_DAYS);
	*learnt = 0;
	for (size_t row = 0; row < days->rows; row++) {
		uint32_t who = days->originators[row];
		bool of_day = row >= days->days[day].first && row < days_end(days, day);
		if (of_day && !tested[who] && known[who] != DAYS_NONE) {
			char text[16];
			fixture_add(dataset, days->matrix + row * FEATURES_OF_DAYS, class_texts[known[who]]);
			snprintf(text, sizeof(text), "%u", (unsigned)who);
			dataset_set_group(dataset, text, NULL);
			++*learnt;
		}
	}
	model_t *model = NULL;
	if (dataset_finish(dataset, NULL) == STATUS_OK) {
		training_t training = plan->plan.training;
		generator_t generator = generator_make(plan->plan.seed,
		                                       (UINT64_C(3) << 32) + trial * DAYS_MAX + day);
		training.seed = generator_next(&generator);
		model = fixture_train(plan->plan.algorithm, dataset, &training);
	}
	dataset_destroy(dataset);
	return model;
}

static uint32_t naive_tell(const days_t *days, const model_t *model, size_t row)
{
	double probabilities[3];
	model_predict(model, days->matrix + row * FEATURES_OF_DAYS, 1, FEATURES_OF_DAYS, NULL,
	              probabilities);
	const char *name = model_class_name(model, model_class_argmax(probabilities,
	                                                              model_class_count(model)));
	uint32_t index = 0;
	while (strcmp(class_texts[index], name) != 0) {
		index++;
	}
	return index;
}

/* Macro F of a model on the tested rows of a day; NaN if there are none. */
static double naive_f(const days_t *days, const model_t *model, size_t day, const uint8_t *tested)
{
	double of[3] = { 0 }, told[3] = { 0 }, right[3] = { 0 }, sum = 0, classes = 0;
	for (size_t row = days->days[day].first; row < days_end(days, day); row++) {
		if (tested[days->originators[row]] && days->labels[row] != DAYS_NONE) {
			uint32_t verdict = naive_tell(days, model, row);
			of[days->labels[row]]++;
			told[verdict]++;
			right[verdict] += verdict == days->labels[row];
		}
	}
	for (size_t i = 0; i < 3; i++) {
		if (of[i] > 0) {
			classes++;
			sum += 2 * right[i] / (of[i] + told[i]);
		}
	}
	return classes > 0 ? sum / classes : NAN;
}

/* Macro F of each day. */
static void naive_walk(const days_t *days, const strategy_plan_t *plan, strategy_t strategy,
                       size_t trial, const uint8_t *tested, double *f, size_t *learnt)
{
	uint32_t first[ORIGINATORS], known[ORIGINATORS];
	for (size_t i = 0; i < ORIGINATORS; i++) {
		first[i] = DAYS_NONE;
	}
	size_t from = plan->train_on;
	for (size_t row = days->days[from].first; row < days_end(days, from); row++) {
		first[days->originators[row]] = days->labels[row];
	}
	for (int back = 0; back < 2; back++) {
		memcpy(known, first, sizeof(known));
		for (size_t step = 0; back ? step <= from : from + step < days->count; step++) {
			size_t day = back ? from - step : from + step;
			size_t of_day = strategy == STRATEGY_TRAIN_ONCE ? from : day;
			model_t *model = naive_learn(days, plan, trial, of_day, tested, known, &learnt[day]);
			f[day] = model != NULL ? naive_f(days, model, day, tested) : NAN;
			for (size_t row = days->days[day].first; row < days_end(days, day) &&
			     strategy == STRATEGY_SELF_TRAIN; row++) {
				uint32_t who = days->originators[row];
				if (!tested[who] && first[who] == DAYS_NONE) {
					known[who] = naive_tell(days, model, row);
				}
			}
			model_destroy(model);
		}
	}
}

static void test_reference(void)
{
	days_t *days = make_days(&(recipe_t) { .seed = 1 });
	strategy_plan_t plan = plan_of("forest");
	uint8_t tested[ORIGINATORS];
	uint32_t known[ORIGINATORS];
	generator_t generator = generator_make(9, 0);
	for (size_t i = 0; i < ORIGINATORS; i++) {
		tested[i] = i % 7 != 0 && generator_uniform(&generator) < 0.4;
		known[i] = DAYS_NONE;
	}
	for (size_t row = days->days[2].first; row < days_end(days, 2); row++) {
		known[days->originators[row]] = days->labels[row];
	}
	strategy_course_t course = {
		.days = days, .plan = &plan, .features = (const char *[]) { "f0", "f1", "f2" },
		.classes = (const char *[]) { "cdn", "mail", "scan" }, .class_count = 3, .positive = 2,
		.labels = days->labels, .known = known,
	};
	double before = 0;
	for (strategy_t i = 0; i < STRATEGIES; i++) {
		strategy_score_t scores[DAY_COUNT] = { 0 };
		double f[DAY_COUNT], sum = 0;
		size_t learnt[DAY_COUNT];
		tap_require(strategy_walk(&course, i, 3, tested, scores, NULL) == STATUS_OK, "%s runs",
		            strategy_name(i));
		naive_walk(days, &plan, i, 3, tested, f, learnt);
		for (size_t day = 0; day < DAY_COUNT; day++) {
			ok(scores[day].tested && fabs(scores[day].summary.f - f[day]) < 1e-12 &&
			   scores[day].learnt == learnt[day], "%s, day %zu: as the reference, %.4f from %zu rows",
			   strategy_name(i), day, f[day], learnt[day]);
			sum += f[day];
		}
		ok(sum != before, "%s differs from the one before", strategy_name(i));
		before = sum;
	}
	days_destroy(days);
}

static strategy_figures_t *run(const days_t *days, const strategy_plan_t *plan)
{
	failure_t failure;
	strategy_figures_t *figures = calloc(STRATEGIES * days->count, sizeof(*figures));
	if (strategy_run(days, plan, figures, &failure) != STATUS_OK) {
		printf("Bail out! %s\n", failure.sentence);
		exit(1);
	}
	return figures;
}

static void test_threads(void)
{
	days_t *days = make_days(&(recipe_t) { .seed = 2 });
	strategy_plan_t plan = plan_of("forest");
	size_t size = STRATEGIES * days->count * sizeof(strategy_figures_t);
	for (int two = 0; two < 2; two++) {
		plan.two = two;
		plan.plan.threads = 1;
		strategy_figures_t *one = run(days, &plan);
		plan.plan.threads = 5;
		strategy_figures_t *five = run(days, &plan);
		plan.plan.seed++;
		strategy_figures_t *other = run(days, &plan);
		ok(memcmp(one, five, size) == 0, "%s classes: threads change no figure", two ? "two" : "all");
		ok(memcmp(one, other, size) != 0, "the seed does");
		const strategy_figures_t *re_extract = one + days->count, *self = one + 2 * days->count;
		ok(memcmp(&one[2], &re_extract[2], sizeof(*one)) == 0 &&
		   memcmp(&one[2], &self[2], sizeof(*one)) == 0, "on the training day all are the same");
		ok(self[4].learnt > re_extract[4].learnt, "later self-train has more to learn from");
		is_int(one[0].rows, days->days[0].labelled, "labelled rows of a day are counted");
		free(one);
		free(five);
		free(other);
	}
	days_destroy(days);
}

/* Whoever meets an originator on both sides knows its class; else one in three is guessed. */
static void test_sides(void)
{
	days_t *days = make_days(&(recipe_t) { .by_heart = true, .seed = 3 });
	for (size_t folds = 0; folds < 6; folds += 5) {
		strategy_plan_t plan = plan_of("tree");
		plan.plan.folds = folds;
		strategy_figures_t *figures = run(days, &plan);
		for (strategy_t i = 0; i < STRATEGIES; i++) {
			double most = 0;
			for (size_t day = 0; day < days->count; day++) {
				most = fmax(most, figures[i * days->count + day].accuracy.mean);
			}
			ok(most < 0.65, "%s, %zu folds: no originator is known by heart (%.3f at most)",
			   strategy_name(i), folds, most);
		}
		free(figures);
	}
	/* The check itself: with the same rows to learn and to test, the tree knows all. */
	uint8_t nobody[ORIGINATORS] = { 0 }, everybody[ORIGINATORS];
	uint32_t known[ORIGINATORS];
	memset(everybody, 1, sizeof(everybody));
	memset(known, 0xff, sizeof(known));
	for (size_t row = days->days[2].first; row < days_end(days, 2); row++) {
		known[days->originators[row]] = days->labels[row];
	}
	strategy_plan_t plan = plan_of("tree");
	size_t learnt;
	model_t *model = naive_learn(days, &plan, 0, 2, nobody, known, &learnt);
	ok(naive_f(days, model, 3, everybody) == 1, "if they were, everything would be right");
	model_destroy(model);
	days_destroy(days);
}

static void test_refusals(void)
{
	days_t *days = make_days(&(recipe_t) { .seed = 1 });
	strategy_figures_t figures[STRATEGIES * DAY_COUNT];
	strategy_plan_t plan = plan_of("forest");
	failure_t failure;
	plan.positive = "spam";
	plan.two = true;
	ok(strategy_run(days, &plan, figures, &failure) == STATUS_BAD_DATA, "a class that is none");
	is_text(failure.sentence, "the labels of the training day: all 51 rows have the class 'other': "
	        "there is nothing to tell apart", "cannot be told from the rest");
	plan.positive = "other";
	ok(strategy_run(days, &plan, figures, &failure) == STATUS_BAD_DATA, "nor can the rest");
	plan = plan_of("forest");
	plan.plan.folds = 52;
	ok(strategy_run(days, &plan, figures, &failure) == STATUS_BAD_DATA, "more folds than labels");
	is_text(failure.sentence, "51 originators with labels on the training day are too few for 52 "
	        "parts", "are too many");
	plan = plan_of("forest");
	plan.plan.training.mtry = 4;
	ok(strategy_run(days, &plan, figures, &failure) == STATUS_BAD_DATA, "a parameter");
	is_text(failure.sentence, "mtry must be 1 to 3, not 4", "that does not fit");
	for (size_t row = days->days[2].first; row < days_end(days, 2); row++) {
		days->labels[row] = DAYS_NONE;
	}
	plan = plan_of("forest");
	ok(strategy_run(days, &plan, figures, &failure) == STATUS_BAD_DATA, "no labels on that day");
	is_text(failure.sentence, "the labels of the training day: there are no rows", "are missed");
	days_destroy(days);
}

int main(void)
{
	test_reference();
	test_threads();
	test_sides();
	test_refusals();
	return tap_done();
}
