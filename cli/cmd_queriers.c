/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

static int run(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return command_usage(&command_queriers, "this command is not there yet");
}

const command_t command_queriers = { .name = "queriers", .arguments = "", .summary = "", .options = "", .run = run };
