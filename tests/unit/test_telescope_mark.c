/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A telescope that goes on from a mark, held against one that was never interrupted: all
 * windows that begin behind the mark give the same events, whatever was open there.
 */
#include "darknet/telescope.h"

#include "common/generator.h"
#include "common/moment.h"
#include "tests/tap.h"

#define PACKETS_MAX 60000
#define EVENTS_MAX  200000
#define WINDOW      (100 * MICROSECONDS)

/* How packets are drawn. */
typedef struct {
	size_t packets;
	uint64_t step;     /* Mean time between two, microseconds. */
	unsigned sources;
	unsigned gap;      /* Packets from one gap of some windows to the next. */
} plan_t;

typedef struct {
	uint64_t moment;
	packet_t packet;
} sent_t;

typedef struct {
	event_t events[EVENTS_MAX];
	size_t count;
	uint64_t done;     /* Windows that begin before are left out. */
	uint64_t windows, refused;
} heard_t;

static status_t hear_event(void *context, size_t set, const event_t *event, failure_t *failure)
{
	(void)set;
	heard_t *heard = context;
	if (event->window_start < heard->done) {
		return STATUS_OK;
	}
	if (heard->count == EVENTS_MAX) {
		return failure_set(failure, STATUS_CALLER, "too many events");
	}
	heard->events[heard->count++] = *event;
	return STATUS_OK;
}

static status_t hear_window(void *context, const telescope_window_t *window, failure_t *failure)
{
	(void)failure;
	heard_t *heard = context;
	if (window->start >= heard->done) {
		heard->windows++;
		heard->refused += window->refused_packets;
	}
	return STATUS_OK;
}

/* Time goes on and back, now and then by windows. */
static void draw(const plan_t *plan, sent_t *sent, generator_t *generator)
{
	uint64_t now = 5 * WINDOW;
	for (size_t i = 0; i < plan->packets; i++) {
		now += generator_below(generator, 2 * plan->step);
		now += generator_below(generator, plan->gap) == 0 ? 3 * WINDOW : 0;
		uint64_t back = generator_below(generator, generator_below(generator, 9) == 0 ? WINDOW * 3 :
		                                           WINDOW / 8);
		unsigned number = (unsigned)generator_below(generator, plan->sources);
		uint8_t source[4] = { 45, 0, (uint8_t)(number >> 8), (uint8_t)number };
		uint8_t target[4] = { 198, 51, (uint8_t)generator_below(generator, 2),
		                      (uint8_t)generator_below(generator, 200) };
		sent[i] = (sent_t) {
			.moment = now > back ? now - back : 0,
			.packet = {
				.source = address_from_ipv4(source), .destination = address_from_ipv4(target),
				.protocol = PROTOCOL_TCP, .tcp_flags = TCP_SYN, .transport = true,
				.source_port = 1234, .destination_port = (uint16_t)generator_below(generator, 40),
			},
		};
	}
}

static telescope_t *make(heard_t *heard, uint64_t slack)
{
	static prefix_t darknet;
	telescope_options_t options = telescope_defaults();
	telescope_t *telescope;
	failure_t failure = { 0 };
	tap_require(prefix_parse("198.51.0.0/16", &darknet), "a darknet");
	options.prefixes = &darknet;
	options.prefix_count = 1;
	options.window = WINDOW;
	options.slack = slack;
	/* Little of all: flows are sampled and packets refused. */
	options.flows = TELESCOPE_FLOWS_MIN;
	options.memory = TELESCOPE_MEMORY_MIN;
	options.sink = (telescope_sink_t) { hear_event, hear_window, heard };
	tap_require(telescope_create(&options, &telescope, &failure) == STATUS_OK, "a telescope (%s)",
	            failure.sentence);
	return telescope;
}

static size_t send_packets(telescope_t *telescope, const sent_t *sent, size_t from, size_t to,
                   telescope_mark_t *marks)
{
	failure_t failure;
	size_t wrong = 0;
	for (size_t i = from; i < to; i++) {
		if (marks != NULL) {
			marks[i] = telescope_mark(telescope);
		}
		wrong += telescope_take(telescope, sent[i].moment, &sent[i].packet, PACKET_WHOLE,
		                        &failure) != STATUS_OK;
	}
	return wrong;
}

static bool same_event(const event_t *a, const event_t *b)
{
	return a->window_start == b->window_start && address_equal(&a->source, &b->source) &&
	       a->kind == b->kind && a->protocol == b->protocol && a->packets == b->packets &&
	       a->targets == b->targets && a->ports == b->ports && a->tool == b->tool &&
	       a->flags == b->flags && a->exact == b->exact;
}

static bool was_open(const telescope_mark_t *mark, uint64_t start)
{
	return mark->open[0] == start || mark->open[1] == start;
}

/* From which packet on must be read to have a window whole: the last mark without it. */
static size_t needed(const telescope_mark_t *marks, size_t now)
{
	size_t first = now;
	for (size_t i = 0; i < TELESCOPE_OPEN_MAX && marks[now].open[i] != UINT64_MAX; i++) {
		size_t at = now;
		while (at > 0 && was_open(&marks[at], marks[now].open[i])) {
			at--;
		}
		first = at < first ? at : first;
	}
	return first;
}

static heard_t whole, part;
static sent_t sent[PACKETS_MAX];
static telescope_mark_t marks[PACKETS_MAX];

/* Goes on from a random packet; returns what is wrong. */
static size_t go_on(size_t packets, uint64_t slack, size_t now, const telescope_t *model)
{
	failure_t failure;
	size_t from = needed(marks, now), wrong = 0, skipped = 0;
	part.count = part.windows = part.refused = 0;
	part.done = marks[now].closed;
	telescope_t *telescope = make(&part, slack);
	wrong += telescope_resume(telescope, &marks[from], &failure) != STATUS_OK;
	wrong += send_packets(telescope, sent, from, packets, NULL);
	wrong += telescope_finish(telescope, &failure) != STATUS_OK;
	while (skipped < whole.count && whole.events[skipped].window_start < part.done) {
		skipped++;
	}
	wrong += part.count != whole.count - skipped;
	for (size_t i = 0; i < part.count && wrong == 0; i++) {
		wrong += !same_event(&part.events[i], &whole.events[skipped + i]);
	}
	const telescope_count_t same[] = { TELESCOPE_OUTSIDE, TELESCOPE_SENT, TELESCOPE_LATE };
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		wrong += telescope_count(telescope, same[i]) != telescope_count(model, same[i]);
	}
	telescope_destroy(telescope);
	return wrong;
}

/* What was in a run that was not interrupted, summed over the rounds. */
typedef struct {
	uint64_t late, refused, windows, events, samples;
} seen_t;

static size_t round_of(const plan_t *plan, uint64_t slack, generator_t *generator, int times,
                       seen_t *seen)
{
	failure_t failure;
	draw(plan, sent, generator);
	whole.count = whole.windows = whole.refused = whole.done = 0;
	telescope_t *telescope = make(&whole, slack);
	size_t wrong = send_packets(telescope, sent, 0, plan->packets, marks);
	wrong += telescope_finish(telescope, &failure) != STATUS_OK;
	seen->late += telescope_count(telescope, TELESCOPE_LATE);
	seen->refused += whole.refused;
	seen->windows += whole.windows;
	seen->events += whole.count;
	for (size_t i = 0; i < whole.count; i++) {
		seen->samples += !whole.events[i].exact;
	}
	for (int i = 0; i < times; i++) {
		size_t now = 1 + (size_t)generator_below(generator, plan->packets - 1);
		wrong += go_on(plan->packets, slack, now, telescope);
	}
	telescope_destroy(telescope);
	return wrong;
}

static void test_going_on(void)
{
	static const uint64_t slacks[] = { 0, WINDOW / 10, WINDOW };
	/* Many windows; few windows, in which the memory is used up. */
	static const plan_t many = { 4000, MICROSECONDS, 4, 300 };
	static const plan_t full = { 60000, 4000, 60000, 30000 };
	generator_t generator = generator_make(8, 3);
	size_t wrong = 0;
	seen_t seen = { 0 };
	for (int i = 0; i < 9; i++) {
		wrong += round_of(&many, slacks[i % 3], &generator, 25, &seen);
	}
	is_int(wrong, 0, "225 times all windows that were open, and later ones, are the same");
	ok(seen.late > 100 && seen.windows > 200 && seen.events > 1000 && seen.samples > 100,
	   "%d packets were late; %d windows, %d events, %d of them estimates", (int)seen.late,
	   (int)seen.windows, (int)seen.events, (int)seen.samples);
	seen = (seen_t) { 0 };
	for (int i = 0; i < 3; i++) {
		wrong += round_of(&full, slacks[i], &generator, 12, &seen);
	}
	is_int(wrong, 0, "36 times with little memory");
	ok(seen.refused > 1000, "%d packets were refused", (int)seen.refused);
}

static void test_marks_that_cannot_be(void)
{
	static const telescope_mark_t wrong[] = {
		{ .closed = 5, .open = { UINT64_MAX, UINT64_MAX } },
		{ .closed = WINDOW, .open = { 0, UINT64_MAX } },
		{ .closed = 0, .open = { 7, UINT64_MAX } },
		{ .closed = 0, .open = { WINDOW, WINDOW } },
		{ .closed = 0, .open = { WINDOW, 0 } },
		{ .closed = 0, .open = { UINT64_MAX, WINDOW } },
		{ .closed = 0, .open = { UINT64_MAX - UINT64_MAX % WINDOW, UINT64_MAX } },
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		failure_t failure;
		telescope_t *telescope = make(&part, 0);
		is_int(telescope_resume(telescope, &wrong[i], &failure), STATUS_BAD_DATA, "mark %zu", i);
		telescope_destroy(telescope);
	}
}

int main(void)
{
	test_going_on();
	test_marks_that_cannot_be();
	return tap_done();
}
