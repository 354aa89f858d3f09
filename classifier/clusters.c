/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cuts trees into clusters.
 *
 * A cluster grows from its root by the split that most training rows passed, of those on
 * its frontier: so the beaten tracks of a tree lie in few clusters. A forest of 100
 * thousand rows with a mean depth of 16 is passed in 2.4 clusters per tree; complete
 * subtrees of four levels, as many bytes, would take 4.4.
 */
#include "classifier/clusters.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/workers.h"

/* The clusters of one tree, before they are put in a row with those of the others. */
typedef struct {
	cluster_t *clusters;
	size_t count;
} cut_tree_t;

/* Shared by the threads; each tree has its own places in `out` and `trees`. */
typedef struct {
	const forest_t *forest;
	const forest_cuts_t *cuts;
	size_t most;           /* Nodes of the largest tree. */
	cut_tree_t *trees;     /* forest->trees */
	clusters_t *out;
} cutting_t;

/* The rooms of one thread, for the tree at hand. */
typedef struct {
	const forest_cuts_t *cuts;
	const tree_node_t *nodes;
	cluster_t *clusters;   /* Made so far; room for one per split of the largest tree. */
	size_t count;
	uint32_t *leaves;      /* Where the tree's leaves stand. */
	size_t leaf_start;     /* The number of the first one. */
	size_t leaf_count;
	double *weights;       /* Of the nodes: rows that passed. */
	uint32_t *roots;       /* Of the clusters: nodes. */
	size_t root_count;
} builder_t;

/* A cluster on its way: what it holds and where it can grow. */
typedef struct {
	uint32_t splits[CLUSTER_SPLITS];
	size_t split_count;
	uint32_t exits[CLUSTER_EXITS];  /* Nodes, from left to right. */
	uint16_t care[CLUSTER_EXITS];
	uint16_t want[CLUSTER_EXITS];
	size_t exit_count;
} growth_t;

/* Children stand behind their parents, so one pass from the end sums up. */
static void weigh(builder_t *builder, size_t count)
{
	for (size_t i = count; i-- > 0;) {
		const tree_node_t *node = &builder->nodes[i];
		builder->weights[i] = node->leaf ? node->threshold :
			builder->weights[node->child] + builder->weights[node->child + 1];
	}
}

/* The exit to the split that most rows passed; exit_count if all exits are leaves. */
static size_t busiest(const builder_t *builder, const growth_t *growth)
{
	size_t best = growth->exit_count;
	for (size_t i = 0; i < growth->exit_count; i++) {
		if (!builder->nodes[growth->exits[i]].leaf && (best == growth->exit_count ||
		    builder->weights[growth->exits[i]] > builder->weights[growth->exits[best]])) {
			best = i;
		}
	}
	return best;
}

/* Takes the split behind an exit in: its children are two exits in that place. */
static void take_in(const builder_t *builder, growth_t *growth, size_t exit)
{
	uint32_t node = growth->exits[exit];
	uint16_t bit = (uint16_t)(1u << growth->split_count);
	size_t behind = growth->exit_count++ - exit;
	growth->splits[growth->split_count++] = node;
	memmove(growth->exits + exit + 1, growth->exits + exit, behind * sizeof(growth->exits[0]));
	memmove(growth->care + exit + 1, growth->care + exit, behind * sizeof(growth->care[0]));
	memmove(growth->want + exit + 1, growth->want + exit, behind * sizeof(growth->want[0]));
	growth->exits[exit] = builder->nodes[node].child;
	growth->exits[exit + 1] = builder->nodes[node].child + 1;
	growth->care[exit] |= bit;
	growth->care[exit + 1] |= bit;
	growth->want[exit + 1] |= bit;
}

static growth_t grow(const builder_t *builder, uint32_t root)
{
	growth_t growth = { .exits = { root }, .exit_count = 1 };
	while (growth.split_count < CLUSTER_SPLITS) {
		size_t exit = busiest(builder, &growth);
		if (exit == growth.exit_count) {
			break;
		}
		take_in(builder, &growth, exit);
	}
	return growth;
}

static uint16_t threshold_of(const builder_t *builder, const tree_node_t *node)
{
	uint32_t rank;
	feature_cuts_rank(&builder->cuts->feature[node->feature], &node->threshold, 1, 1, &rank);
	return (uint16_t)(rank | (node->missing_right ? 0 : CLUSTER_MISSING));
}

static void write_cluster(const builder_t *builder, const growth_t *growth, cluster_t *cluster)
{
	/* What is not used answers no and wants yes. */
	memset(cluster, 0xff, sizeof(*cluster));
	memset(cluster->feature, 0, sizeof(cluster->feature));
	for (size_t i = 0; i < growth->split_count; i++) {
		const tree_node_t *node = &builder->nodes[growth->splits[i]];
		cluster->threshold[i] = threshold_of(builder, node);
		cluster->feature[i] = (uint8_t)node->feature;
	}
	memcpy(cluster->care, growth->care, growth->exit_count * sizeof(growth->care[0]));
	memcpy(cluster->want, growth->want, growth->exit_count * sizeof(growth->want[0]));
	cluster->to_cluster = 0;
	for (size_t i = 0; i < growth->exit_count; i++) {
		bool split = !builder->nodes[growth->exits[i]].leaf;
		cluster->to_cluster |= (uint16_t)((unsigned)split << i);
	}
}

/* Makes the cluster at a root, and notes the roots behind it. */
static void add_cluster(builder_t *builder, uint32_t root)
{
	growth_t growth = grow(builder, root);
	cluster_t *cluster = &builder->clusters[builder->count++];
	write_cluster(builder, &growth, cluster);
	cluster->child = (uint32_t)builder->root_count;
	cluster->leaf = (uint32_t)(builder->leaf_start + builder->leaf_count);
	for (size_t i = 0; i < growth.exit_count; i++) {
		const tree_node_t *node = &builder->nodes[growth.exits[i]];
		if (!node->leaf) {
			builder->roots[builder->root_count++] = growth.exits[i];
		} else {
			builder->leaves[builder->leaf_count++] = node->child;
		}
	}
}

/* Clusters are whole cache lines; NULL if memory is short. */
static cluster_t *clusters_room(size_t count)
{
	return aligned_alloc(sizeof(cluster_t), count * sizeof(cluster_t));
}

static void end(void *rooms)
{
	builder_t *builder = rooms;
	free(builder->clusters);
	free(builder->weights);
	free(builder->roots);
	free(builder);
}

static void *begin(void *context)
{
	const cutting_t *cutting = context;
	builder_t *builder = calloc(1, sizeof(*builder));
	if (builder == NULL) {
		return NULL;
	}
	builder->cuts = cutting->cuts;
	/* Most clusters have many splits: what is not used takes no memory but addresses. */
	builder->clusters = clusters_room(cutting->most / 2 + 1);
	builder->weights = calloc(cutting->most, sizeof(*builder->weights));
	builder->roots = calloc(cutting->most, sizeof(*builder->roots));
	if (builder->clusters == NULL || builder->weights == NULL || builder->roots == NULL) {
		end(builder);
		return NULL;
	}
	return builder;
}

/* Of a binary tree one node more than half are leaves: so many are those of the trees before. */
static size_t leaves_before(const forest_t *forest, size_t tree)
{
	return (forest->starts[tree] + tree) / 2;
}

/* Cuts a tree, with the numbers of its own clusters. */
static status_t cut_tree(void *context, void *rooms, size_t tree)
{
	cutting_t *cutting = context;
	const forest_t *forest = cutting->forest;
	builder_t *builder = rooms;
	builder->nodes = forest->nodes + forest->starts[tree];
	builder->leaf_start = leaves_before(forest, tree);
	builder->leaves = cutting->out->leaves + builder->leaf_start;
	builder->leaf_count = 0;
	builder->count = 0;
	weigh(builder, forest->starts[tree + 1] - forest->starts[tree]);
	builder->roots[0] = 0;
	builder->root_count = 1;
	for (size_t i = 0; i < builder->root_count; i++) {
		add_cluster(builder, builder->roots[i]);
	}
	cut_tree_t *cut = &cutting->trees[tree];
	cut->count = builder->count;
	cut->clusters = clusters_room(cut->count);
	if (cut->clusters == NULL) {
		return STATUS_NO_MEMORY;
	}
	memcpy(cut->clusters, builder->clusters, cut->count * sizeof(*cut->clusters));
	return STATUS_OK;
}

/* Puts a tree's clusters in their place among all, numbered from there. */
static status_t place_tree(void *context, void *rooms, size_t tree)
{
	(void)rooms;
	const cutting_t *cutting = context;
	cut_tree_t *cut = &cutting->trees[tree];
	size_t start = cutting->out->starts[tree];
	cluster_t *clusters = cutting->out->clusters + start;
	memcpy(clusters, cut->clusters, cut->count * sizeof(*clusters));
	for (size_t i = 0; i < cut->count; i++) {
		clusters[i].child += (uint32_t)start;
	}
	free(cut->clusters);
	cut->clusters = NULL;
	return STATUS_OK;
}

static bool cut_all(cutting_t *cutting, size_t threads)
{
	static const work_t cut = { .begin = begin, .work = cut_tree, .end = end };
	static const work_t place = { .work = place_tree };
	clusters_t *out = cutting->out;
	size_t trees = cutting->forest->trees;
	if (workers_run(&cut, cutting, trees, threads) != STATUS_OK) {
		return false;
	}
	for (size_t i = 0; i < trees; i++) {
		out->starts[i + 1] = out->starts[i] + cutting->trees[i].count;
	}
	out->clusters = clusters_room(out->starts[trees]);
	return out->clusters != NULL && workers_run(&place, cutting, trees, threads) == STATUS_OK;
}

bool clusters_create(const forest_t *forest, const forest_cuts_t *cuts, size_t threads,
                     clusters_t **out)
{
	*out = NULL;
	if (forest->features > CLUSTER_FEATURES_MAX || cuts->most > CLUSTER_CUTS_MAX) {
		return true;
	}
	clusters_t *made = calloc(1, sizeof(*made));
	cutting_t cutting = {
		.forest = forest, .cuts = cuts, .out = made,
		.trees = calloc(forest->trees, sizeof(*cutting.trees)),
	};
	for (size_t i = 0; i < forest->trees; i++) {
		size_t nodes = forest->starts[i + 1] - forest->starts[i];
		cutting.most = nodes > cutting.most ? nodes : cutting.most;
	}
	bool good = made != NULL && cutting.trees != NULL;
	if (good) {
		made->starts = calloc(forest->trees + 1, sizeof(*made->starts));
		/* One leaf more may be read. */
		made->leaves = calloc(leaves_before(forest, forest->trees) + 1, sizeof(*made->leaves));
		good = made->starts != NULL && made->leaves != NULL && cut_all(&cutting, threads);
	}
	for (size_t i = 0; i < forest->trees && cutting.trees != NULL; i++) {
		free(cutting.trees[i].clusters);
	}
	free(cutting.trees);
	if (good) {
		*out = made;
	} else {
		clusters_destroy(made);
	}
	return good;
}

void clusters_destroy(void *form)
{
	clusters_t *clusters = form;
	if (clusters != NULL) {
		free(clusters->clusters);
		free(clusters->leaves);
		free(clusters->starts);
		free(clusters);
	}
}
