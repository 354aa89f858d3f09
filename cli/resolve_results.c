/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results of look-ups on their way into the store. */
#include "cli/resolve_results.h"

#include <stdlib.h>
#include <string.h>

#include "common/moment.h"
#include "store/store_querier.h"

#define DAY (UINT64_C(86400) * MICROSECONDS)

static uint64_t clamp(uint64_t value, uint64_t least, uint64_t most)
{
	return value > most ? most : value < least ? least : value;
}

uint64_t resolve_due(const resolve_times_t *times, const ptr_answer_t *answer, unsigned failures,
                     uint64_t now)
{
	if (failures > 0) {
		unsigned doublings = failures - 1 < 20 ? failures - 1 : 20;
		return now + clamp(times->retry << doublings, times->retry,
		                   times->retry > DAY ? times->retry : DAY);
	}
	uint64_t most = times->ttl_max;
	if (answer->kind == PTR_NONE && most > DAY) {
		most = times->ttl_min > DAY ? times->ttl_min : DAY;
	}
	return now + clamp(answer->ttl * MICROSECONDS, times->ttl_min, most);
}

status_t resolve_results_add(resolve_results_t *results, const resolve_times_t *times,
                             const wanted_querier_t *querier, const ptr_answer_t *answer,
                             uint64_t now)
{
	if (results->count == RESOLVE_RESULTS_MAX) {
		return STATUS_NO_MEMORY;
	}
	bool told = answer->kind == PTR_NAME || answer->kind == PTR_NONE;
	unsigned failures = told ? 0 : querier->failures < UINT8_MAX ? querier->failures + 1u : UINT8_MAX;
	const char *name = answer->kind == PTR_NAME ? answer->name :
	                   told ? QUERIER_NXDOMAIN : QUERIER_UNREACH;
	const resolve_result_t result = {
		.querier = querier->querier,
		.name = strdup(name),
		.learned = now,
		.due = resolve_due(times, answer, failures, now),
		.failures = (uint8_t)failures,
	};
	if (result.name == NULL) {
		return STATUS_NO_MEMORY;
	}
	results->results[results->count++] = result;
	return STATUS_OK;
}

status_t resolve_results_write(resolve_results_t *results, store_t *store,
                               const category_rules_t *rules, failure_t *failure)
{
	store_querier_batch_t *batch;
	if (results->count == 0) {
		return STATUS_OK;
	}
	status_t status = store_querier_begin(store, &batch, failure);
	if (status != STATUS_OK) {
		return status;
	}
	for (size_t i = 0; i < results->count && status == STATUS_OK; i++) {
		const resolve_result_t *result = &results->results[i];
		status = store_querier_resolved(batch, &result->querier, result->name,
		                                category_of_name(rules, result->name, &result->querier),
		                                result->learned, result->due, result->failures, failure);
	}
	status_t end = store_querier_end(batch, status == STATUS_OK,
	                                 status == STATUS_OK ? failure : NULL);
	status = status == STATUS_OK ? end : status;
	if (status == STATUS_OK) {
		resolve_results_clear(results);
	}
	return status;
}

void resolve_results_clear(resolve_results_t *results)
{
	for (size_t i = 0; i < results->count; i++) {
		free(results->results[i].name);
	}
	results->count = 0;
}
