/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Overlap of labels: three passes over the files, with bits per address and day between. */
#include "config.h"

#include "darknet/overlap.h"

#include <stdlib.h>
#include <string.h>

#include "common/label_table.h"
#include "darknet/label_file.h"

#define DAY (86400 * MICROSECONDS)

/* An address of the base. */
typedef struct {
	address_t address;
	uint8_t group;
	bool always;   /* Its labels of any time are of that group, too. */
} member_t;

/* Bits kept of an address on a day. */
enum { BIT_SEEN = 0, BIT_SAME, BIT_OTHER, BITS };

typedef struct {
	const overlap_options_t *options;
	uint64_t first_day, last_day;  /* of all rows with a window; days since 1970 */
	uint64_t first_label;          /* of those with a class */
	uint64_t from;
	label_table_t *table;          /* labels of the base's day and of any time */
	label_table_t *always;         /* those of any time alone */
	member_t *members;             /* sorted, once they are complete */
	size_t count, capacity;
	uint64_t disagreed;
	size_t days;
	uint64_t *bits[BITS];          /* [member * days + day] */
	bool *has_rows;                /* by day */
} work_t;

const char *overlap_group_name(overlap_group_t group)
{
	return group == OVERLAP_MALICIOUS ? "malicious" : "benign";
}

typedef status_t (*visit_t)(work_t *work, const label_line_t *line, failure_t *failure);

/* Calls a function for each row of the files. */
static status_t visit(work_t *work, const char *const *paths, size_t count, visit_t function,
                      failure_t *failure)
{
	status_t status = STATUS_OK;
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		label_file_t *file;
		label_line_t line;
		status = label_file_open(paths[i], &file, failure);
		while (status == STATUS_OK &&
		       (status = label_file_next(file, &line, failure)) == STATUS_OK) {
			status = function(work, &line, failure);
		}
		label_file_close(file);
		status = status == STATUS_END ? STATUS_OK : status;
	}
	return status;
}

static status_t visit_labels(work_t *work, visit_t function, failure_t *failure)
{
	return visit(work, work->options->labels, work->options->label_count, function, failure);
}

/* Rows that see addresses. */
static status_t visit_sightings(work_t *work, visit_t function, failure_t *failure)
{
	const overlap_options_t *options = work->options;
	return options->seen_count > 0 ?
	       visit(work, options->seen, options->seen_count, function, failure) :
	       visit_labels(work, function, failure);
}

static bool has_window(const label_line_t *line)
{
	return !time_window_is_always(&line->window);
}

static uint64_t day_of(const label_line_t *line)
{
	return line->window.start / DAY;
}

static overlap_group_t group_of(const work_t *work, const char *class_name)
{
	const overlap_options_t *options = work->options;
	for (size_t i = 0; i < options->malicious_count; i++) {
		if (strcmp(options->malicious[i], class_name) == 0) {
			return OVERLAP_MALICIOUS;
		}
	}
	return OVERLAP_BENIGN;
}

/* First pass: which days there are. */
static status_t find_days(work_t *work, const label_line_t *line, failure_t *failure)
{
	(void)failure;
	if (has_window(line)) {
		uint64_t day = day_of(line);
		work->first_day = day < work->first_day ? day : work->first_day;
		work->last_day = day > work->last_day ? day : work->last_day;
		if (line->class_name[0] != '\0' && day < work->first_label) {
			work->first_label = day;
		}
	}
	return STATUS_OK;
}

static status_t choose_day(work_t *work, failure_t *failure)
{
	status_t status = visit_labels(work, find_days, failure);
	if (status == STATUS_OK && work->options->seen_count > 0) {
		uint64_t first_label = work->first_label;
		status = visit_sightings(work, find_days, failure);
		/* A class in there is a verdict, no label. */
		work->first_label = first_label;
	}
	if (status != STATUS_OK) {
		return status;
	}
	if (work->first_day > work->last_day) {
		return failure_set(failure, STATUS_BAD_DATA, "no row of the files has a window");
	}
	if (work->last_day - work->first_day >= OVERLAP_DAYS_MAX) {
		return failure_set(failure, STATUS_BAD_DATA, "the files are of %llu days, %d at most can "
		                   "be compared", (unsigned long long)(work->last_day - work->first_day + 1),
		                   OVERLAP_DAYS_MAX);
	}
	uint64_t first = work->first_label != UINT64_MAX ? work->first_label : work->first_day;
	work->from = work->options->first ? first : work->options->from / DAY;
	work->days = (size_t)(work->last_day - work->first_day + 1);
	return STATUS_OK;
}

/* Second pass, labels: those that hold on the base's day. */
static status_t take_label(work_t *work, const label_line_t *line, failure_t *failure)
{
	if (line->class_name[0] == '\0' || (has_window(line) && day_of(line) != work->from)) {
		return STATUS_OK;
	}
	label_t label = {
		.prefix = line->prefix, .class_index = group_of(work, line->class_name),
		.window = line->window,
	};
	status_t status = label_table_add(work->table, &label);
	if (status == STATUS_OK && !has_window(line)) {
		status = label_table_add(work->always, &label);
	}
	return status == STATUS_OK ? status : failure_no_memory(failure, "the labels");
}

static status_t finish_table(label_table_t *table, failure_t *failure)
{
	const label_t *first, *second;
	char text[PREFIX_TEXT_MAX];
	status_t status = label_table_finish(table, &first, &second);
	if (status == STATUS_BAD_DATA) {
		return failure_set(failure, status, "%s is labelled benign and malicious in one window",
		                   prefix_format(&first->prefix, text));
	}
	return status == STATUS_OK ? status : failure_no_memory(failure, "the labels");
}

static status_t add_member(work_t *work, const member_t *member)
{
	if (work->count == work->capacity) {
		size_t capacity = work->capacity != 0 ? work->capacity * 2 : 1024;
		member_t *members = reallocarray(work->members, capacity, sizeof(*members));
		if (members == NULL) {
			return STATUS_NO_MEMORY;
		}
		work->members = members;
		work->capacity = capacity;
	}
	work->members[work->count++] = *member;
	return STATUS_OK;
}

/* Second pass, sightings: who is seen on that day and has a label. */
static status_t take_member(work_t *work, const label_line_t *line, failure_t *failure)
{
	if (!has_window(line) || day_of(line) != work->from || line->prefix.length != 128) {
		return STATUS_OK;
	}
	const time_window_t day = { work->from * DAY, (work->from + 1) * DAY }, all = TIME_WINDOW_ALWAYS;
	const address_t *address = &line->prefix.address;
	uint32_t group, always;
	label_answer_t answer = label_table_find(work->table, address, &day, 0, &group);
	if (answer == LABEL_DISAGREED) {
		/* Counted once for each address below: it is a member of no group. */
		group = OVERLAP_GROUPS;
	}
	if (answer == LABEL_NONE) {
		return STATUS_OK;
	}
	bool same = label_table_find(work->always, address, &all, 0, &always) == LABEL_FOUND &&
	            always == group;
	member_t member = { *address, (uint8_t)group, same };
	return add_member(work, &member) == STATUS_OK ? STATUS_OK :
	       failure_no_memory(failure, "the labelled addresses");
}

static int member_compare(const void *a, const void *b)
{
	return address_compare(&((const member_t *)a)->address, &((const member_t *)b)->address);
}

/* Sorts the members, each once, and leaves out those whose labels disagree. */
static void sort_members(work_t *work)
{
	size_t kept = 0;
	if (work->count > 0) {
		qsort(work->members, work->count, sizeof(*work->members), member_compare);
	}
	for (size_t i = 0; i < work->count; i++) {
		const member_t *member = &work->members[i];
		if (i > 0 && address_equal(&member[-1].address, &member->address)) {
			continue;
		}
		if (member->group == OVERLAP_GROUPS) {
			work->disagreed++;
		} else {
			work->members[kept++] = *member;
		}
	}
	work->count = kept;
}

static status_t make_base(work_t *work, failure_t *failure)
{
	work->table = label_table_create();
	work->always = label_table_create();
	if (work->table == NULL || work->always == NULL) {
		return failure_no_memory(failure, "the labels");
	}
	status_t status = visit_labels(work, take_label, failure);
	if (status == STATUS_OK) {
		status = finish_table(work->table, failure);
	}
	if (status == STATUS_OK) {
		status = finish_table(work->always, failure);
	}
	if (status == STATUS_OK) {
		status = visit_sightings(work, take_member, failure);
	}
	if (status != STATUS_OK) {
		return status;
	}
	sort_members(work);
	if (work->count == 0) {
		char text[MOMENT_TEXT_MAX];
		moment_format(work->from * DAY, text);
		return failure_set(failure, STATUS_BAD_DATA, "no address with a label was seen on %.10s",
		                   text);
	}
	return STATUS_OK;
}

/* The members that lie in a prefix: from `first` on, below the returned number. */
static size_t find_members(const work_t *work, const prefix_t *prefix, size_t *first)
{
	size_t from = 0, to = work->count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (address_compare(&work->members[middle].address, &prefix->address) < 0) {
			from = middle + 1;
		} else {
			to = middle;
		}
	}
	*first = from;
	while (from < work->count && prefix_contains(prefix, &work->members[from].address)) {
		from++;
	}
	return from;
}

static void set_bit(work_t *work, unsigned bit, size_t member, uint64_t day)
{
	size_t number = member * work->days + (size_t)(day - work->first_day);
	work->bits[bit][number / 64] |= UINT64_C(1) << number % 64;
}

static bool get_bit(const work_t *work, unsigned bit, size_t member, size_t day)
{
	size_t number = member * work->days + day;
	return (work->bits[bit][number / 64] >> number % 64 & 1) != 0;
}

/* Third pass, sightings. */
static status_t mark_seen(work_t *work, const label_line_t *line, failure_t *failure)
{
	(void)failure;
	size_t member;
	if (!has_window(line) || line->prefix.length != 128) {
		return STATUS_OK;
	}
	work->has_rows[day_of(line) - work->first_day] = true;
	if (find_members(work, &line->prefix, &member) > member) {
		set_bit(work, BIT_SEEN, member, day_of(line));
	}
	return STATUS_OK;
}

/* Third pass, labels. */
static status_t mark_labels(work_t *work, const label_line_t *line, failure_t *failure)
{
	(void)failure;
	if (!has_window(line) || line->class_name[0] == '\0') {
		return STATUS_OK;
	}
	overlap_group_t group = group_of(work, line->class_name);
	size_t member, stop = find_members(work, &line->prefix, &member);
	for (; member < stop; member++) {
		bool same = work->members[member].group == group;
		set_bit(work, same ? BIT_SAME : BIT_OTHER, member, day_of(line));
	}
	return STATUS_OK;
}

static status_t mark_days(work_t *work, failure_t *failure)
{
	work->has_rows = calloc(work->days, sizeof(*work->has_rows));
	bool good = work->has_rows != NULL;
	for (unsigned i = 0; i < BITS; i++) {
		work->bits[i] = calloc(work->count * work->days / 64 + 1, sizeof(uint64_t));
		good = good && work->bits[i] != NULL;
	}
	if (!good) {
		return failure_no_memory(failure, "the days of the labelled addresses");
	}
	status_t status = visit_sightings(work, mark_seen, failure);
	return status == STATUS_OK ? visit_labels(work, mark_labels, failure) : status;
}

/* A label of that day decides, if there is one; else one of any time. */
static bool is_again(const work_t *work, size_t member, size_t day)
{
	bool same = get_bit(work, BIT_SAME, member, day), other = get_bit(work, BIT_OTHER, member, day);
	return same ? !other : !other && work->members[member].always;
}

static void count_day(const work_t *work, size_t day, overlap_day_t *counted)
{
	for (size_t i = 0; i < work->count; i++) {
		if (get_bit(work, BIT_SEEN, i, day)) {
			counted->seen[work->members[i].group]++;
			counted->again[work->members[i].group] += is_again(work, i, day);
		}
	}
}

static status_t take_result(const work_t *work, overlap_t *overlap, failure_t *failure)
{
	overlap_day_t *days = calloc(work->days, sizeof(*days));
	if (days == NULL) {
		return failure_no_memory(failure, "the days");
	}
	*overlap = (overlap_t) {
		.from = work->from * DAY, .days = days, .disagreed = work->disagreed,
	};
	for (size_t i = 0; i < work->count; i++) {
		overlap->base[work->members[i].group]++;
	}
	for (size_t day = 0; day < work->days; day++) {
		if (work->has_rows[day]) {
			overlap_day_t *counted = &days[overlap->day_count++];
			counted->moment = (work->first_day + day) * DAY;
			counted->offset = (int64_t)(work->first_day + day) - (int64_t)work->from;
			count_day(work, day, counted);
		}
	}
	return STATUS_OK;
}

static void work_clear(work_t *work)
{
	label_table_destroy(work->table);
	label_table_destroy(work->always);
	for (unsigned i = 0; i < BITS; i++) {
		free(work->bits[i]);
	}
	free(work->members);
	free(work->has_rows);
}

status_t overlap_make(const overlap_options_t *options, overlap_t *overlap, failure_t *failure)
{
	work_t work = {
		.options = options, .first_day = UINT64_MAX, .first_label = UINT64_MAX,
	};
	status_t status = choose_day(&work, failure);
	if (status == STATUS_OK) {
		status = make_base(&work, failure);
	}
	if (status == STATUS_OK) {
		status = mark_days(&work, failure);
	}
	if (status == STATUS_OK) {
		status = take_result(&work, overlap, failure);
	}
	work_clear(&work);
	return status;
}

void overlap_clear(overlap_t *overlap)
{
	free(overlap->days);
	overlap->days = NULL;
}
