/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model in use. */
#include "module/model_watch.h"

#include <string.h>

#define CLASS_SCAN "scan"

status_t model_watch_path(model_watch_t *watch, const char *path)
{
	if (path == NULL) {
		model_watch_clear(watch);
		return STATUS_OK;
	}
	return file_watch_path(&watch->file, path);
}

static status_t find_scan(const model_t *model, const char *path, size_t *scan,
                          failure_t *failure)
{
	for (*scan = 0; *scan < model_class_count(model); (*scan)++) {
		if (strcmp(model_class_name(model, *scan), CLASS_SCAN) == 0) {
			return STATUS_OK;
		}
	}
	return failure_set(failure, STATUS_BAD_DATA, "model '%s' has no class '" CLASS_SCAN "'", path);
}

static status_t load(model_watch_t *watch, failure_t *failure)
{
	model_t *model;
	size_t columns[FEATURES], scan = 0;
	status_t status = model_load(watch->file.path, &model, failure);
	if (status != STATUS_OK) {
		return status;
	}
	if (model_feature_count(model) > FEATURES) {
		status = failure_set(failure, STATUS_BAD_DATA, "model '%s' wants %zu features, not %d",
		                     watch->file.path, model_feature_count(model), FEATURES);
	} else if ((status = model_map_features(model, feature_names, FEATURES, columns,
	                                        failure)) == STATUS_OK) {
		status = find_scan(model, watch->file.path, &scan, failure);
	}
	if (status != STATUS_OK) {
		model_destroy(model);
		return status;
	}
	model_destroy(watch->model);
	watch->model = model;
	memcpy(watch->columns, columns, sizeof(columns));
	watch->scan = scan;
	return STATUS_OK;
}

model_look_t model_watch_look(model_watch_t *watch, failure_t *failure)
{
	switch (file_watch_look(&watch->file, "cannot open model", failure)) {
	case FILE_SAME:
		return MODEL_SAME;
	case FILE_CHANGED:
		return load(watch, failure) == STATUS_OK ? MODEL_LOADED : MODEL_REFUSED;
	default:
		return MODEL_REFUSED;
	}
}

void model_watch_clear(model_watch_t *watch)
{
	model_destroy(watch->model);
	file_watch_clear(&watch->file);
	*watch = (model_watch_t) { 0 };
}
