/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A seeded day of an authority for reverse zones: the same queries as pcap or as dnstap.
 *
 * What matters for speed is as on a busy authority: more originators and queriers than fit
 * in a cache, few of either very busy, most queries for complete names, the rest what QNAME
 * minimisation, service discovery and classless zones send. What the queries mean is of no
 * matter; for that there is the simulator. The shares are in authority.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*! Queries of the capture that is measured. */
#define AUTHORITY_QUERIES 4000000

/*! Originators and queriers that are drawn from; some of them stay unseen. */
#define AUTHORITY_ORIGINATORS 400000
#define AUTHORITY_QUERIERS    200000

/*! Formats. */
typedef enum { AUTHORITY_PCAP, AUTHORITY_DNSTAP } authority_format_t;

/*!
 * Writes a day. The same arguments give the same bytes; both formats have the same queries.
 *
 * \param file     Open for writing; errors stay in it.
 * \param queries  How many, spread over one day.
 */
void authority_write(FILE *file, authority_format_t format, uint64_t queries, uint64_t seed);
