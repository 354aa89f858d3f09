/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Kinds of queriers: what stands behind a querier, how many there are, how they are named.
 *
 * One kind for each of the 14 categories that a classifier tells by name. The
 * simulator knows nothing of the classifier's rules: it gives names as networks
 * give them, and a test holds that the rules read them as they are meant.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/address.h"

/*! Kinds of queriers, in the order of the classifier's categories. */
typedef enum {
	KIND_HOME = 0,
	KIND_MAIL,
	KIND_NS,
	KIND_FW,
	KIND_ANTISPAM,
	KIND_WWW,
	KIND_NTP,
	KIND_CDN,
	KIND_AWS,
	KIND_MS,
	KIND_GOOGLE,
	KIND_OTHER,
	KIND_UNREACH,  /*!< The servers of its reverse name do not answer. */
	KIND_NXDOMAIN, /*!< It has no reverse name. */
	KINDS,
} querier_kind_t;

/*! Types of autonomous systems. */
typedef enum {
	NETWORK_ACCESS = 0,  /*!< Homes, and the resolvers and mail servers of their provider. */
	NETWORK_HOSTING,     /*!< Servers for rent. */
	NETWORK_ENTERPRISE,  /*!< Companies, universities, authorities. */
	NETWORK_CDN,
	NETWORK_AWS,
	NETWORK_MS,
	NETWORK_GOOGLE,
	NETWORKS,
} network_type_t;

/*! A section [kind NAME] of the parameters. */
typedef struct {
	double count;                /*!< Queriers of this kind in the world. */
	double networks[NETWORKS];   /*!< Weight of an AS of each type, times its size. */
	double ipv6_share;           /*!< Share of these queriers that ask over IPv6. */
	double scattered;            /*!< 1: anywhere in its AS; 0: in the few /24s of servers. */
	double background;           /*!< Lookups a day of its other clients under each /8. */
	double caches;               /*!< Caches that all in an AS share; 0: each has its own. */
} kind_parameters_t;

/*! Names of the kinds, as in the parameters. */
extern const char *const kind_names[KINDS];

/*! Weight of an AS of each type when the world is made. */
extern const double network_shares[NETWORKS];

/*! Room for the name of a querier with its final zero. */
#define QUERIER_NAME_MAX 128

/*!
 * Writes the reverse name of a querier.
 *
 * \param kind     Its kind.
 * \param network  Type of its AS.
 * \param as       Index of its AS in the world: part of the domain.
 * \param number   Its number among its kind in its AS, from 1.
 * \param address  Its address, which many names spell out.
 * \param name     Out; "!nxdomain" and "!unreach" for queriers without a name.
 *
 * \return \a name. Thread-safe.
 */
char *querier_name(querier_kind_t kind, network_type_t network, unsigned as, unsigned number,
                   const address_t *address, char name[QUERIER_NAME_MAX]);
