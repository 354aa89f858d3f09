/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model in use. */
#include "module/model_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CLASS_SCAN "scan"

status_t model_watch_path(model_watch_t *watch, const char *path)
{
	if (path == NULL) {
		model_watch_clear(watch);
		return STATUS_OK;
	}
	if (watch->path != NULL && strcmp(watch->path, path) == 0) {
		return STATUS_OK;
	}
	char *copy = strdup(path);
	if (copy == NULL) {
		return STATUS_NO_MEMORY;
	}
	free(watch->path);
	watch->path = copy;
	watch->looked = false;
	return STATUS_OK;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
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
	status_t status = model_load(watch->path, &model, failure);
	if (status != STATUS_OK) {
		return status;
	}
	if (model_feature_count(model) > FEATURES) {
		status = failure_set(failure, STATUS_BAD_DATA, "model '%s' wants %zu features, not %d",
		                     watch->path, model_feature_count(model), FEATURES);
	} else if ((status = model_map_features(model, feature_names, FEATURES, columns,
	                                        failure)) == STATUS_OK) {
		status = find_scan(model, watch->path, &scan, failure);
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
	if (watch->path == NULL) {
		return MODEL_SAME;
	}
	struct stat now;
	bool present = stat(watch->path, &now) == 0;
	int error_number = errno;
	if (watch->looked && present == watch->present &&
	    (!present || same_file(&now, &watch->seen))) {
		return MODEL_SAME;
	}
	watch->looked = true;
	watch->present = present;
	if (!present) {
		failure_system(failure, error_number, "cannot open model", watch->path);
		return MODEL_REFUSED;
	}
	watch->seen = now;
	return load(watch, failure) == STATUS_OK ? MODEL_LOADED : MODEL_REFUSED;
}

void model_watch_clear(model_watch_t *watch)
{
	model_destroy(watch->model);
	free(watch->path);
	*watch = (model_watch_t) { 0 };
}
