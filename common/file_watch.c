/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watching a file by its path. */
#include "common/file_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

status_t file_watch_path(file_watch_t *watch, const char *path)
{
	if (path == NULL) {
		file_watch_clear(watch);
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

file_look_t file_watch_look(file_watch_t *watch, const char *what, failure_t *failure)
{
	struct stat now;
	if (watch->path == NULL) {
		return FILE_SAME;
	}
	bool present = stat(watch->path, &now) == 0;
	int error_number = errno;
	if (watch->looked && present == watch->present &&
	    (!present || same_file(&now, &watch->seen))) {
		return FILE_SAME;
	}
	watch->looked = true;
	watch->present = present;
	if (!present) {
		(void)failure_system(failure, error_number, what, watch->path);
		return FILE_GONE;
	}
	watch->seen = now;
	return FILE_CHANGED;
}

void file_watch_clear(file_watch_t *watch)
{
	free(watch->path);
	*watch = (file_watch_t) { 0 };
}
