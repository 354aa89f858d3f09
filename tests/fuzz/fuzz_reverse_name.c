/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a wire name: nothing breaks, and a complete name is the name of its address. */
#include <ctype.h>
#include <string.h>

#include "common/reverse_name.h"
#include "tests/fuzz/fuzz.h"

/* Written back, the name is the same but for letters' case. */
static void require_same_name(const reverse_name_t *name, const uint8_t *data, size_t size)
{
	uint8_t wire[REVERSE_NAME_MAX];
	size_t written = reverse_name_write(&name->address, wire);
	fuzz_require(written <= size);
	for (size_t i = 0; i < written; i++) {
		fuzz_require(wire[i] == (data[i] >= 'A' && data[i] <= 'Z' ? data[i] + 32 : data[i]));
	}
	reverse_name_t again = reverse_name_parse(wire, written);
	fuzz_require(again.kind == REVERSE_COMPLETE && address_equal(&again.address, &name->address));
	/* The name ends where it ends: a byte less and it is none. */
	fuzz_require(reverse_name_parse(data, written - 1).kind == REVERSE_OUTSIDE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	reverse_name_t name = reverse_name_parse(data, size);
	fuzz_require(name.kind < REVERSE_KINDS && reverse_kind_name(name.kind) != NULL);
	if (name.kind == REVERSE_OUTSIDE) {
		return 0;
	}
	unsigned whole = name.ipv6 ? 128 : 32, step = name.ipv6 ? 4 : 8;
	fuzz_require(name.length <= whole && name.length % step == 0);
	address_t network = address_network(&name.address, name.length + 128u - whole);
	fuzz_require(address_equal(&network, &name.address));
	fuzz_require(name.ipv6 || address_is_ipv4(&name.address));
	fuzz_require(name.kind != REVERSE_PARTIAL || name.length < whole);
	fuzz_require(name.kind != REVERSE_CLASSLESS || (!name.ipv6 && name.length < whole));
	if (name.kind == REVERSE_COMPLETE) {
		fuzz_require(name.length == whole && address_is_ipv4(&name.address) == !name.ipv6);
		require_same_name(&name, data, size);
	}
	return 0;
}
