/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The 22 features of an originator and their names: the only table of them.
 *
 * After Fukuda and Heidemann (IMC 2015; IEEE/ACM ToN 25(5), 2017, section
 * III-C): 14 static features, the shares of the queriers' name categories, and
 * 8 dynamic ones. The order is the order of the columns in every file.
 */
#pragma once

#include <stddef.h>

/*!
 * The list: F(identifier, column name). The first FEATURE_STATIC entries are the
 * categories of querier names, in the order of category_t.
 */
#define FEATURE_LIST(F) \
	F(HOME, "home") \
	F(MAIL, "mail") \
	F(NS, "ns") \
	F(FW, "fw") \
	F(ANTISPAM, "antispam") \
	F(WWW, "www") \
	F(NTP, "ntp") \
	F(CDN, "cdn") \
	F(AWS, "aws") \
	F(MS, "ms") \
	F(GOOGLE, "google") \
	F(OTHER, "other") \
	F(UNREACH, "unreach") \
	F(NXDOMAIN, "nxdomain") \
	F(QUERIES_PER_QUERIER, "queries_per_querier") \
	F(PERSISTENCE, "persistence") \
	F(LOCAL_ENTROPY, "local_entropy") \
	F(GLOBAL_ENTROPY, "global_entropy") \
	F(UNIQUE_AS, "unique_as") \
	F(UNIQUE_COUNTRY, "unique_country") \
	F(QUERIERS_PER_COUNTRY, "queriers_per_country") \
	F(QUERIERS_PER_AS, "queriers_per_as")

#define FEATURE_ENUM(identifier, name) FEATURE_##identifier,

/*! Index of a feature in a vector. */
typedef enum {
	FEATURE_LIST(FEATURE_ENUM)
	FEATURES, /*!< Number of features. */
} feature_t;

#undef FEATURE_ENUM

/*! How many of the features, from the front, are shares of name categories. */
#define FEATURE_STATIC (FEATURE_NXDOMAIN + 1)

_Static_assert(FEATURES == 22 && FEATURE_STATIC == 14, "the paper has 14 + 8 features");

/*! Column names, indexed by feature_t. */
extern const char *const feature_names[FEATURES];
