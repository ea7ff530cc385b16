#include "core/system/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/beneath_ways.h"

static bool is_dots(const char *name, size_t length)
{
    return length <= 2 && strncmp(name, "..", length) == 0;
}

/* 0, or the errno of a path that is none of ours. */
static int check_path(const char *path)
{
    if (strlen(path) >= PATH_MAX)
        return ENAMETOOLONG;
    for (const char *name = path;; name++) {
        size_t length = strcspn(name, "/");
        if (is_dots(name, length)) /* also an empty one */
            return EINVAL;
        if (length > NAME_MAX)
            return ENAMETOOLONG;
        name += length;
        if (*name == '\0')
            return 0;
    }
}

int beneath_at_once(int root, const char *path, int flags, mode_t mode)
{
    int number = check_path(path);
    /* Without O_NOFOLLOW, with which O_PATH would open a link itself. glibc has no wrapper. */
    struct open_how how = {
        .flags = (unsigned)((flags | O_CLOEXEC) & ~O_NOFOLLOW),
        .mode = flags & O_CREAT ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    if (number == 0)
        return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    errno = number;
    return -1;
}

static bool is_link(int directory, const char *name)
{
    struct stat status;
    return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
}

/* One name; ELOOP for a link, whatever is asked for. */
static int open_component(int directory, const char *name, int flags, mode_t mode)
{
    struct stat status;
    int fd = openat(directory, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
    int number = fd < 0 ? errno : 0;
    if (fd >= 0 && (flags & O_PATH) && fstat(fd, &status) == 0 && S_ISLNK(status.st_mode)) {
        close(fd);
        fd = -1;
        number = ELOOP;
    } else if (number == ENOTDIR && is_link(directory, name)) {
        number = ELOOP;
    }
    if (fd < 0)
        errno = number;
    return fd;
}

/* Into a directory; what was held before is closed. */
static bool step_into(int *held, int directory, const char *name)
{
    int next = open_component(directory, name, O_PATH | O_DIRECTORY, 0);
    int number = errno;
    if (*held >= 0)
        close(*held);
    *held = next;
    errno = number;
    return next >= 0;
}

int beneath_by_steps(int root, const char *path, int flags, mode_t mode)
{
    char name[NAME_MAX + 1];
    int number = check_path(path);
    int held = -1;
    bool ok = number == 0;
    if (!ok)
        errno = number;
    const char *slash;
    for (; ok && (slash = strchr(path, '/')); path = slash + 1) {
        memcpy(name, path, (size_t)(slash - path));
        name[slash - path] = '\0';
        ok = step_into(&held, held >= 0 ? held : root, name);
    }
    int fd = ok ? open_component(held >= 0 ? held : root, path, flags, mode) : -1;
    number = errno;
    if (held >= 0)
        close(held);
    errno = number;
    return fd;
}

int beneath_open(int root, const char *path, int flags, mode_t mode)
{
    int fd = beneath_at_once(root, path, flags, mode);
    /* EPERM may also be the file's own answer: the other way gives it again. */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        fd = beneath_by_steps(root, path, flags, mode);
    return fd;
}

int beneath_stat(int root, const char *path, struct stat *status)
{
    CLEANUP_FD int fd = beneath_open(root, path, O_PATH, 0);
    return fd < 0 ? -1 : fstat(fd, status);
}

char *beneath_link(int root, const char *path)
{
    struct stat status;
    for (size_t end = strcspn(path, "/");; end += 1 + strcspn(path + end + 1, "/")) {
        CLEANUP_FREE char *part = mem_strndup(path, end);
        if (beneath_stat(root, part, &status) != 0)
            return errno == ELOOP ? mem_strdup(part) : NULL;
        if (path[end] == '\0')
            return NULL;
    }
}
