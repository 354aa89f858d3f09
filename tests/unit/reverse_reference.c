/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reverse names by text: master-file notation, POSIX regular expressions, inet_pton(). */
#include "tests/unit/reverse_reference.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 255 bytes, each at most "\255". */
#define TEXT_MAX (4 * 255 + 1)

#define OCTET "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"

/* Groups: 1 the start or a dot, 2 the labels that were understood. */
static const char ipv4_expression[] = "(^|\\.)((" OCTET "\\.){0,4})in-addr\\.arpa\\.$";
static const char ipv6_expression[] = "(^|\\.)(([0-9a-f]\\.){0,32})ip6\\.arpa\\.$";
static const char classless_expression[] = "(^|\\.)[0-9]+[-/_][0-9]+$";
static const char service_expression[] = "(^|\\.)_[^.]*$";

/* Compiles on first use. */
static bool matches(const char *expression, regex_t *regex, const char *text, regmatch_t parts[3])
{
	if (regex->re_nsub == 0 &&
	    regcomp(regex, expression, REG_EXTENDED | REG_ICASE) != 0) {
		abort();
	}
	return regexec(regex, text, 3, parts, 0) == 0;
}

/* RFC 1035, section 5.1: labels with dots behind them, odd bytes as \DDD. */
static bool to_text(const uint8_t *wire, size_t size, char *text)
{
	size_t at = 0;
	while (at < size && wire[at] != 0) {
		unsigned length = wire[at++];
		if (length > 63 || at + length + 1 > 255) {
			return false;
		}
		for (; length > 0; length--, at++) {
			if (at >= size) {
				return false;
			}
			bool plain = wire[at] < 0x80 && (isalnum(wire[at]) || strchr("-_/", wire[at]));
			text += sprintf(text, plain && wire[at] != 0 ? "%c" : "\\%03d", wire[at]);
		}
		*text++ = '.';
	}
	*text = '\0';
	return at < size;
}

/* "3.2.1." to 1.2.3.0. */
static address_t ipv4_from_labels(const char *labels, unsigned *count)
{
	unsigned octets[4] = { 0 };
	*count = (unsigned)sscanf(labels, "%u.%u.%u.%u", octets, octets + 1, octets + 2, octets + 3);
	*count = *labels == '\0' ? 0 : *count;
	char text[64] = "";
	for (unsigned i = 0; i < 4; i++) {
		sprintf(text + strlen(text), "%s%u", i > 0 ? "." : "",
		        i < *count ? octets[*count - 1 - i] : 0);
	}
	uint8_t bytes[4];
	if (inet_pton(AF_INET, text, bytes) != 1) {
		abort();
	}
	return address_from_ipv4(bytes);
}

/* "8.b.d.0.1.0.0.2." to 2001:db8::. */
static address_t ipv6_from_labels(const char *labels, unsigned *count)
{
	*count = (unsigned)strlen(labels) / 2;
	char text[64] = "";
	for (unsigned i = 0; i < 32; i++) {
		sprintf(text + strlen(text), "%s%c", i > 0 && i % 4 == 0 ? ":" : "",
		        i < *count ? labels[2 * (*count - 1 - i)] : '0');
	}
	uint8_t bytes[16];
	if (inet_pton(AF_INET6, text, bytes) != 1) {
		abort();
	}
	return address_from_ipv6(bytes);
}

static reverse_kind_t rest_kind(const char *rest, bool ipv6, bool full)
{
	static regex_t classless, service;
	regmatch_t parts[3];
	if (matches(service_expression, &service, rest, parts)) {
		return REVERSE_SERVICE;
	}
	if (!ipv6 && !full && matches(classless_expression, &classless, rest, parts)) {
		return REVERSE_CLASSLESS;
	}
	return REVERSE_MALFORMED;
}

reverse_name_t reverse_reference(const uint8_t *wire, size_t size)
{
	static regex_t ipv4_regex, ipv6_regex;
	char text[TEXT_MAX];
	regmatch_t parts[3];
	reverse_name_t name = { .kind = REVERSE_OUTSIDE };
	if (!to_text(wire, size, text)) {
		return name;
	}
	if (!matches(ipv4_expression, &ipv4_regex, text, parts)) {
		if (!matches(ipv6_expression, &ipv6_regex, text, parts)) {
			return name;
		}
		name.ipv6 = true;
	}
	unsigned count;
	text[parts[2].rm_eo] = '\0';
	name.address = name.ipv6 ? ipv6_from_labels(text + parts[2].rm_so, &count)
	                         : ipv4_from_labels(text + parts[2].rm_so, &count);
	name.length = (uint8_t)(count * (name.ipv6 ? 4 : 8));
	bool full = count == (name.ipv6 ? 32 : 4);
	if (parts[1].rm_so == 0 && parts[1].rm_eo == 0) {
		char address_text[INET6_ADDRSTRLEN];
		inet_ntop(AF_INET6, name.address.bytes, address_text, sizeof(address_text));
		bool mapped = name.ipv6 && full && strncmp(address_text, "::ffff:", 7) == 0 &&
		              strchr(address_text, '.') != NULL;
		address_t first;
		inet_pton(AF_INET6, "fff0::", first.bytes);
		bool subnet = name.ipv6 && full && memcmp(first.bytes, name.address.bytes, 8) == 0;
		name.kind = mapped || subnet ? REVERSE_MALFORMED : full ? REVERSE_COMPLETE : REVERSE_PARTIAL;
		return name;
	}
	text[parts[1].rm_so] = '\0';
	name.kind = rest_kind(text, name.ipv6, full);
	return name;
}
