/* One clock and one total of a job: what is done of it, in how long, and how long still. Pure: time comes in
 * as a parameter, so that tests set the clock.
 *
 * The clock runs from the start of the job to its end but not while it is suspended, by a person or by an
 * obstacle: elapsed time, rates and estimates are all of that clock. The total is the bytes of work, part by
 * part: those of a base that is verified before; those of the copy, data and zeroes; those of files that are
 * read again when they are finished; those that the verify phase reads. Percent is what is done of that, and
 * 0 in the plan phase, which finds out how much there is to copy. A part has a rate of its own, which runs
 * while nothing of the parts before it is left.
 *
 * Threads: a value, one at a time (the job's lock). Units: bytes, milliseconds of a monotonic clock, seconds
 * where the name ends in _s. */
#ifndef REFPOINT_JOB_COURSE_H
#define REFPOINT_JOB_COURSE_H

#include "core/job/estimate.h"
#include "core/job/job.h"

enum job_part {
    JOB_PART_BASE, /* of the plan phase: packages that are verified before */
    JOB_PART_COPY,
    JOB_PART_AGAIN,
    JOB_PART_CHECK, /* or the only phase's */
};
#define JOB_PART_COUNT 4

struct job_course_part {
    uint64_t done;
    uint64_t total;
    struct job_rate rate;
};

struct job_course {
    bool one_phase; /* it has its own bytes, and they are all */
    bool begun;
    bool running; /* the clock */
    enum job_phase phase;
    int64_t started_ms;
    int64_t at_ms; /* up to which the clock has counted */
    int64_t active_ms;
    struct job_history history;
    struct job_course_part parts[JOB_PART_COUNT];
    uint64_t zero_done; /* of the copy's, what is written as zero */
    uint64_t zero_total;
};

struct job_figures {
    int64_t elapsed_ms; /* of the clock */
    int64_t paused_ms;  /* since the start besides */
    uint64_t work_done;
    uint64_t work_total;
    unsigned percent; /* 0..99: 100 is given by the end of a job only */
    uint64_t rate_now;
    uint64_t rate_average;
    uint64_t left_low_s;
    uint64_t left_high_s;
};

/* The state or the phase has changed. */
void job_course_move(struct job_course *course, int64_t now_ms, uint32_t state, enum job_phase phase);
void job_course_copied(struct job_course *course, int64_t now_ms, uint64_t moved, uint64_t zeroed,
                       uint64_t kept);
void job_course_read_again(struct job_course *course, int64_t now_ms, uint64_t bytes);
/* done: in all; of the phase's own bytes. */
void job_course_checked(struct job_course *course, int64_t now_ms, uint64_t done, uint64_t total);
/* held_back: 0..1, the part of the copy's time in which it was held back by a limit that the parts after it
 * are not under. */
void job_course_look(struct job_course *course, int64_t now_ms, double held_back,
                     struct job_figures *figures);
/* Of these, the ones that need no clock. */
void job_course_count(const struct job_course *course, struct job_figures *figures);

#endif
