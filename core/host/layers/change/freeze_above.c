#include "core/host/layers/change/freeze_above.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/layers/overlays.h"

static bool refuse(const struct freeze_work *work, const struct freeze_disk *disk, const char *directory,
                   const char *name, struct error *err)
{
    CLEANUP_FREE char *label = freeze_disk_label(work, disk);
    CLEANUP_FREE char *path = mem_format("%s/%s", directory, name);
    CLEANUP_FREE char *quoted = text_shell_quote(path);
    error_set(err, RETURN_INVALID_STATE, "point.overlay-above",
              "%s is based on %s, the image of %s: the machine may use that file, not its image", path,
              disk->image, label);
    error_cause(err, "an external snapshot was taken, or a clone was made of the image");
    return error_next(
        err,
        "If the machine runs on that file, bring its content back into the image (running: virsh "
        "blockcommit MACHINE DISK --active --pivot; off: qemu-img commit -f qcow2 %s), see that "
        "the machine's definition names the image again (virsh edit), and remove the file. A "
        "clone: make it stand alone with qemu-img convert, then remove it.",
        quoted);
}

/* The disk whose image this is; NULL. */
static const struct freeze_disk *find_disk(const struct freeze_work *work, const struct stat *images,
                                           const struct overlay *overlay)
{
    for (size_t i = 0; i < work->count; i++) {
        if (overlay->device == images[i].st_dev && overlay->inode == images[i].st_ino)
            return &work->disks[i];
    }
    return NULL;
}

static bool look_in(const struct freeze_work *work, const struct freeze_disk *where,
                    const struct stat *images, struct error *err)
{
    CLEANUP_FREE char *directory = path_directory(where->image);
    struct overlays overlays;
    if (!overlays_read(where->directory_fd, &overlays, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < overlays.count; i++) {
        const char *name = overlays.items[i].name;
        const struct freeze_disk *disk = find_disk(work, images, &overlays.items[i]);
        if (disk && !path_is_layer(name))
            ok = refuse(work, disk, directory, name, err);
    }
    overlays_clear(&overlays);
    return ok;
}

static bool seen_before(const struct stat *directories, size_t number)
{
    for (size_t i = 0; i < number; i++) {
        if (directories[i].st_dev == directories[number].st_dev &&
            directories[i].st_ino == directories[number].st_ino)
            return true;
    }
    return false;
}

bool freeze_nothing_above(const struct freeze_work *work, struct error *err)
{
    CLEANUP_FREE struct stat *images = mem_alloc(work->count * sizeof *images);
    CLEANUP_FREE struct stat *directories = mem_alloc(work->count * sizeof *directories);
    for (size_t i = 0; i < work->count; i++) {
        const struct freeze_disk *disk = &work->disks[i];
        if (fstat(disk->image_fd, &images[i]) != 0 || fstat(disk->directory_fd, &directories[i]) != 0)
            return error_errno(err, errno, "disk.open", "cannot look at %s", disk->image);
    }
    for (size_t i = 0; i < work->count; i++) {
        if (!seen_before(directories, i) && !look_in(work, &work->disks[i], images, err))
            return false;
    }
    return true;
}
