/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Failures: status and one sentence. */
#include <errno.h>

#include "common/failure.h"
#include "tests/tap.h"

static void test_set(void)
{
	failure_t failure;
	is_int(failure_set(&failure, STATUS_BAD_DATA, "%s:%d: %s", "a.csv", 7, "wrong"), STATUS_BAD_DATA,
	       "the status comes back");
	is_int(failure.status, STATUS_BAD_DATA, "and is kept");
	is_text(failure.sentence, "a.csv:7: wrong", "the sentence");
	is_int(failure_set(NULL, STATUS_UNSUPPORTED, "%d", 1), STATUS_UNSUPPORTED,
	       "without a failure_t only the status");

	is_int(failure_set(&failure, STATUS_CALLER, "first: %s", failure.sentence), STATUS_CALLER,
	       "the old sentence may be an argument");
	is_text(failure.sentence, "first: a.csv:7: wrong", "and is quoted whole");
}

static void test_one_line(void)
{
	failure_t failure;
	failure_set(&failure, STATUS_BAD_DATA, "column '%s'", "a\nb\tc\033[2Jd\177e\303\274");
	is_text(failure.sentence, "column 'a?b?c?[2Jd?e\303\274'", "control characters do not get out");
}

static void test_cut(void)
{
	failure_t failure;
	memset(&failure, 0x5a, sizeof(failure));
	failure_set(&failure, STATUS_BAD_DATA, "%0*d", 2 * FAILURE_SENTENCE_MAX, 0);
	is_int(strlen(failure.sentence), FAILURE_SENTENCE_MAX - 1, "a long sentence is cut");
}

static void test_system(void)
{
	failure_t failure;
	is_int(failure_system(&failure, ENOENT, "cannot open", "/no/file"), STATUS_SYSTEM, "status");
	is_text(failure.sentence, "cannot open '/no/file': No such file or directory", "sentence");
	failure_system(&failure, EACCES, "cannot start a thread", NULL);
	is_text(failure.sentence, "cannot start a thread: Permission denied", "without a name");
	is_int(failure_system(&failure, ENOMEM, "cannot open", "x"), STATUS_NO_MEMORY,
	       "no memory is told apart");
	failure_system(&failure, 123456, "cannot open", "x");
	ok(strstr(failure.sentence, "123456") != NULL, "an unknown number is named");
	is_int(failure_no_memory(&failure, "the forest"), STATUS_NO_MEMORY, "status of short memory");
	is_text(failure.sentence, "not enough memory for the forest", "sentence of short memory");
	is_int(failure_no_memory(NULL, "x"), STATUS_NO_MEMORY, "without a failure_t");
}

int main(void)
{
	test_set();
	test_one_line();
	test_cut();
	test_system();
	return tap_done();
}
