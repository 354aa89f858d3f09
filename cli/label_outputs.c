/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outputs of a run that may be interrupted. */
#include "config.h"

#include "cli/label_outputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/moment.h"
#include "common/output.h"

/* Saving waits for the disk: it may take one part of so many of the time. */
#define SAVE_SHARE 10

/* Names in the folder. */
static const char *const part_names[] = {
	[LABEL_OUTPUT_LABELS] = "labels",
	[LABEL_OUTPUT_EVENTS] = "events",
	[LABEL_OUTPUT_SERIES] = "series",
	[LABEL_OUTPUT_CONFLICTS] = "conflicts",
};
_Static_assert(sizeof(part_names) / sizeof(part_names[0]) == LABEL_OUTPUTS, "a name for each");

struct label_outputs {
	const char *const *paths;
	const char *folder;
	int lock;
	output_t *direct[LABEL_OUTPUTS]; /* Without a folder. */
	FILE *parts[LABEL_OUTPUTS];      /* With one. */
	uint64_t saved, cost;            /* When it was saved last, and how long that took. */
};

/* Room for a path in the folder. */
#define PATH_ROOM 4096

static status_t make_path(const label_outputs_t *outputs, const char *name, char path[PATH_ROOM],
                          failure_t *failure)
{
	int size = snprintf(path, PATH_ROOM, "%s/%s", outputs->folder, name);
	return size < PATH_ROOM ? STATUS_OK :
	       failure_system(failure, ENAMETOOLONG, "cannot use folder", outputs->folder);
}

static status_t open_direct(label_outputs_t *outputs, failure_t *failure)
{
	status_t status = STATUS_OK;
	for (label_output_t i = 0; i < LABEL_OUTPUTS && status == STATUS_OK; i++) {
		if (outputs->paths[i] != NULL) {
			status = output_open(outputs->paths[i], &outputs->direct[i], failure);
		}
	}
	return status;
}

/* That the files can be written is found out before hours of work. */
static status_t try_paths(const label_outputs_t *outputs, failure_t *failure)
{
	status_t status = STATUS_OK;
	for (label_output_t i = 0; i < LABEL_OUTPUTS && status == STATUS_OK; i++) {
		output_t *output;
		struct stat info;
		/* A pipe would be told its end. */
		if (outputs->paths[i] == NULL || strcmp(outputs->paths[i], "-") == 0 ||
		    (stat(outputs->paths[i], &info) == 0 && !S_ISREG(info.st_mode))) {
			continue;
		}
		status = output_open(outputs->paths[i], &output, failure);
		if (status == STATUS_OK) {
			output_abandon(output);
		}
	}
	return status;
}

static status_t take_lock(label_outputs_t *outputs, failure_t *failure)
{
	char path[PATH_ROOM];
	status_t status = make_path(outputs, "lock", path, failure);
	if (status != STATUS_OK) {
		return status;
	}
	if (mkdir(outputs->folder, 0777) != 0 && errno != EEXIST) {
		return failure_system(failure, errno, "cannot make folder", outputs->folder);
	}
	outputs->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (outputs->lock < 0) {
		return failure_system(failure, errno, "cannot open", path);
	}
	if (flock(outputs->lock, LOCK_EX | LOCK_NB) != 0) {
		return errno != EWOULDBLOCK ? failure_system(failure, errno, "cannot lock", path) :
		       failure_set(failure, STATUS_SYSTEM, "another run uses folder '%s'",
		                   outputs->folder);
	}
	return STATUS_OK;
}

static status_t write_plan(const char *path, const char *plan, failure_t *failure)
{
	output_t *output;
	status_t status = output_open(path, &output, failure);
	if (status == STATUS_OK) {
		fputs(plan, output_stream(output));
		status = output_commit(output, failure);
	}
	return status;
}

/* Compares the file with the plan; the sentence quotes the first line that differs. */
static status_t compare_plan(const label_outputs_t *outputs, FILE *file, const char *path,
                             const char *plan, failure_t *failure)
{
	char *line = NULL;
	size_t room = 0;
	status_t status = STATUS_OK;
	for (;;) {
		ssize_t size = getline(&line, &room, file);
		size_t wanted = strcspn(plan, "\n");
		size_t length = size > 0 ? strcspn(line, "\n") : 0;
		if (ferror(file)) {
			status = failure_system(failure, errno, "cannot read", path);
			break;
		}
		if (size <= 0 && *plan == '\0') {
			break;
		}
		if (length != wanted || memcmp(line, plan, wanted) != 0) {
			status = failure_set(failure, STATUS_BAD_DATA, "the state in '%s' is of a run with "
			                     "'%.*s', not '%.*s': remove the folder to begin anew",
			                     outputs->folder, (int)length, size > 0 ? line : "", (int)wanted,
			                     plan);
			break;
		}
		plan += wanted + (plan[wanted] == '\n');
	}
	free(line);
	return status;
}

static status_t check_plan(const label_outputs_t *outputs, const char *plan, failure_t *failure)
{
	char path[PATH_ROOM];
	status_t status = make_path(outputs, "plan", path, failure);
	if (status != STATUS_OK) {
		return status;
	}
	errno = 0;
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		return errno == ENOENT ? write_plan(path, plan, failure) :
		       failure_system(failure, errno, "cannot open", path);
	}
	status = compare_plan(outputs, file, path, plan, failure);
	fclose(file);
	return status;
}

/* Opens a part, cut to the bytes that are good. */
static status_t open_part(label_outputs_t *outputs, label_output_t output, uint64_t size,
                          failure_t *failure)
{
	char path[PATH_ROOM];
	status_t status = make_path(outputs, part_names[output], path, failure);
	if (status != STATUS_OK) {
		return status;
	}
	struct stat info;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || fstat(fd, &info) != 0 || (uint64_t)info.st_size < size ||
	    ftruncate(fd, (off_t)size) != 0 || lseek(fd, 0, SEEK_END) < 0 ||
	    (outputs->parts[output] = fdopen(fd, "r+")) == NULL) {
		bool shorter = fd >= 0 && (uint64_t)info.st_size < size;
		status = shorter ? failure_set(failure, STATUS_BAD_DATA, "%s is shorter than the state "
		                               "beside it says; remove the folder to begin anew", path) :
		         failure_system(failure, errno, "cannot write", path);
		if (fd >= 0) {
			close(fd);
		}
	}
	return status;
}

static status_t open_folder(label_outputs_t *outputs, const char *plan, label_state_t *state,
                            bool *resumed, failure_t *failure)
{
	char path[PATH_ROOM];
	status_t status = try_paths(outputs, failure);
	if (status == STATUS_OK) {
		status = take_lock(outputs, failure);
	}
	if (status == STATUS_OK) {
		status = check_plan(outputs, plan, failure);
	}
	if (status == STATUS_OK) {
		status = make_path(outputs, "state", path, failure);
	}
	if (status == STATUS_OK) {
		*state = (label_state_t) { 0 };
		status = label_state_load(path, state, failure);
		*resumed = status == STATUS_OK;
		status = status == STATUS_END ? STATUS_OK : status;
	}
	for (label_output_t i = 0; i < LABEL_OUTPUTS && status == STATUS_OK; i++) {
		if (outputs->paths[i] != NULL) {
			status = open_part(outputs, i, state->sizes[i], failure);
		}
	}
	return status;
}

status_t label_outputs_open(const char *const paths[LABEL_OUTPUTS], const char *folder,
                            const char *plan, label_outputs_t **out, label_state_t *state,
                            bool *resumed, failure_t *failure)
{
	label_outputs_t *outputs = calloc(1, sizeof(*outputs));
	*out = NULL;
	if (outputs == NULL) {
		return failure_no_memory(failure, "the outputs");
	}
	*outputs = (label_outputs_t) { .paths = paths, .folder = folder, .lock = -1 };
	*resumed = false;
	status_t status = folder != NULL ? open_folder(outputs, plan, state, resumed, failure) :
	                  open_direct(outputs, failure);
	if (status != STATUS_OK) {
		label_outputs_close(outputs);
		return status;
	}
	*out = outputs;
	return STATUS_OK;
}

FILE *label_outputs_stream(const label_outputs_t *outputs, label_output_t output)
{
	return outputs->direct[output] != NULL ? output_stream(outputs->direct[output]) :
	       outputs->parts[output];
}

bool label_outputs_due(const label_outputs_t *outputs)
{
	return outputs->folder != NULL &&
	       moment_now() - outputs->saved >= SAVE_SHARE * outputs->cost;
}

/* Brings a part to the disk and tells its size. */
static status_t sync_part(const label_outputs_t *outputs, label_output_t output, uint64_t *size,
                          failure_t *failure)
{
	FILE *part = outputs->parts[output];
	errno = 0;
	if (fflush(part) == 0 && !ferror(part) && fdatasync(fileno(part)) == 0) {
		off_t end = ftello(part);
		*size = (uint64_t)end;
		if (end >= 0) {
			return STATUS_OK;
		}
	}
	char path[PATH_ROOM];
	int error_number = errno != 0 ? errno : EIO;
	(void)make_path(outputs, part_names[output], path, NULL);
	return failure_system(failure, error_number, "cannot write", path);
}

status_t label_outputs_save(label_outputs_t *outputs, label_state_t *state, failure_t *failure)
{
	char path[PATH_ROOM];
	uint64_t begin = moment_now();
	status_t status = make_path(outputs, "state", path, failure);
	for (label_output_t i = 0; i < LABEL_OUTPUTS && status == STATUS_OK; i++) {
		if (outputs->parts[i] != NULL) {
			status = sync_part(outputs, i, &state->sizes[i], failure);
		}
	}
	if (status == STATUS_OK) {
		status = label_state_save(path, state, failure);
	}
	outputs->saved = moment_now();
	outputs->cost = outputs->saved - begin;
	return status;
}

/* Copies a part to its place. */
static status_t deliver_part(const label_outputs_t *outputs, label_output_t which,
                             failure_t *failure)
{
	output_t *output;
	uint64_t size;
	char bytes[1 << 16];
	size_t count;
	FILE *part = outputs->parts[which];
	status_t status = sync_part(outputs, which, &size, failure);
	if (status == STATUS_OK) {
		status = output_open(outputs->paths[which], &output, failure);
	}
	if (status != STATUS_OK) {
		return status;
	}
	rewind(part);
	while ((count = fread(bytes, 1, sizeof(bytes), part)) > 0) {
		if (fwrite(bytes, 1, count, output_stream(output)) != count) {
			break;
		}
	}
	if (ferror(part)) {
		output_abandon(output);
		return failure_system(failure, errno, "cannot read a part in folder", outputs->folder);
	}
	return output_commit(output, failure);
}

/* Tells our files, and what an interrupted output_t has left of them: "state.0123abcd". */
static bool is_ours(const char *name)
{
	static const char *const names[] = { "state", "labels", "events", "series", "conflicts",
	                                     "plan", "lock" };
	size_t size = strcspn(name, ".");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0) {
			return true;
		}
	}
	return false;
}

/* Failures leave files behind, no more: all that was asked for is written. */
static void remove_folder(const label_outputs_t *outputs)
{
	char path[PATH_ROOM];
	DIR *folder = opendir(outputs->folder);
	/* The state goes first: without it the rest is nothing. */
	if (make_path(outputs, "state", path, NULL) == STATUS_OK) {
		(void)unlink(path);
	}
	for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
		if (is_ours(entry->d_name) && make_path(outputs, entry->d_name, path, NULL) == STATUS_OK) {
			(void)unlink(path);
		}
	}
	if (folder != NULL) {
		closedir(folder);
	}
	(void)rmdir(outputs->folder);
}

status_t label_outputs_commit(label_outputs_t *outputs, failure_t *failure)
{
	status_t status = STATUS_OK;
	for (label_output_t i = 0; i < LABEL_OUTPUTS && status == STATUS_OK; i++) {
		if (outputs->direct[i] != NULL) {
			status = output_commit(outputs->direct[i], failure);
			outputs->direct[i] = NULL;
		} else if (outputs->parts[i] != NULL) {
			status = deliver_part(outputs, i, failure);
		}
	}
	if (status == STATUS_OK && outputs->folder != NULL) {
		remove_folder(outputs);
	}
	return status;
}

void label_outputs_close(label_outputs_t *outputs)
{
	for (label_output_t i = 0; outputs != NULL && i < LABEL_OUTPUTS; i++) {
		output_abandon(outputs->direct[i]);
		if (outputs->parts[i] != NULL) {
			fclose(outputs->parts[i]);
		}
	}
	if (outputs != NULL && outputs->lock >= 0) {
		close(outputs->lock);
	}
	free(outputs);
}
