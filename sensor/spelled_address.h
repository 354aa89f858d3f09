/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Names that spell out their own address, as access networks make them.
 */
#pragma once

#include "common/address.h"

/*!
 * Finds the place in a name where the address is spelled out.
 *
 * IPv4: the four octets as decimal words in order or in reverse ("192-0-2-1",
 * "1.2.0.192", "192x000x002x001" with leading zeros) with one character
 * between them, or as eight hexadecimal digits together ("c0000201"). IPv6:
 * the 32 nibbles, or the last 16 of them, together or with hyphens between groups of four.
 *
 * \param name     Name in lower case.
 * \param address  The address.
 *
 * \return Pointer to the first character of the spelling in \a name, or NULL.
 */
const char *spelled_address_find(const char *name, const address_t *address);
