/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a pcap file, beside libpcap. */
#include "tests/fuzz/capture_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	capture_target(data, size, "pcap");
	return 0;
}
