/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that appear whole or not at all. Write errors come from limits that also
 * hold for root (a largest file size, /dev/full, a folder that is gone), because
 * tests often run as root, whom no mode bits stop.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "common/output.h"
#include "tests/tap.h"
#include "tests/unit/scratch.h"

#define LIMIT 65536

static unsigned mode_of(const char *path)
{
	struct stat info;
	return lstat(path, &info) == 0 ? info.st_mode & 0777 : 0;
}

/* Writes and commits; true if the file came. */
static bool write_text(const char *path, const char *text, failure_t *failure)
{
	output_t *output;
	if (output_open(path, &output, failure) != STATUS_OK) {
		return false;
	}
	fputs(text, output_stream(output));
	return output_commit(output, failure) == STATUS_OK;
}

static void test_commit(void)
{
	failure_t failure;
	const char *path = scratch_path("new");
	output_t *output;
	umask(027);
	tap_require(output_open(path, &output, &failure) == STATUS_OK, "a new file is begun");
	fputs("first", output_stream(output));
	fflush(output_stream(output));
	is_text(scratch_read(path), "(none)", "before the commit it is not there");
	is_int(scratch_count(), 1, "but one file beside it is");
	is_int(output_commit(output, &failure), STATUS_OK, "it is committed");
	is_text(scratch_read(path), "first", "now it is there");
	is_int(scratch_count(), 1, "and nothing beside it");
	is_int(mode_of(path), 0640, "with the mode that the umask leaves");
	is_int(umask(027), 027, "which nobody changed");

	tap_require(output_open(path, &output, &failure) == STATUS_OK, "the same file again");
	fputs("second", output_stream(output));
	is_text(scratch_read(path), "first", "before the commit the old one is there");
	is_int(output_commit(output, &failure), STATUS_OK, "it is committed");
	is_text(scratch_read(path), "second", "now the new one is there");
	unlink(path);
}

static void test_abandon(void)
{
	failure_t failure;
	output_t *output;
	const char *path = scratch_write("kept", "old", 3);
	tap_require(output_open(path, &output, &failure) == STATUS_OK, "a file to abandon");
	fputs("new", output_stream(output));
	output_abandon(output);
	is_text(scratch_read(path), "old", "the old file stays");
	is_int(scratch_count(), 1, "nothing is left over");
	output_abandon(NULL);
	unlink(path);

	path = scratch_path("never");
	tap_require(output_open(path, &output, &failure) == STATUS_OK, "a new file to abandon");
	output_abandon(output);
	is_int(scratch_count(), 0, "leaves nothing at all");
}

static void test_write_error(void)
{
	failure_t failure = { 0 };
	output_t *output;
	const char *path = scratch_write("full", "old", 3);
	/* Beyond the limit write() fails with EFBIG, as it does with ENOSPC on a full disk. */
	struct rlimit old, limit;
	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	limit.rlim_cur = LIMIT;
	signal(SIGXFSZ, SIG_IGN);
	tap_require(output_open(path, &output, &failure) == STATUS_OK, "a file that will not fit");
	setrlimit(RLIMIT_FSIZE, &limit);
	for (int i = 0; i < 2 * LIMIT; i++) {
		putc('x', output_stream(output));
	}
	status_t status = output_commit(output, &failure);
	setrlimit(RLIMIT_FSIZE, &old);
	is_int(status, STATUS_SYSTEM, "is refused at the commit");
	ok(strncmp(failure.sentence, "cannot write '", 14) == 0 && strstr(failure.sentence, "/full': "),
	   "with a sentence: %s", failure.sentence);
	is_text(scratch_read(path), "old", "the old file stays");
	is_int(scratch_count(), 1, "nothing is left over");
	unlink(path);
}

static void test_device(void)
{
	failure_t failure;
	if (access("/dev/full", W_OK) == 0) {
		ok(!write_text("/dev/full", "x", &failure), "/dev/full takes nothing");
		is_text(failure.sentence, "cannot write '/dev/full': No space left on device", "and says why");
		struct stat info;
		ok(stat("/dev/full", &info) == 0 && S_ISCHR(info.st_mode), "it is still a device");
	}
	ok(write_text("/dev/null", "x", &failure), "/dev/null takes all");

	const char *path = scratch_path("pipe");
	tap_require(mkfifo(path, 0600) == 0, "a named pipe");
	int fd = open(path, O_RDONLY | O_NONBLOCK);
	ok(write_text(path, "through", &failure), "is written");
	char text[16] = "";
	ok(read(fd, text, sizeof(text) - 1) == 7 && strcmp(text, "through") == 0, "in place");
	is_int(scratch_count(), 1, "and nothing beside it");
	close(fd);
	unlink(path);
}

/* The temporary file that nobody could find in the folder that moved away. */
static void empty_folder(const char *path)
{
	char entry_path[2 * SCRATCH_PATH_MAX];
	DIR *folder = opendir(path);
	struct dirent *entry;
	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		snprintf(entry_path, sizeof(entry_path), "%s/%s", path, entry->d_name);
		(void)unlink(entry_path);
	}
	if (folder != NULL) {
		closedir(folder);
	}
}

static void test_refused(void)
{
	failure_t failure;
	ok(!write_text(scratch_path("no/folder/file"), "x", &failure), "a folder that is not there");
	ok(strstr(failure.sentence, "/no/folder/file': No such file or directory") != NULL,
	   "its sentence");
	ok(!write_text(scratch_folder, "x", &failure), "a folder itself");
	ok(strstr(failure.sentence, "': Is a directory") != NULL, "its sentence");
	const char *path = scratch_write("file", "old", 3);
	ok(!write_text(scratch_path("file/below"), "x", &failure), "a file is no folder");
	is_text(scratch_read(path), "old", "and stays");
	unlink(path);

	/* The folder vanishes between begin and commit: nothing can be renamed any more. */
	output_t *output;
	mkdir(scratch_path("gone"), 0700);
	tap_require(output_open(scratch_path("gone/file"), &output, &failure) == STATUS_OK, "begun");
	rename(scratch_path("gone"), scratch_path("moved"));
	is_int(output_commit(output, &failure), STATUS_SYSTEM, "a folder that moved away");
	ok(strstr(failure.sentence, "/gone/file': No such file") != NULL, "its sentence");
	empty_folder(scratch_path("moved"));
	rmdir(scratch_path("moved"));
}

static void test_read_only_folder(void)
{
	if (geteuid() == 0) {
		printf("# as root: mode bits of a folder stop nobody, left out\n");
		return;
	}
	failure_t failure;
	mkdir(scratch_path("locked"), 0500);
	ok(!write_text(scratch_path("locked/file"), "x", &failure), "a read-only folder");
	ok(strstr(failure.sentence, "Permission denied") != NULL, "its sentence");
	rmdir(scratch_path("locked"));
}

static void test_mode_and_link(void)
{
	failure_t failure;
	const char *path = scratch_write("private", "old", 3);
	chmod(path, 0600);
	ok(write_text(path, "new", &failure), "a private file is replaced");
	is_int(mode_of(path), 0600, "and stays private");

	struct stat info;
	if (geteuid() == 0 && chown(path, 12345, 54321) == 0) {
		ok(write_text(path, "newer", &failure), "a file of another owner is replaced");
		ok(stat(path, &info) == 0 && info.st_uid == 12345 && info.st_gid == 54321, "and stays theirs");
	}
	ok(symlink("private", scratch_path("link")) == 0 &&
	   write_text(scratch_path("link"), "via", &failure),
	   "a file is written through a link");
	ok(lstat(scratch_path("link"), &info) == 0 && S_ISLNK(info.st_mode), "the link stays a link");
	is_text(scratch_read(path), "via", "the file behind it is new");
	ok(symlink("nowhere", scratch_path("dangling")) == 0 &&
	   write_text(scratch_path("dangling"), "here", &failure), "a link to nothing");
	is_text(scratch_read(scratch_path("dangling")), "here", "becomes the file");
	unlink(scratch_path("dangling"));
	unlink(scratch_path("link"));
	unlink(path);
}

static void test_standard_output(void)
{
	failure_t failure;
	fflush(stdout);
	int old = dup(STDOUT_FILENO);
	const char *path = scratch_path("stdout");
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(fd, STDOUT_FILENO);
	bool dash = write_text("-", "one ", &failure), null = write_text(NULL, "two ", &failure);
	/* A name for standard output that leads into a file, as `-o /dev/stdout >file` has it. */
	const char *link = scratch_path("link");
	struct stat info;
	int made = symlink("/proc/self/fd/1", link);
	write_text(link, "three", &failure);
	fflush(stdout);
	dup2(old, STDOUT_FILENO);
	close(old);
	close(fd);
	ok(dash && null, "- and NULL are standard output");
	const char *text = scratch_read(path);
	ok(strcmp(text, "three") == 0 || strcmp(text, "one two three") == 0, "it is written: '%s'", text);
	ok(made == 0 && lstat(link, &info) == 0 && S_ISLNK(info.st_mode), "a link to it stays a link");
	unlink(link);
	is_int(scratch_count(), 1, "and nothing beside it");
	unlink(path);

	fflush(stdout);
	old = dup(STDOUT_FILENO);
	fd = open("/dev/full", O_WRONLY);
	dup2(fd, STDOUT_FILENO);
	bool taken = write_text("-", "x", &failure);
	clearerr(stdout);
	dup2(old, STDOUT_FILENO);
	close(old);
	close(fd);
	ok(!taken, "standard output into a full disk fails");
	is_text(failure.sentence, "cannot write 'standard output': No space left on device",
	        "and says so");
}

int main(void)
{
	scratch_begin();
	test_commit();
	test_abandon();
	test_write_error();
	test_device();
	test_refused();
	test_read_only_folder();
	test_mode_and_link();
	test_standard_output();
	is_int(scratch_count(), 0, "no test left a file");
	scratch_end();
	return tap_done();
}
