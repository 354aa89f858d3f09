/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a simulation, read back by libpcap and by our own readers. */
#include <pcap/pcap.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/csv.h"
#include "common/cursor.h"
#include "common/keyed_hash.h"
#include "common/moment.h"
#include "common/reverse_name.h"
#include "simulator/classes.h"
#include "simulator/simulator.h"
#include "tests/tap.h"

#define DAYS 2
#define DAY (UINT64_C(86400) * MICROSECONDS)
#define ROWS_MAX 70000

/* A row of truth.csv or queriers.csv, and what the captures say about its address. */
typedef struct {
	address_t address;
	char name[16];                /* truth: the class */
	uint64_t first, last;         /* truth: as written */
	uint64_t seen_first, seen_last;
	bool seen;
} row_t;

typedef struct {
	row_t *rows;
	size_t count;
} table_t;

typedef struct {
	table_t truth, queriers;
	uint64_t day_begin, before;
	size_t packets, complete, others, strange, mixed_family, upper, ordinary;
	bool sorted, in_day, checksums, addresses_known;
} tally_t;

static char folder[] = "/tmp/test_simulator.XXXXXX";

static char *path_of(const char *run, const char *file)
{
	static char path[4][256];
	static int at;
	at = (at + 1) % 4;
	snprintf(path[at], sizeof(path[at]), "%s/%s/%s", folder, run, file);
	return path[at];
}

static simulator_day_t simulate(const char *run, uint64_t seed, unsigned days)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, run);
	simulator_options_t options = SIMULATOR_OPTIONS_DEFAULT;
	options.folder = path;
	options.seed = seed;
	options.days = days;
	options.originators = 300;
	simulator_t *simulator = NULL;
	simulator_day_t day, total = { 0 };
	failure_t failure = { 0 };
	status_t status = simulator_create(&options, &simulator, &failure);
	for (unsigned i = 0; i < days && status == STATUS_OK; i++) {
		status = simulator_next_day(simulator, NULL, NULL, &day, &failure);
	}
	if (status == STATUS_OK) {
		is_int(simulator_next_day(simulator, NULL, NULL, &day, &failure), STATUS_CALLER,
		       "no day behind the last");
		status = simulator_finish(simulator, &total, &failure);
	}
	tap_require(status == STATUS_OK, "simulation of seed %d (%s)", (int)seed, failure.sentence);
	simulator_destroy(simulator);
	return total;
}

static uint64_t file_checksum(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat info;
	if (file == NULL || fstat(fileno(file), &info) != 0) {
		return 0;
	}
	char *bytes = malloc((size_t)info.st_size);
	size_t size = bytes != NULL ? fread(bytes, 1, (size_t)info.st_size, file) : 0;
	uint64_t sum = checksum(bytes, size);
	free(bytes);
	fclose(file);
	return sum;
}

static bool same(const char *run, const char *other, const char *file)
{
	uint64_t sum = file_checksum(path_of(run, file));
	return sum != 0 && sum == file_checksum(path_of(other, file));
}

static int compare_rows(const void *a, const void *b)
{
	return address_compare(&((const row_t *)a)->address, &((const row_t *)b)->address);
}

static row_t *find(const table_t *table, const address_t *address)
{
	row_t key = { .address = *address };
	return bsearch(&key, table->rows, table->count, sizeof(key), compare_rows);
}

static table_t read_table(const char *path, const char *wanted_columns, bool truth)
{
	table_t table = { .rows = calloc(ROWS_MAX, sizeof(row_t)) };
	csv_reader_t *reader;
	failure_t failure;
	tap_require(table.rows != NULL && csv_reader_open(path, &reader, &failure) == STATUS_OK,
	            "open %s", path);
	char columns[64] = "", **fields;
	for (size_t i = 0; i < csv_reader_columns(reader); i++) {
		strcat(strcat(columns, i > 0 ? "," : ""), csv_reader_column_name(reader, i));
	}
	is_text(columns, wanted_columns, "its columns");
	bool good = true;
	size_t probed = 0;
	while (csv_reader_next(reader, &fields, &failure) == STATUS_OK && table.count < ROWS_MAX) {
		row_t *row = &table.rows[table.count++];
		good = good && address_parse(fields[0], &row->address);
		snprintf(row->name, sizeof(row->name), "%s", fields[1]);
		if (truth) {
			good = good && moment_parse(fields[2], &row->first) &&
			       moment_parse(fields[3], &row->last);
			/* Who scans has a tool; whoever has none sends strays at most. */
			bool scan = strcmp(row->name, "scan") == 0;
			good = good && scan == (fields[4][0] != '\0') && strtod(fields[5], NULL) >= 0;
			probed += scan && strtod(fields[5], NULL) > 1;
		} else {
			good = good && strtoul(fields[2], NULL, 10) > 0 && strlen(fields[3]) == 2;
		}
	}
	csv_reader_close(reader);
	qsort(table.rows, table.count, sizeof(row_t), compare_rows);
	for (size_t i = 1; i < table.count; i++) {
		good = good && !address_equal(&table.rows[i - 1].address, &table.rows[i].address);
	}
	ok(!truth || probed > 0, "scanners send packets");
	ok(good && table.count > 0, "%zu rows, every field right, no address twice", table.count);
	return table;
}

static unsigned sum16(const uint8_t *data, size_t size, unsigned long sum)
{
	for (size_t i = 0; i < size; i++) {
		sum += data[i] * (i % 2 == 0 ? 256ul : 1ul);
	}
	while (sum > 0xffff) {
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (unsigned)sum;
}

static void mark_seen(tally_t *tally, const reverse_name_t *name, uint64_t moment)
{
	row_t *row = find(&tally->truth, &name->address);
	tally->complete++;
	if (row == NULL) {
		tally->addresses_known = false;
		return;
	}
	row->seen_first = row->seen ? row->seen_first : moment;
	row->seen_last = moment;
	row->seen = true;
}

static void judge_dns(tally_t *tally, const uint8_t *dns, size_t size, uint64_t moment, bool ipv6)
{
	cursor_t cursor = cursor_make(dns, size);
	uint16_t id = cursor_be16(&cursor), flags = cursor_be16(&cursor);
	uint16_t questions = cursor_be16(&cursor), answers = cursor_be16(&cursor);
	cursor_take(&cursor, 4);
	const uint8_t *name = cursor.at;
	uint8_t label;
	while ((label = cursor_u8(&cursor)) != 0) {
		for (const uint8_t *at = cursor_take(&cursor, label); label-- > 0;) {
			tally->upper += *at >= 'A' && *at <= 'Z';
			at++;
		}
	}
	uint16_t qtype = cursor_be16(&cursor), qclass = cursor_be16(&cursor);
	(void)id;
	tally->strange += cursor.failed || flags != 0 || questions != 1 || answers != 0 || qclass != 1;
	reverse_name_t reverse = reverse_name_parse(name, size - 12);
	if (qtype == 12 && reverse.kind == REVERSE_COMPLETE) {
		mark_seen(tally, &reverse, moment);
		tally->mixed_family += reverse.ipv6 != ipv6;
	} else {
		tally->others++;
		/* Resolvers also ask for the address of the server itself. */
		bool server = qtype == 1 && reverse.kind == REVERSE_OUTSIDE &&
		              strncasecmp((const char *)name + 1, "ns1", 3) == 0;
		tally->ordinary += server;
		tally->strange += reverse.kind == REVERSE_OUTSIDE && !server;
	}
}

static void judge_packet(tally_t *tally, const struct pcap_pkthdr *header, const uint8_t *frame)
{
	uint64_t moment = (uint64_t)header->ts.tv_sec * MICROSECONDS + (uint64_t)header->ts.tv_usec;
	bool ipv6 = frame[12] == 0x86;
	const uint8_t *addresses = frame + (ipv6 ? 22 : 26);
	size_t address_size = ipv6 ? 16 : 4, ip_size = ipv6 ? 40 : 20;
	const uint8_t *udp = frame + 14 + ip_size;
	size_t udp_size = header->caplen - 14 - ip_size;
	unsigned pseudo = sum16(addresses, 2 * address_size, 17 + (unsigned)udp_size);
	tally->checksums = tally->checksums && sum16(udp, udp_size, pseudo) == 0xffff &&
	                   (ipv6 || sum16(frame + 14, 20, 0) == 0xffff);
	tally->sorted = tally->sorted && moment >= tally->before;
	tally->before = moment;
	tally->in_day = tally->in_day && moment >= tally->day_begin && moment < tally->day_begin + DAY;
	tally->packets++;
	address_t querier = ipv6 ? address_from_ipv6(addresses) : address_from_ipv4(addresses);
	row_t *row = find(&tally->queriers, &querier);
	if (row == NULL) {
		tally->addresses_known = false;
	} else {
		row->seen = true;
	}
	judge_dns(tally, udp + 8, udp_size - 8, moment, ipv6);
}

static void judge_capture(tally_t *tally, const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *capture = pcap_open_offline(path, error);
	tap_require(capture != NULL, "libpcap opens %s", path);
	is_int(pcap_datalink(capture), DLT_EN10MB, "Ethernet");
	struct pcap_pkthdr *header;
	const uint8_t *frame;
	int result;
	while ((result = pcap_next_ex(capture, &header, &frame)) == 1) {
		judge_packet(tally, header, frame);
	}
	is_int(result, PCAP_ERROR_BREAK, "read to its end");
	pcap_close(capture);
}

static void judge_tables(const tally_t *tally)
{
	bool seen = true, moments = true;
	size_t classes = 0;
	for (size_t i = 0; i < tally->truth.count; i++) {
		const row_t *row = &tally->truth.rows[i];
		seen = seen && row->seen;
		moments = moments && row->first == row->seen_first && row->last == row->seen_last;
	}
	ok(seen, "every address of truth.csv is asked for");
	ok(moments, "first_seen and last_seen are the first and the last query");
	for (class_id_t i = 0; i < CLASSES; i++) {
		for (size_t j = 0; j < tally->truth.count; j++) {
			if (strcmp(tally->truth.rows[j].name, class_names[i]) == 0) {
				classes++;
				break;
			}
		}
	}
	is_int(classes, 12, "all 12 classes are there");
	seen = true;
	for (size_t i = 0; i < tally->queriers.count; i++) {
		seen = seen && tally->queriers.rows[i].seen;
	}
	ok(seen, "every address of queriers.csv asks");
}

static void test_content(const char *run, const simulator_day_t *total)
{
	tally_t tally = { .sorted = true, .in_day = true, .checksums = true, .addresses_known = true };
	tally.truth = read_table(path_of(run, "truth.csv"), "address,class,first_seen,last_seen,tool,probes",
	                         true);
	tally.queriers = read_table(path_of(run, "queriers.csv"), "querier,name,asn,country", false);
	for (unsigned day = 1; day <= DAYS; day++) {
		char file[32];
		snprintf(file, sizeof(file), "authority-%u.pcap", day);
		tally.day_begin = SIMULATOR_START_DEFAULT + (day - 1) * DAY;
		judge_capture(&tally, path_of(run, file));
	}
	ok(tally.sorted, "sorted by time, also from day to day");
	ok(tally.in_day, "every day's file holds its day");
	ok(tally.checksums, "all checksums are right");
	ok(tally.addresses_known, "every originator is in truth.csv, every querier in queriers.csv");
	is_int(tally.strange, 0, "every packet is a query of class IN under the reverse tree");
	ok(tally.others * 20 > tally.packets && tally.others * 4 < tally.packets,
	   "5 to 25 %% are no observations (%zu of %zu)", tally.others, tally.packets);
	ok(tally.ordinary * 100 > tally.packets, "some are for an ordinary name");
	ok(tally.mixed_family > 0, "IPv6 queriers ask for IPv4 originators, or the other way");
	ok(tally.upper > 0, "some names are in mixed case");
	judge_tables(&tally);
	is_int(total->queries, tally.packets, "as many queries as told");
	is_int(total->originators, tally.truth.count, "as many originators as told");
	is_int(total->queriers, tally.queriers.count, "as many queriers as told");
	free(tally.truth.rows);
	free(tally.queriers.rows);
}

static void test_same_bytes(void)
{
	static const char *const files[] = {
		"authority-1.pcap", "authority-2.pcap", "queriers.csv", "truth.csv", "pfx2as.txt",
		"countries.txt",
	};
	for (size_t i = 0; i < 6; i++) {
		ok(same("a", "b", files[i]), "%s: same seed, same bytes", files[i]);
		ok(!same("a", "c", files[i]), "%s: other seed, other bytes", files[i]);
	}
	ok(same("a", "d", "authority-1.pcap"), "day 1 is the same however many days follow");
	/* Made on x86-64 with gcc 12. Another machine or compiler that gives another number breaks
	 * the promise of simulator/draw.h; a change of the model changes the number. */
	is_int(file_checksum(path_of("a", "authority-2.pcap")), INT64_C(4353563520633986889),
	       "day 2 is what it was");
}

static void test_later_days(void)
{
	/* A shorter run into the folder of a longer one leaves no day behind. */
	ok(access(path_of("a", "authority-2.pcap"), F_OK) == 0, "two days before");
	simulate("a", 1, 1);
	ok(access(path_of("a", "authority-2.pcap"), F_OK) != 0, "one day after");
	ok(same("a", "d", "truth.csv"), "and its truth");
}

static void test_refusals(void)
{
	simulator_options_t options = SIMULATOR_OPTIONS_DEFAULT;
	simulator_t *simulator = NULL;
	failure_t failure;
	options.folder = path_of("a", "truth.csv");
	is_int(simulator_create(&options, &simulator, &failure), STATUS_SYSTEM, "a file is no folder");
	ok(strstr(failure.sentence, options.folder) != NULL, "the sentence names it");
	options.folder = path_of("missing", "deeper");
	is_int(simulator_create(&options, &simulator, &failure), STATUS_SYSTEM, "no parent folder");
	options.folder = folder;
	options.days = 0;
	is_int(simulator_create(&options, &simulator, &failure), STATUS_CALLER, "no days");
	options.days = 1;
	options.start++;
	is_int(simulator_create(&options, &simulator, &failure), STATUS_CALLER, "not from midnight");
	options.start = UINT64_C(49711) * DAY;
	is_int(simulator_create(&options, &simulator, &failure), STATUS_CALLER, "after 2106");
	ok(simulator == NULL, "nothing was made");
}

static void remove_all(void)
{
	static const char *const runs[] = { "a", "b", "c", "d" };
	static const char *const files[] = {
		"authority-1.pcap", "authority-2.pcap", "queriers.csv", "truth.csv", "pfx2as.txt",
		"countries.txt", "",
	};
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < 7; j++) {
			remove(path_of(runs[i], files[j]));
		}
	}
	is_int(rmdir(folder), 0, "nothing else was left in the folder");
}

int main(void)
{
	tap_require(mkdtemp(folder) != NULL, "a folder of its own");
	simulator_day_t total = simulate("a", 1, DAYS);
	simulate("b", 1, DAYS);
	simulate("c", 2, DAYS);
	simulate("d", 1, 1);
	test_content("a", &total);
	test_same_bytes();
	test_later_days();
	test_refusals();
	remove_all();
	return tap_done();
}
