#include "core/host/layers/freeze/freeze_work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/foreign/carry.h"
#include "core/image/image.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

#define WRITE_BITS 0222

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void freeze_work_clear(struct freeze_work *work)
{
    for (size_t i = 0; i < work->count; i++) {
        struct freeze_disk *disk = &work->disks[i];
        free(disk->image);
        free(disk->layer);
        free(disk->overlay);
        image_bitmaps_clear(&disk->carried);
        close_fd(&disk->image_fd);
        close_fd(&disk->directory_fd);
    }
    free(work->disks);
    for (size_t i = 0; i < work->file_count; i++)
        free(work->files[i].path);
    free(work->files);
    free(work->registration.joined);
    reference_point_clear(&work->point);
    *work = (struct freeze_work){0};
}

bool freeze_disk_is_live(const struct freeze_work *work, const struct freeze_disk *disk)
{
    enum machine_state state = work->point.members[disk->member].machine.state;
    return state != MACHINE_STATE_UNKNOWN && state != MACHINE_STATE_OFF;
}

struct disk_point *freeze_disk_point(const struct freeze_work *work, const struct freeze_disk *disk)
{
    return &work->point.members[disk->member].disks[disk->disk];
}

const struct disk *freeze_disk_before(const struct freeze_work *work, const struct freeze_disk *disk)
{
    return &work->point.members[disk->member].machine.disks[disk->disk];
}

char *freeze_disk_label(const struct freeze_work *work, const struct freeze_disk *disk)
{
    return mem_format("%s/%s", work->point.members[disk->member].machine.name,
                      freeze_disk_before(work, disk)->id);
}

void freeze_add_remarks(const struct freeze_work *work, struct point_remarks *remarks)
{
    for (size_t i = 0; i < work->count; i++) {
        if (work->disks[i].unwritten)
            *ARRAY_APPEND(remarks->unwritten, remarks->unwritten_count) =
                freeze_disk_label(work, &work->disks[i]);
    }
}

bool freeze_open_directory(struct freeze_disk *disk, struct error *err)
{
    if (disk->directory_fd >= 0)
        return true;
    CLEANUP_FREE char *path = path_directory(disk->image);
    return fs_open_directory(AT_FDCWD, path, &disk->directory_fd, err);
}

static bool run_qemu_img_create(const struct freeze_disk *disk, const struct disk *before, struct error *err)
{
    /* The directory goes over as a descriptor and the names are ours: no character of the operator's path is
     * ever read as an option or a protocol. */
    CLEANUP_FREE char *target = mem_format("/proc/self/fd/3/%s", path_name(disk->overlay));
    CLEANUP_FREE char *size = mem_format("%llu", (unsigned long long)disk->overlay_size);
    CLEANUP_FREE char *options =
        mem_format("compat=1.1,lazy_refcounts=off,cluster_size=%u", (unsigned)disk->cluster_size);
    const char *const arguments[] = {
        "qemu-img", "create",
        "-q",       "-f",
        "qcow2",    "-u",
        "-b",       path_name(disk->layer),
        "-F",       disk_format_word(before->format),
        "-o",       options,
        target,     size,
        NULL,
    };
    const struct proc_spec spec = {
        .argv = arguments, .descriptors = &disk->directory_fd, .descriptor_count = 1};
    return proc_run(&spec, -1, "point.overlay", NULL, err);
}

/* Trusts nothing: the overlay takes the place of a machine's disk. */
static bool check_overlay(const struct freeze_disk *disk, const struct disk *before, int fd,
                          struct error *err)
{
    struct image_info info;
    if (!image_inspect(fd, DISK_FORMAT_QCOW2, disk->overlay, &info, err))
        return false;
    bool right = info.virtual_size == disk->overlay_size && info.backing_name && info.backing_format &&
                 strcmp(info.backing_name, path_name(disk->layer)) == 0 &&
                 strcmp(info.backing_format, disk_format_word(before->format)) == 0 && !info.dirty &&
                 !info.external_data_file && !info.encrypted;
    image_info_clear(&info);
    if (right)
        return true;
    error_set(err, RETURN_FAILED, "point.overlay", "%s did not come out as an overlay of the image",
              disk->overlay);
    return error_next(err, "Run \"refpoint store check\", then try again.");
}

/* The image is only read; the overlay gets its bitmaps before anybody can use it. */
static bool carry_bitmaps(const struct freeze_disk *disk, enum disk_format format, int overlay_fd,
                          struct error *err)
{
    const struct qemu_layer image = {.fd = disk->image_fd, .format = format, .claimed = true};
    const struct qemu_layer overlay = {.fd = overlay_fd, .format = DISK_FORMAT_QCOW2};
    return disk->carried.count == 0 || bitmaps_copy(&image, &disk->carried, &overlay, disk->overlay, err);
}

bool freeze_make_overlay(const struct freeze_work *work, struct freeze_disk *disk, struct error *err)
{
    const struct disk *before = freeze_disk_before(work, disk);
    const char *name = path_name(disk->overlay);
    if (!run_qemu_img_create(disk, before, err))
        return error_context(err, "cannot make the overlay of %s", disk->image);
    CLEANUP_FD int fd = openat(disk->directory_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno, "point.overlay", "cannot open %s", disk->overlay);
    struct stat status;
    if (!carry_bitmaps(disk, before->format, fd, err) || !check_overlay(disk, before, fd, err) ||
        !file_copy_manner(disk->image_fd, fd, disk->overlay, err) || !fs_sync(fd, disk->overlay, err))
        return false;
    if (fstat(fd, &status) != 0)
        return error_errno(err, errno, "point.overlay", "cannot look at %s", disk->overlay);
    disk->replacing = file_identity_of(&status);
    return true;
}

bool freeze_link_layer(const struct freeze_disk *disk, struct error *err)
{
    if (linkat(disk->directory_fd, path_name(disk->image), disk->directory_fd, path_name(disk->layer), 0) !=
        0) {
        bool able = errno != EPERM && errno != EOPNOTSUPP && errno != EMLINK && errno != ENOSYS;
        error_errno(err, errno, "point.link", "cannot give %s a second name", disk->image);
        if (!able)
            err->code = RETURN_NOT_SUPPORTED;
        return able ? false
                    : error_next(err, "The file system must allow hard links, and the image be yours.");
    }
    return fs_sync(disk->directory_fd, disk->image, err);
}

bool freeze_flip(const struct freeze_disk *disk, struct error *err)
{
    if (renameat(disk->directory_fd, path_name(disk->overlay), disk->directory_fd, path_name(disk->image)) !=
        0)
        return error_errno(err, errno, "point.flip", "cannot put the overlay in the place of %s",
                           disk->image);
    return fs_sync(disk->directory_fd, disk->image, err);
}

static bool make_read_only(const struct freeze_work *work, struct freeze_disk *disk, uint64_t *space,
                           struct error *err)
{
    CLEANUP_FD int fd = openat(disk->directory_fd, path_name(disk->layer), LAYER_OPEN_FLAGS);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0)
        return error_errno(err, errno, "point.layer", "cannot open %s", disk->layer);
    if (fchmod(fd, status.st_mode & 07777 & ~(mode_t)WRITE_BITS) != 0)
        return error_errno(err, errno, "point.layer", "cannot make %s read-only", disk->layer);
    if (!fs_sync(fd, disk->layer, err))
        return false;
    if (fstat(fd, &status) != 0)
        return error_errno(err, errno, "point.layer", "cannot look at %s", disk->layer);
    layer_take_identity(freeze_disk_point(work, disk), &status);
    *space += (uint64_t)status.st_blocks * 512;
    return true;
}

/* The machine goes on with the overlay: at the image's path, or at its own. */
static const char *path_after(const struct freeze_work *work, size_t member, size_t disk)
{
    for (size_t i = 0; work->keep_names && i < work->count; i++) {
        if (work->disks[i].member == member && work->disks[i].disk == disk)
            return work->disks[i].overlay;
    }
    return work->point.members[member].machine.disks[disk].path;
}

/* The overlay is qcow2, whatever the image was, and of whole sectors; its size was looked at. */
static bool update_machine(const struct freeze_work *work, size_t member, struct error *err)
{
    const struct machine *before = &work->point.members[member].machine;
    struct machine machine;
    if (!store_read_machine(work->store, &before->id, &machine, err))
        return false;
    bool changed = false;
    for (size_t i = 0; i < machine.disk_count; i++) {
        struct disk *disk = &machine.disks[i];
        for (size_t j = 0; j < before->disk_count; j++) {
            if (!guid_equal(&disk->uuid, &before->disks[j].uuid))
                continue;
            uint64_t size = size_whole_sectors(before->disks[j].virtual_size);
            const char *path = path_after(work, member, j);
            changed = changed || disk->format != DISK_FORMAT_QCOW2 || disk->virtual_size != size ||
                      strcmp(disk->path, path) != 0;
            mem_replace(&disk->path, path);
            disk->format = DISK_FORMAT_QCOW2;
            disk->virtual_size = size;
        }
    }
    bool ok = !changed || store_write_machine(work->store, &machine, err);
    machine_clear(&machine);
    return ok;
}

bool freeze_finish(struct freeze_work *work, struct error *err)
{
    work->point.log_size = 0;
    for (size_t i = 0; i < work->count; i++) {
        if (!freeze_open_directory(&work->disks[i], err) ||
            !make_read_only(work, &work->disks[i], &work->point.log_size, err))
            return false;
        step_reached(work->hook, "read-only", i);
    }
    for (size_t i = 0; i < work->point.member_count; i++) {
        if (!update_machine(work, i, err))
            return false;
        step_reached(work->hook, "machine", i);
    }
    if (!store_write_point(work->store, &work->point, err))
        return false;
    step_reached(work->hook, "recorded", 0);
    if (!work_journal_remove(work->store, &work->point.id, err))
        return false;
    step_reached(work->hook, "done", 0);
    return true;
}
