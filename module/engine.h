/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A running sensor with its detector thread, shared by successive module instances.
 *
 * On reload Knot loads the new instance before it unloads the old one. Engines
 * are therefore kept in a list of the process, by scope and storage; the new
 * instance adopts the running one when the sensor's settings are the same, and
 * nothing is lost. Else the new instance gets an engine of its own, and the old
 * one ends, its windows stored, when the old instance is unloaded.
 */
#pragma once

#include "module/knot_compat.h"
#include "module/settings.h"

/*! An engine. */
typedef struct engine engine_t;

/*!
 * Gets an engine for an instance: adopts one, or starts one with its thread.
 *
 * \param mod       From now on messages and gauges go to this instance.
 * \param scope     Zone in text, or "".
 * \param settings  Copied.
 * \param engine    Out; give back by engine_release().
 *
 * Call in load() only.
 */
status_t engine_acquire(knotd_mod_t *mod, const char *scope, const settings_t *settings,
                        engine_t **engine, failure_t *failure);

/*!
 * Gives an engine back; the last to do so ends it: the thread makes a last pass, the
 * windows so far are stored, all is freed. If that takes longer than ten seconds, the
 * thread goes on alone and this returns. Call in unload() only.
 */
void engine_release(engine_t *engine, knotd_mod_t *mod);

/*! Its sensor, for hooks. */
sensor_t *engine_sensor(const engine_t *engine);

/*!
 * For hooks: the pair that a worker has asked for when the query came, until the query ends.
 * Only the worker itself may touch it.
 *
 * \param thread  Number of the worker.
 */
window_pair_t *engine_pair(const engine_t *engine, unsigned thread);

/*! The same for the subnet of the originator. */
window_pair_t *engine_subnet_pair(const engine_t *engine, unsigned thread);
