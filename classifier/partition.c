/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stratified parts of whole groups.
 *
 * The groups come in an order drawn from the seed, and each goes to the part that lacks
 * most of what it brings: the sum over its rows of (what the part should have of the
 * row's class less what it has) / (rows of the class), so that a rare class weighs as
 * much as a frequent one. Of equal parts the emptiest wins, then the first. Where every
 * row is a group, each part gets its share of each class to the row, rounded; where
 * groups are large, off by a group at most (R. Kohavi: A Study of Cross-Validation and
 * Bootstrap for Accuracy Estimation and Model Selection, 1995, on stratification).
 *
 * Cost: one sort of the rows for all deals; rows x parts for each.
 */
#include "classifier/partition.h"

#include <stdlib.h>
#include <string.h>

#include "common/generator.h"

struct partition {
	const dataset_t *dataset;
	size_t *rows;        /* row numbers, group by group */
	size_t *starts;      /* groups + 1 places in `rows` */
	size_t groups;
	size_t *class_groups;
};

/* A row while groups are collected. */
typedef struct {
	uint64_t group;
	size_t row;
} member_t;

static int compare(const void *a, const void *b)
{
	const member_t *x = a, *y = b;
	return x->group != y->group ? (x->group > y->group) - (x->group < y->group) :
	       (x->row > y->row) - (x->row < y->row);
}

static void collect(partition_t *partition, member_t *members)
{
	size_t rows = dataset_rows(partition->dataset);
	const uint64_t *groups = dataset_groups(partition->dataset);
	for (size_t row = 0; row < rows; row++) {
		members[row] = (member_t) { .group = groups != NULL ? groups[row] : row, .row = row };
	}
	qsort(members, rows, sizeof(*members), compare);
	for (size_t i = 0; i < rows; i++) {
		if (i == 0 || members[i].group != members[i - 1].group) {
			partition->starts[partition->groups++] = i;
		}
		partition->rows[i] = members[i].row;
	}
	partition->starts[partition->groups] = rows;
}

/* Counts each group once for each class that it has rows of. */
static void count_classes(partition_t *partition, size_t *last)
{
	const uint32_t *labels = dataset_labels(partition->dataset);
	for (size_t group = 0; group < partition->groups; group++) {
		for (size_t i = partition->starts[group]; i < partition->starts[group + 1]; i++) {
			uint32_t class_index = labels[partition->rows[i]];
			if (last[class_index] != group + 1) {
				last[class_index] = group + 1;
				partition->class_groups[class_index]++;
			}
		}
	}
}

partition_t *partition_create(const dataset_t *dataset)
{
	size_t rows = dataset_rows(dataset), classes = dataset_classes(dataset);
	partition_t *partition = calloc(1, sizeof(*partition));
	if (partition == NULL) {
		return NULL;
	}
	partition->dataset = dataset;
	partition->rows = calloc(rows, sizeof(*partition->rows));
	partition->starts = calloc(rows + 1, sizeof(*partition->starts));
	partition->class_groups = calloc(classes, sizeof(*partition->class_groups));
	member_t *members = calloc(rows, sizeof(*members));
	size_t *last = calloc(classes, sizeof(*last));
	bool good = partition->rows != NULL && partition->starts != NULL &&
	            partition->class_groups != NULL && members != NULL && last != NULL;
	if (good) {
		collect(partition, members);
		count_classes(partition, last);
	}
	free(members);
	free(last);
	if (!good) {
		partition_destroy(partition);
		return NULL;
	}
	return partition;
}

void partition_destroy(partition_t *partition)
{
	if (partition == NULL) {
		return;
	}
	free(partition->rows);
	free(partition->starts);
	free(partition->class_groups);
	free(partition);
}

size_t partition_groups(const partition_t *partition)
{
	return partition->groups;
}

size_t partition_class_groups(const partition_t *partition, size_t class_index)
{
	return partition->class_groups[class_index];
}

/* Parts while they are filled. */
typedef struct {
	const partition_t *partition;
	const double *shares;
	size_t parts;
	size_t classes;
	double *have;    /* parts x classes: rows */
	size_t *sizes;   /* rows of each part */
} deal_t;

/* How much a part lacks of what a group brings. */
static double lack(const deal_t *deal, size_t group, size_t part)
{
	const partition_t *partition = deal->partition;
	const uint32_t *labels = dataset_labels(partition->dataset);
	double sum = 0;
	for (size_t i = partition->starts[group]; i < partition->starts[group + 1]; i++) {
		uint32_t class_index = labels[partition->rows[i]];
		double total = (double)dataset_class_rows(partition->dataset, class_index);
		sum += deal->shares[part] - deal->have[part * deal->classes + class_index] / total;
	}
	return sum;
}

static size_t choose_part(const deal_t *deal, size_t group)
{
	size_t best = 0;
	double most = lack(deal, group, 0);
	for (size_t part = 1; part < deal->parts; part++) {
		double lacks = lack(deal, group, part);
		/* Sums of shares carry rounding: what differs by less is equal. */
		bool equal = lacks > most - 1e-9 && lacks < most + 1e-9;
		if (equal ? deal->sizes[part] < deal->sizes[best] : lacks > most) {
			best = part;
			most = lacks;
		}
	}
	return best;
}

static void deal_groups(deal_t *deal, const size_t *order, uint16_t *part_of)
{
	const partition_t *partition = deal->partition;
	const uint32_t *labels = dataset_labels(partition->dataset);
	for (size_t i = 0; i < partition->groups; i++) {
		size_t group = order[i], part = choose_part(deal, group);
		for (size_t j = partition->starts[group]; j < partition->starts[group + 1]; j++) {
			size_t row = partition->rows[j];
			part_of[row] = (uint16_t)part;
			deal->have[part * deal->classes + labels[row]]++;
			deal->sizes[part]++;
		}
	}
}

status_t partition_deal(const partition_t *partition, uint64_t seed, uint64_t stream,
                        const double *shares, size_t parts, uint16_t *part_of)
{
	size_t classes = dataset_classes(partition->dataset);
	deal_t deal = {
		.partition = partition, .shares = shares, .parts = parts, .classes = classes,
		.have = calloc(parts * classes, sizeof(*deal.have)),
		.sizes = calloc(parts, sizeof(*deal.sizes)),
	};
	size_t *order = calloc(partition->groups, sizeof(*order));
	bool good = deal.have != NULL && deal.sizes != NULL && order != NULL;
	if (good) {
		generator_t generator = generator_make(seed, stream);
		for (size_t i = 0; i < partition->groups; i++) {
			size_t j = generator_below(&generator, i + 1);
			order[i] = order[j];
			order[j] = i;
		}
		deal_groups(&deal, order, part_of);
	}
	free(deal.have);
	free(deal.sizes);
	free(order);
	return good ? STATUS_OK : STATUS_NO_MEMORY;
}
