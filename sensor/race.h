/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Tells ThreadSanitizer what an RCU grace period orders; nothing in other builds.
 *
 * The sanitizer does not see the barriers inside liburcu. A hook says
 * race_release() when it is done with an object, the owner race_acquire() after
 * synchronize_rcu().
 */
#pragma once

#if defined(__SANITIZE_THREAD__)
	#define RACE_CHECKED 1
#elif defined(__has_feature)
	#if __has_feature(thread_sanitizer)
		#define RACE_CHECKED 1
	#endif
#endif

#ifdef RACE_CHECKED
/* Of the sanitizer's runtime. */
void __tsan_acquire(void *object);
/* Likewise. */
void __tsan_release(void *object);

static inline void race_acquire(void *object)
{
	__tsan_acquire(object);
}

static inline void race_release(void *object)
{
	__tsan_release(object);
}
#else
static inline void race_acquire(void *object)
{
	(void)object;
}

static inline void race_release(void *object)
{
	(void)object;
}
#endif
