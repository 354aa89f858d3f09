/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Class weights from a text; what they do to splits and leaves is in split.h. */
#include "classifier/class_weights.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/limits.h"

/* Parses one NAME=W of `size` bytes. */
static status_t parse_pair(const char *pair, size_t size, const dataset_t *dataset,
                           double *weights, bool *given, failure_t *failure)
{
	char text[MODEL_NAME_MAX + 1];
	memcpy(text, pair, size);
	text[size] = '\0';
	/* The last sign of equality: a name may have one, a number has none. */
	char *equals = strrchr(text, '='), *end;
	if (equals == NULL) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "class-weights must be balanced or NAME=W,..., not '%s'", text);
	}
	*equals = '\0';
	int index = dataset_class_index(dataset, text);
	if (index < 0) {
		return failure_set(failure, STATUS_BAD_DATA, "class-weights: no row has the class '%s'",
		                   text);
	}
	if (given[index]) {
		return failure_set(failure, STATUS_BAD_DATA, "class-weights: the class '%s' is named twice",
		                   text);
	}
	const char *number = equals + 1;
	double weight = strtod(number, &end);
	bool decimal = number[0] != '\0' && strspn(number, "0123456789.eE+-") == strlen(number);
	if (!decimal || *end != '\0' ||
	    !(weight >= CLASS_WEIGHT_LEAST && weight <= CLASS_WEIGHT_MOST)) {
		return failure_set(failure, STATUS_BAD_DATA, "class-weights: the weight of '%s' must be "
		                   "%g to %g, not '%s'", text, CLASS_WEIGHT_LEAST, CLASS_WEIGHT_MOST,
		                   number);
	}
	given[index] = true;
	weights[index] = weight;
	return STATUS_OK;
}

static void balance(const dataset_t *dataset, double *weights)
{
	size_t classes = dataset_classes(dataset);
	for (size_t i = 0; i < classes; i++) {
		weights[i] = (double)dataset_rows(dataset) /
		             ((double)classes * (double)dataset_class_rows(dataset, i));
	}
}

status_t class_weights_parse(const char *text, const dataset_t *dataset, double *weights,
                             failure_t *failure)
{
	for (size_t i = 0; i < dataset_classes(dataset); i++) {
		weights[i] = 1;
	}
	if (text == NULL) {
		return STATUS_OK;
	}
	if (strcmp(text, "balanced") == 0) {
		balance(dataset, weights);
		return STATUS_OK;
	}
	if (strlen(text) > MODEL_NAME_MAX) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "class-weights are longer than %d bytes", MODEL_NAME_MAX);
	}
	bool given[MODEL_CLASSES_MAX] = { false };
	status_t status = STATUS_OK;
	for (const char *pair = text; pair != NULL && status == STATUS_OK;) {
		size_t size = strcspn(pair, ",");
		status = parse_pair(pair, size, dataset, weights, given, failure);
		pair = pair[size] == ',' ? pair + size + 1 : NULL;
	}
	return status;
}
