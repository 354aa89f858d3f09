/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds an address that is spelled out in a name. */
#include "sensor/spelled_address.h"

#include <stdbool.h>
#include <stddef.h>

/* Most characters between two octets ("192-0-2-1", "192x0x2x1", "192.0.2.1"). */
#define BETWEEN_MAX 1
/* Numbers of more digits are no octets, also with leading zeros. */
#define OCTET_DIGITS 3

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads a decimal number of up to three digits that ends there; -1 else. */
static int read_octet(const char **at)
{
	int value = 0, digits = 0;
	for (; is_digit(**at); (*at)++, digits++) {
		if (digits == OCTET_DIGITS) {
			return -1;
		}
		value = value * 10 + (**at - '0');
	}
	return digits > 0 ? value : -1;
}

/* Whether the octets stand at `at`, first to last or last to first. */
static bool octets_at(const char *at, const uint8_t octets[4], bool reverse)
{
	for (int i = 0; i < 4; i++) {
		if (i > 0) {
			int between = 0;
			while (*at != '\0' && !is_digit(*at) && between < BETWEEN_MAX) {
				at++;
				between++;
			}
			if (between == 0) {
				return false;
			}
		}
		if (read_octet(&at) != octets[reverse ? 3 - i : i]) {
			return false;
		}
	}
	return true;
}

/* Whether the bytes stand at `at` in hexadecimal; a hyphen may stand before each pair of bytes. */
static bool nibbles_at(const char *at, const uint8_t *bytes, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	for (size_t i = 0; i < size; i++) {
		if (i > 0 && i % 2 == 0 && *at == '-') {
			at++;
		}
		if (at[0] != hex[bytes[i] >> 4] || at[1] != hex[bytes[i] & 15]) {
			return false;
		}
		at += 2;
	}
	return true;
}

const char *spelled_address_find(const char *name, const address_t *address)
{
	bool ipv4 = address_is_ipv4(address);
	for (const char *at = name; *at != '\0'; at++) {
		if (ipv4) {
			const uint8_t *octets = address->bytes + 12;
			bool begins = is_digit(*at) && (at == name || !is_digit(at[-1]));
			if ((begins && (octets_at(at, octets, false) || octets_at(at, octets, true))) ||
			    nibbles_at(at, octets, 4)) {
				return at;
			}
		} else if (nibbles_at(at, address->bytes, 16) || nibbles_at(at, address->bytes + 8, 8)) {
			return at;
		}
	}
	return NULL;
}
