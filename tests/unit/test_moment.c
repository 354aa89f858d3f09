/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments and durations as text. */
#include "common/generator.h"
#include "common/moment.h"
#include "tests/tap.h"

#define DAY    UINT64_C(86400)
#define LAST   UINT64_C(253402300799)
#define NO_END UINT64_MAX

/* Days since 1970 by counting years one by one. */
static uint64_t days_before(int year, int month, int day)
{
	static const int lengths[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	uint64_t days = 0;
	for (int y = 1970; y < year; y++) {
		days += 365 + ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0);
	}
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	for (int m = 1; m < month; m++) {
		days += (uint64_t)lengths[m - 1] + (m == 2 && leap);
	}
	return days + (uint64_t)day - 1;
}

static void test_good(void)
{
	static const struct { const char *text; uint64_t seconds, fraction; } cases[] = {
		{ "1970-01-01T00:00:00Z", 0, 0 },
		{ "1970-01-01", 0, 0 },
		{ "1970-01-01T00:00:00.000001Z", 0, 1 },
		{ "2026-11-23T00:00:00Z", 1795392000, 0 },
		{ "2026-11-23", 1795392000, 0 },
		{ "2026-11-23t12:34:56z", 1795437296, 0 },
		{ "2026-11-23 12:34:56Z", 1795437296, 0 },
		{ "2026-11-23T12:34:56.5Z", 1795437296, 500000 },
		{ "2026-11-23T12:34:56.123456789Z", 1795437296, 123456 },
		{ "2026-11-23T12:34:56.9999999999999999999999Z", 1795437296, 999999 },
		{ "2026-11-23T12:34:56+09:00", 1795437296 - 9 * 3600, 0 },
		{ "2026-11-23T12:34:56-03:30", 1795437296 + 12600, 0 },
		{ "2026-11-23T12:34:56-00:00", 1795437296, 0 },
		{ "1969-12-31T23:00:00-02:00", 3600, 0 },
		{ "2000-02-29T00:00:00Z", 951782400, 0 },
		{ "2024-02-29", 1709164800, 0 },
		{ "2038-01-19T03:14:08Z", UINT64_C(2147483648), 0 },
		{ "2016-12-31T23:59:60Z", 1483228800, 0 },
		{ "1990-12-31T15:59:60.25-08:00", 662688000, 250000 },
		{ "9999-12-31T23:59:59Z", LAST, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t moment = NO_END;
		ok(moment_parse(cases[i].text, &moment), "'%s' is a moment", cases[i].text);
		is_int(moment, cases[i].seconds * MICROSECONDS + cases[i].fraction, "'%s'", cases[i].text);
	}
}

static void test_bad(void)
{
	static const char *const bad[] = {
		"", " ", "now", "2026", "2026-11", "2026-11-", "2026-11-2", "26-11-23", "2026-13-01",
		"2026-00-10", "2026-01-00", "2026-01-32", "2026-02-29", "2026-02-30", "2026-04-31",
		"1900-02-29", "2100-02-29", "2026/11/23", "2026-11-23T", "2026-11-23 ", "2026-11-23Z",
		"2026-11-23T12:34:56", "2026-11-23T12:34Z", "2026-11-23T24:00:00Z",
		"2026-11-23T12:60:00Z", "2026-11-23T12:34:61Z", "2026-11-23T12:34:56.Z",
		"2026-11-23T12:34:56,5Z", "2026-11-23T12:34:56+09", "2026-11-23T12:34:56+0900",
		"2026-11-23T12:34:56+24:00", "2026-11-23T12:34:56+09:60", "2026-11-23T12:34:56ZZ",
		"2026-11-23T12:34:56Z ", " 2026-11-23T12:34:56Z", "2026-11-23T-1:34:56Z",
		"+2026-11-23", "2026-11-+3", "1969-12-31", "1969-12-31T23:59:59Z", "0000-01-01",
		"1970-01-01T00:59:59+01:00", "10000-01-01", "2026-11-23X12:34:56Z",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t moment = 77;
		ok(!moment_parse(bad[i], &moment) && moment == 77, "'%s' is none and touches nothing", bad[i]);
	}
}

static void test_format(void)
{
	static const struct { uint64_t moment; const char *wanted; } cases[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 1, "1970-01-01T00:00:00.000001Z" },
		{ 999999, "1970-01-01T00:00:00.999999Z" },
		{ 1795437296 * MICROSECONDS + 500000, "2026-11-23T12:34:56.500000Z" },
		{ LAST * MICROSECONDS + 999999, "9999-12-31T23:59:59.999999Z" },
		{ (LAST + 1) * MICROSECONDS, "9999-12-31T23:59:59Z" },
		{ UINT64_MAX, "9999-12-31T23:59:59Z" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[MOMENT_TEXT_MAX];
		is_text(moment_format(cases[i].moment, text), cases[i].wanted, "%s", cases[i].wanted);
	}
}

static void test_every_day(void)
{
	int wrong = 0;
	for (int year = 1970; year <= 2410; year++) {
		for (int month = 1; month <= 12; month++) {
			for (int day = 1; day <= 31; day++) {
				char text[32], back[MOMENT_TEXT_MAX];
				snprintf(text, sizeof(text), "%04d-%02d-%02dT00:00:00Z", year, month, day);
				bool real = days_before(year, month, day) <
				            days_before(year + month / 12, month % 12 + 1, 1);
				uint64_t moment, wanted = days_before(year, month, day) * DAY * MICROSECONDS;
				bool taken = moment_parse(text, &moment);
				wrong += taken != real || (taken && (moment != wanted ||
				         strcmp(moment_format(moment, back), text) != 0));
			}
		}
		if (wrong > 0) {
			break;
		}
	}
	is_int(wrong, 0, "every day from 1970 to 2410, and no other");
}

static void test_round_trip(void)
{
	generator_t generator = generator_make(12, 0);
	int wrong = 0;
	for (int i = 0; i < 10000; i++) {
		uint64_t in = generator_below(&generator, (LAST + 1) * MICROSECONDS), out;
		in -= i % 2 == 0 ? in % MICROSECONDS : 0;
		char text[MOMENT_TEXT_MAX];
		wrong += !moment_parse(moment_format(in, text), &out) || in != out;
	}
	is_int(wrong, 0, "10000 random moments come back from their text");
}

static void test_durations(void)
{
	static const struct { const char *text; uint64_t seconds; } good[] = {
		{ "0", 0 }, { "1", 1 }, { "30s", 30 }, { "10m", 600 }, { "6h", 21600 }, { "1d", 86400 },
		{ "2w", 1209600 }, { "007d", 7 * 86400 }, { "4294967295", 4294967295 },
		{ "4294967295s", 4294967295 }, { "71582788m", 4294967280 }, { "7101w", 4294684800 },
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint64_t seconds = 77;
		ok(duration_parse(good[i].text, &seconds), "'%s' is a duration", good[i].text);
		is_int(seconds, good[i].seconds, "'%s' in seconds", good[i].text);
	}
	static const char *const bad[] = {
		"", "s", "d1", "-1", "+1", " 1", "1 ", "1 d", "1.5h", "1D", "1dd", "1d1h", "1y", "0x10",
		"4294967296", "71582789m", "7102w", "18446744073709551616", "99999999999999999999999d",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t seconds = 77;
		ok(!duration_parse(bad[i], &seconds) && seconds == 77, "'%s' is none and touches nothing",
		   bad[i]);
	}
}

int main(void)
{
	/* The machine's time zone must not matter. */
	setenv("TZ", "America/St_Johns", 1);
	test_good();
	test_bad();
	test_format();
	test_every_day();
	test_round_trip();
	test_durations();
	/* 2024-01-01: the clock of no machine that builds this stands before it. */
	ok(moment_now() > UINT64_C(1704067200) * MICROSECONDS, "now is after this was written");
	return tap_done();
}
