/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels by address and window, held against the rules applied to every label. */
#include "common/label_table.h"

#include "common/generator.h"
#include "tests/tap.h"

#define LABELS_MAX 60
#define CLASSES    3

/* Moments are small numbers here. */
static label_t draw_label(generator_t *generator, uint64_t line)
{
	uint8_t octets[4] = { 10, 0, 0, (uint8_t)generator_below(generator, 8) };
	address_t address = address_from_ipv4(octets);
	unsigned length = 128 - (unsigned)generator_below(generator, 4);
	label_t label = {
		.prefix = { address_network(&address, length), (uint8_t)length },
		.class_index = (uint32_t)generator_below(generator, CLASSES),
		.window = TIME_WINDOW_ALWAYS,
		.line = line,
	};
	if (generator_below(generator, 4) > 0) {
		label.window.start = 1 + generator_below(generator, 30);
		label.window.end = label.window.start + 1 + generator_below(generator, 5);
	}
	return label;
}

/* How far a label is from a window, or -1 if it does not count with that reach. */
static int64_t naive_distance(const label_t *label, const time_window_t *window, uint64_t reach)
{
	for (uint64_t widened = 0; widened <= reach; widened++) {
		uint64_t start = window->start > widened ? window->start - widened : 0;
		uint64_t end = window->end < UINT64_MAX - widened ? window->end + widened : UINT64_MAX;
		if (label->window.start < end && start < label->window.end) {
			return (int64_t)widened;
		}
	}
	return -1;
}

/* Of the labels that are as good as the best one, all must have its class. */
static label_answer_t naive_find(const label_t *labels, size_t count, const address_t *address,
                                 const time_window_t *window, uint64_t reach,
                                 uint32_t *class_index)
{
	int64_t best = -1;
	label_answer_t answer = LABEL_NONE;
	for (size_t i = 0; i < count; i++) {
		const label_t *label = &labels[i];
		int64_t away = naive_distance(label, window, reach);
		if (away < 0 || !prefix_contains(&label->prefix, address)) {
			continue;
		}
		/* Windows before always, then long prefixes, then near ones. */
		bool always = time_window_is_always(&label->window);
		int64_t rank = (always ? 0 : 1000000) + label->prefix.length * 1000 + (999 - away);
		if (rank > best) {
			best = rank;
			answer = LABEL_FOUND;
			*class_index = label->class_index;
		} else if (rank == best && label->class_index != *class_index) {
			answer = LABEL_DISAGREED;
		}
	}
	return answer;
}

static bool naive_contradicts(const label_t *labels, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < i; j++) {
			if (labels[i].window.start == labels[j].window.start &&
			    labels[i].window.end == labels[j].window.end &&
			    labels[i].prefix.length == labels[j].prefix.length &&
			    address_equal(&labels[i].prefix.address, &labels[j].prefix.address) &&
			    labels[i].class_index != labels[j].class_index) {
				return true;
			}
		}
	}
	return false;
}

/* One question; returns how many things are wrong, and counts the answers. */
static size_t ask(const label_table_t *table, const label_t *labels, size_t count,
                  generator_t *generator, size_t answers[3])
{
	uint8_t octets[4] = { 10, 0, 0, (uint8_t)generator_below(generator, 9) };
	address_t address = address_from_ipv4(octets);
	time_window_t window = TIME_WINDOW_ALWAYS;
	uint64_t reach = generator_below(generator, 6);
	if (generator_below(generator, 8) > 0) {
		window.start = generator_below(generator, 40);
		window.end = window.start + 1 + generator_below(generator, 10);
	}
	uint32_t got = CLASSES, wanted = CLASSES;
	label_answer_t answer = label_table_find(table, &address, &window, reach, &got);
	label_answer_t naive = naive_find(labels, count, &address, &window, reach, &wanted);
	answers[answer]++;
	return (answer != naive) + (answer == LABEL_FOUND && got != wanted);
}

static void test_against_naive(void)
{
	generator_t generator = generator_make(5, 1);
	size_t wrong = 0, contradictions = 0, answers[3] = { 0 };
	for (int round = 0; round < 600; round++) {
		label_t labels[LABELS_MAX];
		const label_t *first, *second;
		size_t count = (size_t)generator_below(&generator, LABELS_MAX);
		label_table_t *table = label_table_create();
		if (table == NULL) {
			tap_require(false, "a table");
		}
		for (size_t i = 0; i < count; i++) {
			labels[i] = draw_label(&generator, i);
			/* Classes that depend on prefix and window contradict nowhere. */
			if (round % 3 > 0) {
				labels[i].class_index = (uint32_t)(labels[i].window.start +
				                        labels[i].prefix.length +
				                        labels[i].prefix.address.bytes[15]) % CLASSES;
				labels[i].class_index *= labels[i].window.start % 3 > 0;
			}
			wrong += label_table_add(table, &labels[i]) != STATUS_OK;
		}
		bool contradicts = naive_contradicts(labels, count);
		status_t status = label_table_finish(table, &first, &second);
		wrong += status != (contradicts ? STATUS_BAD_DATA : STATUS_OK);
		contradictions += contradicts;
		wrong += contradicts && (first->class_index == second->class_index ||
		                         first->line >= second->line);
		for (int i = 0; i < 100 && status == STATUS_OK; i++) {
			wrong += ask(table, labels, count, &generator, answers);
		}
		label_table_destroy(table);
	}
	is_int(wrong, 0, "what is found is what the rules say");
	ok(contradictions > 20 && contradictions < 400, "%zu tables contradict themselves",
	   contradictions);
	for (size_t i = 0; i < 3; i++) {
		ok(answers[i] > 1000, "%zu times the answer %zu", answers[i], i);
	}
}

static void test_bounds(void)
{
	label_table_t *table = label_table_create();
	const label_t *first, *second;
	label_t label = { .window = { 100, 200 }, .prefix = { .length = 128 } };
	uint32_t class_index;
	tap_require(table != NULL && label_table_add(table, &label) == STATUS_OK &&
	            label_table_add(table, &label) == STATUS_OK, "one label twice");
	is_int(label_table_finish(table, &first, &second), STATUS_OK, "is no contradiction");
	is_int(label_table_count(table), 1, "and counts once");
	ok(label_table_has_windows(table), "it has a window");
	is_int(label_table_add(table, &label), STATUS_CALLER, "nothing is added any more");
	const struct { time_window_t window; uint64_t reach; label_answer_t answer; } cases[] = {
		{ { 199, 300 }, 0, LABEL_FOUND }, { { 200, 300 }, 0, LABEL_NONE },
		{ { 200, 300 }, 1, LABEL_FOUND }, { { 0, 100 }, 0, LABEL_NONE },
		{ { 0, 101 }, 0, LABEL_FOUND }, { { 0, 100 }, 1, LABEL_FOUND },
		{ { 250, 300 }, 50, LABEL_NONE }, { { 250, 300 }, 51, LABEL_FOUND },
		{ { 250, UINT64_MAX }, UINT64_MAX, LABEL_FOUND }, { { 0, UINT64_MAX }, 0, LABEL_FOUND },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_int(label_table_find(table, &label.prefix.address, &cases[i].window, cases[i].reach,
		                        &class_index), cases[i].answer, "case %zu", i);
	}
	label_table_destroy(table);
	label_table_destroy(NULL);
}

/* A subnet has the labels of prefixes that hold all of it. */
static void test_subnets(void)
{
	static const char *const prefixes[] = {
		"2001:db8::/32", "2001:db8:0:1::/64", "2001:db8:0:1::/128", "2001:db8:0:2::/65",
		"2001:db8:0:2::1",
	};
	static const struct { const char *originator; int class_index; } cases[] = {
		{ "2001:db8:0:1::/64", 1 }, { "2001:db8:0:1::", 2 }, { "2001:db8:0:1::1", 1 },
		{ "2001:db8:0:2::/64", 0 }, { "2001:db8:0:2::1", 4 }, { "2001:db8:0:2::2", 3 },
		{ "2001:db9::/64", -1 },
	};
	label_table_t *table = label_table_create();
	for (uint32_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		label_t label = { .class_index = i, .window = TIME_WINDOW_ALWAYS, .line = i + 1 };
		(void)prefix_parse(prefixes[i], &label.prefix);
		(void)label_table_add(table, &label);
	}
	const label_t *first, *second;
	tap_require(label_table_finish(table, &first, &second) == STATUS_OK, "table of subnets");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		address_t originator;
		time_window_t window = TIME_WINDOW_ALWAYS;
		uint32_t class_index = 0;
		(void)address_parse_originator(cases[i].originator, &originator);
		label_answer_t answer = label_table_find(table, &originator, &window, 0, &class_index);
		is_int(answer == LABEL_FOUND ? (int)class_index : -1, cases[i].class_index, "label of %s",
		       cases[i].originator);
	}
	label_table_destroy(table);
}

int main(void)
{
	test_subnets();
	test_against_naive();
	test_bounds();
	return tap_done();
}
