/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run of `backscatter resolve`: when to ask, to write, to look, and whom to tell. */
#include "cli/resolve_run.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ptr_client.h"
#include "cli/replay_pace.h"
#include "cli/resolve_asks.h"
#include "cli/resolve_queue.h"
#include "cli/resolve_results.h"
#include "common/moment.h"

/* The store is looked at this often for new lists. */
#define LOOK (1 * MICROSECONDS)
/* Lists are read anew so often while they are worked on, ... */
#define REREAD (10 * MICROSECONDS)
/* ... and at most this long after, as look-ups may be due again. */
#define REST_MAX (60 * MICROSECONDS)
/* Results are written when so many wait, or the first has waited so long. */
#define WRITE_COUNT (RESOLVE_RESULTS_MAX / 4)
#define WRITE_AFTER (1 * MICROSECONDS)
/* What is behind the schedule by more is not caught up: there are no bursts. */
#define BEHIND_MAX (MICROSECONDS / 50)
/* A resolver that is down is tried again after this, doubled up to that. */
#define DOWN_FIRST (5 * MICROSECONDS)
#define DOWN_MOST  (60 * MICROSECONDS)
/* Trouble with the store is told once in this time. */
#define COMPLAIN (3600 * MICROSECONDS)

typedef struct {
	const resolve_options_t *options;
	resolve_times_t times;
	resolve_tell_t tell;
	void *tell_context;
	resolve_counts_t *counts;
	resolve_counts_t told;     /* counts when it was told what was done */
	store_t *store;
	category_rules_t *rules;
	ptr_client_t *client;
	resolve_queue_t queue;
	uint64_t looked;
	resolve_asks_t asks;
	resolve_results_t results;
	uint64_t first_result;     /* since when results wait */
	uint64_t next_send;
	ask_t probe;               /* ASK_FREE or ASK_SENT; its querier is of no meaning */
	bool down, told_down;
	uint64_t down_until, down_pause;
	failure_t trouble;         /* of the resolver while it is down */
	uint64_t complained;
	address_t busy[RESOLVE_ASKS_MAX + RESOLVE_RESULTS_MAX];
} run_t;

static uint64_t clock_now(void)
{
	return replay_clock() / 1000;
}

__attribute__((format(printf, 2, 3)))
static void tell(run_t *run, const char *format, ...)
{
	char text[FAILURE_SENTENCE_MAX + 64];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (run->tell != NULL) {
		run->tell(run->tell_context, text);
	}
}

static void go_down(run_t *run, const char *what, uint64_t now)
{
	char address[ADDRESS_TEXT_MAX];
	/* All that waits for it: the queriers are still wanted in the store. */
	const ask_state_t states[] = { ASK_RESTING, ASK_SILENT, ASK_REFUSED };
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		ask_t *ask;
		while ((ask = resolve_asks_any(&run->asks, states[i])) != NULL) {
			resolve_asks_free(&run->asks, ask);
		}
	}
	run->queue.next = run->queue.wanted.count;
	run->down = true;
	run->down_pause = run->down_pause == 0 ? DOWN_FIRST : 2 * run->down_pause;
	run->down_pause = run->down_pause > DOWN_MOST ? DOWN_MOST : run->down_pause;
	run->down_until = now + run->down_pause;
	failure_set(&run->trouble, STATUS_SYSTEM, "resolver %s@%u %s",
	            address_format(&run->options->resolver, address), run->options->port, what);
	if (!run->told_down) {
		tell(run, "%s; tried again until it does", run->trouble.sentence);
		run->told_down = true;
	}
}

/* Asks for what is wanted again. */
static void go_up(run_t *run)
{
	run->down = false;
	run->queue.read = 0;
}

/* The resolver has resolved something. */
static void hear(run_t *run)
{
	char address[ADDRESS_TEXT_MAX];
	if (run->told_down) {
		tell(run, "resolver %s@%u answers again",
		     address_format(&run->options->resolver, address), run->options->port);
		run->told_down = false;
	}
	run->down_pause = 0;
}

static void finish(run_t *run, ask_t *ask, const ptr_answer_t *answer)
{
	if (run->results.count == 0) {
		run->first_result = clock_now();
	}
	/* Without memory it is still wanted, and asked for again. */
	if (resolve_results_add(&run->results, &run->times, &ask->querier, answer,
	                        moment_now()) == STATUS_OK) {
		uint64_t *count = answer->kind == PTR_NAME ? &run->counts->names :
		                  answer->kind == PTR_NONE ? &run->counts->without :
		                  &run->counts->unreachable;
		(*count)++;
	}
	resolve_asks_free(&run->asks, ask);
}

static void send_probe(run_t *run, uint64_t now)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 1 };
	address_t address = address_from_ipv4(loopback);
	if (run->probe.state == ASK_FREE) {
		run->probe.tries = 0;
	}
	run->probe.state = ASK_SENT;
	run->probe.tries++;
	run->counts->queries++;
	run->next_send = now + MICROSECONDS / run->options->rate;
	ptr_client_ask(run->client, &address, &run->probe);
}

static void take_probe(run_t *run, const ptr_answer_t *answer, uint64_t now)
{
	if (answer->kind == PTR_SILENT && run->probe.tries < run->options->tries) {
		send_probe(run, now);
		return;
	}
	run->probe.state = ASK_FREE;
	if (answer->kind == PTR_SILENT || answer->kind == PTR_UNSENT) {
		go_down(run, answer->kind == PTR_SILENT ? "does not answer" : "cannot be reached", now);
	} else if (run->down) {
		go_up(run);
	}
}

static void take(void *context, void *tag, const ptr_answer_t *answer)
{
	run_t *run = context;
	ask_t *ask = tag;
	uint64_t now = clock_now();
	if (answer->kind != PTR_SILENT && answer->kind != PTR_UNSENT) {
		run->asks.answered = now;
	}
	if (answer->kind <= PTR_FAILED) {
		hear(run);
	}
	if (ask == &run->probe) {
		take_probe(run, answer, now);
		return;
	}
	run->asks.served = run->asks.served || answer->kind <= PTR_FAILED;
	switch (resolve_asks_answer(&run->asks, ask, answer, run->options->tries, now)) {
	case ASK_IS_TOLD:
		finish(run, ask, answer);
		break;
	case ASK_IS_LOST:
		resolve_asks_free(&run->asks, ask);
		go_down(run, "cannot be reached", now);
		break;
	default:
		break;
	}
}

/* Whether silence and refusals are the resolver's or the queriers' matter. */
static void decide(run_t *run, uint64_t now)
{
	ask_t *ask;
	while ((ask = resolve_asks_decided(&run->asks)) != NULL) {
		finish(run, ask, &(ptr_answer_t) { .kind = ask->last });
	}
	bool rest = run->asks.in[ASK_SENT] + run->asks.in[ASK_RESTING] == 0 &&
	            resolve_queue_empty(&run->queue);
	uint32_t refused = run->asks.in[ASK_REFUSED];
	if (refused >= RESOLVE_REFUSALS || (refused > 0 && rest)) {
		go_down(run, "refuses to resolve names", now);
	}
	bool tried = run->down && now >= run->down_until;
	if ((run->asks.in[ASK_SILENT] > 0 || tried) && run->probe.state == ASK_FREE &&
	    now >= run->next_send) {
		/* Whether it still refuses shows only by asking for what is wanted. */
		if (tried && run->asks.answered != 0 && !run->asks.served) {
			go_up(run);
		} else {
			send_probe(run, now);
		}
	}
}

static void send_due(run_t *run, uint64_t now)
{
	uint64_t step = MICROSECONDS / run->options->rate;
	while (!run->down && now >= run->next_send &&
	       run->results.count + resolve_asks_count(&run->asks) < RESOLVE_RESULTS_MAX) {
		ask_t *ask = resolve_asks_rested(&run->asks, now);
		if (ask == NULL) {
			if (resolve_queue_empty(&run->queue)) {
				return;
			}
			ask = resolve_asks_take(&run->asks, &run->queue.wanted.queriers[run->queue.next], now);
			if (ask == NULL) {
				return;
			}
			run->queue.next++;
		}
		bool behind = now - run->next_send > BEHIND_MAX;
		run->next_send = (behind ? now : run->next_send) + step;
		run->counts->queries++;
		ptr_client_ask(run->client, &ask->querier.querier, ask);
	}
}

static status_t write_results(run_t *run, uint64_t now, failure_t *failure)
{
	status_t status = resolve_results_write(&run->results, run->store, run->rules, failure);
	if (status == STATUS_OK || run->options->once) {
		return status;
	}
	run->first_result = now;
	if (run->complained == 0 || now - run->complained >= COMPLAIN) {
		tell(run, "%s; what is found out waits", failure->sentence);
		run->complained = now;
	}
	return STATUS_OK;
}

static status_t read_queue(run_t *run, uint64_t now, failure_t *failure)
{
	size_t busy = 0;
	if (!store_present(run->store)) {
		store_close(run->store);
		run->store = NULL;
		status_t status = store_open(run->options->folder, STORE_WRITE, &run->store, failure);
		if (status != STATUS_OK) {
			return status;
		}
	}
	for (uint32_t i = 0; i < RESOLVE_ASKS_MAX; i++) {
		if (run->asks.asks[i].state != ASK_FREE) {
			run->busy[busy++] = run->asks.asks[i].querier.querier;
		}
	}
	for (size_t i = 0; i < run->results.count; i++) {
		run->busy[busy++] = run->results.results[i].querier;
	}
	status_t status = resolve_queue_read(&run->queue, run->store, moment_now(), run->options->leave,
	                                     run->options->leave_count, run->busy, busy, failure);
	run->queue.read = now;
	run->counts->left_out = run->queue.left_out;
	return status;
}

/* Reads the lists when that may bring something new. */
static status_t look(run_t *run, uint64_t now, failure_t *failure)
{
	bool first = run->queue.read == 0;
	uint64_t age = now - run->queue.read;
	if ((run->options->once && !first) || run->down) {
		return STATUS_OK;
	}
	uint64_t rest = run->times.ttl_min < run->times.retry ? run->times.ttl_min : run->times.retry;
	rest = rest > REST_MAX ? REST_MAX : rest;
	if (first || age >= (resolve_queue_empty(&run->queue) ? rest : REREAD)) {
		return read_queue(run, now, failure);
	}
	if (!resolve_queue_empty(&run->queue) || now - run->looked < LOOK) {
		return STATUS_OK;
	}
	uint64_t version;
	run->looked = now;
	bool present = store_present(run->store);
	status_t status = present ? store_wanted_version(run->store, &version, failure) : STATUS_OK;
	return status != STATUS_OK || (present && version == run->queue.version) ? status :
	       read_queue(run, now, failure);
}

static void tell_done(run_t *run)
{
	const resolve_counts_t *now = run->counts, *old = &run->told;
	if (run->options->once || now->queries == old->queries || run->down) {
		return;
	}
	tell(run, "%" PRIu64 " names, %" PRIu64 " without a name, %" PRIu64 " unreachable; waiting",
	     now->names - old->names, now->without - old->without,
	     now->unreachable - old->unreachable);
	run->told = *now;
}

/* How long nothing is to be done but to take answers. */
static uint64_t pause_until_due(const run_t *run, uint64_t now)
{
	uint32_t asks = resolve_asks_count(&run->asks);
	if (asks == 0 && resolve_queue_empty(&run->queue)) {
		return run->down || run->results.count > 0 ? LOOK / 10 : LOOK;
	}
	uint64_t most = LOOK / 20;
	uint64_t due = run->next_send > now ? run->next_send - now : most;
	return due < most ? due : most;
}

static status_t run_all(run_t *run, const volatile sig_atomic_t *stop, const sigset_t *mask,
                        failure_t *failure)
{
	status_t status = STATUS_OK;
	while (!*stop && status == STATUS_OK) {
		uint64_t now = clock_now();
		status = look(run, now, failure);
		if (status != STATUS_OK) {
			break;
		}
		send_due(run, now);
		decide(run, now);
		bool idle = resolve_queue_empty(&run->queue) && resolve_asks_count(&run->asks) == 0 &&
		            run->probe.state == ASK_FREE;
		if (run->results.count > 0 && (idle || run->results.count >= WRITE_COUNT ||
		                               now - run->first_result >= WRITE_AFTER)) {
			status = write_results(run, now, failure);
		}
		if (idle && run->results.count == 0) {
			tell_done(run);
		}
		if (run->options->once && (run->down || (idle && run->results.count == 0))) {
			break;
		}
		ptr_client_wait(run->client, pause_until_due(run, now), mask);
	}
	failure_t ignored;
	status_t last = run->store == NULL ? STATUS_OK :
	                resolve_results_write(&run->results, run->store, run->rules,
	                                      status == STATUS_OK ? failure : &ignored);
	status = status == STATUS_OK ? last : status;
	if (status == STATUS_OK && run->options->once && run->down) {
		status = failure_set(failure, STATUS_SYSTEM, "%s", run->trouble.sentence);
	}
	return status;
}

status_t resolve_run(const resolve_options_t *options, const volatile sig_atomic_t *stop,
                     const sigset_t *mask, resolve_tell_t told, void *context,
                     resolve_counts_t *counts, failure_t *failure)
{
	run_t *run = calloc(1, sizeof(*run));
	*counts = (resolve_counts_t) { 0 };
	if (run == NULL) {
		return failure_no_memory(failure, "the questions on their way");
	}
	run->options = options;
	run->times = (resolve_times_t) { options->ttl_min, options->ttl_max, options->retry };
	run->tell = told;
	run->tell_context = context;
	run->counts = counts;
	resolve_asks_begin(&run->asks);
	status_t status = category_rules_load(options->rules, &run->rules, failure);
	if (status == STATUS_OK) {
		status = store_open(options->folder, STORE_WRITE, &run->store, failure);
	}
	if (status == STATUS_OK) {
		status = ptr_client_open(&options->resolver, options->port,
		                         (unsigned)(options->patience / 1000), take, run, &run->client,
		                         failure);
	}
	if (status == STATUS_OK) {
		status = run_all(run, stop, mask, failure);
	}
	ptr_client_close(run->client);
	resolve_queue_clear(&run->queue);
	resolve_results_clear(&run->results);
	store_close(run->store);
	category_rules_destroy(run->rules);
	free(run);
	return status;
}
