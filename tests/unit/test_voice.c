/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trouble is counted each time, and told once an hour until it is over. */
#include "module/voice.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "common/moment.h"
#include "tests/tap.h"

#define HOUR (3600 * MICROSECONDS)

static unsigned lines;
static int last_priority;
static char last_text[256];
static uint64_t errors[ERRORS];

static void hear(void *context, int priority, const char *text)
{
	(void)context;
	lines++;
	last_priority = priority;
	(void)snprintf(last_text, sizeof(last_text), "%s", text);
}

static void see(void *context, counter_t counter, unsigned index, uint64_t value)
{
	(void)context;
	if (counter == COUNTER_ERRORS) {
		errors[index] = value;
	}
}

int main(void)
{
	voice_t voice = { .outlet = { .log = hear, .gauge = see } };
	const uint64_t start = 1000 * HOUR;
	voice_complain(&voice, ERROR_STORAGE, start, "disk %d is full", 3);
	ok(strcmp(last_text, "disk 3 is full") == 0, "the first time it is told");
	is_int(last_priority, LOG_ERR, "as an error");
	voice_complain(&voice, ERROR_STORAGE, start + HOUR - 1, "disk 3 is full");
	is_int(lines, 1, "within the hour it is not told again");
	is_int(errors[ERROR_STORAGE], 2, "but counted");
	voice_complain(&voice, ERROR_MEMORY, start + 1, "memory");
	is_int(lines, 2, "another cause is told");
	voice_complain(&voice, ERROR_STORAGE, start + HOUR, "disk 3 is full");
	is_int(lines, 3, "after an hour it is told again");
	voice_complain(&voice, ERROR_STORAGE, start + HOUR + 1, "disk 3 is full");
	is_int(lines, 3, "and then not for an hour");
	ok(voice_settle(&voice, ERROR_STORAGE), "it is over, and had been told");
	ok(!voice_settle(&voice, ERROR_STORAGE), "only once");
	ok(!voice_settle(&voice, ERROR_NETWORKS), "what never was cannot be over");
	voice_complain(&voice, ERROR_STORAGE, start + HOUR + 2, "disk 3 is full");
	is_int(lines, 4, "the next time it is told at once");
	voice_count(&voice, ERROR_STORAGE);
	is_int(errors[ERROR_STORAGE], 6, "all are counted");
	is_int(lines, 4, "also without a word");
	return tap_done();
}
