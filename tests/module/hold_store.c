/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holds the write lock of a store until its standard input ends: hold_store FOLDER. */
#include <stdio.h>

#include "store/store_querier.h"

int main(int argc, char **argv)
{
	failure_t failure = { 0 };
	store_t *store = NULL;
	store_querier_batch_t *batch;
	if (argc != 2 || store_open(argv[1], STORE_WRITE, &store, &failure) != STATUS_OK ||
	    store_querier_begin(store, &batch, &failure) != STATUS_OK) {
		fprintf(stderr, "hold_store: %s\n", failure.sentence);
		store_close(store);
		return 1;
	}
	puts("held");
	(void)fflush(stdout);
	while (getchar() != EOF) {
	}
	(void)store_querier_end(batch, false, NULL);
	store_close(store);
	return 0;
}
