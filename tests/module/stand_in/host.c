/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What knotd does for a module, as little as ours needs. */
#include "tests/module/stand_in/host.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "module/schema.h"

const char *host_storage;

const knot_dname_t *knot_pkt_qname(const knot_pkt_t *pkt) { return pkt->name; }
uint16_t knot_pkt_qtype(const knot_pkt_t *pkt) { return pkt->type; }
uint16_t knot_pkt_qclass(const knot_pkt_t *pkt) { return pkt->class_number; }

char *knot_dname_to_str(char *to, const knot_dname_t *name, size_t size)
{
	(void)name;
	(void)snprintf(to, size, "zone.");
	return to;
}

/* The default of the schema, but for the storage. */
static knotd_conf_t value_of(const yp_name_t *name)
{
	knotd_conf_t conf = { .count = 0 };
	for (const yp_item_t *item = schema_items; item->name != NULL; item++) {
		if (strcmp(item->name, name) != 0) {
			continue;
		}
		if (item->type == YP_TINT) {
			conf.single.integer = item->var.i.dflt;
		} else if (item->type == YP_TSTR) {
			bool storage = strcmp(name + 1, "storage") == 0 && host_storage != NULL;
			conf.single.string = storage ? host_storage : item->var.s.dflt;
		}
	}
	return conf;
}

knotd_conf_t knotd_conf_mod(knotd_mod_t *mod, const yp_name_t *name)
{
	(void)mod;
	return value_of(name);
}

knotd_conf_t knotd_conf_check_item(knotd_conf_check_args_t *args, const yp_name_t *name)
{
	(void)args;
	return value_of(name);
}

void knotd_conf_free(knotd_conf_t *conf) { conf->multi = NULL; }

#if KNOTD_MOD_ABI_VERSION == 400
const struct sockaddr_storage *knotd_qdata_remote_addr(knotd_qdata_t *qdata)
{
	return qdata->params->remote;
}
#endif

void *knotd_mod_ctx(knotd_mod_t *mod) { return mod->ctx; }
void knotd_mod_ctx_set(knotd_mod_t *mod, void *ctx) { mod->ctx = ctx; }

const knot_dname_t *knotd_mod_zone(knotd_mod_t *mod)
{
	(void)mod;
	return NULL;
}

unsigned knotd_mod_threads(knotd_mod_t *mod)
{
	(void)mod;
	return 1;
}

void knotd_mod_log(knotd_mod_t *mod, int priority, const char *format, ...)
{
	size_t length = strlen(mod->log);
	va_list args;
	(void)priority;
	va_start(args, format);
	(void)vsnprintf(mod->log + length, sizeof(mod->log) - length, format, args);
	va_end(args);
}

int knotd_mod_stats_add(knotd_mod_t *mod, const char *name, uint32_t indices,
                        knotd_mod_idx_to_str_f index_name)
{
	bool good = name != NULL && indices <= HOST_INDICES && (indices == 1 || index_name != NULL);
	if (!good || mod->counters >= COUNTERS ||
	    (mod->counters_max != 0 && mod->counters >= mod->counters_max)) {
		return KNOT_ENOMEM;
	}
	mod->counters++;
	return KNOT_EOK;
}

void knotd_mod_stats_incr(knotd_mod_t *mod, unsigned thread, uint32_t counter, uint32_t index,
                          uint64_t by)
{
	(void)thread;
	mod->values[counter][index] += by;
}

void knotd_mod_stats_store(knotd_mod_t *mod, unsigned thread, uint32_t counter, uint32_t index,
                           uint64_t value)
{
	(void)thread;
	mod->values[counter][index] = value;
}

int knotd_mod_hook(knotd_mod_t *mod, knotd_stage_t stage, knotd_mod_hook_f hook)
{
	mod->hooks[stage] = hook;
	return KNOT_EOK;
}

void host_query(struct knotd_mod *mod, knotd_stage_t stage, knotd_qdata_t *qdata)
{
	if (mod->hooks[stage] != NULL) {
		(void)mod->hooks[stage](KNOTD_STATE_DONE, NULL, qdata, mod);
	}
}
