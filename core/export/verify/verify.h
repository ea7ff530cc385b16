/* Proving one disk of a package that is written but has no final name yet: opened again by QEMU with its
 * chain, it equals what was read at the point.
 *
 * Every data window is read and compared by digest; zero ranges read zero; in a differential the image holds
 * exactly the clusters that were planned (so that everything else is the base's), in a full one everything
 * else reads zero; the virtual size is exact; qemu-img check, which opens the real chain by the stored names,
 * finds nothing; and the file that the stored name leads to is the base package's.
 *
 * Threads: one of the caller's, which outlives the call (children), plus workers. Ownership: everything is
 * borrowed. Errors: key "export.verify" for a difference. */
#ifndef REFPOINT_EXPORT_VERIFY_VERIFY_H
#define REFPOINT_EXPORT_VERIFY_VERIFY_H

#include "core/base/error.h"
#include "core/export/plan/run_list.h"
#include "core/export/source/source.h"
#include "core/job/halt.h"

struct verify_progress { /* over all disks of the job */
    struct job *job;
    uint64_t total;
    _Atomic uint64_t done;
};

struct verify_spec {
    const struct nbd_server_layer *chain; /* the package's disk, then those of its base packages */
    size_t chain_count;
    const char *path; /* of the package's disk */
    bool differential;
    uint64_t virtual_size; /* true size */
    const struct run_list *runs;
    const struct spool *digests; /* as copy_disk left them */
    struct verify_progress *progress;
    const char *label;
    struct halt *halt;
    unsigned workers;
};

bool verify_disk(const struct verify_spec *spec, struct error *err) WARN_UNUSED;

#endif
