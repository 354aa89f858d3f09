/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments and durations as text. */
#include "common/moment.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* 9999-12-31T23:59:59Z */
#define LAST_SECOND INT64_C(253402300799)

char *moment_format(uint64_t moment, char text[MOMENT_TEXT_MAX])
{
	time_t seconds = (time_t)(moment / MICROSECONDS);
	unsigned fraction = (unsigned)(moment % MICROSECONDS);
	if (seconds > LAST_SECOND) {
		seconds = LAST_SECOND;
		fraction = 0;
	}
	struct tm tm;
	gmtime_r(&seconds, &tm);
	size_t size = strftime(text, MOMENT_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	if (fraction != 0) {
		size += (size_t)snprintf(text + size, MOMENT_TEXT_MAX - size, ".%06u", fraction);
	}
	(void)snprintf(text + size, MOMENT_TEXT_MAX - size, "Z");
	return text;
}

/* Reads exactly `count` digits. */
static bool digits(const char **text, int count, int *value)
{
	*value = 0;
	for (int i = 0; i < count; i++, (*text)++) {
		if (!isdigit((unsigned char)**text)) {
			return false;
		}
		*value = *value * 10 + (**text - '0');
	}
	return true;
}

static bool expect(const char **text, char wanted)
{
	if (toupper((unsigned char)**text) != wanted) {
		return false;
	}
	(*text)++;
	return true;
}

static bool parse_date(const char **text, struct tm *tm)
{
	return digits(text, 4, &tm->tm_year) && expect(text, '-') &&
	       digits(text, 2, &tm->tm_mon) && expect(text, '-') && digits(text, 2, &tm->tm_mday) &&
	       tm->tm_mon >= 1 && tm->tm_mon <= 12 && tm->tm_mday >= 1 && tm->tm_mday <= 31;
}

static bool parse_time(const char **text, struct tm *tm, unsigned *fraction)
{
	if (!digits(text, 2, &tm->tm_hour) || !expect(text, ':') || !digits(text, 2, &tm->tm_min) ||
	    !expect(text, ':') || !digits(text, 2, &tm->tm_sec) ||
	    tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 60) {
		return false;
	}
	if (**text == '.') {
		(*text)++;
		if (!isdigit((unsigned char)**text)) {
			return false;
		}
		for (unsigned weight = MICROSECONDS / 10; isdigit((unsigned char)**text); (*text)++) {
			*fraction += weight * (unsigned)(**text - '0');
			weight /= 10;
		}
	}
	return true;
}

/* "Z" or "+hh:mm": seconds east of Greenwich. */
static bool parse_offset(const char **text, int *offset)
{
	if (expect(text, 'Z')) {
		return true;
	}
	int sign = **text == '-' ? -1 : 1, hours, minutes;
	if (**text != '-' && **text != '+') {
		return false;
	}
	(*text)++;
	if (!digits(text, 2, &hours) || !expect(text, ':') || !digits(text, 2, &minutes) ||
	    hours > 23 || minutes > 59) {
		return false;
	}
	*offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool moment_parse(const char *text, uint64_t *moment)
{
	struct tm tm = { 0 };
	unsigned fraction = 0;
	int offset = 0;
	if (!parse_date(&text, &tm)) {
		return false;
	}
	if (*text != '\0') {
		if ((*text != ' ' && toupper((unsigned char)*text) != 'T') ||
		    (text++, !parse_time(&text, &tm, &fraction)) || !parse_offset(&text, &offset)) {
			return false;
		}
	}
	/* The date alone: a leap second at midnight rightly carries over into the next day. */
	struct tm date = { .tm_year = tm.tm_year - 1900, .tm_mon = tm.tm_mon - 1, .tm_mday = tm.tm_mday };
	int64_t seconds = timegm(&date);
	seconds += tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
	/* timegm() carries 30 February over into March: that is no date. */
	if (*text != '\0' || date.tm_mday != tm.tm_mday || seconds < offset) {
		return false;
	}
	*moment = (uint64_t)(seconds - offset) * MICROSECONDS + fraction;
	return true;
}

bool duration_parse(const char *text, uint64_t *seconds)
{
	static const struct { char unit; uint32_t seconds; } units[] = {
		{ '\0', 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 },
	};
	if (!isdigit((unsigned char)text[0])) {
		return false;
	}
	char *end;
	unsigned long long value = strtoull(text, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (*end == units[i].unit && (*end == '\0' || end[1] == '\0')) {
			if (value > UINT32_MAX / units[i].seconds) {
				return false;
			}
			*seconds = value * units[i].seconds;
			return true;
		}
	}
	return false;
}

uint64_t moment_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * MICROSECONDS + (uint64_t)now.tv_nsec / 1000;
}
