#include "core/service/journal/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/system/fs.h"

bool journal_take_lock(int lock_fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(lock_fd, F_OFD_SETLK, &lock) == 0;
}

bool journal_is_locked(int directory_fd)
{
    CLEANUP_FD int fd =
        openat(directory_fd, JOURNAL_LOCK, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errno != ENOENT && errno != ELOOP;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

bool journal_remove_directory(int jobs_fd, const char *name, const struct guid *id, struct error *err)
{
    CLEANUP_FREE char *hidden = mem_format(".%s.gone", id->text);
    if (renameat(jobs_fd, name, jobs_fd, hidden) != 0)
        return error_errno(err, errno, "journal.remove", "cannot remove the job %s", id->text);
    return fs_remove_tree(jobs_fd, hidden, err);
}
