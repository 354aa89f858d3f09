/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Test Anything Protocol for the unit tests: one line per check, a plan at the end.
 *
 * Each test program is one file with a main() that ends with `return tap_done();`.
 * A check never stops the program; what must hold for the rest uses tap_require().
 */
#pragma once

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failures;

/*! One check. \a format names it. Returns \a good. */
__attribute__((format(printf, 4, 5), unused))
static bool tap_check(bool good, const char *file, int line, const char *format, ...)
{
	va_list args;
	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	if (!good) {
		tap_failures++;
		printf("# at %s:%d\n", file, line);
	}
	fflush(stdout);
	return good;
}

#define ok(condition, ...) tap_check((condition), __FILE__, __LINE__, __VA_ARGS__)

/*! Check that two texts are equal; prints both if not. */
#define is_text(got, wanted, ...) do { \
	const char *got_ = (got), *wanted_ = (wanted); \
	if (!ok(strcmp(got_, wanted_) == 0, __VA_ARGS__)) { \
		printf("# got    '%s'\n# wanted '%s'\n", got_, wanted_); \
	} \
} while (0)

/*! Check that two integers are equal; prints both if not. */
#define is_int(got, wanted, ...) do { \
	long long got_ = (long long)(got), wanted_ = (long long)(wanted); \
	if (!ok(got_ == wanted_, __VA_ARGS__)) { \
		printf("# got    %lld\n# wanted %lld\n", got_, wanted_); \
	} \
} while (0)

/*! Check that two doubles differ by at most \a margin; prints both if not. */
#define is_near(got, wanted, margin, ...) do { \
	double got_ = (got), wanted_ = (wanted); \
	if (!ok(fabs(got_ - wanted_) <= (margin), __VA_ARGS__)) { \
		printf("# got    %.17g\n# wanted %.17g\n", got_, wanted_); \
	} \
} while (0)

/*! A check without which the rest makes no sense. */
#define tap_require(condition, ...) do { \
	if (!ok((condition), __VA_ARGS__)) { \
		printf("Bail out! cannot go on\n"); \
		exit(1); \
	} \
} while (0)

/*! Leaves the whole program out, and says why. */
__attribute__((unused, noreturn))
static void tap_skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	exit(0);
}

/*! Prints the plan; the value for main() to return. */
__attribute__((unused))
static int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failures == 0 ? 0 : 1;
}
