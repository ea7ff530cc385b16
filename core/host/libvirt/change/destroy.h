/* The work of one destruction, from its plan and its journal. For change/ and recovery. */
#ifndef REFPOINT_HOST_LIBVIRT_CHANGE_DESTROY_H
#define REFPOINT_HOST_LIBVIRT_CHANGE_DESTROY_H

#include "core/host/layers/file/identity.h"
#include "core/host/layers/work_journal.h"
#include "core/host/libvirt/change/live.h"
#include "core/host/store/findings.h"

struct live_destroy_disk {
    struct guid machine_id;
    char *machine_name;
    struct guid disk_uuid;
    char *disk_id;
    char *layer; /* the point's */
    enum disk_format layer_format;
    struct file_identity layer_was;
    char *child; /* what lies on it; NULL: nothing does, the layer is removed */
    struct file_identity child_was;
    bool unproven; /* the layer was; what takes in its content is too */
    struct moment unproven_since;
};

struct live_destroy {
    const struct live *live;
    struct object_path point;
    char *point_name;
    struct guid *machines;
    size_t machine_count;
    struct live_destroy_disk *disks;
    size_t count;
    struct watch *watch;
    bool after_crash;
};

void live_destroy_clear(struct live_destroy *work);
bool live_destroy_journal_write(const struct live_destroy *work, struct error *err) WARN_UNUSED;
bool live_destroy_journal_read(struct live_destroy *work, const config_setting_t *root,
                               struct error *err) WARN_UNUSED;
/* Everything after the journal; repeatable. On failure the journal stays. */
bool live_destroy_do(struct live_destroy *work, struct error *err) WARN_UNUSED;
bool live_destroy_recover(const struct live *live, const config_setting_t *root, struct findings *findings,
                          struct error *err) WARN_UNUSED;

#endif
