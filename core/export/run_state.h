/* What the phases of one export share; nobody else's. */
#ifndef REFPOINT_EXPORT_RUN_STATE_H
#define REFPOINT_EXPORT_RUN_STATE_H

#include "core/export/copy/copy.h"
#include "core/export/copy/disk_digest.h"
#include "core/export/package/write/writer.h"
#include "core/export/prepare/prepare.h"
#include "core/export/verify/verify.h"
#include "core/job/obstacle.h"

struct disk_run { /* what the phases leave each other about a disk */
    struct spool digests;
    struct spool frames; /* of a compressed one */
    struct copy_result copied;
    char data_xxh3[DISK_DIGEST_TEXT];
};

struct run_state {
    const struct export_task *task;
    struct job *job;
    struct halt halt;
    struct rate_limit rate;
    struct prepared prepared;
    struct package_writer *writer;
    bool keeps;                  /* another process could go on */
    pthread_mutex_t writer_lock; /* while files are made in the package, or looked for */
    struct disk_run *disks;
    struct verify_progress progress;
    struct patience patience; /* of the export directory */
    struct write_patience patient;
};

/* Every disk once, several at a time: what one has for each is called on threads that start their own
 * children and workers. The failure that is reported is the one that made the others stop. Of one disk,
 * `workers` threads are to copy or verify. */
bool run_each_disk(struct run_state *state, enum job_disk_state during, enum job_disk_state after,
                   bool (*one)(struct run_state *state, size_t disk, unsigned workers, struct error *err),
                   struct error *err) WARN_UNUSED;

/* What the export stands on is there; waits while it is not. context: the state (struct package_footing). */
bool run_stands(void *context, struct error *err) WARN_UNUSED;
bool run_copy_phase(struct run_state *state, struct error *err) WARN_UNUSED;
bool run_verify_phase(struct run_state *state, struct error *err) WARN_UNUSED;

#endif
