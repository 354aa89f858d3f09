/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The `backscatter` command: the table of its subcommands. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "config.h"

static const command_t *const commands[] = {
	&command_simulate, &command_extract, &command_label, &command_train, &command_classify,
	&command_evaluate, &command_compare, &command_drift, &command_model, &command_overlap,
	&command_replay, &command_queriers, &command_resolve, &command_top, &command_show,
	&command_export,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int help(void)
{
	puts("Usage: backscatter COMMAND [OPTION]... [ARGUMENT]...\n\n"
	     "Finds network scanners in DNS backscatter: the reverse queries that their\n"
	     "targets' resolvers send to the server of the reverse zone.\n\n"
	     "Commands:");
	for (size_t i = 0; i < COMMANDS; i++) {
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	}
	puts("\n'backscatter COMMAND --help' explains one of them; the manual is backscatter(1).");
	return fflush(stdout) == 0 ? EXIT_GOOD : EXIT_FAILED;
}

int main(int argc, char **argv)
{
	/* Numbers in files are written with a point, whatever the user's language. */
	setlocale(LC_CTYPE, "");
	if (argc < 2) {
		fputs("backscatter: no command given; see 'backscatter --help'\n", stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		return help();
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("backscatter (Knot Backscatter) " PACKAGE_VERSION);
		return fflush(stdout) == 0 ? EXIT_GOOD : EXIT_FAILED;
	}
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(argv[1], commands[i]->name) == 0) {
			return commands[i]->run(argc - 1, argv + 1);
		}
	}
	fprintf(stderr, "backscatter: there is no command '%s'; see 'backscatter --help'\n", argv[1]);
	return EXIT_USAGE;
}
