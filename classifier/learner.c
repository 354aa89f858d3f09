/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of learners, their parameters, and the model around what was learnt. */
#include "classifier/learner.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/class_weights.h"
#include "classifier/forest_importance.h"
#include "classifier/forest_train.h"
#include "classifier/model_kind.h"
#include "classifier/smote.h"
#include "classifier/svm_train.h"
#include "classifier/threshold.h"

/* Least and greatest cost and gamma: far beyond all that makes sense. */
#define REAL_LEAST 1e-9
#define REAL_MOST 1e9

/* How a parameter is held. */
typedef enum { WHOLE, SEED, REAL, TEXT, RATIO, COUNT, SPLITS } parameter_type_t;

/* A parameter that shapes a model. */
typedef struct {
	const char *key;
	/* uint32_t, uint64_t, double, const char *; double, uint32_t that are checked elsewhere;
	 * splits_t. NULL or 0 is not named of a text, a ratio or a count. */
	parameter_type_t type;
	size_t offset;          /* in training_t */
	uint32_t most;          /* of a WHOLE; 0: the number of features */
} parameter_t;

/* How one kind of model is trained. */
typedef struct {
	const parameter_t *parameters;
	size_t parameter_count;
	/* Fills in the values that depend on the kind and the number of features. */
	void (*resolve)(training_t *training, size_t features);
	/* Refuses data that the kind cannot learn from; NULL if there are none. */
	status_t (*refuse)(const dataset_t *dataset, failure_t *failure);
	/* Fills in what depends on the data; NULL if nothing does. */
	status_t (*choose)(const dataset_t *dataset, training_t *training, failure_t *failure);
	status_t (*train)(const dataset_t *dataset, const training_t *training, void **learned,
	                  model_tally_t *tallies);
	/* Gini importance of each feature; NULL if the kind knows none. */
	status_t (*importance)(const void *learned, double *importance);
} learner_t;

#define FIELD(field) offsetof(training_t, field)
static const parameter_t tree_parameters[] = {
	{ "trees", WHOLE, FIELD(trees), MODEL_TREES_MAX },
	{ "mtry", WHOLE, FIELD(mtry), 0 },
	{ "min-leaf", WHOLE, FIELD(min_leaf), DATASET_ROWS_MAX },
	{ "max-depth", WHOLE, FIELD(max_depth), TREE_DEPTH_MAX },
	{ "seed", SEED, FIELD(seed), 0 },
	{ "splits", SPLITS, FIELD(splits), 0 },
	{ "class-weights", TEXT, FIELD(class_weights), 0 },
	{ "smote", RATIO, FIELD(smote), 0 },
	{ "smote-k", COUNT, FIELD(smote_neighbours), 0 },
};

static const parameter_t svm_parameters[] = {
	{ "cost", REAL, FIELD(cost), 0 },
	{ "gamma", REAL, FIELD(gamma), 0 },
	{ "seed", SEED, FIELD(seed), 0 },
	{ "class-weights", TEXT, FIELD(class_weights), 0 },
	{ "smote", RATIO, FIELD(smote), 0 },
	{ "smote-k", COUNT, FIELD(smote_neighbours), 0 },
};

/* Changes the time only, so no model names it. */
static const parameter_t threads_parameter = {
	"threads", WHOLE, FIELD(threads), TRAINING_THREADS_MAX,
};
#undef FIELD

#define PARAMETERS(list) .parameters = (list), \
	.parameter_count = sizeof(list) / sizeof((list)[0])

static void resolve_tree(training_t *training, size_t features)
{
	training->trees = 1;
	if (training->mtry == 0) {
		training->mtry = (uint32_t)features;
	}
}

static void resolve_forest(training_t *training, size_t features)
{
	if (training->mtry == 0) {
		training->mtry = 1;
		/* The root by trial, so that no rounding of sqrt() can change a model. */
		while ((uint64_t)(training->mtry + 1) * (training->mtry + 1) <= features) {
			training->mtry++;
		}
	}
}

static void resolve_svm(training_t *training, size_t features)
{
	if (training->gamma == 0) {
		training->gamma = 1 / (double)features;
	}
}

static const learner_t learners[] = {
	[MODEL_TREE] = {
		PARAMETERS(tree_parameters), .resolve = resolve_tree, .train = forest_train_single,
		.importance = forest_importance,
	},
	[MODEL_FOREST] = {
		PARAMETERS(tree_parameters), .resolve = resolve_forest, .train = forest_train,
		.importance = forest_importance,
	},
	[MODEL_SVM] = {
		PARAMETERS(svm_parameters), .resolve = resolve_svm, .refuse = svm_machine_refuse,
		.choose = svm_machine_choose, .train = svm_machine_train,
	},
};

_Static_assert(sizeof(learners) / sizeof(learners[0]) == MODEL_KINDS, "a learner for each kind");

training_t training_default(void)
{
	return (training_t) {
		.trees = 500, .min_leaf = 1, .max_depth = TREE_DEPTH_MAX, .threads = 1, .seed = 1,
		.cost = 1, .smote_neighbours = SMOTE_NEIGHBOURS,
	};
}

static status_t check_parameter(const parameter_t *parameter, const training_t *training,
                                size_t features, failure_t *failure)
{
	const char *field = (const char *)training + parameter->offset;
	double real;
	if (parameter->type == REAL) {
		memcpy(&real, field, sizeof(real));
		return real >= REAL_LEAST && real <= REAL_MOST ? STATUS_OK :
		       failure_set(failure, STATUS_BAD_DATA, "%s must be %g to %g, not %g",
		                   parameter->key, REAL_LEAST, REAL_MOST, real);
	}
	if (parameter->type != WHOLE) {
		return STATUS_OK;
	}
	uint32_t value, most = parameter->most != 0 ? parameter->most : (uint32_t)features;
	memcpy(&value, field, sizeof(value));
	if (value < 1 || value > most) {
		return failure_set(failure, STATUS_BAD_DATA, "%s must be 1 to %" PRIu32 ", not %" PRIu32,
		                   parameter->key, most, value);
	}
	return STATUS_OK;
}

static status_t check_share(const char *name, double value, failure_t *failure)
{
	if (!(value >= 0 && value <= 1)) {
		return failure_set(failure, STATUS_BAD_DATA, "%s must be above 0 and at most 1, not %g",
		                   name, value);
	}
	return STATUS_OK;
}

static status_t check(const learner_t *learner, const training_t *training,
                      const dataset_t *dataset, failure_t *failure)
{
	size_t features = dataset_features(dataset);
	status_t status = check_parameter(&threads_parameter, training, features, failure);
	for (size_t i = 0; i < learner->parameter_count && status == STATUS_OK; i++) {
		status = check_parameter(&learner->parameters[i], training, features, failure);
	}
	if (status == STATUS_OK) {
		status = check_share("threshold", training->threshold, failure);
	}
	if (status == STATUS_OK) {
		status = check_share("precision", training->precision, failure);
	}
	return status == STATUS_OK && learner->refuse != NULL ? learner->refuse(dataset, failure) :
	       status;
}

/* Text of a parameter's value, to be freed; NULL if memory is short. */
static char *parameter_text(const parameter_t *parameter, const training_t *training)
{
	const char *field = (const char *)training + parameter->offset;
	const char *given;
	splits_t splits;
	char text[32];
	uint32_t whole;
	uint64_t seed;
	double real;
	switch (parameter->type) {
	case WHOLE:
	case COUNT:
		memcpy(&whole, field, sizeof(whole));
		(void)snprintf(text, sizeof(text), "%" PRIu32, whole);
		break;
	case SEED:
		memcpy(&seed, field, sizeof(seed));
		(void)snprintf(text, sizeof(text), "%" PRIu64, seed);
		break;
	case REAL:
	case RATIO:
		memcpy(&real, field, sizeof(real));
		(void)snprintf(text, sizeof(text), "%.12g", real);
		break;
	case TEXT:
		memcpy(&given, field, sizeof(given));
		return strdup(given);
	case SPLITS:
		memcpy(&splits, field, sizeof(splits));
		return strdup(splits == SPLITS_EXACT ? "exact" : "binned");
	}
	return strdup(text);
}

/* Texts, ratios and counts need not be given; all else has a value. */
static bool is_given(const parameter_t *parameter, const training_t *training)
{
	const char *field = (const char *)training + parameter->offset, *text;
	double ratio;
	uint32_t count;
	switch (parameter->type) {
	case TEXT:
		memcpy(&text, field, sizeof(text));
		return text != NULL;
	case RATIO:
		memcpy(&ratio, field, sizeof(ratio));
		return ratio != 0;
	case COUNT:
		memcpy(&count, field, sizeof(count));
		return count != 0;
	default:
		return true;
	}
}

/* The parameters that shape a model, as they took effect. */
static bool describe(model_t *model, const learner_t *learner, const training_t *training)
{
	model->parameters = calloc(learner->parameter_count, sizeof(*model->parameters));
	if (model->parameters == NULL) {
		return false;
	}
	bool good = true;
	for (size_t i = 0; i < learner->parameter_count; i++) {
		if (!is_given(&learner->parameters[i], training)) {
			continue;
		}
		model_parameter_t *parameter = &model->parameters[model->parameter_count++];
		parameter->key = strdup(learner->parameters[i].key);
		parameter->value = parameter_text(&learner->parameters[i], training);
		good = good && parameter->key != NULL && parameter->value != NULL;
	}
	return good;
}

/* Names of features and classes, and their rows. */
static bool copy_names(model_t *model, const dataset_t *dataset)
{
	size_t features = dataset_features(dataset), classes = dataset_classes(dataset);
	model->features = calloc(features, sizeof(*model->features));
	model->classes = calloc(classes, sizeof(*model->classes));
	if (model->features == NULL || model->classes == NULL) {
		return false;
	}
	bool good = true;
	for (; model->feature_count < features; model->feature_count++) {
		size_t i = model->feature_count;
		model->features[i].name = strdup(dataset_feature_name(dataset, i));
		good = good && model->features[i].name != NULL;
	}
	for (; model->class_count < classes; model->class_count++) {
		size_t i = model->class_count;
		model->classes[i].name = strdup(dataset_class_name(dataset, i));
		model->classes[i].rows = dataset_class_rows(dataset, i);
		good = good && model->classes[i].name != NULL;
	}
	return good;
}

static status_t weigh_features(model_t *model, const learner_t *learner)
{
	if (learner->importance == NULL) {
		return STATUS_OK;
	}
	double *importance = calloc(model->feature_count, sizeof(*importance));
	if (importance == NULL) {
		return STATUS_NO_MEMORY;
	}
	status_t status = learner->importance(model->learned, importance);
	for (size_t i = 0; i < model->feature_count; i++) {
		model->features[i].importance = importance[i];
	}
	free(importance);
	return status;
}

static status_t learn(model_t *model, const learner_t *learner, const dataset_t *dataset,
                      const training_t *training)
{
	if (!copy_names(model, dataset) || !describe(model, learner, training)) {
		return STATUS_NO_MEMORY;
	}
	model_tally_t *tallies = calloc(model->class_count, sizeof(*tallies));
	if (tallies == NULL) {
		return STATUS_NO_MEMORY;
	}
	status_t status = learner->train(dataset, training, &model->learned, tallies);
	for (size_t i = 0; i < model->class_count; i++) {
		model->classes[i].tally = tallies[i];
	}
	free(tallies);
	return status == STATUS_OK ? weigh_features(model, learner) : status;
}

/* The rows that were given, and those that are learnt from: the same, or more by SMOTE. */
typedef struct {
	const dataset_t *given;
	const dataset_t *learnt;
} material_t;

/* Room for the out-of-bag probabilities, NaN for learners that know none. */
static double *make_probabilities(const dataset_t *dataset)
{
	size_t count = dataset_rows(dataset) * dataset_classes(dataset);
	double *probabilities = malloc(count * sizeof(*probabilities));
	for (size_t i = 0; i < count && probabilities != NULL; i++) {
		probabilities[i] = NAN;
	}
	return probabilities;
}

/* What is known of the rows that were given: threshold and tallies, not of made-up rows. */
static status_t finish(model_t *model, const dataset_t *dataset, const training_t *given,
                       const double *probabilities, failure_t *failure)
{
	size_t count = dataset_rows(dataset) * dataset_classes(dataset);
	status_t status = STATUS_OK;
	if (given->out_of_bag != NULL && given->out_of_bag != probabilities) {
		memcpy(given->out_of_bag, probabilities, count * sizeof(*probabilities));
	}
	if (model->threshold.exists) {
		status = threshold_choose(dataset, given, probabilities, &model->threshold, failure);
	}
	threshold_tally(model, dataset, probabilities);
	return status;
}

/* Learns, and chooses the threshold if there is a positive class. */
static status_t train(model_t *model, const learner_t *learner, const material_t *material,
                      const training_t *given, failure_t *failure)
{
	training_t training = *given;
	double *own = NULL;
	bool more = material->learnt != material->given;
	status_t status = threshold_find_class(material->given, given, &model->threshold, failure);
	if (status == STATUS_OK && learner->choose != NULL) {
		status = learner->choose(material->learnt, &training, failure);
	}
	if (status != STATUS_OK) {
		return status;
	}
	bool needed = more || (model->threshold.exists && given->out_of_bag == NULL);
	if (needed) {
		training.out_of_bag = own = make_probabilities(material->learnt);
	}
	status = needed && own == NULL ? STATUS_NO_MEMORY :
	         learn(model, learner, material->learnt, &training);
	if (status == STATUS_UNSUPPORTED) {
		failure_set(failure, status, "a %s on these %zu rows is larger than the %" PRIu64 " bytes "
		            "that a model may have: take fewer trees, a larger least leaf or less depth",
		            model->kind->name, dataset_rows(material->learnt), MODEL_SIZE_MAX);
	} else if (status != STATUS_OK) {
		failure_set(failure, status, "not enough memory for a %s on %zu rows", model->kind->name,
		            dataset_rows(material->learnt));
	} else if (more || model->threshold.exists) {
		status = finish(model, material->given, given, training.out_of_bag, failure);
	}
	free(own);
	return status;
}

/* Makes the model around what is learnt; training->weights stay the caller's. */
static status_t make_model(size_t index, const material_t *material, const training_t *training,
                           model_t **out, failure_t *failure)
{
	model_t *model = calloc(1, sizeof(*model));
	if (model == NULL) {
		return failure_no_memory(failure, "the model");
	}
	model->kind = &model_kinds[index];
	model->created = training->created;
	status_t status = train(model, &learners[index], material, training, failure);
	if (status != STATUS_OK) {
		model_destroy(model);
		return status;
	}
	*out = model;
	return STATUS_OK;
}

/* Weighs the classes and makes the model. */
static status_t train_weighted(size_t index, const material_t *material, training_t *training,
                               model_t **model, failure_t *failure)
{
	double *weights = calloc(dataset_classes(material->learnt), sizeof(*weights));
	if (weights == NULL) {
		return failure_no_memory(failure, "the weights of the classes");
	}
	status_t status = class_weights_parse(training->class_weights, material->learnt, weights,
	                                      failure);
	/* Without weights, scores are sums of whole numbers. */
	training->weights = training->class_weights != NULL ? weights : NULL;
	if (status == STATUS_OK) {
		status = make_model(index, material, training, model, failure);
	}
	free(weights);
	return status;
}

/* Finds the learner, and makes of what was given what it learns with. */
static status_t prepare(const char *kind, const dataset_t *dataset, training_t *training,
                        size_t *index, failure_t *failure)
{
	*index = 0;
	while (*index < MODEL_KINDS && strcmp(model_kinds[*index].name, kind) != 0) {
		++*index;
	}
	if (*index == MODEL_KINDS) {
		return failure_set(failure, STATUS_UNSUPPORTED, "there is no learner '%s'", kind);
	}
	learners[*index].resolve(training, dataset_features(dataset));
	return check(&learners[*index], training, dataset, failure);
}

status_t learner_check(const char *kind, const dataset_t *dataset, const training_t *given,
                       failure_t *failure)
{
	training_t training = *given;
	size_t index;
	return prepare(kind, dataset, &training, &index, failure);
}

status_t learner_train(const char *kind, const dataset_t *dataset, const training_t *given,
                       model_t **model, failure_t *failure)
{
	training_t training = *given;
	size_t index;
	status_t status = prepare(kind, dataset, &training, &index, failure);
	dataset_t *grown = NULL;
	if (status == STATUS_OK && training.smote != 0) {
		const smote_t smote = {
			.ratio = training.smote, .neighbours = training.smote_neighbours,
			.seed = training.seed,
		};
		status = smote_apply(dataset, &smote, &grown, failure);
	}
	if (training.smote == 0) {
		training.smote_neighbours = 0;
	}
	const material_t material = { .given = dataset, .learnt = grown != NULL ? grown : dataset };
	if (status == STATUS_OK) {
		status = train_weighted(index, &material, &training, model, failure);
	}
	dataset_destroy(grown);
	return status;
}
