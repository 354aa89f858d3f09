/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arena of cache lines. */
#include "sensor/arena.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/mapping.h"

typedef struct {
	_Alignas(LINE_SIZE) uint32_t next;  /* of the chunk; next == end: no chunk */
	uint32_t end;
} chunk_t;

struct arena {
	void *base;
	uint32_t limit;  /* lines */
	chunk_t *chunks; /* one per thread */
	_Alignas(LINE_SIZE) _Atomic uint64_t next;
};

arena_t *arena_create(size_t bytes, unsigned threads, bool huge)
{
	arena_t *arena = aligned_alloc(LINE_SIZE, sizeof(*arena));
	if (arena == NULL) {
		return NULL;
	}
	memset(arena, 0, sizeof(*arena));
	size_t lines = bytes / LINE_SIZE;
	arena->limit = lines < UINT32_MAX ? (uint32_t)lines : UINT32_MAX;
	arena->chunks = aligned_alloc(LINE_SIZE, threads * sizeof(*arena->chunks));
	arena->base = mapping_create((size_t)arena->limit * LINE_SIZE, huge);
	if (arena->chunks == NULL || arena->base == NULL) {
		arena_destroy(arena);
		return NULL;
	}
	memset(arena->chunks, 0, threads * sizeof(*arena->chunks));
	atomic_init(&arena->next, 1);
	return arena;
}

void arena_destroy(arena_t *arena)
{
	if (arena != NULL) {
		mapping_destroy(arena->base, (size_t)arena->limit * LINE_SIZE);
		free(arena->chunks);
		free(arena);
	}
}

static uint32_t take_shared(arena_t *arena, uint32_t lines)
{
	/* A counter of 64 bits cannot wrap, however often a full arena is asked. */
	uint64_t first = atomic_fetch_add_explicit(&arena->next, lines, memory_order_relaxed);
	return first + lines <= arena->limit ? (uint32_t)first : 0;
}

uint32_t arena_take(arena_t *arena, unsigned thread, uint32_t lines)
{
	chunk_t *chunk = &arena->chunks[thread];
	if (chunk->end - chunk->next < lines) {
		if (lines > CHUNK_LINES / 4) {
			return take_shared(arena, lines);
		}
		uint32_t first = take_shared(arena, CHUNK_LINES);
		if (first == 0) {
			return 0;
		}
		chunk->next = first;
		chunk->end = first + CHUNK_LINES;
	}
	uint32_t line = chunk->next;
	chunk->next += lines;
	return line;
}

void arena_untake(arena_t *arena, unsigned thread, uint32_t line, uint32_t lines)
{
	chunk_t *chunk = &arena->chunks[thread];
	if (chunk->next == line + lines) {
		memset(arena_at(arena->base, line), 0, (size_t)lines * LINE_SIZE);
		chunk->next = line;
	}
}

void *arena_base(const arena_t *arena)
{
	return arena->base;
}

size_t arena_used(const arena_t *arena)
{
	uint64_t lines = atomic_load_explicit(&arena->next, memory_order_relaxed);
	return (size_t)(lines < arena->limit ? lines : arena->limit) * LINE_SIZE;
}
