/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/species.h"

const char *const species_names[SPECIES] = {
	[SPECIES_CAMPAIGN] = "campaign",
	[SPECIES_RESEARCH] = "research",
	[SPECIES_MIRAI] = "mirai",
	[SPECIES_CONFICKER] = "conficker",
};

const char *const tool_names[TOOLS] = {
	[TOOL_NONE] = "none",
	[TOOL_ZMAP] = "zmap",
	[TOOL_MASSCAN] = "masscan",
	[TOOL_MIRAI] = "mirai",
	[TOOL_CONFICKER] = "conficker",
	[TOOL_OTHER] = "other",
};
