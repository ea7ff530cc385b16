#include "core/host/layers/raw_content.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/image/peek.h"

static bool refuse(const struct disk *disk, const struct chain_link *link, const char *format,
                   struct error *err)
{
    CLEANUP_FREE char *id = text_shell_quote(disk->id);
    CLEANUP_FREE char *path = text_shell_quote(link->path);
    error_set(err, RETURN_NOT_SUPPORTED, "disk.looks-like", "%s is declared raw, and begins like a %s image",
              link->path, format);
    error_cause(err, "as a raw image it would show its machine the header and not the disk");
    if (strcmp(format, disk_format_word(DISK_FORMAT_QCOW2)) == 0)
        return error_next(err,
                          "If it is one, declare it qcow2 (--%s %s=qcow2:PATH; in a definition: <driver "
                          "type='qcow2'/>). If the guest's own disk begins so, say it: --raw-content %s.",
                          link->kind == CHAIN_IMAGE ? "disk" : "backing", id, id);
    if (strcmp(format, "luks") == 0)
        return error_next(
            err,
            "If the guest itself encrypts its whole disk, say it: --raw-content %s. An image that is "
            "encrypted from outside cannot be used.",
            id);
    return error_next(
        err,
        "If it is one, convert it and use the result: qemu-img convert -f %s -O qcow2 %s NEW.qcow2. "
        "If the guest's own disk begins so, say it: --raw-content %s.",
        strcmp(format, "vhd") == 0 ? "vpc" : format, path, id);
}

static bool check_file(const struct disk *disk, const struct chain_link *link, struct error *err)
{
    bool follow = link->kind == CHAIN_TEMPLATE;
    struct stat status;
    CLEANUP_FD int fd = open(link->path, follow ? LAYER_OPEN_FLAGS & ~O_NOFOLLOW : LAYER_OPEN_FLAGS);
    if (fd < 0 || fstat(fd, &status) != 0)
        return error_errno(err, errno, "disk.open", "cannot open %s", link->path);
    if (status.st_ino != link->status.st_ino || status.st_dev != link->status.st_dev) {
        error_set(err, RETURN_IN_USE, "image.changing", "%s is replaced while it is looked at", link->path);
        return error_next(err, "Try again when nobody works on the image.");
    }
    const char *format = image_peek_format(fd);
    return !format || refuse(disk, link, format, err);
}

bool raw_content_check(const struct disk *disk, const struct chain *chain, struct error *err)
{
    for (size_t i = 0; !disk->raw_content && i < chain->count; i++) {
        const struct chain_link *link = &chain->links[i];
        if (link->format == DISK_FORMAT_RAW && link->kind != CHAIN_LAYER && !check_file(disk, link, err))
            return false;
    }
    return true;
}
