/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the detector looks at: model, networks, store and the directory of queriers in it. */
#include <inttypes.h>
#include <syslog.h>

#include "common/moment.h"
#include "module/detector_internal.h"
#include "store/store_querier.h"

void detector_look_at_model(detector_t *detector)
{
	failure_t failure;
	char date[MOMENT_TEXT_MAX];
	const model_t *old = detector->watch.model;
	switch (model_watch_look(&detector->watch, &failure)) {
	case MODEL_SAME:
		break;
	case MODEL_LOADED:
		voice_say(&detector->voice, LOG_INFO, "model '%s' loaded: %s with %zu classes, trained %s",
		          detector->watch.file.path, model_kind_name(detector->watch.model),
		          model_class_count(detector->watch.model),
		          moment_format(model_created(detector->watch.model), date));
		detector->told_no_model = false;
		break;
	case MODEL_REFUSED:
		voice_count(&detector->voice, ERROR_MODEL);
		voice_say(&detector->voice, LOG_ERR, "%s; %s", failure.sentence,
		          old != NULL ? "the model in use stays" : "nothing is flagged");
		break;
	}
	if (detector->watch.file.path == NULL && !detector->told_no_model) {
		voice_say(&detector->voice, LOG_NOTICE,
		          "no model is configured: features are recorded, nothing is flagged");
		detector->told_no_model = true;
	}
}

void detector_look_at_networks(detector_t *detector)
{
	static const char *const names[] = {
		[NETWORK_AS] = "ASes", [NETWORK_COUNTRY] = "countries",
	};
	for (network_kind_t kind = 0; kind < NETWORK_KINDS; kind++) {
		failure_t failure;
		network_watch_t *watch = &detector->networks[kind];
		switch (network_watch_look(watch, &failure)) {
		case NETWORK_SAME:
			break;
		case NETWORK_LOADED:
			voice_say(&detector->voice, LOG_INFO, "%s of %" PRIu32 " networks read from '%s'", names[kind],
			          prefix_map_count(watch->map), watch->file.path);
			break;
		case NETWORK_REFUSED:
			voice_count(&detector->voice, ERROR_NETWORKS);
			voice_say(&detector->voice, LOG_ERR, "%s; %s", failure.sentence, watch->map != NULL ?
			          "the networks in use stay" : "there are none");
			break;
		}
	}
}

void detector_open_store(detector_t *detector, uint64_t now)
{
	failure_t failure;
	if (detector->store != NULL && !store_present(detector->store)) {
		voice_say(&detector->voice, LOG_WARNING, "store '%s' was removed or replaced: opening it anew",
		          detector->settings.storage);
		store_close(detector->store);
		detector->store = NULL;
		/* Another store, another directory. */
		detector->directory_version = 0;
	}
	if (detector->store != NULL) {
		return;
	}
	if (store_open(detector->settings.storage, STORE_WRITE, &detector->store,
	               &failure) != STATUS_OK) {
		detector_complain_store(detector, &failure, now);
	} else if (voice_settle(&detector->voice, ERROR_STORAGE)) {
		voice_say(&detector->voice, LOG_INFO, "store '%s' opened", detector->settings.storage);
	}
}

void detector_refresh_directory(detector_t *detector, uint64_t now)
{
	uint64_t version;
	failure_t failure;
	querier_directory_t *directory;
	if (detector->store == NULL) {
		return;
	}
	status_t status = store_querier_version(detector->store, &version, &failure);
	if (status == STATUS_OK && version != detector->directory_version) {
		size_t left_out;
		status = store_querier_load(detector->store, settings_directory_max(&detector->settings),
		                            &directory, &left_out, &failure);
		if (status == STATUS_OK) {
			querier_directory_destroy(detector->directory);
			detector->directory = directory;
			detector->directory_version = version;
			voice_say(&detector->voice, LOG_INFO, "directory of %zu queriers read",
			          querier_directory_count(directory));
			if (left_out > 0) {
				voice_complain(&detector->voice, ERROR_MEMORY, now, "%zu queriers more are in the "
				               "store than memory-max allows; they are taken as not known",
				               left_out);
			}
		}
	}
	if (status != STATUS_OK) {
		detector_complain_store(detector, &failure, now);
	}
}
