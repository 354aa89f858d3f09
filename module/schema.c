/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration section of the module. */
#include "module/schema.h"

#include <libknot/yparser/yptrafo.h>
#include <string.h>

#include "common/moment.h"
#include "sensor/network_map.h"

#define SETTING_STORAGE           "\x07""storage"
#define SETTING_MODEL             "\x05""model"
#define SETTING_AS_DB             "\x06""asn-db"
#define SETTING_AS_PATH           "\x08""asn-path"
#define SETTING_COUNTRY_DB        "\x0A""country-db"
#define SETTING_COUNTRY_PATH      "\x0C""country-path"
#define SETTING_WINDOW            "\x06""window"
#define SETTING_WINDOW_IPV6       "\x0B""window-ipv6"
#define SETTING_PERIOD            "\x06""period"
#define SETTING_INTERVAL          "\x08""interval"
#define SETTING_CHECKPOINT        "\x0A""checkpoint"
#define SETTING_DEDUP             "\x05""dedup"
#define SETTING_MIN_QUERIERS      "\x0C""min-queriers"
#define SETTING_MIN_QUERIERS_IPV6 "\x11""min-queriers-ipv6"
#define SETTING_SAMPLE_SIZE       "\x0B""sample-size"
#define SETTING_IGNORE_QUERIER    "\x0E""ignore-querier"
#define SETTING_IGNORE_ORIGINATOR "\x11""ignore-originator"
#define SETTING_SAMPLE_RATE       "\x0B""sample-rate"
#define SETTING_FAN_OUT_MAX       "\x0B""fan-out-max"
#define SETTING_MEMORY_MAX        "\x0A""memory-max"
#define SETTING_PREFIX64          "\x08""prefix64"
#define SETTING_MIN_KNOWN         "\x09""min-known"
#define SETTING_MIN_VERIFIED      "\x0C""min-verified"

/* Seconds. A window shorter than ten seconds would close more than it gathers. */
#define WINDOW_MIN 10
#define WINDOW_MAX (31 * 86400)

/* A resolver of a large network asks for some thousand originators a day. */
#define FAN_OUT_DEFAULT 100000

/* The number of a line in an arena ends there. */
#define MEMORY_MOST ((int64_t)1 << 39)

/* As the text in the table below. */
#define MIN_KNOWN_DEFAULT 0.7

/* Name, type, and of numbers the least, the most, the default and the unit. */
const yp_item_t schema_items[] = {
	{ SETTING_STORAGE,           YP_TSTR, YP_VSTR = { "/var/lib/knot/backscatter" } },
	{ SETTING_MODEL,             YP_TSTR, YP_VNONE },
	{ SETTING_AS_DB,             YP_TSTR, YP_VNONE },
	{ SETTING_AS_PATH,           YP_TSTR, YP_VSTR = { NETWORK_AS_PATH } },
	{ SETTING_COUNTRY_DB,        YP_TSTR, YP_VNONE },
	{ SETTING_COUNTRY_PATH,      YP_TSTR, YP_VSTR = { NETWORK_COUNTRY_PATH } },
	{ SETTING_WINDOW,            YP_TINT, YP_VINT = { WINDOW_MIN, WINDOW_MAX, 86400, YP_STIME } },
	{ SETTING_WINDOW_IPV6,       YP_TINT, YP_VINT = { WINDOW_MIN, WINDOW_MAX, 604800, YP_STIME } },
	{ SETTING_PERIOD,            YP_TINT, YP_VINT = { 1, 86400, 600, YP_STIME } },
	{ SETTING_INTERVAL,          YP_TINT, YP_VINT = { 1, 86400, 300, YP_STIME } },
	{ SETTING_CHECKPOINT,        YP_TINT, YP_VINT = { 0, 86400, 60, YP_STIME } },
	{ SETTING_DEDUP,             YP_TINT, YP_VINT = { 0, 3600, 30, YP_STIME } },
	{ SETTING_MIN_QUERIERS,      YP_TINT, YP_VINT = { 1, 1000000, 20, YP_SNONE } },
	{ SETTING_MIN_QUERIERS_IPV6, YP_TINT, YP_VINT = { 1, 1000000, 5, YP_SNONE } },
	{ SETTING_SAMPLE_SIZE,       YP_TINT, YP_VINT = { 64, 65536, 1024, YP_SNONE } },
	{ SETTING_PREFIX64,          YP_TBOOL, YP_VNONE },
	{ SETTING_IGNORE_QUERIER,    YP_TNET, YP_VNONE, YP_FMULTI },
	{ SETTING_IGNORE_ORIGINATOR, YP_TNET, YP_VNONE, YP_FMULTI },
	{ SETTING_SAMPLE_RATE,       YP_TINT, YP_VINT = { 1, 1000000, 1, YP_SNONE } },
	{ SETTING_FAN_OUT_MAX,       YP_TINT, YP_VINT = { 0, 100000000, FAN_OUT_DEFAULT, YP_SNONE } },
	{ SETTING_MEMORY_MAX,        YP_TINT, YP_VINT = { SETTINGS_MEMORY_MIN, MEMORY_MOST,
	                                                  SETTINGS_MEMORY_DEFAULT, YP_SSIZE } },
	{ SETTING_MIN_KNOWN,         YP_TSTR, YP_VSTR = { "0.7" } },
	{ SETTING_MIN_VERIFIED,      YP_TSTR, YP_VSTR = { "0" } },
	{ "\x07""comment",           YP_TSTR, YP_VNONE },
	{ .name = NULL }
};

/* NULL if the window goes with the period, else the sentence. */
static const char *check_window(uint64_t window, uint64_t period, bool ipv6)
{
	if (window % period != 0) {
		return ipv6 ? "window-ipv6 is not a multiple of period" :
		              "window is not a multiple of period";
	}
	if (window / period > WINDOW_PERIODS_MAX) {
		return ipv6 ? "window-ipv6 has more than 4096 periods" :
		              "window has more than 4096 periods";
	}
	return NULL;
}

_Static_assert(WINDOW_PERIODS_MAX == 4096, "the sentences above say so");

static bool is_absolute(const char *text)
{
	return text[0] == '/';
}

static bool is_share(const char *text)
{
	double share;
	return settings_share(text, &share);
}

/* NULL if all strings are what they should be, else the sentence. */
static const char *check_strings(knotd_conf_check_args_t *args)
{
	static const struct {
		const yp_name_t *name;
		bool (*fits)(const char *text);
		const char *sentence;
	} strings[] = {
		{ SETTING_STORAGE, is_absolute, "storage is not an absolute path" },
		{ SETTING_MODEL, is_absolute, "model is not an absolute path" },
		{ SETTING_AS_DB, is_absolute, "asn-db is not an absolute path" },
		{ SETTING_COUNTRY_DB, is_absolute, "country-db is not an absolute path" },
		{ SETTING_AS_PATH, network_keys_fit,
		  "asn-path is not one to eight keys with '/' between them" },
		{ SETTING_COUNTRY_PATH, network_keys_fit,
		  "country-path is not one to eight keys with '/' between them" },
		{ SETTING_MIN_KNOWN, is_share, "min-known is not a share from 0 to 1, as 0.7" },
		{ SETTING_MIN_VERIFIED, is_share, "min-verified is not a share from 0 to 1, as 0.5" },
	};
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		knotd_conf_t item = knotd_conf_check_item(args, strings[i].name);
		const char *text = item.single.string;
		if (item.count > 0 && text != NULL && !strings[i].fits(text)) {
			return strings[i].sentence;
		}
	}
	return NULL;
}

int schema_check(knotd_conf_check_args_t *args)
{
	args->err_str = check_strings(args);
	if (args->err_str == NULL) {
		uint64_t period = (uint64_t)knotd_conf_check_item(args, SETTING_PERIOD).single.integer;
		int64_t window = knotd_conf_check_item(args, SETTING_WINDOW).single.integer;
		args->err_str = check_window((uint64_t)window, period, false);
		if (args->err_str == NULL) {
			window = knotd_conf_check_item(args, SETTING_WINDOW_IPV6).single.integer;
			args->err_str = check_window((uint64_t)window, period, true);
		}
	}
	return args->err_str == NULL ? KNOT_EOK : KNOT_EINVAL;
}

static int64_t read_integer(knotd_mod_t *mod, const yp_name_t *name)
{
	return knotd_conf_mod(mod, name).single.integer;
}

/* Copies a string; one that is not set stays NULL. */
static bool read_string(knotd_mod_t *mod, const yp_name_t *name, char **string)
{
	const char *text = knotd_conf_mod(mod, name).single.string;
	*string = text != NULL ? strdup(text) : NULL;
	return text == NULL || *string != NULL;
}

/* A confdb is not checked when Knot starts from one: what is no share is the default. */
static double read_share(knotd_mod_t *mod, const yp_name_t *name, double usual)
{
	double share;
	const char *text = knotd_conf_mod(mod, name).single.string;
	return text != NULL && settings_share(text, &share) ? share : usual;
}

status_t schema_read(knotd_mod_t *mod, settings_t *settings)
{
	*settings = (settings_t) {
		.window = {
			[FAMILY_IPV4] = (uint64_t)read_integer(mod, SETTING_WINDOW) * MICROSECONDS,
			[FAMILY_IPV6] = (uint64_t)read_integer(mod, SETTING_WINDOW_IPV6) * MICROSECONDS,
		},
		.period = (uint64_t)read_integer(mod, SETTING_PERIOD) * MICROSECONDS,
		.interval = (uint64_t)read_integer(mod, SETTING_INTERVAL) * MICROSECONDS,
		.checkpoint = (uint64_t)read_integer(mod, SETTING_CHECKPOINT) * MICROSECONDS,
		.dedup = (uint64_t)read_integer(mod, SETTING_DEDUP) * MICROSECONDS,
		.min_queriers = {
			[FAMILY_IPV4] = (uint32_t)read_integer(mod, SETTING_MIN_QUERIERS),
			[FAMILY_IPV6] = (uint32_t)read_integer(mod, SETTING_MIN_QUERIERS_IPV6),
		},
		.sample_size = (uint32_t)read_integer(mod, SETTING_SAMPLE_SIZE),
		.prefix64 = knotd_conf_mod(mod, SETTING_PREFIX64).single.boolean,
		.fan_out_max = (uint32_t)read_integer(mod, SETTING_FAN_OUT_MAX),
		.memory_max = (uint64_t)read_integer(mod, SETTING_MEMORY_MAX),
	};
	settings->min_known = read_share(mod, SETTING_MIN_KNOWN, MIN_KNOWN_DEFAULT);
	settings->min_verified = read_share(mod, SETTING_MIN_VERIFIED, 0);
	/* Strings of the configuration live only as long as it does. */
	bool good = read_string(mod, SETTING_STORAGE, &settings->storage) &&
	            read_string(mod, SETTING_MODEL, &settings->model) &&
	            read_string(mod, SETTING_AS_DB, &settings->as_db) &&
	            read_string(mod, SETTING_AS_PATH, &settings->as_path) &&
	            read_string(mod, SETTING_COUNTRY_DB, &settings->country_db) &&
	            read_string(mod, SETTING_COUNTRY_PATH, &settings->country_path);
	if (!good) {
		settings_clear(settings);
		return STATUS_NO_MEMORY;
	}
	return STATUS_OK;
}

/* One value of type network: an address, a prefix, or a range. */
static status_t add_network(prefix_map_t *map, const knotd_conf_val_t *value)
{
	address_t from, to;
	if (!address_from_sockaddr(&value->addr, &from)) {
		return STATUS_OK;
	}
	if (value->addr_max.ss_family != AF_UNSPEC) {
		return address_from_sockaddr(&value->addr_max, &to) ? filter_add_range(map, &from, &to) :
		       STATUS_OK;
	}
	unsigned before = address_is_ipv4(&from) ? 96 : 0;
	/* A plain address has a negative length. */
	unsigned length = value->addr_mask < 0 ? 128 : before + (unsigned)value->addr_mask;
	prefix_t prefix = { address_network(&from, length), (uint8_t)length };
	return prefix_map_add(map, &prefix, 0);
}

/* A map of the values of a setting; NULL and STATUS_OK if it has none. */
static status_t read_networks(knotd_mod_t *mod, const yp_name_t *name, prefix_map_t **map)
{
	knotd_conf_t networks = knotd_conf_mod(mod, name);
	status_t status = STATUS_OK;
	*map = networks.count > 0 ? prefix_map_create() : NULL;
	if (networks.count > 0 && *map == NULL) {
		status = STATUS_NO_MEMORY;
	}
	for (size_t i = 0; i < networks.count && status == STATUS_OK; i++) {
		status = add_network(*map, &networks.multi[i]);
	}
	if (*map != NULL) {
		prefix_map_finish(*map);
	}
	knotd_conf_free(&networks);
	return status;
}

status_t schema_read_filter(knotd_mod_t *mod, const hash_key_t *key, filter_t *filter)
{
	*filter = (filter_t) { 0 };
	filter_sample(filter, (uint32_t)read_integer(mod, SETTING_SAMPLE_RATE), key);
	status_t status = read_networks(mod, SETTING_IGNORE_QUERIER, &filter->queriers);
	return status != STATUS_OK ? status :
	       read_networks(mod, SETTING_IGNORE_ORIGINATOR, &filter->originators);
}
