/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening and closing of the store, and what its parts share. */
#include "store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/cursor.h"
#include "sensor/feature.h"

/* Room in the address space, not on the disk: the file grows with what is in it. */
#define MAP_SIZE ((size_t)1 << 36)
#define TABLES 8
#define FILE_MODE 0660
/* Bytes of LMDB's lock file with its default of 126 readers; also of two pages of data. */
#define LOCK_SIZE 8192

/* Stores that this process has open. */
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static store_t *list;

status_t store_fail(const store_t *store, int error_number, const char *what, failure_t *failure)
{
	status_t status = error_number == ENOMEM ? STATUS_NO_MEMORY :
	                  error_number == MDB_CORRUPTED || error_number == MDB_INVALID ||
	                  error_number == MDB_PAGE_NOTFOUND ? STATUS_BAD_DATA :
	                  error_number == MDB_VERSION_MISMATCH ? STATUS_UNSUPPORTED : STATUS_SYSTEM;
	return failure_set(failure, status, "store '%s': %s: %s", store->folder, what,
	                   mdb_strerror(error_number));
}

status_t store_damaged(const store_t *store, const char *what, failure_t *failure)
{
	return failure_set(failure, STATUS_BAD_DATA, "store '%s': %s is damaged", store->folder, what);
}

status_t store_begin(const store_t *store, unsigned flags, MDB_txn **transaction,
                     failure_t *failure)
{
	if (flags == 0 && !store->writes) {
		return failure_set(failure, STATUS_CALLER, "store '%s' is open for reading only",
		                   store->folder);
	}
	int error_number = mdb_txn_begin(store->environment, NULL, flags, transaction);
	return error_number == 0 ? STATUS_OK : store_fail(store, error_number, "cannot begin", failure);
}

status_t store_commit(const store_t *store, MDB_txn *transaction, failure_t *failure)
{
	int error_number = mdb_txn_commit(transaction);
	return error_number == 0 ? STATUS_OK : store_fail(store, error_number, "cannot write", failure);
}

status_t store_put(const store_t *store, MDB_txn *transaction, MDB_dbi table, const void *key,
                   size_t key_size, const void *value, size_t value_size, const char *what,
                   failure_t *failure)
{
	MDB_val k = { key_size, (void *)key }, v = { value_size, (void *)value };
	int error_number = mdb_put(transaction, table, &k, &v, 0);
	return error_number == 0 ? STATUS_OK : store_fail(store, error_number, what, failure);
}

status_t store_get_number(const store_t *store, MDB_txn *transaction, const char *key,
                          uint64_t *number, failure_t *failure)
{
	MDB_val k = { strlen(key), (void *)key }, v;
	*number = 0;
	int error_number = mdb_get(transaction, store->meta, &k, &v);
	if (error_number == MDB_NOTFOUND) {
		return STATUS_OK;
	}
	if (error_number != 0) {
		return store_fail(store, error_number, "cannot read", failure);
	}
	cursor_t cursor = cursor_make(v.mv_data, v.mv_size);
	*number = cursor_le64(&cursor);
	return cursor.failed ? store_damaged(store, key, failure) : STATUS_OK;
}

status_t store_put_number(const store_t *store, MDB_txn *transaction, const char *key,
                          uint64_t number, failure_t *failure)
{
	buffer_t buffer = { 0 };
	buffer_le64(&buffer, number);
	status_t status = buffer.failed ? failure_no_memory(failure, "the store") :
	                  store_put(store, transaction, store->meta, key, strlen(key), buffer.data,
	                            buffer.size, "cannot write", failure);
	buffer_clear(&buffer);
	return status;
}

/* The folder may hold a database of somebody else, of knotd itself at worst: keep out of it. */
static status_t check_ours(const store_t *store, MDB_txn *transaction, failure_t *failure)
{
	MDB_dbi all, meta;
	MDB_stat stat;
	int error_number = mdb_dbi_open(transaction, NULL, 0, &all);
	if (error_number == 0) {
		error_number = mdb_stat(transaction, all, &stat);
	}
	if (error_number != 0) {
		return store_fail(store, error_number, "cannot open tables", failure);
	}
	if (stat.ms_entries > 0 && mdb_dbi_open(transaction, "meta", 0, &meta) != 0) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "store '%s': this folder holds a database that is no store",
		                   store->folder);
	}
	return STATUS_OK;
}

static status_t open_tables(store_t *store, MDB_txn *transaction, failure_t *failure)
{
	/* A store from before there were such lists can be read without. */
	const struct { const char *name; MDB_dbi *table; bool may_lack; } tables[] = {
		{ "meta", &store->meta, false }, { "windows", &store->windows, false },
		{ "originators", &store->originators, false }, { "queriers", &store->queriers, false },
		{ "wanted", &store->wanted, true }, { "prefixes", &store->prefixes, true },
	};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		int error_number = mdb_dbi_open(transaction, tables[i].name,
		                                store->writes ? MDB_CREATE : 0, tables[i].table);
		if (error_number == MDB_NOTFOUND && tables[i].may_lack) {
			continue;
		}
		if (error_number == MDB_NOTFOUND) {
			return failure_set(failure, STATUS_BAD_DATA, "store '%s': table '%s' is missing",
			                   store->folder, tables[i].name);
		}
		if (error_number != 0) {
			return store_fail(store, error_number, "cannot open tables", failure);
		}
	}
	return STATUS_OK;
}

/* A new store gets its version; an old one must have ours and the same features. */
static status_t check_version(store_t *store, MDB_txn *transaction, failure_t *failure)
{
	uint64_t version, features;
	status_t status = store_get_number(store, transaction, "version", &version, failure);
	if (status == STATUS_OK) {
		status = store_get_number(store, transaction, "features", &features, failure);
	}
	if (status != STATUS_OK) {
		return status;
	}
	if (version == 0 && store->writes) {
		status = store_put_number(store, transaction, "version", STORE_VERSION, failure);
		return status != STATUS_OK ? status :
		       store_put_number(store, transaction, "features", FEATURES, failure);
	}
	if (version != STORE_VERSION || features != FEATURES) {
		return failure_set(failure, STATUS_UNSUPPORTED,
		                   "store '%s' is of version %llu with %llu features, not %d with %d",
		                   store->folder, (unsigned long long)version,
		                   (unsigned long long)features, STORE_VERSION, FEATURES);
	}
	return STATUS_OK;
}

static const char *const files[] = { "data.mdb", "lock.mdb" };

static bool is_fresh(const store_t *store)
{
	char path[PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s/%s", store->folder, files[0]);
	return access(path, F_OK) != 0;
}

/*
 * Gives new files to the folder's owner and group: readers must write the lock file
 * too, and a store that root fills before knotd's first start must be knotd's.
 */
static void share_files(const store_t *store)
{
	struct stat info;
	char path[PATH_MAX];
	if (stat(store->folder, &info) != 0) {
		return;
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", store->folder, files[i]);
		/* Without the right to do it the files are as the umask made them. */
		if (geteuid() == 0 && lchown(path, info.st_uid, info.st_gid) != 0) {
			continue;
		}
		(void)chmod(path, FILE_MODE);
	}
}

/*
 * LMDB makes its lock file with a hole and writes into it through a mapping: on a full
 * disk that is SIGBUS, the end of the name server. So the room is taken before.
 * \return 0 or a value of errno.
 */
static int take_lock_room(const store_t *store)
{
	char path[PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s/%s", store->folder, files[1]);
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	if (file < 0) {
		return errno;
	}
	int error_number = fallocate(file, 0, 0, LOCK_SIZE) == 0 ? 0 : errno;
	if (error_number != 0) {
		struct stat info;
		if (fstat(file, &info) == 0 && info.st_size == 0) {
			(void)unlink(path);
		}
	}
	close(file);
	/* File systems that cannot do it are taken as they are. */
	return error_number == EOPNOTSUPP || error_number == ENOSYS ? 0 : error_number;
}

/* Without room for its first pages a new file is no database, and no empty one either. */
static void remove_stump(const store_t *store)
{
	struct stat info;
	char path[PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s/%s", store->folder, files[0]);
	if (stat(path, &info) == 0 && info.st_size < LOCK_SIZE) {
		(void)unlink(path);
	}
}

static status_t open_environment(store_t *store, failure_t *failure)
{
	int error_number = store->writes ? take_lock_room(store) : 0;
	if (error_number == 0) {
		error_number = mdb_env_create(&store->environment);
	}
	if (error_number != 0) {
		return store_fail(store, error_number, "cannot open", failure);
	}
	(void)mdb_env_set_mapsize(store->environment, MAP_SIZE);
	(void)mdb_env_set_maxdbs(store->environment, TABLES);
	unsigned flags = MDB_NOTLS | (store->writes ? 0 : MDB_RDONLY);
	bool fresh = store->writes && is_fresh(store);
	error_number = mdb_env_open(store->environment, store->folder, flags, FILE_MODE);
	if (error_number != 0 && fresh) {
		remove_stump(store);
	}
	if (!store->writes && error_number == EACCES) {
		return failure_set(failure, STATUS_SYSTEM, "store '%s': cannot open: reading it takes the "
		                   "right to write its lock.mdb, as knotd's user or group has",
		                   store->folder);
	}
	if (error_number == ENOENT) {
		return failure_set(failure, STATUS_SYSTEM, "store '%s': there is no store in this folder",
		                   store->folder);
	}
	if (error_number != 0) {
		return store_fail(store, error_number, "cannot open", failure);
	}
	if (fresh) {
		share_files(store);
	}
	MDB_txn *transaction;
	status_t status = store_begin(store, store->writes ? 0 : MDB_RDONLY, &transaction, failure);
	if (status != STATUS_OK) {
		return status;
	}
	if ((status = check_ours(store, transaction, failure)) != STATUS_OK ||
	    (status = open_tables(store, transaction, failure)) != STATUS_OK ||
	    (status = check_version(store, transaction, failure)) != STATUS_OK) {
		mdb_txn_abort(transaction);
		return status;
	}
	return store_commit(store, transaction, failure);
}

bool store_present(const store_t *store)
{
	struct stat opened, there;
	char path[PATH_MAX];
	int file;
	(void)snprintf(path, sizeof(path), "%s/%s", store->folder, files[0]);
	if (mdb_env_get_fd(store->environment, &file) != 0 || fstat(file, &opened) != 0) {
		return false;
	}
	if (stat(path, &there) != 0) {
		/* Other trouble than absence does not last, or shows when writing. */
		return errno != ENOENT && errno != ENOTDIR;
	}
	return opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

static void store_free(store_t *store)
{
	if (store->environment != NULL) {
		mdb_env_close(store->environment);
	}
	free(store->folder);
	free(store);
}

static status_t open_new(const char *folder, store_mode_t mode, const struct stat *info,
                         store_t **out, failure_t *failure)
{
	store_t *store = calloc(1, sizeof(*store));
	if (store == NULL || (store->folder = strdup(folder)) == NULL) {
		free(store);
		return failure_no_memory(failure, "a store");
	}
	store->device = info->st_dev;
	store->inode = info->st_ino;
	store->writes = mode == STORE_WRITE;
	store->users = 1;
	status_t status = open_environment(store, failure);
	if (status != STATUS_OK) {
		store_free(store);
		return status;
	}
	store->next = list;
	list = store;
	*out = store;
	return STATUS_OK;
}

status_t store_open(const char *folder, store_mode_t mode, store_t **out, failure_t *failure)
{
	struct stat info;
	if (stat(folder, &info) != 0) {
		return failure_system(failure, errno, "cannot open store folder", folder);
	}
	if (!S_ISDIR(info.st_mode)) {
		return failure_system(failure, ENOTDIR, "cannot open store folder", folder);
	}
	pthread_mutex_lock(&list_lock);
	status_t status = STATUS_OK;
	store_t *store = list;
	while (store != NULL && (store->device != info.st_dev || store->inode != info.st_ino ||
	                         !store_present(store))) {
		store = store->next;
	}
	if (store != NULL) {
		store->users++;
		*out = store;
	} else {
		status = open_new(folder, mode, &info, out, failure);
	}
	pthread_mutex_unlock(&list_lock);
	return status;
}

void store_close(store_t *store)
{
	if (store == NULL) {
		return;
	}
	pthread_mutex_lock(&list_lock);
	if (--store->users == 0) {
		store_t **link = &list;
		while (*link != store) {
			link = &(*link)->next;
		}
		*link = store->next;
		store_free(store);
	}
	pthread_mutex_unlock(&list_lock);
}

const char *store_folder(const store_t *store)
{
	return store->folder;
}
