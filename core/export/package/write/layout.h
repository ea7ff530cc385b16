/* Where each disk of an export will lie in its package, and how a differential one names its base: decided
 * before anything is planned or written, the same way for export_check and for the writer.
 *
 * Names come from hostile text, so a file's path is made of slugs (base/text.h). Two machines or disks whose
 * slugs differ by nothing, or by case only, all get a part of their own id behind it: the outcome depends on
 * the point alone, not on the order or the selection of disks. Paths are "machines/MACHINE/DISK.qcow2|.raw".
 *
 * A differential disk stores the *relative* name of the base package's disk (stock QEMU opens it wherever
 * both packages are moved together), computed from the real directories. Names add up along a chain: QEMU
 * expands each one behind the directory part of the last without shortening it.
 *
 * Ownership: package_layout_clear. Threads: any. Units: bytes. */
#ifndef REFPOINT_EXPORT_PACKAGE_WRITE_LAYOUT_H
#define REFPOINT_EXPORT_PACKAGE_WRITE_LAYOUT_H

#include "core/base/error.h"
#include "core/export/package/find_base.h"
#include "core/export/plan/task.h"

#define PACKAGE_BACKING_NAME_LIMIT ((size_t)1023) /* what a qcow2 header can hold */
#define PACKAGE_EXPANDED_LIMIT ((size_t)4000)     /* QEMU's limit is PATH_MAX */

struct package_layout_disk {
    char *file;         /* relative to the package */
    char *backing_name; /* to be stored in the image; NULL = full */
    /* Of the base, when backing_name is there: */
    size_t base_disk; /* index into base->packages[0].disks */
    char *base_file;  /* relative to the base package */
    enum disk_format base_format;
    /* Differential was asked, the point's layers allow it, and yet the packages do not: a sentence. */
    char *full_reason;
};

struct package_layout {
    char **machines; /* directory of each member of the point, relative: "machines/web01" */
    size_t machine_count;
    struct package_layout_disk *disks; /* as task->disks */
    size_t disk_count;
    char **files; /* as task->files, relative: "machines/web01/nvram-web01_VARS.fd" */
    size_t file_count;
};
void package_layout_clear(struct package_layout *layout);

/* base: NULL for a full export. A disk without export_disk_has_base is full whatever the base has. Errors:
 * the directory cannot be looked at. */
bool package_layout_make(const struct export_task *task, const struct base_package *base,
                         struct package_layout *layout, struct error *err) WARN_UNUSED;

/* Name of the package of a point, without its short id: "web-20260924T000000Z". */
char *package_name_stem(const struct reference_point *point);
/* By how much the name of a partial package is longer than the stem: ".STEM-12345678.partial". */
#define PACKAGE_PARTIAL_EXTRA (sizeof ".-12345678.partial" - 1)

#endif
