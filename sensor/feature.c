/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the features, from the one list. */
#include "sensor/feature.h"

#define FEATURE_NAME(identifier, name) [FEATURE_##identifier] = name,

const char *const feature_names[FEATURES] = { FEATURE_LIST(FEATURE_NAME) };
