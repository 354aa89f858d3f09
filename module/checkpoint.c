/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checkpoints: where they are, and taking them up. */
#include "module/checkpoint.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/sensor_state.h"

char *checkpoint_path(const char *storage, const char *scope)
{
	static const char name[] = "/checkpoint";
	char *path = malloc(strlen(storage) + sizeof(name) + 1 + 3 * strlen(scope));
	if (path == NULL) {
		return NULL;
	}
	char *to = path + sprintf(path, "%s%s%s", storage, name, scope[0] != '\0' ? "." : "");
	for (; *scope != '\0'; scope++) {
		bool plain = isalnum((unsigned char)*scope) || strchr("-_.", *scope) != NULL;
		to += plain ? sprintf(to, "%c", *scope) : sprintf(to, "%%%02x", (unsigned char)*scope);
	}
	return path;
}

status_t checkpoint_resume(const settings_t *settings, const char *scope,
                           const sensor_options_t *options, uint64_t now, sensor_t **sensor,
                           failure_t *failure)
{
	bool absent = true;
	status_t status = STATUS_OK;
	char *path = settings->checkpoint != 0 ? checkpoint_path(settings->storage, scope) : NULL;
	*sensor = NULL;
	if (path != NULL) {
		status = sensor_restore(path, scope, options, now, sensor, &absent, failure);
		free(path);
	}
	if (*sensor == NULL) {
		*sensor = sensor_create(options, now);
	}
	return absent ? STATUS_OK : status;
}
