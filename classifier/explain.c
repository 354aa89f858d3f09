/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reasons, for whatever kind of model can give them. */
#include "classifier/explain.h"

#include <stdlib.h>

#include "classifier/model_kind.h"

struct explainer {
	const model_t *model;
	double *values;  /* of the nodes; the kind's own */
};

status_t explainer_create(const model_t *model, size_t class_index, explainer_t **out,
                          failure_t *failure)
{
	if (model->kind->explain == NULL) {
		return failure_set(failure, STATUS_UNSUPPORTED, "a model of the kind '%s' can give no "
		                   "reasons, only a tree or a forest can", model->kind->name);
	}
	explainer_t *explainer = calloc(1, sizeof(*explainer));
	if (explainer == NULL ||
	    model->kind->node_values(model->learned, class_index, &explainer->values) != STATUS_OK) {
		free(explainer);
		return failure_no_memory(failure, "the reasons");
	}
	explainer->model = model;
	*out = explainer;
	return STATUS_OK;
}

void explainer_destroy(explainer_t *explainer)
{
	if (explainer != NULL) {
		free(explainer->values);
		free(explainer);
	}
}

double model_explain(const explainer_t *explainer, const double *row, double *contributions)
{
	const model_t *model = explainer->model;
	return model->kind->explain(model->learned, explainer->values, row, contributions);
}
