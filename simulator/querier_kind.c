/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kinds of queriers and their names. The words in the names are those of the static
 * features of Fukuda and Heidemann (IEEE/ACM ToN 25(5), 2017, section III-C); how many
 * there are of each stands in the parameters.
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

const char *const kind_names[KINDS] = {
	[KIND_HOME] = "home",
	[KIND_MAIL] = "mail",
	[KIND_NS] = "ns",
	[KIND_FW] = "fw",
	[KIND_ANTISPAM] = "antispam",
	[KIND_WWW] = "www",
	[KIND_NTP] = "ntp",
	[KIND_CDN] = "cdn",
	[KIND_AWS] = "aws",
	[KIND_MS] = "ms",
	[KIND_GOOGLE] = "google",
	[KIND_OTHER] = "other",
	[KIND_UNREACH] = "unreach",
	[KIND_NXDOMAIN] = "nxdomain",
};

/* Patterns of each kind; NULL-terminated. */
static const char *const *const patterns[KINDS] = {
	[KIND_HOME] =
		NAMES("%a.dsl.%d", "pool-%a.%d", "host-%a.%d", "cpe-%n.cable.%d", "%a.dynamic.%d",
		"p%n.flets.%d", "%a.%d", "user%n.fiber.%d", "customer-%n.%d", "ip-%a.%d"),
	[KIND_MAIL] =
		NAMES("mail%n.%d", "mx%n.%d", "smtp%n.%d", "mail.site%n.%d", "mta%n.%d", "zimbra%n.%d",
		"post%n.%d", "imap%n.%d", "sender%n.%d", "lists%n.%d", "correo%n.%d"),
	[KIND_NS] =
		NAMES("ns%n.%d", "dns%n.%d", "cache%n.%d", "resolv%n.%d", "cns%n.%d", "ns.site%n.%d"),
	[KIND_FW] =
		NAMES("fw%n.%d", "firewall%n.%d", "wall%n.%d", "fw.branch%n.%d"),
	[KIND_ANTISPAM] =
		NAMES("ironport%n.%d", "spam%n.%d", "spam-filter%n.%d"),
	[KIND_WWW] =
		NAMES("www%n.%d", "www.shop%n.%d", "www.club%n.%d"),
	[KIND_NTP] =
		NAMES("ntp%n.%d", "ntp-%n.%d"),
	[KIND_CDN] =
		NAMES("a%a.deploy.static.akamaitechnologies.com", "cds%n.llnw.net",
		"e%n.edgecastcdn.net", "a%a.deploy.static.akamaitechnologies.com"),
	[KIND_AWS] =
		NAMES("ec2-%a.compute.amazonaws.com"),
	[KIND_MS] =
		NAMES("msnbot-%a.search.msn.com", "vm%n.azure.com"),
	[KIND_GOOGLE] =
		NAMES("google-proxy-%a.google.com", "%a.bc.googleusercontent.com"),
	[KIND_OTHER] =
		NAMES("core%n.%d", "gw%n.%d", "srv%n.%d", "edge%n.%d", "vps%n.%d", "lab%n.%d",
		"node%n.%d"),
	[KIND_UNREACH] =
		NAMES("!unreach"),
	[KIND_NXDOMAIN] =
		NAMES("!nxdomain"),
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
	const char *const *own = patterns[kind];
	size_t count = 0, size = 0;
	while (own[count] != NULL) {
		count++;
	}
	/* A network keeps to one or two styles. */
	const char *pattern = own[(as + number % 2) % count];
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
