#include "core/host/layers/foreign_overlays.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/host/layers/layers.h"
#include "core/image/image.h"
#include "core/system/fs.h"

/* What cannot be opened or read as qcow2 is no overlay that anybody could use. */
static bool is_based_on(int directory_fd, const char *name, const struct stat *layer)
{
    static const char magic[4] = {'Q', 'F', 'I', '\xfb'};
    char start[sizeof magic];
    struct stat named;
    struct error ignored = {0};
    struct image_info info = {0};
    if (fstatat(directory_fd, name, &named, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(named.st_mode))
        return false;
    CLEANUP_FD int fd = openat(directory_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || pread(fd, start, sizeof start, 0) != (ssize_t)sizeof start ||
        memcmp(start, magic, sizeof magic) != 0 ||
        !image_inspect(fd, DISK_FORMAT_QCOW2, name, &info, &ignored))
        return false;
    struct stat backing;
    bool based = info.backing_name && fstatat(directory_fd, info.backing_name, &backing, 0) == 0 &&
                 backing.st_dev == layer->st_dev && backing.st_ino == layer->st_ino;
    image_info_clear(&info);
    return based;
}

static bool refuse(const char *name, const char *layer, struct error *err)
{
    CLEANUP_FREE char *directory = path_directory(layer);
    error_set(err, RETURN_INVALID_STATE, "point.stranger",
              "%s/%s is based on %s, and no machine of the store has it", directory, name, layer);
    error_cause(err, "it would be ruined");
    return error_next(err,
                      "If a machine's image was moved aside, bring it back to its path; if the file is not "
                      "needed, remove it; else make it stand alone first (qemu-img convert).");
}

bool foreign_overlays_absent(int directory_fd, int layer_fd, const char *layer, const char *child,
                             struct error *err)
{
    struct stat status;
    char **names = NULL;
    size_t count = 0;
    if (fstat(layer_fd, &status) != 0)
        return error_errno(err, errno, "point.layer", "cannot look at %s", layer);
    if (!fs_list(directory_fd, &names, &count, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        bool known = child && strcmp(names[i], path_name(child)) == 0;
        if (!known && is_based_on(directory_fd, names[i], &status))
            ok = refuse(names[i], layer, err);
    }
    fs_free_names(names, count);
    return ok;
}
