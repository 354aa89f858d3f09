/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration section of the module. */
#include "module/schema.h"

#include <libknot/yparser/yptrafo.h>
#include <string.h>

#include "common/moment.h"

#define SETTING_STORAGE           "\x07""storage"
#define SETTING_MODEL             "\x05""model"
#define SETTING_WINDOW            "\x06""window"
#define SETTING_WINDOW_IPV6       "\x0B""window-ipv6"
#define SETTING_PERIOD            "\x06""period"
#define SETTING_INTERVAL          "\x08""interval"
#define SETTING_DEDUP             "\x05""dedup"
#define SETTING_MIN_QUERIERS      "\x0C""min-queriers"
#define SETTING_MIN_QUERIERS_IPV6 "\x11""min-queriers-ipv6"
#define SETTING_SAMPLE_SIZE       "\x0B""sample-size"

/* Seconds. A window shorter than ten seconds would close more than it gathers. */
#define WINDOW_MIN 10
#define WINDOW_MAX (31 * 86400)

/* Name, type, and of numbers the least, the most, the default and the unit. */
const yp_item_t schema_items[] = {
	{ SETTING_STORAGE,           YP_TSTR, YP_VSTR = { "/var/lib/knot/backscatter" } },
	{ SETTING_MODEL,             YP_TSTR, YP_VNONE },
	{ SETTING_WINDOW,            YP_TINT, YP_VINT = { WINDOW_MIN, WINDOW_MAX, 86400, YP_STIME } },
	{ SETTING_WINDOW_IPV6,       YP_TINT, YP_VINT = { WINDOW_MIN, WINDOW_MAX, 604800, YP_STIME } },
	{ SETTING_PERIOD,            YP_TINT, YP_VINT = { 1, 86400, 600, YP_STIME } },
	{ SETTING_INTERVAL,          YP_TINT, YP_VINT = { 1, 86400, 300, YP_STIME } },
	{ SETTING_DEDUP,             YP_TINT, YP_VINT = { 0, 3600, 30, YP_STIME } },
	{ SETTING_MIN_QUERIERS,      YP_TINT, YP_VINT = { 1, 1000000, 20, YP_SNONE } },
	{ SETTING_MIN_QUERIERS_IPV6, YP_TINT, YP_VINT = { 1, 1000000, 5, YP_SNONE } },
	{ SETTING_SAMPLE_SIZE,       YP_TINT, YP_VINT = { 64, 65536, 1024, YP_SNONE } },
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

int schema_check(knotd_conf_check_args_t *args)
{
	knotd_conf_t storage = knotd_conf_check_item(args, SETTING_STORAGE);
	knotd_conf_t model = knotd_conf_check_item(args, SETTING_MODEL);
	if (storage.single.string[0] != '/') {
		args->err_str = "storage is not an absolute path";
	} else if (model.count > 0 && model.single.string[0] != '/') {
		args->err_str = "model is not an absolute path";
	} else {
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

status_t schema_read(knotd_mod_t *mod, settings_t *settings)
{
	*settings = (settings_t) {
		.window = {
			[FAMILY_IPV4] = (uint64_t)read_integer(mod, SETTING_WINDOW) * MICROSECONDS,
			[FAMILY_IPV6] = (uint64_t)read_integer(mod, SETTING_WINDOW_IPV6) * MICROSECONDS,
		},
		.period = (uint64_t)read_integer(mod, SETTING_PERIOD) * MICROSECONDS,
		.interval = (uint64_t)read_integer(mod, SETTING_INTERVAL) * MICROSECONDS,
		.dedup = (uint64_t)read_integer(mod, SETTING_DEDUP) * MICROSECONDS,
		.min_queriers = {
			[FAMILY_IPV4] = (uint32_t)read_integer(mod, SETTING_MIN_QUERIERS),
			[FAMILY_IPV6] = (uint32_t)read_integer(mod, SETTING_MIN_QUERIERS_IPV6),
		},
		.sample_size = (uint32_t)read_integer(mod, SETTING_SAMPLE_SIZE),
	};
	/* Strings of the configuration live only as long as it does. */
	const char *storage = knotd_conf_mod(mod, SETTING_STORAGE).single.string;
	const char *model = knotd_conf_mod(mod, SETTING_MODEL).single.string;
	settings->storage = strdup(storage);
	settings->model = model != NULL ? strdup(model) : NULL;
	if (settings->storage == NULL || (model != NULL && settings->model == NULL)) {
		settings_clear(settings);
		return STATUS_NO_MEMORY;
	}
	return STATUS_OK;
}
