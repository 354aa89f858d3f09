/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses and prefixes: text, socket addresses, masks. */
#include "common/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

address_t address_network(const address_t *address, unsigned length)
{
	address_t network = *address;
	for (unsigned i = 0; i < sizeof(network.bytes); i++) {
		unsigned kept = length > 8 * i ? length - 8 * i : 0;
		if (kept < 8) {
			network.bytes[i] &= (uint8_t)(0xff00u >> kept);
		}
	}
	return network;
}

bool address_parse(const char *text, address_t *address)
{
	uint8_t bytes[4];
	if (inet_pton(AF_INET, text, bytes) == 1) {
		*address = address_from_ipv4(bytes);
		return true;
	}
	address_t ipv6;
	if (inet_pton(AF_INET6, text, ipv6.bytes) == 1 && !address_is_subnet(&ipv6)) {
		*address = ipv6;
		return true;
	}
	return false;
}

bool address_parse_originator(const char *text, address_t *originator)
{
	prefix_t prefix;
	if (strchr(text, '/') == NULL) {
		return address_parse(text, originator);
	}
	/* Those of IPv4 are longer. */
	if (!prefix_parse(text, &prefix) || prefix.length != ADDRESS_SUBNET_LENGTH) {
		return false;
	}
	*originator = address_subnet(&prefix.address);
	return true;
}

char *address_format(const address_t *address, char text[ADDRESS_TEXT_MAX])
{
	if (address_is_ipv4(address)) {
		inet_ntop(AF_INET, address->bytes + 12, text, ADDRESS_TEXT_MAX);
	} else if (address_is_subnet(address)) {
		address_t first = address_subnet_first(address);
		inet_ntop(AF_INET6, first.bytes, text, ADDRESS_TEXT_MAX);
		strcat(text, "/64");
	} else {
		inet_ntop(AF_INET6, address->bytes, text, ADDRESS_TEXT_MAX);
	}
	return text;
}

bool address_from_sockaddr(const struct sockaddr_storage *socket_address, address_t *address)
{
	switch (socket_address->ss_family) {
	case AF_INET: {
		const struct sockaddr_in *in = (const struct sockaddr_in *)socket_address;
		*address = address_from_ipv4((const uint8_t *)&in->sin_addr);
		return true;
	}
	case AF_INET6: {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)socket_address;
		*address = address_from_ipv6(in->sin6_addr.s6_addr);
		return true;
	}
	default:
		return false;
	}
}

socklen_t address_to_sockaddr(const address_t *address, uint16_t port,
                              struct sockaddr_storage *socket_address)
{
	memset(socket_address, 0, sizeof(*socket_address));
	if (address_is_ipv4(address)) {
		struct sockaddr_in *in = (struct sockaddr_in *)socket_address;
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, address->bytes + 12, 4);
		return sizeof(*in);
	}
	struct sockaddr_in6 *in = (struct sockaddr_in6 *)socket_address;
	in->sin6_family = AF_INET6;
	in->sin6_port = htons(port);
	memcpy(&in->sin6_addr, address->bytes, 16);
	return sizeof(*in);
}

bool prefix_parse(const char *text, prefix_t *prefix)
{
	char address_text[ADDRESS_TEXT_MAX];
	const char *slash = strchr(text, '/');
	size_t size = slash != NULL ? (size_t)(slash - text) : strlen(text);
	if (size >= sizeof(address_text)) {
		return false;
	}
	memcpy(address_text, text, size);
	address_text[size] = '\0';

	address_t address;
	if (!address_parse(address_text, &address)) {
		return false;
	}
	bool ipv4 = strchr(address_text, ':') == NULL;
	unsigned long limit = ipv4 ? 32 : 128;
	unsigned long length = limit;
	if (slash != NULL) {
		char *end;
		length = strtoul(slash + 1, &end, 10);
		/* strtoul also takes blanks, signs and an empty string. */
		if (slash[1] < '0' || slash[1] > '9' || *end != '\0' || length > limit) {
			return false;
		}
	}
	prefix->length = (uint8_t)(length + (ipv4 ? ADDRESS_IPV4_OFFSET : 0));
	prefix->address = address_network(&address, prefix->length);
	return true;
}

char *prefix_format(const prefix_t *prefix, char text[PREFIX_TEXT_MAX])
{
	char address_text[ADDRESS_TEXT_MAX];
	bool ipv4 = prefix->length >= ADDRESS_IPV4_OFFSET && address_is_ipv4(&prefix->address);
	(void)snprintf(text, PREFIX_TEXT_MAX, "%s/%u", address_format(&prefix->address, address_text),
	               prefix->length - (ipv4 ? ADDRESS_IPV4_OFFSET : 0u));
	return text;
}

bool prefix_contains(const prefix_t *prefix, const address_t *address)
{
	if (prefix->length < ADDRESS_IPV4_OFFSET && address_is_ipv4(address)) {
		return false;
	}
	address_t network = address_network(address, prefix->length);
	return address_equal(&network, &prefix->address);
}
