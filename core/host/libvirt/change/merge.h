/* One disk, two files of its chain that lie on each other: the lower one takes in the upper one, which then
 * goes. The machine may run, be off, or be gone; whatever it is when this is called decides how.
 *
 * Running: a block commit, with the pivot where the machine writes to the upper file. Off: qemu-img commit;
 * the file that lay on the upper one is put on the lower one, or the definition names the lower one.
 * Repeatable: what has been done already is seen and not done again. Threads: the caller's, under the store's
 * lock. */
#ifndef REFPOINT_HOST_LIBVIRT_CHANGE_MERGE_H
#define REFPOINT_HOST_LIBVIRT_CHANGE_MERGE_H

#include <libvirt/libvirt.h>

#include "core/base/error.h"
#include "core/base/watch.h"
#include "core/host/layers/file/identity.h"
#include "core/host/store/store.h"
#include "core/model/model.h"

struct merge {
    const struct store *store;
    virConnectPtr connect;
    const char *label;      /* "web01/vda" */
    const char *point_name; /* to which the lower file belongs */
    struct guid machine_id;
    const char *machine_name;
    const char *disk_id;
    struct guid disk_uuid;
    const char *lower;
    enum disk_format lower_format;
    struct file_identity lower_was; /* inode and mode */
    const char *upper;
    struct file_identity upper_was;
    bool pinned; /* the caller holds both against exports */
    bool after_crash;
    struct watch *watch;

    /* What came of it. */
    bool active; /* the machine goes on with the lower file */
    char *above; /* else the file that lies on it now; NULL: none is known. The caller's */
};

/* 32775 where the chain is not as it was: somebody else has put a file above or between. */
bool merge_run(struct merge *merge, struct error *err) WARN_UNUSED;
/* The same for a machine that has no QEMU: from its definition's path, or (NULL) the record's, down. */
bool merge_off(struct merge *merge, virDomainPtr domain, const char *active, struct error *err) WARN_UNUSED;
/* The upper file goes, if it is still that one. */
bool merge_remove_upper(const struct merge *merge, struct error *err) WARN_UNUSED;
/* What the machine writes to is one of the two, or what the store knows as the disk's image. */
bool merge_check_active(const struct merge *merge, const struct disk *recorded, const char *active,
                        struct error *err) WARN_UNUSED;
bool merge_not_as_it_was(const struct merge *merge, const char *found, struct error *err);

#endif
