/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What scanners do on a day: the same whenever it is asked, and as their species does. */
#include "simulator/campaign.h"
#include "tests/tap.h"

#define DAYS 4
#define DAY UINT64_C(86400000000)

typedef struct {
	size_t days, wrong_tool, wrong_touch, wrong_shares, outside, silent, loud_ipv6, irregular;
	size_t touches[TOUCH_STRAY + 1], tools[TOOLS];
} tally_t;

static void judge_activity(tally_t *tally, const population_t *population, unsigned day,
                           const activity_t *activity)
{
	uint64_t begin = population_day_begin(population, day);
	double sum = 0;
	tally->outside += activity->begin < begin || activity->end > begin + DAY;
	for (unsigned i = 0; i < activity->interval_count; i++) {
		const interval_t *interval = &activity->intervals[i];
		tally->outside += interval->begin < activity->begin || interval->end > activity->end ||
		                  interval->begin >= interval->end;
		sum += interval->share;
	}
	tally->wrong_shares += sum < 0.999999 || sum > 1.000001;
}

static void judge(tally_t *tally, const population_t *population, size_t index, unsigned day)
{
	campaign_day_t out;
	const originator_t *originator = population_look(population, index);
	if (!campaign_day(population, index, day, &out)) {
		return;
	}
	static const scan_tool_t only[SPECIES] = {
		[SPECIES_RESEARCH] = TOOL_ZMAP, [SPECIES_MIRAI] = TOOL_MIRAI,
		[SPECIES_CONFICKER] = TOOL_CONFICKER,
	};
	bool scans = originator->class_id == CLASS_SCAN;
	bool ipv4 = address_is_ipv4(&originator->address);
	tally->days++;
	tally->touches[out.touch]++;
	tally->tools[out.tool]++;
	tally->wrong_tool += scans != (out.tool != TOOL_NONE) || out.species != originator->species ||
	                     out.tool != campaign_tool(population, originator);
	tally->wrong_tool += scans && only[out.species] != TOOL_NONE && only[out.species] != out.tool;
	tally->wrong_touch += scans != (out.touch == TOUCH_NETWORK_SCAN || out.touch == TOUCH_PORT_SCAN);
	tally->silent += scans && ipv4 && !(out.probes > 1 && out.probes < 100 * CAMPAIGN_SPACE);
	tally->loud_ipv6 += !ipv4 && out.probes > 0;
	tally->irregular += out.species == SPECIES_RESEARCH && out.activity.interval_count > 2;
	judge_activity(tally, population, day, &out.activity);
}

static void test_days(const population_t *population)
{
	tally_t tally = { 0 };
	for (unsigned day = 1; day <= DAYS; day++) {
		for (size_t i = 0; i < population_count(population); i++) {
			judge(&tally, population, i, day);
		}
	}
	ok(tally.days > 4000, "%zu days of originators", tally.days);
	is_int(tally.wrong_tool, 0, "every scanner has the tool of its species, others have none");
	is_int(tally.wrong_touch, 0, "scanners scan, and nobody else");
	is_int(tally.wrong_shares, 0, "the shares of the intervals sum to 1");
	is_int(tally.outside, 0, "nobody works outside of life and day");
	is_int(tally.silent, 0, "every IPv4 scanner sends probes");
	is_int(tally.loud_ipv6, 0, "none over IPv6 sends them to IPv4");
	is_int(tally.irregular, 0, "research scanners have their hours");
	for (int i = 0; i <= TOUCH_STRAY; i++) {
		ok(tally.touches[i] > 0, "touch %d occurs (%zu)", i, tally.touches[i]);
	}
	for (int i = 0; i < TOOLS; i++) {
		ok(tally.tools[i] > 0, "tool %s occurs (%zu)", tool_names[i], tally.tools[i]);
	}
}

/* The addresses of a campaign have one tool, one aim and one profile. */
static void test_moves(const population_t *population)
{
	size_t moved = 0, same = 0;
	for (size_t i = 0; i < population_count(population); i++) {
		const originator_t *originator = population_look(population, i);
		campaign_day_t now = { 0 }, first = { 0 };
		unsigned day = (unsigned)(originator->begin / DAY) + 1;
		if (originator->campaign == originator->serial || day > DAYS ||
		    !campaign_day(population, i, day, &now)) {
			continue;
		}
		moved++;
		const originator_t *begin = population_look(population, originator->campaign);
		unsigned first_day = (unsigned)(begin->begin / DAY) + 1;
		same += campaign_day(population, originator->campaign, first_day, &first) &&
		        now.tool == first.tool && now.touch == first.touch &&
		        now.port_count == first.port_count &&
		        memcmp(now.ports, first.ports, sizeof(now.ports)) == 0;
	}
	ok(moved > 20 && moved == same, "%zu of %zu go on as they began", same, moved);
}

/* Larger scans have more queriers, by the law of the parameters. */
static void test_law(population_t *population, const parameters_t *parameters)
{
	double sum = 0, square = 0;
	size_t count = 0;
	for (size_t i = 0; i < population_count(population); i++) {
		campaign_day_t out;
		if (!campaign_day(population, i, 1, &out) || out.probes <= 0 || out.tool == TOOL_NONE) {
			continue;
		}
		double reached = out.activity.queriers / parameters->originators.probes_whole;
		double residual = log(out.probes / CAMPAIGN_SPACE) -
		                  log(reached) / parameters->originators.probes_exponent;
		sum += residual;
		square += residual * residual;
		count++;
	}
	double mean = sum / (double)count, sigma = parameters->originators.probes_sigma;
	is_near(mean, 0, 5 * sigma / sqrt((double)count), "the power law of queriers and probes");
	is_near(sqrt(square / (double)count), sigma, 0.2 * sigma, "with its deviation");
}

int main(void)
{
	parameters_t *parameters;
	world_t *world;
	population_t *population;
	failure_t failure;
	tap_require(parameters_load(NULL, &parameters, &failure) == STATUS_OK &&
	            world_create(1, parameters, &world, &failure) == STATUS_OK &&
	            population_create(world, parameters, 1, 2000, 0, &population, &failure) ==
	            STATUS_OK, "a population");
	for (unsigned day = 1; day <= DAYS; day++) {
		tap_require(population_next_day(population, &failure) == STATUS_OK, "day %u", day);
	}
	test_days(population);
	test_moves(population);
	test_law(population, parameters);
	population_destroy(population);
	world_destroy(world);
	parameters_destroy(parameters);
	return tap_done();
}
