/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/classes.h"

const char *const class_names[CLASSES] = {
	[CLASS_AD_TRACKER] = "ad-tracker",
	[CLASS_CDN] = "cdn",
	[CLASS_CLOUD] = "cloud",
	[CLASS_CRAWLER] = "crawler",
	[CLASS_DNS] = "dns",
	[CLASS_MAIL] = "mail",
	[CLASS_NTP] = "ntp",
	[CLASS_P2P] = "p2p",
	[CLASS_PUSH] = "push",
	[CLASS_SCAN] = "scan",
	[CLASS_SPAM] = "spam",
	[CLASS_UPDATE] = "update",
};
