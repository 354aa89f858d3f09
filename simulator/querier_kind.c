/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of the kinds of queriers, and their names.
 *
 * Sources: the kinds and the words in their names are the static features of
 * Fukuda and Heidemann (IEEE/ACM ToN 25(5), 2017, section III-C). How many there
 * are of each, in which networks, and with which share of IPv6: ours, chosen so
 * that the most frequent kinds of the papers (home, ns, mail, other, and
 * queriers without a name) are the most frequent here.
 */
#include "simulator/querier_kind.h"

#include <inttypes.h>
#include <stdio.h>

/* Patterns: %a the address spelled out, %n the number, %d the domain of the AS. */
#define NAMES(...) (const char *const []) { __VA_ARGS__, NULL }

/*                            access hosting enterprise cdn aws ms google */
const double network_shares[NETWORKS] = {
	[NETWORK_ACCESS] = 0.42, [NETWORK_HOSTING] = 0.22, [NETWORK_ENTERPRISE] = 0.34,
	[NETWORK_CDN] = 0.008, [NETWORK_AWS] = 0.004, [NETWORK_MS] = 0.004, [NETWORK_GOOGLE] = 0.004,
};

const querier_kind_info_t querier_kinds[KINDS] = {
	/*                 name        count   acc. host. ent. cdn aws ms goo.     IPv6  scattered */
	[KIND_HOME]     = { "home",    18000, { 1.0, 0.05, 0.03 },                 0.12, 1,
		NAMES("%a.dsl.%d", "pool-%a.%d", "host-%a.%d", "cpe-%n.cable.%d", "%a.dynamic.%d",
		      "p%n.flets.%d", "%a.%d", "user%n.fiber.%d", "customer-%n.%d", "ip-%a.%d") },
	[KIND_MAIL]     = { "mail",     7000, { 0.25, 0.8, 1.0 },                  0.10, 0,
		NAMES("mail%n.%d", "mx%n.%d", "smtp%n.%d", "mail.site%n.%d", "mta%n.%d", "zimbra%n.%d",
		      "post%n.%d", "imap%n.%d", "sender%n.%d", "lists%n.%d", "correo%n.%d") },
	[KIND_NS]       = { "ns",      10000, { 1.0, 0.7, 0.5 },                   0.20, 0,
		NAMES("ns%n.%d", "dns%n.%d", "cache%n.%d", "resolv%n.%d", "cns%n.%d", "ns.site%n.%d") },
	[KIND_FW]       = { "fw",       2500, { 0.15, 0.1, 1.0 },                  0.03, 0,
		NAMES("fw%n.%d", "firewall%n.%d", "wall%n.%d", "fw.branch%n.%d") },
	[KIND_ANTISPAM] = { "antispam", 1200, { 0.2, 0.5, 1.0 },                   0.04, 0,
		NAMES("ironport%n.%d", "spam%n.%d", "spam-filter%n.%d") },
	[KIND_WWW]      = { "www",      2500, { 0.05, 1.0, 0.5 },                  0.12, 0,
		NAMES("www%n.%d", "www.shop%n.%d", "www.club%n.%d") },
	[KIND_NTP]      = { "ntp",       400, { 0.4, 0.6, 1.0 },                   0.15, 0,
		NAMES("ntp%n.%d", "ntp-%n.%d") },
	[KIND_CDN]      = { "cdn",       700, { 0.02, [NETWORK_CDN] = 20 },     0.15, 0,
		NAMES("a%a.deploy.static.akamaitechnologies.com", "cds%n.llnw.net",
		      "e%n.edgecastcdn.net", "a%a.deploy.static.akamaitechnologies.com") },
	[KIND_AWS]      = { "aws",       800, { [NETWORK_AWS] = 1.0 },             0.06, 1,
		NAMES("ec2-%a.compute.amazonaws.com") },
	[KIND_MS]       = { "ms",        500, { [NETWORK_MS] = 1.0 },              0.06, 1,
		NAMES("msnbot-%a.search.msn.com", "vm%n.azure.com") },
	[KIND_GOOGLE]   = { "google",    500, { [NETWORK_GOOGLE] = 1.0 },          0.30, 1,
		NAMES("google-proxy-%a.google.com", "%a.bc.googleusercontent.com") },
	[KIND_OTHER]    = { "other",    8000, { 0.5, 1.0, 1.0 },                   0.12, 0,
		NAMES("core%n.%d", "gw%n.%d", "srv%n.%d", "edge%n.%d", "vps%n.%d", "lab%n.%d",
		      "node%n.%d") },
	[KIND_UNREACH]  = { "unreach",  4500, { 1.0, 0.4, 0.6 },                   0.05, 1,
		NAMES("!unreach") },
	[KIND_NXDOMAIN] = { "nxdomain", 9000, { 1.0, 0.5, 0.6 },                   0.25, 1,
		NAMES("!nxdomain") },
};

/* What the domain of an AS begins with; none of these words is a keyword of a kind. */
static const char *const domains[NETWORKS] = {
	"carrier", "hosting", "office", "edge", "cloud", "cloud", "cloud",
};

/* IPv4 "192-0-2-1"; IPv6 the 16 digits of the interface identifier. */
static int spell(const address_t *address, char *text, size_t room)
{
	const uint8_t *b = address->bytes;
	if (address_is_ipv4(address)) {
		return snprintf(text, room, "%u-%u-%u-%u", b[12], b[13], b[14], b[15]);
	}
	uint64_t identifier = 0;
	for (int i = 8; i < 16; i++) {
		identifier = identifier << 8 | b[i];
	}
	return snprintf(text, room, "%016" PRIx64, identifier);
}

char *querier_name(querier_kind_t kind, network_type_t network, unsigned as, unsigned number,
                   const address_t *address, char name[QUERIER_NAME_MAX])
{
	const char *const *patterns = querier_kinds[kind].names;
	size_t count = 0, size = 0;
	while (patterns[count] != NULL) {
		count++;
	}
	/* A network keeps to one or two styles. */
	const char *pattern = patterns[(as + number % 2) % count];
	for (; *pattern != '\0' && size < QUERIER_NAME_MAX - 1; pattern++) {
		size_t room = QUERIER_NAME_MAX - size;
		int written = 1;
		if (*pattern != '%') {
			name[size] = *pattern;
		} else if (*++pattern == 'a') {
			written = spell(address, name + size, room);
		} else if (*pattern == 'n') {
			written = snprintf(name + size, room, "%u", number);
		} else {
			written = snprintf(name + size, room, "%s%u.example", domains[network], as);
		}
		size += (size_t)written < room ? (size_t)written : room - 1;
	}
	name[size] = '\0';
	return name;
}
