#include "core/job/history.h"

#include <string.h>

#define SLICE_MS 500 /* at the beginning */

static void halve(struct job_history *history)
{
    size_t half = (history->count + 1) / 2;
    for (size_t i = 0; i < half; i++) {
        size_t pair = 2 * i;
        uint64_t second = pair + 1 < history->count ? history->bytes[pair + 1] : 0;
        history->bytes[i] = history->bytes[pair] + second;
    }
    memset(history->bytes + half, 0, (JOB_HISTORY_SLICES - half) * sizeof *history->bytes);
    history->count = half;
    history->slice_ms *= 2;
}

static int64_t slices_until(const struct job_history *history, int64_t at_ms)
{
    return (at_ms - 1) / history->slice_ms + 1;
}

void job_history_pass(struct job_history *history, int64_t at_ms)
{
    if (at_ms <= history->at_ms)
        return;
    if (history->slice_ms == 0)
        history->slice_ms = SLICE_MS;
    while (slices_until(history, at_ms) > JOB_HISTORY_SLICES)
        halve(history);
    history->at_ms = at_ms;
    history->count = (size_t)slices_until(history, at_ms);
}

void job_history_begin(struct job_history *history, int64_t at_ms)
{
    job_history_pass(history, at_ms);
    history->given_ms = history->at_ms;
}

static void give(struct job_history *history, uint64_t bytes)
{
    int64_t from = history->given_ms;
    double per_ms = (double)bytes / (double)(history->at_ms - from);
    uint64_t left = bytes;
    while (from < history->at_ms) {
        int64_t slice = from / history->slice_ms;
        int64_t end = (slice + 1) * history->slice_ms;
        uint64_t part = (uint64_t)(per_ms * (double)(end - from));
        if (end >= history->at_ms || part > left)
            part = left;
        history->bytes[slice] += part;
        left -= part;
        from = end;
    }
}

void job_history_add(struct job_history *history, int64_t at_ms, uint64_t bytes)
{
    job_history_pass(history, at_ms);
    if (history->given_ms < history->at_ms)
        give(history, bytes);
    else if (history->count > 0)
        history->bytes[history->count - 1] += bytes;
    history->given_ms = history->at_ms;
}

size_t job_history_rates(const struct job_history *history, uint64_t rates[JOB_HISTORY_SLICES])
{
    size_t count = history->count;
    if (count == 0 || history->slice_ms <= 0)
        return 0;
    int64_t last_ms = history->at_ms - (int64_t)(count - 1) * history->slice_ms;
    for (size_t i = 0; i < count; i++) {
        int64_t ms = i + 1 < count ? history->slice_ms : last_ms;
        rates[i] = ms > 0 ? (uint64_t)((double)history->bytes[i] * 1000.0 / (double)ms) : 0;
    }
    return last_ms * 2 >= history->slice_ms ? count : count - 1;
}
