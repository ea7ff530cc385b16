/* Files under temporary names in the new directory. On one file system a second name is enough, unless the
 * header must be changed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/move/file_copy.h"
#include "core/host/layers/move/move_work.h"
#include "core/host/layers/qemu_tools.h"
#include "core/system/fs.h"

static bool try_link(const struct move_work *work, struct move_file *file)
{
    CLEANUP_FREE char *directory = path_directory(file->from);
    CLEANUP_FD int from = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat status;
    if (file->backing || from < 0 ||
        linkat(from, path_name(file->from), work->directory_fd, path_name(file->temporary), 0) != 0)
        return false;
    file->linked =
        fstatat(work->directory_fd, path_name(file->temporary), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        status.st_ino == file->was.inode;
    if (!file->linked)
        unlinkat(work->directory_fd, path_name(file->temporary), 0);
    file->is = file->was;
    return file->linked;
}

/* The record promises this content: what has rotted is found now, not after the original is gone. */
static bool check_promise(const struct move_file *file, const char *sha256, struct error *err)
{
    if (!file->promised || strcmp(file->promised, sha256) == 0)
        return true;
    error_set(err, RETURN_INVALID_STATE, "layer.content", "%s is not what was frozen", file->from);
    error_cause(err, "its content is another one, although size and time are the same");
    return error_next(err, "Bring the frozen file back from a copy; or give the point up: \"refpoint point "
                           "forget\" drops its record and leaves every file.");
}

/* Nothing but the name may come out different; then the digest is of what stands there now. */
static bool change_backing(const struct move_file *file, int fd, struct watch *watch,
                           char sha256[DIGEST_TEXT], struct error *err)
{
    const struct qemu_layer layer = {.fd = fd, .format = file->format};
    struct image_info before;
    struct image_info after = {0};
    if (!image_inspect(fd, file->format, file->temporary, &before, err))
        return false;
    bool ok = qemu_set_backing(&layer, file->backing, file->backing_format, err) &&
              fs_sync(fd, file->temporary, err) &&
              image_inspect(fd, file->format, file->temporary, &after, err);
    if (ok && (before.virtual_size != after.virtual_size || !after.backing_name || !after.backing_format ||
               strcmp(after.backing_name, file->backing) != 0 ||
               strcmp(after.backing_format, disk_format_word(file->backing_format)) != 0 || after.dirty ||
               after.corrupt)) {
        error_set(err, RETURN_FAILED, "image.rebase", "the header of %s did not come out as it should",
                  file->temporary);
        ok = error_next(err, "Everything is as it was. Look at the image with \"qemu-img check\".");
    }
    image_info_clear(&before);
    image_info_clear(&after);
    return ok && digest_file(fd, file->temporary, watch, sha256, err);
}

/* Times too: a file that belongs to no point is recognised by size and time. */
static bool take_manner(const struct move_file *file, int fd, struct error *err)
{
    struct stat original;
    if (fstat(file->fd, &original) != 0)
        return error_errno(err, errno, "image.attributes", "cannot look at %s", file->from);
    const struct timespec times[2] = {original.st_atim, original.st_mtim};
    if (!file_copy_manner(file->fd, fd, file->temporary, err))
        return false;
    if (futimens(fd, times) != 0)
        return error_errno(err, errno, "image.attributes", "cannot set the times of %s", file->temporary);
    return fs_sync(fd, file->temporary, err);
}

static bool copy_file(const struct move_work *work, struct move_file *file, struct error *err)
{
    char sha256[DIGEST_TEXT];
    struct stat status;
    CLEANUP_FD int fd = openat(work->directory_fd, path_name(file->temporary),
                               O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, errno, "file.write", "cannot create %s", file->temporary);
    if (!file_copy_content(file->fd, file->from, fd, file->temporary, work->watch, sha256, err) ||
        !check_promise(file, sha256, err) ||
        (file->backing && !change_backing(file, fd, work->watch, sha256, err)) || !take_manner(file, fd, err))
        return false;
    if (fstat(fd, &status) != 0)
        return error_errno(err, errno, "file.write", "cannot look at %s", file->temporary);
    file->is = file_identity_of(&status);
    mem_replace(&file->sha256, sha256);
    return true;
}

bool move_place(struct move_work *work, struct error *err)
{
    if (!move_open_directory(work, err))
        return false;
    for (size_t i = 0; i < work->count; i++) {
        struct move_file *file = &work->files[i];
        if (!try_link(work, file) && !copy_file(work, file, err))
            return error_context(err, "%s", file->from);
        if (!watch_advance(work->watch, 0))
            return digest_cancelled(err);
        step_reached(work->hook, "copy", i);
    }
    return fs_sync(work->directory_fd, work->directory, err);
}
