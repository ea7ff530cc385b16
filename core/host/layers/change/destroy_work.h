/* The work of one DestroyReferencePoint, from its journal: what destroy.c plans and what is done, and done
 * again after a crash, by destroy_work.c. Threads: one at a time, under the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_CHANGE_DESTROY_WORK_H
#define REFPOINT_HOST_LAYERS_CHANGE_DESTROY_WORK_H

#include "core/base/error.h"
#include "core/host/layers/file/identity.h"
#include "core/host/layers/step_hook.h"
#include "core/host/layers/work_journal.h"
#include "core/host/store/findings.h"

struct destroy_disk {
    struct guid machine_id;
    struct guid disk_uuid;
    char *label; /* "web01/vda" */
    char *layer; /* absolute paths in one directory */
    char *child; /* NULL: nothing is based on the layer, it is only removed */
    /* Temporary name. Raw layers: of the image that replaces the child. qcow2 layers: of the file in which
     * the child's dirty bitmaps are kept meanwhile (foreign/keeper.h); NULL where it has none. */
    char *fresh;
    enum disk_format layer_format;
    struct file_identity layer_was; /* inode and mode; size and time change on the way */
    struct file_identity child_was;
    struct file_identity child_bare; /* once its bitmaps are all in that file and it has none; none before */
    bool unproven;                   /* the layer was; what takes in its content is too */
    struct moment unproven_since;
};

struct destroy_work {
    const struct store *store;
    const struct step_hook *hook;
    struct findings *findings; /* NULL: nobody reads them */
    struct object_path point;
    char *point_name;
    struct guid *machines;
    size_t machine_count;
    struct destroy_disk *disks;
    size_t count;
};

void destroy_work_clear(struct destroy_work *work);
bool destroy_journal_write(const struct destroy_work *work, struct error *err) WARN_UNUSED;
bool destroy_journal_read(struct destroy_work *work, const config_setting_t *root,
                          struct error *err) WARN_UNUSED;

/* Everything after the journal; repeatable. On failure the journal stays. */
bool destroy_do(struct destroy_work *work, bool after_crash, struct error *err) WARN_UNUSED;

/* After a crash, under the lock. */
bool destroy_recover(const struct store *store, const config_setting_t *root, const struct step_hook *hook,
                     struct findings *findings, struct error *err) WARN_UNUSED;

#endif
