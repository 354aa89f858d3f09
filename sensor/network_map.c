/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps of networks: the copy of the file, and which reader takes it. */
#include "sensor/network_map.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor/network_file.h"
#include "sensor/querier_directory.h"

#define COPY_STEP (1u << 16)

/* Stands within the last 128 KiB of each MaxMind DB. */
#define MMDB_MARK      "\xab\xcd\xefMaxMind.com"
#define MMDB_MARK_ROOM (128u << 10)

bool network_value_parse(network_kind_t kind, const char *text, size_t size, uint32_t *value)
{
	char copy[16];
	if (size >= sizeof(copy) || memchr(text, '\0', size) != NULL) {
		return false;
	}
	memcpy(copy, text, size);
	copy[size] = '\0';
	if (kind == NETWORK_AS) {
		return as_number_parse(copy, value);
	}
	int country = country_parse(copy);
	*value = country > 0 ? (uint32_t)country : 0;
	return country >= 0;
}

static status_t copy_bytes(int from, const char *path, network_file_t *file, failure_t *failure)
{
	uint8_t bytes[COPY_STEP];
	ssize_t got;
	while ((got = read(from, bytes, sizeof(bytes))) > 0) {
		file->size += (size_t)got;
		if (file->size > NETWORK_FILE_MAX) {
			return failure_set(failure, STATUS_BAD_DATA, "'%s' is larger than %llu bytes", path,
			                   (unsigned long long)NETWORK_FILE_MAX);
		}
		ssize_t put = write(file->file, bytes, (size_t)got);
		if (put != got) {
			return failure_system(failure, put < 0 ? errno : ENOMEM, "cannot copy", path);
		}
	}
	return got == 0 ? STATUS_OK : failure_system(failure, errno, "cannot read", path);
}

static status_t copy_file(network_file_t *file, failure_t *failure)
{
	int from = open(file->path, O_RDONLY | O_CLOEXEC);
	if (from < 0) {
		return failure_system(failure, errno, "cannot open", file->path);
	}
	status_t status = STATUS_OK;
	file->file = memfd_create("networks", MFD_CLOEXEC);
	if (file->file < 0) {
		status = failure_system(failure, errno, "cannot copy", file->path);
	} else {
		status = copy_bytes(from, file->path, file, failure);
	}
	close(from);
	if (status != STATUS_OK) {
		return status;
	}
	if (file->size == 0) {
		return failure_set(failure, STATUS_BAD_DATA, "'%s' is empty", file->path);
	}
	void *data = mmap(NULL, file->size, PROT_READ, MAP_SHARED, file->file, 0);
	if (data == MAP_FAILED) {
		return failure_system(failure, errno, "cannot map", file->path);
	}
	file->data = data;
	return STATUS_OK;
}

static bool is_mmdb(const network_file_t *file)
{
	size_t room = file->size < MMDB_MARK_ROOM ? file->size : MMDB_MARK_ROOM;
	return memmem(file->data + file->size - room, room, MMDB_MARK, sizeof(MMDB_MARK) - 1) != NULL;
}

static void file_clear(network_file_t *file)
{
	if (file->data != NULL) {
		(void)munmap((void *)file->data, file->size);
	}
	if (file->file >= 0) {
		close(file->file);
	}
	prefix_map_destroy(file->map);
}

status_t network_file_add(network_file_t *file, const prefix_t *prefix, uint32_t value,
                          failure_t *failure)
{
	if (prefix_map_count(file->map) >= file->most) {
		return failure_set(failure, STATUS_UNSUPPORTED, "'%s' has more than %zu networks",
		                   file->path, file->most);
	}
	return prefix_map_add(file->map, prefix, value) == STATUS_OK ? STATUS_OK :
	       failure_no_memory(failure, file->path);
}

status_t network_map_load(const char *path, network_kind_t kind, const char *keys,
                          size_t most, prefix_map_t **map, failure_t *failure)
{
	network_file_t file = {
		.path = path, .kind = kind, .file = -1, .most = most,
		.keys = keys != NULL ? keys : kind == NETWORK_AS ? NETWORK_AS_PATH : NETWORK_COUNTRY_PATH,
		.map = prefix_map_create(),
	};
	status_t status = file.map == NULL ? failure_no_memory(failure, path) :
	                  copy_file(&file, failure);
	if (status == STATUS_OK) {
		status = is_mmdb(&file) ? network_read_mmdb(&file, failure) :
		         network_read_text(&file, failure);
	}
	if (status == STATUS_OK) {
		prefix_map_finish(file.map);
		*map = file.map;
		file.map = NULL;
	}
	file_clear(&file);
	return status;
}

bool network_keys_fit(const char *keys)
{
	size_t size = strlen(keys), count = 1;
	for (const char *at = keys; *at != '\0'; at++) {
		count += *at == '/';
	}
	return size > 0 && size < NETWORK_PATH_MAX && count <= NETWORK_KEYS_MAX && keys[0] != '/' &&
	       keys[size - 1] != '/' && strstr(keys, "//") == NULL;
}

uint32_t network_map_find(const prefix_map_t *map, const address_t *address)
{
	uint32_t entry = map != NULL ? prefix_map_find(map, address) : PREFIX_MAP_NONE;
	return entry != PREFIX_MAP_NONE ? prefix_map_value(map, entry) : 0;
}
