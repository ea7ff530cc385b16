/* The work of one CreateReferencePoint: what it is about, its journal, and its single steps. Used by
 * create.c, which does it, and by freeze_recover.c, which finishes or undoes what a crash left. Threads: one
 * at a time, under the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_FREEZE_FREEZE_WORK_H
#define REFPOINT_HOST_LAYERS_FREEZE_FREEZE_WORK_H

#include "core/base/error.h"
#include "core/host/layers/file/identity.h"
#include "core/host/layers/layers.h"
#include "core/host/layers/step_hook.h"
#include "core/host/layers/work_journal.h"
#include "core/image/bitmaps.h"

/* abort: it has been decided, after COMMIT, that there will be no point. */
enum freeze_state { FREEZE_PREPARED, FREEZE_COMMIT, FREEZE_ABORT };

struct freeze_disk {
    size_t member; /* in point.members, and disk in its disks */
    size_t disk;
    char *image; /* absolute paths in one directory */
    char *layer;
    char *overlay;                  /* temporary name; the overlay ends up as image. keep_names: its own */
    struct file_identity original;  /* of the image before */
    struct file_identity replacing; /* of the overlay; none before COMMIT */
    uint64_t overlay_size;          /* virtual, bytes */
    uint32_t cluster_size;
    struct image_bitmaps carried; /* another tool's, which go over into the overlay; not in the journal */
    bool unwritten;               /* the image is as the last point left it; not in the journal */
    int directory_fd;             /* -1 while not open */
    int image_fd;                 /* the original file, claimed; -1 while not open */
};

struct freeze_file { /* one that was copied into the store */
    char *path;
    struct file_identity was;
};

/* The point comes with its machines, which the store does not have yet (register.h). As long as the point is
 * prepared they go again with it. */
struct freeze_registration {
    bool wanted;
    const struct machine *machines; /* one for each member; borrowed, and not in the journal */
    bool new_collection;
    struct guid *joined; /* machines that become members of the collection that is there */
    size_t joined_count;
};

struct freeze_work {
    const struct store *store;
    const struct step_hook *hook;
    enum freeze_state state;
    /* The image keeps its name as a layer, and the machine goes on with a file of a new name: so it is where
     * a machine may run (libvirt). Otherwise the layer gets a new name, and the overlay the image's. */
    bool keep_names;
    struct reference_point point; /* as it will be recorded; layer identities come last */
    struct freeze_disk *disks;
    size_t count;
    struct freeze_file *files;
    size_t file_count;
    struct freeze_registration registration;
    const char
        *root; /* under which copies of the machines' files lie, under their paths; NULL: they are here */
};

void freeze_work_clear(struct freeze_work *work);

/* Its machine has a QEMU that writes to the image. */
bool freeze_disk_is_live(const struct freeze_work *work, const struct freeze_disk *disk);
/* The record of the disk's layer in the point, and the machine's disk as it was. */
struct disk_point *freeze_disk_point(const struct freeze_work *work, const struct freeze_disk *disk);
const struct disk *freeze_disk_before(const struct freeze_work *work, const struct freeze_disk *disk);
/* "web01/vda" */
char *freeze_disk_label(const struct freeze_work *work, const struct freeze_disk *disk);
void freeze_add_remarks(const struct freeze_work *work, struct point_remarks *remarks);

bool freeze_journal_write(const struct freeze_work *work, struct error *err) WARN_UNUSED;
bool freeze_journal_read(struct freeze_work *work, const config_setting_t *root,
                         struct error *err) WARN_UNUSED;

bool freeze_open_directory(struct freeze_disk *disk, struct error *err) WARN_UNUSED;
/* Steps 3, 4 and 6. */
bool freeze_make_overlay(const struct freeze_work *work, struct freeze_disk *disk,
                         struct error *err) WARN_UNUSED;
bool freeze_link_layer(const struct freeze_disk *disk, struct error *err) WARN_UNUSED;
bool freeze_flip(const struct freeze_disk *disk, struct error *err) WARN_UNUSED;
/* Step 7 for all disks: read-only layers, point record, machine records, end of the journal. Repeatable. */
bool freeze_finish(struct freeze_work *work, struct error *err) WARN_UNUSED;
/* After the journal: the records of the machines and the collection. Taken back by the other, repeatably. */
bool freeze_register(const struct freeze_work *work, struct error *err) WARN_UNUSED;
bool freeze_unregister(const struct freeze_work *work, struct error *err) WARN_UNUSED;
/* Undoes steps 3 and 4 and ends the journal. Repeatable. */
bool freeze_undo_prepared(struct freeze_work *work, struct error *err) WARN_UNUSED;
/* After COMMIT, when there can be no point: images back to their own files where nobody has written to the
 * overlay; where somebody has, the overlay stays and its layer becomes a registered backing file (a finding).
 * Repeatable; ends the journal when every disk is settled. */
bool freeze_abort(struct freeze_work *work, struct findings *findings, struct error *err) WARN_UNUSED;

/* After a crash: finishes, undoes or leaves it, with the reason as a finding. false: it is still there. */
bool freeze_recover(const struct store *store, const config_setting_t *root, const struct step_hook *hook,
                    struct findings *findings, struct error *err) WARN_UNUSED;

#endif
