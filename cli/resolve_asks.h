/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The questions on their way: tries, pauses, and whether the resolver is to blame.
 *
 *     free ─► sent ─┬─► answered: a result
 *              ▲    ├─► resting: SERVFAIL or silence, tries are left
 *              └────│───────┘
 *                   ├─► silent: no try is left, and the resolver has said nothing at all
 *                   └─► refused: and the resolver has resolved nothing at all yet
 *
 * A silent one is unreachable as soon as the resolver is heard again, or free again, with
 * nothing found out, when the resolver turns out to be down; likewise a refused one.
 * All times are microseconds of a clock that only goes forward.
 */
#pragma once

#include <stdbool.h>

#include "cli/ptr_answer.h"
#include "sensor/wanted.h"

/*! Most questions at a time; with the patience of 3 s and 3 tries enough for 200 a second. */
#define RESOLVE_ASKS_MAX 4096

/*! Before a name is asked for again. */
#define RESOLVE_PAUSE UINT64_C(1000000)

/*! So many refusals, and no answer, make a resolver that refuses. */
#define RESOLVE_REFUSALS 16

/*! Where a question stands. */
typedef enum {
	ASK_FREE, ASK_SENT, ASK_RESTING, ASK_SILENT, ASK_REFUSED, ASK_STATES
} ask_state_t;

/*! A question. */
typedef struct {
	ask_state_t state;
	wanted_querier_t querier;
	uint64_t began;   /*!< When it was sent first. */
	uint64_t again;   /*!< When it has rested. */
	uint64_t tries;   /*!< How often it was sent. */
	ptr_kind_t last;  /*!< What came of that. */
} ask_t;

/*! All of them. Start with resolve_asks_begin(). Not thread-safe. */
typedef struct {
	ask_t asks[RESOLVE_ASKS_MAX];
	uint32_t free[RESOLVE_ASKS_MAX]; /*!< Stack of numbers of free ones. */
	uint32_t in[ASK_STATES];         /*!< How many are in each state. */
	uint64_t answered;               /*!< When the resolver was heard last; 0: never. */
	bool served;                     /*!< It has resolved something. */
} resolve_asks_t;

/*! What is to be done with a question that has ended. */
typedef enum {
	ASK_GOES_ON,  /*!< Nothing. */
	ASK_IS_TOLD,  /*!< The answer is the result; resolve_asks_free() it. */
	ASK_IS_LOST,  /*!< The system cannot reach the resolver; resolve_asks_free() it. */
} ask_fate_t;

/*! Makes all free. */
void resolve_asks_begin(resolve_asks_t *asks);

/*! Takes a free one for a querier, in state ASK_SENT; NULL if there is none. */
ask_t *resolve_asks_take(resolve_asks_t *asks, const wanted_querier_t *querier, uint64_t now);

/*! One that has rested, in state ASK_SENT again; NULL if there is none. */
ask_t *resolve_asks_rested(resolve_asks_t *asks, uint64_t now);

/*!
 * Judges an answer.
 *
 * \param tries  Most tries.
 */
ask_fate_t resolve_asks_answer(resolve_asks_t *asks, ask_t *ask, const ptr_answer_t *answer,
                               uint64_t tries, uint64_t now);

/*! A silent or refused one that is unreachable by what is known now, or NULL. */
ask_t *resolve_asks_decided(resolve_asks_t *asks);

/*! Any that is in this state, or NULL. */
ask_t *resolve_asks_any(resolve_asks_t *asks, ask_state_t state);

/*! Frees one. */
void resolve_asks_free(resolve_asks_t *asks, ask_t *ask);

/*! How many are not free. */
uint32_t resolve_asks_count(const resolve_asks_t *asks);
