/* DestroyReferencePoint of machines that may run: each layer takes in what lies on it, and keeps its own
 * name.
 *
 * The point goes out of the lists first; then disk by disk (merge.h); then the records: what lay on the layer
 * is the layer now. */
#include "core/host/libvirt/change/destroy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/placement.h"
#include "core/host/libvirt/change/merge.h"
#include "core/host/libvirt/machine/machine.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

static bool try_claim(const char *path, enum claim claim, struct error *err)
{
    CLEANUP_FD int fd = open(path, LAYER_OPEN_FLAGS);
    return fd >= 0 ? file_claim(fd, claim, path, err)
                   : error_errno(err, errno, "point.layer", "cannot open %s", path);
}

/* Off here, or gone from here, it may run elsewhere. */
static bool check_unused(const struct placed_disk *placed, struct error *err)
{
    return placed->gone || !placed->child ||
           (try_claim(placed->child, CLAIM_SOURCE, err) &&
            try_claim(placed->layer->disk->layer_path, CLAIM_CHANGE, err)) ||
           error_context(err, "%s", placed->label);
}

/* A running machine does not write to a file that the store does not know. */
static bool check_image(const struct live *live, const struct placed_disk *placed, struct error *err)
{
    const struct machine *then = &placed->layer->member->machine;
    struct error absent = {0};
    struct machine record;
    struct disk now = {0};
    CLEANUP_DOMAIN virDomainPtr domain = domain_find(live->connect, &then->id, then->name, &absent);
    if (!domain) {
        *err = absent;
        return strcmp(absent.key, "machine.gone") == 0 && check_unused(placed, err);
    }
    enum machine_state state;
    if (!domain_state(domain, &state, err) ||
        (!domain_state_is_active(state) &&
         (!domain_check_not_saved(domain, then->name, err) || !check_unused(placed, err))))
        return false;
    if (!host_machine_read_disk(domain, DOMAIN_TEXT_NOW, placed->layer->disk->disk_id, &now, err))
        return false;
    if (!store_read_machine(live->store, &then->id, &record, err)) {
        disk_clear(&now);
        return false;
    }
    bool ok = true;
    for (size_t i = 0; ok && now.path && i < record.disk_count; i++) {
        const struct disk *known = &record.disks[i];
        if (!guid_equal(&known->uuid, &placed->layer->disk->disk_uuid) || strcmp(known->path, now.path) == 0)
            continue;
        CLEANUP_FREE char *quoted = text_shell_quote(record.name);
        error_set(err, RETURN_INVALID_STATE, "point.overlay-above",
                  "%s: the machine writes to %s, which somebody else has put in the place of %s",
                  placed->label, now.path, known->path);
        ok = error_next(
            err,
            "Bring its content back first: virsh blockcommit %s %s --base %s --active --pivot --wait "
            "(or delete the snapshot with the tool that took it).",
            quoted, known->id, known->path);
    }
    machine_clear(&record);
    disk_clear(&now);
    return ok;
}

/* Points of the local host in the same store lie the other way round: there the image has its own name, and
 * only the layer's can go. */
static bool check_names(const struct placed_disk *placed, struct error *err)
{
    if (!placed->child || path_is_layer(placed->child))
        return true;
    error_set(err, RETURN_NOT_SUPPORTED, "point.made-off",
              "%s: the point was made by the local host, and its image %s would lose its name", placed->label,
              placed->child);
    return error_next(err,
                      "Shut the machine down and destroy the point with --host local on the same store.");
}

static bool check_space(const struct placement *placement, struct error *err)
{
    for (size_t i = 0; i < placement->count; i++) {
        uint64_t needed = 0;
        struct statvfs space;
        struct stat here;
        if (placement->disks[i].fd < 0 || fstatvfs(placement->disks[i].fd, &space) != 0 ||
            fstat(placement->disks[i].fd, &here) != 0)
            continue;
        for (size_t j = 0; j < placement->count; j++) {
            struct stat child;
            if (placement->disks[j].child_fd >= 0 && fstat(placement->disks[j].child_fd, &child) == 0 &&
                child.st_dev == here.st_dev)
                needed += (uint64_t)child.st_blocks * 512;
        }
        uint64_t available = (uint64_t)space.f_bavail * space.f_frsize;
        if (needed <= available)
            continue;
        char needs[16];
        char has[16];
        size_format(needed, needs, sizeof needs);
        size_format(available, has, sizeof has);
        error_set(err, RETURN_FAILED, "point.no-space",
                  "not enough space beside %s: up to %s needed, %s available",
                  placement->disks[i].layer->disk->layer_path, needs, has);
        return error_next(err, "Free space there, then try again.");
    }
    return true;
}

/* Exports hold a pin on every file they read; ours is held to the end. */
static bool check_pins(const struct placed_disk *placed, struct error *err)
{
    return (!placed->child || file_claim_unpinned(placed->child_fd, placed->child, err)) &&
           (placed->fd < 0 || file_claim_unpinned(placed->fd, placed->layer->disk->layer_path, err));
}

static bool check(const struct live *live, const struct placement *placement, struct error *err)
{
    for (size_t i = 0; i < placement->count; i++) {
        const struct placed_disk *placed = &placement->disks[i];
        if (!check_image(live, placed, err))
            return false;
        if (!check_names(placed, err) || !check_pins(placed, err))
            return error_context(err, "%s", placed->label);
    }
    return placement_check_frozen(placement, err) && check_space(placement, err);
}

static bool plan(struct live_destroy *work, const struct placement *placement, struct error *err)
{
    struct work_head head = {0};
    work_head_set_machines(&head, placement->point);
    work->machines = head.machines;
    work->machine_count = head.machine_count;
    work->point_name = mem_strdup(placement->point->name);
    for (size_t i = 0; i < placement->count; i++) {
        const struct placed_disk *placed = &placement->disks[i];
        const struct disk_point *record = placed->layer->disk;
        struct stat layer;
        struct stat child = {0};
        if (placed->gone || (!placed->child && !path_is_layer(record->layer_path)))
            continue; /* an image of its own name that nothing needs is its owner's */
        if (fstat(placed->fd, &layer) != 0 || (placed->child && fstat(placed->child_fd, &child) != 0))
            return error_errno(err, errno, "point.layer", "cannot look at the layers of %s", placed->label);
        *ARRAY_APPEND(work->disks, work->count) = (struct live_destroy_disk){
            .machine_id = placed->layer->member->machine.id,
            .machine_name = mem_strdup(placed->layer->member->machine.name),
            .disk_uuid = record->disk_uuid,
            .disk_id = mem_strdup(record->disk_id),
            .layer = mem_strdup(record->layer_path),
            .layer_format = record->layer_format,
            .layer_was = file_identity_of(&layer),
            .child = mem_strdup(placed->child),
            .child_was = placed->child ? file_identity_of(&child) : (struct file_identity){0},
            .unproven = record->unproven,
            .unproven_since = record->unproven_since,
        };
    }
    return work_journal_check_free(work->live->store, &work->point.collection_id, work->machines,
                                   work->machine_count, err);
}

/* A file that a point has as its layer, read-only again, as it is from now on. */
static bool settle_layer(const struct store *store, const struct layer *layer, const char *path,
                         enum disk_format format, struct error *err)
{
    struct stat status;
    CLEANUP_FD int fd = open(path, LAYER_OPEN_FLAGS);
    if (fd < 0 || fstat(fd, &status) != 0 || fchmod(fd, status.st_mode & 07777 & ~(mode_t)0222) != 0 ||
        fstat(fd, &status) != 0)
        return error_errno(err, errno, "point.layer", "cannot make %s read-only", path);
    if (!fs_sync(fd, path, err))
        return false;
    mem_replace(&layer->disk->layer_path, path);
    layer->disk->layer_format = format;
    layer_take_identity(layer->disk, &status);
    layer->point->log_size = layers_space_of(layer->point);
    return store_write_point(store, layer->point, err);
}

/* The machine goes on with the layer: the record and the kept definition name it. */
static bool give_to_machine(const struct live_destroy *work, const struct live_destroy_disk *disk,
                            struct error *err)
{
    struct machine machine;
    if (!store_read_machine(work->live->store, &disk->machine_id, &machine, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < machine.disk_count; i++) {
        struct disk *now = &machine.disks[i];
        if (!guid_equal(&now->uuid, &disk->disk_uuid) || strcmp(now->path, disk->child) != 0)
            continue;
        mem_replace(&now->path, disk->layer);
        now->format = disk->layer_format;
        ok = store_write_machine(work->live->store, &machine, err);
    }
    machine_clear(&machine);
    return ok;
}

static bool update_records(const struct live_destroy *work, const struct live_destroy_disk *disk,
                           const struct merge *merge, struct error *err)
{
    const struct store *store = work->live->store;
    struct layers layers;
    if (!layers_load(store, &disk->machine_id, 1, &layers, NULL, err))
        return false;
    const struct layer *child = layers_find(&layers, disk->child);
    const struct layer *above = merge->above ? layers_find(&layers, merge->above) : NULL;
    bool ok = true;
    if (child && disk->unproven)
        layer_doubt(child->disk, disk->unproven_since);
    if (child)
        ok = settle_layer(store, child, disk->layer, disk->layer_format, err);
    if (ok && above)
        ok = settle_layer(store, above, merge->above, above->disk->layer_format, err);
    layers_clear(&layers);
    return ok && (!merge->active || give_to_machine(work, disk, err));
}

static bool remove_layer(const struct live_destroy_disk *disk, struct error *err)
{
    struct stat status;
    if (lstat(disk->layer, &status) != 0)
        return errno == ENOENT || error_errno(err, errno, "point.layer", "cannot look at %s", disk->layer);
    if (status.st_ino != disk->layer_was.inode) {
        error_set(err, RETURN_INVALID_STATE, "point.unknown-file",
                  "%s is not the file that was there when the destruction began", disk->layer);
        return error_next(err,
                          "Nothing was changed. Bring the file back, then run \"refpoint store check\".");
    }
    return unlink(disk->layer) == 0 ||
           error_errno(err, errno, "point.layer", "cannot remove %s", disk->layer);
}

static bool do_disk(const struct live_destroy *work, const struct live_destroy_disk *disk, struct error *err)
{
    CLEANUP_FREE char *label = mem_format("%s/%s", disk->machine_name, disk->disk_id);
    struct merge merge = {.store = work->live->store,
                          .connect = work->live->connect,
                          .label = label,
                          .point_name = work->point_name,
                          .machine_id = disk->machine_id,
                          .machine_name = disk->machine_name,
                          .disk_id = disk->disk_id,
                          .disk_uuid = disk->disk_uuid,
                          .lower = disk->layer,
                          .lower_format = disk->layer_format,
                          .lower_was = disk->layer_was,
                          .upper = disk->child,
                          .upper_was = disk->child_was,
                          .pinned = !work->after_crash,
                          .after_crash = work->after_crash,
                          .watch = work->watch};
    if (!disk->child)
        return remove_layer(disk, err);
    bool ok = merge_run(&merge, err) && update_records(work, disk, &merge, err);
    free(merge.above);
    return ok;
}

static bool goes_on(const struct live_destroy *work, struct error *err)
{
    return watch_advance(work->watch, 0) || error_set(err, RETURN_FAILED, "point.ended",
                                                      "merging the layers of %s was ended", work->point_name);
}

bool live_destroy_do(struct live_destroy *work, struct error *err)
{
    const struct store *store = work->live->store;
    if (!store_hide_point(store, &work->point, err))
        return false;
    for (size_t i = 0; i < work->count; i++) {
        if (!goes_on(work, err) || !do_disk(work, &work->disks[i], err))
            return false;
    }
    return store_remove_point(store, &work->point, err) &&
           work_journal_remove(store, &work->point.point_id, err);
}

static void measure(struct watch *watch, const struct placement *placement)
{
    for (size_t i = 0; watch && i < placement->count; i++) {
        struct stat status;
        if (placement->disks[i].child_fd >= 0 && fstat(placement->disks[i].child_fd, &status) == 0)
            watch->total += (uint64_t)status.st_blocks * 512;
    }
}

uint32_t live_destroy_point(const struct live *live, const struct object_path *path, struct watch *watch,
                            struct error *err)
{
    struct placement placement;
    struct live_destroy work = {.live = live, .point = *path, .watch = watch};
    if (!placement_find(live->store, path, &placement, err))
        return err->code;
    bool ok = proc_check_program("qemu-img", err) && check(live, &placement, err) &&
              plan(&work, &placement, err) && live_destroy_journal_write(&work, err);
    if (ok) {
        uint64_t before = 0;
        bool measured = placement_space(&placement, PLACEMENT_LAYERS_AND_CHILDREN, &before);
        measure(watch, &placement);
        ok = live_destroy_do(&work, err);
        /* What the guests wrote meanwhile is in it: the files have taken that, too. */
        if (ok && measured)
            placement_tell_freed(&placement, PLACEMENT_LAYERS_AND_CHILDREN, before, watch);
        if (!ok) {
            error_begun(err);
            error_next(err,
                       "The reference point is gone; merging its layers is unfinished. Remove the cause, "
                       "then run \"refpoint store check\".");
        }
    }
    placement_clear(&placement);
    live_destroy_clear(&work);
    return ok ? RETURN_DONE : err->code;
}

bool live_destroy_recover(const struct live *live, const config_setting_t *root, struct findings *findings,
                          struct error *err)
{
    struct live_destroy work = {.live = live, .after_crash = true};
    bool ok = live_destroy_journal_read(&work, root, err) && live_destroy_do(&work, err);
    if (ok)
        findings_add(findings, "the reference point %s was unfinished in its destruction and is now gone",
                     work.point_name);
    live_destroy_clear(&work);
    return ok;
}
