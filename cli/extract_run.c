/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run of `backscatter extract`: captures in, feature vectors out, by the very code of the sensor. */
#include "cli/extract_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <urcu.h>

#include "capture/query_stream.h"
#include "cli/extract_batch.h"
#include "cli/extract_summary.h"
#include "cli/feature_csv.h"
#include "cli/progress.h"
#include "common/moment.h"
#include "common/output.h"
#include "sensor/query.h"

/*
 * Packets of a capture are nearly in order: a window stays open for so long after
 * its end, while later packets go to the next one already.
 */
#define SLACK (60 * MICROSECONDS)

/* Progress is told of once in so many queries. */
#define PROGRESS_STEP 256

/* Bytes of a capture in which one more originator may be expected, and most of these. */
#define BYTES_PER_ORIGINATOR 1024
#define EXPECTED_MOST        ((size_t)1 << 20)

typedef struct {
	const command_t *command;
	const extract_options_t *options;
	querier_directory_t *directory;
	prefix_map_t *networks[NETWORK_KINDS];
	query_stream_t *stream;
	output_t *output;  /* NULL: only the summary is wanted */
	output_t *prefixes;  /* NULL: not wanted */
	sensor_t *sensor;  /* made at the first observation */
	extract_batch_t *batch;  /* not yet in the sensor */
	extract_summary_t summary;
	window_counts_t losses;  /* refused, capped and displaced, of all windows */
	uint64_t prefix_results[OBSERVE_RESULTS];  /* of partial names */
	uint64_t unmet;          /* queriers that were met and could not be remembered */
} run_t;

static status_t write_prefixes(const run_t *run, const window_t *window, failure_t *failure)
{
	prefix_list_t list;
	if (run->prefixes == NULL) {
		return STATUS_OK;
	}
	if (prefix_list_make(window_prefixes(window), PREFIX_LIST_MOST, &list) != STATUS_OK) {
		return failure_no_memory(failure, "the prefixes of a window");
	}
	feature_csv_prefixes(output_stream(run->prefixes), window, &list);
	prefix_list_clear(&list);
	return STATUS_OK;
}

static status_t write_window(run_t *run, family_t family, const window_t *window,
                             failure_t *failure)
{
	extraction_t extraction;
	window_counts_t counts = window_counts(window);
	run->losses.refused += counts.refused;
	run->losses.capped += counts.capped;
	run->losses.displaced += counts.displaced;
	status_t status = write_prefixes(run, window, failure);
	if (counts.observations == 0 || status != STATUS_OK) {
		return status;
	}
	status = extraction_make_rows(window, family, run->directory,
	                              (uint32_t)run->options->min_queriers[family], &extraction);
	if (status != STATUS_OK) {
		return failure_no_memory(failure, "the features of a window");
	}
	if (run->output != NULL) {
		feature_csv_rows(output_stream(run->output), &extraction);
	}
	run->summary.rows += extraction.count;
	extraction_clear(&extraction);
	return STATUS_OK;
}

static status_t turn(run_t *run, family_t family, uint64_t now, failure_t *failure)
{
	window_t *closed;
	extract_batch_record(run->batch, run->sensor, run->summary.results);
	if (sensor_turn(run->sensor, family, now, &closed) != STATUS_OK) {
		return failure_no_memory(failure, "a window");
	}
	status_t status = write_window(run, family, closed, failure);
	window_destroy(closed);
	return status == STATUS_OK && sensor_prepare(run->sensor, family, now) != STATUS_OK ?
	       failure_no_memory(failure, "a window") : status;
}

/*
 * Tables are made for a guess from the size of the files: of some ten queries one is for a new
 * originator, and of some twenty one by a new querier. It matters for speed only.
 */
static sensor_t *sensor_begin(const run_t *run, uint64_t moment)
{
	sensor_options_t options = run->options->sensor;
	size_t size = query_stream_size(run->stream), guess = size / BYTES_PER_ORIGINATOR;
	if (size == 0 || guess > EXPECTED_MOST) {
		guess = EXPECTED_MOST;
	}
	options.window.originators = guess;
	options.window.queriers = guess / 2;
	options.window.huge_pages = true;
	return sensor_create(&options, moment);
}

/* Makes the sensor if there is none, and turns pages until the moment is on the current one. */
static status_t advance(run_t *run, family_t family, uint64_t moment, failure_t *failure)
{
	if (run->sensor == NULL &&
	    (run->sensor = sensor_begin(run, moment)) == NULL) {
		return failure_no_memory(failure, "the sensor's tables");
	}
	while (moment >= window_end(sensor_current(run->sensor, family)) + SLACK) {
		status_t status = turn(run, family, moment, failure);
		if (status != STATUS_OK) {
			return status;
		}
	}
	return STATUS_OK;
}

static void add_to_batch(run_t *run, const query_t *query, const address_t *originator)
{
	extract_batch_add(run->batch, run->sensor, query->moment, originator, &query->querier,
	                  query->tcp);
	if (extract_batch_full(run->batch)) {
		extract_batch_record(run->batch, run->sensor, run->summary.results);
	}
}

static status_t observe(run_t *run, const query_t *query, const address_t *originator,
                        failure_t *failure)
{
	family_t family = address_is_ipv4(originator) ? FAMILY_IPV4 : FAMILY_IPV6;
	status_t status = advance(run, family, query->moment, failure);
	if (status != STATUS_OK) {
		return status;
	}
	/* In the order of the module, which matters where memory is full. */
	if (run->options->prefix64 && family == FAMILY_IPV6) {
		address_t subnet = address_subnet(originator);
		add_to_batch(run, query, &subnet);
		run->summary.subnets++;
	}
	add_to_batch(run, query, originator);
	return STATUS_OK;
}

/* Remembers who has been met; pages of IPv4 are those of acquaintances, too. */
static status_t meet(run_t *run, const query_t *query, failure_t *failure)
{
	status_t status = advance(run, FAMILY_IPV4, query->moment, failure);
	if (status == STATUS_OK) {
		rcu_read_lock();
		run->unmet += !sensor_meet(run->sensor, &query->querier);
		rcu_read_unlock();
	}
	return status;
}

/* Closes what is open: the current window and, for the packets after it, the next one. */
static status_t finish(run_t *run, failure_t *failure)
{
	status_t status = STATUS_OK;
	for (family_t family = 0; run->sensor != NULL && family < FAMILIES; family++) {
		for (int i = 0; i < 2 && status == STATUS_OK; i++) {
			const window_t *window = sensor_current(run->sensor, family);
			status = turn(run, family, window_end(window), failure);
		}
	}
	return status;
}

/* What a partial name tells: somebody asks about a prefix. */
static status_t observe_prefix(run_t *run, const query_t *query,
                               const query_judgement_t *judgement, failure_t *failure)
{
	if (run->options->prefixes == NULL) {
		return STATUS_OK;
	}
	status_t status = advance(run, judgement->ipv6 ? FAMILY_IPV6 : FAMILY_IPV4, query->moment,
	                          failure);
	if (status == STATUS_OK) {
		rcu_read_lock();
		run->prefix_results[sensor_observe_partial(run->sensor, 0, query->moment, judgement,
		                                           &query->querier)]++;
		rcu_read_unlock();
	}
	return status;
}

static status_t judge(run_t *run, const query_t *query, failure_t *failure)
{
	query_judgement_t judgement = query_judge(query->qtype, query->qclass, query->qname,
	                                          query->qname_size);
	extract_summary_add(&run->summary, &judgement);
	status_t status = STATUS_OK;
	if (judgement.kind == QUERY_OUTSIDE || query->tcp) {
		status = meet(run, query, failure);
	}
	if (judgement.kind == QUERY_PARTIAL && status == STATUS_OK) {
		status = observe_prefix(run, query, &judgement, failure);
	}
	return judgement.kind != QUERY_OBSERVATION || status != STATUS_OK ? status :
	       observe(run, query, &judgement.originator, failure);
}

/* Reads all captures; a damaged one is told, the rest is read nevertheless. */
static status_t read_captures(run_t *run, bool *damaged, failure_t *failure)
{
	progress_t progress = progress_begin("reading", "bytes", query_stream_size(run->stream));
	query_t query;
	status_t status;
	uint64_t queries = 0;
	while ((status = query_stream_next(run->stream, &query, failure)) != STATUS_END) {
		if (status == STATUS_BAD_DATA || status == STATUS_UNSUPPORTED) {
			progress_end(&progress);
			command_fail(run->command, failure);
			*damaged = true;
			continue;
		}
		if (status == STATUS_OK) {
			status = judge(run, &query, failure);
		}
		if (status != STATUS_OK) {
			break;
		}
		if (++queries % PROGRESS_STEP == 0) {
			progress_update(&progress, query_stream_position(run->stream));
		}
	}
	progress_end(&progress);
	return status == STATUS_END ? finish(run, failure) : status;
}

/* ASes and countries for queriers that the table does not tell them of. */
static status_t load_networks(run_t *run, failure_t *failure)
{
	status_t status = STATUS_OK;
	for (network_kind_t kind = 0; kind < NETWORK_KINDS && status == STATUS_OK; kind++) {
		if (run->options->networks[kind].path != NULL) {
			status = network_map_load(run->options->networks[kind].path, kind,
			                          run->options->networks[kind].keys, SIZE_MAX, &run->networks[kind],
			                          failure);
		}
	}
	if (status == STATUS_OK && run->directory == NULL &&
	    (run->directory = querier_directory_create()) == NULL) {
		status = failure_no_memory(failure, "the querier directory");
	}
	if (status == STATUS_OK) {
		querier_directory_networks(run->directory, run->networks[NETWORK_AS],
		                           run->networks[NETWORK_COUNTRY]);
	}
	return status;
}

static status_t open_run(run_t *run, failure_t *failure)
{
	const extract_options_t *options = run->options;
	run->batch = extract_batch_create();
	status_t status = run->batch != NULL ? STATUS_OK :
	                  failure_no_memory(failure, "a batch of observations");
	if (status == STATUS_OK && options->queriers != NULL) {
		category_rules_t *rules;
		if ((status = category_rules_load(options->rules, &rules, failure)) == STATUS_OK) {
			status = querier_directory_load_csv(options->queriers, rules, &run->directory, failure);
			category_rules_destroy(rules);
		}
	}
	if (status == STATUS_OK) {
		status = load_networks(run, failure);
	}
	if (status == STATUS_OK) {
		status = query_stream_open((const char *const *)options->captures,
		                           (size_t)options->capture_count, &run->stream, failure);
	}
	if (status == STATUS_OK && (options->output != NULL || !options->summary)) {
		status = output_open(options->output, &run->output, failure);
		if (status == STATUS_OK) {
			feature_csv_header(output_stream(run->output));
		}
	}
	if (status == STATUS_OK && options->prefixes != NULL) {
		status = output_open(options->prefixes, &run->prefixes, failure);
		if (status == STATUS_OK) {
			feature_csv_prefix_header(output_stream(run->prefixes));
		}
	}
	return status;
}

static void tell_loss(uint64_t number, const char *what)
{
	if (number > 0) {
		fprintf(stderr, "backscatter extract: %" PRIu64 " %s\n", number, what);
	}
}

static void tell_losses(const run_t *run)
{
	tell_loss(run->sensor != NULL ? sensor_late(run->sensor) : 0,
	          "observations are older than the window that was open when they came, and are left "
	          "out");
	tell_loss(run->losses.refused, "observations are left out because the memory of a window "
	          "(--memory-max) was full");
	tell_loss(run->losses.displaced, "observations are left out because they were the only ones "
	          "of their originators and the memory of a window (--memory-max) was full");
	tell_loss(run->prefix_results[OBSERVE_REFUSED], "queries for partial names are left out because "
	          "the memory of a window (--memory-max) was full");
	tell_loss(run->unmet, "queries of queriers that were met are not remembered: there are too many, "
	          "so that \"verified\" is too low in the windows after");
	tell_loss(run->losses.capped, "observations are left out because their queriers ask for more "
	          "originators than --fan-out-max");
}

/* The file appears, then what it was made from is told. */
static status_t write_end(run_t *run, failure_t *failure)
{
	status_t status = run->output != NULL ? output_commit(run->output, failure) : STATUS_OK;
	if (status == STATUS_OK && run->prefixes != NULL) {
		status = output_commit(run->prefixes, failure);
	} else {
		output_abandon(run->prefixes);
	}
	if (status == STATUS_OK && run->options->summary) {
		extract_summary_print(stdout, query_stream_counts(run->stream), &run->summary);
		if (fflush(stdout) != 0 || ferror(stdout)) {
			status = failure_system(failure, errno, "cannot write to", "standard output");
		}
	}
	return status;
}

int extract_run(const command_t *command, const extract_options_t *options)
{
	run_t run = { .command = command, .options = options };
	failure_t failure;
	bool damaged = false;
	rcu_register_thread();
	status_t status = open_run(&run, &failure);
	if (status == STATUS_OK) {
		status = read_captures(&run, &damaged, &failure);
	}
	if (status == STATUS_OK) {
		tell_losses(&run);
		status = write_end(&run, &failure);
	} else {
		output_abandon(run.output);
		output_abandon(run.prefixes);
	}
	rcu_unregister_thread();
	extract_batch_destroy(run.batch);
	sensor_destroy(run.sensor);
	query_stream_close(run.stream);
	querier_directory_destroy(run.directory);
	for (network_kind_t kind = 0; kind < NETWORK_KINDS; kind++) {
		prefix_map_destroy(run.networks[kind]);
	}
	if (status != STATUS_OK) {
		return command_fail(command, &failure);
	}
	return damaged ? EXIT_FAILED : EXIT_GOOD;
}
