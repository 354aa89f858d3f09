/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mod-backscatter: the glue between Knot DNS and the sensor.
 *
 * The hook at the end of each query sees every answer, whatever its code and
 * transport, and cannot change it. It reads the name, the source and the clock and
 * calls the sensor: no lock, no system call, no allocation from the heap, no message.
 * Everything slow is done by the engine's own thread.
 *
 * A hook at the begin asks for the memory that the end will need, so that it comes while
 * Knot works on the answer; sensor/sensor.h says why nothing is kept back beyond a query.
 * Queries that Knot refuses before the begin are observed as well, only not as fast.
 */
#include <stdlib.h>
#include <time.h>

#include "common/moment.h"
#include "module/counters.h"
#include "module/engine.h"
#include "module/filter.h"
#include "module/knot_compat.h"
#include "module/schema.h"

/* What belongs to an instance; the engine is shared with the instances before and after it. */
typedef struct {
	engine_t *engine;
	filter_t filter;
	bool prefix64;
} instance_t;

/* One vDSO read of some nanoseconds; a few milliseconds of resolution are plenty. */
static uint64_t moment_coarse(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (uint64_t)now.tv_sec * MICROSECONDS + (uint64_t)now.tv_nsec / 1000;
}

static query_judgement_t judge(const knot_pkt_t *query, const knot_dname_t *qname)
{
	return query_judge(knot_pkt_qtype(query), knot_pkt_qclass(query), qname, query->qname_size);
}

/* The querier of a query of this kind; false for any other query. */
static bool has_querier(knotd_qdata_t *qdata, const query_judgement_t *judgement,
                        query_kind_t kind, address_t *querier)
{
	const struct sockaddr_storage *remote = knotd_qdata_remote_addr(qdata);
	return judgement->kind == kind && remote != NULL && address_from_sockaddr(remote, querier);
}

/*
 * Whether an observation counts for the subnet of the originator as well. The sample is of
 * originators, so it has a subnet or has it not whatever becomes of the address.
 */
static bool has_subnet(const instance_t *instance, const query_judgement_t *judgement,
                       filter_result_t reason, address_t *subnet)
{
	if (!instance->prefix64 || !judgement->ipv6 ||
	    (reason != FILTER_PASS && reason != FILTER_SAMPLE)) {
		return false;
	}
	*subnet = address_subnet(&judgement->originator);
	return filter_samples(&instance->filter, subnet);
}

static knotd_state_t prefetch(knotd_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata,
                              knotd_mod_t *mod)
{
	(void)pkt;
	const knot_dname_t *qname = knot_pkt_qname(qdata->query);
	if (qname == NULL || knot_pkt_qtype(qdata->query) != KNOT_RRTYPE_PTR) {
		return state;
	}
	query_judgement_t judgement = judge(qdata->query, qname);
	address_t querier, subnet;
	const instance_t *instance = knotd_mod_ctx(mod);
	engine_t *engine = instance->engine;
	unsigned thread = qdata->params->thread_id;
	if (!has_querier(qdata, &judgement, QUERY_OBSERVATION, &querier)) {
		return state;
	}
	filter_result_t reason = filter_judge(&instance->filter, &judgement.originator, &querier);
	if (reason == FILTER_PASS) {
		*engine_pair(engine, thread) =
			sensor_prefetch(engine_sensor(engine), &judgement.originator, &querier);
	}
	if (has_subnet(instance, &judgement, reason, &subnet)) {
		*engine_subnet_pair(engine, thread) =
			sensor_prefetch(engine_sensor(engine), &subnet, &querier);
	}
	return state;
}

/* \param pair  What was asked for ahead, perhaps for this. */
static observe_result_t record(engine_t *engine, unsigned thread, window_pair_t *pair,
                               const address_t *originator, const address_t *querier, bool proven)
{
	if (!address_equal(&pair->originator, originator) || !address_equal(&pair->querier, querier)) {
		*pair = sensor_prefetch(engine_sensor(engine), originator, querier);
	}
	pair->proven = proven;
	return sensor_observe_pair(engine_sensor(engine), thread, moment_coarse(), pair);
}

/* Remembers who can be trusted to be where he says: sensor/sensor.h tells what that means. */
static void meet(knotd_qdata_t *qdata, knotd_mod_t *mod, const query_judgement_t *judgement)
{
	const struct sockaddr_storage *remote = knotd_qdata_remote_addr(qdata);
	address_t querier;
	if ((judgement->kind == QUERY_OUTSIDE || knot_source_proven(qdata)) && remote != NULL &&
	    address_from_sockaddr(remote, &querier)) {
		const instance_t *instance = knotd_mod_ctx(mod);
		if (!sensor_meet(engine_sensor(instance->engine), &querier)) {
			counters_unmet(mod, qdata->params->thread_id);
		}
	}
}

/* What a partial name tells: somebody asks about a prefix. */
static void observe_partial(knotd_qdata_t *qdata, knotd_mod_t *mod,
                            const query_judgement_t *judgement)
{
	address_t querier;
	const instance_t *instance = knotd_mod_ctx(mod);
	if (has_querier(qdata, judgement, QUERY_PARTIAL, &querier) &&
	    !filter_ignores(&instance->filter, &querier)) {
		unsigned thread = qdata->params->thread_id;
		counters_prefix(mod, thread,
		                sensor_observe_partial(engine_sensor(instance->engine), thread,
		                                       moment_coarse(), judgement, &querier));
	}
}

static knotd_state_t observe(knotd_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata,
                             knotd_mod_t *mod)
{
	(void)pkt;
	/* The name is NULL when a query is a mere header. */
	const knot_dname_t *qname = knot_pkt_qname(qdata->query);
	if (qname == NULL || qdata->type != KNOTD_QUERY_TYPE_NORMAL) {
		return state;
	}
	query_judgement_t judgement = judge(qdata->query, qname);
	unsigned thread = qdata->params->thread_id;
	observe_result_t result = OBSERVE_LATE;
	address_t querier, subnet;
	meet(qdata, mod, &judgement);
	if (has_querier(qdata, &judgement, QUERY_OBSERVATION, &querier)) {
		const instance_t *instance = knotd_mod_ctx(mod);
		engine_t *engine = instance->engine;
		bool proven = knot_source_proven(qdata);
		filter_result_t reason = filter_judge(&instance->filter, &judgement.originator, &querier);
		if (has_subnet(instance, &judgement, reason, &subnet)) {
			counters_subnet(mod, thread, record(engine, thread, engine_subnet_pair(engine, thread),
			                                    &subnet, &querier, proven));
		}
		if (reason != FILTER_PASS) {
			counters_ignored(mod, thread, reason);
			return state;
		}
		result = record(engine, thread, engine_pair(engine, thread), &judgement.originator,
		                &querier, proven);
	}
	observe_partial(qdata, mod, &judgement);
	counters_query(mod, thread, &judgement, result);
	return state;
}

/* Frees an instance and gives its engine back, if it has one. */
static void end(knotd_mod_t *mod, instance_t *instance)
{
	if (instance->engine != NULL) {
		engine_release(instance->engine, mod);
	}
	filter_clear(&instance->filter);
	free(instance);
}

static status_t configure(knotd_mod_t *mod, instance_t *instance, failure_t *failure)
{
	settings_t settings;
	char scope[KNOT_DNAME_TXT_MAXLEN + 1] = "";
	if (knotd_mod_zone(mod) != NULL) {
		(void)knot_dname_to_str(scope, knotd_mod_zone(mod), sizeof(scope));
	}
	if (schema_read(mod, &settings) != STATUS_OK) {
		return failure_no_memory(failure, "settings");
	}
	instance->prefix64 = settings.prefix64;
	status_t status = engine_acquire(mod, scope, &settings, &instance->engine, failure);
	settings_clear(&settings);
	if (status != STATUS_OK) {
		return status;
	}
	const hash_key_t *key = &sensor_options(engine_sensor(instance->engine))->window.key;
	return schema_read_filter(mod, key, &instance->filter) == STATUS_OK ? STATUS_OK :
	       failure_no_memory(failure, "ignored addresses");
}

static status_t start(knotd_mod_t *mod, failure_t *failure)
{
	/* What is not registered must not be counted: that would write anywhere. */
	if (counters_register(mod) != KNOT_EOK) {
		return failure_no_memory(failure, "counters");
	}
	instance_t *instance = calloc(1, sizeof(*instance));
	if (instance == NULL) {
		return failure_no_memory(failure, "an instance");
	}
	status_t status = configure(mod, instance, failure);
	if (status != STATUS_OK) {
		end(mod, instance);
		return status;
	}
	knotd_mod_ctx_set(mod, instance);
	if (knotd_mod_hook(mod, KNOTD_STAGE_END, observe) != KNOT_EOK) {
		knotd_mod_ctx_set(mod, NULL);
		end(mod, instance);
		return failure_set(failure, STATUS_SYSTEM, "cannot hook into queries");
	}
	/* All works without it: a hook that is set cannot be taken back. */
	(void)knotd_mod_hook(mod, KNOTD_STAGE_BEGIN, prefetch);
	return STATUS_OK;
}

static int load(knotd_mod_t *mod)
{
	failure_t failure;
	/*
	 * Trouble of ours is no reason to stop a name server: Knot 3.5 refuses to
	 * start when a module does not load. So say it and let it serve without us.
	 */
	if (start(mod, &failure) != STATUS_OK) {
		knotd_mod_log(mod, LOG_ERR, "%s; serving without backscatter", failure.sentence);
		knotd_mod_ctx_set(mod, NULL);
	}
	return KNOT_EOK;
}

static void unload(knotd_mod_t *mod)
{
	instance_t *instance = knotd_mod_ctx(mod);
	if (instance != NULL) {
		knotd_mod_ctx_set(mod, NULL);
		end(mod, instance);
	}
}

KNOTD_MOD_API(backscatter, KNOTD_MOD_FLAG_SCOPE_ANY | KNOTD_MOD_FLAG_OPT_CONF,
              load, unload, schema_items, schema_check);
