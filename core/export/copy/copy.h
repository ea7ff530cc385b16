/* Copying one disk: windows from a source to a sink on several threads, each with its own connections.
 *
 * What is read is hashed on the way (a digest per window, kept in a spool for the verify phase) and looked at
 * for zeroes: a data cluster that is all zero is written as zero where that matters, else not at all.
 * Progress counts windows when they are written. Buffers: one window per worker, far below
 * COPY_BUFFER_LIMIT; 32778 when there is no memory for them.
 *
 * Threads: one of the caller's, plus the workers. Units: bytes. Ownership: everything is borrowed. */
#ifndef REFPOINT_EXPORT_COPY_COPY_H
#define REFPOINT_EXPORT_COPY_COPY_H

#include "core/base/error.h"
#include "core/export/copy/rate_limit.h"
#include "core/export/plan/run_list.h"
#include "core/export/sink/sink.h"
#include "core/export/source/source.h"
#include "core/job/halt.h"

#define COPY_BUFFER_LIMIT ((size_t)48 << 20)

struct copy_spec {
    struct source *source;
    struct sink *sink;
    const struct run_list *runs;
    const struct spool *digests; /* of struct window_digest: written at each window's index */
    struct rate_limit *rate;
    struct halt *halt;
    size_t job_disk; /* row in the job */
    unsigned workers;
};

/* Does not finish the sink. *windows: how many digests were put. */
bool copy_disk(const struct copy_spec *spec, uint64_t *windows, struct error *err) WARN_UNUSED;

/* A window's buffer: aligned, zeroed, WINDOW_SIZE bytes; free(). */
unsigned char *copy_buffer_new(struct error *err);

#endif
