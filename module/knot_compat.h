/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Which Knot DNS the module is built for, and what differs between them.
 *
 * The one place that knows versions; all other files of module/ include this instead of
 * <knot/module.h>. A module fits only the minor version of Knot that it was built for.
 *
 * | Knot | ABI | what is different for us                                               |
 * |------|-----|------------------------------------------------------------------------|
 * | 3.2  | 400 | addresses of a query come from functions of knotd                      |
 * | 3.3  | 500 | they are read from the parameters, inline; queries over QUIC           |
 * | 3.4  | 600 | stages have other numbers; queries over TLS and from Unix sockets      |
 * | 3.5  | 600 | items of a schema are larger: what is built for 3.4 does not fit;      |
 * |      |     | a load() that fails ends the server; load() and unload() may come from |
 * |      |     | threads of control, which are registered with liburcu                  |
 *
 * So we use names and not numbers of stages, take addresses from knotd_qdata_remote_addr()
 * only, look at the family of each address, and have a load() that never fails.
 */
#pragma once

#include <knot/module.h>
#include <stdbool.h>

#if KNOTD_MOD_ABI_VERSION != 400 && KNOTD_MOD_ABI_VERSION != 500 && KNOTD_MOD_ABI_VERSION != 600
#error "this version of Knot DNS is not known: its module interface is none of 400, 500 and 600"
#endif

/*!
 * Tells whether the querier is at the source address of its query, rather than somebody who
 * forged it: a handshake went to and fro, or the query has a cookie that only the owner of the
 * address can know (RFC 7873; needs mod-cookies before this module).
 *
 * In hooks only.
 */
static inline bool knot_source_proven(const knotd_qdata_t *qdata)
{
	const knotd_qdata_params_t *params = qdata->params;
	switch (params->proto) {
	case KNOTD_QUERY_PROTO_TCP:
	case KNOTD_QUERY_PROTO_QUIC:
#if KNOTD_MOD_ABI_VERSION >= 600
	case KNOTD_QUERY_PROTO_TLS:
#endif
		return true;
	default:
		return (params->flags & KNOTD_QUERY_FLAG_COOKIE) != 0;
	}
}
