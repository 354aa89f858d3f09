/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reserved address space. */
#include "darknet/bogon.h"

#include <pthread.h>

#include "darknet/prefix_set.h"

static const bogon_t bogons[] = {
	{ "0.0.0.0/8", "this network", "RFC 791" },
	{ "10.0.0.0/8", "private use", "RFC 1918" },
	{ "100.64.0.0/10", "shared address space", "RFC 6598" },
	{ "127.0.0.0/8", "loopback", "RFC 1122" },
	{ "169.254.0.0/16", "link local", "RFC 3927" },
	{ "172.16.0.0/12", "private use", "RFC 1918" },
	{ "192.0.0.0/24", "IETF protocol assignments", "RFC 6890" },
	{ "192.0.2.0/24", "documentation", "RFC 5737" },
	{ "192.168.0.0/16", "private use", "RFC 1918" },
	{ "198.18.0.0/15", "benchmarking", "RFC 2544" },
	{ "198.51.100.0/24", "documentation", "RFC 5737" },
	{ "203.0.113.0/24", "documentation", "RFC 5737" },
	{ "224.0.0.0/4", "multicast", "RFC 5771" },
	{ "240.0.0.0/4", "reserved, and limited broadcast", "RFC 1112" },
	{ "::/3", "unspecified, loopback, mapped, translated, discard", "RFC 4291" },
	{ "2001:2::/48", "benchmarking", "RFC 5180" },
	{ "2001:10::/28", "ORCHID, given back", "RFC 4843" },
	{ "2001:db8::/32", "documentation", "RFC 3849" },
	{ "3fff::/20", "documentation", "RFC 9637" },
	{ "4000::/2", "not assigned", "RFC 4291" },
	{ "8000::/1", "not assigned, unique local, link local, multicast", "RFC 4291" },
};

#define BOGONS (sizeof(bogons) / sizeof(bogons[0]))

static prefix_set_t sets[BOGONS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void sets_make(void)
{
	for (size_t i = 0; i < BOGONS; i++) {
		prefix_t prefix;
		(void)prefix_parse(bogons[i].prefix, &prefix);
		/* One prefix takes no memory. */
		(void)prefix_set_make(&sets[i], &prefix, 1);
	}
}

const bogon_t *bogon_table(size_t *count)
{
	*count = BOGONS;
	return bogons;
}

bool bogon_source(const address_t *source)
{
	(void)pthread_once(&once, sets_make);
	for (size_t i = 0; i < BOGONS; i++) {
		if (prefix_set_contains(&sets[i], source)) {
			return true;
		}
	}
	return false;
}
