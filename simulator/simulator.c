/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From events to packets, and the files. */
#include "simulator/simulator.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/csv.h"
#include "common/moment.h"
#include "common/output.h"
#include "simulator/campaign.h"
#include "simulator/darknet_output.h"
#include "simulator/network_file.h"
#include "simulator/packet.h"
#include "simulator/pcap_writer.h"
#include "simulator/query_output.h"
#include "simulator/question.h"
#include "simulator/stream.h"
#include "simulator/traffic.h"

#define DAY (86400 * MICROSECONDS)
#define PATH_SIZE 4096
/* Packets between two calls of the progress function. */
#define PROGRESS_STEP 4096

struct simulator {
	simulator_options_t options;
	parameters_t *parameters;
	world_t *world;
	population_t *population;
	forgery_t *forgery;
	traffic_t *traffic;
	darknet_t *darknet;       /* NULL: none */
	double alive;             /* originators on a day */
	unsigned day;             /* the last one made; 0: none */
	uint64_t queries;
	unsigned *asked;          /* per querier: the last day on which it asked; 0: never */
	address_t authority[2];   /* IPv4, IPv6: documentation prefixes (RFC 5737, RFC 3849) */
};

static status_t check(const simulator_options_t *options, failure_t *failure)
{
	if (options->folder == NULL || options->days < 1 || options->days > SIMULATOR_DAYS_MAX ||
	    (options->originators != 0 && options->originators < SIMULATOR_ORIGINATORS_MIN) ||
	    options->originators > SIMULATOR_ORIGINATORS_MAX ||
	    !(options->scale >= SIMULATOR_SCALE_MIN && options->scale <= SIMULATOR_SCALE_MAX) ||
	    options->forged > SIMULATOR_FORGED_MAX || options->authority >= AUTHORITIES ||
	    options->formats == 0 || (options->formats & ~(unsigned)QUERY_FORMATS_ALL) != 0) {
		return failure_set(failure, STATUS_CALLER, "an option of the simulation is out of bounds");
	}
	if (options->start % DAY != 0 ||
	    options->start / MICROSECONDS + options->days * UINT64_C(86400) > PCAP_SECONDS_MAX) {
		return failure_set(failure, STATUS_CALLER,
		                   "the first day must begin at midnight UTC and the last end before 2106");
	}
	return STATUS_OK;
}

static status_t make_folder(const char *folder, failure_t *failure)
{
	struct stat info;
	if (mkdir(folder, 0777) == 0 || (errno == EEXIST && stat(folder, &info) == 0 &&
	                                 S_ISDIR(info.st_mode))) {
		return STATUS_OK;
	}
	return failure_system(failure, errno == EEXIST ? ENOTDIR : errno, "cannot make the folder",
	                      folder);
}

static status_t make_world(simulator_t *simulator, failure_t *failure)
{
	const simulator_options_t *options = &simulator->options;
	status_t status = parameters_load(options->parameters, &simulator->parameters, failure);
	if (status == STATUS_OK) {
		status = world_create(options->seed, simulator->parameters, &simulator->world, failure);
	}
	if (status != STATUS_OK) {
		return status;
	}
	simulator->asked = calloc(world_querier_count(simulator->world), sizeof(unsigned));
	if (simulator->asked == NULL) {
		return failure_no_memory(failure, "the simulation");
	}
	simulator->alive = options->scale * (options->originators > 0 ? options->originators :
	                                     simulator->parameters->originators.alive);
	status = population_create(simulator->world, simulator->parameters, options->seed,
	                           simulator->alive, options->start, &simulator->population, failure);
	if (status == STATUS_OK && options->darknet != NULL) {
		status = darknet_create(simulator->world, options->darknet, options->darknet_count,
		                        &simulator->darknet, failure);
	}
	return status;
}

static status_t make_traffic(simulator_t *simulator, failure_t *failure)
{
	const simulator_options_t *options = &simulator->options;
	int country = -1;
	if (options->country[0] != '\0') {
		for (unsigned i = 0; i < world_country_count() && country < 0; i++) {
			country = strcmp(world_country_code(i), options->country) == 0 ? (int)i : -1;
		}
		if (country < 0) {
			return failure_set(failure, STATUS_CALLER,
			                   "the simulated Internet has no country '%s'", options->country);
		}
	}
	status_t status = forgery_create(simulator->world, options->seed, options->forged,
	                                 &simulator->forgery, failure);
	return status != STATUS_OK ? status :
	       traffic_create(simulator->population, simulator->forgery, options->authority, country,
	                      &simulator->traffic, failure);
}

status_t simulator_create(const simulator_options_t *options, simulator_t **out,
                          failure_t *failure)
{
	status_t status = check(options, failure);
	if (status != STATUS_OK || (status = make_folder(options->folder, failure)) != STATUS_OK) {
		return status;
	}
	simulator_t *simulator = calloc(1, sizeof(*simulator));
	if (simulator == NULL) {
		return failure_no_memory(failure, "the simulation");
	}
	simulator->options = *options;
	(void)address_parse("192.0.2.53", &simulator->authority[0]);
	(void)address_parse("2001:db8::53", &simulator->authority[1]);
	status = make_world(simulator, failure);
	status = status == STATUS_OK ? make_traffic(simulator, failure) : status;
	if (status != STATUS_OK) {
		simulator_destroy(simulator);
		return status;
	}
	*out = simulator;
	return STATUS_OK;
}

void simulator_destroy(simulator_t *simulator)
{
	if (simulator != NULL) {
		darknet_destroy(simulator->darknet);
		traffic_destroy(simulator->traffic);
		forgery_destroy(simulator->forgery);
		population_destroy(simulator->population);
		world_destroy(simulator->world);
		parameters_destroy(simulator->parameters);
		free(simulator->asked);
		free(simulator);
	}
}

/* "<folder>/<name>" */
static status_t make_path(const simulator_t *simulator, const char *name, char path[PATH_SIZE],
                          failure_t *failure)
{
	const char *folder = simulator->options.folder;
	if (snprintf(path, PATH_SIZE, "%s/%s", folder, name) >= PATH_SIZE) {
		return failure_system(failure, ENAMETOOLONG, "cannot write into", folder);
	}
	return STATUS_OK;
}

static bool write_event(const simulator_t *simulator, const event_t *event,
                        generator_t *generator, query_output_t *output)
{
	static const uint16_t edns_sizes[] = { 1232, 1232, 4096, 1400, 512 };
	static const uint8_t first_hops[] = { 64, 64, 128, 255 };
	size_t queriers = world_querier_count(simulator->world);
	const querier_t *querier = event->querier < queriers ?
	                           world_querier(simulator->world, event->querier) :
	                           forgery_querier(simulator->forgery, event->querier - queriers);
	const address_t *originator = event->originator == EVENT_VICTIM ?
	                              forgery_victim(simulator->forgery) :
	                              &population_look(simulator->population,
	                                               event->originator)->address;
	question_t question;
	question_make(event->kind, event->depth, originator,
	              querier->habits & QUERIER_MIXED_CASE, generator, &question);
	/* What belongs to the querier and not to the query hangs on its index alone. */
	uint32_t self = event->querier;
	uint64_t random = generator_next(generator);
	packet_t packet = {
		.querier = querier->address,
		.authority = simulator->authority[!address_is_ipv4(&querier->address)],
		.name = question.name, .name_size = question.name_size, .qtype = question.qtype,
		.id = (uint16_t)random,
		.port = (uint16_t)(1024 + (random >> 16) % (65536 - 1024)),
		.ip_id = (uint16_t)(random >> 48),
		.hops = (uint8_t)(first_hops[self % 4] - 5 - self / 4 % 20),
		.edns_size = querier->habits & QUERIER_EDNS ? edns_sizes[self % 5] : 0,
		.dnssec_ok = self % 3 != 0,
	};
	return query_output_put(output, event->moment, &packet);
}

static status_t write_traffic(simulator_t *simulator, query_output_t *output,
                              simulator_progress_t progress, void *context, simulator_day_t *day,
                              failure_t *failure)
{
	generator_t generator = stream_make(simulator->options.seed, STREAM_PACKETS, simulator->day, 0);
	size_t queriers = world_querier_count(simulator->world);
	event_t event;
	status_t status = traffic_begin_day(simulator->traffic, failure);
	while (status == STATUS_OK &&
	       (status = traffic_next(simulator->traffic, &event, failure)) == STATUS_OK) {
		if (!write_event(simulator, &event, &generator, output)) {
			/* What went wrong is told when the file is to appear. */
			break;
		}
		if (event.querier >= queriers) {
			day->queriers++;
		} else if (simulator->asked[event.querier] != simulator->day) {
			simulator->asked[event.querier] = simulator->day;
			day->queriers++;
		}
		if (progress != NULL && day->queries % PROGRESS_STEP == 0) {
			progress(context, day->queries);
		}
		day->queries++;
	}
	day->originators = traffic_originators(simulator->traffic);
	simulator->queries += day->queries;
	return status == STATUS_END ? STATUS_OK : status;
}

/* The day's files of the darknet; if there is none, those of an earlier run go. */
static status_t write_darknet(const simulator_t *simulator, simulator_day_t *day,
                              failure_t *failure)
{
	const char *folder = simulator->options.folder;
	if (simulator->darknet == NULL) {
		return darknet_output_remove(folder, simulator->day, failure);
	}
	return darknet_output_day(folder, simulator->darknet, simulator->population, simulator->day,
	                          simulator->alive, &day->darknet, failure);
}

status_t simulator_next_day(simulator_t *simulator, simulator_progress_t progress, void *context,
                            simulator_day_t *day, failure_t *failure)
{
	if (simulator->day == simulator->options.days) {
		return failure_set(failure, STATUS_CALLER, "the simulation has no day behind its last");
	}
	simulator->day++;
	*day = (simulator_day_t) { 0 };
	query_output_t *output;
	status_t status = population_next_day(simulator->population, failure);
	if (status != STATUS_OK ||
	    (status = forgery_next_day(simulator->forgery, failure)) != STATUS_OK ||
	    (status = query_output_open(simulator->options.folder, simulator->day,
	                                simulator->options.formats, &output, failure)) != STATUS_OK) {
		return status;
	}
	status = write_traffic(simulator, output, progress, context, day, failure);
	if (status != STATUS_OK) {
		query_output_abandon(output);
		return status;
	}
	status = query_output_commit(output, failure);
	return status == STATUS_OK ? write_darknet(simulator, day, failure) : status;
}

static void write_querier(const simulator_t *simulator, const querier_t *querier,
                          const char *name, FILE *file)
{
	char address[ADDRESS_TEXT_MAX];
	const network_t *network = world_network(simulator->world, querier->network);
	fprintf(file, "%s,", address_format(&querier->address, address));
	csv_write_field(file, name);
	fprintf(file, ",%" PRIu32 ",%s\n", network->number, world_country_code(network->country));
}

static uint64_t write_queriers(const simulator_t *simulator, FILE *file)
{
	uint64_t count = 0;
	char name[QUERIER_NAME_MAX];
	fputs("querier,name,asn,country\n", file);
	for (uint32_t i = 0; i < world_querier_count(simulator->world); i++) {
		if (simulator->asked[i] != 0) {
			world_querier_name(simulator->world, i, name);
			write_querier(simulator, world_querier(simulator->world, i), name, file);
			count++;
		}
	}
	for (size_t i = 0; i < forgery_count(simulator->forgery); i++) {
		const querier_t *querier = forgery_querier(simulator->forgery, i);
		unsigned network = querier->network;
		querier_name(querier->kind, world_network(simulator->world, network)->type, network,
		             (unsigned)i + 1, &querier->address, name);
		write_querier(simulator, querier, name, file);
	}
	return count + forgery_count(simulator->forgery);
}

/* One line for each day: whom the forged queries were to harm, when, and how many. */
static uint64_t write_forged(const simulator_t *simulator, FILE *file)
{
	const forgery_t *forgery = simulator->forgery;
	unsigned daily = forgery_daily(forgery);
	fputs("address,first_seen,last_seen,queriers\n", file);
	for (unsigned day = 1; day <= simulator->day; day++) {
		char address[ADDRESS_TEXT_MAX], first[MOMENT_TEXT_MAX], last[MOMENT_TEXT_MAX];
		uint64_t begin = population_day_begin(simulator->population, day);
		size_t end = (size_t)day * daily;
		fprintf(file, "%s,%s,%s,%u\n", address_format(forgery_victim(forgery), address),
		        moment_format(begin + forgery_moment(forgery, end - daily), first),
		        moment_format(begin + forgery_moment(forgery, end - 1), last), daily);
	}
	return simulator->day;
}

/* Packets that an originator sent to the IPv4 space on all days up to now. */
static double probes_of(const simulator_t *simulator, size_t index)
{
	const originator_t *originator = population_look(simulator->population, index);
	uint64_t start = simulator->options.start;
	double probes = 0;
	campaign_day_t what;
	for (unsigned day = originator->begin <= start ? 1 : (originator->begin - start) / DAY + 1;
	     day <= simulator->day && start + (day - 1) * DAY < originator->end; day++) {
		probes += campaign_day(simulator->population, index, day, &what) ? what.probes : 0;
	}
	return probes;
}

static uint64_t write_truth(const simulator_t *simulator, FILE *file)
{
	uint64_t count = 0;
	fputs("address,class,first_seen,last_seen,tool,probes\n", file);
	for (size_t i = 0; i < population_count(simulator->population); i++) {
		const originator_t *originator = population_originator(simulator->population, i);
		if (originator->first_seen > originator->last_seen) {
			continue;
		}
		scan_tool_t tool = campaign_tool(simulator->population, originator);
		char address[ADDRESS_TEXT_MAX], first[MOMENT_TEXT_MAX], last[MOMENT_TEXT_MAX];
		fprintf(file, "%s,%s,%s,%s,%s,%.0f\n", address_format(&originator->address, address),
		        class_names[originator->class_id],
		        moment_format(originator->first_seen, first),
		        moment_format(originator->last_seen, last),
		        tool == TOOL_NONE ? "" : tool_names[tool], probes_of(simulator, i));
		count++;
	}
	return count;
}

static status_t write_networks(const simulator_t *simulator, const char *name,
                               status_t (*writer)(const world_t *, FILE *, failure_t *),
                               failure_t *failure)
{
	char path[PATH_SIZE];
	output_t *output;
	status_t status = make_path(simulator, name, path, failure);
	if (status != STATUS_OK || (status = output_open(path, &output, failure)) != STATUS_OK) {
		return status;
	}
	status = writer(simulator->world, output_stream(output), failure);
	if (status != STATUS_OK) {
		output_abandon(output);
		return status;
	}
	return output_commit(output, failure);
}

typedef uint64_t (*table_writer_t)(const simulator_t *simulator, FILE *file);

static status_t write_table(const simulator_t *simulator, const char *name, table_writer_t writer,
                            uint64_t *rows, failure_t *failure)
{
	char path[PATH_SIZE];
	output_t *output;
	status_t status = make_path(simulator, name, path, failure);
	if (status != STATUS_OK || (status = output_open(path, &output, failure)) != STATUS_OK) {
		return status;
	}
	*rows = writer(simulator, output_stream(output));
	return output_commit(output, failure);
}

/* The rows of the new tables say nothing of later days' queries; a reader of all files would
 * take those for a part of this run. */
static status_t remove_later_days(const simulator_t *simulator, failure_t *failure)
{
	status_t status = STATUS_OK;
	for (unsigned day = simulator->day + 1; day <= SIMULATOR_DAYS_MAX && status == STATUS_OK;
	     day++) {
		status = query_output_remove(simulator->options.folder, day, QUERY_FORMATS_ALL, failure);
		if (status == STATUS_OK) {
			status = darknet_output_remove(simulator->options.folder, day, failure);
		}
	}
	return status;
}

/* forged.csv, or none if nothing was forged. */
static status_t finish_forged(const simulator_t *simulator, failure_t *failure)
{
	char path[PATH_SIZE];
	uint64_t rows;
	if (forgery_daily(simulator->forgery) > 0) {
		return write_table(simulator, "forged.csv", write_forged, &rows, failure);
	}
	status_t status = make_path(simulator, "forged.csv", path, failure);
	if (status == STATUS_OK && unlink(path) != 0 && errno != ENOENT) {
		return failure_system(failure, errno, "cannot remove", path);
	}
	return status;
}

const attenuation_t *simulator_attenuation(const simulator_t *simulator)
{
	return traffic_attenuation(simulator->traffic);
}

status_t simulator_finish(simulator_t *simulator, simulator_day_t *total, failure_t *failure)
{
	simulator_day_t sum = { .queries = simulator->queries };
	status_t status = remove_later_days(simulator, failure);
	if (status == STATUS_OK) {
		status = write_networks(simulator, "pfx2as.txt", network_file_write_ases, failure);
	}
	if (status == STATUS_OK) {
		status = write_networks(simulator, "countries.txt", network_file_write_countries,
		                        failure);
	}
	if (status == STATUS_OK) {
		status = finish_forged(simulator, failure);
	}
	if (status == STATUS_OK) {
		status = write_table(simulator, "queriers.csv", write_queriers, &sum.queriers, failure);
	}
	if (status == STATUS_OK) {
		status = write_table(simulator, "truth.csv", write_truth, &sum.originators, failure);
	}
	if (status == STATUS_OK && total != NULL) {
		*total = sum;
	}
	return status;
}
