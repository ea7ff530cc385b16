/* The files that an export reads, open and pinned for as long as it runs.
 *
 * Each layer is opened once, never through a link at its last component, and must be what the task says: a
 * regular file with the device, inode, size and times that were recorded (traps.md 11), an image that QEMU
 * can be given without it opening anything else (no external data file, a backing name exactly where a
 * further layer follows; traps.md 7). A shared flock on each keeps remove-data and destroy (which take an
 * exclusive one) away: 32774 both ways.
 *
 * Threads: one at a time. Ownership: the task is borrowed; layer_files_close. */
#ifndef REFPOINT_EXPORT_PLAN_LAYER_FILES_H
#define REFPOINT_EXPORT_PLAN_LAYER_FILES_H

#include "core/base/error.h"
#include "core/export/plan/task.h"
#include "core/image/layer.h"

struct layer_file {
    const struct export_layer *expected;
    int fd;
};

struct layer_files {
    struct layer_file *files; /* each file once */
    size_t count;
    struct image_layer **chains; /* per disk of the task, its layers in order */
    size_t chain_count;
};

/* Opens the layers of all disks. 32774 when one is locked for a change, 32775 when one is gone or not what
 * was frozen, 32770 for an image that would open other files. */
bool layer_files_open(const struct export_task *task, struct layer_files *files,
                      struct error *err) WARN_UNUSED;
/* Are they still what they were? */
bool layer_files_unchanged(const struct layer_files *files, struct error *err) WARN_UNUSED;
void layer_files_close(struct layer_files *files);

#endif
