/* The arithmetic of progress: percent, rates, what is left. Pure: time comes in as a parameter, so that tests
 * set the clock.
 *
 * A rate counts *active* time only (pauses stop its clock) and bytes that were really moved: skipped ranges
 * never reach it, ranges written as zero count as covered but not as moved. Nothing is given until it is
 * stable. Threads: a value, one at a time (the job's lock). Units: bytes, milliseconds of a monotonic clock,
 * seconds where the name ends in _s. */
#ifndef REFPOINT_JOB_PROGRESS_H
#define REFPOINT_JOB_PROGRESS_H

#include "core/job/job.h"

struct job_rate {
    bool running;
    int64_t at_ms;     /* clock up to which active_ms counts */
    int64_t active_ms; /* time that was not paused */
    uint64_t moved;
    uint64_t covered; /* moved and zeroed */
    int64_t sample_ms;
    uint64_t sample_moved;
    unsigned samples;
    double smoothed; /* bytes per millisecond */
};

void job_rate_run(struct job_rate *rate, int64_t now_ms, bool running); /* starts, pauses, goes on */
void job_rate_add(struct job_rate *rate, int64_t now_ms, uint64_t moved, uint64_t zeroed);
/* Lets time pass without bytes, so that a stall shows. */
void job_rate_tick(struct job_rate *rate, int64_t now_ms);
bool job_rate_is_stable(const struct job_rate *rate);
uint64_t job_rate_now(const struct job_rate *rate); /* bytes/s; 0 = not stable */
uint64_t job_rate_average(const struct job_rate *rate);
/* Time for `bytes` more, as a range; false (and 0, 0) when no honest one can be given: not stable, stalled,
 * or more than a month. `later_bytes` come in a following phase whose speed is not known yet. */
bool job_rate_left(const struct job_rate *rate, uint64_t bytes, uint64_t later_bytes, uint64_t *low_s,
                   uint64_t *high_s);

/* 0..99 from the phase and what is done of it; 100 is given by the end of a job only. */
unsigned job_percent(enum job_phase phase, bool verify_skipped, uint64_t done, uint64_t total);

/* The same for a job that does nothing but verify. */
unsigned job_percent_of_one_phase(uint64_t done, uint64_t total);

#endif
