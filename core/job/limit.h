/* What holds the copy back: time that its threads spend waiting for the source, for the target and for the
 * limit that was asked for, and with the processor in their hands. Threads report it block by block, and
 * judged is what was reported lately.
 *
 * Waiting is time that passes on the clock and not on the thread's own: a read that the page cache answers is
 * the processor's. What QEMU's processes take of the processor is not seen: it is waiting for the source.
 *
 * Threads: stretches on any, without a lock; judging one at a time (the job's lock). Units: nanoseconds,
 * milliseconds where the name says so. */
#ifndef REFPOINT_JOB_LIMIT_H
#define REFPOINT_JOB_LIMIT_H

#include <stdatomic.h>

#include "core/job/job.h"

struct job_spent { /* zeroed: nothing */
    _Atomic uint64_t ns[JOB_LIMIT_COUNT];
    _Atomic unsigned pauses; /* grows when the job is suspended */
};

/* A part of a thread's time; on its stack. */
struct job_stretch {
    struct job *job;
    int64_t clock_ns;
    int64_t thread_ns;
    unsigned pauses;
};
/* job NULL: nobody wants to know. */
void job_stretch_begin(struct job_stretch *stretch, struct job *job);
/* What it waited since then was for that. Nothing is said of a stretch in which the job was suspended. */
void job_stretch_waited(const struct job_stretch *stretch, enum job_limit limit);
/* What the processor took of it since then. */
void job_stretch_worked(const struct job_stretch *stretch);

struct job_limits { /* zeroed: at the beginning */
    uint64_t seen[JOB_LIMIT_COUNT];
    double lately[JOB_LIMIT_COUNT]; /* milliseconds, of which the older ones fade */
    double lately_ms;               /* of the job's clock, faded in the same way */
    double at_ms;
    enum job_limit said;
};

/* at_ms: of a clock that runs when the copy does. cores: that the copy may have. NONE: nothing is told yet,
 * or nothing takes more than all the others. */
enum job_limit job_limits_judge(struct job_limits *limits, struct job_spent *spent, double at_ms,
                                unsigned cores);
/* 0..1: of time_ms, in which all that was spent, how much the copy would not have taken without the limit
 * that was asked for. */
double job_spent_held_back(struct job_spent *spent, double time_ms, unsigned cores);

#endif
