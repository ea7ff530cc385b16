/* What is to be proved of one disk: common to the parts of the proof (verify.h). Threads: any. Units: bytes.
 * Ownership: everything is borrowed. */
#ifndef REFPOINT_EXPORT_VERIFY_SPEC_H
#define REFPOINT_EXPORT_VERIFY_SPEC_H

#include <sys/stat.h>

#include "core/base/error.h"
#include "core/export/plan/run_list.h"
#include "core/export/source/source.h"
#include "core/job/halt.h"

struct verify_progress { /* over all disks of the job */
    struct job *job;
    uint64_t total;
    _Atomic uint64_t done;
};

#define VERIFY_NO_PLACE UINT64_MAX

struct verify_spec {
    const struct image_layer *chain; /* the package's disk, then those of its base packages */
    size_t chain_count;
    const char *path; /* of the package's disk */
    bool differential;
    uint64_t virtual_size; /* true size */
    const struct run_list *runs;
    const struct spool *digests; /* as copy_disk left them */
    bool compressed;
    uint64_t place; /* where the data of a qcow2 file begins, in the disk's order; VERIFY_NO_PLACE */
    const struct stat *as_read; /* the file when the copy was done with it; NULL = it does not matter */
    struct verify_progress *progress;
    const char *label;
    struct halt *halt;
    unsigned workers;
};

#endif
