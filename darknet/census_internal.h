/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What taking and closing share. Internal to darknet/.
 */
#pragma once

#include "darknet/census.h"
#include "darknet/destinations.h"
#include "darknet/flow_store.h"
#include "darknet/pool.h"
#include "darknet/slots.h"
#include "darknet/unit.h"

/*! What is needed of a packet that waits. */
typedef struct {
	address_t source;
	address_t destination; /*!< IPv6 only. */
	flow_t flow;           /*!< IPv6: its address is not yet known. */
	uint32_t tag;          /*!< Of its unit. */
	uint8_t kind;          /*!< unit_kind() */
	uint8_t flags;         /*!< EVENT_FLAG_PORT_0 */
	bool probe;
	tool_set_t tools;      /*!< Of a probe. */
	unit_t *guess;         /*!< Of census_flush(): where its unit may be, or NULL. */
} waiting_t;

struct census {
	const census_common_t *common;
	telescope_window_t window;
	budget_t budget;
	pool_t pool;
	slots_t units;
	destinations_t destinations;
	flow_store_t flows;
	unsigned waiting_count;
	waiting_t waiting[CENSUS_BATCH];
};

/*! Bytes that order units: the source's, then the kind. */
#define CENSUS_KEY 17

/*! A unit on its way into the order of events. */
typedef struct {
	uint8_t key[CENSUS_KEY];
	uint32_t line;
} ordered_t;

/*! Bytes that each unit needs when the window is closed: two arrays to sort. */
#define CENSUS_CLOSING (2 * sizeof(ordered_t))
