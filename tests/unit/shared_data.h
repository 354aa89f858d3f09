/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Real captures of other projects, read where they lie; they are no part of this one.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"

#define SHARED_PATH_MAX 512

/*! The folder with the captures, or NULL. */
__attribute__((unused))
static const char *shared_find(void)
{
	static char beside[SHARED_PATH_MAX];
	const char *folder = getenv("KB_TEST_DATA");
	if (folder == NULL) {
		const char *top = getenv("top_srcdir");
		(void)snprintf(beside, sizeof(beside), "%s/../shared/data", top != NULL ? top : ".");
		folder = beside;
	}
	return access(folder, R_OK) == 0 ? folder : NULL;
}

/*! The folder with the captures; without one the program is skipped. */
__attribute__((unused))
static const char *shared_folder(void)
{
	const char *folder = shared_find();
	if (folder == NULL) {
		tap_skip_all("no captures in KB_TEST_DATA or ../shared/data");
	}
	return folder;
}

/*! Path of a file in it; valid until the fourth call after this one. */
__attribute__((unused))
static const char *shared_path(const char *folder, const char *name)
{
	static char paths[4][2 * SHARED_PATH_MAX];
	static unsigned turn;
	char *path = paths[turn++ % 4];
	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}
