/* The export engine: from chains of image layers to a package that stock QEMU opens.
 *
 * The room's façade. A host describes *what* is to be read (struct export_task: per disk a chain of layers
 * and where it is cut, or a server that serves it as it was); the engine plans (which ranges, never reading
 * data), copies, proves and commits, and reports to a job. It knows no store, no collection files, no
 * screens.
 *
 * Reading is QEMU's word: extents and depth come from qemu-nbd over libnbd (`base:allocation`,
 * `qemu:allocation-depth`; of a disk that is served, its bitmap), a finished package is opened again with
 * QEMU and compared.
 *
 * Threads: export_run and export_plan_task run on one thread of the caller's, which must outlive the call
 * (children die with the thread that starts them); they start their own workers and join them. Units: bytes.
 * Ownership: a task is the caller's and is not changed, but for what is documented. Memory: a process that
 * exports stays below EXPORT_MEMORY_LIMIT, however large or many the disks are. */
#ifndef REFPOINT_EXPORT_EXPORT_H
#define REFPOINT_EXPORT_EXPORT_H

#include "core/base/error.h"
#include "core/export/plan/kept.h"
#include "core/export/plan/task.h"
#include "core/job/job.h"

/* Resident, at its most: windows on their way (COPY_BUFFER_LIMIT, copy/copy.h), a window that is read again
 * for each of WORKERS_LIMIT disks at once, a compressor and its frames for each worker; plans and digests lie
 * in files. */
#define EXPORT_MEMORY_LIMIT ((size_t)128 << 20)

/* What an export would do; made without reading data and without leaving anything behind. */
struct export_disk_estimate {
    char *machine;
    char *disk;
    bool differential;
    char *reason; /* why full although differential was asked; NULL */
    uint64_t virtual_size;
    uint64_t bytes_data;    /* to be copied */
    uint64_t bytes_zero;    /* to be written as zero */
    uint64_t bytes_skipped; /* unchanged or unallocated */
};
struct export_estimate {
    struct export_disk_estimate *disks;
    size_t disk_count;
    uint64_t bytes_needed;    /* upper bound of what the package takes on disk */
    uint64_t bytes_available; /* in the directory, to this user */
    char *base_package;       /* path of the package that is the base; NULL when full */
    struct export_base_estimate {
        struct moment verified; /* when this machine did so last, all of the chain; {0}: not since it was
                                   touched last, or never */
        bool touched;           /* it was, but is not what it was then */
        uint64_t bytes;         /* that are read to verify all of it again */
        uint64_t bytes_first;   /* of these before this export begins; 0 = none */
        uint64_t rate;          /* bytes a second of the last verification here; 0 = not known */
    } base;
    char *warning;   /* e.g. a chain of more than 30 packages; NULL */
    char **left_out; /* what the package will not hold of its machines, a sentence each */
    size_t left_out_count;
    /* What whoever exports the same (task.handed) need not look for again; NULL = nothing that can be handed
     * on. A file without a name in the export directory, or /var/tmp, until it is cleared. */
    struct kept_plan *plan;
};
void export_estimate_clear(struct export_estimate *estimate);
/* Into one that is cleared or new; with the same plan once more. */
void export_estimate_copy(struct export_estimate *to, const struct export_estimate *from);

/* Checks directory (absolute and not too long 32773, exists 32779, writable 32769, space 32768), options (raw
 * with a base 32773, raw with zstd 32770), base package (32773), the key that is to sign ("export.sign"),
 * layers (present, unchanged, no reads outside them), strict; then plans every disk. Returns 0 or the refusal
 * with err filled. Leaves everything as it was. job may be NULL; with one, its cancellation ends the
 * planning. With task->handed nothing is planned that still holds. */
uint32_t export_check(const struct export_task *task, struct job *job, struct export_estimate *estimate,
                      struct error *err);

/* The same before the disks can be read: directory, options, base package, strict and key. A disk counts as
 * differential where the task says that it has a base (export_disk_has_base). No bytes are told, but those
 * that are available. */
uint32_t export_check_unread(const struct export_task *task, struct export_estimate *estimate,
                             struct error *err);

/* Verifies the base's packages as export_run would, and remembers it, so that export_run need not: for who is
 * to hold something while that runs. Refuses what is altered (32775); with full_if_altered it leaves that to
 * export_run. */
uint32_t export_verify_base(const struct export_task *task, struct job *job, struct error *err);

struct export_result {
    char *package; /* absolute path */
    char *sum;     /* SHA-256 of its SHA256SUMS: who keeps that can tell whether anything was changed */
    char *key_fingerprint; /* of the key that signed it; NULL = not signed */
    bool verified;         /* it, and all that is read through its base */
    bool base_unproven;    /* it has a base that this machine has not verified (BASE_CHECK_NEVER) */
};
void export_result_clear(struct export_result *result);

/* The whole export. Checks again, pins the layers (shared flock on each file, held to the end), copies,
 * verifies, commits by rename. A disk that is served must be so until this returns; one that is not, or no
 * longer, is "export.source-gone" (32768), one without the bitmap "image.changes" (32775). The job goes from
 * Starting to Running and through its phases; the *caller* ends it. On failure or cancellation
 * (job_is_cancelled) nothing is left of the package, final name or partial. A plan that was handed on
 * (task->handed) is used where it still holds, which the job's log tells. Returns 0; or an error. */
uint32_t export_run(const struct export_task *task, struct job *job, struct export_result *result,
                    struct error *err);

#endif
