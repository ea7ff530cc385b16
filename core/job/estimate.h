/* How long still: a range, from a rate and what is ahead. Pure; threads and units as in progress.h, seconds
 * where the name ends in _s.
 *
 * The middle is what is ahead at the average of the whole time, drawn to the rate of now as far as rates last
 * in this job. The width is what the rate's own variation over time says of a stretch as long as the one
 * ahead, and of the one behind from which the average is known: it narrows as evidence grows. */
#ifndef REFPOINT_JOB_ESTIMATE_H
#define REFPOINT_JOB_ESTIMATE_H

#include "core/job/progress.h"

#define JOB_ESTIMATE_WIDEST 1.6 /* high by low, when a quarter is done; before, it may be wider */

struct job_ahead {
    double bytes; /* that move as the rate's did */
    /* What follows, at a speed that is not known yet: what it takes at least, and at most. */
    double later_low_ms;
    double later_high_ms;
    double done; /* 0..1: of the whole work */
};

/* false (and 0, 0) when no honest one can be given: not stable, stalled, or more than a month. */
bool job_estimate(const struct job_rate *rate, const struct job_ahead *ahead, uint64_t *low_s,
                  uint64_t *high_s);

#endif
