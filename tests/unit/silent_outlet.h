/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Where a detector may talk to when nobody is to hear it.
 */
#pragma once

#include "module/detector.h"

static void silent_log(void *context, int priority, const char *text)
{
	(void)context;
	(void)priority;
	(void)text;
}

static void silent_gauge(void *context, counter_t counter, unsigned index, uint64_t value)
{
	(void)context;
	(void)counter;
	(void)index;
	(void)value;
}

/*! Its functions do nothing. */
static const detector_outlet_t silent_outlet = { .log = silent_log, .gauge = silent_gauge };
