/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sensors in files. */
#include "sensor/sensor_state.h"

#include <string.h>

#include "sensor/window_state.h"

/* The last byte is the version of the layout. */
static const char magic[STATE_MAGIC_SIZE] = { 'K', 'B', 's', 't', 'a', 't', 'e', 5 };

/* Longest scope: the text of a name. */
#define SCOPE_MAX 1024

typedef struct {
	hash_key_t key;
	sensor_left_t left;
	uint64_t scope_length;
} sensor_head_t;

/* What comes next: a window of a family, or the end. */
typedef enum { KEPT_CURRENT = 1, KEPT_NEXT, KEPT_END } kept_t;

static void save_window(const window_t *window, kept_t kind, state_writer_t *writer)
{
	if (window != NULL) {
		uint64_t what = kind;
		state_put(writer, &what, sizeof(what));
		window_save(window, writer);
	}
}

status_t sensor_save(const sensor_t *sensor, const char *path, const char *scope,
                     failure_t *failure)
{
	state_writer_t *writer;
	status_t status = state_writer_open(path, magic, &writer, failure);
	if (status != STATUS_OK) {
		return status;
	}
	sensor_head_t head = {
		sensor_options(sensor)->window.key, sensor_left(sensor), strlen(scope),
	};
	state_put(writer, &head, sizeof(head));
	state_put(writer, scope, head.scope_length);
	const uint64_t end = KEPT_END;
	for (family_t family = 0; family < FAMILIES; family++) {
		save_window(sensor_current(sensor, family), KEPT_CURRENT, writer);
		save_window(sensor_next(sensor, family), KEPT_NEXT, writer);
		state_put(writer, &end, sizeof(end));
	}
	acquaintances_save(sensor_met(sensor), writer);
	acquaintances_save(sensor_met_before(sensor), writer);
	return state_writer_commit(writer, failure);
}

/* The windows of one family up to the end mark; both are taken in any case of success. */
static status_t restore_family(state_reader_t *reader, sensor_t *sensor, family_t family)
{
	window_t *windows[KEPT_END] = { NULL };
	status_t status = STATUS_OK;
	uint64_t what = 0;
	while (status == STATUS_OK && what != KEPT_END) {
		if (!state_get(reader, &what, sizeof(what)) || what < KEPT_CURRENT || what > KEPT_END ||
		    (what != KEPT_END && windows[what] != NULL)) {
			status = STATUS_BAD_DATA;
		} else if (what != KEPT_END) {
			status = window_restore(reader, sensor_window_options(sensor, family), &windows[what]);
		}
	}
	const window_t *current = windows[KEPT_CURRENT], *next = windows[KEPT_NEXT];
	if (status == STATUS_OK &&
	    (current == NULL || (next != NULL && window_start(next) < window_end(current)))) {
		status = STATUS_BAD_DATA;
	}
	if (status != STATUS_OK) {
		window_destroy(windows[KEPT_CURRENT]);
		window_destroy(windows[KEPT_NEXT]);
		return status;
	}
	sensor_put_windows(sensor, family, windows[KEPT_CURRENT], windows[KEPT_NEXT]);
	return STATUS_OK;
}

static status_t restore_all(state_reader_t *reader, const char *scope,
                            const sensor_options_t *options, uint64_t now, sensor_t **out)
{
	sensor_head_t head;
	char text[SCOPE_MAX];
	if (!state_get(reader, &head, sizeof(head)) || head.scope_length > sizeof(text) ||
	    !state_get(reader, text, head.scope_length)) {
		return STATUS_BAD_DATA;
	}
	if (head.scope_length != strlen(scope) || memcmp(text, scope, head.scope_length) != 0) {
		return STATUS_UNSUPPORTED;
	}
	sensor_options_t same = *options;
	same.window.key = head.key;
	sensor_t *sensor = sensor_create(&same, now);
	status_t status = sensor != NULL ? STATUS_OK : STATUS_NO_MEMORY;
	if (status == STATUS_OK) {
		sensor_put_left(sensor, &head.left);
	}
	for (family_t family = 0; family < FAMILIES && status == STATUS_OK; family++) {
		status = restore_family(reader, sensor, family);
		if (status == STATUS_OK) {
			status = sensor_prepare(sensor, family, now);
		}
	}
	if (status == STATUS_OK && (!acquaintances_restore(sensor_met(sensor), reader) ||
	    !acquaintances_restore(sensor_met_before(sensor), reader) ||
	    !state_reader_at_end(reader))) {
		status = STATUS_BAD_DATA;
	}
	if (status != STATUS_OK) {
		sensor_destroy(sensor);
		return status;
	}
	*out = sensor;
	return STATUS_OK;
}

status_t sensor_restore(const char *path, const char *scope, const sensor_options_t *options,
                        uint64_t now, sensor_t **sensor, bool *absent, failure_t *failure)
{
	state_reader_t *reader;
	status_t status = state_reader_open(path, magic, &reader, absent, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = restore_all(reader, scope, options, now, sensor);
	state_reader_close(reader);
	switch (status) {
	case STATUS_OK:
		return status;
	case STATUS_UNSUPPORTED:
		return failure_set(failure, status, "'%s' was written with other settings", path);
	case STATUS_NO_MEMORY:
		return failure_no_memory(failure, "the windows of a checkpoint");
	default:
		return failure_set(failure, status, "'%s' is damaged", path);
	}
}
