/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of an interrupted run: what is written is read, and nothing else is. */
#include "darknet/label_state.h"

#include "common/generator.h"
#include "tests/tap.h"
#include "tests/unit/scratch.h"

/* Every number different, among them the highest; the fields of a source are not kept. */
static label_state_t make_state(uint64_t seed)
{
	label_state_t state;
	generator_t generator = generator_make(seed, 1);
	uint64_t *numbers = (uint64_t *)&state;
	_Static_assert(sizeof(state) % sizeof(uint64_t) == 0, "numbers");
	for (size_t i = 0; i < sizeof(state) / sizeof(uint64_t); i++) {
		numbers[i] = generator_below(&generator, 8) == 0 ? UINT64_MAX : generator_next(&generator);
	}
	state.totals.shares.source = (address_t) { 0 };
	state.totals.shares.source_events = state.totals.shares.source_tools = 0;
	return state;
}

static void test_round_trip(void)
{
	const char *path = scratch_path("state");
	failure_t failure = { 0 };
	label_state_t got, again;
	is_int(label_state_load(path, &got, &failure), STATUS_END, "there is none");
	for (uint64_t seed = 1; seed <= 20; seed++) {
		label_state_t state = make_state(seed);
		tap_require(label_state_save(path, &state, &failure) == STATUS_OK, "a state is written");
		tap_require(label_state_load(path, &got, &failure) == STATUS_OK, "and read (%s)",
		            failure.sentence);
		ok(memcmp(&got, &state, sizeof(state)) == 0, "it is the same");
	}
	is_int(label_state_load(path, &again, &failure), STATUS_OK, "reading changes nothing");
	is_int(scratch_count(), 1, "nothing is left beside it");
	is_int(label_state_save(scratch_path("none/state"), &got, &failure), STATUS_SYSTEM,
	       "no such folder");
}

/* Every cut and every changed byte is refused or gives numbers; nothing else is read. */
static void test_damage(void)
{
	label_state_t state = make_state(3), got;
	failure_t failure;
	char text[4096];
	tap_require(label_state_save(scratch_path("state"), &state, &failure) == STATUS_OK, "a state");
	(void)snprintf(text, sizeof(text), "%s", scratch_read(scratch_path("state")));
	size_t size = strlen(text), wrong = 0, refused = 0;
	for (size_t i = 0; i < size; i++) {
		scratch_write("cut", text, i);
		wrong += label_state_load(scratch_path("cut"), &got, &failure) != STATUS_BAD_DATA;
		wrong += strstr(failure.sentence, "cut:") == NULL;
		char byte = text[i];
		text[i] = (char)(byte ^ 4);
		scratch_write("changed", text, size);
		refused += label_state_load(scratch_path("changed"), &got, &failure) != STATUS_OK;
		text[i] = byte;
	}
	is_int(wrong, 0, "no cut state is read");
	ok(refused > size / 4, "%zu of %zu changed bytes are no numbers", refused, size);
	(void)snprintf(text, sizeof(text), "backscatter-label-state 1\ncapture %s\n",
	               "18446744073709551616");
	scratch_write("large", text, strlen(text));
	is_int(label_state_load(scratch_path("large"), &got, &failure), STATUS_BAD_DATA,
	       "a number above 64 bits");
}

int main(void)
{
	scratch_begin();
	test_round_trip();
	test_damage();
	scratch_end();
	return tap_done();
}
