/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The module's section in the configuration of Knot: schema, check, reading.
 */
#pragma once

#include "module/filter.h"
#include "module/knot_compat.h"
#include "module/settings.h"

/*! Schema for KNOTD_MOD_API. */
extern const yp_item_t schema_items[];

/*!
 * Check of a section for KNOTD_MOD_API: what the schema alone cannot say. It looks
 * at values only, not at files: those may come and go while knotd runs.
 */
int schema_check(knotd_conf_check_args_t *args);

/*!
 * Reads the section of a module. Call in load() only.
 *
 * \param settings  Out; free with settings_clear().
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t schema_read(knotd_mod_t *mod, settings_t *settings);

/*!
 * Reads what is ignored. Call in load() only.
 *
 * \param key     Of the sensor, for the sample of originators.
 * \param filter  Out; free with filter_clear(), also after an error.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t schema_read_filter(knotd_mod_t *mod, const hash_key_t *key, filter_t *filter);
