/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Write to the side, then rename. */
#include "common/output.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".XXXXXX"

struct output {
	FILE *stream;
	char *path;       /* NULL: standard output */
	char *temporary;
};

static void output_free(output_t *output)
{
	free(output->path);
	free(output->temporary);
	free(output);
}

/* mkstemp() makes files that only the owner reads; give them what the umask allows. */
static void open_mode(int fd)
{
	mode_t mask = umask(0);
	umask(mask);
	(void)fchmod(fd, 0666 & ~mask);
}

static status_t open_temporary(output_t *output, const char *path, failure_t *failure)
{
	size_t size = strlen(path) + sizeof(SUFFIX);
	output->path = strdup(path);
	output->temporary = malloc(size);
	if (output->path == NULL || output->temporary == NULL) {
		return failure_no_memory(failure, path);
	}
	(void)snprintf(output->temporary, size, "%s" SUFFIX, path);
	int fd = mkstemp(output->temporary);
	if (fd < 0) {
		return failure_system(failure, errno, "cannot write", path);
	}
	open_mode(fd);
	output->stream = fdopen(fd, "w");
	if (output->stream == NULL) {
		status_t status = failure_system(failure, errno, "cannot write", path);
		close(fd);
		unlink(output->temporary);
		return status;
	}
	return STATUS_OK;
}

status_t output_open(const char *path, output_t **out, failure_t *failure)
{
	output_t *output = calloc(1, sizeof(*output));
	if (output == NULL) {
		return failure_no_memory(failure, "an output file");
	}
	if (path == NULL || strcmp(path, "-") == 0) {
		output->stream = stdout;
	} else {
		struct stat info;
		/* Devices and pipes (/dev/null, >(…)) cannot be renamed onto. */
		if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
			output->stream = fopen(path, "we");
			output->path = strdup(path);
			if (output->stream == NULL || output->path == NULL) {
				status_t status = failure_system(failure, errno, "cannot write", path);
				if (output->stream != NULL) {
					fclose(output->stream);
				}
				output_free(output);
				return status;
			}
		} else {
			status_t status = open_temporary(output, path, failure);
			if (status != STATUS_OK) {
				output_free(output);
				return status;
			}
		}
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
	if (good && output->temporary != NULL && rename(output->temporary, output->path) != 0) {
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
