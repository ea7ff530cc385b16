#include "core/host/layers/foreign/above.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/layers/layers.h"
#include "core/host/layers/overlays.h"

static bool refuse(const struct active_image *image, const char *path, struct error *err)
{
    CLEANUP_FREE char *quoted = text_shell_quote(path);
    error_set(err, RETURN_INVALID_STATE, "point.overlay-above",
              "%s is based on %s, the image of %s: the machine may use that file, not its image", path,
              image->path, image->label);
    error_cause(err, "an external snapshot was taken, or a clone was made of the image");
    return error_next(
        err,
        "If the machine runs on that file, bring its content back into the image (running: virsh blockcommit "
        "MACHINE DISK --active --pivot; off: qemu-img commit -f qcow2 %s), see that the machine's definition "
        "names the image again (virsh edit), and remove the file. A clone: make it stand alone with qemu-img "
        "convert, then remove it.",
        quoted);
}

/* The image that this overlay is based on; NULL. */
static const struct active_image *find_image(const struct active_image *images, const struct stat *files,
                                             size_t count, const struct overlay *overlay)
{
    for (size_t i = 0; i < count; i++) {
        if (overlay->device == files[i].st_dev && overlay->inode == files[i].st_ino)
            return &images[i];
    }
    return NULL;
}

static bool look_in(const struct active_image *where, const struct active_image *images,
                    const struct stat *files, size_t count, struct error *err)
{
    CLEANUP_FREE char *directory = path_directory(where->path);
    struct overlays overlays;
    if (!overlays_read(where->directory_fd, &overlays, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < overlays.count; i++) {
        const char *name = overlays.items[i].name;
        const struct active_image *image = find_image(images, files, count, &overlays.items[i]);
        CLEANUP_FREE char *path = mem_format("%s/%s", directory, name);
        if (image && !path_is_layer(name))
            ok = refuse(image, path, err);
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

bool foreign_nothing_above(const struct active_image *images, size_t count, struct error *err)
{
    CLEANUP_FREE struct stat *files = mem_alloc(count * sizeof *files);
    CLEANUP_FREE struct stat *directories = mem_alloc(count * sizeof *directories);
    for (size_t i = 0; i < count; i++) {
        if (fstat(images[i].fd, &files[i]) != 0 || fstat(images[i].directory_fd, &directories[i]) != 0)
            return error_errno(err, errno, "disk.open", "cannot look at %s", images[i].path);
    }
    for (size_t i = 0; i < count; i++) {
        if (!seen_before(directories, i) && !look_in(&images[i], images, files, count, err))
            return false;
    }
    return true;
}
