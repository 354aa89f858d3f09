/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a frame of dnstap: what is told of a query lies inside it and can be. */
#include "capture/dnstap_message.h"
#include "common/moment.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	dnstap_query_t query;
	dnstap_kind_t kind = dnstap_message_parse(data, size, &query);
	fuzz_require(kind < DNSTAP_KINDS && dnstap_kind_name(kind) != NULL);
	fuzz_require(query.moment / MICROSECONDS <= DNSTAP_SECONDS_MAX);
	if (kind == DNSTAP_QUERY) {
		const uint8_t *end = data + size;
		fuzz_require(query.message >= data && query.message <= end);
		fuzz_require(query.message_size <= (size_t)(end - query.message));
	} else {
		fuzz_require(query.message == NULL && query.message_size == 0);
	}
	(void)dnstap_message_bare(data, size);
	return 0;
}
