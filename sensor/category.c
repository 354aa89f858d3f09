/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Categories of querier names.
 *
 * A name costs one comparison per suffix and, per word in its labels, one per
 * keyword: some hundred short comparisons, well below a microsecond a label. It
 * is paid once per querier when its name is learnt, never per query.
 */
#include "sensor/category.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/spelled_address.h"

/* Longest name in text: 253 characters (RFC 1035), and room for a final dot. */
#define NAME_TEXT_MAX 256
#define RULES_SIZE_MAX (1u << 20)
#define RULES_MAX 4096
#define BLANKS " \t\r"

typedef enum { RULE_SUFFIX, RULE_WORD, RULE_ADDRESS } rule_kind_t;

typedef struct {
	rule_kind_t kind;
	category_t category;
	bool begins;       /* the word may go on */
	const char *text;  /* points into the copy of the file */
	size_t size;
} rule_t;

struct category_rules {
	char *text;
	rule_t *rules;  /* in the order of the file */
	size_t count;
};

extern const char category_default_rules[];

static status_t add_rule(category_rules_t *rules, rule_kind_t kind, category_t category,
                         char *text, failure_t *failure)
{
	if (rules->count == RULES_MAX) {
		return failure_set(failure, STATUS_BAD_DATA, "more than %d rules", RULES_MAX);
	}
	if (rules->count % 64 == 0) {
		rule_t *more = realloc(rules->rules, (rules->count + 64) * sizeof(*more));
		if (more == NULL) {
			return failure_no_memory(failure, "rules of querier names");
		}
		rules->rules = more;
	}
	rule_t *rule = &rules->rules[rules->count++];
	*rule = (rule_t) { .kind = kind, .category = category, .text = text };
	if (text != NULL) {
		for (char *c = text; *c != '\0'; c++) {
			*c = (char)tolower((unsigned char)*c);
		}
		rule->size = strlen(text);
		rule->begins = kind == RULE_WORD && text[rule->size - 1] == '*';
		rule->size -= rule->begins;
	}
	return STATUS_OK;
}

static bool parse_kind(const char *text, rule_kind_t *kind)
{
	static const char *const names[] = {
		[RULE_SUFFIX] = "suffix", [RULE_WORD] = "word", [RULE_ADDRESS] = "address",
	};
	for (size_t i = 0; text != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			*kind = (rule_kind_t)i;
			return true;
		}
	}
	return false;
}

static bool parse_category(const char *text, category_t *category)
{
	for (category_t i = 0; text != NULL && i < FEATURE_STATIC; i++) {
		/* A name that is there cannot be unreachable or missing. */
		if (i != FEATURE_UNREACH && i != FEATURE_NXDOMAIN && strcmp(text, feature_names[i]) == 0) {
			*category = i;
			return true;
		}
	}
	return false;
}

static status_t parse_line(category_rules_t *rules, char *line, const char *path, unsigned number,
                           failure_t *failure)
{
	line[strcspn(line, "#")] = '\0';
	char *rest, *word = strtok_r(line, BLANKS, &rest);
	if (word == NULL) {
		return STATUS_OK;
	}
	rule_kind_t kind;
	category_t category;
	if (!parse_kind(word, &kind)) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "%s:%u: '%s' is none of suffix, word, address", path, number, word);
	}
	word = strtok_r(NULL, BLANKS, &rest);
	if (!parse_category(word, &category)) {
		return failure_set(failure, STATUS_BAD_DATA, "%s:%u: '%s' is no category", path, number,
		                   word != NULL ? word : "");
	}
	word = strtok_r(NULL, BLANKS, &rest);
	if ((word == NULL) != (kind == RULE_ADDRESS)) {
		return failure_set(failure, STATUS_BAD_DATA, "%s:%u: %s", path, number,
		                   word == NULL ? "words are missing" : "words behind 'address'");
	}
	do {
		status_t status = add_rule(rules, kind, category, word, failure);
		if (status != STATUS_OK) {
			return status;
		}
	} while (word != NULL && (word = strtok_r(NULL, BLANKS, &rest)) != NULL);
	return STATUS_OK;
}

static status_t parse_text(category_rules_t *rules, const char *path, failure_t *failure)
{
	unsigned number = 1;
	for (char *line = rules->text; line != NULL; number++) {
		char *next = strchr(line, '\n');
		if (next != NULL) {
			*next++ = '\0';
		}
		status_t status = parse_line(rules, line, path, number, failure);
		if (status != STATUS_OK) {
			return status;
		}
		line = next;
	}
	return STATUS_OK;
}

static status_t read_text(const char *path, char **text, failure_t *failure)
{
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		return failure_system(failure, errno, "cannot open rules", path);
	}
	*text = calloc(1, RULES_SIZE_MAX + 1);
	if (*text == NULL) {
		fclose(file);
		return failure_no_memory(failure, path);
	}
	size_t size = fread(*text, 1, RULES_SIZE_MAX, file);
	status_t status = STATUS_OK;
	if (ferror(file)) {
		status = failure_system(failure, errno, "cannot read rules", path);
	} else if (size == RULES_SIZE_MAX) {
		status = failure_set(failure, STATUS_BAD_DATA, "%s: rules above %u bytes", path,
		                     RULES_SIZE_MAX);
	}
	fclose(file);
	return status;
}

status_t category_rules_load(const char *path, category_rules_t **out, failure_t *failure)
{
	category_rules_t *rules = calloc(1, sizeof(*rules));
	if (rules == NULL) {
		return failure_no_memory(failure, "rules of querier names");
	}
	status_t status = STATUS_OK;
	if (path != NULL) {
		status = read_text(path, &rules->text, failure);
	} else if ((rules->text = strdup(category_default_rules)) == NULL) {
		status = failure_no_memory(failure, "rules of querier names");
	}
	if (status == STATUS_OK) {
		status = parse_text(rules, path != NULL ? path : "built-in rules", failure);
	}
	if (status != STATUS_OK) {
		category_rules_destroy(rules);
		return status;
	}
	*out = rules;
	return STATUS_OK;
}

void category_rules_destroy(category_rules_t *rules)
{
	if (rules != NULL) {
		free(rules->rules);
		free(rules->text);
		free(rules);
	}
}

static bool suffix_matches(const rule_t *rule, const char *name, size_t size)
{
	return size >= rule->size && memcmp(name + size - rule->size, rule->text, rule->size) == 0 &&
	       (size == rule->size || name[size - rule->size - 1] == '.');
}

static bool splits_words(char c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Whether a word of the label [label, end) is the rule's. */
static bool label_has_word(const rule_t *rule, const char *label, const char *end)
{
	while (label < end) {
		const char *word = label;
		while (label < end && !splits_words(*label)) {
			label++;
		}
		size_t size = (size_t)(label - word);
		if ((rule->begins ? size >= rule->size : size == rule->size) &&
		    memcmp(word, rule->text, rule->size) == 0) {
			return true;
		}
		label++;
	}
	return false;
}

/* The first rule that the label [label, end) meets; CATEGORY_UNKNOWN if none. */
static category_t category_of_label(const category_rules_t *rules, const char *label,
                                    const char *end, const char *spelled)
{
	for (size_t i = 0; i < rules->count; i++) {
		const rule_t *rule = &rules->rules[i];
		if ((rule->kind == RULE_WORD && label_has_word(rule, label, end)) ||
		    (rule->kind == RULE_ADDRESS && spelled != NULL && spelled >= label && spelled < end)) {
			return rule->category;
		}
	}
	return CATEGORY_UNKNOWN;
}

category_t category_of_name(const category_rules_t *rules, const char *text,
                            const address_t *querier)
{
	if (text[0] == '\0') {
		return CATEGORY_UNKNOWN;
	}
	if (strcmp(text, QUERIER_NXDOMAIN) == 0) {
		return FEATURE_NXDOMAIN;
	}
	if (strcmp(text, QUERIER_UNREACH) == 0) {
		return FEATURE_UNREACH;
	}
	char name[NAME_TEXT_MAX];
	size_t size = 0;
	for (; text[size] != '\0' && size < sizeof(name) - 1; size++) {
		name[size] = (char)tolower((unsigned char)text[size]);
	}
	size -= size > 0 && name[size - 1] == '.';
	name[size] = '\0';

	for (size_t i = 0; i < rules->count; i++) {
		if (rules->rules[i].kind == RULE_SUFFIX && suffix_matches(&rules->rules[i], name, size)) {
			return rules->rules[i].category;
		}
	}
	const char *spelled = spelled_address_find(name, querier);
	for (const char *label = name; label != NULL;) {
		const char *end = label + strcspn(label, ".");
		category_t category = category_of_label(rules, label, end, spelled);
		if (category != CATEGORY_UNKNOWN) {
			return category;
		}
		label = *end == '.' ? end + 1 : NULL;
	}
	return FEATURE_OTHER;
}
