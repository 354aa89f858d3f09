/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The question of an event: name in wire form and type.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/generator.h"
#include "simulator/event.h"

/*! Room for a name in wire form (RFC 1035, section 3.1). */
#define QUESTION_NAME_MAX 255

/*! A question; its class is IN. */
typedef struct {
	uint8_t name[QUESTION_NAME_MAX];
	size_t name_size;  /*!< With the root label. */
	uint16_t qtype;
} question_t;

/*!
 * Makes the question of an event.
 *
 * \param kind        What is asked.
 * \param depth       EVENT_PARTIAL: labels of the address that are given.
 * \param address     The originator.
 * \param mixed_case  Mix the case of the letters (0x20).
 * \param generator   For what is left to chance: NS or A, the RFC 2317 range, the case.
 */
void question_make(event_kind_t kind, unsigned depth, const address_t *address, bool mixed_case,
                   generator_t *generator, question_t *question);
