/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `backscatter replay`: a capture's queries to a server on loopback, in true time. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "capture/query_stream.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/replay_options.h"
#include "cli/replay_pace.h"
#include "cli/replay_sender.h"
#include "common/moment.h"

#define QTYPE_PTR    12
#define SLEEP_SLICE  (NANOSECONDS / 5)  /* So that answers and progress are seen. */

/* A replay under way. */
typedef struct {
	const replay_options_t *options;
	query_stream_t *stream;
	replay_sender_t *sender;
	replay_pace_t pace;
	progress_t progress;
	uint64_t early;     /* Queries before --base. */
} replay_t;

/* Sets the start of the schedule when the first query is there. */
static void pace_begin(replay_t *replay)
{
	const replay_options_t *options = replay->options;
	replay_pace_t *pace = &replay->pace;
	uint64_t now = replay_clock();
	pace->speed = options->speed != 0 ? options->speed : 1;
	pace->rate = options->qps;
	pace->base = options->has_base ? options->base
	                               : query_stream_counts(replay->stream)->first_moment;
	pace->start = now;
	if (options->has_start) {
		/* Reading up to the first query may have taken longer than there was time. */
		int64_t ahead = (int64_t)(options->start_at - moment_now()) * 1000;
		pace->start = ahead > -(int64_t)now ? now + (uint64_t)ahead : 0;
	}
}

/* Waits until a query is due; whatever was due before it is sent first. */
static status_t due_await(replay_t *replay, uint64_t due, failure_t *failure)
{
	status_t status = STATUS_OK;
	uint64_t now = replay_clock();
	while (now < due && status == STATUS_OK) {
		status = replay_sender_flush(replay->sender, failure);
		progress_update(&replay->progress, replay_sender_counts(replay->sender)->sent);
		now = replay_clock();
		if (now < due) {
			replay_sleep(due, now, SLEEP_SLICE);
			now = replay_clock();
		}
	}
	return status;
}

static status_t query_replay(replay_t *replay, const query_t *query, failure_t *failure)
{
	const replay_options_t *options = replay->options;
	if (query->qtype != QTYPE_PTR && !options->all_queries) {
		return STATUS_OK;
	}
	if (options->has_base && query->moment < options->base) {
		replay->early++;
		return STATUS_OK;
	}
	if (replay->pace.speed == 0) {
		pace_begin(replay);
	}
	uint64_t due = replay_pace_next(&replay->pace, query->moment, replay_clock());
	status_t status = due_await(replay, due, failure);
	if (status == STATUS_OK) {
		status = replay_sender_add(replay->sender, query, due, failure);
		progress_update(&replay->progress, replay_sender_counts(replay->sender)->sent);
	}
	return status;
}

/* All queries, then the last answers. A cut file does not cost the answers to its front. */
static status_t replay_run(replay_t *replay, failure_t *failure)
{
	query_t query;
	status_t status = STATUS_OK;
	replay->progress = progress_begin("replaying", "queries", 0);
	while (status == STATUS_OK) {
		status = query_stream_next(replay->stream, &query, failure);
		if (status == STATUS_OK) {
			status = query_replay(replay, &query, failure);
		}
	}
	failure_t ending;
	status_t finished = replay_sender_finish(replay->sender, &ending);
	progress_end(&replay->progress);
	if (status == STATUS_END && finished != STATUS_OK) {
		*failure = ending;
		return finished;
	}
	return status == STATUS_END ? STATUS_OK : status;
}

static void print_rcodes(const replay_counts_t *counts)
{
	static const char *const names[REPLAY_RCODES] = {
		"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
		"YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE", "RCODE11",
		"RCODE12", "RCODE13", "RCODE14", "RCODE15",
	};
	for (size_t i = 0; i < REPLAY_RCODES; i++) {
		if (counts->rcodes[i] != 0) {
			printf("rcode %s: %" PRIu64 "\n", names[i], counts->rcodes[i]);
		}
	}
}

static void print_optional(const char *what, uint64_t count)
{
	if (count != 0) {
		printf("%s: %" PRIu64 "\n", what, count);
	}
}

static void print_summary(const replay_t *replay)
{
	const replay_counts_t *counts = replay_sender_counts(replay->sender);
	double seconds = (double)(counts->last_sent - counts->first_due) / (double)NANOSECONDS;
	printf("sent: %" PRIu64 "\n", counts->sent);
	printf("answered: %" PRIu64 "\n", counts->answered);
	print_rcodes(counts);
	printf("unanswered: %" PRIu64 "\n", counts->unanswered);
	printf("send errors: %" PRIu64 "\n", counts->send_errors);
	print_optional("stray or late answers", counts->strays);
	print_optional("sent without what follows the question", counts->reduced);
	print_optional("left out before the base", replay->early);
	printf("seconds: %.3f\n", seconds);
	/* From the first to the last there is one gap less than there are queries. */
	printf("queries/s: %.1f\n",
	       seconds > 0 ? (double)(counts->sent - 1) / seconds : (double)counts->sent);
	printf("worst send late by: %.3f ms\n", (double)counts->worst_late / 1e6);
	if (replay->pace.given_up != 0) {
		printf("schedule moved by: %.3f s\n",
		       (double)replay->pace.given_up / (double)NANOSECONDS);
	}
}

static int replay_judge(const replay_t *replay, status_t status, failure_t *failure)
{
	const replay_counts_t *counts = replay_sender_counts(replay->sender);
	print_summary(replay);
	if (fflush(stdout) != 0 && status == STATUS_OK) {
		status = failure_system(failure, errno, "cannot write to", "standard output");
	}
	if (status == STATUS_OK && counts->sent == 0) {
		const replay_options_t *options = replay->options;
		status = failure_set(failure, STATUS_BAD_DATA, "there is no %squery to send in '%s'%s",
		                     options->all_queries ? "" : "PTR ", options->paths[0],
		                     options->count > 1 ? " and the others" : "");
	} else if (status == STATUS_OK && counts->answered == 0) {
		status = failure_set(failure, STATUS_SYSTEM, "none of %" PRIu64 " queries was answered; "
		                     "does the server believe PROXY headers from here?", counts->sent);
	}
	return status == STATUS_OK ? EXIT_GOOD : command_fail(&command_replay, failure);
}

static int run(int argc, char **argv)
{
	replay_options_t options = { 0 };
	int result = replay_options_read(argc, argv, &options);
	if (result != EXIT_GOOD) {
		return result;
	}
	failure_t failure;
	replay_t replay = { .options = &options };
	status_t status = replay_sender_open(&options.address, options.port, &replay.sender,
	                                     &failure);
	if (status == STATUS_OK) {
		status = query_stream_open(options.paths, options.count, &replay.stream, &failure);
	}
	if (status == STATUS_OK) {
		/* The usual 50 microseconds of slack would be the error of each sleep. */
		(void)prctl(PR_SET_TIMERSLACK, 1);
		result = replay_judge(&replay, replay_run(&replay, &failure), &failure);
	} else {
		result = command_fail(&command_replay, &failure);
	}
	query_stream_close(replay.stream);
	replay_sender_close(replay.sender);
	return result;
}

const command_t command_replay = {
	.name = "replay",
	.arguments = "CAPTURE... --to ADDRESS@PORT [--speed X | --qps N]",
	.summary = "send a capture's reverse queries to a server on this machine",
	.options =
		"  --to ADDRESS@PORT  server, in 127.0.0.0/8 or ::1; it must believe PROXY headers\n"
		"                     (Knot DNS: server.proxy-allowlist)\n"
		"  --speed X          X times as fast as captured (default 1)\n"
		"  --qps N            N queries per second, evenly\n"
		"  --start-at MOMENT  begin at that moment of the wall clock\n"
		"  --base MOMENT      moment of the capture that falls on the begin; earlier queries\n"
		"                     are left out (default: the first packet's)\n"
		"  --all-queries      all types, not only PTR\n"
		"\n"
		"A MOMENT is 2026-11-23T00:00:00Z or the like, or seconds since 1970.\n",
	.run = run,
};
