/* An export on a thread of its own that a test can stop at a phase, look at, disturb and end.
 *
 * Phases are held by the job itself: it is suspended from its listener, in the very moment in which the phase
 * begins, so that no test has to be quick. Whatever fails, or takes minutes, ends the test. */
#ifndef REFPOINT_TESTS_UNIT_SUPPORT_RUNNING_H
#define REFPOINT_TESTS_UNIT_SUPPORT_RUNNING_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/export/export.h"

struct running {
    const struct export_task *task;
    struct job *job;
    int hold;   /* enum job_phase to suspend in; RUNNING_FREELY */
    bool still; /* nothing of that phase happens before running_resume */
    atomic_int held;
    atomic_int over;
    pthread_t thread;
    struct export_result result;
    struct error err;
    uint32_t code;
};
#define RUNNING_FREELY 0

void running_start(struct running *running, const struct export_task *task, int hold);
/* The export's own thread waits where the phase begins, instead of going on to the first checkpoint. */
void running_start_still(struct running *running, const struct export_task *task, int hold);
/* The phase has begun and the job is suspended; what the phase started up to its first checkpoint may still
 * be under way, but after running_start_still. */
void running_wait_held(struct running *running);
void running_wait_bytes(struct running *running);
void running_resume(struct running *running);
void running_join(struct running *running);
/* Asks the export to end, and wants it to have ended, cancelled, within a second. */
void running_cancel(struct running *running);
/* Releases; after running_join or running_cancel. */
void running_clear(struct running *running);

/* Children of this process with this name (comm); waits until there are `count` of them. */
void running_children(struct running *running, const char *name, pid_t *pids, size_t count);
/* Waits until a child is stopped (by a signal), and says which. */
pid_t running_stopped_child(struct running *running);
/* Open sockets of this process: connections to qemu-nbd, whose own socket is none. Waits for that many. */
void running_connections(struct running *running, size_t count);
/* Waits until this pattern (glob) finds a regular file. */
void running_file(struct running *running, const char *pattern);
size_t running_children_left(void);
size_t running_descriptors(void);

#endif
