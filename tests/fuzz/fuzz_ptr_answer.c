/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an answer to a reverse look-up: a name is one of harmless characters. */
#include <string.h>

#include "cli/ptr_answer.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ptr_answer_t answer;
	memset(&answer, 0xa5, sizeof(answer));
	ptr_answer_read(data, size, &answer);
	fuzz_require(answer.kind <= PTR_BAD && answer.ttl <= INT32_MAX);
	size_t length = strnlen(answer.name, PTR_NAME_MAX);
	fuzz_require(length < PTR_NAME_MAX && (length > 0) == (answer.kind == PTR_NAME));
	fuzz_require(strspn(answer.name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                    "0123456789-_.?") == length);
	return 0;
}
