/* Copying one disk: windows from a source to a sink on several threads, and one behind them that takes the
 * SHA-256 of what has been written (trail.h).
 *
 * What is read gets a digest on the way (one per window, kept in a spool for the proof) and is looked at for
 * zeroes: a data cluster that is all zero is not written. Progress counts windows when they are written.
 * Buffers: of all disks that are copied at once, COPY_BUFFER_LIMIT at most; 32778 when there is no memory for
 * them.
 *
 * Threads: one of the caller's, plus the workers. Units: bytes. Ownership: everything is borrowed. */
#ifndef REFPOINT_EXPORT_COPY_COPY_H
#define REFPOINT_EXPORT_COPY_COPY_H

#include <sys/stat.h>

#include "core/base/error.h"
#include "core/export/copy/rate_limit.h"
#include "core/export/plan/run_list.h"
#include "core/export/plan/window.h"
#include "core/export/sink/sink.h"
#include "core/export/source/source.h"
#include "core/job/halt.h"
#include "core/system/digest.h"

#define COPY_BUFFER_LIMIT ((size_t)48 << 20)
#define COPY_BUFFERS (COPY_BUFFER_LIMIT / WINDOW_SIZE)

struct copy_spec {
    struct source *source;
    struct sink *sink;
    int fd;           /* of the file that the sink writes */
    const char *path; /* for messages */
    const char *label;
    const struct run_list *runs;
    const struct spool *digests; /* of struct window_digest: written at each window's index */
    struct rate_limit *rate;
    struct halt *halt;
    size_t job_disk; /* row in the job */
    uint64_t data;   /* of the disk, in bytes */
    unsigned workers;
    size_t buffers; /* more than workers; of all disks that are copied at once, COPY_BUFFERS together */
    bool prove;     /* what the storage gives back is what was read */
    /* File and digests may hold what an earlier process of this job has copied: a window of which the file
     * gives back what its digest says is not copied again. */
    bool resumes;
};

struct copy_result {
    uint64_t windows;         /* how many digests were put */
    char sha256[DIGEST_TEXT]; /* of the file: as it was read back, or without proof as it was written */
    struct stat as_read;      /* the file then: finished, on the disk */
};

/* Finishes the sink. */
bool copy_disk(const struct copy_spec *spec, struct copy_result *result, struct error *err) WARN_UNUSED;

#endif
