/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Engines: the list, the thread, and what it says to Knot. */
#include "module/engine.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <urcu.h>

#include "common/moment.h"
#include "module/checkpoint.h"
#include "module/detector.h"

/* What a worker has asked for ahead, on cache lines of its own. */
typedef struct {
	_Alignas(LINE_SIZE) window_pair_t pair;
	_Alignas(LINE_SIZE) window_pair_t subnet;
} ahead_t;

struct engine {
	char *scope;
	settings_t settings;   /* guarded by lock once the thread runs, as all to `gauges` */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool changed;          /* settings or mod are new to the thread */
	bool stop;
	bool ended;            /* the thread has done all its work */
	bool abandoned;        /* nobody waits for the thread: it frees the engine */
	knotd_mod_t *mod;      /* whom to talk to; NULL: nobody */
	knotd_mod_t *older;    /* the instance before mod, if it has not been released; or NULL */
	uint64_t gauges[COUNTERS][GAUGE_INDICES_MAX];
	bool gauged[COUNTERS][GAUGE_INDICES_MAX];
	sensor_t *sensor;
	ahead_t *ahead;        /* one per worker */
	detector_t *detector;  /* of the thread */
	pthread_t thread;
	unsigned users;        /* guarded by list_lock, as next */
	engine_t *next;
};

/* How much the thread gives way to others, as nice(1) has it. */
#define NICENESS 10

/* Knot's main thread waits for the last pass of an engine for so long, in microseconds. */
#define PATIENCE (10 * MICROSECONDS)

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static engine_t *list;
static _Atomic unsigned abandoned;  /* engines that were not waited for and have not ended */

static void engine_log(void *context, int priority, const char *text)
{
	engine_t *engine = context;
	pthread_mutex_lock(&engine->lock);
	if (engine->mod != NULL) {
		knotd_mod_log(engine->mod, priority, "%s", text);
	}
	pthread_mutex_unlock(&engine->lock);
}

static void engine_gauge(void *context, counter_t counter, unsigned index, uint64_t value)
{
	engine_t *engine = context;
	pthread_mutex_lock(&engine->lock);
	engine->gauges[counter][index] = value;
	engine->gauged[counter][index] = true;
	if (engine->mod != NULL) {
		knotd_mod_stats_store(engine->mod, 0, counter, index, value);
	}
	pthread_mutex_unlock(&engine->lock);
}

/* An instance starts with counters of zero: it gets what is known already. */
static void repeat_gauges(engine_t *engine)
{
	for (unsigned counter = 0; counter < COUNTERS; counter++) {
		for (unsigned index = 0; index < GAUGE_INDICES_MAX; index++) {
			if (engine->gauged[counter][index]) {
				knotd_mod_stats_store(engine->mod, 0, counter, index,
				                      engine->gauges[counter][index]);
			}
		}
	}
}

/* So many microseconds from now, for waiting on `wake`. */
static struct timespec deadline(uint64_t microseconds)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(microseconds / MICROSECONDS);
	until.tv_nsec += (long)(microseconds % MICROSECONDS) * 1000;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	return until;
}

/* With the lock held: sleeps until woken, or for at most so many microseconds. */
static void engine_sleep(engine_t *engine, uint64_t microseconds)
{
	struct timespec until = deadline(microseconds);
	while (!engine->stop && !engine->changed &&
	       pthread_cond_timedwait(&engine->wake, &engine->lock, &until) != ETIMEDOUT) {
	}
}

static void engine_free(engine_t *engine)
{
	detector_destroy(engine->detector);
	sensor_destroy(engine->sensor);
	free(engine->ahead);
	settings_clear(&engine->settings);
	pthread_mutex_destroy(&engine->lock);
	pthread_cond_destroy(&engine->wake);
	free(engine->scope);
	free(engine);
}

static void *engine_run(void *context)
{
	engine_t *engine = context;
	bool stale = false;
	/* Passes are long and can wait; the workers beside them answer queries. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
	rcu_register_thread();
	pthread_mutex_lock(&engine->lock);
	while (!engine->stop) {
		stale = stale || engine->changed;
		engine->changed = false;
		/* Without memory the old settings stay until the next time. */
		if (stale && detector_configure(engine->detector, &engine->settings) == STATUS_OK) {
			stale = false;
		}
		pthread_mutex_unlock(&engine->lock);
		uint64_t pause = detector_step(engine->detector, moment_now());
		pthread_mutex_lock(&engine->lock);
		engine_sleep(engine, pause);
	}
	pthread_mutex_unlock(&engine->lock);
	detector_finish(engine->detector, moment_now());
	rcu_unregister_thread();

	pthread_mutex_lock(&engine->lock);
	engine->ended = true;
	bool alone = engine->abandoned;
	pthread_cond_signal(&engine->wake);
	pthread_mutex_unlock(&engine->lock);
	if (alone) {
		engine_free(engine);
		atomic_fetch_sub(&abandoned, 1);
	}
	return NULL;
}

/* knotd blocks its signals for the threads of its start, but not for those of a reload. */
static int start_thread(engine_t *engine)
{
	sigset_t all, old;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int error_number = pthread_create(&engine->thread, NULL, engine_run, engine);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error_number == 0) {
		/* For who asks `top -H` what takes the time. */
		(void)pthread_setname_np(engine->thread, "backscatter");
	}
	return error_number;
}

static engine_t *engine_alloc(const char *scope, const settings_t *settings)
{
	engine_t *engine = calloc(1, sizeof(*engine));
	if (engine == NULL) {
		return NULL;
	}
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&engine->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&engine->lock, NULL);
	engine->scope = strdup(scope);
	if (engine->scope == NULL || settings_copy(&engine->settings, settings) != STATUS_OK) {
		engine_free(engine);
		return NULL;
	}
	return engine;
}

/* The sensor of the last checkpoint, or a new one. */
static void resume(engine_t *engine, const sensor_options_t *options, knotd_mod_t *mod)
{
	failure_t failure;
	if (checkpoint_resume(&engine->settings, engine->scope, options, moment_now(), &engine->sensor,
	                      &failure) != STATUS_OK) {
		knotd_mod_log(mod, LOG_WARNING, "checkpoint %s; windows begin empty", failure.sentence);
	}
	for (family_t family = 0; family < FAMILIES && engine->sensor != NULL; family++) {
		uint64_t count = window_counts(sensor_current(engine->sensor, family)).observations;
		if (count > 0) {
			knotd_mod_log(mod, LOG_INFO, "%s window goes on with %" PRIu64 " observations",
			              family_name(family), count);
		}
	}
}

static status_t make_sensor(engine_t *engine, knotd_mod_t *mod, hash_key_t key)
{
	unsigned workers = knotd_mod_threads(mod);
	sensor_options_t options = settings_sensor(&engine->settings, workers, key);
	const detector_outlet_t outlet = {
		.context = engine, .log = engine_log, .gauge = engine_gauge,
	};
	engine->ahead = aligned_alloc(LINE_SIZE, workers * sizeof(*engine->ahead));
	resume(engine, &options, mod);
	if (engine->ahead == NULL || engine->sensor == NULL) {
		return STATUS_NO_MEMORY;
	}
	memset(engine->ahead, 0, workers * sizeof(*engine->ahead));
	engine->detector = detector_create(engine->sensor, engine->scope, &outlet);
	return engine->detector == NULL ? STATUS_NO_MEMORY :
	       detector_configure(engine->detector, &engine->settings);
}

static status_t engine_start(knotd_mod_t *mod, const char *scope, const settings_t *settings,
                             engine_t **out, failure_t *failure)
{
	hash_key_t key;
	/* Knot does not check the sections of a confdb when it starts from one. */
	if (!settings_fit(settings)) {
		return failure_set(failure, STATUS_BAD_DATA, "a window is not a multiple of period, "
		                   "or has more than %d of them", WINDOW_PERIODS_MAX);
	}
	if (getrandom(&key, sizeof(key), 0) != sizeof(key)) {
		return failure_system(failure, errno, "cannot get random numbers", NULL);
	}
	engine_t *engine = engine_alloc(scope, settings);
	if (engine == NULL) {
		return failure_no_memory(failure, "the sensor");
	}
	if (make_sensor(engine, mod, key) != STATUS_OK) {
		engine_free(engine);
		return failure_no_memory(failure, "the sensor's tables");
	}
	engine->mod = mod;
	engine->users = 1;
	int error_number = start_thread(engine);
	if (error_number != 0) {
		engine_free(engine);
		return failure_system(failure, error_number, "cannot start the detector's thread", NULL);
	}
	engine->next = list;
	list = engine;
	*out = engine;
	return STATUS_OK;
}

static bool engine_suits(const engine_t *engine, const char *scope, const settings_t *settings)
{
	return strcmp(engine->scope, scope) == 0 &&
	       strcmp(engine->settings.storage, settings->storage) == 0 &&
	       settings_same_sensor(&engine->settings, settings);
}

static status_t engine_adopt(engine_t *engine, knotd_mod_t *mod, const settings_t *settings,
                             failure_t *failure)
{
	settings_t copy;
	if (settings_copy(&copy, settings) != STATUS_OK) {
		return failure_no_memory(failure, "settings");
	}
	pthread_mutex_lock(&engine->lock);
	settings_clear(&engine->settings);
	engine->settings = copy;
	engine->older = engine->mod;
	engine->mod = mod;
	engine->changed = true;
	repeat_gauges(engine);
	pthread_cond_signal(&engine->wake);
	pthread_mutex_unlock(&engine->lock);
	engine->users++;
	return STATUS_OK;
}

status_t engine_acquire(knotd_mod_t *mod, const char *scope, const settings_t *settings,
                        engine_t **out, failure_t *failure)
{
	pthread_mutex_lock(&list_lock);
	engine_t *engine = list;
	while (engine != NULL && !engine_suits(engine, scope, settings)) {
		engine = engine->next;
	}
	status_t status;
	if (engine != NULL) {
		status = engine_adopt(engine, mod, settings, failure);
		*out = engine;
	} else {
		status = engine_start(mod, scope, settings, out, failure);
	}
	pthread_mutex_unlock(&list_lock);
	return status;
}

/*
 * Ends the thread and frees all. The thread may hang on a disk, or on the store's
 * write lock that another process holds: then it is left to itself, for Knot's main
 * thread must go on. The module stays mapped (nodelete), so its code does not go away.
 */
static void engine_end(engine_t *engine, knotd_mod_t *mod, uint64_t patience)
{
	bool global = engine->scope[0] == '\0';
	pthread_mutex_lock(&engine->lock);
	engine->stop = true;
	if (!global) {
		/* Knot frees the name of a zone before it unloads the zone's modules, and each
		 * message would have that name in front: the last pass goes without. */
		engine->mod = NULL;
	}
	pthread_cond_signal(&engine->wake);
	struct timespec until = deadline(patience);
	while (!engine->ended &&
	       pthread_cond_timedwait(&engine->wake, &engine->lock, &until) != ETIMEDOUT) {
	}
	bool ended = engine->ended;
	if (!ended) {
		engine->abandoned = true;
		engine->mod = NULL;
		atomic_fetch_add(&abandoned, 1);
		pthread_detach(engine->thread);
	}
	pthread_mutex_unlock(&engine->lock);
	if (ended) {
		pthread_join(engine->thread, NULL);
		engine_free(engine);
	} else if (global) {
		knotd_mod_log(mod, LOG_WARNING, "the last pass hangs, disk or store may be busy; "
		              "not waiting for it");
	}
}

void engine_release(engine_t *engine, knotd_mod_t *mod)
{
	pthread_mutex_lock(&list_lock);
	bool last = --engine->users == 0;
	if (last) {
		engine_t **link = &list;
		while (*link != engine) {
			link = &(*link)->next;
		}
		*link = engine->next;
	}
	pthread_mutex_unlock(&list_lock);
	if (last) {
		/* One wait is enough: the engines of many zones hang on the same store. */
		engine_end(engine, mod, atomic_load(&abandoned) == 0 ? PATIENCE : 0);
		return;
	}
	pthread_mutex_lock(&engine->lock);
	if (engine->mod == mod) {
		/* A reload that failed: the instance before it serves on. */
		engine->mod = engine->older;
		engine->older = NULL;
	} else if (engine->older == mod) {
		engine->older = NULL;
	}
	pthread_mutex_unlock(&engine->lock);
}

sensor_t *engine_sensor(const engine_t *engine)
{
	return engine->sensor;
}

window_pair_t *engine_pair(const engine_t *engine, unsigned thread)
{
	return &engine->ahead[thread].pair;
}

window_pair_t *engine_subnet_pair(const engine_t *engine, unsigned thread)
{
	return &engine->ahead[thread].subnet;
}
