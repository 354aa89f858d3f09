/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The classes of originators, one row each.
 *
 * From the papers (Fukuda and Heidemann, IMC 2015; IEEE/ACM ToN 25(5), 2017; IMC
 * 2018 for IPv6) is the direction only, as noted at each row: which queriers
 * stand out, whether they are spread widely, whether the originator lasts. Every
 * number is ours, set so that the classes overlap as the papers' do. What the
 * numbers build in is listed in doc/simulation.md; no result of a classifier on
 * this traffic is a finding about the Internet.
 */
#include "simulator/classes.h"

const class_info_t class_table[CLASSES] = {
	[CLASS_AD_TRACKER] = {
		/* Touches people who browse: home and ns queriers, widely spread; it stays. */
		.name = "ad-tracker", .share = 0.07,
		/* home mail ns  fw  as www ntp cdn aws ms goo oth unr nx */
		.kinds = { 34, 2, 24, 6, 1, 2, .3, .6, 1, .6, 1, 14, 4, 9.5 },
		.concentration = 40, .queriers = 22, .queriers_sigma = 1.1, .queries = 2.2,
		.bursty = 0.05, .bursts = 3, .burst_minutes = 40, .diurnal = 0.7,
		.even = 0.25, .near = 0.35, .near_countries = 4, .near_networks = 0,
		.returning = 0.6, .life_days = 90, .ipv6_share = 0.06,
		.networks = { 0.1, 1, 0.2, 2, 2, 1, 1 },
	},
	[CLASS_CDN] = {
		/* Serves the homes of its own region: few ASes and countries, all day, for long. */
		.name = "cdn", .share = 0.12,
		.kinds = { 40, 2, 30, 4, .5, 1.5, .3, 1.5, .6, .4, .6, 10, 3, 6 },
		.concentration = 40, .queriers = 22, .queriers_sigma = 1.1, .queries = 2.6,
		.bursty = 0, .bursts = 0, .burst_minutes = 1, .diurnal = 0.6,
		.even = 0.05, .near = 0.85, .near_countries = 1, .near_networks = 9,
		.returning = 0.75, .life_days = 200, .ipv6_share = 0.12,
		.networks = { 0.3, 0.5, 0, 40, 0, 0, 0 },
	},
	[CLASS_CLOUD] = {
		/* Front ends of services: resolvers and companies, less regional than a CDN. */
		.name = "cloud", .share = 0.09,
		.kinds = { 24, 6, 29, 7, 1.5, 4, .3, .5, 3, 2, 2, 15, 2, 4 },
		.concentration = 40, .queriers = 20, .queriers_sigma = 1.1, .queries = 2.3,
		.bursty = 0.05, .bursts = 3, .burst_minutes = 60, .diurnal = 0.4,
		.even = 0.2, .near = 0.5, .near_countries = 4, .near_networks = 0,
		.returning = 0.65, .life_days = 120, .ipv6_share = 0.12,
		.networks = { 0, 0.3, 0, 0, 30, 20, 30 },
	},
	[CLASS_CRAWLER] = {
		/* Reads web servers: www, ns and other queriers of hosting networks. */
		.name = "crawler", .share = 0.06,
		.kinds = { 7, 8, 26, 4, 1.5, 20, .4, .8, 3, 1, .6, 20, 2, 5 },
		.concentration = 35, .queriers = 21, .queriers_sigma = 1.15, .queries = 2.0,
		.bursty = 0.1, .bursts = 5, .burst_minutes = 60, .diurnal = 0.1,
		.even = 0.35, .near = 0.25, .near_countries = 4, .near_networks = 0,
		.returning = 0.45, .life_days = 150, .ipv6_share = 0.05,
		.networks = { 0, 1, 0.3, 0, 6, 6, 10 },
	},
	[CLASS_DNS] = {
		/* Large name servers: other name servers ask for them, all day. */
		.name = "dns", .share = 0.07,
		.kinds = { 12, 7, 46, 5, 1.5, 3, .5, .5, 1, .5, .6, 14, 3, 6 },
		.concentration = 35, .queriers = 20, .queriers_sigma = 1.1, .queries = 2.2,
		.bursty = 0.05, .bursts = 3, .burst_minutes = 40, .diurnal = 0.15,
		.even = 0.3, .near = 0.4, .near_countries = 3, .near_networks = 0,
		.returning = 0.65, .life_days = 250, .ipv6_share = 0.18,
		.networks = { 1, 0.7, 0.5, 0, 1, 0, 1 },
	},
	[CLASS_MAIL] = {
		/* Mailing lists and mail services: the mail servers of the recipients, of its own
		 * language more than of the world, in the working day. */
		.name = "mail", .share = 0.15,
		.kinds = { 9, 42, 20, 3, 5, 2.5, .3, .2, 1, 1, .8, 11, 2, 4 },
		.concentration = 30, .queriers = 18, .queriers_sigma = 1.15, .queries = 1.6,
		.bursty = 0.25, .bursts = 4, .burst_minutes = 60, .diurnal = 0.5,
		.even = 0.25, .near = 0.6, .near_countries = 2, .near_networks = 0,
		.returning = 0.5, .life_days = 120, .ipv6_share = 0.10,
		.networks = { 0.4, 1, 1, 0, 2, 2, 1 },
	},
	[CLASS_NTP] = {
		/* Public time servers: homes and other time servers, at every hour. */
		.name = "ntp", .share = 0.05,
		.kinds = { 30, 3, 22, 7, .5, 2, 7, .3, 1, .4, .4, 15, 4, 7.5 },
		.concentration = 35, .queriers = 19, .queriers_sigma = 1.1, .queries = 2.4,
		.bursty = 0, .bursts = 0, .burst_minutes = 1, .diurnal = 0.1,
		.even = 0.35, .near = 0.5, .near_countries = 3, .near_networks = 0,
		.returning = 0.6, .life_days = 250, .ipv6_share = 0.20,
		.networks = { 0.5, 0.7, 1, 0, 0.5, 0, 1 },
	},
	[CLASS_P2P] = {
		/* Homes that talk to homes, many without a name; gone after a few days. */
		.name = "p2p", .share = 0.08,
		.kinds = { 48, 1, 12, 4, .3, .6, .2, .2, .4, .2, .2, 7, 7, 17 },
		.concentration = 35, .queriers = 20, .queriers_sigma = 1.0, .queries = 1.9,
		.bursty = 0.3, .bursts = 3, .burst_minutes = 150, .diurnal = 0.5,
		.even = 0.3, .near = 0.35, .near_countries = 3, .near_networks = 0,
		.returning = 0.25, .life_days = 5, .ipv6_share = 0.08,
		.networks = { 1, 0.03, 0.02, 0, 0, 0, 0 },
	},
	[CLASS_PUSH] = {
		/* Notifications to telephones: the resolvers and gateways of access networks. */
		.name = "push", .share = 0.05,
		.kinds = { 44, 1.5, 17, 11, .4, .6, .2, .3, .5, .4, .6, 10, 4, 8 },
		.concentration = 40, .queriers = 21, .queriers_sigma = 1.1, .queries = 3.0,
		.bursty = 0.1, .bursts = 4, .burst_minutes = 20, .diurnal = 0.35,
		.even = 0.1, .near = 0.45, .near_countries = 4, .near_networks = 0,
		.returning = 0.7, .life_days = 200, .ipv6_share = 0.08,
		.networks = { 0, 0.2, 0, 0, 6, 6, 20 },
	},
	[CLASS_SCAN] = {
		/* Touches addresses, not people: firewalls and homes everywhere, many queriers
		 * without a name, evenly over ASes and countries, few queries each; in bursts; the
		 * next day other targets; gone after hours or days. */
		.name = "scan", .share = 0.13,
		.kinds = { 22, 3, 11, 17, 1.2, 2, .5, .4, 1.4, .7, .5, 11, 9, 21 },
		.concentration = 45, .queriers = 33, .queriers_sigma = 1.15, .queries = 1.4,
		.bursty = 0.8, .bursts = 5, .burst_minutes = 45, .diurnal = 0.05,
		.even = 0.85, .near = 0.06, .near_countries = 3, .near_networks = 0,
		.returning = 0.15, .life_days = 1.8, .ipv6_share = 0.08,
		.networks = { 0.7, 1, 0.2, 0, 3, 1, 1 },
	},
	[CLASS_SPAM] = {
		/* Mail to anybody: mail and antispam queriers, spread more widely than a mailing
		 * list's, in campaigns; out of homes and rented servers. */
		.name = "spam", .share = 0.09,
		.kinds = { 12, 34, 16, 5, 9, 2, .3, .2, 1, 1, .8, 11, 4, 7.5 },
		.concentration = 30, .queriers = 20, .queriers_sigma = 1.1, .queries = 1.7,
		.bursty = 0.5, .bursts = 4, .burst_minutes = 80, .diurnal = 0.15,
		.even = 0.45, .near = 0.25, .near_countries = 3, .near_networks = 0,
		.returning = 0.3, .life_days = 4, .ipv6_share = 0.03,
		.networks = { 1, 0.8, 0.1, 0, 0.5, 0.5, 0 },
	},
	[CLASS_UPDATE] = {
		/* Updates of software: homes and companies of a few countries, in waves of a day. */
		.name = "update", .share = 0.04,
		.kinds = { 33, 7, 19, 12, 2, 4, .6, .5, 1.5, 1.5, .5, 13, 2, 3.5 },
		.concentration = 40, .queriers = 22, .queriers_sigma = 1.1, .queries = 2.2,
		.bursty = 0.15, .bursts = 2, .burst_minutes = 200, .diurnal = 0.8,
		.even = 0.15, .near = 0.6, .near_countries = 4, .near_networks = 0,
		.returning = 0.6, .life_days = 150, .ipv6_share = 0.08,
		.networks = { 0, 0.5, 0.3, 10, 4, 10, 1 },
	},
};
