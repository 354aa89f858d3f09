/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A host for one instance of the module, in place of knotd.
 */
#pragma once

#include "module/counter.h"
#include "module/knot_compat.h"

/*! Most different indices of a counter. */
#define HOST_INDICES 64

/*! An instance as the host keeps it. Start with zeroes. */
struct knotd_mod {
	void *ctx;
	knotd_mod_hook_f hooks[STAND_IN_STAGES];
	unsigned counters;                        /*!< Registered so far. */
	unsigned counters_max;                    /*!< Beyond, registration fails; 0: never. */
	uint64_t values[COUNTERS][HOST_INDICES];
	char log[4096];
};

/*! Value of a setting of type string: the stand-in's configuration. NULL: the default. */
extern const char *host_storage;

/*! Calls the hook of a stage with a query, if there is one. */
void host_query(struct knotd_mod *mod, knotd_stage_t stage, knotd_qdata_t *qdata);
