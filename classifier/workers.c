/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads that take the next number until there is none. Which thread gets which
 * piece is chance, so no result may depend on it: each piece has its own place
 * for results and its own stream of random numbers.
 */
#include "classifier/workers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

/* A run, shared by its threads. */
typedef struct {
	const work_t *work;
	void *context;
	size_t pieces;
	atomic_size_t next;
	atomic_size_t done;
	atomic_int status;
} run_t;

static void fail(run_t *run, status_t status)
{
	int none = STATUS_OK;
	atomic_compare_exchange_strong(&run->status, &none, (int)status);
}

static void worker(run_t *run, bool tells)
{
	void *rooms = run->work->begin != NULL ? run->work->begin(run->context) : NULL;
	if (rooms == NULL && run->work->begin != NULL) {
		fail(run, STATUS_NO_MEMORY);
		return;
	}
	size_t piece;
	while (atomic_load(&run->status) == STATUS_OK &&
	       (piece = atomic_fetch_add(&run->next, 1)) < run->pieces) {
		status_t status = run->work->work(run->context, rooms, piece);
		if (status != STATUS_OK) {
			fail(run, status);
		}
		size_t done = atomic_fetch_add(&run->done, 1) + 1;
		if (tells && run->work->progress != NULL) {
			run->work->progress(run->work->progress_context, done, run->pieces);
		}
	}
	if (run->work->begin != NULL) {
		run->work->end(rooms);
	}
}

static void *worker_main(void *run)
{
	worker(run, false);
	return NULL;
}

status_t workers_run(const work_t *work, void *context, size_t pieces, size_t threads)
{
	run_t run = { .work = work, .context = context, .pieces = pieces };
	size_t others = threads > pieces ? pieces : threads, started = 0;
	others = others > 0 ? others - 1 : 0;
	/* Without memory for their list the calling thread does it all. */
	pthread_t *ids = others > 0 ? calloc(others, sizeof(*ids)) : NULL;
	while (ids != NULL && started < others &&
	       pthread_create(&ids[started], NULL, worker_main, &run) == 0) {
		started++;
	}
	worker(&run, true);
	for (size_t i = 0; i < started; i++) {
		pthread_join(ids[i], NULL);
	}
	free(ids);
	return (status_t)atomic_load(&run.status);
}
