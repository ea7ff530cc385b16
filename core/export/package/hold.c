#include "core/export/package/hold.h"

#include <errno.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/return_code.h"

#define PAUSE_NANOSECONDS 20000000
#define PAUSES 100

static int lock(int fd, int operation)
{
    while (flock(fd, operation | LOCK_NB) != 0) {
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

static bool is_there(int fd, const char *path)
{
    struct stat own;
    struct stat named;
    return fstat(fd, &own) == 0 && lstat(path, &named) == 0 && own.st_dev == named.st_dev &&
           own.st_ino == named.st_ino;
}

static bool check_there(int fd, const char *path, struct error *err)
{
    if (is_there(fd, path))
        return true;
    error_set(err, RETURN_FILE_NOT_FOUND, "package.gone", "the package %s has just been removed or moved",
              path);
    return error_next(err, "\"refpoint package list DIR\" shows those that are there.");
}

bool package_hold(int fd, const char *path, struct error *err)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NANOSECONDS};
    int number;
    for (int i = 0; (number = lock(fd, LOCK_SH)) == EWOULDBLOCK && i < PAUSES && is_there(fd, path); i++)
        nanosleep(&pause, NULL);
    if (!check_there(fd, path, err))
        return false;
    if (number != EWOULDBLOCK)
        return true;
    error_set(err, RETURN_IN_USE, "package.held", "another process has the package %s for itself", path);
    return error_next(err,
                      "Wait until that has ended (it may be a \"refpoint package prune\"), then try again.");
}

bool package_hold_alone(int fd, const char *path, struct error *err)
{
    int number = lock(fd, LOCK_EX);
    if (number == 0)
        return check_there(fd, path, err);
    if (number == EWOULDBLOCK) {
        error_set(err, RETURN_IN_USE, "package.in-use", "another process reads %s, or builds upon it", path);
        return error_next(err, "Wait until that has ended, then try again.");
    }
    error_set(err, RETURN_NOT_SUPPORTED, "package.no-locks", "nobody can tell whether %s is in use", path);
    error_cause(err, "directories on its file system cannot be locked");
    return error_next(err, "Remove it with rm -r once nothing reads it; what is based on it first.");
}
