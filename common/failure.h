/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief How a function of the library says what went wrong.
 *
 * The library never prints, exits or aborts. A function that can fail returns
 * a \ref status_t and, where a user has to be told, fills a \ref failure_t
 * with one sentence that names the thing (file, line, option, value).
 */
#pragma once

#include <stddef.h>

/*! Kinds of failure. They are different values so that a caller can act on them. */
typedef enum {
	STATUS_OK = 0,      /*!< Done. */
	STATUS_END,         /*!< No more input; not an error. */
	STATUS_BAD_DATA,    /*!< Bytes from outside are cut, altered or wrong. */
	STATUS_UNSUPPORTED, /*!< Well-formed, but of a kind that is not handled. */
	STATUS_NO_MEMORY,   /*!< An allocation failed or a stated bound is reached. */
	STATUS_SYSTEM,      /*!< The operating system refused (file, socket, thread). */
	STATUS_CALLER,      /*!< The caller broke the contract of the function. */
} status_t;

/*! Room for one sentence, with its final zero. Longer ones are cut. */
#define FAILURE_SENTENCE_MAX 512

/*! What went wrong, in words for the user. */
typedef struct {
	status_t status;
	char sentence[FAILURE_SENTENCE_MAX];
} failure_t;

/*!
 * Records a failure and returns its status, so that `return failure_set(…)` is one line.
 *
 * \param failure  Where to write; NULL is allowed and only returns the status.
 * \param status   Kind of failure.
 * \param format   printf format of the sentence, without a newline or a final full stop.
 *                 The old sentence of \a failure may be among its arguments.
 *
 * Control characters become '?': a sentence quotes names from outside, and it
 * goes to terminals and logs as one line.
 *
 * \return \a status.
 *
 * Thread-safe for different \a failure.
 */
status_t failure_set(failure_t *failure, status_t status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*!
 * Records STATUS_SYSTEM as "<what> '<name>': <text of the error number>".
 *
 * \param failure       Where to write; NULL is allowed.
 * \param error_number  A value of errno.
 * \param what          What was tried, as in "cannot open model".
 * \param name          The object of it, mostly a path; NULL leaves it out.
 *
 * \return STATUS_SYSTEM, or STATUS_NO_MEMORY when \a error_number is ENOMEM.
 */
status_t failure_system(failure_t *failure, int error_number, const char *what, const char *name);

/*!
 * Records that memory is short.
 *
 * \return STATUS_NO_MEMORY.
 */
status_t failure_no_memory(failure_t *failure, const char *what);
