#include "core/host/layers/foreign/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/layers/foreign/carry.h"
#include "core/host/layers/layers.h"
#include "core/system/fs.h"

static bool refuse_inconsistent(const char *child, const struct image_bitmaps *bitmaps, struct error *err)
{
    for (size_t i = 0; i < bitmaps->count; i++) {
        if (!bitmaps->items[i].inconsistent)
            continue;
        CLEANUP_FREE char *path = text_shell_quote(child);
        CLEANUP_FREE char *name = text_shell_quote(bitmaps->items[i].name);
        error_set(err, RETURN_INVALID_STATE, "image.bitmap-inconsistent",
                  "the dirty bitmap %s in %s cannot be taken over", bitmaps->items[i].name, child);
        error_cause(err, "whoever wrote to it did not close it; no tool can use it any more");
        return error_next(err, "Remove it: qemu-img bitmap --remove -f qcow2 -- %s %s", path, name);
    }
    return true;
}

bool bitmap_keeper_needed(int child_fd, const char *child, bool active, bool *some, struct error *err)
{
    struct image_bitmaps bitmaps;
    if (!bitmaps_of(child_fd, DISK_FORMAT_QCOW2, child, &bitmaps, err))
        return false;
    bool ok = !active || refuse_inconsistent(child, &bitmaps, err);
    bitmaps_keep_usable(&bitmaps);
    *some = bitmaps.count > 0;
    image_bitmaps_clear(&bitmaps);
    return ok;
}

static bool open_kept(const struct bitmap_keeper *keeper, int *fd, struct error *err)
{
    *fd = openat(keeper->directory_fd, path_name(keeper->kept), LAYER_OPEN_FLAGS);
    return *fd >= 0 || error_errno(err, errno, "point.layer", "cannot open %s", keeper->kept);
}

/* What a file of an earlier attempt still has and the child has no more: lost. */
static void tell_lost(const struct bitmap_keeper *keeper, const struct image_bitmaps *usable)
{
    struct image_bitmaps before;
    struct error unreadable = {0};
    CLEANUP_FD int fd = -1;
    if (!open_kept(keeper, &fd, &unreadable) ||
        !bitmaps_of(fd, DISK_FORMAT_QCOW2, keeper->kept, &before, &unreadable))
        return;
    for (size_t i = 0; i < before.count; i++) {
        if (!image_bitmaps_find(usable, before.items[i].name))
            findings_add(
                keeper->findings,
                "%s: the dirty bitmap %s of another tool is lost: the destruction of the point %s was "
                "interrupted, and the image may have been used since; that tool needs a full backup",
                keeper->label, before.items[i].name, keeper->point_name);
    }
    image_bitmaps_clear(&before);
}

static bool make_kept(const struct bitmap_keeper *keeper, const struct chain_link *link,
                      const struct qemu_layer *child, const struct image_bitmaps *bitmaps, struct error *err)
{
    CLEANUP_FD int fd = -1;
    if (!bitmap_keeper_forget(keeper, err) ||
        !qemu_create(keeper->directory_fd, path_name(keeper->kept), link->info.virtual_size,
                     link->info.cluster_size, err) ||
        !open_kept(keeper, &fd, err))
        return false;
    const struct qemu_layer kept = {.fd = fd, .format = DISK_FORMAT_QCOW2};
    return bitmaps_copy(child, bitmaps, &kept, keeper->kept, err) && fs_sync(fd, keeper->kept, err) &&
           fs_sync(keeper->directory_fd, keeper->kept, err);
}

static bool make_bare(const struct bitmap_keeper *keeper, const struct qemu_layer *child,
                      struct file_identity *bare, struct error *err)
{
    struct stat status;
    if (!bitmaps_remove(child, keeper->child, err) || !fs_sync(child->fd, keeper->child, err))
        return false;
    if (fstat(child->fd, &status) != 0)
        return error_errno(err, errno, "point.layer", "cannot look at %s", keeper->child);
    *bare = file_identity_of(&status);
    return true;
}

bool bitmap_keeper_take(const struct bitmap_keeper *keeper, const struct chain_link *link,
                        const struct qemu_layer *child, struct file_identity *bare, struct error *err)
{
    struct image_bitmaps usable;
    struct stat status;
    if (!keeper->kept)
        return true;
    if (fstat(child->fd, &status) != 0)
        return error_errno(err, errno, "point.layer", "cannot look at %s", keeper->child);
    if (bare->inode != 0 && file_identity_matches(bare, &status))
        return true;
    if (!bitmaps_of(child->fd, DISK_FORMAT_QCOW2, keeper->child, &usable, err))
        return false;
    bitmaps_keep_usable(&usable);
    tell_lost(keeper, &usable);
    bool ok = make_kept(keeper, link, child, &usable, err);
    image_bitmaps_clear(&usable);
    if (ok)
        step_reached(keeper->hook, "kept", keeper->number);
    return ok && make_bare(keeper, child, bare, err);
}

bool bitmap_keeper_give(const struct bitmap_keeper *keeper, const struct qemu_layer *layer,
                        const struct image_info *layer_info, struct error *err)
{
    CLEANUP_FD int fd = -1;
    struct image_bitmaps bitmaps;
    if (!keeper->kept)
        return true;
    if (!open_kept(keeper, &fd, err) || !bitmaps_of(fd, DISK_FORMAT_QCOW2, keeper->kept, &bitmaps, err))
        return false;
    const struct qemu_layer kept = {.fd = fd, .format = DISK_FORMAT_QCOW2};
    bool ok = (layer_info->version > 2 || qemu_upgrade(layer, err)) &&
              bitmaps_copy(&kept, &bitmaps, layer, keeper->layer, err);
    image_bitmaps_clear(&bitmaps);
    return ok;
}

bool bitmap_keeper_forget(const struct bitmap_keeper *keeper, struct error *err)
{
    if (!keeper->kept || unlinkat(keeper->directory_fd, path_name(keeper->kept), 0) == 0 || errno == ENOENT)
        return true;
    return error_errno(err, errno, "point.layer", "cannot remove %s", keeper->kept);
}
