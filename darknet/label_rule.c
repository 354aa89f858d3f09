/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Precedence of labels. */
#include "darknet/label_rule.h"

#include <string.h>

static const char *const preferences[] = {
	[LABEL_PREFER_ADDRESS] = "address",
	[LABEL_PREFER_LIST] = "list",
	[LABEL_PREFER_DARKNET] = "darknet",
};
_Static_assert(sizeof(preferences) / sizeof(preferences[0]) == LABEL_PREFERENCES, "a name for each");

static const char *const rules[] = {
	[LABEL_RULE_FIRST_LIST] = "first-list",
	[LABEL_RULE_LONGEST_PREFIX] = "longest-prefix",
	[LABEL_RULE_ADDRESS] = "listed-address",
	[LABEL_RULE_DARKNET] = "darknet",
	[LABEL_RULE_LIST] = "list",
};
_Static_assert(sizeof(rules) / sizeof(rules[0]) == LABEL_RULES, "a name for each");

const char *label_preference_name(label_preference_t preference)
{
	return preferences[preference];
}

label_preference_t label_preference_find(const char *name)
{
	label_preference_t preference = 0;
	while (preference < LABEL_PREFERENCES && strcmp(preferences[preference], name) != 0) {
		preference++;
	}
	return preference;
}

const char *label_rule_name(label_rule_t rule)
{
	return rules[rule];
}

const char *label_decide(const label_lists_t *lists, const listing_t *listing,
                         label_preference_t preference, label_rule_t *rule)
{
	const char *listed = listing != NULL ? label_lists_class(lists, listing->list) : NULL;
	*rule = LABEL_RULES;
	if (listed == NULL || strcmp(listed, LABEL_CLASS_SCAN) == 0) {
		return LABEL_CLASS_SCAN;
	}
	bool single = listing->prefix.length == 128;
	if (preference == LABEL_PREFER_DARKNET || (preference == LABEL_PREFER_ADDRESS && !single)) {
		*rule = LABEL_RULE_DARKNET;
		return LABEL_CLASS_SCAN;
	}
	*rule = preference == LABEL_PREFER_LIST ? LABEL_RULE_LIST : LABEL_RULE_ADDRESS;
	return listed;
}
