/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What it costs to get features out of a capture: four million queries of an authority
 * (authority.h) as pcap and as dnstap, in millions of queries per second of CPU time (user
 * and system) and peak memory.
 *
 *   bare loop   read() of 1 MiB and one step per record: what no reader can beat
 *   stream      all of capture/: reader, packet or dnstap, DNS question
 *   judged      the same and the judgement of the names
 *   extract     the whole command, features written to a file
 *
 * Each is a process of its own, so that the memory of one is not that of the next. The
 * captures are made first, in the folder TMPDIR or /tmp, and removed.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/query_stream.h"
#include "sensor/query.h"
#include "tests/bench/authority.h"

#define SEED   1
#define BLOCK  ((size_t)1 << 20)
#define ROUNDS 5

/* Any format in which a record says its own length. */
typedef struct {
	authority_format_t format;
	const char *name;
	size_t front;                              /* Bytes before the first record. */
	size_t header;                             /* Of a record. */
	uint32_t (*length)(const uint8_t *header); /* Bytes behind it. */
} framing_t;

static uint32_t pcap_length(const uint8_t *header)
{
	uint32_t value;
	memcpy(&value, header + 8, sizeof(value));
	return value;
}

static uint32_t dnstap_length(const uint8_t *header)
{
	uint32_t value;
	memcpy(&value, header, sizeof(value));
	return __builtin_bswap32(value);
}

static const framing_t framings[] = {
	{ AUTHORITY_PCAP, "pcap", 24, 16, pcap_length },
	{ AUTHORITY_DNSTAP, "dnstap", 42, 4, dnstap_length },
};

/* Steps over all records, up to the control frame that ends dnstap: its length is 0. */
static uint64_t loop_bare(const framing_t *framing, const char *path)
{
	static uint8_t block[BLOCK + 65536];
	int file = open(path, O_RDONLY);
	uint64_t records = 0;
	size_t left = 0, at = framing->front;
	ssize_t got;
	while ((got = read(file, block + left, BLOCK)) > 0) {
		size_t size = left + (size_t)got;
		while (at + framing->header <= size) {
			uint32_t length = framing->length(block + at);
			if (length == 0 || length > size - at - framing->header) {
				break;
			}
			records++;
			at += framing->header + length;
		}
		left = size - at;
		memmove(block, block + at, left);
		at = 0;
	}
	close(file);
	return records;
}

static uint64_t loop_stream(const char *path, bool judge)
{
	query_stream_t *stream;
	query_t query;
	failure_t failure;
	uint64_t queries = 0, observations = 0;
	if (query_stream_open(&path, 1, &stream, &failure) != STATUS_OK) {
		return 0;
	}
	while (query_stream_next(stream, &query, &failure) == STATUS_OK) {
		queries++;
		observations += judge && query_judge(query.qtype, query.qclass, query.qname,
		                                     query.qname_size).kind == QUERY_OBSERVATION;
	}
	query_stream_close(stream);
	/* So that the judgements are not in vain. */
	return !judge || observations > queries / 2 ? queries : 0;
}

typedef enum { RUN_BARE, RUN_STREAM, RUN_JUDGED, RUN_EXTRACT, RUNS } run_t;

static const char *const run_names[RUNS] = { "bare loop", "stream", "judged", "extract" };

/* In the child: ends with 0 if all queries were seen. */
static void run_child(run_t run, const framing_t *framing, const char *path, const char *rows)
{
	uint64_t queries = 0;
	switch (run) {
	case RUN_BARE:
		queries = loop_bare(framing, path);
		break;
	case RUN_STREAM:
	case RUN_JUDGED:
		queries = loop_stream(path, run == RUN_JUDGED);
		break;
	default:
		execl("./backscatter", "backscatter", "extract", path, "-o", rows, (char *)NULL);
	}
	_exit(queries == AUTHORITY_QUERIES ? 0 : 1);
}

/* CPU seconds of a run in a process of its own, and its peak memory; negative on failure. */
static double run_measure(run_t run, const framing_t *framing, const char *path,
                          const char *rows, double *megabytes)
{
	struct rusage usage;
	int status;
	pid_t child = fork();
	if (child == 0) {
		run_child(run, framing, path, rows);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
		return -1;
	}
	*megabytes = (double)usage.ru_maxrss / 1024;
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static int measure(const framing_t *framing, const char *path, const char *rows)
{
	double bare = 0;
	for (run_t run = 0; run < RUNS; run++) {
		double best = 0, megabytes = 0;
		for (int i = 0; i < ROUNDS; i++) {
			double seconds = run_measure(run, framing, path, rows, &megabytes);
			if (seconds < 0) {
				fprintf(stderr, "bench_extract: %s of %s failed\n", run_names[run], path);
				return 1;
			}
			best = i == 0 || seconds < best ? seconds : best;
		}
		bare = run == RUN_BARE ? best : bare;
		printf("%-6s  %-9s  %6.2f million queries per CPU second, %5.0f ns each, "
		       "%5.1f times the bare loop, %4.0f MB\n", framing->name, run_names[run],
		       AUTHORITY_QUERIES / best * 1e-6, best / AUTHORITY_QUERIES * 1e9, best / bare,
		       megabytes);
		fflush(stdout);
	}
	return 0;
}

static int capture_make(const framing_t *framing, const char *path)
{
	FILE *file = fopen(path, "wb");
	if (file == NULL) {
		perror(path);
		return 1;
	}
	authority_write(file, framing->format, AUTHORITY_QUERIES, SEED);
	printf("%s: %.0f MB\n", framing->name, (double)ftell(file) * 1e-6);
	if (ferror(file) | fclose(file)) {
		perror(path);
		return 1;
	}
	return 0;
}

int main(void)
{
	const char *temporary = getenv("TMPDIR");
	char folder[256], path[320], rows[320];
	(void)snprintf(folder, sizeof(folder), "%s/bench_extract.XXXXXX",
	               temporary != NULL ? temporary : "/tmp");
	if (mkdtemp(folder) == NULL) {
		perror(folder);
		return 1;
	}
	(void)snprintf(rows, sizeof(rows), "%s/rows.csv", folder);
	int failed = 0;
	for (size_t i = 0; i < sizeof(framings) / sizeof(framings[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/capture", folder);
		failed |= capture_make(&framings[i], path) ||
		          measure(&framings[i], path, rows);
		(void)unlink(path);
	}
	(void)unlink(rows);
	(void)rmdir(folder);
	return failed;
}
