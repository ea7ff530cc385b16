/* Several threads doing one thing, to its end or to the first failure.
 *
 * Threads: the caller's waits; the workers have all signals masked, so that a signal reaches the thread that
 * expects it. */
#ifndef REFPOINT_JOB_WORKERS_H
#define REFPOINT_JOB_WORKERS_H

#include "core/base/error.h"
#include "core/job/halt.h"

/* How many are worth it on this machine. They wait for QEMU much of the time, so more than there are cores.
 */
#define WORKERS_LIMIT 8
unsigned workers_count(void);

/* Runs work(context) on `count` threads. The first failure sets halt->failed, so that the others stop, and is
 * the one reported. */
bool workers_run(unsigned count, bool (*work)(void *context, struct error *err), void *context,
                 struct halt *halt, struct error *err) WARN_UNUSED;

#endif
