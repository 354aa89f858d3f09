/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parameter file: what it gives, what it changes, and what it refuses. */
#include <unistd.h>

#include "simulator/parameters.h"
#include "tests/tap.h"

static char path[] = "/tmp/test_parameters.XXXXXX";

static status_t load(const char *text, parameters_t **parameters, failure_t *failure)
{
	FILE *file = fopen(path, "w");
	tap_require(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, "write %s", path);
	*parameters = NULL;
	return parameters_load(path, parameters, failure);
}

static void test_defaults(void)
{
	parameters_t *parameters;
	failure_t failure = { 0 };
	tap_require(parameters_load(NULL, &parameters, &failure) == STATUS_OK, "built in (%s)",
	            failure.sentence);
	is_near(parameters->classes[CLASS_SCAN].kinds[KIND_NXDOMAIN], 21, 0, "the last of a row");
	is_near(parameters->originators.noise[1], 0.11, 0, "a range");
	is_near(parameters->species[SPECIES_MIRAI].tools[TOOL_MIRAI], 1, 0, "a species");
	parameters_destroy(parameters);
}

static void test_changes(void)
{
	parameters_t *changed, *whole;
	failure_t failure = { 0 };
	tap_require(parameters_load(NULL, &whole, &failure) == STATUS_OK, "built in");
	tap_require(load("# mine\n\n[scan mirai]\n  share=2 # more\r\n\tport_scan  =  1\n"
	                 "[originators]\nnoise = 0\t0.5\n", &changed, &failure) == STATUS_OK,
	            "a file that changes some (%s)", failure.sentence);
	is_near(changed->species[SPECIES_MIRAI].share, 2, 0, "a number, with a comment behind it");
	is_near(changed->species[SPECIES_MIRAI].port_scan, 1, 0, "another");
	is_near(changed->originators.noise[1], 0.5, 0, "of two");
	changed->species[SPECIES_MIRAI].share = whole->species[SPECIES_MIRAI].share;
	changed->species[SPECIES_MIRAI].port_scan = whole->species[SPECIES_MIRAI].port_scan;
	memcpy(changed->originators.noise, whole->originators.noise, sizeof(whole->originators.noise));
	ok(memcmp(changed, whole, sizeof(*whole)) == 0, "and nothing else");
	parameters_destroy(changed);
	parameters_destroy(whole);
	tap_require(load("", &changed, &failure) == STATUS_OK, "an empty file changes nothing");
	parameters_destroy(changed);
}

static void test_refusals(void)
{
	static const struct { const char *text, *sentence; } cases[] = {
		{ "\n[planet]\n", ":2: there is no section 'planet'" },
		{ "[class wombat]\n", ":1: there is no section 'class wombat'" },
		{ "[class]\n", ":1: there is no section 'class'" },
		{ "[originators scan]\n", ":1: there is no section 'originators scan'" },
		{ "[resolvers\n", ":1: a section must end with ']', not '[resolvers'" },
		{ "[]\n", ":1: there is no section ''" },
		{ "[\n", ":1: a section must end with ']', not '['" },
		{ "edns = 1\n", ":1: no section stands before 'edns'" },
		{ "[resolvers]\nedns\n", ":2: this line is neither [section] nor 'name = numbers': 'edns'" },
		{ "[resolvers]\nwombats = 1\n", ":2: this section has no 'wombats'" },
		{ "[resolvers]\n= 1\n", ":2: this section has no ''" },
		{ "[resolvers]\nedns = 1\nedns = 1\n", ":3: this is given twice: 'edns'" },
		{ "[resolvers]\nedns =\n", ":2: 'edns' takes 1 numbers, not 0" },
		{ "[originators]\nnoise = 0 0 0\n", ":2: 'noise' takes 2 numbers, not 3" },
		{ "[resolvers]\nedns = many\n", ":2: this is no number: 'many'" },
		{ "[resolvers]\nedns = 0.5%\n", ":2: this is no number: '0.5%'" },
		{ "[resolvers]\nedns = 1.5\n", ":2: 'edns' must lie between 0 and 1, not 1.5" },
		{ "[resolvers]\nedns = nan\n", ":2: 'edns' must lie between 0 and 1, not nan" },
		{ "[class scan]\nshare = 0.5\n", ": the shares of the classes must sum to 1, not 1.37" },
		{ "[scan mirai]\ntools = 0 0 0 0 0 0\n", ": 'tools' of [scan mirai] must not be all 0" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		parameters_t *parameters;
		failure_t failure = { 0 };
		is_int(load(cases[i].text, &parameters, &failure), STATUS_BAD_DATA, "refused");
		ok(parameters == NULL, "nothing is given out");
		ok(strncmp(failure.sentence, path, strlen(path)) == 0, "the sentence names the file");
		is_text(failure.sentence + strlen(path), cases[i].sentence, "and says what is wrong");
	}
	failure_t failure;
	parameters_t *parameters;
	unlink(path);
	is_int(parameters_load(path, &parameters, &failure), STATUS_SYSTEM, "no file");
	ok(strstr(failure.sentence, path) != NULL, "is named");
	is_int(parameters_load("/", &parameters, &failure), STATUS_SYSTEM, "a folder");
}

static void test_large(void)
{
	parameters_t *parameters;
	failure_t failure = { 0 };
	FILE *file = fopen(path, "w");
	for (size_t i = 0; i <= PARAMETERS_FILE_MAX; i++) {
		fputc('#', file);
	}
	fclose(file);
	is_int(parameters_load(path, &parameters, &failure), STATUS_BAD_DATA, "a file that is large");
	file = fopen(path, "w");
	fwrite("[resolvers]\0", 1, 12, file);
	fclose(file);
	is_int(parameters_load(path, &parameters, &failure), STATUS_BAD_DATA, "a file with a zero");
	unlink(path);
}

int main(void)
{
	int descriptor = mkstemp(path);
	tap_require(descriptor >= 0 && close(descriptor) == 0, "a file of its own");
	test_defaults();
	test_changes();
	test_refusals();
	test_large();
	return tap_done();
}
