/* The way back. A layer is unlinked only while the image's own path still leads to the same file, so that the
 * last name of a file that held a machine's data is never removed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/freeze/freeze_work.h"
#include "core/system/fs.h"

static bool is_missing(int directory, const char *path, struct stat *status)
{
    return fstatat(directory, path_name(path), status, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

static bool remove_name(const struct freeze_disk *disk, const char *path, struct error *err)
{
    if (unlinkat(disk->directory_fd, path_name(path), 0) != 0 && errno != ENOENT)
        return error_errno(err, errno, "point.undo", "cannot remove %s", path);
    return true;
}

static bool unknown_file(const struct freeze_disk *disk, struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "point.unknown-file",
              "%s is neither the image that was being frozen nor its overlay", disk->image);
    return error_next(err,
                      "Nothing was changed. If it was replaced on purpose, move %s away and remove the "
                      "journal of this point.",
                      disk->layer);
}

/* The image's path still has the original file: overlay and second name go. */
static bool remove_traces(const struct freeze_disk *disk, struct error *err)
{
    struct stat image;
    struct stat layer;
    if (fstatat(disk->directory_fd, path_name(disk->image), &image, AT_SYMLINK_NOFOLLOW) != 0)
        return error_errno(err, errno, "point.undo", "cannot look at %s", disk->image);
    if (image.st_ino != disk->original.inode)
        return unknown_file(disk, err);
    if (!is_missing(disk->directory_fd, disk->layer, &layer) &&
        (layer.st_ino != image.st_ino || layer.st_dev != image.st_dev))
        return unknown_file(disk, err);
    return remove_name(disk, disk->overlay, err) && remove_name(disk, disk->layer, err) &&
           fs_sync(disk->directory_fd, disk->image, err);
}

bool freeze_undo_prepared(struct freeze_work *work, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; i < work->count; i++) {
        struct error failed;
        if (freeze_open_directory(&work->disks[i], &failed) && remove_traces(&work->disks[i], &failed)) {
            step_reached(work->hook, "undone", i);
            continue;
        }
        /* The other disks are still undone. */
        if (ok)
            *err = failed;
        ok = false;
    }
    return ok && freeze_unregister(work, err) && work_journal_remove(work->store, &work->point.id, err);
}

/* Nobody has written to the overlay that has the image's name, nor has it open to do so. The claim is held by
 * *fd. */
static bool overlay_is_untouched(const struct freeze_disk *disk, int *fd)
{
    struct stat status;
    struct error in_use;
    *fd = openat(disk->directory_fd, path_name(disk->image), LAYER_OPEN_FLAGS);
    return *fd >= 0 && file_claim(*fd, CLAIM_STILL, disk->image, &in_use) && fstat(*fd, &status) == 0 &&
           file_identity_matches(&disk->replacing, &status);
}

static bool roll_back(const struct freeze_disk *disk, struct error *err)
{
    CLEANUP_FD int layer = openat(disk->directory_fd, path_name(disk->layer), LAYER_OPEN_FLAGS);
    struct stat status;
    if (layer < 0 || fstat(layer, &status) != 0)
        return error_errno(err, errno, "point.undo", "cannot open %s", disk->layer);
    if (status.st_ino != disk->original.inode)
        return unknown_file(disk, err);
    if (fchmod(layer, disk->original.mode) != 0)
        return error_errno(err, errno, "point.undo", "cannot set the mode of %s", disk->layer);
    if (!fs_sync(layer, disk->layer, err))
        return false;
    if (renameat(disk->directory_fd, path_name(disk->layer), disk->directory_fd, path_name(disk->image)) != 0)
        return error_errno(err, errno, "point.undo", "cannot put %s back", disk->image);
    return fs_sync(disk->directory_fd, disk->image, err);
}

/* The machine has written to the overlay: it stays, and what is beneath becomes a file that the machine may
 * read. */
static bool register_layer(const struct freeze_work *work, const struct freeze_disk *disk, struct error *err)
{
    const struct disk *before = freeze_disk_before(work, disk);
    struct machine machine;
    if (!store_read_machine(work->store, &work->point.members[disk->member].machine.id, &machine, err))
        return false;
    bool changed = false;
    for (size_t i = 0; i < machine.disk_count; i++) {
        struct disk *now = &machine.disks[i];
        bool known = now->backing_count > 0 && strcmp(now->backing[0].path, disk->layer) == 0;
        if (!guid_equal(&now->uuid, &before->uuid) || known)
            continue;
        size_t others = now->backing_count++;
        now->backing = mem_grow(now->backing, others, sizeof *now->backing);
        memmove(now->backing + 1, now->backing, others * sizeof *now->backing);
        now->backing[0] = (struct backing_file){.path = mem_strdup(disk->layer), .format = before->format};
        now->format = DISK_FORMAT_QCOW2;
        changed = true;
    }
    bool ok = !changed || store_write_machine(work->store, &machine, err);
    machine_clear(&machine);
    return ok;
}

static bool keep_layer(const struct freeze_work *work, const struct freeze_disk *disk,
                       struct findings *findings, struct error *err)
{
    CLEANUP_FREE char *label = freeze_disk_label(work, disk);
    CLEANUP_FD int layer = openat(disk->directory_fd, path_name(disk->layer), LAYER_OPEN_FLAGS);
    if (layer < 0 || fchmod(layer, disk->original.mode & ~0222U) != 0)
        return error_errno(err, errno, "point.undo", "cannot make %s read-only", disk->layer);
    if (!fs_sync(layer, disk->layer, err) || !register_layer(work, disk, err))
        return false;
    findings_add(findings,
                 "%s was written to while a reference point was unfinished: there is no such point; the "
                 "image stays an overlay of %s, which now belongs to the disk %s",
                 disk->image, disk->layer, label);
    return true;
}

static bool abort_disk(const struct freeze_work *work, struct freeze_disk *disk, struct findings *findings,
                       struct error *err)
{
    struct stat image;
    if (!freeze_open_directory(disk, err))
        return false;
    if (fstatat(disk->directory_fd, path_name(disk->image), &image, AT_SYMLINK_NOFOLLOW) != 0)
        return error_errno(err, errno, "point.undo", "cannot look at %s", disk->image);
    if (image.st_ino == disk->original.inode)
        return remove_traces(disk, err);
    if (image.st_ino != disk->replacing.inode)
        return unknown_file(disk, err);
    CLEANUP_FD int claimed = -1;
    return overlay_is_untouched(disk, &claimed) ? roll_back(disk, err)
                                                : keep_layer(work, disk, findings, err);
}

bool freeze_abort(struct freeze_work *work, struct findings *findings, struct error *err)
{
    /* First of all on the disk: after a crash nobody goes forward with some disks already undone. */
    work->state = FREEZE_ABORT;
    if (!freeze_journal_write(work, err))
        return false;
    step_reached(work->hook, "abort", 0);
    bool ok = true;
    for (size_t i = 0; i < work->count; i++) {
        struct error failed;
        if (abort_disk(work, &work->disks[i], findings, &failed)) {
            step_reached(work->hook, "aborted", i);
            continue;
        }
        if (ok)
            *err = failed;
        ok = false;
    }
    return ok && work_journal_remove(work->store, &work->point.id, err);
}
