/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The model in memory: what it knows about itself, and prediction.
 *
 * Prediction copies the rows block by block into a small array in the model's
 * own order of features. So the walk through the trees knows no stride and no
 * map of columns. Rows that are in that order need no copy.
 */
#include "classifier/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/forest.h"
#include "classifier/forest_explain.h"
#include "classifier/model_kind.h"
#include "classifier/portrait.h"
#include "classifier/svm_machine.h"

/* Doubles of a block: one row of the most features, or many rows of few. 128 KiB of stack. */
#define BLOCK_DOUBLES (4 * MODEL_FEATURES_MAX)

const model_kind_t model_kinds[MODEL_KINDS] = {
	[MODEL_TREE] = {
		.name = "tree", .predict = forest_predict, .write = forest_write,
		.read = forest_read_single, .destroy = forest_destroy,
		.node_values = forest_node_values, .explain = forest_explain,
	},
	[MODEL_FOREST] = {
		.name = "forest", .predict = forest_predict, .write = forest_write,
		.read = forest_read, .destroy = forest_destroy,
		.node_values = forest_node_values, .explain = forest_explain,
	},
	[MODEL_SVM] = {
		.name = "svm", .predict = svm_machine_predict, .write = svm_machine_write,
		.read = svm_machine_read, .destroy = svm_machine_destroy,
	},
};

void model_destroy(model_t *model)
{
	if (model == NULL) {
		return;
	}
	for (size_t i = 0; i < model->feature_count; i++) {
		free(model->features[i].name);
	}
	for (size_t i = 0; i < model->class_count; i++) {
		free(model->classes[i].name);
	}
	for (size_t i = 0; i < model->parameter_count; i++) {
		free(model->parameters[i].key);
		free(model->parameters[i].value);
	}
	if (model->kind != NULL) {
		model->kind->destroy(model->learned);
	}
	portrait_destroy(model->portrait);
	free(model->features);
	free(model->classes);
	free(model->parameters);
	free(model);
}

size_t model_feature_count(const model_t *model)
{
	return model->feature_count;
}

const char *model_feature_name(const model_t *model, size_t feature)
{
	return model->features[feature].name;
}

double model_feature_importance(const model_t *model, size_t feature)
{
	return model->features[feature].importance;
}

size_t model_class_count(const model_t *model)
{
	return model->class_count;
}

const char *model_class_name(const model_t *model, size_t class_index)
{
	return model->classes[class_index].name;
}

uint64_t model_class_rows(const model_t *model, size_t class_index)
{
	return model->classes[class_index].rows;
}

model_tally_t model_class_tally(const model_t *model, size_t class_index)
{
	return model->classes[class_index].tally;
}

double model_threshold(const model_t *model, size_t *class_index)
{
	if (!model->threshold.exists) {
		return NAN;
	}
	if (class_index != NULL) {
		*class_index = model->threshold.class_index;
	}
	return model->threshold.value;
}

model_rule_t model_threshold_rule(const model_t *model, double *precision)
{
	if (precision != NULL) {
		*precision = model->threshold.precision;
	}
	return model->threshold.rule;
}

size_t model_verdict(const model_t *model, const double *probabilities)
{
	const model_threshold_t *threshold = &model->threshold;
	if (!threshold->exists) {
		return model_class_argmax(probabilities, model->class_count);
	}
	size_t positive = threshold->class_index;
	if (probabilities[positive] >= threshold->value) {
		return positive;
	}
	size_t best = positive == 0 ? 1 : 0;
	for (size_t i = best + 1; i < model->class_count; i++) {
		if (i != positive && probabilities[i] > probabilities[best]) {
			best = i;
		}
	}
	return best;
}

size_t model_parameter_count(const model_t *model)
{
	return model->parameter_count;
}

const char *model_parameter_key(const model_t *model, size_t parameter)
{
	return model->parameters[parameter].key;
}

const char *model_parameter_value(const model_t *model, size_t parameter)
{
	return model->parameters[parameter].value;
}

uint64_t model_created(const model_t *model)
{
	return model->created;
}

uint64_t model_checksum(const model_t *model)
{
	return model->checksum;
}

const char *model_kind_name(const model_t *model)
{
	return model->kind->name;
}

status_t model_map_features(const model_t *model, const char *const *names, size_t count,
                            size_t *columns, failure_t *failure)
{
	for (size_t i = 0; i < model->feature_count; i++) {
		size_t column = 0;
		while (column < count && strcmp(names[column], model->features[i].name) != 0) {
			column++;
		}
		if (column == count) {
			return failure_set(failure, STATUS_BAD_DATA,
			                   "there is no column for the model's feature '%s'",
			                   model->features[i].name);
		}
		columns[i] = column;
	}
	return STATUS_OK;
}

void model_predict(const model_t *model, const double *matrix, size_t rows, size_t stride,
                   const size_t *columns, double *probabilities)
{
	double block[BLOCK_DOUBLES];
	size_t features = model->feature_count, most = BLOCK_DOUBLES / features;
	if (columns == NULL && stride == features) {
		model->kind->predict(model->learned, matrix, rows, probabilities);
		return;
	}
	for (size_t done = 0; done < rows; done += most) {
		size_t count = rows - done < most ? rows - done : most;
		for (size_t row = 0; row < count; row++) {
			const double *from = matrix + (done + row) * stride;
			double *to = block + row * features;
			for (size_t i = 0; i < features; i++) {
				to[i] = from[columns != NULL ? columns[i] : i];
			}
		}
		model->kind->predict(model->learned, block, count,
		                     probabilities + done * model->class_count);
	}
}

size_t model_class_argmax(const double *probabilities, size_t classes)
{
	size_t best = 0;
	for (size_t i = 1; i < classes; i++) {
		if (probabilities[i] > probabilities[best]) {
			best = i;
		}
	}
	return best;
}
