/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief IPv4 and IPv6 addresses in one 128-bit type, and prefixes of them.
 *
 * An IPv4 address a.b.c.d is held as the IPv4-mapped address ::ffff:a.b.c.d
 * (RFC 4291, section 2.5.5.2), bytes in network order. Such addresses never
 * appear on the wire as IPv6 sources, so nothing is lost, and one hash, one
 * comparison and one database key serve both families.
 *
 * A subnet of IPv6, that is a /64, can stand where an originator does:
 *
 *     fff0:0:0:0 | first 64 bits of the subnet's addresses |
 *
 * That is a part of the multicast range (RFC 4291, section 2.7) with reserved flags and scope,
 * from which no packet can come: so no address is mistaken for a subnet, not even the one whose last 64 bits are
 * zero, and each way into the program (reverse names, text) refuses such addresses. To leave
 * the last 64 bits zero instead would mistake a subnet for its router's anycast address,
 * which is asked for as others are.
 */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

/*! An address of either family. */
typedef union {
	uint8_t bytes[16];  /*!< Network order. */
	uint64_t words[2];  /*!< The same bytes, for hashing and comparison only. */
} address_t;

/*! Bits before an IPv4 address in its mapped form. */
#define ADDRESS_IPV4_OFFSET 96

/*! Room for the text of an address with its final zero. */
#define ADDRESS_TEXT_MAX 46

/*! Room for the text of a prefix with its final zero. */
#define PREFIX_TEXT_MAX (ADDRESS_TEXT_MAX + 4)

/*! A prefix: the first \a length bits of \a address count, the rest are zero. */
typedef struct {
	address_t address;
	uint8_t length;  /*!< Bits of the 128; an IPv4 /24 has 96 + 24. */
} prefix_t;

/*! Returns the address with the four bytes at \a octets (network order). */
static inline address_t address_from_ipv4(const uint8_t octets[4])
{
	/* Written in one piece: who copies it soon after, as most do, need not wait for parts. */
	typedef uint32_t piece_t __attribute__((vector_size(16)));
	uint32_t last;
	memcpy(&last, octets, sizeof(last));
	const piece_t piece = { 0, 0, htobe32(0xffff), last };
	address_t address;
	memcpy(&address, &piece, sizeof(address));
	return address;
}

/*! Returns the address with the sixteen bytes at \a bytes (network order). */
static inline address_t address_from_ipv6(const uint8_t bytes[16])
{
	address_t address;
	memcpy(address.bytes, bytes, 16);
	return address;
}

/*! Tells an IPv4 address (in its mapped form) from an IPv6 address. */
static inline bool address_is_ipv4(const address_t *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	return memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

/*! Tells whether two addresses are the same. */
static inline bool address_equal(const address_t *a, const address_t *b)
{
	return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

/*! Orders addresses by their bytes, as memcmp does: IPv4 stands together. */
static inline int address_compare(const address_t *a, const address_t *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/*! Bits that the addresses of a subnet have in common. */
#define ADDRESS_SUBNET_LENGTH 64

/*! Tells a subnet from an address. */
static inline bool address_is_subnet(const address_t *address)
{
	static const uint8_t mark[8] = { 0xff, 0xf0 };
	return memcmp(address->bytes, mark, sizeof(mark)) == 0;
}

/*! The subnet of an IPv6 address. */
static inline address_t address_subnet(const address_t *address)
{
	address_t subnet = { .bytes = { 0xff, 0xf0 } };
	subnet.words[1] = address->words[0];
	return subnet;
}

/*! The first address of a subnet. */
static inline address_t address_subnet_first(const address_t *subnet)
{
	return (address_t) { .words = { subnet->words[1], 0 } };
}

/*!
 * Keeps the first bits of an address and clears the rest.
 *
 * \param address  Any address.
 * \param length   Bits of the 128 to keep (0 to 128); an IPv4 /24 is 96 + 24.
 */
address_t address_network(const address_t *address, unsigned length);

/*!
 * Reads an address from text ("192.0.2.1", "2001:db8::1").
 *
 * \return false, and \a address untouched, if \a text is not exactly one address.
 */
bool address_parse(const char *text, address_t *address);

/*!
 * Reads an originator from text: an address, or a subnet as "2001:db8:1:2::/64".
 *
 * \return false, and \a originator untouched, if \a text is neither.
 */
bool address_parse_originator(const char *text, address_t *originator);

/*!
 * Writes an address as text, IPv4 dotted and IPv6 after RFC 5952, a subnet with "/64" behind
 * its first address; returns \a text.
 */
char *address_format(const address_t *address, char text[ADDRESS_TEXT_MAX]);

/*!
 * Takes the address out of a socket address.
 *
 * \return false for any other family than AF_INET and AF_INET6.
 */
bool address_from_sockaddr(const struct sockaddr_storage *socket_address, address_t *address);

/*!
 * Makes a socket address.
 *
 * \param port  In host order.
 *
 * \return Its length in bytes.
 */
socklen_t address_to_sockaddr(const address_t *address, uint16_t port,
                              struct sockaddr_storage *socket_address);

/*!
 * Reads a prefix from text ("192.0.2.0/24", "2001:db8::/32"); a plain address
 * is a prefix of its full length. Bits behind the length are cleared.
 *
 * \return false, and \a prefix untouched, if \a text is no prefix.
 */
bool prefix_parse(const char *text, prefix_t *prefix);

/*! Writes a prefix as text with the length that its family knows; returns \a text. */
char *prefix_format(const prefix_t *prefix, char text[PREFIX_TEXT_MAX]);

/*!
 * Tells whether an address lies in a prefix of its family: "::/0" holds all IPv6
 * addresses and no IPv4 address, although the mapped form stands below it.
 */
bool prefix_contains(const prefix_t *prefix, const address_t *address);
