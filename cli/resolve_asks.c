/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions on their way. */
#include "cli/resolve_asks.h"

#include <string.h>

static void move(resolve_asks_t *asks, ask_t *ask, ask_state_t state)
{
	asks->in[ask->state]--;
	asks->in[state]++;
	ask->state = state;
}

void resolve_asks_begin(resolve_asks_t *asks)
{
	memset(asks, 0, sizeof(*asks));
	for (uint32_t i = 0; i < RESOLVE_ASKS_MAX; i++) {
		asks->free[i] = RESOLVE_ASKS_MAX - 1 - i;
	}
	asks->in[ASK_FREE] = RESOLVE_ASKS_MAX;
}

ask_t *resolve_asks_take(resolve_asks_t *asks, const wanted_querier_t *querier, uint64_t now)
{
	if (asks->in[ASK_FREE] == 0) {
		return NULL;
	}
	ask_t *ask = &asks->asks[asks->free[asks->in[ASK_FREE] - 1]];
	*ask = (ask_t) { .querier = *querier, .began = now, .tries = 1 };
	move(asks, ask, ASK_SENT);
	return ask;
}

ask_t *resolve_asks_any(resolve_asks_t *asks, ask_state_t state)
{
	for (uint32_t i = 0; asks->in[state] > 0 && i < RESOLVE_ASKS_MAX; i++) {
		if (asks->asks[i].state == state) {
			return &asks->asks[i];
		}
	}
	return NULL;
}

ask_t *resolve_asks_rested(resolve_asks_t *asks, uint64_t now)
{
	for (uint32_t i = 0; asks->in[ASK_RESTING] > 0 && i < RESOLVE_ASKS_MAX; i++) {
		ask_t *ask = &asks->asks[i];
		if (ask->state == ASK_RESTING && ask->again <= now) {
			ask->tries++;
			move(asks, ask, ASK_SENT);
			return ask;
		}
	}
	return NULL;
}

static bool heard_since(const resolve_asks_t *asks, const ask_t *ask)
{
	return asks->answered != 0 && asks->answered >= ask->began;
}

ask_fate_t resolve_asks_answer(resolve_asks_t *asks, ask_t *ask, const ptr_answer_t *answer,
                               uint64_t tries, uint64_t now)
{
	ask->last = answer->kind;
	switch (answer->kind) {
	case PTR_UNSENT:
		return ASK_IS_LOST;
	case PTR_NAME:
	case PTR_NONE:
		return ASK_IS_TOLD;
	case PTR_REFUSED:
		move(asks, ask, ASK_REFUSED);
		return ASK_GOES_ON;
	default:
		break;
	}
	if (ask->tries < tries) {
		ask->again = now + RESOLVE_PAUSE;
		move(asks, ask, ASK_RESTING);
		return ASK_GOES_ON;
	}
	if (answer->kind == PTR_SILENT && !heard_since(asks, ask)) {
		move(asks, ask, ASK_SILENT);
		return ASK_GOES_ON;
	}
	return ASK_IS_TOLD;
}

ask_t *resolve_asks_decided(resolve_asks_t *asks)
{
	if (asks->served && asks->in[ASK_REFUSED] > 0) {
		return resolve_asks_any(asks, ASK_REFUSED);
	}
	for (uint32_t i = 0; asks->in[ASK_SILENT] > 0 && i < RESOLVE_ASKS_MAX; i++) {
		if (asks->asks[i].state == ASK_SILENT && heard_since(asks, &asks->asks[i])) {
			return &asks->asks[i];
		}
	}
	return NULL;
}

void resolve_asks_free(resolve_asks_t *asks, ask_t *ask)
{
	asks->free[asks->in[ASK_FREE]] = (uint32_t)(ask - asks->asks);
	move(asks, ask, ASK_FREE);
}

uint32_t resolve_asks_count(const resolve_asks_t *asks)
{
	return RESOLVE_ASKS_MAX - asks->in[ASK_FREE];
}
