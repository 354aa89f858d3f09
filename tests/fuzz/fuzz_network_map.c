/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a file of networks: what is read has prefixes that are found again. */
#include "sensor/network_map.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/input_file.h"

#define MOST 10000

/*
 * libmaxminddb 1.7 loses some 5 KB when it refuses a file whose languages or descriptions are
 * damaged; a file is read once, so that is all that a bad one costs.
 */
__attribute__((visibility("default")))
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libmaxminddb";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[INPUT_FILE_PATH_MAX];
	failure_t failure = { 0 };
	prefix_map_t *map = NULL;
	int file = input_file(data, size, path);
	for (network_kind_t kind = 0; kind < NETWORK_KINDS; kind++) {
		status_t status = network_map_load(path, kind, kind == NETWORK_AS ? NULL : "c", MOST, &map,
		                                   &failure);
		fuzz_require(status == STATUS_OK || failure.sentence[0] != '\0');
		if (status != STATUS_OK) {
			continue;
		}
		fuzz_require(prefix_map_count(map) > 0 && prefix_map_count(map) <= MOST);
		for (uint32_t i = 0; i < prefix_map_count(map); i++) {
			const prefix_t *prefix = prefix_map_prefix(map, i);
			uint32_t found = prefix_map_find(map, &prefix->address);
			fuzz_require(found != PREFIX_MAP_NONE &&
			             prefix_map_prefix(map, found)->length >= prefix->length);
		}
		prefix_map_destroy(map);
	}
	close(file);
	return 0;
}
