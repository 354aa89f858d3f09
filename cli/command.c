/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the subcommands share: messages and the command line. */
#include "cli/command.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/moment.h"

#define OPTION_HELP 0x7f00
#define OPTIONS_MAX 32

int command_fail(const command_t *command, const failure_t *failure)
{
	fprintf(stderr, "backscatter %s: %s\n", command->name, failure->sentence);
	return EXIT_FAILED;
}

int command_usage(const command_t *command, const char *format, ...)
{
	va_list args;
	fprintf(stderr, "backscatter %s: ", command->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "; see 'backscatter %s --help'\n", command->name);
	return EXIT_USAGE;
}

/* The option called exactly `text`, or else the first one from `options` on that begins so. */
static const struct option *find_long(const struct option *options, const char *text, size_t size)
{
	const struct option *found = NULL;
	for (; options->name != NULL; options++) {
		if (strncmp(options->name, text, size) == 0) {
			if (options->name[size] == '\0') {
				return options;
			}
			found = found != NULL ? found : options;
		}
	}
	return found;
}

/*
 * Says what is wrong with the long option `text` ("name" or "name=value").
 * getopt_long() tells the cases apart only in the sentence that it prints itself.
 */
static int refuse_long(const command_t *command, const struct option *options, const char *text,
                       bool lacks_value)
{
	int size = (int)strcspn(text, "=");
	const struct option *found = find_long(options, text, (size_t)size);
	if (found == NULL) {
		return command_usage(command, "option '--%.*s' is unknown", size, text);
	}
	const struct option *other = NULL;
	if (found->name[size] != '\0') {
		other = find_long(found + 1, text, (size_t)size);
	}
	if (other != NULL) {
		return command_usage(command, "option '--%.*s' may be '--%s' or '--%s'", size, text,
		                     found->name, other->name);
	}
	return command_usage(command, lacks_value ? "option '--%s' needs a value"
	                     : "option '--%s' takes no value", found->name);
}

/* Prints the help of a subcommand; returns an exit status. */
static int help(const command_t *command)
{
	printf("Usage: backscatter %s %s\n\n%s\n\n%s", command->name, command->arguments,
	       command->summary, command->options);
	if (command->tables != NULL) {
		command->tables(stdout);
	}
	if (fflush(stdout) != 0) {
		failure_t failure;
		failure_system(&failure, errno, "cannot write standard output", NULL);
		return command_fail(command, &failure);
	}
	return EXIT_GOOD;
}

int command_option(const command_t *command, int argc, char **argv, const char *short_options,
                   const struct option *options)
{
	struct option all[OPTIONS_MAX + 2] = { 0 };
	int count = 0;
	for (; options[count].name != NULL && count < OPTIONS_MAX; count++) {
		all[count] = options[count];
	}
	all[count] = (struct option) { "help", no_argument, NULL, OPTION_HELP };
	/* With the colon in front a missing value is told from an unknown option. */
	char letters[2 * OPTIONS_MAX + 2];
	(void)snprintf(letters, sizeof(letters), ":%s", short_options);
	opterr = 0;
	int before = optind;
	int option = getopt_long(argc, argv, letters, all, NULL);
	if (option == OPTION_HELP) {
		exit(help(command));
	}
	if (option == '?' || option == ':') {
		/* Inside of "-abc" getopt_long() stays where it is; a long option it leaves behind. */
		const char *last = argv[optind - 1];
		if (optind > before && strncmp(last, "--", 2) == 0) {
			exit(refuse_long(command, all, last + 2, option == ':'));
		}
		exit(command_usage(command, option == ':' ? "option '-%c' needs a value"
		                   : "option '-%c' is unknown", optopt));
	}
	return option;
}

bool command_number(const command_t *command, const char *option, const char *text,
                    uint64_t least, uint64_t most, uint64_t *value)
{
	char *end;
	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0 ||
	    number < least || number > most) {
		command_usage(command, "%s takes a whole number from %" PRIu64 " to %" PRIu64
		              ", not '%s'", option, least, most, text);
		return false;
	}
	*value = number;
	return true;
}

bool command_real(const command_t *command, const char *option, const char *text,
                  double least, double most, double *value)
{
	char *end;
	double number = strtod(text, &end);
	/* strtod() also takes blanks, hexadecimal digits and names. */
	if (text[0] == '\0' || *end != '\0' || strspn(text, "+-.0123456789eE") != strlen(text) ||
	    !(number >= least && number <= most)) {
		command_usage(command, "%s takes a number from %g to %g, not '%s'", option, least, most,
		              text);
		return false;
	}
	*value = number;
	return true;
}

bool command_duration(const command_t *command, const char *option, const char *text,
                      uint64_t least, uint64_t most, uint64_t *seconds)
{
	uint64_t number;
	if (!duration_parse(text, &number) || number < least || number > most) {
		command_usage(command, "%s takes a duration such as 30s, 10m, 6h or 1d (%" PRIu64
		              " to %" PRIu64 " seconds), not '%s'", option, least, most, text);
		return false;
	}
	*seconds = number;
	return true;
}

bool command_size(const command_t *command, const char *option, const char *text,
                  uint64_t least, uint64_t most, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	char *end;
	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);
	const char *unit = *end != '\0' ? strchr(units, *end) : NULL;
	unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
	bool good = isdigit((unsigned char)text[0]) && errno == 0 && number <= UINT64_MAX >> shift &&
	            (unit != NULL ? end[1] == '\0' : *end == '\0');
	uint64_t size = good ? (uint64_t)number << shift : 0;
	if (!good || size < least || size > most) {
		command_usage(command, "%s takes a size such as 400M or 2G (%" PRIu64 " to %" PRIu64
		              " bytes), not '%s'", option, least, most, text);
		return false;
	}
	*bytes = size;
	return true;
}

static bool add_prefix(const command_t *command, const char *option, const char *word,
                       size_t most, prefix_t **prefixes, size_t *count)
{
	if (*count == most) {
		command_usage(command, "%s takes at most %zu prefixes", option, most);
		return false;
	}
	prefix_t *more = reallocarray(*prefixes, *count + 1, sizeof(*more));
	if (more == NULL) {
		command_usage(command, "no memory for %s", option);
		return false;
	}
	*prefixes = more;
	if (!prefix_parse(word, &more[*count])) {
		command_usage(command, "%s takes prefixes such as 192.0.2.0/24, not '%s'", option, word);
		return false;
	}
	(*count)++;
	return true;
}

bool command_prefixes(const command_t *command, const char *option, const char *text, size_t most,
                      prefix_t **prefixes, size_t *count)
{
	char *copy = strdup(text), *rest = copy, *word;
	bool good = copy != NULL;
	if (!good) {
		command_usage(command, "no memory for %s", option);
	}
	while (good && (word = strsep(&rest, ",")) != NULL) {
		good = add_prefix(command, option, word, most, prefixes, count);
	}
	free(copy);
	return good;
}
