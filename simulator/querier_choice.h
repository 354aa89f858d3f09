/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Which querier looks an originator up.
 */
#pragma once

#include "simulator/profile.h"

/*!
 * Draws a querier: by the profile's mixture of kinds, out of its own region, evenly over
 * all ASes, or by the size of the ASes. Thread-safe for different generators.
 *
 * \param ipv6  The originator is IPv6: those who know it are mostly queriers that have IPv6.
 *
 * \return Index in the world.
 */
uint32_t querier_choose(const world_t *world, const profile_t *profile, bool ipv6,
                        generator_t *generator);
