/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cache lines of one window. */
#include "darknet/pool.h"

#include <string.h>
#include <sys/mman.h>

bool pool_open(pool_t *pool, budget_t *budget)
{
	*pool = (pool_t) { .budget = budget, .next = 1 };
	/* Lines have 32 bits: more than 256 GiB cannot be named. */
	uint64_t lines = budget->limit / POOL_LINE + 1;
	pool->limit = lines < UINT32_MAX ? lines : UINT32_MAX;
	void *base = mmap(NULL, pool->limit * POOL_LINE, PROT_READ | PROT_WRITE,
	                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED) {
		return false;
	}
	pool->base = base;
	/* Only a wish: a small window stays small, and a kernel without them refuses. */
	(void)madvise(base, pool->limit * POOL_LINE, MADV_HUGEPAGE);
	return true;
}

void pool_close(pool_t *pool)
{
	if (pool->base != NULL) {
		budget_give(pool->budget, (pool->next - 1) * POOL_LINE);
		(void)munmap(pool->base, pool->limit * POOL_LINE);
		pool->base = NULL;
	}
}

uint32_t pool_take(pool_t *pool, unsigned order)
{
	uint32_t line = pool->given[order];
	uint64_t lines = UINT64_C(1) << order;
	if (line != 0) {
		void *piece = pool_at(pool, line);
		memcpy(&pool->given[order], piece, sizeof(pool->given[order]));
		memset(piece, 0, lines * POOL_LINE);
		return line;
	}
	if (lines > pool->limit - pool->next || !budget_take(pool->budget, lines * POOL_LINE)) {
		return 0;
	}
	line = (uint32_t)pool->next;
	pool->next += lines;
	return line;
}

void pool_give(pool_t *pool, uint32_t line, unsigned order)
{
	memcpy(pool_at(pool, line), &pool->given[order], sizeof(pool->given[order]));
	pool->given[order] = line;
}
