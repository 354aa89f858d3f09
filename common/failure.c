/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Failures as a status and one sentence. */
#include "config.h"

#include "common/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

status_t failure_set(failure_t *failure, status_t status, const char *format, ...)
{
	if (failure == NULL) {
		return status;
	}
	/* Not straight into the failure: its old sentence may be one of the arguments. */
	char sentence[FAILURE_SENTENCE_MAX] = "";
	va_list args;
	va_start(args, format);
	(void)vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	for (char *at = sentence; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f) {
			*at = '?';
		}
	}
	failure->status = status;
	memcpy(failure->sentence, sentence, sizeof(sentence));
	return status;
}

status_t failure_system(failure_t *failure, int error_number, const char *what, const char *name)
{
	/* The GNU strerror_r: it may return a constant and leave the buffer alone. */
	char buffer[128];
	const char *text = strerror_r(error_number, buffer, sizeof(buffer));
	status_t status = error_number == ENOMEM ? STATUS_NO_MEMORY : STATUS_SYSTEM;
	if (name == NULL) {
		return failure_set(failure, status, "%s: %s", what, text);
	}
	return failure_set(failure, status, "%s '%s': %s", what, name, text);
}

status_t failure_no_memory(failure_t *failure, const char *what)
{
	return failure_set(failure, STATUS_NO_MEMORY, "not enough memory for %s", what);
}
