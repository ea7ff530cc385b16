/* The packages that an export is based on: they are verified before it, unless that is known or not wanted,
 * and a disk whose base is not what it was is not built upon. And what is remembered of the package itself.
 *
 * Threads: basing_verify starts children, which die with the thread that called. */
#ifndef REFPOINT_EXPORT_PREPARE_BASING_H
#define REFPOINT_EXPORT_PREPARE_BASING_H

#include <sys/stat.h>

#include "core/base/error.h"
#include "core/export/prepare/prepared.h"
#include "core/job/job.h"

/* Will basing_verify read packages? */
bool basing_has_to_read(const struct prepared *prepared);
/* Between prepare_open and prepare_plan. 32775 "export.base-altered" where something is damaged; with
 * full_if_altered the disks concerned become full instead, which makes the export one that `strict` refuses.
 */
bool basing_verify(struct prepared *prepared, struct job *job, struct error *err) WARN_UNUSED;
/* What the new package's disks read through its base is proven; also where none has one. */
bool basing_is_proven(const struct prepared *prepared);

/* After a verified export: this machine has proven that package. as_read: of each disk, its file when it was
 * proven. A memory that cannot be written is told in the job's log. */
void basing_remember(const struct prepared *prepared, const char *package, const struct stat *as_read,
                     struct job *job);

#endif
