#include "core/host/layers/change/destroy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "core/base/mem.h"
#include "core/host/layers/change/destroy_work.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/foreign/keeper.h"
#include "core/host/layers/placement.h"
#include "core/system/proc.h"

/* Everything that can be refused, per disk; the claims are held until the placement is cleared. */
static bool check_disk(const struct placed_disk *disk, struct error *err)
{
    const char *layer = disk->layer->disk->layer_path;
    if (disk->child && (!file_claim_unpinned(disk->child_fd, disk->child, err) ||
                        !file_claim(disk->child_fd, CLAIM_SOURCE, disk->child, err)))
        return false;
    if (disk->child && disk->child_format != DISK_FORMAT_QCOW2) {
        error_set(err, RETURN_INVALID_STATE, "point.child", "%s is no qcow2 overlay", disk->child);
        return error_next(
            err, "Run \"refpoint store check\"; the image may have been replaced. \"refpoint point forget\" "
                 "gives the point up and leaves every file.");
    }
    return disk->fd < 0 ||
           (file_claim_unpinned(disk->fd, layer, err) && file_claim(disk->fd, CLAIM_CHANGE, layer, err));
}

/* While a child's content is moved it is there twice. All layers of one file system are added up. */
static bool check_space(const struct placement *placement, struct error *err)
{
    for (size_t i = 0; i < placement->count; i++) {
        struct statvfs space;
        struct stat status;
        dev_t device = 0;
        uint64_t needed = 0;
        if (placement->disks[i].fd < 0 || fstatvfs(placement->disks[i].fd, &space) != 0 ||
            fstat(placement->disks[i].fd, &status) != 0)
            continue;
        device = status.st_dev;
        for (size_t j = 0; j < placement->count; j++) {
            const struct placed_disk *disk = &placement->disks[j];
            if (disk->child_fd < 0 || fstat(disk->child_fd, &status) != 0 || status.st_dev != device)
                continue;
            needed += (uint64_t)status.st_blocks * 512;
            if (disk->layer->disk->layer_format == DISK_FORMAT_RAW && fstat(disk->fd, &status) == 0)
                needed += (uint64_t)status.st_blocks * 512;
        }
        uint64_t available = (uint64_t)space.f_bavail * space.f_frsize;
        if (needed > available) {
            char needs[16];
            char has[16];
            size_format(needed, needs, sizeof needs);
            size_format(available, has, sizeof has);
            error_set(err, RETURN_FAILED, "point.no-space",
                      "not enough space beside %s: up to %s needed, %s available",
                      placement->disks[i].layer->disk->layer_path, needs, has);
            return error_next(err, "Free space there, then try again.");
        }
    }
    return true;
}

static bool plan(struct destroy_work *work, const struct placement *placement, struct error *err)
{
    struct work_head head = {0};
    work_head_set_machines(&head, placement->point);
    work->machines = head.machines;
    work->machine_count = head.machine_count;
    work->point_name = mem_strdup(placement->point->name);
    for (size_t i = 0; i < placement->count; i++) {
        const struct placed_disk *placed = &placement->disks[i];
        struct stat layer;
        struct stat child = {0};
        if (placed->gone)
            continue;
        if (fstat(placed->fd, &layer) != 0 || (placed->child && fstat(placed->child_fd, &child) != 0))
            return error_errno(err, errno, "point.layer", "cannot look at the layers of %s", placed->label);
        struct destroy_disk *disk = ARRAY_APPEND(work->disks, work->count);
        disk->machine_id = placed->layer->member->machine.id;
        disk->disk_uuid = placed->layer->disk->disk_uuid;
        disk->label = mem_strdup(placed->label);
        disk->layer = mem_strdup(placed->layer->disk->layer_path);
        disk->layer_format = placed->layer->disk->layer_format;
        disk->layer_was = file_identity_of(&layer);
        disk->unproven = placed->layer->disk->unproven;
        disk->unproven_since = placed->layer->disk->unproven_since;
        disk->child = mem_strdup(placed->child);
        disk->child_was = placed->child ? file_identity_of(&child) : (struct file_identity){0};
        bool active = placed->child && !layers_find(&placement->layers, placed->child);
        bool bitmaps = false;
        if (placed->child && !bitmap_keeper_needed(placed->child_fd, placed->child, active, &bitmaps, err))
            return error_context(err, "%s", placed->label);
        bool raw = disk->layer_format == DISK_FORMAT_RAW;
        disk->fresh = raw || bitmaps ? path_new_temporary(disk->layer) : NULL;
    }
    return work_journal_check_free(work->store, &work->point.collection_id, work->machines,
                                   work->machine_count, err);
}

static bool check(const struct placement *placement, struct error *err)
{
    for (size_t i = 0; i < placement->count; i++) {
        if (!check_disk(&placement->disks[i], err))
            return error_context(err, "%s", placement->disks[i].label);
    }
    return placement_check_frozen(placement, err) && check_space(placement, err);
}

uint32_t destroy_point(const struct store *store, const struct object_path *path,
                       const struct step_hook *hook, struct watch *watch, struct error *err)
{
    CLEANUP_FD int lock = -1;
    struct placement placement;
    uint64_t before = 0;
    struct destroy_work work = {.store = store, .hook = hook, .point = *path};
    if (!store_lock(store, &lock, err) || !recovery_run(store, NULL, NULL, err) ||
        !placement_find(store, path, &placement, err))
        return err->code;
    bool ok = proc_check_program("qemu-img", err) && check(&placement, err) && plan(&work, &placement, err);
    bool begun = ok && destroy_journal_write(&work, err);
    if (begun) {
        bool measured = placement_space(&placement, PLACEMENT_LAYERS_AND_CHILDREN, &before);
        step_reached(hook, "prepared", 0);
        ok = destroy_do(&work, false, err);
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
    destroy_work_clear(&work);
    return begun && ok ? RETURN_DONE : err->code;
}
