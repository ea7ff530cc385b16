/* Stands between the process of a job and the kernel, for tests: loaded by LD_PRELOAD, it acts in processes
 * that were started with the word --runner and nowhere else. It counts the calls that change a file, and does
 * something at one of them.
 *
 *   REFPOINT_FAULT_COUNT=FILE   eight bytes, mapped: how many calls there were
 *   REFPOINT_FAULT=N:ACTION     at the N-th, counted from 1:
 *                 kill            SIGKILL, before the call
 *                 fail:ERRNO      the call is not made and fails
 *                 fail-on:ERRNO   so do all after it, but for those in the directory of the job, which lies
 * elsewhere
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    bool acts;
    bool kills;
    bool goes_on;
    int number;
    uint64_t at;
    _Atomic uint64_t *count;
} fault;

static bool is_runner(void)
{
    char line[4096];
    FILE *file = fopen("/proc/self/cmdline", "re");
    size_t length = file ? fread(line, 1, sizeof line - 1, file) : 0;
    if (file)
        fclose(file);
    for (size_t at = 0; at < length; at += strlen(line + at) + 1) {
        line[length] = '\0';
        if (strcmp(line + at, "--runner") == 0)
            return true;
    }
    return false;
}

static void read_action(const char *text)
{
    char *end = NULL;
    fault.at = strtoull(text, &end, 10);
    fault.kills = strcmp(end, ":kill") == 0;
    fault.goes_on = strncmp(end, ":fail-on:", 9) == 0;
    if (fault.goes_on || strncmp(end, ":fail:", 6) == 0)
        fault.number = (int)strtol(strrchr(end, ':') + 1, NULL, 10);
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("REFPOINT_FAULT_COUNT");
    const char *action = getenv("REFPOINT_FAULT");
    int fd = path && is_runner() ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof *fault.count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        return;
    fault.count = map;
    if (action)
        read_action(action);
    fault.acts = true;
}

static bool is_of_job(int fd, const char *name)
{
    char link[64];
    char path[4096];
    if (fd < 0)
        return name && strstr(name, "/refpoint/jobs/");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return strstr(path, "/refpoint/jobs/") != NULL;
}

/* True: the call is to fail, with errno set. fd: of the file, or of the directory around it. */
static bool comes(int fd, const char *name)
{
    if (!fault.acts)
        return false;
    uint64_t now = atomic_fetch_add(fault.count, 1) + 1;
    if (now != fault.at && !(fault.goes_on && fault.at > 0 && now > fault.at))
        return false;
    if (fault.goes_on && is_of_job(fd, name))
        return false;
    if (fault.kills)
        kill(getpid(), SIGKILL);
    errno = fault.number;
    return fault.number != 0;
}

/* No room is no reason not to remove. */
static bool may_remove(void)
{
    return fault.number != ENOSPC;
}

static bool is_file(int fd)
{
    struct stat status;
    return fault.acts && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define STAND_BEFORE(type, name, parameters, arguments, condition, where, what)                              \
    type name parameters                                                                                     \
    {                                                                                                        \
        if ((condition) && comes(where, what))                                                               \
            return -1;                                                                                       \
        return REAL(name) arguments;                                                                         \
    }

STAND_BEFORE(ssize_t, write, (int fd, const void *data, size_t length), (fd, data, length), is_file(fd), fd,
             NULL)
STAND_BEFORE(ssize_t, pwrite, (int fd, const void *data, size_t length, off_t offset),
             (fd, data, length, offset), is_file(fd), fd, NULL)
STAND_BEFORE(int, fsync, (int fd), (fd), true, fd, NULL)
STAND_BEFORE(int, fdatasync, (int fd), (fd), true, fd, NULL)
STAND_BEFORE(int, ftruncate, (int fd, off_t length), (fd, length), true, fd, NULL)
STAND_BEFORE(int, fchmod, (int fd, mode_t mode), (fd, mode), is_file(fd), fd, NULL)
STAND_BEFORE(int, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode), true, dir, path)
STAND_BEFORE(int, mkdir, (const char *path, mode_t mode), (path, mode), true, -1, path)
STAND_BEFORE(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags), may_remove(), dir,
             path)
STAND_BEFORE(int, unlink, (const char *path), (path), may_remove(), -1, path)
STAND_BEFORE(int, rmdir, (const char *path), (path), may_remove(), -1, path)
STAND_BEFORE(int, renameat, (int from, const char *old, int to, const char *new), (from, old, to, new), true,
             from, old)
STAND_BEFORE(int, renameat2, (int from, const char *old, int to, const char *new, unsigned flags),
             (from, old, to, new, flags), true, from, old)
STAND_BEFORE(int, linkat, (int from, const char *old, int to, const char *new, int flags),
             (from, old, to, new, flags), true, from, old)

/* Its error is its value. */
int posix_fallocate(int fd, off_t offset, off_t length)
{
    if (comes(fd, NULL))
        return errno;
    return REAL(posix_fallocate)(fd, offset, length);
}

static mode_t mode_of(int flags, va_list arguments)
{
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

int openat(int dir, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    if (mode != 0 && comes(dir, path))
        return -1;
    return REAL(openat)(dir, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    if (mode != 0 && comes(-1, path))
        return -1;
    return REAL(open)(path, flags, mode);
}
