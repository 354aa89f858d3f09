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

typedef struct {
	const forest_t *forest;
	const forest_cuts_t *cuts;
	clusters_t *out;
	size_t clusters;       /* Made so far. */
	size_t room;           /* For clusters. */
	size_t leaves;
	const tree_node_t *nodes;  /* Of the tree at hand. */
	double *weights;       /* Of its nodes: rows that passed. */
	uint32_t *roots;       /* Of its clusters: nodes. */
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

/*
 * Moves the clusters to a place with room for so many; false if memory is short. Room that
 * is not used takes no memory but addresses, so what is left over at the end may stay.
 */
static bool make_room(builder_t *builder, size_t room)
{
	cluster_t *clusters = aligned_alloc(sizeof(*clusters), room * sizeof(*clusters));
	if (clusters == NULL) {
		return false;
	}
	if (builder->clusters > 0) {
		memcpy(clusters, builder->out->clusters, builder->clusters * sizeof(*clusters));
	}
	free(builder->out->clusters);
	builder->out->clusters = clusters;
	builder->room = room;
	return true;
}

/* Makes the cluster at a root, and notes the roots behind it; false if memory is short. */
static bool add_cluster(builder_t *builder, size_t tree, uint32_t root)
{
	if (builder->clusters == builder->room && !make_room(builder, 2 * builder->room + 1)) {
		return false;
	}
	growth_t growth = grow(builder, root);
	clusters_t *out = builder->out;
	cluster_t *cluster = &out->clusters[builder->clusters++];
	write_cluster(builder, &growth, cluster);
	cluster->child = (uint32_t)(out->starts[tree] + builder->root_count);
	cluster->leaf = (uint32_t)builder->leaves;
	for (size_t i = 0; i < growth.exit_count; i++) {
		const tree_node_t *node = &builder->nodes[growth.exits[i]];
		if (!node->leaf) {
			builder->roots[builder->root_count++] = growth.exits[i];
		} else {
			out->leaves[builder->leaves++] = node->child;
		}
	}
	return true;
}

static bool add_trees(builder_t *builder)
{
	const forest_t *forest = builder->forest;
	/* Half of the nodes are splits, of which most clusters have more than six. */
	if (!make_room(builder, forest->starts[forest->trees] / 12 + 1)) {
		return false;
	}
	for (size_t tree = 0; tree < forest->trees; tree++) {
		size_t start = forest->starts[tree];
		builder->nodes = forest->nodes + start;
		builder->out->starts[tree] = builder->clusters;
		weigh(builder, forest->starts[tree + 1] - start);
		builder->roots[0] = 0;
		builder->root_count = 1;
		for (size_t i = 0; i < builder->root_count; i++) {
			if (!add_cluster(builder, tree, builder->roots[i])) {
				return false;
			}
		}
	}
	builder->out->starts[forest->trees] = builder->clusters;
	return true;
}

/* Of a binary tree one node more than half are leaves; and one leaf more may be read. */
static size_t leaf_room(const forest_t *forest)
{
	return (forest->starts[forest->trees] + forest->trees) / 2 + 1;
}

bool clusters_create(const forest_t *forest, const forest_cuts_t *cuts, clusters_t **out)
{
	*out = NULL;
	if (forest->features > CLUSTER_FEATURES_MAX || cuts->most > CLUSTER_CUTS_MAX) {
		return true;
	}
	size_t most = 0;
	for (size_t i = 0; i < forest->trees; i++) {
		size_t nodes = forest->starts[i + 1] - forest->starts[i];
		most = nodes > most ? nodes : most;
	}
	clusters_t *made = calloc(1, sizeof(*made));
	builder_t builder = {
		.forest = forest, .cuts = cuts, .out = made,
		.weights = calloc(most, sizeof(*builder.weights)),
		.roots = calloc(most, sizeof(*builder.roots)),
	};
	bool good = made != NULL && builder.weights != NULL && builder.roots != NULL;
	if (good) {
		made->starts = calloc(forest->trees + 1, sizeof(*made->starts));
		made->leaves = calloc(leaf_room(forest), sizeof(*made->leaves));
		good = made->starts != NULL && made->leaves != NULL && add_trees(&builder);
	}
	free(builder.weights);
	free(builder.roots);
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
