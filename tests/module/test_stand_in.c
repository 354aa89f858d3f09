/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The glue of the module against the interfaces of Knot 3.2 to 3.5, one program for each:
 * load, hooks at the right stages, queries over each transport, unload; and trouble at
 * the start, which must never stop the server.
 */
#include <arpa/inet.h>
#include <sys/un.h>
#include <unistd.h>
#include <urcu.h>

#include "module/schema.h"
#include "sensor/query.h"
#include "tests/module/stand_in/host.h"
#include "tests/tap.h"

extern const knotd_mod_api_t knotd_mod_api;

static const knot_dname_t name[] = "\1" "1\1" "2\1" "0\3" "192\7" "in-addr\4" "arpa";

typedef struct {
	const char *what;
	int family;
	knotd_query_proto_t proto;
	knotd_query_flag_t flags;
	bool proven;
	unsigned observations;  /* after it */
} transport_t;

/* One querier for all: only the first observation of a family counts, the rest repeat. */
static const transport_t transports[] = {
	{ "UDP", AF_INET, KNOTD_QUERY_PROTO_UDP, 0, false, 1 },
	{ "UDP with a cookie", AF_INET, KNOTD_QUERY_PROTO_UDP, KNOTD_QUERY_FLAG_COOKIE, true, 1 },
	{ "TCP", AF_INET6, KNOTD_QUERY_PROTO_TCP, 0, true, 2 },
	{ "QUIC", AF_INET6, KNOTD_QUERY_PROTO_QUIC, 0, true, 2 },
#if KNOTD_MOD_ABI_VERSION >= 600
	{ "TLS", AF_INET6, KNOTD_QUERY_PROTO_TLS, 0, true, 2 },
	{ "a Unix socket", AF_UNIX, KNOTD_QUERY_PROTO_UDP, 0, false, 2 },
#endif
};
#define TRANSPORTS (sizeof(transports) / sizeof(transports[0]))

static void query_over(struct knotd_mod *mod, const transport_t *transport)
{
	struct sockaddr_storage remote = { .ss_family = (sa_family_t)transport->family };
	if (transport->family == AF_INET) {
		inet_pton(AF_INET, "192.0.2.53", &((struct sockaddr_in *)&remote)->sin_addr);
	} else if (transport->family == AF_INET6) {
		inet_pton(AF_INET6, "2001:db8::53", &((struct sockaddr_in6 *)&remote)->sin6_addr);
	}
	knotd_qdata_params_t params = {
		.proto = transport->proto, .flags = transport->flags, .remote = &remote,
	};
	knot_pkt_t query = { .qname_size = sizeof(name), .type = 12, .class_number = 1, .name = name };
	knotd_qdata_t qdata = { .query = &query, .type = KNOTD_QUERY_TYPE_NORMAL, .params = &params };
	rcu_read_lock();
	host_query(mod, KNOTD_STAGE_BEGIN, &qdata);
	host_query(mod, KNOTD_STAGE_END, &qdata);
	rcu_read_unlock();
	is_int(knot_source_proven(&qdata), transport->proven, "%s: source %sproven", transport->what,
	       transport->proven ? "" : "not ");
	is_int(mod->values[COUNTER_OBSERVATIONS][0], transport->observations, "%s: observations",
	       transport->what);
}

static void test_queries(void)
{
	static struct knotd_mod mod;
	tap_require(knotd_mod_api.load(&mod) == KNOT_EOK && mod.ctx != NULL, "load");
	is_int(mod.counters, COUNTERS, "all counters are registered");
	unsigned hooks = 0;
	for (unsigned stage = 0; stage < STAND_IN_STAGES; stage++) {
		hooks += mod.hooks[stage] != NULL;
	}
	is_int(hooks, 2, "two hooks");
	for (size_t i = 0; i < TRANSPORTS; i++) {
		query_over(&mod, &transports[i]);
	}
	is_int(mod.values[COUNTER_QUERIES][0], TRANSPORTS, "all queries are counted");
	knot_pkt_t empty = { .name = NULL };
	knotd_qdata_params_t params = { .proto = KNOTD_QUERY_PROTO_UDP };
	knotd_qdata_t header = { .query = &empty, .type = KNOTD_QUERY_TYPE_NORMAL, .params = &params };
	host_query(&mod, KNOTD_STAGE_BEGIN, &header);
	host_query(&mod, KNOTD_STAGE_END, &header);
	is_int(mod.values[COUNTER_QUERIES][0], TRANSPORTS, "but none without a question");
	knotd_mod_api.unload(&mod);
	ok(mod.ctx == NULL, "unload leaves nothing");
	knotd_mod_api.unload(&mod);
	ok(mod.ctx == NULL, "and may be called again");
}

static void test_trouble(void)
{
	static struct knotd_mod mod = { .counters_max = 3 };
	is_int(knotd_mod_api.load(&mod), KNOT_EOK, "counters refused: the server goes on");
	ok(strstr(mod.log, "serving without backscatter") != NULL, "which is said");
	ok(mod.ctx == NULL && mod.hooks[KNOTD_STAGE_END] == NULL, "and nothing is hooked");
	knotd_mod_api.unload(&mod);
	ok(mod.ctx == NULL, "unload after it");
}

int main(void)
{
	char folder[] = "test_stand_in.XXXXXX";
	tap_require(mkdtemp(folder) != NULL, "temporary folder");
	char *path = realpath(folder, NULL);
	host_storage = path;
	rcu_register_thread();
	is_int(knotd_mod_api.version, STAND_IN == 32 ? 400 : STAND_IN == 33 ? 500 : 600,
	       "the interface of Knot %d.%d", STAND_IN / 10, STAND_IN % 10);
	is_text(knotd_mod_api.name, "mod-backscatter", "its name");
	knotd_conf_check_args_t args = { .err_str = NULL };
	is_int(knotd_mod_api.config_check(&args), KNOT_EOK, "the defaults pass the check");
	test_queries();
	test_trouble();
	rcu_unregister_thread();
	char command[4200];
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", path);
	free(path);
	return (system(command) == 0 ? 0 : 1) | tap_done();
}
