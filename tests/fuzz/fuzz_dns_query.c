/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a DNS message: what is told of a good one lies inside it. */
#include <stdlib.h>

#include "capture/dns_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	dns_query_t query;
	dns_query_kind_t kind = dns_query_parse(data, size, &query);
	if (kind >= DNS_QUERY_KINDS || dns_query_kind_name(kind) == NULL) {
		abort();
	}
	if (kind == DNS_QUERY_GOOD &&
	    (query.qname != data + DNS_HEADER || query.qname_size < 1 ||
	     query.qname_size > DNS_NAME_MAX || query.qname[query.qname_size - 1] != 0 ||
	     query.question_end != DNS_HEADER + query.qname_size + 4 || query.question_end > size)) {
		abort();
	}
	return 0;
}
