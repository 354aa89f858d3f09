/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the subcommands share: messages and the command line. */
#include "cli/command.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

int command_option(const command_t *command, int argc, char **argv, const char *short_options,
                   const struct option *options)
{
	static const struct option help = { "help", no_argument, NULL, OPTION_HELP };
	struct option all[OPTIONS_MAX + 2] = { 0 };
	int count = 0;
	for (; options[count].name != NULL && count < OPTIONS_MAX; count++) {
		all[count] = options[count];
	}
	all[count] = help;
	opterr = 0;
	int option = getopt_long(argc, argv, short_options, all, NULL);
	if (option == OPTION_HELP) {
		printf("Usage: backscatter %s %s\n\n%s\n\n%s", command->name, command->arguments,
		       command->summary, command->options);
		exit(fflush(stdout) == 0 ? EXIT_GOOD : EXIT_FAILED);
	}
	if (option == '?' || option == ':') {
		const char *text = argv[optind - 1];
		bool known = optopt != 0 && optopt != OPTION_HELP;
		exit(command_usage(command, known && text[0] == '-' ? "option '%s' is unknown or lacks its value" :
		                   "option '%s' is unknown, not unique or takes no value", text));
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
