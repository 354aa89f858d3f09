/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What a recursive resolver's answer tells of a reverse name.
 *
 * RFC 1035, section 4.1 (messages), RFC 2308, sections 2 and 5 (no such name, no such data,
 * and how long that holds), RFC 2181, section 8 (TTLs), RFC 2317 (the PTR record may stand
 * behind a CNAME).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*! Room for a name in text with its final zero. */
#define PTR_NAME_MAX 256

/*! What was told. */
typedef enum {
	PTR_NAME,     /*!< There is a name. */
	PTR_NONE,     /*!< There is none: NXDOMAIN, or no record of this type. */
	PTR_FAILED,   /*!< SERVFAIL: the resolver could not find out. */
	PTR_REFUSED,  /*!< The server does not resolve for us: REFUSED, another code, a referral. */
	PTR_BAD,      /*!< No well-formed answer. */
	PTR_SILENT,   /*!< No answer in time; of ptr_client.h only. */
	PTR_UNSENT,   /*!< The system could not reach the server; of ptr_client.h only. */
} ptr_kind_t;

/*! An answer. */
typedef struct {
	ptr_kind_t kind;
	char name[PTR_NAME_MAX]; /*!< With PTR_NAME: without the final dot, letters, digits, hyphens
	                              and underscores as sent, anything else as '?'. */
	uint32_t ttl;            /*!< Seconds for which PTR_NAME or PTR_NONE holds; 0 if not told. */
} ptr_answer_t;

/*!
 * Reads an answer. Of several names the first in order of bytes is taken, so that the order
 * of the records does not matter.
 *
 * \param message  Any bytes.
 * \param size     How many.
 * \param answer   Out, in every case.
 *
 * Takes no memory; thread-safe.
 */
void ptr_answer_read(const uint8_t *message, size_t size, ptr_answer_t *answer);
