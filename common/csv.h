/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Reading and writing of CSV (RFC 4180) with a header line.
 *
 * Fields may be quoted; lines end with LF or CRLF; a UTF-8 byte order mark is
 * skipped; empty lines are skipped. A record may not span lines: none of our
 * formats needs that, and a lost quote then costs one line and not the file.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/failure.h"

/*! Longest line in bytes, without its LF, and most fields of a record; beyond, it is refused. */
#define CSV_LINE_MAX   (1u << 20)
#define CSV_FIELDS_MAX 4096

/*! An open CSV file. Not thread-safe. */
typedef struct csv_reader csv_reader_t;

/*!
 * Opens a file and reads its header.
 *
 * \param path     File, or "-" for standard input.
 * \param reader   Out; free with csv_reader_close().
 * \param failure  Out, a sentence with the path.
 *
 * \return STATUS_OK; STATUS_BAD_DATA for an empty file or a header with an
 *         empty or doubled name; STATUS_SYSTEM; STATUS_NO_MEMORY.
 */
status_t csv_reader_open(const char *path, csv_reader_t **reader, failure_t *failure);

/*! Closes the file; NULL is allowed. */
void csv_reader_close(csv_reader_t *reader);

/*! Number of columns of the header. */
size_t csv_reader_columns(const csv_reader_t *reader);

/*! Name of a column; lives as long as the reader. */
const char *csv_reader_column_name(const csv_reader_t *reader, size_t column);

/*! Index of the column of that name, or -1. */
int csv_reader_column(const csv_reader_t *reader, const char *name);

/*!
 * Records that the header lacks a column: "<path>: <sentence>", and where a column is named
 * by a number, that this may be no header. Before the first csv_reader_next().
 *
 * \return STATUS_BAD_DATA.
 */
status_t csv_reader_lack(const csv_reader_t *reader, failure_t *failure, const char *sentence);

/*! Like csv_reader_column(), but a missing column is a failure that names file and column. */
status_t csv_reader_require(const csv_reader_t *reader, const char *name, int *column,
                            failure_t *failure);

/*!
 * Reads the next record.
 *
 * \param fields  Out: array of csv_reader_columns() texts, valid until the next call.
 *
 * \return STATUS_OK; STATUS_END behind the last record; STATUS_BAD_DATA (with
 *         file and line) for a wrong number of fields, an open quote, a line
 *         that is too long or holds a zero byte; STATUS_SYSTEM. After
 *         STATUS_BAD_DATA the next call goes on with the next line.
 */
status_t csv_reader_next(csv_reader_t *reader, char ***fields, failure_t *failure);

/*! Number of the last line that was read, from 1 (the header); empty lines count. */
uint64_t csv_reader_line(const csv_reader_t *reader);

/*! The path, for messages. */
const char *csv_reader_path(const csv_reader_t *reader);

/*! Records STATUS_BAD_DATA as "<path>:<line>: <sentence>" for the last record. */
status_t csv_reader_fail(const csv_reader_t *reader, failure_t *failure, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*!
 * Writes one field, quoted where it must be, without a separator. Errors: ferror().
 * What csv_reader_next() does not take must not be written: a newline in a field, and a
 * record of a single empty field, which is an empty line.
 */
void csv_write_field(FILE *file, const char *text);

/*!
 * Writes a number in the shortest of 6, 9, 12, 15 or 17 digits that reads back as the
 * same double, so that files are exact and still readable.
 */
void csv_write_double(FILE *file, double value);
