/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The networks in use. */
#include "module/network_watch.h"

#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

status_t network_watch_set(network_watch_t *watch, const char *path, const char *keys,
                           size_t most)
{
	if (path == NULL) {
		network_watch_clear(watch);
		return STATUS_OK;
	}
	watch->most = most;
	if (!same_text(watch->keys, keys)) {
		char *copy = keys != NULL ? strdup(keys) : NULL;
		if (keys != NULL && copy == NULL) {
			return STATUS_NO_MEMORY;
		}
		free(watch->keys);
		watch->keys = copy;
		watch->file.looked = false;
	}
	return file_watch_path(&watch->file, path);
}

network_look_t network_watch_look(network_watch_t *watch, failure_t *failure)
{
	prefix_map_t *map;
	file_look_t look = file_watch_look(&watch->file, "cannot open networks", failure);
	if (look != FILE_CHANGED) {
		return look == FILE_SAME ? NETWORK_SAME : NETWORK_REFUSED;
	}
	if (network_map_load(watch->file.path, watch->kind, watch->keys, watch->most, &map,
	                     failure) != STATUS_OK) {
		return NETWORK_REFUSED;
	}
	prefix_map_destroy(watch->map);
	watch->map = map;
	return NETWORK_LOADED;
}

void network_watch_clear(network_watch_t *watch)
{
	prefix_map_destroy(watch->map);
	file_watch_clear(&watch->file);
	free(watch->keys);
	*watch = (network_watch_t) { .kind = watch->kind };
}
