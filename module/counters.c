/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counters of the module. */
#include "module/counters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *family_index(uint32_t index, uint32_t count)
{
	(void)count;
	return strdup(family_name((family_t)index));
}

/* Behind the families: subnets. */
#define OBSERVATIONS_SUBNET FAMILIES

static char *observed_index(uint32_t index, uint32_t count)
{
	return index == OBSERVATIONS_SUBNET ? strdup("ipv6/64") : family_index(index, count);
}

static char *depth_index(uint32_t index, uint32_t count)
{
	(void)count;
	char text[QUERY_DEPTH_NAME_MAX];
	return strdup(query_depth_name(index, text));
}

static char *other_index(uint32_t index, uint32_t count)
{
	(void)count;
	return strdup(query_kind_name((query_kind_t)(index + QUERY_CLASSLESS)));
}

static char *ignored_index(uint32_t index, uint32_t count)
{
	(void)count;
	return strdup(filter_result_name((filter_result_t)(index + FILTER_QUERIER)));
}

static char *dropped_index(uint32_t index, uint32_t count)
{
	(void)count;
	return strdup(observe_result_name((observe_result_t)(index + OBSERVE_SUPPRESSED)));
}

/* Why a querier is not counted for a prefix. */
static const observe_result_t prefix_results[] = { OBSERVE_REFUSED, OBSERVE_LATE };
#define PREFIX_RESULTS (sizeof(prefix_results) / sizeof(prefix_results[0]))

static char *prefix_index(uint32_t index, uint32_t count)
{
	(void)count;
	return strdup(observe_result_name(prefix_results[index]));
}

static char *error_index(uint32_t index, uint32_t count)
{
	static const char *const names[ERRORS] = { "storage", "model", "memory", "networks", "checkpoint" };
	(void)count;
	return strdup(names[index]);
}

static const struct {
	const char *name;
	uint32_t indices;
	knotd_mod_idx_to_str_f index_name;
} counters[COUNTERS] = {
	[COUNTER_QUERIES] = { "queries", 1, NULL },
	[COUNTER_OBSERVATIONS] = { "observations", OBSERVATIONS_SUBNET + 1, observed_index },
	[COUNTER_PARTIAL] = { "partial", QUERY_DEPTHS, depth_index },
	[COUNTER_OTHER] = { "other", QUERY_KINDS - QUERY_CLASSLESS, other_index },
	[COUNTER_IGNORED] = { "ignored", FILTER_RESULTS - FILTER_QUERIER, ignored_index },
	[COUNTER_DROPPED] = { "dropped", OBSERVE_RESULTS - OBSERVE_SUPPRESSED, dropped_index },
	[COUNTER_PREFIX_DROPPED] = { "prefix-dropped", PREFIX_RESULTS, prefix_index },
	[COUNTER_UNMET] = { "unmet", 1, NULL },
	[COUNTER_DISPLACED] = { "displaced", FAMILIES, family_index },
	[COUNTER_MEMORY] = { "memory", FAMILIES, family_index },
	[COUNTER_PREFIXES] = { "prefixes", FAMILIES, family_index },
	[COUNTER_FULL_SHARE] = { "full-share", FAMILIES, family_index },
	[COUNTER_ORIGINATORS] = { "originators", FAMILIES, family_index },
	[COUNTER_QUERIERS] = { "queriers", FAMILIES, family_index },
	[COUNTER_VERIFIED] = { "verified", FAMILIES, family_index },
	[COUNTER_ANALYZABLE] = { "analyzable", FAMILIES, family_index },
	[COUNTER_LEFT_OUT] = { "left-out", FAMILIES, family_index },
	[COUNTER_CLASSIFIED] = { "classified", FAMILIES, family_index },
	[COUNTER_SCANNERS] = { "scanners", FAMILIES, family_index },
	[COUNTER_LITTLE_KNOWN] = { "little-known", FAMILIES, family_index },
	[COUNTER_UNVERIFIED] = { "unverified", FAMILIES, family_index },
	[COUNTER_MODEL_AGE] = { "model-age", 1, NULL },
	[COUNTER_ERRORS] = { "errors", ERRORS, error_index },
};

int counters_register(knotd_mod_t *mod)
{
	for (unsigned i = 0; i < COUNTERS; i++) {
		int result = knotd_mod_stats_add(mod, counters[i].name, counters[i].indices,
		                                 counters[i].index_name);
		if (result != KNOT_EOK) {
			return result;
		}
	}
	return KNOT_EOK;
}

void counters_unmet(knotd_mod_t *mod, unsigned thread)
{
	knotd_mod_stats_incr(mod, thread, COUNTER_UNMET, 0, 1);
}

void counters_prefix(knotd_mod_t *mod, unsigned thread, observe_result_t result)
{
	for (uint32_t i = 0; i < PREFIX_RESULTS; i++) {
		if (prefix_results[i] == result) {
			knotd_mod_stats_incr(mod, thread, COUNTER_PREFIX_DROPPED, i, 1);
		}
	}
}

static void count_observation(knotd_mod_t *mod, unsigned thread, uint32_t index,
                              observe_result_t result)
{
	if (result == OBSERVE_COUNTED) {
		knotd_mod_stats_incr(mod, thread, COUNTER_OBSERVATIONS, index, 1);
	} else {
		knotd_mod_stats_incr(mod, thread, COUNTER_DROPPED, result - OBSERVE_SUPPRESSED, 1);
	}
}

void counters_subnet(knotd_mod_t *mod, unsigned thread, observe_result_t result)
{
	count_observation(mod, thread, OBSERVATIONS_SUBNET, result);
}

void counters_query(knotd_mod_t *mod, unsigned thread, const query_judgement_t *judgement,
                    observe_result_t result)
{
	knotd_mod_stats_incr(mod, thread, COUNTER_QUERIES, 0, 1);
	family_t family = judgement->ipv6 ? FAMILY_IPV6 : FAMILY_IPV4;
	switch (judgement->kind) {
	case QUERY_OBSERVATION:
		count_observation(mod, thread, family, result);
		break;
	case QUERY_PARTIAL:
		knotd_mod_stats_incr(mod, thread, COUNTER_PARTIAL, query_depth(judgement), 1);
		break;
	default:
		knotd_mod_stats_incr(mod, thread, COUNTER_OTHER, judgement->kind - QUERY_CLASSLESS, 1);
		break;
	}
}

void counters_ignored(knotd_mod_t *mod, unsigned thread, filter_result_t reason)
{
	knotd_mod_stats_incr(mod, thread, COUNTER_QUERIES, 0, 1);
	knotd_mod_stats_incr(mod, thread, COUNTER_IGNORED, reason - FILTER_QUERIER, 1);
}
