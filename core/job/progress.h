/* How fast: a rate over time that was not paused. Pure: time comes in as a parameter, so that tests set the
 * clock.
 *
 * Bytes count that were really moved. Ranges written as zero never reach it; what an earlier process of the
 * job had copied, and is proven again, takes its part of the time away with it and counts neither. Samples
 * end when bytes arrive, so that a rate of few large blocks is as exact as one of many small ones. Nothing is
 * given until it is stable; after a pause the rate of now begins anew, without the block that was under way.
 *
 * Threads: a value, one at a time (the job's lock). Units: bytes, milliseconds of a monotonic clock. */
#ifndef REFPOINT_JOB_PROGRESS_H
#define REFPOINT_JOB_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#define JOB_RATE_RECENT 16
#define JOB_RATE_SLICES 32

struct job_rate_span {
    double ms;
    double bytes;
};

struct job_rate {
    bool running;
    int64_t at_ms;   /* clock up to which time counts */
    double taken_ms; /* of the samples that are closed */
    uint64_t moved;
    unsigned samples;
    struct job_rate_span open; /* the sample that is not closed yet */
    double open_kept;          /* bytes in it that were there already */
    bool settling;             /* it is the first since this began or went on */
    double since_ms;           /* counted since then */
    unsigned recent_count;     /* closed since then; the last of them in a ring: */
    struct job_rate_span recent[JOB_RATE_RECENT];
    /* The whole time in slices of one length, which doubles when there would be too many. */
    double slice_ms;
    unsigned slice_count;
    struct job_rate_span slice; /* that is being filled */
    struct job_rate_span slices[JOB_RATE_SLICES];
    /* Of the samples, weighted by their length, for their variance. */
    double square_sum;
};

void job_rate_run(struct job_rate *rate, int64_t now_ms, bool running); /* starts, pauses, goes on */
/* kept: there already, proven again in this time. */
void job_rate_add(struct job_rate *rate, int64_t now_ms, uint64_t moved, uint64_t kept);
/* Lets time pass without bytes, so that a stall shows. */
void job_rate_tick(struct job_rate *rate, int64_t now_ms);
bool job_rate_is_stable(const struct job_rate *rate);
uint64_t job_rate_average(const struct job_rate *rate); /* bytes/s; 0 = not stable */
/* Of the last seconds; false: not stable, since it began or went on. */
bool job_rate_now(const struct job_rate *rate, uint64_t *bytes_per_s);
/* Time that counts, in milliseconds. */
double job_rate_time(const struct job_rate *rate);

#endif
