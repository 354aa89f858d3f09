/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the detector says. */
#include "module/voice.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "common/failure.h"
#include "common/moment.h"

/* The same trouble is told once in this time. */
#define AGAIN (3600 * MICROSECONDS)

static void say(const voice_t *voice, int priority, const char *format, va_list args)
{
	char text[FAILURE_SENTENCE_MAX + 256];
	(void)vsnprintf(text, sizeof(text), format, args);
	voice->outlet.log(voice->outlet.context, priority, text);
}

void voice_say(const voice_t *voice, int priority, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say(voice, priority, format, args);
	va_end(args);
}

void voice_gauge(const voice_t *voice, counter_t counter, unsigned index, uint64_t value)
{
	voice->outlet.gauge(voice->outlet.context, counter, index, value);
}

void voice_count(voice_t *voice, error_cause_t cause)
{
	voice_gauge(voice, COUNTER_ERRORS, cause, ++voice->errors[cause]);
}

void voice_complain(voice_t *voice, error_cause_t cause, uint64_t now, const char *format, ...)
{
	voice_count(voice, cause);
	if (voice->told[cause] == 0 || now - voice->told[cause] >= AGAIN) {
		va_list args;
		va_start(args, format);
		say(voice, LOG_ERR, format, args);
		va_end(args);
		voice->told[cause] = now;
	}
}

bool voice_settle(voice_t *voice, error_cause_t cause)
{
	bool told = voice->told[cause] != 0;
	voice->told[cause] = 0;
	return told;
}
