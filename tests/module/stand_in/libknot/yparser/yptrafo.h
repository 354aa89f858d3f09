/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stand-in: all is in knot/module.h. */
#pragma once
#include <knot/module.h>
