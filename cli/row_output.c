/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stored rows as text and as JSON. */
#include "cli/row_output.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>

#include "common/moment.h"

void row_output_window(FILE *file, const store_window_t *window)
{
	char start[MOMENT_TEXT_MAX], updated[MOMENT_TEXT_MAX];
	fprintf(file, "%s window of %s, %" PRIu64 " s", family_name(window->family),
	        moment_format(window->start, start), window->length / MICROSECONDS);
	if (window->scope[0] != '\0') {
		fprintf(file, ", zone %s", window->scope);
	}
	if (window->since > window->start) {
		fprintf(file, ", from %s on", moment_format(window->since, updated));
	}
	if (window->closed) {
		fputs(", closed", file);
	} else {
		fprintf(file, ", as of %s", moment_format(window->updated, updated));
	}
	double full = window_full_share(&window->counts);
	if (!isnan(full)) {
		fprintf(file, ", %.1f %% full names", 100 * full);
	}
	fprintf(file, ": %" PRIu64 " originators, %" PRIu64 " queriers, %" PRIu64 " analyzable, ",
	        window->originators, window->queriers, window->analyzable);
	if (window->model != 0) {
		fprintf(file, "%" PRIu64 " scanners\n", window->scanners);
	} else {
		fputs("no model\n", file);
	}
}

/* JSON has no NaN: missing is null. */
static json_t *number(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static json_t *moment(uint64_t value)
{
	char text[MOMENT_TEXT_MAX];
	return value == 0 ? json_null() : json_string(moment_format(value, text));
}

static json_t *feature_object(const originator_features_t *features)
{
	json_t *object = json_object();
	for (unsigned i = 0; i < FEATURES; i++) {
		(void)json_object_set_new(object, feature_names[i], number(features->features[i]));
	}
	return object;
}

/* A member of an object; the value is given away. */
typedef struct {
	const char *key;
	json_t *value;
} member_t;

/* Takes the values in every case, and refuses NULL. */
static bool add_members(json_t *object, const member_t *members, size_t count)
{
	bool good = object != NULL;
	for (size_t i = 0; i < count; i++) {
		good = json_object_set_new(object, members[i].key, members[i].value) == 0 && good;
	}
	return good;
}

/* Writes one object on one line: what it is of, the window of that, and what is told of it. */
static bool write_object(FILE *file, member_t of, const store_window_t *window,
                         const member_t *told, size_t count)
{
	const member_t members[] = {
		{ "window_start", moment(window->start) },
		{ "window_seconds", json_integer((json_int_t)(window->length / MICROSECONDS)) },
		{ "window_since", moment(window->since) },
		{ "zone", json_string(window->scope) },
		{ "closed", json_boolean(window->closed) },
		{ "updated", moment(window->updated) },
	};
	json_t *object = json_object();
	bool good = add_members(object, &of, 1);
	good = add_members(object, members, sizeof(members) / sizeof(members[0])) && good;
	good = add_members(object, told, count) && good;
	good = good && json_dumpf(object, file, JSON_COMPACT | JSON_REAL_PRECISION(10)) == 0;
	json_decref(object);
	putc('\n', file);
	return good;
}

bool row_output_json(FILE *file, const store_window_t *window, const store_row_t *row,
                     bool features)
{
	char address[ADDRESS_TEXT_MAX];
	const originator_features_t *f = &row->features;
	const member_t of = { "originator", json_string(address_format(&f->originator, address)) };
	const member_t told[] = {
		{ "class", row->class_name[0] != '\0' ? json_string(row->class_name) : json_null() },
		{ "probability", number(row->probability) },
		{ "scan_probability", number(row->scan_probability) },
		{ "threshold", number(window->threshold) },
		{ "flagged", moment(row->flagged) },
		{ "queriers", json_integer((json_int_t)f->queriers) },
		{ "verified", json_integer((json_int_t)f->verified) },
		{ "min_verified", number(window->min_verified) },
		{ "unverified", row->class_name[0] != '\0' ? json_boolean(row->unverified) :
		                json_null() },
		{ "queries", json_integer((json_int_t)f->queries) },
		{ "known_names", number((double)f->known_names) },
		{ "known_as", number((double)f->known_as) },
		{ "known_countries", number((double)f->known_countries) },
		{ "min_known", number(window->min_known) },
		{ "little_known", row->class_name[0] != '\0' ? json_boolean(row->little_known) :
		                  json_null() },
		{ "full_share", number(window_full_share(&window->counts)) },
		{ "features", features ? feature_object(f) : NULL },
	};
	size_t count = sizeof(told) / sizeof(told[0]);
	return write_object(file, of, window, told, features ? count : count - 1);
}

bool row_output_prefix_json(FILE *file, const store_window_t *window,
                            const prefix_activity_t *activity)
{
	char prefix[PREFIX_TEXT_MAX];
	const member_t of = { "prefix", json_string(prefix_format(&activity->prefix, prefix)) };
	const member_t told[] = {
		{ "queriers", json_integer((json_int_t)activity->queriers) },
		{ "full_share", number(window_full_share(&window->counts)) },
	};
	return write_object(file, of, window, told, sizeof(told) / sizeof(told[0]));
}
