/* Several threads doing one thing, to its end or to the first failure.
 *
 * Threads: the caller's waits; the workers have all signals masked, so that a signal reaches the thread that
 * expects it. */
#ifndef REFPOINT_JOB_WORKERS_H
#define REFPOINT_JOB_WORKERS_H

#include <pthread.h>

#include "core/base/error.h"
#include "core/job/halt.h"

/* How many are worth it on this machine. They wait for QEMU much of the time, so more than there are cores.
 */
#define WORKERS_LIMIT 8
unsigned workers_count(void);
/* How many cores are ours, at most WORKERS_LIMIT. */
unsigned workers_cores(void);

/* Runs work(context) on `count` threads. The first failure sets halt->failed, so that the others stop, and is
 * the one reported; not "image.stopped" of one that another crew's failure stopped. */
bool workers_run(unsigned count, bool (*work)(void *context, struct error *err), void *context,
                 struct halt *halt, struct error *err) WARN_UNUSED;

/* One thread beside the caller's, with all signals masked; the caller joins it. */
bool worker_start(pthread_t *thread, void *(*run)(void *context), void *context,
                  struct error *err) WARN_UNUSED;

#endif
