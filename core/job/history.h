/* How fast a job was over its whole time, to be drawn: what moved in each of a few slices of its clock
 * (course.h), which stands while it is suspended. The slices have one length, which doubles when there would
 * be too many: neighbours are put together then. Blocks of many threads arrive when they are complete; their
 * bytes are given to the time since the last ones arrived, in which they moved.
 *
 * Bytes count as they do in the rates: not zeroes, not what was there already. Threads: a value, one at a
 * time (the job's lock). Units: bytes, milliseconds of the job's clock. */
#ifndef REFPOINT_JOB_HISTORY_H
#define REFPOINT_JOB_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#define JOB_HISTORY_SLICES 60

struct job_history { /* zeroed: nothing yet */
    int64_t slice_ms;
    int64_t at_ms;    /* up to which the slices go; the last one may not be over */
    int64_t given_ms; /* up to which the bytes have been given to slices */
    size_t count;
    uint64_t bytes[JOB_HISTORY_SLICES];
};

/* Time passes without bytes. */
void job_history_pass(struct job_history *history, int64_t at_ms);
/* The bytes that come next do not belong to the time before. */
void job_history_begin(struct job_history *history, int64_t at_ms);
void job_history_add(struct job_history *history, int64_t at_ms, uint64_t bytes);
/* Bytes/s of each slice, first the oldest; returns how many. One that has just begun says nothing yet. */
size_t job_history_rates(const struct job_history *history, uint64_t rates[JOB_HISTORY_SLICES]);

#endif
