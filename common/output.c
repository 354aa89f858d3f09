/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Write to the side, then rename. */
#include "config.h"

#include "common/output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/generator.h"
#include "common/moment.h"

/* "." and eight hexadecimal digits. */
#define SUFFIX_MAX 9
/* Names are taken only by chance or by what a killed process left. */
#define NAME_TRIES 100

struct output {
	FILE *stream;
	char *path;       /* As the user wrote it; NULL: standard output. */
	char *target;     /* The file to be replaced, behind symbolic links. */
	char *temporary;  /* NULL: written in place. */
};

static void output_free(output_t *output)
{
	free(output->path);
	free(output->target);
	free(output->temporary);
	free(output);
}

/* Not mkstemp(): its files are for the owner alone, and the umask cannot be asked for safely. */
static int create_beside(output_t *output)
{
	size_t size = strlen(output->target) + SUFFIX_MAX + 1;
	output->temporary = malloc(size);
	if (output->temporary == NULL) {
		return -1;
	}
	generator_t generator = generator_make(moment_now(), (uint64_t)getpid());
	int fd = -1;
	for (int i = 0; i < NAME_TRIES && fd < 0; i++) {
		(void)snprintf(output->temporary, size, "%s.%08" PRIx32, output->target,
		               (uint32_t)generator_next(&generator));
		fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST) {
			break;
		}
	}
	return fd;
}

/* Opens the stream; `old` is what stands at the path, NULL if nothing. Else errno says why. */
static bool open_stream(output_t *output, const struct stat *old)
{
	if (old != NULL && (!S_ISREG(old->st_mode) || output->target == NULL)) {
		/* Devices, pipes and files without a name (/dev/stdout) cannot be renamed onto. */
		output->stream = fopen(output->path, "we");
		return output->stream != NULL;
	}
	int fd = create_beside(output);
	if (fd < 0) {
		return false;
	}
	if (old != NULL) {
		/* A model that root trains anew must stay readable for the server that uses it. */
		int unused = fchown(fd, old->st_uid, old->st_gid);
		(void)unused;
		(void)fchmod(fd, old->st_mode & 0777);
	}
	output->stream = fdopen(fd, "w");
	if (output->stream == NULL) {
		int error_number = errno;
		close(fd);
		unlink(output->temporary);
		errno = error_number;
	}
	return output->stream != NULL;
}

status_t output_open(const char *path, output_t **out, failure_t *failure)
{
	output_t *output = calloc(1, sizeof(*output));
	if (output == NULL) {
		return failure_no_memory(failure, "an output file");
	}
	if (path == NULL || strcmp(path, "-") == 0) {
		output->stream = stdout;
		*out = output;
		return STATUS_OK;
	}
	struct stat info;
	bool exists = stat(path, &info) == 0;
	output->path = strdup(path);
	output->target = exists ? realpath(path, NULL) : strdup(path);
	bool named = output->target != NULL || (exists && errno == ENOENT);
	if (output->path == NULL || !named || !open_stream(output, exists ? &info : NULL)) {
		status_t status = failure_system(failure, errno, "cannot write", path);
		output_free(output);
		return status;
	}
	*out = output;
	return STATUS_OK;
}

FILE *output_stream(output_t *output)
{
	return output->stream;
}

status_t output_commit(output_t *output, failure_t *failure)
{
	const char *name = output->path != NULL ? output->path : "standard output";
	errno = 0;
	bool good = fflush(output->stream) == 0 && !ferror(output->stream);
	if (output->temporary != NULL) {
		good = good && fsync(fileno(output->stream)) == 0;
	}
	int error_number = errno;
	if (output->path != NULL && fclose(output->stream) != 0 && good) {
		good = false;
		error_number = errno;
	}
	if (good && output->temporary != NULL && rename(output->temporary, output->target) != 0) {
		good = false;
		error_number = errno;
	}
	status_t status = STATUS_OK;
	if (!good) {
		/* A stream remembers that a write failed, but not why. */
		status = failure_system(failure, error_number != 0 ? error_number : EIO,
		                        "cannot write", name);
		if (output->temporary != NULL) {
			unlink(output->temporary);
		}
	}
	output_free(output);
	return status;
}

void output_abandon(output_t *output)
{
	if (output == NULL) {
		return;
	}
	if (output->path != NULL) {
		fclose(output->stream);
	}
	if (output->temporary != NULL) {
		unlink(output->temporary);
	}
	output_free(output);
}
