/* What an export is asked to read: which point, which disks of it, and for each the chain of files that holds
 * it, cut where the base ends; or the server of a running machine that serves it as it was at the point. A
 * host makes it; the engine only reads it.
 *
 * Ownership: a task owns all that it points to; export_task_clear. Threads: any, each its own task. Units:
 * bytes. */
#ifndef REFPOINT_EXPORT_PLAN_TASK_H
#define REFPOINT_EXPORT_PLAN_TASK_H

#include "core/model/model.h"

/* One file of a chain. Frozen layers carry the identity they had when frozen; a template's is taken when the
 * task is made. All are checked before and after the copy (traps.md 11). */
struct export_layer {
    char *path;
    enum disk_format format;
    uint64_t device;
    uint64_t inode;
    uint64_t file_size;
    struct moment modified;
    struct touch touched; /* not known of templates: other machines use them, too */
};

/* A disk that QEMU serves over NBD as it was at the point (a backup in pull mode), from before the task is
 * made until the export has ended. Its size is that of the point's record (struct disk_point.virtual_size).
 */
struct export_served {
    char *socket; /* path of a unix socket, at most 107 bytes; NULL = the disk is not served, it has layers */
    char *name;   /* of the export: "vda" */
    /* Context of the bitmap that tells what changed since the base, "qemu:dirty-bitmap:NAME". It must know of
     * every write since then; where that is in doubt, and where the disk was shrunk meanwhile, it has to be
     * NULL = full. */
    char *changes;
};

#define EXPORT_NO_BASE SIZE_MAX

struct export_disk {
    size_t member;               /* index into task->point.members */
    size_t disk;                 /* index into that member's disks */
    struct export_layer *layers; /* [0] = the point's layer T, then what it is based on, to the bottom */
    size_t layer_count;
    /* Index in layers of the base point's layer B; EXPORT_NO_BASE = full. The chain is opened cut there. */
    size_t base_layer;
    /* A dirty bitmap of layers[0] that has all that was written, zeroed or discarded since the base, which
     * then has no layer among these; NULL = none. */
    char *bitmap;
    /* The layers are a machine's own, which is off: it may be started meanwhile, and then they are not what
     * they were. QEMU's locks are left to it. */
    bool unlocked;
    struct export_served served; /* in place of layers, of which there are none then */
    uint64_t base_virtual_size;
    /* Differential was asked but cannot be for this disk: a sentence ("the disk is new since the base"); else
     * NULL. */
    char *full_reason;
};

/* A file that belongs to a machine, kept since the point (struct machine_file). */
struct export_file {
    size_t member;   /* index into task->point.members */
    size_t file;     /* index into that machine's files */
    char *directory; /* links in its own path are followed, */
    char *path;      /* and none beneath it: where its content is */
};

/* A package that the layers are files of (consolidate/): in place of a store's. */
struct export_origin {
    struct guid package_id;
    char *record_sha256;
};

struct kept_plan;

struct export_task {
    struct reference_point point;      /* whole, with members: what the package preserves */
    struct reference_point base_point; /* id none = full */
    struct export_disk *disks;         /* the selected ones */
    size_t disk_count;
    struct export_file *files; /* of the machines that the package holds */
    size_t file_count;
    struct export_origin *origins; /* the package and those beneath it; none = the layers are a store's */
    size_t origin_count;
    char *directory; /* ExportDirectory */
    struct export_options options;
    char *memory; /* of what this machine has verified (package/proof/proof.h); NULL = none */
    /* Goes on with what this job has begun in the directory, where it has; none = from the beginning. */
    struct guid resumed_job;
    const struct kept_plan *handed; /* what a check of the same has found (kept.h); NULL. Borrowed */
};
void export_origins_clear(struct export_origin **origins, size_t *count);
/* Appended to an array (mem.h). */
void export_origins_copy(struct export_origin **to, size_t *to_count, const struct export_origin *from,
                         size_t count);
void export_disk_clear(struct export_disk *disk);
void export_task_clear(struct export_task *task);
/* The host knows what changed in it since the base. */
bool export_disk_has_base(const struct export_disk *disk);
/* The selection is of disks: a machine is in the package with its first disk, or when it has none. */
bool export_task_has_machine(const struct export_task *task, size_t member);
const struct machine_file *export_task_file(const struct export_task *task, size_t index);
/* What the package will not hold of the machines that are in it, a sentence each, with the machine's name in
 * front; appended to an array (mem.h). */
void export_task_tell_left_out(const struct export_task *task, char ***sentences, size_t *count);

#endif
