/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of the commands that learn. */
#include "cli/training_options.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "classifier/limits.h"
#include "classifier/smote.h"
#include "common/moment.h"

#define THREADS_DEFAULT_MAX 64

/* Of a real number that must be above 0. */
#define POSITIVE_LEAST 1e-9
#define REAL_MOST 1e9

/* Where the class is looked for if none is given. */
#define POSITIVE_DEFAULT "scan"

#define OPTIONS_MAX 32

/* How an option's argument is read and kept. */
typedef enum {
	TEXT,  /* const char * */
	WHOLE, /* uint32_t */
	SEED,  /* uint64_t, any */
	REAL,  /* double */
	DURATION, /* uint64_t, in microseconds; the bounds in seconds */
	FLAG,  /* bool, no argument */
	SPLITS,
} type_t;

/* An option. */
typedef struct {
	const char *name;
	type_t type;
	size_t offset;       /* in training_options_t */
	double least, most;  /* of a number */
	size_t given;        /* in training_options_t, of a bool to set; 0: none */
	int letter;          /* 0: none */
} entry_t;

#define PLACE(field) offsetof(training_options_t, field)
static const entry_t entries[] = {
	{ "features", TEXT, PLACE(source.features), 0, 0, 0, 0 },
	{ "labels", TEXT, PLACE(source.labels), 0, 0, 0, 0 },
	{ "label", TEXT, PLACE(source.label_column), 0, 0, 0, 0 },
	{ "label-reach", DURATION, PLACE(source.label_reach), 0, UINT32_MAX, 0, 0 },
	{ "group", TEXT, PLACE(source.group_column), 0, 0, 0, 0 },
	{ "positive", TEXT, PLACE(positive), 0, 0, 0, 0 },
	{ "output", TEXT, PLACE(output), 0, 0, 0, 'o' },
	{ "trees", WHOLE, PLACE(training.trees), 1, MODEL_TREES_MAX, PLACE(trees_given), 0 },
	{ "mtry", WHOLE, PLACE(training.mtry), 1, MODEL_FEATURES_MAX, 0, 0 },
	{ "class-weights", TEXT, PLACE(training.class_weights), 0, 0, 0, 0 },
	{ "splits", SPLITS, PLACE(training.splits), 0, 0, 0, 0 },
	{ "min-leaf", WHOLE, PLACE(training.min_leaf), 1, DATASET_ROWS_MAX, 0, 0 },
	{ "max-depth", WHOLE, PLACE(training.max_depth), 1, TREE_DEPTH_MAX, 0, 0 },
	{ "smote", REAL, PLACE(training.smote), 0, 1, PLACE(smote_given), 0 },
	{ "smote-k", WHOLE, PLACE(training.smote_neighbours), 1, SMOTE_NEIGHBOURS_MAX, 0, 0 },
	{ "cost", REAL, PLACE(training.cost), POSITIVE_LEAST, REAL_MOST, PLACE(svm_given), 0 },
	{ "gamma", REAL, PLACE(training.gamma), POSITIVE_LEAST, REAL_MOST, PLACE(svm_given), 0 },
	{ "grid", FLAG, PLACE(training.grid), 0, 0, PLACE(svm_given), 0 },
	{ "threads", WHOLE, PLACE(training.threads), 1, TRAINING_THREADS_MAX, 0, 0 },
	{ "seed", SEED, PLACE(training.seed), 0, 0, 0, 0 },
};
#undef PLACE

#define ENTRIES (sizeof(entries) / sizeof(entries[0]))

_Static_assert(ENTRIES < TRAINING_OPTION_OWN, "values of entries stay below a command's own");

training_options_t training_options_default(void)
{
	training_options_t options = { .training = training_default() };
	long count = sysconf(_SC_NPROCESSORS_ONLN);
	options.training.threads = count < 1 ? 1 :
	                           count > THREADS_DEFAULT_MAX ? THREADS_DEFAULT_MAX : (uint32_t)count;
	return options;
}

/* All options behind each other, ended by a zero entry. An entry's value is its number. */
static void join(const struct option *own, struct option *all)
{
	size_t count = 0;
	for (; own->name != NULL && count < OPTIONS_MAX - ENTRIES; own++) {
		all[count++] = *own;
	}
	for (size_t i = 0; i < ENTRIES; i++) {
		int argument = entries[i].type == FLAG ? no_argument : required_argument;
		all[count++] = (struct option) { entries[i].name, argument, NULL, (int)i };
	}
	all[count] = (struct option) { 0 };
}

static bool take_number(const command_t *command, const entry_t *entry, void *field)
{
	char name[32];
	(void)snprintf(name, sizeof(name), "--%s", entry->name);
	uint64_t number;
	double real;
	uint32_t whole;
	switch (entry->type) {
	case REAL:
		if (!command_real(command, name, optarg, entry->least, entry->most, &real)) {
			return false;
		}
		memcpy(field, &real, sizeof(real));
		return true;
	case SEED:
		return command_number(command, name, optarg, 0, UINT64_MAX, field);
	case DURATION:
		if (!command_duration(command, name, optarg, (uint64_t)entry->least,
		                      (uint64_t)entry->most, &number)) {
			return false;
		}
		number *= MICROSECONDS;
		memcpy(field, &number, sizeof(number));
		return true;
	default:
		if (!command_number(command, name, optarg, (uint64_t)entry->least, (uint64_t)entry->most,
		                    &number)) {
			return false;
		}
		whole = (uint32_t)number;
		memcpy(field, &whole, sizeof(whole));
		return true;
	}
}

static bool take_splits(const command_t *command, splits_t *splits)
{
	*splits = strcmp(optarg, "exact") == 0 ? SPLITS_EXACT : SPLITS_BINNED;
	if (*splits == SPLITS_BINNED && strcmp(optarg, "binned") != 0) {
		command_usage(command, "--splits takes binned or exact, not '%s'", optarg);
		return false;
	}
	return true;
}

static bool take(const command_t *command, const entry_t *entry, training_options_t *options)
{
	void *field = (char *)options + entry->offset;
	if (entry->given != 0) {
		*((bool *)((char *)options + entry->given)) = true;
	}
	switch (entry->type) {
	case TEXT:
		*(const char **)field = optarg;
		return true;
	case FLAG:
		*(bool *)field = true;
		return true;
	case SPLITS:
		return take_splits(command, field);
	default:
		return take_number(command, entry, field);
	}
}

/* The entry of an option, or NULL for a command's own. */
static const entry_t *find(int option)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		if (option == (int)i || (entries[i].letter != 0 && option == entries[i].letter)) {
			return &entries[i];
		}
	}
	return NULL;
}

int training_options_next(const command_t *command, int argc, char **argv,
                          const struct option *own, training_options_t *options)
{
	struct option all[OPTIONS_MAX + 1];
	join(own, all);
	int option;
	const entry_t *entry;
	while ((option = command_option(command, argc, argv, "o:", all)) != -1 &&
	       (entry = find(option)) != NULL) {
		if (!take(command, entry, options)) {
			return TRAINING_OPTION_WRONG;
		}
	}
	if (option == -1 && optind < argc && !options->arguments) {
		command_usage(command, "argument '%s' is not expected", argv[optind]);
		return TRAINING_OPTION_WRONG;
	}
	return option;
}

const char *training_options_check(const training_options_t *options)
{
	const dataset_source_t *source = &options->source;
	if (source->features == NULL) {
		return "--features is missing";
	}
	if ((source->labels == NULL) == (source->label_column == NULL)) {
		return "either --labels or --label is needed, and not both";
	}
	if (source->label_reach > 0 && source->labels == NULL) {
		return "--label-reach goes with --labels";
	}
	if (source->group_column != NULL && source->label_column != NULL &&
	    strcmp(source->group_column, source->label_column) == 0) {
		return "--group and --label cannot be the same column";
	}
	return NULL;
}

bool training_options_classes(const command_t *command, training_options_t *options,
                              const char *word)
{
	options->two |= strcmp(word, "two") == 0;
	options->all |= strcmp(word, "all") == 0;
	if (strcmp(word, "two") != 0 && strcmp(word, "all") != 0) {
		command_usage(command, "--classes takes two or all, not '%s'", word);
		return false;
	}
	return true;
}

const char *training_options_positive(const training_options_t *options)
{
	return options->positive != NULL ? options->positive : POSITIVE_DEFAULT;
}

bool training_options_fold(const training_options_t *options, const dataset_t *dataset)
{
	bool known = dataset_class_index(dataset, training_options_positive(options)) >= 0;
	return options->two || (!options->all && (known || options->positive != NULL));
}
