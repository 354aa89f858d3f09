/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A ring of blocks between one writer and one reader. `made` and `taken` count blocks for
 * ever; the lock is held for the counting alone, once per block on each side.
 */
#include "config.h"

#include "capture/read_ahead.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct read_ahead {
	byte_input_t *input;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t made;             /* Blocks that are whole. */
	size_t taken;            /* Blocks that came back from the reader. */
	bool given;              /* The reader has block `taken`. */
	bool stopped;
	uint8_t *memory;
	read_ahead_block_t blocks[READ_AHEAD_BLOCKS];
};

/*
 * To wake a thread costs as much as to decompress a part of a block. So who has waited goes on when
 * half of the ring is ready for it, and not with each block; but of an input that is no
 * file nobody knows when it gives more.
 */
static bool worth_waking(const read_ahead_t *ahead, size_t ready)
{
	return ready >= READ_AHEAD_BLOCKS / 2 || ahead->input->size == 0;
}

/* Fills a block, unless it would have to wait for more of a slow input. */
static void block_fill(byte_input_t *input, read_ahead_block_t *block)
{
	block->size = 0;
	do {
		block->size += byte_input_read(input, block->data + block->size,
		                               READ_AHEAD_BLOCK - block->size);
	} while (input->status == STATUS_OK && block->size < READ_AHEAD_BLOCK &&
	         !byte_input_waits(input));
	block->position = input->position;
	block->status = input->status;
}

static void *run(void *context)
{
	read_ahead_t *ahead = context;
	bool more = true;
	for (size_t number = 0; more; number++) {
		pthread_mutex_lock(&ahead->lock);
		while (ahead->made - ahead->taken == READ_AHEAD_BLOCKS && !ahead->stopped) {
			pthread_cond_wait(&ahead->changed, &ahead->lock);
		}
		more = !ahead->stopped;
		pthread_mutex_unlock(&ahead->lock);
		if (more) {
			read_ahead_block_t *block = &ahead->blocks[number % READ_AHEAD_BLOCKS];
			block_fill(ahead->input, block);
			more = block->status == STATUS_OK;
			pthread_mutex_lock(&ahead->lock);
			ahead->made++;
			if (!more || worth_waking(ahead, ahead->made - ahead->taken)) {
				pthread_cond_signal(&ahead->changed);
			}
			pthread_mutex_unlock(&ahead->lock);
		}
	}
	return NULL;
}

static bool second_processor(void)
{
	cpu_set_t processors;
	return sched_getaffinity(0, sizeof(processors), &processors) == 0 &&
	       CPU_COUNT(&processors) > 1;
}

/* Signals are the reader's business. */
static bool thread_start(read_ahead_t *ahead)
{
	sigset_t all, before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	bool started = pthread_create(&ahead->thread, NULL, run, ahead) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

static void ahead_free(read_ahead_t *ahead)
{
	if (ahead->input->stop >= 0) {
		(void)close(ahead->input->stop);
		ahead->input->stop = -1;
	}
	(void)pthread_cond_destroy(&ahead->changed);
	(void)pthread_mutex_destroy(&ahead->lock);
	free(ahead->memory);
	free(ahead);
}

read_ahead_t *read_ahead_start(byte_input_t *input)
{
	read_ahead_t *ahead = second_processor() ? calloc(1, sizeof(*ahead)) : NULL;
	if (ahead == NULL) {
		return NULL;
	}
	size_t each = READ_AHEAD_FRONT + READ_AHEAD_BLOCK;
	ahead->input = input;
	ahead->memory = malloc(READ_AHEAD_BLOCKS * each);
	(void)pthread_mutex_init(&ahead->lock, NULL);
	(void)pthread_cond_init(&ahead->changed, NULL);
	for (size_t i = 0; ahead->memory != NULL && i < READ_AHEAD_BLOCKS; i++) {
		ahead->blocks[i].data = ahead->memory + i * each + READ_AHEAD_FRONT;
	}
	input->stop = eventfd(0, EFD_CLOEXEC);
	if (ahead->memory == NULL || input->stop < 0 || !thread_start(ahead)) {
		ahead_free(ahead);
		return NULL;
	}
	return ahead;
}

const read_ahead_block_t *read_ahead_next(read_ahead_t *ahead)
{
	pthread_mutex_lock(&ahead->lock);
	if (ahead->given) {
		ahead->taken++;
		if (worth_waking(ahead, READ_AHEAD_BLOCKS - (ahead->made - ahead->taken))) {
			pthread_cond_signal(&ahead->changed);
		}
	}
	while (ahead->made == ahead->taken) {
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	}
	ahead->given = true;
	pthread_mutex_unlock(&ahead->lock);
	return &ahead->blocks[ahead->taken % READ_AHEAD_BLOCKS];
}

void read_ahead_stop(read_ahead_t *ahead)
{
	if (ahead == NULL) {
		return;
	}
	pthread_mutex_lock(&ahead->lock);
	ahead->stopped = true;
	pthread_cond_signal(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
	(void)eventfd_write(ahead->input->stop, 1);
	(void)pthread_join(ahead->thread, NULL);
	ahead_free(ahead);
}
