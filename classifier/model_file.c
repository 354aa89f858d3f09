/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of a model file; layout in doc/formats/model.md.
 *
 *     magic | version | total length | body ... | checksum
 *     8       4         8                         8
 *
 * Reading trusts nothing: the head is checked first (is it ours, can it be read,
 * is it whole, is it unaltered), then each count against its limit and against
 * the bytes that are left before memory is asked for it. The checksum finds
 * damage; the rest holds against a file that somebody made with a right checksum.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classifier/model_kind.h"
#include "classifier/portrait.h"
#include "common/keyed_hash.h"
#include "common/output.h"

/* As PNG's: a high bit, the name, and line ends that a text transfer would change. */
static const uint8_t magic[8] = { 0x89, 'K', 'B', 'M', '\r', '\n', 0x1a, '\n' };

/* Without and with the portrait of the training data. A model is written as it was read. */
#define VERSION_PLAIN 2
#define VERSION_PORTRAIT 3

/* Least bytes of a feature, of a class and of a parameter. */
#define FEATURE_SIZE (5 + 8)
#define CLASS_SIZE (5 + 4 * 8)
#define PARAMETER_SIZE 10

/* How far the sum of the importances may be from 1: rounding of 4096 quotients. */
#define IMPORTANCE_SUM_MARGIN 1e-9

_Static_assert(MODEL_LENGTH_OFFSET == sizeof(magic) + 4, "the length follows the version");

void model_seal(uint8_t *bytes, size_t size)
{
	size_t body = size - MODEL_CHECKSUM_SIZE;
	for (size_t i = 0; i < 8; i++) {
		bytes[MODEL_LENGTH_OFFSET + i] = (uint8_t)((uint64_t)size >> (8 * i));
	}
	uint64_t sum = checksum(bytes, body);
	for (size_t i = 0; i < 8; i++) {
		bytes[body + i] = (uint8_t)(sum >> (8 * i));
	}
}

static void write_text(buffer_t *buffer, const char *text)
{
	size_t size = strlen(text);
	buffer_le32(buffer, (uint32_t)size);
	buffer_append(buffer, text, size);
}

static void write_class(buffer_t *buffer, const model_class_t *class)
{
	write_text(buffer, class->name);
	buffer_le64(buffer, class->rows);
	buffer_le64(buffer, class->tally.rows);
	buffer_le64(buffer, class->tally.predicted);
	buffer_le64(buffer, class->tally.right);
}

/* The class is counted from 1, so that 0 is none. */
static void write_threshold(buffer_t *buffer, const model_threshold_t *threshold)
{
	buffer_le32(buffer, threshold->exists ? threshold->class_index + 1 : 0);
	buffer_le32(buffer, threshold->rule);
	buffer_double(buffer, threshold->value);
	buffer_double(buffer, threshold->precision);
}

status_t model_write(const model_t *model, buffer_t *buffer, failure_t *failure)
{
	static const uint8_t later[MODEL_CHECKSUM_SIZE];
	buffer_append(buffer, magic, sizeof(magic));
	buffer_le32(buffer, model->portrait != NULL ? VERSION_PORTRAIT : VERSION_PLAIN);
	buffer_le64(buffer, 0);
	buffer_le64(buffer, model->created);
	write_text(buffer, model->kind->name);
	buffer_le32(buffer, (uint32_t)model->feature_count);
	for (size_t i = 0; i < model->feature_count; i++) {
		write_text(buffer, model->features[i].name);
		buffer_double(buffer, model->features[i].importance);
	}
	buffer_le32(buffer, (uint32_t)model->class_count);
	for (size_t i = 0; i < model->class_count; i++) {
		write_class(buffer, &model->classes[i]);
	}
	buffer_le32(buffer, (uint32_t)model->parameter_count);
	for (size_t i = 0; i < model->parameter_count; i++) {
		write_text(buffer, model->parameters[i].key);
		write_text(buffer, model->parameters[i].value);
	}
	write_threshold(buffer, &model->threshold);
	if (model->portrait != NULL) {
		portrait_write(model->portrait, buffer);
	}
	model->kind->write(model->learned, buffer);
	buffer_append(buffer, later, sizeof(later));
	if (buffer->failed) {
		return failure_no_memory(failure, "the bytes of the model");
	}
	if (buffer->size > MODEL_SIZE_MAX) {
		return failure_set(failure, STATUS_UNSUPPORTED,
		                   "the model has %zu bytes, a model file at most %" PRIu64
		                   ": take fewer trees, a larger least leaf or less depth",
		                   buffer->size, MODEL_SIZE_MAX);
	}
	model_seal(buffer->data, buffer->size);
	return STATUS_OK;
}

status_t model_save(const model_t *model, const char *path, failure_t *failure)
{
	buffer_t buffer = { 0 };
	output_t *output;
	status_t status = model_write(model, &buffer, failure);
	if (status == STATUS_OK) {
		status = output_open(path, &output, failure);
	}
	if (status == STATUS_OK) {
		/* A write error stays with the stream; output_commit() finds it. */
		(void)fwrite(buffer.data, 1, buffer.size, output_stream(output));
		status = output_commit(output, failure);
	}
	buffer_clear(&buffer);
	return status;
}

/* Is it ours, can it be read, is it whole, is it unaltered? Leaves the cursor at the body. */
static status_t read_head(cursor_t *cursor, const uint8_t *bytes, size_t size, uint32_t *version,
                          uint64_t *sum, failure_t *failure)
{
	size_t known = size < sizeof(magic) ? size : sizeof(magic);
	if (size == 0 || memcmp(bytes, magic, known) != 0) {
		return failure_set(failure, STATUS_BAD_DATA, "%s", size == 0 ? "the file is empty" :
		                   "this is no model file of Knot Backscatter");
	}
	(void)cursor_take(cursor, sizeof(magic));
	*version = cursor_le32(cursor);
	uint64_t length = cursor_le64(cursor);
	if (cursor->failed || size < MODEL_HEAD_SIZE + MODEL_CHECKSUM_SIZE) {
		return failure_set(failure, STATUS_BAD_DATA, "cut after %zu bytes", size);
	}
	if (*version != VERSION_PLAIN && *version != VERSION_PORTRAIT) {
		return failure_set(failure, STATUS_UNSUPPORTED,
		                   "version %" PRIu32 " of the format is not known, only %d and %d",
		                   *version, VERSION_PLAIN, VERSION_PORTRAIT);
	}
	if (length != size) {
		return failure_set(failure, STATUS_BAD_DATA, "%s: %zu bytes where its head says %" PRIu64,
		                   size < length ? "cut" : "bytes behind its end", size, length);
	}
	cursor->end -= MODEL_CHECKSUM_SIZE;
	cursor_t last = cursor_make(cursor->end, MODEL_CHECKSUM_SIZE);
	*sum = cursor_le64(&last);
	if (checksum(bytes, size - MODEL_CHECKSUM_SIZE) != *sum) {
		return failure_set(failure, STATUS_BAD_DATA, "altered: its checksum does not fit");
	}
	return STATUS_OK;
}

/* A text of 1 to MODEL_NAME_MAX bytes without control characters. */
static status_t read_text(cursor_t *cursor, const char *what, char **text, failure_t *failure)
{
	size_t size = cursor_le32(cursor);
	const char *bytes = (const char *)cursor_take(cursor, size);
	if (bytes == NULL || !model_name_is_valid(bytes, size)) {
		return failure_set(failure, STATUS_BAD_DATA, "%s is missing, too long or no text", what);
	}
	*text = strndup(bytes, size);
	return *text != NULL ? STATUS_OK : failure_no_memory(failure, what);
}

/* A count of things of at least `least_size` bytes each. */
static status_t read_count(cursor_t *cursor, const char *what, size_t least, size_t most,
                           size_t least_size, size_t *count, failure_t *failure)
{
	*count = cursor_le32(cursor);
	if (cursor->failed || *count < least || *count > most ||
	    *count > cursor_left(cursor) / least_size) {
		return failure_set(failure, STATUS_BAD_DATA, "%zu %s are more or fewer than can be",
		                   *count, what);
	}
	return STATUS_OK;
}

static status_t read_kind(cursor_t *cursor, const model_kind_t **kind, failure_t *failure)
{
	char *name;
	status_t status = read_text(cursor, "the kind of model", &name, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = failure_set(failure, STATUS_UNSUPPORTED, "the kind '%s' is not known", name);
	for (size_t i = 0; i < MODEL_KINDS; i++) {
		if (strcmp(model_kinds[i].name, name) == 0) {
			*kind = &model_kinds[i];
			status = STATUS_OK;
		}
	}
	free(name);
	return status;
}

static status_t read_feature(cursor_t *cursor, model_feature_t *feature, failure_t *failure)
{
	status_t status = read_text(cursor, "the name of a feature", &feature->name, failure);
	if (status != STATUS_OK) {
		return status;
	}
	feature->importance = cursor_double(cursor);
	if (!(feature->importance >= 0 && feature->importance <= 1)) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "the importance of feature '%s' is outside 0 to 1", feature->name);
	}
	return STATUS_OK;
}

static status_t read_features(cursor_t *cursor, model_t *model, failure_t *failure)
{
	size_t count;
	status_t status = read_count(cursor, "features", 1, MODEL_FEATURES_MAX, FEATURE_SIZE, &count,
	                             failure);
	if (status != STATUS_OK) {
		return status;
	}
	model->features = calloc(count, sizeof(*model->features));
	if (model->features == NULL) {
		return failure_no_memory(failure, "the features");
	}
	double sum = 0;
	for (; status == STATUS_OK && model->feature_count < count; model->feature_count++) {
		model_feature_t *feature = &model->features[model->feature_count];
		status = read_feature(cursor, feature, failure);
		sum += feature->importance;
	}
	if (status == STATUS_OK && sum != 0 && !(fabs(sum - 1) <= IMPORTANCE_SUM_MARGIN)) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "the importances of the features do not sum to 1");
	}
	return status;
}

/* `previous` is NULL for the first class. */
static status_t read_class(cursor_t *cursor, model_class_t *class, const model_class_t *previous,
                           failure_t *failure)
{
	status_t status = read_text(cursor, "the name of a class", &class->name, failure);
	if (status != STATUS_OK) {
		return status;
	}
	class->rows = cursor_le64(cursor);
	class->tally.rows = cursor_le64(cursor);
	class->tally.predicted = cursor_le64(cursor);
	class->tally.right = cursor_le64(cursor);
	const model_tally_t *tally = &class->tally;
	if (class->rows > DATASET_ROWS_MAX || tally->rows > class->rows ||
	    tally->predicted > DATASET_ROWS_MAX || tally->right > tally->rows ||
	    tally->right > tally->predicted) {
		return failure_set(failure, STATUS_BAD_DATA, "the row counts of class '%s' cannot be",
		                   class->name);
	}
	if (previous != NULL && strcmp(previous->name, class->name) >= 0) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "the classes '%s' and '%s' are not in order", previous->name,
		                   class->name);
	}
	return STATUS_OK;
}

static status_t read_classes(cursor_t *cursor, model_t *model, failure_t *failure)
{
	size_t count;
	status_t status = read_count(cursor, "classes", 2, MODEL_CLASSES_MAX, CLASS_SIZE, &count,
	                             failure);
	if (status != STATUS_OK) {
		return status;
	}
	model->classes = calloc(count, sizeof(*model->classes));
	if (model->classes == NULL) {
		return failure_no_memory(failure, "the classes");
	}
	for (; status == STATUS_OK && model->class_count < count; model->class_count++) {
		model_class_t *class = &model->classes[model->class_count];
		status = read_class(cursor, class, model->class_count > 0 ? class - 1 : NULL, failure);
	}
	return status;
}

static status_t read_parameters(cursor_t *cursor, model_t *model, failure_t *failure)
{
	size_t count;
	status_t status = read_count(cursor, "parameters", 0, MODEL_PARAMETERS_MAX, PARAMETER_SIZE,
	                             &count, failure);
	if (status != STATUS_OK) {
		return status;
	}
	model->parameters = calloc(count + 1, sizeof(*model->parameters));
	if (model->parameters == NULL) {
		return failure_no_memory(failure, "the parameters");
	}
	for (; status == STATUS_OK && model->parameter_count < count; model->parameter_count++) {
		model_parameter_t *parameter = &model->parameters[model->parameter_count];
		status = read_text(cursor, "the key of a parameter", &parameter->key, failure);
		if (status == STATUS_OK) {
			status = read_text(cursor, "the value of a parameter", &parameter->value, failure);
		}
	}
	return status;
}

static bool is_zero(double value)
{
	return value == 0 && !signbit(value);
}

/* What is not used must be zero, so that a file that is read is written as it was. */
static status_t read_threshold(cursor_t *cursor, const model_t *model,
                               model_threshold_t *threshold, failure_t *failure)
{
	uint32_t class_number = cursor_le32(cursor), rule = cursor_le32(cursor);
	double value = cursor_double(cursor), precision = cursor_double(cursor);
	if (cursor->failed || class_number > model->class_count || rule >= MODEL_RULES) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "the threshold's class or rule cannot be");
	}
	if (class_number == 0 && (rule != 0 || !is_zero(value) || !is_zero(precision))) {
		return failure_set(failure, STATUS_BAD_DATA, "a threshold without a class");
	}
	if (!(value >= 0 && value <= 1)) {
		return failure_set(failure, STATUS_BAD_DATA, "the threshold is outside 0 to 1");
	}
	if (rule == MODEL_RULE_PRECISION ? !(precision > 0 && precision <= 1) : !is_zero(precision)) {
		return failure_set(failure, STATUS_BAD_DATA, "the threshold's precision cannot be");
	}
	*threshold = (model_threshold_t) {
		.exists = class_number > 0, .class_index = class_number > 0 ? class_number - 1 : 0,
		.rule = (model_rule_t)rule, .value = value, .precision = precision,
	};
	return STATUS_OK;
}

static status_t read_body(cursor_t *cursor, uint32_t version, model_t *model,
                          failure_t *failure)
{
	model->created = cursor_le64(cursor);
	status_t status = read_kind(cursor, &model->kind, failure);
	if (status == STATUS_OK) {
		status = read_features(cursor, model, failure);
	}
	if (status == STATUS_OK) {
		status = read_classes(cursor, model, failure);
	}
	if (status == STATUS_OK) {
		status = read_parameters(cursor, model, failure);
	}
	if (status == STATUS_OK) {
		status = read_threshold(cursor, model, &model->threshold, failure);
	}
	if (status == STATUS_OK && version == VERSION_PORTRAIT) {
		status = portrait_read(cursor, model->feature_count, &model->portrait, failure);
	}
	if (status == STATUS_OK) {
		status = model->kind->read(cursor, model->feature_count, model->class_count,
		                           &model->learned, failure);
	}
	if (status == STATUS_OK && cursor_left(cursor) != 0) {
		return failure_set(failure, STATUS_BAD_DATA, "%zu bytes behind its end",
		                   cursor_left(cursor));
	}
	return status;
}

status_t model_read(const void *bytes, size_t size, const char *name, model_t **out,
                    failure_t *failure)
{
	failure_t why;
	cursor_t cursor = cursor_make(bytes, size);
	uint64_t sum = 0;
	uint32_t version = 0;
	status_t status = read_head(&cursor, bytes, size, &version, &sum, &why);
	if (status != STATUS_OK) {
		return failure_set(failure, status, "model '%s': %s", name, why.sentence);
	}
	model_t *model = calloc(1, sizeof(*model));
	if (model == NULL) {
		return failure_no_memory(failure, name);
	}
	model->checksum = sum;
	status = read_body(&cursor, version, model, &why);
	if (status != STATUS_OK) {
		model_destroy(model);
		return failure_set(failure, status, "model '%s': %s", name, why.sentence);
	}
	*out = model;
	return STATUS_OK;
}

/* Reads a whole regular file; `bytes` is to be freed. */
static status_t read_file(FILE *file, const char *path, uint8_t **bytes, size_t *size,
                          failure_t *failure)
{
	struct stat info;
	if (fstat(fileno(file), &info) != 0) {
		return failure_system(failure, errno, "cannot read model", path);
	}
	if (!S_ISREG(info.st_mode)) {
		return failure_set(failure, STATUS_BAD_DATA, "model '%s': this is no regular file", path);
	}
	if ((uint64_t)info.st_size > MODEL_SIZE_MAX) {
		return failure_set(failure, STATUS_BAD_DATA, "model '%s': %jd bytes are above %" PRIu64,
		                   path, (intmax_t)info.st_size, MODEL_SIZE_MAX);
	}
	*bytes = malloc((size_t)info.st_size + 1);
	if (*bytes == NULL) {
		return failure_no_memory(failure, path);
	}
	/* A file that shrinks meanwhile gives fewer bytes, and its length tells. */
	*size = fread(*bytes, 1, (size_t)info.st_size, file);
	return ferror(file) ? failure_system(failure, errno, "cannot read model", path) : STATUS_OK;
}

status_t model_load(const char *path, model_t **model, failure_t *failure)
{
	/* Not to wait for a writer when the path is a pipe: the name server calls this. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (file == NULL) {
		status_t status = failure_system(failure, errno, "cannot open model", path);
		if (fd >= 0) {
			close(fd);
		}
		return status;
	}
	uint8_t *bytes = NULL;
	size_t size = 0;
	status_t status = read_file(file, path, &bytes, &size, failure);
	fclose(file);
	if (status == STATUS_OK) {
		status = model_read(bytes, size, path, model, failure);
	}
	free(bytes);
	return status;
}
