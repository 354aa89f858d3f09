/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading of parameters by tables.
 *
 *     # a comment
 *     [class scan]
 *     share = 0.13
 *     kinds = 22 3 11 ...
 *
 * A family of sections ("class NAME") is an array of structures; a field is an
 * offset in such a structure and how many doubles stand there.
 */
#include "simulator/parameters.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY 1e9

typedef struct {
	const char *name;
	size_t offset;
	unsigned count;   /* numbers */
	double least;
	double most;
} field_t;

typedef struct {
	const char *name;            /* "class"; the whole name if there are no members */
	const char *const *members;  /* names; NULL: one section */
	size_t count;
	size_t offset;               /* in parameters_t */
	size_t size;                 /* of a member */
	const field_t *fields;
	size_t field_count;
} family_t;

#define FIELD(type, field, least, most) \
	{ #field, offsetof(type, field), sizeof(((type *)0)->field) / sizeof(double), least, most }

static const field_t originator_fields[] = {
	FIELD(originator_parameters_t, alive, 1, 1e6),
	FIELD(originator_parameters_t, noise, 0, 1),
	FIELD(originator_parameters_t, queriers_max, 1, 1e6),
	FIELD(originator_parameters_t, ipv6_queriers, 0, 1),
	FIELD(originator_parameters_t, drift_sigma, 0, 3),
	FIELD(originator_parameters_t, drift_days, 0.1, MANY),
	FIELD(originator_parameters_t, probes_exponent, 0.1, 2),
	FIELD(originator_parameters_t, probes_whole, 1, MANY),
	FIELD(originator_parameters_t, probes_sigma, 0, 3),
	FIELD(originator_parameters_t, skew, 0, 1),
};

static const field_t resolver_fields[] = {
	FIELD(resolver_parameters_t, minimises, 0, 1),
	FIELD(resolver_parameters_t, mixed_case, 0, 1),
	FIELD(resolver_parameters_t, edns, 0, 1),
	FIELD(resolver_parameters_t, forgets, 0, 1),
	FIELD(resolver_parameters_t, name_unknown, 0, 1),
	FIELD(resolver_parameters_t, validates, 0, 1),
	FIELD(resolver_parameters_t, stops, 0, 1),
	FIELD(resolver_parameters_t, retransmits, 0, 1),
	FIELD(resolver_parameters_t, others, 0, 1),
};

static const field_t zone_fields[] = {
	FIELD(zone_parameters_t, delegated, 0, 1),
	FIELD(zone_parameters_t, delegated_again, 0, 1),
	FIELD(zone_parameters_t, is_signed, 0, 1),
	FIELD(zone_parameters_t, delegation_ttl, 0, 172800),
	FIELD(zone_parameters_t, background, 0, 1e6),
	FIELD(zone_parameters_t, ttl, 0, 172800),
	FIELD(zone_parameters_t, ttl_weights, 0, MANY),
	FIELD(zone_parameters_t, negative_ttl, 0, 172800),
	FIELD(zone_parameters_t, negative_ttl_weights, 0, MANY),
};

static const field_t darknet_fields[] = {
	FIELD(darknet_parameters_t, repeats, 0, 1),
	FIELD(darknet_parameters_t, ipv6_visits, 0, 1e6),
	FIELD(darknet_parameters_t, victims, 0, 1e6),
	FIELD(darknet_parameters_t, victim_packets, 1, 1e11),
	FIELD(darknet_parameters_t, victim_sigma, 0, 4),
	FIELD(darknet_parameters_t, victim_minutes, 0.1, 1440),
	FIELD(darknet_parameters_t, one_flow, 0, 1e6),
	FIELD(darknet_parameters_t, one_flow_packets, 1, 1e6),
	FIELD(darknet_parameters_t, one_flow_sigma, 0, 4),
	FIELD(darknet_parameters_t, fragment, 0, 1e6),
	FIELD(darknet_parameters_t, small_syn, 0, 1e6),
	FIELD(darknet_parameters_t, small_udp, 0, 1e6),
	FIELD(darknet_parameters_t, small_ping, 0, 1e6),
	FIELD(darknet_parameters_t, other, 0, 1e6),
};

static const field_t class_fields[] = {
	FIELD(class_info_t, share, 0, 1),
	FIELD(class_info_t, kinds, 0, MANY),
	FIELD(class_info_t, concentration, 0.1, 1e6),
	FIELD(class_info_t, queriers, 0.1, 1e6),
	FIELD(class_info_t, queriers_sigma, 0, 4),
	FIELD(class_info_t, queries, 1, 1e4),
	FIELD(class_info_t, bursty, 0, 1),
	FIELD(class_info_t, bursts, 0, 15),
	FIELD(class_info_t, burst_minutes, 0.1, 1440),
	FIELD(class_info_t, diurnal, 0, 1),
	FIELD(class_info_t, even, 0, 1),
	FIELD(class_info_t, near, 0, 1),
	FIELD(class_info_t, near_countries, 1, 8),
	FIELD(class_info_t, near_networks, 0, 32),
	FIELD(class_info_t, returning, 0, 1),
	FIELD(class_info_t, life_days, 0.02, 1e5),
	FIELD(class_info_t, ipv6_share, 0, 1),
	FIELD(class_info_t, drift, 0, 1),
	FIELD(class_info_t, named, 0, 1),
	FIELD(class_info_t, networks, 0, MANY),
};

static const field_t kind_fields[] = {
	FIELD(kind_parameters_t, count, 1, 1e6),
	FIELD(kind_parameters_t, networks, 0, MANY),
	FIELD(kind_parameters_t, ipv6_share, 0, 1),
	FIELD(kind_parameters_t, scattered, 0, 1),
	FIELD(kind_parameters_t, background, 0, MANY),
	FIELD(kind_parameters_t, caches, 0, 1e4),
};

static const field_t species_fields[] = {
	FIELD(species_t, share, 0, 10),
	FIELD(species_t, life_days, 0.02, 1e5),
	FIELD(species_t, campaign_days, 0, 1e5),
	FIELD(species_t, gap_hours, 0, 1e4),
	FIELD(species_t, wave_day, -1e5, 1e5),
	FIELD(species_t, rise_days, 0, 1e5),
	FIELD(species_t, fall_days, 0, 1e5),
	FIELD(species_t, base, 0, 1),
	FIELD(species_t, tools, 0, MANY),
	FIELD(species_t, port_scan, 0, 1),
	FIELD(species_t, regular_hours, 0, 24),
	FIELD(species_t, queriers, 0.01, 100),
	FIELD(species_t, bursty, 0, 1),
	FIELD(species_t, bursts, 0, 15),
	FIELD(species_t, burst_minutes, 0.1, 1440),
	FIELD(species_t, networks, 0, MANY),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ONE(name, part, fields) \
	{ name, NULL, 1, offsetof(parameters_t, part), 0, fields, COUNT(fields) }
#define SOME(name, members, part, fields) \
	{ name, members, COUNT(((parameters_t *)0)->part), offsetof(parameters_t, part), \
	  sizeof(((parameters_t *)0)->part[0]), fields, COUNT(fields) }

static const family_t families[] = {
	ONE("originators", originators, originator_fields),
	ONE("resolvers", resolvers, resolver_fields),
	ONE("darknet", darknet, darknet_fields),
	ONE("zones", zones, zone_fields),
	SOME("class", class_names, classes, class_fields),
	SOME("kind", kind_names, kinds, kind_fields),
	SOME("scan", species_names, species, species_fields),
};

/* All numbers of the parameters, which are nothing but doubles. */
#define NUMBERS (sizeof(parameters_t) / sizeof(double))

/* A file on its way through the reader. */
typedef struct {
	const char *path;
	unsigned line;
	parameters_t *parameters;
	bool given[NUMBERS];       /* by this file */
	const family_t *family;    /* of the section; NULL before the first */
	size_t base;               /* offset of its structure */
	failure_t *failure;
} reader_t;

/* Made from simulator/parameters.txt. */
extern const char parameters_default[];

static status_t fail(const reader_t *reader, const char *what, const char *name)
{
	return failure_set(reader->failure, STATUS_BAD_DATA, "%s:%u: %s '%s'", reader->path,
	                   reader->line, what, name);
}

static status_t open_section(reader_t *reader, char *text)
{
	size_t size = strlen(text);
	if (text[size - 1] != ']') {
		return fail(reader, "a section must end with ']', not", text);
	}
	text[size - 1] = '\0';
	char *name = text + 1, *member = strchr(name, ' ');
	size_t family_size = member != NULL ? (size_t)(member - name) : strlen(name);
	for (size_t i = 0; i < COUNT(families); i++) {
		const family_t *family = &families[i];
		if (strlen(family->name) != family_size || strncmp(name, family->name, family_size) != 0 ||
		    (member != NULL) != (family->members != NULL)) {
			continue;
		}
		for (size_t j = 0; j < family->count; j++) {
			if (member == NULL || strcmp(member + 1, family->members[j]) == 0) {
				reader->family = family;
				reader->base = family->offset + j * family->size;
				return STATUS_OK;
			}
		}
	}
	return fail(reader, "there is no section", name);
}

static status_t read_numbers(const reader_t *reader, const field_t *field, char *text,
                             double *numbers)
{
	unsigned count = 0;
	char *save = NULL;
	for (char *word = strtok_r(text, " \t", &save); word != NULL;
	     word = strtok_r(NULL, " \t", &save), count++) {
		char *end;
		double number = strtod(word, &end);
		if (*end != '\0') {
			return fail(reader, "this is no number:", word);
		}
		/* Also refuses what is no number at all. */
		if (!(number >= field->least && number <= field->most)) {
			return failure_set(reader->failure, STATUS_BAD_DATA,
			                   "%s:%u: '%s' must lie between %g and %g, not %s", reader->path,
			                   reader->line, field->name, field->least, field->most, word);
		}
		if (count < field->count) {
			numbers[count] = number;
		}
	}
	if (count != field->count) {
		return failure_set(reader->failure, STATUS_BAD_DATA,
		                   "%s:%u: '%s' takes %u numbers, not %u", reader->path, reader->line,
		                   field->name, field->count, count);
	}
	return STATUS_OK;
}

static status_t set_field(reader_t *reader, const char *name, char *text)
{
	for (size_t i = 0; i < reader->family->field_count; i++) {
		const field_t *field = &reader->family->fields[i];
		if (strcmp(field->name, name) != 0) {
			continue;
		}
		size_t at = (reader->base + field->offset) / sizeof(double);
		if (reader->given[at]) {
			return fail(reader, "this is given twice:", name);
		}
		reader->given[at] = true;
		return read_numbers(reader, field, text, (double *)reader->parameters + at);
	}
	return fail(reader, "this section has no", name);
}

/* Takes the spaces off both ends, in place. */
static char *trim(char *text)
{
	text += strspn(text, " \t\r");
	size_t size = strlen(text);
	while (size > 0 && strchr(" \t\r", text[size - 1]) != NULL) {
		size--;
	}
	text[size] = '\0';
	return text;
}

static status_t read_line(reader_t *reader, char *line)
{
	line[strcspn(line, "#")] = '\0';
	line = trim(line);
	if (*line == '\0') {
		return STATUS_OK;
	}
	if (*line == '[') {
		return open_section(reader, line);
	}
	char *sign = strchr(line, '=');
	if (sign == NULL) {
		return fail(reader, "this line is neither [section] nor 'name = numbers':", line);
	}
	*sign = '\0';
	line = trim(line);
	if (reader->family == NULL) {
		return fail(reader, "no section stands before", line);
	}
	return set_field(reader, line, sign + 1);
}

static status_t read_text(reader_t *reader, char *text)
{
	status_t status = STATUS_OK;
	for (char *line = text; line != NULL && status == STATUS_OK;) {
		char *next = strchr(line, '\n');
		if (next != NULL) {
			*next++ = '\0';
		}
		reader->line++;
		status = read_line(reader, line);
		line = next;
	}
	return status;
}

static status_t read_file(const char *path, char **text, failure_t *failure)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		return failure_system(failure, errno, "cannot open parameters", path);
	}
	status_t status = STATUS_OK;
	*text = malloc(PARAMETERS_FILE_MAX + 1);
	size_t size = *text != NULL ? fread(*text, 1, PARAMETERS_FILE_MAX + 1, file) : 0;
	if (*text == NULL) {
		status = failure_no_memory(failure, "the parameters");
	} else if (ferror(file)) {
		status = failure_system(failure, errno, "cannot read parameters", path);
	} else if (size > PARAMETERS_FILE_MAX || memchr(*text, '\0', size) != NULL) {
		status = failure_set(failure, STATUS_BAD_DATA,
		                     "%s: parameters are text of at most %u bytes", path,
		                     PARAMETERS_FILE_MAX);
	} else {
		(*text)[size] = '\0';
	}
	fclose(file);
	return status;
}

typedef status_t (*visitor_t)(const reader_t *reader, const family_t *family, size_t member,
                              const field_t *field, size_t at);

static status_t visit(const reader_t *reader, visitor_t visitor)
{
	status_t status = STATUS_OK;
	for (size_t i = 0; i < COUNT(families); i++) {
		const family_t *family = &families[i];
		for (size_t j = 0; j < family->count * family->field_count && status == STATUS_OK; j++) {
			size_t member = j / family->field_count;
			const field_t *field = &family->fields[j % family->field_count];
			size_t offset = family->offset + member * family->size + field->offset;
			status = visitor(reader, family, member, field, offset / sizeof(double));
		}
	}
	return status;
}

static status_t fail_field(const reader_t *reader, const family_t *family, size_t member,
                           const field_t *field, const char *what)
{
	return failure_set(reader->failure, STATUS_BAD_DATA, "%s: '%s' of [%s%s%s] %s", reader->path,
	                   field->name, family->name, family->members != NULL ? " " : "",
	                   family->members != NULL ? family->members[member] : "", what);
}

static status_t check_given(const reader_t *reader, const family_t *family, size_t member,
                            const field_t *field, size_t at)
{
	return reader->given[at] ? STATUS_OK :
	       fail_field(reader, family, member, field, "is missing");
}

static status_t check_weights(const reader_t *reader, const family_t *family, size_t member,
                              const field_t *field, size_t at)
{
	double sum = 0;
	for (unsigned i = 0; i < field->count; i++) {
		sum += ((const double *)reader->parameters)[at + i];
	}
	/* Several numbers without a bound of their own are weights. */
	return field->count == 1 || field->most < MANY || sum > 0 ? STATUS_OK :
	       fail_field(reader, family, member, field, "must not be all 0");
}

static status_t check_shares(const reader_t *reader)
{
	double sum = 0;
	for (int i = 0; i < CLASSES; i++) {
		sum += reader->parameters->classes[i].share;
	}
	return fabs(sum - 1) < 1e-6 ? STATUS_OK :
	       failure_set(reader->failure, STATUS_BAD_DATA,
	                   "%s: the shares of the classes must sum to 1, not %g", reader->path, sum);
}

/* Reads a text over the parameters; `whole`: it must set all of them. */
static status_t take(const char *path, char *text, parameters_t *parameters, bool whole,
                     failure_t *failure)
{
	reader_t *reader = calloc(1, sizeof(*reader));
	if (reader == NULL || text == NULL) {
		free(reader);
		return failure_no_memory(failure, "the parameters");
	}
	reader->path = path;
	reader->parameters = parameters;
	reader->failure = failure;
	status_t status = read_text(reader, text);
	if (status == STATUS_OK && whole) {
		status = visit(reader, check_given);
	}
	if (status == STATUS_OK && (status = visit(reader, check_weights)) == STATUS_OK) {
		status = check_shares(reader);
	}
	free(reader);
	return status;
}

status_t parameters_load(const char *path, parameters_t **out, failure_t *failure)
{
	parameters_t *parameters = calloc(1, sizeof(*parameters));
	char *text = parameters != NULL ? strdup(parameters_default) : NULL;
	status_t status = text == NULL ? failure_no_memory(failure, "the parameters") :
	                  take("built-in parameters", text, parameters, true, failure);
	free(text);
	text = NULL;
	if (status == STATUS_OK && path != NULL) {
		status = read_file(path, &text, failure);
		if (status == STATUS_OK) {
			status = take(path, text, parameters, false, failure);
		}
		free(text);
	}
	if (status != STATUS_OK) {
		parameters_destroy(parameters);
		return status;
	}
	*out = parameters;
	return STATUS_OK;
}

void parameters_destroy(parameters_t *parameters)
{
	free(parameters);
}
