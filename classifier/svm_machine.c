/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prediction with support vector machines, and their part of the model file.
 *
 * C. Cortes, V. Vapnik: Support-Vector Networks, Machine Learning 20(3), 1995. A
 * machine for classes a and b decides by the sign of
 *
 *     sum over support vectors v of weight(v) * exp(-gamma * |x - v|^2) - rho
 *
 * and J. Platt's sigmoid turns that value into the probability of a against b
 * (Probabilistic Outputs for Support Vector Machines, 1999). Of several classes
 * each pair has a machine; their probabilities are coupled to one per class by the
 * second method of T.-F. Wu, C.-J. Lin, R. Weng: Probability Estimates for
 * Multi-class Classification by Pairwise Coupling, JMLR 5, 2004. That is what
 * libsvm does too, and a test holds the two against each other; it is done here so
 * that the name server needs no library of learning.
 *
 * The kernel of a vector is reckoned once and added to all pairs of its class:
 * no array of kernels, so no allocation. Cost of a row: vectors x (features +
 * classes + one exponential).
 */
#include "classifier/svm_machine.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/limits.h"

/* Probabilities of pairs stay off 0 and 1, where the coupling has no answer. */
#define PAIR_PROBABILITY_MIN 1e-7

/* The coupling ends when no class is further than this, over the classes, from balance. */
#define COUPLING_MARGIN 0.005
#define COUPLING_ROUNDS 100

/* Numbers of a scale and of a pair in the file. */
#define SCALE_SIZE 24
#define PAIR_SIZE 24

svm_machine_t *svm_machine_create(size_t features, size_t classes, size_t vectors)
{
	svm_machine_t *machine = calloc(1, sizeof(*machine));
	if (machine == NULL) {
		return NULL;
	}
	machine->features = features;
	machine->classes = classes;
	machine->vectors = vectors;
	machine->scales = calloc(features, sizeof(*machine->scales));
	machine->counts = calloc(classes, sizeof(*machine->counts));
	machine->pairs = calloc(SVM_PAIRS(classes), sizeof(*machine->pairs));
	/* One more: no vectors are no error. */
	machine->points = calloc(vectors * features + 1, sizeof(double));
	machine->weights = calloc(vectors * (classes - 1) + 1, sizeof(double));
	if (machine->scales == NULL || machine->counts == NULL || machine->pairs == NULL ||
	    machine->points == NULL || machine->weights == NULL) {
		svm_machine_destroy(machine);
		return NULL;
	}
	return machine;
}

void svm_machine_destroy(void *given)
{
	svm_machine_t *machine = given;
	if (machine == NULL) {
		return;
	}
	free(machine->scales);
	free(machine->counts);
	free(machine->pairs);
	free(machine->points);
	free(machine->weights);
	free(machine);
}

static double bounded(double value)
{
	return value > SVM_NUMBER_MAX ? SVM_NUMBER_MAX :
	       value < -SVM_NUMBER_MAX ? -SVM_NUMBER_MAX : value;
}

void svm_machine_scale(const svm_scale_t *scales, size_t features, const double *row,
                       double *scaled)
{
	for (size_t i = 0; i < features; i++) {
		double value = isnan(row[i]) ? scales[i].median : bounded(row[i]);
		scaled[i] = bounded((value - scales[i].centre) * scales[i].factor);
	}
}

static double squared_distance(const double *a, const double *b, size_t count)
{
	/* Four sums that do not wait for each other. */
	double sums[4] = { 0 };
	size_t i = 0;
	for (; i + 4 <= count; i += 4) {
		for (size_t j = 0; j < 4; j++) {
			double difference = a[i + j] - b[i + j];
			sums[j] += difference * difference;
		}
	}
	for (; i < count; i++) {
		sums[0] += (a[i] - b[i]) * (a[i] - b[i]);
	}
	return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* Index of the pair (a, b), a < b. */
static size_t pair_index(size_t a, size_t b, size_t classes)
{
	return a * (2 * classes - a - 1) / 2 + (b - a - 1);
}

/* The decision value of each pair for a scaled row. */
static void decide(const svm_machine_t *machine, const double *scaled, double *decisions)
{
	size_t classes = machine->classes, vector = 0;
	for (size_t i = 0; i < SVM_PAIRS(classes); i++) {
		decisions[i] = 0;
	}
	for (size_t own = 0; own < classes; own++) {
		size_t pairs[SVM_CLASSES_MAX];
		for (size_t i = 0; i + 1 < classes; i++) {
			size_t other = i < own ? i : i + 1;
			pairs[i] = other < own ? pair_index(other, own, classes) :
			           pair_index(own, other, classes);
		}
		for (size_t i = 0; i < machine->counts[own]; i++, vector++) {
			const double *point = machine->points + vector * machine->features;
			const double *weights = machine->weights + vector * (classes - 1);
			double kernel = exp(-machine->gamma *
			                    squared_distance(scaled, point, machine->features));
			for (size_t j = 0; j + 1 < classes; j++) {
				decisions[pairs[j]] += weights[j] * kernel;
			}
		}
	}
	for (size_t i = 0; i < SVM_PAIRS(classes); i++) {
		decisions[i] -= machine->pairs[i].rho;
	}
}

/* Probability of the first class of a pair. */
static double pair_probability(const svm_pair_t *pair, double decision)
{
	double exponent = pair->slope * decision + pair->offset;
	/* The form whose exponential cannot overflow. */
	double share = exponent >= 0 ? exp(-exponent) / (1 + exp(-exponent)) :
	               1 / (1 + exp(exponent));
	return share < PAIR_PROBABILITY_MIN ? PAIR_PROBABILITY_MIN :
	       share > 1 - PAIR_PROBABILITY_MIN ? 1 - PAIR_PROBABILITY_MIN : share;
}

/* p'Qp, and Qp. */
static double couple_product(size_t classes, double q[][SVM_CLASSES_MAX], const double *p,
                             double *qp)
{
	double whole = 0;
	for (size_t i = 0; i < classes; i++) {
		qp[i] = 0;
		for (size_t j = 0; j < classes; j++) {
			qp[i] += q[i][j] * p[j];
		}
		whole += p[i] * qp[i];
	}
	return whole;
}

/*
 * One round of Algorithm 2 of Wu, Lin and Weng: each probability in turn goes where its
 * own derivative is balanced, and all are brought back to the sum of 1.
 */
static void couple_round(size_t classes, double q[][SVM_CLASSES_MAX], double *p, double *qp,
                         double whole)
{
	for (size_t i = 0; i < classes; i++) {
		double step = (whole - qp[i]) / q[i][i], norm = 1 + step;
		p[i] += step;
		whole = (whole + step * (step * q[i][i] + 2 * qp[i])) / (norm * norm);
		for (size_t j = 0; j < classes; j++) {
			qp[j] = (qp[j] + step * q[i][j]) / norm;
			p[j] /= norm;
		}
	}
}

/* Probabilities of classes from r[i][j], the probability of i against j: minimises p'Qp. */
static void couple(size_t classes, double r[][SVM_CLASSES_MAX], double *p)
{
	double q[SVM_CLASSES_MAX][SVM_CLASSES_MAX], qp[SVM_CLASSES_MAX];
	for (size_t i = 0; i < classes; i++) {
		p[i] = 1.0 / (double)classes;
		q[i][i] = 0;
		for (size_t j = 0; j < classes; j++) {
			if (j != i) {
				q[i][i] += r[j][i] * r[j][i];
				q[i][j] = -r[j][i] * r[i][j];
			}
		}
	}
	for (unsigned round = 0; round < COUPLING_ROUNDS; round++) {
		double whole = couple_product(classes, q, p, qp), worst = 0;
		for (size_t i = 0; i < classes; i++) {
			worst = fmax(worst, fabs(qp[i] - whole));
		}
		if (worst < COUPLING_MARGIN / (double)classes) {
			break;
		}
		couple_round(classes, q, p, qp, whole);
	}
	double sum = 0;
	for (size_t i = 0; i < classes; i++) {
		sum += p[i];
	}
	for (size_t i = 0; i < classes; i++) {
		p[i] /= sum;
	}
}

void svm_machine_predict(const void *given, const double *block, size_t rows,
                         double *probabilities)
{
	const svm_machine_t *machine = given;
	size_t classes = machine->classes;
	double scaled[MODEL_FEATURES_MAX], decisions[SVM_PAIRS(SVM_CLASSES_MAX)];
	double r[SVM_CLASSES_MAX][SVM_CLASSES_MAX];
	for (size_t row = 0; row < rows; row++) {
		double *p = probabilities + row * classes;
		svm_machine_scale(machine->scales, machine->features, block + row * machine->features,
		                  scaled);
		decide(machine, scaled, decisions);
		for (size_t i = 0, pair = 0; i < classes; i++) {
			for (size_t j = i + 1; j < classes; j++, pair++) {
				r[i][j] = pair_probability(&machine->pairs[pair], decisions[pair]);
				r[j][i] = 1 - r[i][j];
			}
		}
		if (classes == 2) {
			p[0] = r[0][1];
			p[1] = r[1][0];
		} else {
			couple(classes, r, p);
		}
	}
}

void svm_machine_write(const void *given, buffer_t *buffer)
{
	const svm_machine_t *machine = given;
	buffer_double(buffer, machine->gamma);
	for (size_t i = 0; i < machine->features; i++) {
		buffer_double(buffer, machine->scales[i].median);
		buffer_double(buffer, machine->scales[i].centre);
		buffer_double(buffer, machine->scales[i].factor);
	}
	for (size_t i = 0; i < SVM_PAIRS(machine->classes); i++) {
		buffer_double(buffer, machine->pairs[i].rho);
		buffer_double(buffer, machine->pairs[i].slope);
		buffer_double(buffer, machine->pairs[i].offset);
	}
	for (size_t i = 0; i < machine->classes; i++) {
		buffer_le32(buffer, machine->counts[i]);
	}
	for (size_t i = 0; i < machine->vectors * machine->features; i++) {
		buffer_double(buffer, machine->points[i]);
	}
	for (size_t i = 0; i < machine->vectors * (machine->classes - 1); i++) {
		buffer_double(buffer, machine->weights[i]);
	}
}

/* Reads numbers; false if one is not finite or beyond SVM_NUMBER_MAX. */
static bool read_numbers(cursor_t *cursor, double *numbers, size_t count)
{
	bool good = true;
	for (size_t i = 0; i < count; i++) {
		numbers[i] = cursor_double(cursor);
		good = good && fabs(numbers[i]) <= SVM_NUMBER_MAX;
	}
	return good;
}

/* The bytes that the counts lead to are known to be there. */
static status_t read_parts(cursor_t *cursor, svm_machine_t *machine, failure_t *failure)
{
	size_t width = machine->features + machine->classes - 1;
	uint64_t vectors = 0;
	for (size_t i = 0; i < machine->classes; i++) {
		machine->counts[i] = cursor_le32(cursor);
		vectors += machine->counts[i];
	}
	if (vectors > DATASET_ROWS_MAX || vectors > cursor_left(cursor) / (width * sizeof(double))) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "its support vectors are more than can be");
	}
	free(machine->points);
	free(machine->weights);
	machine->vectors = (size_t)vectors;
	machine->points = calloc(machine->vectors * machine->features + 1, sizeof(double));
	machine->weights = calloc(machine->vectors * (machine->classes - 1) + 1, sizeof(double));
	if (machine->points == NULL || machine->weights == NULL) {
		return failure_no_memory(failure, "the support vectors");
	}
	if (!read_numbers(cursor, machine->points, machine->vectors * machine->features) ||
	    !read_numbers(cursor, machine->weights, machine->vectors * (machine->classes - 1))) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "a support vector has a number beyond all bounds");
	}
	return STATUS_OK;
}

static status_t read_head(cursor_t *cursor, svm_machine_t *machine, failure_t *failure)
{
	bool good = read_numbers(cursor, &machine->gamma, 1) && machine->gamma > 0;
	for (size_t i = 0; i < machine->features; i++) {
		double numbers[3];
		good = read_numbers(cursor, numbers, 3) && good;
		machine->scales[i] = (svm_scale_t) { numbers[0], numbers[1], numbers[2] };
	}
	for (size_t i = 0; i < SVM_PAIRS(machine->classes); i++) {
		double numbers[3];
		good = read_numbers(cursor, numbers, 3) && good;
		machine->pairs[i] = (svm_pair_t) { numbers[0], numbers[1], numbers[2] };
	}
	return good ? STATUS_OK : failure_set(failure, STATUS_BAD_DATA,
	       "its kernel, a scale or a pair has a number beyond all bounds");
}

status_t svm_machine_read(cursor_t *cursor, size_t features, size_t classes, void **learned,
                          failure_t *failure)
{
	if (classes > SVM_CLASSES_MAX) {
		return failure_set(failure, STATUS_BAD_DATA, "%zu classes, a machine has at most %d",
		                   classes, SVM_CLASSES_MAX);
	}
	if (cursor_left(cursor) < sizeof(double) + features * SCALE_SIZE +
	    SVM_PAIRS(classes) * PAIR_SIZE + classes * sizeof(uint32_t)) {
		return failure_set(failure, STATUS_BAD_DATA, "its machine is cut");
	}
	svm_machine_t *machine = svm_machine_create(features, classes, 0);
	if (machine == NULL) {
		return failure_no_memory(failure, "the machine");
	}
	status_t status = read_head(cursor, machine, failure);
	if (status == STATUS_OK) {
		status = read_parts(cursor, machine, failure);
	}
	if (status != STATUS_OK) {
		svm_machine_destroy(machine);
		return status;
	}
	*learned = machine;
	return STATUS_OK;
}
