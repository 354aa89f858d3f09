/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of `backscatter replay`. */
#include "cli/replay_options.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "common/moment.h"

#define DNS_PORT  53
#define SPEED_MAX 1e6
#define QPS_MAX   10000000

/* "ADDRESS" or "ADDRESS@PORT". */
static bool parse_target(const char *text, replay_options_t *options)
{
	char address[ADDRESS_TEXT_MAX];
	const char *at = strchr(text, '@');
	size_t size = at != NULL ? (size_t)(at - text) : strlen(text);
	options->port = DNS_PORT;
	if (at != NULL) {
		char *end;
		unsigned long port = strtoul(at + 1, &end, 10);
		if (!isdigit((unsigned char)at[1]) || *end != '\0' || port < 1 || port > UINT16_MAX) {
			return false;
		}
		options->port = (uint16_t)port;
	}
	if (size >= sizeof(address)) {
		return false;
	}
	memcpy(address, text, size);
	address[size] = '\0';
	return address_parse(address, &options->address);
}

/* RFC 3339, or seconds since 1970 with or without a fraction. */
static bool parse_moment(const char *text, uint64_t *moment)
{
	if (moment_parse(text, moment)) {
		return true;
	}
	char *end;
	errno = 0;
	unsigned long long seconds = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || errno != 0 || seconds > UINT32_MAX) {
		return false;
	}
	uint64_t fraction = 0;
	if (*end == '.' && isdigit((unsigned char)end[1])) {
		end++;
		for (uint64_t weight = MICROSECONDS / 10; isdigit((unsigned char)*end); weight /= 10) {
			fraction += weight * (uint64_t)(*end++ - '0');
		}
	}
	*moment = seconds * MICROSECONDS + fraction;
	return *end == '\0';
}

static bool parse_speed(const char *text, double *speed)
{
	char *end;
	*speed = strtod(text, &end);
	return end != text && *end == '\0' && isfinite(*speed) && *speed > 0 && *speed <= SPEED_MAX;
}

/* Prints what an option takes, unless it got it; returns `good`. */
static bool option_judge(bool good, const char *option, const char *takes)
{
	if (!good) {
		command_usage(&command_replay, "%s takes %s, not '%s'", option, takes, optarg);
	}
	return good;
}

/* One option; returns false, with the sentence printed, if its value is wrong. */
static bool option_take(int option, replay_options_t *options)
{
	static const char moment[] = "a moment such as 2026-11-23T00:00:00Z, or seconds since 1970";
	switch (option) {
	case 't':
		options->has_target = true;
		return option_judge(parse_target(optarg, options), "--to", "ADDRESS or ADDRESS@PORT");
	case 's':
		return option_judge(parse_speed(optarg, &options->speed), "--speed",
		                    "a number above 0 and up to a million");
	case 'q':
		return command_number(&command_replay, "--qps", optarg, 1, QPS_MAX, &options->qps);
	case 'b':
		options->has_base = true;
		return option_judge(parse_moment(optarg, &options->base), "--base", moment);
	case 'S':
		options->has_start = true;
		return option_judge(parse_moment(optarg, &options->start_at), "--start-at", moment);
	default:
		options->all_queries = true;
		return true;
	}
}

int replay_options_read(int argc, char **argv, replay_options_t *options)
{
	static const struct option names[] = {
		{ "to", required_argument, NULL, 't' },
		{ "speed", required_argument, NULL, 's' },
		{ "qps", required_argument, NULL, 'q' },
		{ "base", required_argument, NULL, 'b' },
		{ "start-at", required_argument, NULL, 'S' },
		{ "all-queries", no_argument, NULL, 'a' },
		{ 0 }
	};
	const command_t *command = &command_replay;
	int option;
	while ((option = command_option(command, argc, argv, "", names)) != -1) {
		if (!option_take(option, options)) {
			return EXIT_USAGE;
		}
	}
	options->paths = (const char *const *)argv + optind;
	options->count = (size_t)(argc - optind);
	if (options->count == 0) {
		return command_usage(command, "no capture is given");
	}
	if (!options->has_target) {
		return command_usage(command, "--to ADDRESS@PORT is missing");
	}
	if (options->speed != 0 && options->qps != 0) {
		return command_usage(command, "--speed and --qps exclude each other");
	}
	if (options->has_start && options->start_at < moment_now()) {
		return command_usage(command, "--start-at lies in the past");
	}
	return EXIT_GOOD;
}
