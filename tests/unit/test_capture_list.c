/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several files as one timeline: order, borders, failures, time that runs backwards. */
#include "config.h"

#include "capture/capture_list.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/numbered_capture.h"

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* A file of packets with these numbers, the last of which is UINT32_MAX. */
static const char *file_make(const char *name, const uint32_t *seconds)
{
	buffer_t file = { 0 };
	pcap_begin(&file, 0xa1b2c3d4, LINKTYPE_RAW, false);
	for (; *seconds != UINT32_MAX; seconds++) {
		buffer_t packet = packet_make(*seconds);
		pcap_packet(&file, (uint32_t)BASE + *seconds, 0, &packet, packet.size, false);
		buffer_clear(&packet);
	}
	return write_and_clear(name, &file);
}

#define FILE_MAKE(name, ...) file_make((name), (const uint32_t[]) { __VA_ARGS__ UINT32_MAX })

static capture_list_t *list_open(const char *const *paths, size_t count, capture_order_t order)
{
	capture_list_t *list;
	failure_t failure = { 0 };
	if (capture_list_open(paths, count, order, &list, &failure) != STATUS_OK) {
		printf("Bail out! %s\n", failure.sentence);
		exit(1);
	}
	return list;
}

/* Reads all; writes "name: seconds... name: ..." and a ! where a file failed. */
static const char *list_read(capture_list_t *list)
{
	static char text[512];
	status_t status;
	frame_t frame;
	size_t used = 0;
	text[0] = '\0';
	while ((status = capture_list_advance(list, NULL)) != STATUS_END) {
		const char *path = capture_list_path(list, capture_list_reached(list) - 1);
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s:", name_of(path));
		while (status == STATUS_OK) {
			status = capture_list_next(list, &frame, NULL);
			if (status == STATUS_OK) {
				used += (size_t)snprintf(text + used, sizeof(text) - used, " %u",
				                         (unsigned)(frame.moment / MICROSECONDS - BASE));
			}
		}
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s ",
		                         status == STATUS_END ? "" : "!");
	}
	return text;
}

static void test_orders(void)
{
	const char *paths[] = {
		FILE_MAKE("c", 20, 21,), FILE_MAKE("none", ), FILE_MAKE("a", 5, 6,),
		FILE_MAKE("b", 10, 7,), FILE_MAKE("a2", 5,),
	};
	capture_list_t *list = list_open(paths, 5, CAPTURE_ORDER_GIVEN);
	is_int(capture_list_count(list), 5, "five files");
	is_int(capture_list_reached(list), 0, "none of them reached");
	is_text(list_read(list), "c: 20 21 none: a: 5 6 b: 10 7 a2: 5 ", "in the order given");
	is_int(capture_list_reached(list), 5, "all reached");
	is_int(capture_list_position(list), capture_list_size(list), "all bytes read");
	is_int(capture_list_advance(list, NULL), STATUS_END, "stays at the end");
	is_int(capture_list_next(list, &(frame_t) { 0 }, NULL), STATUS_END, "without a file");
	is_int(capture_list_position(list), capture_list_size(list), "counted once");
	const capture_timeline_t *timeline = capture_list_timeline(list);
	is_int(timeline->frames, 7, "frames");
	is_int(timeline->earliest, (BASE + 5) * MICROSECONDS, "earliest");
	is_int(timeline->latest, (BASE + 21) * MICROSECONDS, "latest");
	is_int(timeline->backward, 3, "steps backwards");
	is_int(timeline->backward_most, 16 * MICROSECONDS, "the longest of them");
	is_int(timeline->gap_most, MICROSECONDS, "the longest step beyond the latest");
	is_int(timeline->gap_begin, (BASE + 20) * MICROSECONDS, "and where");
	capture_list_close(list);

	list = list_open(paths, 5, CAPTURE_ORDER_TIME);
	is_text(list_read(list), "a: 5 6 a2: 5 b: 10 7 c: 20 21 none: ", "in the order of time");
	timeline = capture_list_timeline(list);
	is_int(timeline->backward, 2, "sorted: steps backwards");
	is_int(timeline->backward_most, 3 * MICROSECONDS, "sorted: the longest of them");
	is_int(timeline->gap_most, 10 * MICROSECONDS, "sorted: the longest gap");
	is_int(timeline->gap_begin, (BASE + 10) * MICROSECONDS, "sorted: behind the latest before");
	capture_list_close(list);
	capture_list_close(NULL);
}

static void test_skip(void)
{
	const char *paths[] = { FILE_MAKE("1", 1, 2,), FILE_MAKE("2", 3,), FILE_MAKE("3", 4, 5,) };
	capture_list_t *list = list_open(paths, 3, CAPTURE_ORDER_GIVEN);
	ok(capture_list_skip(list), "the first file is skipped");
	is_int(capture_list_reached(list), 1, "and reached");
	is_int(capture_list_position(list), capture_list_file_size(list, 0), "its bytes count");
	is_int(capture_list_next(list, &(frame_t) { 0 }, NULL), STATUS_END, "but give no frame");
	is_text(list_read(list), "2: 3 3: 4 5 ", "the others are read");
	ok(!capture_list_skip(list), "no more to skip");
	is_int(capture_list_position(list), capture_list_size(list), "all bytes count");
	capture_list_close(list);

	list = list_open(paths, 3, CAPTURE_ORDER_GIVEN);
	frame_t frame;
	ok(capture_list_advance(list, NULL) == STATUS_OK &&
	   capture_list_next(list, &frame, NULL) == STATUS_OK, "a file that is left");
	is_text(list_read(list), "2: 3 3: 4 5 ", "in its middle");
	is_int(capture_list_position(list), capture_list_size(list), "counts with all its bytes");
	capture_list_close(list);
}

/* A file that is cut fails alone; one that vanished between opening and reading, too. */
static void test_failures(void)
{
	const char *paths[] = {
		FILE_MAKE("cut", 1, 2, 3,), FILE_MAKE("gone", 4,), FILE_MAKE("good", 5,),
	};
	tap_require(truncate(paths[0], 100) == 0, "a file is cut");
	capture_list_t *list = list_open(paths, 3, CAPTURE_ORDER_GIVEN);
	tap_require(unlink(paths[1]) == 0, "a file vanishes");
	is_text(list_read(list), "cut: 1! gone:! good: 5 ", "each failure is of one file");
	is_int(capture_list_position(list), capture_list_size(list), "all bytes count");
	capture_list_close(list);

	const char *wrong[] = { paths[2], scratch_write("text", "no packets here", 15) };
	failure_t failure = { 0 };
	is_int(capture_list_open(wrong, 2, CAPTURE_ORDER_GIVEN, &list, &failure), STATUS_UNSUPPORTED,
	       "a wrong file is told at once");
	ok(list == NULL && strstr(failure.sentence, wrong[1]) != NULL, "%s", failure.sentence);
	is_int(capture_list_open(NULL, 0, CAPTURE_ORDER_TIME, &list, NULL), STATUS_OK, "no files");
	is_text(list_read(list), "", "give nothing");
	is_int(capture_list_timeline(list)->frames, 0, "and count nothing");
	capture_list_close(list);
}

/* A pipe is opened when its turn comes: there may be nobody who writes to it yet. */
static void test_pipe(void)
{
	const char *pipe = scratch_path("pipe");
	tap_require(mkfifo(pipe, 0600) == 0, "a pipe");
	const char *paths[] = { FILE_MAKE("before", 1,), pipe, FILE_MAKE("after", 3,) };
	capture_list_t *list = list_open(paths, 3, CAPTURE_ORDER_GIVEN);
	is_int(capture_list_size(list), 0, "the size is not known");
	buffer_t file = { 0 }, packet = packet_make(2);
	pcap_begin(&file, 0xa1b2c3d4, LINKTYPE_RAW, false);
	pcap_packet(&file, (uint32_t)BASE + 2, 0, &packet, packet.size, false);
	pid_t writer = fork();
	if (writer == 0) {
		int end = open(pipe, O_WRONLY); /* Waits until it is read. */
		_exit(write(end, file.data, file.size) == (ssize_t)file.size ? 0 : 1);
	}
	frame_t frame;
	is_int(capture_list_advance(list, NULL), STATUS_OK, "a file before it");
	ok(capture_list_next(list, &frame, NULL) == STATUS_OK, "its frame");
	is_text(list_read(list), "pipe: 2 after: 3 ", "the pipe in its turn");
	is_int(capture_list_position(list), capture_list_file_size(list, 0) + file.size +
	       capture_list_file_size(list, 2), "its bytes count");
	capture_list_close(list);
	int result = 1;
	ok(waitpid(writer, &result, 0) == writer && result == 0, "it was written whole");
	failure_t failure = { 0 };
	is_int(capture_list_open(paths, 3, CAPTURE_ORDER_TIME, &list, &failure), STATUS_UNSUPPORTED,
	       "a pipe cannot be sorted");
	ok(strstr(failure.sentence, pipe) != NULL, "%s", failure.sentence);
	buffer_clear(&file);
	buffer_clear(&packet);
}

int main(void)
{
	scratch_begin();
	test_orders();
	test_skip();
	test_failures();
	test_pipe();
	scratch_end();
	return tap_done();
}
