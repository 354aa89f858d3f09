/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of learners, their parameters, and the model around what was learnt. */
#include "classifier/learner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/forest_train.h"
#include "classifier/model_kind.h"

/* How one kind of model is trained. */
typedef struct {
	/* Fills in the values that depend on the kind and the number of features. */
	void (*resolve)(training_t *training, size_t features);
	status_t (*train)(const dataset_t *dataset, const training_t *training, void **learned,
	                  model_tally_t *tallies);
} learner_t;

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

static const learner_t learners[] = {
	[MODEL_TREE] = { .resolve = resolve_tree, .train = forest_train_single },
	[MODEL_FOREST] = { .resolve = resolve_forest, .train = forest_train },
};

_Static_assert(sizeof(learners) / sizeof(learners[0]) == MODEL_KINDS, "a learner for each kind");

training_t training_default(void)
{
	return (training_t) {
		.trees = 500, .min_leaf = 1, .max_depth = TREE_DEPTH_MAX, .threads = 1, .seed = 1,
	};
}

static status_t check_range(const char *name, uint32_t value, uint32_t most, failure_t *failure)
{
	if (value < 1 || value > most) {
		return failure_set(failure, STATUS_BAD_DATA, "%s must be 1 to %" PRIu32 ", not %" PRIu32,
		                   name, most, value);
	}
	return STATUS_OK;
}

static status_t check(const training_t *training, const dataset_t *dataset, failure_t *failure)
{
	const struct { const char *name; uint32_t value, most; } checks[] = {
		{ "trees", training->trees, MODEL_TREES_MAX },
		{ "mtry", training->mtry, (uint32_t)dataset_features(dataset) },
		{ "min-leaf", training->min_leaf, DATASET_ROWS_MAX },
		{ "max-depth", training->max_depth, TREE_DEPTH_MAX },
		{ "threads", training->threads, TRAINING_THREADS_MAX },
	};
	status_t status = STATUS_OK;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && status == STATUS_OK; i++) {
		status = check_range(checks[i].name, checks[i].value, checks[i].most, failure);
	}
	return status;
}

/* The parameters that shape a model; the number of threads does not. */
static bool describe(model_t *model, const training_t *training)
{
	const struct { const char *key; uint64_t value; } texts[] = {
		{ "trees", training->trees }, { "mtry", training->mtry },
		{ "min-leaf", training->min_leaf }, { "max-depth", training->max_depth },
		{ "seed", training->seed },
	};
	size_t count = sizeof(texts) / sizeof(texts[0]);
	model->parameters = calloc(count, sizeof(*model->parameters));
	if (model->parameters == NULL) {
		return false;
	}
	model->parameter_count = count;
	bool good = true;
	for (size_t i = 0; i < count; i++) {
		char value[24];
		(void)snprintf(value, sizeof(value), "%" PRIu64, texts[i].value);
		model->parameters[i].key = strdup(texts[i].key);
		model->parameters[i].value = strdup(value);
		good = good && model->parameters[i].key != NULL && model->parameters[i].value != NULL;
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
		model->features[i] = strdup(dataset_feature_name(dataset, i));
		good = good && model->features[i] != NULL;
	}
	for (; model->class_count < classes; model->class_count++) {
		size_t i = model->class_count;
		model->classes[i].name = strdup(dataset_class_name(dataset, i));
		model->classes[i].rows = dataset_class_rows(dataset, i);
		good = good && model->classes[i].name != NULL;
	}
	return good;
}

static status_t train(model_t *model, const learner_t *learner, const dataset_t *dataset,
                      const training_t *training)
{
	if (!copy_names(model, dataset) || !describe(model, training)) {
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
	return status;
}

status_t learner_train(const char *kind, const dataset_t *dataset, const training_t *given,
                       model_t **out, failure_t *failure)
{
	size_t index = 0;
	while (index < MODEL_KINDS && strcmp(model_kinds[index].name, kind) != 0) {
		index++;
	}
	if (index == MODEL_KINDS) {
		return failure_set(failure, STATUS_UNSUPPORTED, "there is no learner '%s'", kind);
	}
	training_t training = *given;
	learners[index].resolve(&training, dataset_features(dataset));
	status_t status = check(&training, dataset, failure);
	if (status != STATUS_OK) {
		return status;
	}
	model_t *model = calloc(1, sizeof(*model));
	if (model == NULL) {
		return failure_no_memory(failure, "the model");
	}
	model->kind = &model_kinds[index];
	model->created = training.created;
	status = train(model, &learners[index], dataset, &training);
	if (status != STATUS_OK) {
		model_destroy(model);
		return failure_set(failure, status, "not enough memory for %" PRIu32 " trees on %zu rows",
		                   training.trees, dataset_rows(dataset));
	}
	*out = model;
	return STATUS_OK;
}
