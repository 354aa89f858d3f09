/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief All numbers that the simulation assumes, read from one file.
 *
 * The file is simulator/parameters.txt: what each number means, and whether a
 * source or we ourselves answer for it, is said there and nowhere else. It is
 * built in; a file of the user's changes what it names. Every parameter stands in
 * the table of parameters.c with its bounds, and every one must be set.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"
#include "simulator/classes.h"
#include "simulator/event.h"
#include "simulator/querier_kind.h"
#include "simulator/species.h"

/*! Longest parameter file in bytes; above, it is refused. */
#define PARAMETERS_FILE_MAX (1u << 20)

/*! A section [originators]. */
typedef struct {
	double alive;             /*!< On a day, at scale 1. */
	double noise[2];          /*!< Share of an originator's queriers that fit no class: range. */
	double queriers_max;      /*!< Most distinct queriers of a day. */
	double ipv6_queriers;     /*!< Factor on the queriers of an IPv6 originator. */
	double drift_sigma;       /*!< How far a class wanders: deviation of the log weights. */
	double drift_days;        /*!< After how many days it forgot where it was. */
	double probes_exponent;   /*!< Queriers of a scan are in proportion to its probes to this. */
	double probes_whole;      /*!< Queriers of a scan of the whole IPv4 space. */
	double probes_sigma;      /*!< Deviation of the logarithm around that. */
	double skew;              /*!< 0: all its queriers look it up alike; 1: some much more. */
} originator_parameters_t;

/*! The section [resolvers]: shares of all queriers. */
typedef struct {
	double minimises;         /*!< QNAME minimisation (RFC 9156). */
	double mixed_case;        /*!< 0x20. */
	double edns;              /*!< OPT record. */
	double forgets;           /*!< Caches nothing. */
	double name_unknown;      /*!< Nobody resolved its own name yet. */
	double validates;         /*!< Uses signed gaps (aggressive NSEC, RFC 8198). */
	double stops;             /*!< Takes a missing parent for a missing name (RFC 8020). */
	double retransmits;       /*!< The same query again within seconds, per complete one. */
	double others[EVENT_OTHERS]; /*!< Per complete query: ANY, service, classless, malformed
	                                  names, ordinary ones. */
} resolver_parameters_t;

/*! The section [darknet]. */
typedef struct {
	double repeats;            /*!< Share of the scanners without a mark that repeat each probe. */
	double ipv6_visits;        /*!< Of a scanner over IPv6 to an IPv6 prefix, a day. */
	double victims;            /*!< Attacked hosts a day, per 1000 originators alive. */
	double victim_packets;     /*!< Answers to the whole space: median, */
	double victim_sigma;       /*!< and sigma of the logarithm. */
	double victim_minutes;     /*!< Length of an attack: mean. */
	double one_flow;           /*!< Sources a day, per 1000 originators and 65536 addresses. */
	double one_flow_packets;   /*!< Median, */
	double one_flow_sigma;     /*!< and sigma of the logarithm. */
	double fragment;           /*!< Sources a day, per 1000 originators and 65536 addresses. */
	double small_syn;
	double small_udp;
	double small_ping;
	double other;
} darknet_parameters_t;

/*! Times to live that zones choose from. */
#define ZONE_TTLS 4

/*! Heights below the root: /8, /16, /24. */
#define ZONE_LEVELS 3

/*! The section [zones]. */
typedef struct {
	double delegated[2];      /*!< Share of the /16s delegated whole; only in /24s. */
	double delegated_again;   /*!< Share of the /24s delegated below a delegated /16. */
	double is_signed[ZONE_LEVELS];      /*!< Share of the zones that are signed, by height. */
	double delegation_ttl[ZONE_LEVELS]; /*!< Seconds that their NS records live. */
	double background[ZONE_LEVELS];     /*!< Factor on the lookups of others, by height. */
	double ttl[ZONE_TTLS];              /*!< Seconds of PTR records, and their weights. */
	double ttl_weights[ZONE_TTLS];
	double negative_ttl[ZONE_TTLS];     /*!< The same of negative answers (RFC 2308). */
	double negative_ttl_weights[ZONE_TTLS];
} zone_parameters_t;

/*! Everything that is assumed. */
typedef struct {
	originator_parameters_t originators;
	resolver_parameters_t resolvers;
	darknet_parameters_t darknet;
	zone_parameters_t zones;
	class_info_t classes[CLASSES];
	kind_parameters_t kinds[KINDS];
	species_t species[SPECIES];
} parameters_t;

/*!
 * Reads the parameters: those that are built in, then those of a file over them.
 *
 * \param path        File of the user; NULL for none.
 * \param parameters  Out; free with parameters_destroy().
 *
 * \return STATUS_OK; STATUS_BAD_DATA with file and line for an unknown section or
 *         name, one given twice, a wrong number of numbers, or one out of its bounds;
 *         STATUS_SYSTEM; STATUS_NO_MEMORY.
 */
status_t parameters_load(const char *path, parameters_t **parameters, failure_t *failure);

/*! Frees parameters; NULL is allowed. */
void parameters_destroy(parameters_t *parameters);
