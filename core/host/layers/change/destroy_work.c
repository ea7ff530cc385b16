/* Per disk, with P the layer and N its child:
 *   P is qcow2: P gets N's size, then what N owns (N stays as it is, so this can be done again), then N's
 *               owner, mode and name. The rename is the end: P's name is gone. Where N has dirty bitmaps:
 *               foreign/keeper.h.
 *   P is raw:   N's content becomes a new qcow2 image, which gets N's name; then P is unlinked.
 * Until the rename every state but the destroyed point's is read through N as before. */
#include "core/host/layers/change/destroy_work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/foreign/carry.h"
#include "core/host/layers/foreign/keeper.h"
#include "core/host/layers/layers.h"
#include "core/host/layers/qemu_tools.h"
#include "core/host/layers/templates.h"
#include "core/system/fs.h"

/* One disk with its files open. */
struct merge {
    const struct destroy_disk *disk;
    struct chain chain; /* N, P, and what is beneath */
    struct qemu_layer *layers;
    int directory_fd;
};

static void merge_clear(struct merge *merge)
{
    for (size_t i = 0; merge->layers && i < merge->chain.count; i++) {
        if (merge->layers[i].fd >= 0)
            close(merge->layers[i].fd);
    }
    free(merge->layers);
    chain_clear(&merge->chain);
    if (merge->directory_fd >= 0)
        close(merge->directory_fd);
}

static bool unknown_file(const char *path, struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "point.unknown-file",
              "%s is not the file that was there when the destruction began", path);
    return error_next(err, "Nothing was changed. Bring the file back, then run \"refpoint store check\".");
}

/* The destroyed point's own record is gone from the lists; its layer must still be known to read the chain.
 */
static bool read_merge_chain(const struct destroy_work *work, struct merge *merge, struct error *err)
{
    const struct destroy_disk *disk = merge->disk;
    struct layers layers;
    struct machine machine;
    if (!store_read_machine(work->store, &disk->machine_id, &machine, err))
        return false;
    bool ok = layers_load(work->store, work->machines, work->machine_count, &layers, NULL, err);
    struct disk_point record = {
        .layer_path = disk->layer, .layer_format = disk->layer_format, .inode = disk->layer_was.inode};
    struct reference_point point = {.name = work->point_name};
    if (ok)
        layers_add(&layers, &(struct layer){.point = &point, .disk = &record});
    for (size_t i = 0; ok && i < machine.disk_count; i++) {
        const struct disk *now = &machine.disks[i];
        if (!guid_equal(&now->uuid, &disk->disk_uuid))
            continue;
        struct chain_source source = chain_source_of(now);
        source.path = disk->child;
        source.format = DISK_FORMAT_QCOW2;
        ok = chain_read(&source, &layers, &merge->chain, err);
    }
    if (ok && merge->chain.count == 0) {
        error_set(err, RETURN_INVALID_STATE, "point.disk-gone", "the machine no longer has the disk");
        ok = error_next(
            err,
            "Run \"refpoint store check\"; bring the record of the machine back from a copy of the store.");
    }
    layers_clear(&layers);
    machine_clear(&machine);
    return ok;
}

static bool open_merge(struct merge *merge, struct error *err)
{
    merge->layers = mem_alloc(merge->chain.count * sizeof *merge->layers);
    for (size_t i = 0; i < merge->chain.count; i++)
        merge->layers[i].fd = -1;
    for (size_t i = 0; i < merge->chain.count; i++) {
        const struct chain_link *link = &merge->chain.links[i];
        struct stat status;
        int fd = open(link->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        merge->layers[i] = (struct qemu_layer){.fd = fd, .format = link->format};
        if (fd < 0 || fstat(fd, &status) != 0)
            return error_errno(err, errno, "point.layer", "cannot open %s", link->path);
        if (status.st_ino != link->status.st_ino)
            return unknown_file(link->path, err);
    }
    if (merge->chain.count < 2 || strcmp(merge->chain.links[1].path, merge->disk->layer) != 0)
        return unknown_file(merge->disk->child, err);
    /* Our claims on N and P stand in for QEMU's locks, so that there is no moment without. */
    merge->layers[0].claimed = true;
    merge->layers[1].claimed = true;
    return true;
}

/* After a crash; otherwise the planning still holds its claims. */
static bool claim_merge(const struct merge *merge, struct error *err)
{
    const struct destroy_disk *disk = merge->disk;
    int child = merge->layers[0].fd;
    int layer = merge->layers[1].fd;
    return file_claim_unpinned(child, disk->child, err) &&
           file_claim(child, CLAIM_SOURCE, disk->child, err) &&
           file_claim_unpinned(layer, disk->layer, err) && file_claim(layer, CLAIM_CHANGE, disk->layer, err);
}

static bool let_write(int fd, const char *path, struct error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || fchmod(fd, (status.st_mode & 07777) | S_IWUSR) != 0)
        return error_errno(err, errno, "point.layer", "cannot make %s writable", path);
    return true;
}

static bool set_mode(int fd, uint32_t mode, const char *path, struct error *err)
{
    return fchmod(fd, mode & 07777) == 0 ||
           error_errno(err, errno, "point.layer", "cannot set the mode of %s", path);
}

static bool take_name(const struct merge *merge, const char *from, const char *to, struct error *err)
{
    if (renameat(merge->directory_fd, path_name(from), merge->directory_fd, path_name(to)) != 0)
        return error_errno(err, errno, "point.rename", "cannot rename %s to %s", from, to);
    return fs_sync(merge->directory_fd, to, err);
}

static bool remove_layer(const struct merge *merge, struct error *err)
{
    const struct destroy_disk *disk = merge->disk;
    struct stat status;
    if (fstatat(merge->directory_fd, path_name(disk->layer), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT || error_errno(err, errno, "point.layer", "cannot look at %s", disk->layer);
    if (status.st_ino != disk->layer_was.inode)
        return unknown_file(disk->layer, err);
    if (unlinkat(merge->directory_fd, path_name(disk->layer), 0) != 0)
        return error_errno(err, errno, "point.layer", "cannot remove %s", disk->layer);
    return fs_sync(merge->directory_fd, disk->layer, err);
}

static struct bitmap_keeper keeper_of(const struct destroy_work *work, size_t number, int directory_fd)
{
    const struct destroy_disk *disk = &work->disks[number];
    return (struct bitmap_keeper){.kept = disk->fresh,
                                  .child = disk->child,
                                  .layer = disk->layer,
                                  .label = disk->label,
                                  .point_name = work->point_name,
                                  .directory_fd = directory_fd,
                                  .findings = work->findings,
                                  .hook = work->hook,
                                  .number = number};
}

static bool keep_bitmaps(struct destroy_work *work, const struct merge *merge, size_t number,
                         struct error *err)
{
    const struct bitmap_keeper keeper = keeper_of(work, number, merge->directory_fd);
    struct file_identity *bare = &work->disks[number].child_bare;
    const struct file_identity before = *bare;
    if (!bitmap_keeper_take(&keeper, &merge->chain.links[0], &merge->layers[0], bare, err))
        return false;
    if (bare->inode == before.inode && moment_compare(bare->modified, before.modified) == 0)
        return true;
    if (!destroy_journal_write(work, err))
        return false;
    step_reached(work->hook, "bare", number);
    return true;
}

static bool merge_qcow2(struct destroy_work *work, const struct merge *merge, size_t number, bool after_crash,
                        struct error *err)
{
    const struct destroy_disk *disk = merge->disk;
    const struct bitmap_keeper keeper = keeper_of(work, number, merge->directory_fd);
    const struct chain_link *child = &merge->chain.links[0];
    const struct chain_link *layer = &merge->chain.links[1];
    int child_fd = merge->layers[0].fd;
    int layer_fd = merge->layers[1].fd;
    merge->layers[1].discard = true;
    if (!let_write(child_fd, disk->child, err) || !let_write(layer_fd, disk->layer, err))
        return false;
    if (after_crash && !qemu_repair_leaks(&merge->layers[1], err))
        return false;
    if (!keep_bitmaps(work, merge, number, err) || !bitmaps_remove(&merge->layers[1], disk->layer, err))
        return false;
    if (layer->info.virtual_size != child->info.virtual_size &&
        !qemu_resize(merge->layers + 1, merge->chain.count - 1, layer->info.virtual_size,
                     child->info.virtual_size, err))
        return false;
    step_reached(work->hook, "resized", number);
    if (!qemu_commit(merge->layers, merge->chain.count, err))
        return false;
    step_reached(work->hook, "committed", number);
    if (!bitmap_keeper_give(&keeper, &merge->layers[1], &layer->info, err))
        return false;
    if (!file_copy_manner(child_fd, layer_fd, disk->layer, err) ||
        !set_mode(layer_fd, disk->child_was.mode, disk->layer, err) || !fs_sync(layer_fd, disk->layer, err))
        return false;
    step_reached(work->hook, "mode", number);
    return take_name(merge, disk->layer, disk->child, err);
}

/* The child was only read on the way: its bitmaps are still as they were. */
static bool finish_fresh(const struct merge *merge, struct error *err)
{
    const struct destroy_disk *disk = merge->disk;
    struct image_bitmaps bitmaps;
    CLEANUP_FD int fd = openat(merge->directory_fd, path_name(disk->fresh), LAYER_OPEN_FLAGS);
    if (fd < 0)
        return error_errno(err, errno, "point.layer", "cannot open %s", disk->fresh);
    if (!bitmaps_of(merge->layers[0].fd, DISK_FORMAT_QCOW2, disk->child, &bitmaps, err))
        return false;
    bitmaps_keep_usable(&bitmaps);
    const struct qemu_layer fresh = {.fd = fd, .format = DISK_FORMAT_QCOW2};
    bool ok = bitmaps_copy(&merge->layers[0], &bitmaps, &fresh, disk->fresh, err);
    image_bitmaps_clear(&bitmaps);
    return ok && file_copy_manner(merge->layers[0].fd, fd, disk->fresh, err) &&
           set_mode(fd, disk->child_was.mode, disk->fresh, err) && fs_sync(fd, disk->fresh, err);
}

static bool merge_raw(const struct destroy_work *work, const struct merge *merge, size_t number,
                      struct error *err)
{
    const struct destroy_disk *disk = merge->disk;
    if (unlinkat(merge->directory_fd, path_name(disk->fresh), 0) != 0 && errno != ENOENT)
        return error_errno(err, errno, "point.layer", "cannot remove %s", disk->fresh);
    if (!qemu_convert(merge->layers, merge->chain.count, merge->directory_fd, path_name(disk->fresh),
                      merge->chain.links[0].info.cluster_size, err))
        return false;
    step_reached(work->hook, "converted", number);
    if (!finish_fresh(merge, err) || !take_name(merge, disk->fresh, disk->child, err))
        return false;
    step_reached(work->hook, "replaced", number);
    return remove_layer(merge, err);
}

/* After a crash N's name may already lead to the new image, which needs nothing beneath it. */
static bool is_replaced(const struct merge *merge)
{
    const struct destroy_disk *disk = merge->disk;
    CLEANUP_FD int fd = openat(merge->directory_fd, path_name(disk->child), LAYER_OPEN_FLAGS);
    struct stat status;
    struct image_info info;
    struct error ignored;
    if (fd < 0 || fstat(fd, &status) != 0 || status.st_ino == disk->child_was.inode ||
        !image_inspect(fd, DISK_FORMAT_QCOW2, disk->child, &info, &ignored))
        return false;
    bool complete = !info.backing_name;
    image_info_clear(&info);
    return complete;
}

/* P's name is gone: N's must lead to what was P, or to the new image. */
static bool check_done(const struct merge *merge, struct error *err)
{
    const struct destroy_disk *disk = merge->disk;
    struct stat status;
    if (!disk->child)
        return true;
    if (fstatat(merge->directory_fd, path_name(disk->child), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return error_errno(err, errno, "point.layer", "cannot look at %s", disk->child);
    bool merged = disk->layer_format == DISK_FORMAT_QCOW2 ? status.st_ino == disk->layer_was.inode
                                                          : status.st_ino != disk->child_was.inode;
    return merged || unknown_file(disk->child, err);
}

static bool merge_files(struct destroy_work *work, struct merge *merge, size_t number, bool after_crash,
                        struct error *err)
{
    if (!read_merge_chain(work, merge, err) || !open_merge(merge, err) ||
        (after_crash && !claim_merge(merge, err)))
        return false;
    return merge->disk->layer_format == DISK_FORMAT_RAW ? merge_raw(work, merge, number, err)
                                                        : merge_qcow2(work, merge, number, after_crash, err);
}

static bool do_disk(struct destroy_work *work, size_t number, bool after_crash, struct error *err)
{
    struct merge merge = {.disk = &work->disks[number], .directory_fd = -1};
    const struct destroy_disk *disk = merge.disk;
    CLEANUP_FREE char *directory = path_directory(disk->layer);
    struct stat status;
    bool ok = false;
    if (!fs_open_directory(AT_FDCWD, directory, &merge.directory_fd, err))
        return error_context(err, "%s", disk->label);
    if (fstatat(merge.directory_fd, path_name(disk->layer), &status, AT_SYMLINK_NOFOLLOW) != 0)
        ok = errno == ENOENT ? check_done(&merge, err)
                             : error_errno(err, errno, "point.layer", "cannot look at %s", disk->layer);
    else if (!disk->child || (disk->layer_format == DISK_FORMAT_RAW && is_replaced(&merge)))
        ok = remove_layer(&merge, err);
    else
        ok = merge_files(work, &merge, number, after_crash, err);
    const struct bitmap_keeper keeper = keeper_of(work, number, merge.directory_fd);
    ok = ok && bitmap_keeper_forget(&keeper, err);
    merge_clear(&merge);
    step_reached(work->hook, "merged", number);
    return ok || error_context(err, "%s", disk->label);
}

/* What a point keeps of a file whose name another file has taken over. */
static bool update_point(struct reference_point *point, const struct layer *layer,
                         const struct destroy_disk *disk, const struct stat *status)
{
    bool changed = templates_renew(point, disk->child, status, disk->unproven ? &disk->unproven_since : NULL);
    if (!layer || layer->point != point)
        return changed;
    layer_take_identity(layer->disk, status);
    if (disk->unproven)
        layer_doubt(layer->disk, disk->unproven_since);
    layer->disk->layer_format = DISK_FORMAT_QCOW2;
    point->log_size = layers_space_of(point);
    return true;
}

static bool update_points(const struct destroy_work *work, size_t number, struct layers *layers,
                          struct error *err)
{
    const char *child = work->disks[number].child;
    const struct layer *layer = layers_find(layers, child);
    struct stat status;
    if (lstat(child, &status) != 0)
        return error_errno(err, errno, "point.layer", "cannot look at %s", child);
    for (size_t i = 0; i < layers->points.count; i++) {
        struct reference_point *point = &layers->points.items[i];
        if (!update_point(point, layer, &work->disks[number], &status))
            continue;
        if (!store_write_point(work->store, point, err))
            return false;
        step_reached(work->hook, "record", number);
    }
    return true;
}

static bool update_records(const struct destroy_work *work, struct error *err)
{
    struct layers layers;
    if (!layers_load(work->store, work->machines, work->machine_count, &layers, NULL, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < work->count; i++)
        ok = !work->disks[i].child || update_points(work, i, &layers, err);
    layers_clear(&layers);
    return ok;
}

bool destroy_do(struct destroy_work *work, bool after_crash, struct error *err)
{
    if (!store_hide_point(work->store, &work->point, err))
        return false;
    step_reached(work->hook, "hidden", 0);
    for (size_t i = 0; i < work->count; i++) {
        if (!do_disk(work, i, after_crash, err))
            return false;
    }
    if (!update_records(work, err) || !store_remove_point(work->store, &work->point, err))
        return false;
    step_reached(work->hook, "removed", 0);
    return work_journal_remove(work->store, &work->point.point_id, err);
}
