#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/move/move_work.h"
#include "core/system/fs.h"

static bool has_inode(const char *path, uint64_t inode)
{
    struct stat status;
    return inode != 0 && lstat(path, &status) == 0 && status.st_ino == inode;
}

/* Since they were claimed nobody has written to an original, nor opened it to do so. */
static bool check_still(const struct move_work *work, struct error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        const struct move_file *file = &work->files[i];
        struct stat status;
        if (file->fd < 0)
            continue;
        if (lstat(file->from, &status) != 0)
            return error_errno(err, errno, "image.in-use", "%s is gone", file->from);
        if (!file_identity_matches(&file->was, &status)) {
            error_set(err, RETURN_IN_USE, "image.in-use", "%s changes while it is being moved", file->from);
            return error_next(err,
                              "Shut the machine down (or end the program that writes to the image), then "
                              "try again.");
        }
        if (!file_claim_holds(file->fd, file->from, err))
            return false;
    }
    return true;
}

/* Its own name, which must be free. */
static bool take_name(const struct move_work *work, const struct move_file *file, struct error *err)
{
    const char *from = path_name(file->temporary);
    const char *to = path_name(file->to);
    int fd = work->directory_fd;
    if (renameat2(fd, from, fd, to, RENAME_NOREPLACE) == 0)
        return true;
    /* File systems that know no such rename. */
    if (errno == EINVAL && linkat(fd, from, fd, to, 0) == 0)
        return unlinkat(fd, from, 0) == 0 ||
               error_errno(err, errno, "file.write", "cannot remove %s", file->temporary);
    error_errno(err, errno, "machine.name-taken", "cannot give %s its name", file->to);
    return errno == EEXIST ? error_next(err, "Move the file that has that name away, then try again.")
                           : false;
}

static bool take_names(struct move_work *work, struct error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        if (work->files[i].temporary && !take_name(work, &work->files[i], err))
            return false;
        step_reached(work->hook, "name", i);
    }
    return fs_sync(work->directory_fd, work->directory, err);
}

static bool enter(struct move_work *work, enum move_state state, const char *step, struct error *err)
{
    work->state = state;
    if (!move_journal_write(work, err))
        return false;
    step_reached(work->hook, step, 0);
    return true;
}

bool move_commit(struct move_work *work, struct error *err)
{
    return check_still(work, err) && enter(work, MOVE_PLACED, "placed", err) && take_names(work, err) &&
           check_still(work, err) && enter(work, MOVE_COMMIT, "commit", err) &&
           move_records(work, true, err) && check_still(work, err);
}

static bool unclear(struct error *err, const char *path, const char *why)
{
    error_set(err, RETURN_INVALID_STATE, "machine.move-unclear", "%s %s", path, why);
    return error_next(err,
                      "Nothing was removed. Bring the file system or file back, then run \"refpoint store "
                      "check\".");
}

static bool remove_name(const struct move_work *work, const char *path, struct error *err)
{
    return unlinkat(work->directory_fd, path_name(path), 0) == 0 || errno == ENOENT ||
           error_errno(err, errno, "machine.move-undo", "cannot remove %s", path);
}

/* Both of the new file's names, once it is sure that the original is there. */
static bool remove_new(const struct move_work *work, const struct move_file *file, struct error *err)
{
    struct stat status;
    if (!file->temporary)
        return true;
    if (!has_inode(file->from, file->was.inode))
        return unclear(err, file->from, "is not the file that was being moved");
    if (fstatat(work->directory_fd, path_name(file->to), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        file->is.inode != 0 && status.st_ino == file->is.inode && !remove_name(work, file->to, err))
        return false;
    return remove_name(work, file->temporary, err);
}

bool move_undo(struct move_work *work, struct error *err)
{
    if (!move_open_directory(work, err))
        return false;
    if (work->state == MOVE_COMMIT && !enter(work, MOVE_ABORT, "abort", err))
        return false;
    if (work->state == MOVE_ABORT && !move_records(work, false, err))
        return false;
    for (size_t i = 0; i < work->count; i++) {
        if (!remove_new(work, &work->files[i], err))
            return false;
        step_reached(work->hook, "undone", i);
    }
    return fs_sync(work->directory_fd, work->directory, err) && move_take_touches(work, false, err) &&
           work_journal_remove(work->store, &work->id, err);
}

static void remove_original(const struct move_work *work, const struct move_file *file,
                            struct findings *findings)
{
    struct stat status;
    struct error ignored;
    CLEANUP_FREE char *path = path_directory(file->from);
    CLEANUP_FD int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lstat(file->from, &status) != 0 && errno == ENOENT)
        return;
    if (!has_inode(file->to, file->is.inode))
        return;
    if (directory < 0 || !file_identity_matches(&file->was, &status)) {
        findings_add(findings,
                     "%s was written to after machine %s had been moved to %s; it was left where it is, and "
                     "is no longer the machine's image",
                     file->from, work->machine_name, work->directory);
        return;
    }
    if (unlinkat(directory, path_name(file->from), 0) != 0)
        findings_add(findings, "machine %s was moved to %s, but %s cannot be removed: %s", work->machine_name,
                     work->directory, file->from, strerrordesc_np(errno));
    else if (!fs_sync(directory, path, &ignored))
        findings_add_error(findings, &ignored);
}

/* Without its image a machine with the old definition does not start. */
bool move_finish(struct move_work *work, struct findings *findings, struct error *err)
{
    for (int images = 1; images >= 0; images--) {
        for (size_t i = 0; i < work->count; i++) {
            const struct move_file *file = &work->files[i];
            if (file->is_image != (images == 1) || !file->temporary)
                continue;
            remove_original(work, file, findings);
            step_reached(work->hook, "removed", i);
        }
    }
    if (!move_take_touches(work, true, err) || !work_journal_remove(work->store, &work->id, err))
        return false;
    step_reached(work->hook, "done", 0);
    return true;
}
