/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line of a subcommand: each wrong option is named with what is wrong
 * about it. command_option() ends the program, so each case runs in a child.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"
#include "tests/tap.h"

#define ARGUMENTS_MAX 8

static const command_t command = {
	.name = "try",
	.arguments = "[-o FILE] THING",
	.summary = "Tries things.",
	.options = "  -o, --output FILE  where to\n",
};

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "all", no_argument, NULL, 'a' },
	{ "window-ipv6", required_argument, NULL, 1 },
	{ "window", required_argument, NULL, 2 },
	{ "seed", required_argument, NULL, 3 },
	{ "store", required_argument, NULL, 4 },
	{ "help-me", no_argument, NULL, 5 },
	{ 0 },
};

/* Prints what the options were and what is left, at the end: a refusal prints none. */
static int run(int argc, char **argv)
{
	int option;
	char text[256] = "";
	while ((option = command_option(&command, argc, argv, "o:v", options)) != -1) {
		size_t used = strlen(text);
		snprintf(text + used, sizeof(text) - used, option < ' ' ? "<%d>%s%s " : "%c%s%s ", option,
		         optarg != NULL ? "=" : "", optarg != NULL ? optarg : "");
	}
	fputs(text, stdout);
	for (; optind < argc; optind++) {
		printf("[%s]", argv[optind]);
	}
	return EXIT_GOOD;
}

static void run_child(char *line)
{
	char *argv[ARGUMENTS_MAX + 1] = { "try" };
	int argc = 1;
	char *word = strtok(line, " ");
	while (word != NULL && argc < ARGUMENTS_MAX) {
		argv[argc++] = word;
		word = strtok(NULL, " ");
	}
	exit(run(argc, argv));
}

/* Runs the words of `line`; returns "<exit status> <standard output>|<standard error>". */
static const char *result_of(const char *line)
{
	static char result[4096];
	char words[256];
	int out[2], err[2], status;
	snprintf(words, sizeof(words), "%s", line);
	fflush(stdout);
	if (pipe(out) != 0 || pipe(err) != 0) {
		return "no pipe";
	}
	pid_t child = fork();
	if (child == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		close(out[1]);
		close(err[1]);
		run_child(words);
	}
	close(out[1]);
	close(err[1]);
	char text[2][1024];
	/* Far below what a pipe holds: no deadlock. */
	for (int i = 0; i < 2; i++) {
		FILE *file = fdopen(i == 0 ? out[0] : err[0], "r");
		text[i][fread(text[i], 1, sizeof(text[i]) - 1, file)] = '\0';
		fclose(file);
	}
	waitpid(child, &status, 0);
	snprintf(result, sizeof(result), "%d %s|%s", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
	         text[0], text[1]);
	return result;
}

#define REFUSED(sentence) "2 |backscatter try: " sentence "; see 'backscatter try --help'\n"

static void test_options(void)
{
	static const struct { const char *line, *wanted; } cases[] = {
		{ "", "0 |" },
		{ "-o x", "0 o=x |" },
		{ "-ox", "0 o=x |" },
		{ "--output x", "0 o=x |" },
		{ "--output=x", "0 o=x |" },
		{ "--out x", "0 o=x |" },
		{ "-vo x", "0 v o=x |" },
		{ "one -v two --all three", "0 v a [one][two][three]|" },
		{ "-v -- -o --all", "0 v [-o][--all]|" },
		{ "- -v", "0 v [-]|" },
		{ "--window 1d --window-ipv6 7d", "0 <2>=1d <1>=7d |" },
		{ "--help-me", "0 <5> |" },
		{ "--help", "0 Usage: backscatter try [-o FILE] THING\n\nTries things.\n\n"
		            "  -o, --output FILE  where to\n|" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_text(result_of(cases[i].line), cases[i].wanted, "taken: '%s'", cases[i].line);
	}
}

static void test_refused(void)
{
	static const struct { const char *line, *wanted; } cases[] = {
		{ "-x", REFUSED("option '-x' is unknown") },
		{ "-x value", REFUSED("option '-x' is unknown") },
		{ "-vxv", REFUSED("option '-x' is unknown") },
		{ "-vx", REFUSED("option '-x' is unknown") },
		{ "thing -vxv", REFUSED("option '-x' is unknown") },
		{ "thing other -x last", REFUSED("option '-x' is unknown") },
		/* Its letter is known only as the number of a long option. */
		{ "-a", REFUSED("option '-a' is unknown") },
		{ "-o --all=5 -ab", REFUSED("option '-a' is unknown") },
		{ "-?", REFUSED("option '-?' is unknown") },
		{ "-:", REFUSED("option '-:' is unknown") },
		{ "--nothing", REFUSED("option '--nothing' is unknown") },
		{ "--nothing=x", REFUSED("option '--nothing' is unknown") },
		{ "one --nothing two", REFUSED("option '--nothing' is unknown") },
		{ "--outputs x", REFUSED("option '--outputs' is unknown") },
		{ "--Output x", REFUSED("option '--Output' is unknown") },
		{ "-o", REFUSED("option '-o' needs a value") },
		{ "-vo", REFUSED("option '-o' needs a value") },
		{ "thing -o", REFUSED("option '-o' needs a value") },
		{ "--output", REFUSED("option '--output' needs a value") },
		{ "--outp", REFUSED("option '--output' needs a value") },
		{ "thing --output", REFUSED("option '--output' needs a value") },
		{ "--window", REFUSED("option '--window' needs a value") },
		{ "--all=5", REFUSED("option '--all' takes no value") },
		{ "--al=5", REFUSED("option '--all' takes no value") },
		{ "--all=5 -ab", REFUSED("option '--all' takes no value") },
		{ "--help=me", REFUSED("option '--help' takes no value") },
		{ "--s 5", REFUSED("option '--s' may be '--seed' or '--store'") },
		{ "--s=5", REFUSED("option '--s' may be '--seed' or '--store'") },
		{ "--w 5", REFUSED("option '--w' may be '--window-ipv6' or '--window'") },
		{ "--hel", REFUSED("option '--hel' may be '--help-me' or '--help'") },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_text(result_of(cases[i].line), cases[i].wanted, "refused: '%s'", cases[i].line);
	}
}

/* The value that the reader takes, or -1. Its sentence goes to /dev/null. */
static int64_t number_of(const char *text, bool duration, uint64_t least, uint64_t most)
{
	uint64_t value = 77;
	bool taken = duration ? command_duration(&command, "--days", text, least, most, &value)
	                      : command_number(&command, "--days", text, least, most, &value);
	if (!taken && value != 77) {
		return -2;
	}
	return taken ? (int64_t)value : -1;
}

static void test_numbers(void)
{
	is_int(number_of("5", false, 1, 10), 5, "a number");
	is_int(number_of("1", false, 1, 10), 1, "the least");
	is_int(number_of("10", false, 1, 10), 10, "the most");
	is_int(number_of("9223372036854775807", false, 0, UINT64_MAX), INT64_MAX, "a large one");
	static const char *const bad[] = {
		"", "0", "11", "-5", "+5", " 5", "5 ", "5.0", "0x5", "five", "18446744073709551621",
		"99999999999999999999999999",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is_int(number_of(bad[i], false, 1, 10), -1, "no number from 1 to 10: '%s'", bad[i]);
	}
	is_int(number_of("10m", true, 60, 3600), 600, "a duration");
	is_int(number_of("60", true, 60, 3600), 60, "the least duration");
	is_int(number_of("1h", true, 60, 3600), 3600, "the most");
	is_int(number_of("59", true, 60, 3600), -1, "below");
	is_int(number_of("61m", true, 60, 3600), -1, "above");
	is_int(number_of("1x", true, 60, 3600), -1, "no unit");
}

static void test_reals(void)
{
	static const char *const good[] = { "0.5", "1", ".25", "1e-1", "+1", "0" };
	static const double wanted[] = { 0.5, 1, 0.25, 0.1, 1, 0 };
	static const char *const bad[] = {
		"", "1.01", "-0.1", " 1", "1 ", "0x1", "nan", "inf", "half", "0.5.5", "1e999",
	};
	double value;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		value = -1;
		ok(command_real(&command, "--share", good[i], 0, 1, &value) && value == wanted[i],
		   "a number from 0 to 1: '%s'", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		value = -1;
		ok(!command_real(&command, "--share", bad[i], 0, 1, &value) && value == -1,
		   "none: '%s'", bad[i]);
	}
}

static void test_sizes(void)
{
	static const struct { const char *text; uint64_t wanted; } good[] = {
		{ "4096", 4096 }, { "4K", 4096 }, { "400M", 419430400 }, { "2G", 2147483648 },
		{ "1T", 1099511627776 },
	};
	static const char *const bad[] = {
		"", "M", "4095", "3K", "4k", "4KB", "4 K", " 4K", "-4K", "4.5K", "2T", "1025G",
		"18446744073709551616", "18014398509481984K",
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint64_t bytes = 0;
		ok(command_size(&command, "--memory", good[i].text, 4096, UINT64_C(1) << 40, &bytes) &&
		   bytes == good[i].wanted, "a size: '%s'", good[i].text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t bytes = 77;
		ok(!command_size(&command, "--memory", bad[i], 4096, UINT64_C(1) << 40, &bytes) &&
		   bytes == 77, "none: '%s'", bad[i]);
	}
}

int main(void)
{
	test_options();
	test_refused();
	/* The sentences about numbers are for the user, not for this log. */
	int null = open("/dev/null", O_WRONLY);
	dup2(null, STDERR_FILENO);
	close(null);
	test_numbers();
	test_reals();
	test_sizes();
	return tap_done();
}
