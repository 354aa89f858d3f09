/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a fuzz target without a fuzzer, as a test of `make check`.
 *
 * First every file of the corpus as it is, then a bounded number of inputs that
 * are made from it by a few random changes each: bits turned, bytes set, pieces
 * cut out or doubled, and heads and tails of two files joined. The seed is fixed,
 * so a run can be repeated; the time is bounded, so a slow machine does fewer.
 * This finds what is near the corpus; to go far, build the target with clang
 * -fsanitize=fuzzer (tests/fuzz/README.md).
 *
 *   fuzz_NAME             the corpus in $top_srcdir/tests/fuzz/corpus/NAME, then changes
 *   fuzz_NAME PATH...     only these files, or the files of these folders
 *
 *   KB_FUZZ_RUNS          number of changed inputs (30000)
 *   KB_FUZZ_SECONDS       stop making new ones after so many seconds (5)
 *   KB_FUZZ_SEED          seed of the changes (1)
 *
 * Before each run the input is written to fuzz_NAME.input in the working folder.
 * If the program dies, that file is the culprit; else it is removed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/generator.h"
#include "common/moment.h"
#include "tests/fuzz/fuzz.h"
#include "tests/tap.h"

#define PATH_MAX_SIZE 4096
#define FILES_MAX     4096
#define FILE_SIZE_MAX (1u << 20)
#define CHANGES_MAX   5
#define PIECE_MAX     64

/* What must hold for the driver itself; not worth a line of the test's result. */
#define need(condition, ...) do { \
	if (!(condition)) { \
		printf("Bail out! " __VA_ARGS__); \
		putchar('\n'); \
		exit(1); \
	} \
} while (0)

typedef struct {
	char *path;
	uint8_t *data;
	size_t size;
} input_t;

static input_t corpus[FILES_MAX];
static size_t corpus_count;
static const char *target_name;
static char culprit_path[PATH_MAX_SIZE];
static int culprit = -1;

/* Runs the target on an allocation of exact size, so that a sanitizer sees reads behind it. */
static void run_one(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size != 0 ? size : 1);
	need(copy != NULL && ftruncate(culprit, (off_t)size) == 0 &&
	     pwrite(culprit, data, size, 0) == (ssize_t)size, "no room for an input of %zu bytes", size);
	if (size > 0) {
		memcpy(copy, data, size);
	}
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

/* Adds a file to the corpus. */
static void load_file(const char *path)
{
	struct stat info;
	FILE *file = fopen(path, "rb");
	need(file != NULL && fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode), "no file %s", path);
	need(info.st_size <= FILE_SIZE_MAX, "%s has more than %u bytes", path, FILE_SIZE_MAX);
	need(corpus_count < FILES_MAX, "more than %u files", FILES_MAX);
	input_t *input = &corpus[corpus_count++];
	input->size = (size_t)info.st_size;
	input->path = strdup(path);
	input->data = malloc(input->size + 1);
	need(input->path != NULL && input->data != NULL &&
	     fread(input->data, 1, input->size, file) == input->size, "cannot read %s", path);
	fclose(file);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Adds a file, or all files of a folder, by name so that every machine has the same order. */
static void load_path(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_visible, alphasort);
	if (count < 0) {
		load_file(path);
		return;
	}
	for (int i = 0; i < count; i++) {
		char file[PATH_MAX_SIZE];
		snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		/* The description of the corpus is not part of it. */
		if (strcmp(entries[i]->d_name, "README.md") != 0) {
			load_file(file);
		}
		free(entries[i]);
	}
	free(entries);
}

/* One random change of `input`, which has room for 2 * FILE_SIZE_MAX bytes. */
static void change(generator_t *generator, input_t *input)
{
	static const uint8_t edges[] = { 0x00, 0x01, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff };
	const input_t *other = &corpus[generator_below(generator, corpus_count)];
	size_t at = generator_below(generator, input->size + 1), left = input->size - at;
	size_t some = generator_below(generator, (left < PIECE_MAX ? left : PIECE_MAX) + 1);
	size_t from = generator_below(generator, other->size + 1);
	uint8_t *place = input->data + at;
	switch (left > 0 ? generator_below(generator, 7) : 6) {
	case 0:  /* A bit turned. */
		*place ^= (uint8_t)(1 << generator_below(generator, 8));
		break;
	case 1:  /* A byte set to something. */
		*place = (uint8_t)generator_next(generator);
		break;
	case 2:  /* A byte set to the edge of some range. */
		*place = edges[generator_below(generator, sizeof(edges))];
		break;
	case 3:  /* The end cut off. */
		input->size = at;
		break;
	case 4:  /* A piece taken out. */
		memmove(place, place + some, left - some);
		input->size -= some;
		break;
	case 5:  /* A piece doubled. */
		memmove(place + some, place, left);
		input->size += some;
		break;
	default:  /* The end replaced by the end of another file. */
		memcpy(place, other->data + from, other->size - from);
		input->size = at + other->size - from;
	}
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text != NULL && *text != '\0' ? strtoull(text, NULL, 10) : otherwise;
}

static void run_changed(void)
{
	uint64_t runs = setting("KB_FUZZ_RUNS", 30000), seed = setting("KB_FUZZ_SEED", 1), done = 0;
	uint64_t end = moment_now() + setting("KB_FUZZ_SECONDS", 5) * MICROSECONDS;
	input_t input = { .data = malloc(2 * FILE_SIZE_MAX + 1) };
	need(input.data != NULL, "no room for changed inputs");
	for (; done < runs && moment_now() < end; done++) {
		/* One stream per run: the n-th input does not hang on the ones before it. */
		generator_t generator = generator_make(seed, done);
		const input_t *start = &corpus[generator_below(&generator, corpus_count)];
		memcpy(input.data, start->data, start->size);
		input.size = start->size;
		for (uint64_t i = generator_below(&generator, CHANGES_MAX) + 1; i > 0; i--) {
			if (input.size < FILE_SIZE_MAX) {
				change(&generator, &input);
			}
		}
		run_one(input.data, input.size);
	}
	free(input.data);
	ok(done > 0 || runs == 0, "%s: %llu changed inputs of seed %llu", target_name,
	   (unsigned long long)done, (unsigned long long)seed);
}

/* The NAME of ".../fuzz_NAME", whatever libtool puts in front. */
static const char *name_of_program(const char *path)
{
	const char *name = strstr(strrchr(path, '/') != NULL ? strrchr(path, '/') : path, "fuzz_");
	need(name != NULL, "the program must be called fuzz_NAME, not %s", path);
	return name + strlen("fuzz_");
}

int main(int argc, char **argv)
{
	target_name = name_of_program(argv[0]);
	snprintf(culprit_path, sizeof(culprit_path), "fuzz_%s.input", target_name);
	culprit = open(culprit_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	need(culprit >= 0, "cannot write %s", culprit_path);
	for (int i = 1; i < argc; i++) {
		load_path(argv[i]);
	}
	if (argc == 1) {
		const char *top = getenv("top_srcdir");
		char folder[PATH_MAX_SIZE];
		snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", top != NULL ? top : ".", target_name);
		load_path(folder);
	}
	need(corpus_count > 0, "%s has no corpus", target_name);
	for (size_t i = 0; i < corpus_count; i++) {
		run_one(corpus[i].data, corpus[i].size);
		/* What fails does not come back from there. */
		ok(true, "%s", corpus[i].path);
	}
	if (argc == 1) {
		run_changed();
	}
	for (size_t i = 0; i < corpus_count; i++) {
		free(corpus[i].path);
		free(corpus[i].data);
	}
	close(culprit);
	unlink(culprit_path);
	return tap_done();
}
