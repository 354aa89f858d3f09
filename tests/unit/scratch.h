/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A folder for the files of one test program, made in the working folder.
 */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRATCH_PATH_MAX 512

static char scratch_folder[] = "scratch.XXXXXX";

/*! Makes the folder; call once, first. */
__attribute__((unused))
static void scratch_begin(void)
{
	if (mkdtemp(scratch_folder) == NULL) {
		perror("Bail out! scratch folder");
		exit(1);
	}
}

/*! Path of a file in the folder; valid until the sixteenth call after this one. */
__attribute__((unused))
static const char *scratch_path(const char *name)
{
	static char paths[16][SCRATCH_PATH_MAX];
	static unsigned turn;
	char *path = paths[turn++ % 16];
	snprintf(path, SCRATCH_PATH_MAX, "%s/%s", scratch_folder, name);
	return path;
}

/*! Writes a file; returns its path. */
__attribute__((unused))
static const char *scratch_write(const char *name, const void *data, size_t size)
{
	const char *path = scratch_path(name);
	FILE *file = fopen(path, "w");
	if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0) {
		perror("Bail out! scratch file");
		exit(1);
	}
	return path;
}

/*! Reads a file as text; "(none)" if there is none. Valid until the next call. */
__attribute__((unused))
static const char *scratch_read(const char *path)
{
	static char text[4096];
	FILE *file = fopen(path, "r");
	if (file == NULL) {
		return "(none)";
	}
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

/*! Number of entries in the folder. */
__attribute__((unused))
static int scratch_count(void)
{
	int count = -2;  /* . and .. */
	DIR *folder = opendir(scratch_folder);
	while (folder != NULL && readdir(folder) != NULL) {
		count++;
	}
	if (folder != NULL) {
		closedir(folder);
	}
	return count;
}

/*! Removes the folder with its files. */
__attribute__((unused))
static void scratch_end(void)
{
	DIR *folder = opendir(scratch_folder);
	struct dirent *entry;
	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		(void)remove(scratch_path(entry->d_name));
	}
	if (folder != NULL) {
		closedir(folder);
	}
	(void)rmdir(scratch_folder);
}
