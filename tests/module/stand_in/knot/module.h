/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Stand-in for the interface of Knot DNS to modules; see README.md.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <syslog.h>

#if STAND_IN == 32
#define KNOTD_MOD_ABI_VERSION 400
#elif STAND_IN == 33
#define KNOTD_MOD_ABI_VERSION 500
#else
#define KNOTD_MOD_ABI_VERSION 600
#endif

/* --- libknot --- */

enum { KNOT_EOK = 0, KNOT_EINVAL = -22, KNOT_ENOMEM = -12 };
enum { KNOT_RRTYPE_PTR = 12 };
#define KNOT_DNAME_TXT_MAXLEN 1004

typedef uint8_t knot_dname_t;
typedef struct {
	uint16_t qname_size;
	uint16_t type;
	uint16_t class_number;
	const knot_dname_t *name;
} knot_pkt_t;

/*! Name of the question, or NULL. */
const knot_dname_t *knot_pkt_qname(const knot_pkt_t *pkt);
/*! Its type. */
uint16_t knot_pkt_qtype(const knot_pkt_t *pkt);
/*! Its class. */
uint16_t knot_pkt_qclass(const knot_pkt_t *pkt);
/*! A name as text; here always "zone.". */
char *knot_dname_to_str(char *to, const knot_dname_t *name, size_t size);

/* --- schema --- */

typedef char yp_name_t;
typedef enum { YP_TINT, YP_TSTR, YP_TBOOL, YP_TNET } yp_type_t;
typedef enum { YP_SNONE = 0, YP_SSIZE = 1, YP_STIME = 2 } yp_style_t;
typedef enum { YP_FNONE = 0, YP_FMULTI = 1 } yp_flag_t;
typedef struct {
	const yp_name_t *name;
	yp_type_t type;
	union {
		struct { int64_t min, max, dflt; yp_style_t unit; } i;
		struct { const char *dflt; } s;
		struct { bool dflt; } b;
	} var;
	yp_flag_t flags;
#if STAND_IN >= 35
	const void *more[4];
#endif
} yp_item_t;
#define YP_VNONE .var.i = { 0 }
#define YP_VINT  .var.i
#define YP_VSTR  .var.s
#define YP_VBOOL .var.b

/* --- configuration --- */

typedef union {
	int64_t integer;
	bool boolean;
	const char *string;
	struct { struct sockaddr_storage addr, addr_max; int addr_mask; };
} knotd_conf_val_t;
typedef struct {
	knotd_conf_val_t single;
	knotd_conf_val_t *multi;
	size_t count;
} knotd_conf_t;
typedef struct { const char *err_str; } knotd_conf_check_args_t;
typedef struct knotd_mod knotd_mod_t;

/*! A setting of the section. */
knotd_conf_t knotd_conf_mod(knotd_mod_t *mod, const yp_name_t *name);
/*! A setting while it is checked. */
knotd_conf_t knotd_conf_check_item(knotd_conf_check_args_t *args, const yp_name_t *name);
/*! Ends the use of a setting with many values. */
void knotd_conf_free(knotd_conf_t *conf);

/* --- queries --- */

typedef enum { KNOTD_QUERY_TYPE_INVALID, KNOTD_QUERY_TYPE_NORMAL } knotd_query_type_t;
typedef enum {
	KNOTD_QUERY_PROTO_UDP, KNOTD_QUERY_PROTO_TCP, KNOTD_QUERY_PROTO_QUIC,
#if KNOTD_MOD_ABI_VERSION >= 600
	KNOTD_QUERY_PROTO_TLS,
#endif
} knotd_query_proto_t;
typedef enum { KNOTD_QUERY_FLAG_COOKIE = 1 } knotd_query_flag_t;
typedef struct {
	knotd_query_proto_t proto;
	knotd_query_flag_t flags;
	const struct sockaddr_storage *remote;
#if KNOTD_MOD_ABI_VERSION >= 500
	const struct sockaddr_storage *local;
	void *quic_conn;
	int64_t quic_stream;
#endif
#if KNOTD_MOD_ABI_VERSION >= 600
	void *tls_conn;
#endif
	unsigned thread_id;
} knotd_qdata_params_t;
typedef struct {
	knot_pkt_t *query;
	knotd_query_type_t type;
	knotd_qdata_params_t *params;
} knotd_qdata_t;

#if KNOTD_MOD_ABI_VERSION == 400
/*! Address of the querier. */
const struct sockaddr_storage *knotd_qdata_remote_addr(knotd_qdata_t *qdata);
#else
static inline const struct sockaddr_storage *knotd_qdata_remote_addr(knotd_qdata_t *qdata)
{
	return qdata->params->remote;
}
#endif

/* --- module --- */

typedef enum { KNOTD_STATE_NOOP, KNOTD_STATE_DONE } knotd_state_t;
typedef enum {
#if KNOTD_MOD_ABI_VERSION >= 600
	KNOTD_STAGE_PROTO_BEGIN, KNOTD_STAGE_BEGIN, KNOTD_STAGE_END, KNOTD_STAGE_PROTO_END,
#else
	KNOTD_STAGE_BEGIN, KNOTD_STAGE_PREANSWER, KNOTD_STAGE_END,
#endif
	STAND_IN_STAGES
} knotd_stage_t;
typedef knotd_state_t (*knotd_mod_hook_f)(knotd_state_t, knot_pkt_t *, knotd_qdata_t *, knotd_mod_t *);
typedef char *(*knotd_mod_idx_to_str_f)(uint32_t index, uint32_t count);

/*! The module's own. */
void *knotd_mod_ctx(knotd_mod_t *mod);
/*! Sets the module's own. */
void knotd_mod_ctx_set(knotd_mod_t *mod, void *ctx);
/*! The zone, or NULL in global scope. */
const knot_dname_t *knotd_mod_zone(knotd_mod_t *mod);
/*! How many workers there are. */
unsigned knotd_mod_threads(knotd_mod_t *mod);
/*! Writes into the log. */
__attribute__((format(printf, 3, 4)))
void knotd_mod_log(knotd_mod_t *mod, int priority, const char *format, ...);
/*! Registers a counter. */
int knotd_mod_stats_add(knotd_mod_t *mod, const char *name, uint32_t indices,
                        knotd_mod_idx_to_str_f index_name);
/*! Adds to a counter. */
void knotd_mod_stats_incr(knotd_mod_t *mod, unsigned thread, uint32_t counter, uint32_t index,
                          uint64_t by);
/*! Sets a counter. */
void knotd_mod_stats_store(knotd_mod_t *mod, unsigned thread, uint32_t counter, uint32_t index,
                           uint64_t value);
/*! Sets the hook of a stage. */
int knotd_mod_hook(knotd_mod_t *mod, knotd_stage_t stage, knotd_mod_hook_f hook);

typedef enum {
	KNOTD_MOD_FLAG_OPT_CONF = 1, KNOTD_MOD_FLAG_SCOPE_ANY = 6,
} knotd_mod_flag_t;
typedef struct {
	uint32_t version;
	const char *name;
	knotd_mod_flag_t flags;
	int (*load)(knotd_mod_t *mod);
	void (*unload)(knotd_mod_t *mod);
	const yp_item_t *config;
	int (*config_check)(knotd_conf_check_args_t *args);
} knotd_mod_api_t;
#define KNOTD_MOD_API(title, scope, begin, end, schema, check) \
	const knotd_mod_api_t knotd_mod_api = { KNOTD_MOD_ABI_VERSION, "mod-" #title, scope, \
	                                        begin, end, schema, check }
