#include "core/system/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/guid.h"
#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/system/beneath.h"

static int open_at(int dir, const char *path, int flags, mode_t mode)
{
    return dir == AT_FDCWD ? open(path, flags | O_CLOEXEC, mode) : beneath_open(dir, path, flags, mode);
}

static bool refuse_link(const char *link, struct error *err)
{
    error_set(err, RETURN_NOT_SUPPORTED, "fs.link", "%s is a symbolic link, which is not followed", link);
    return error_next(err, "Move what it leads to into its place.");
}

static bool refuse(int dir, const char *path, int number, const char *key, const char *deed,
                   struct error *err)
{
    CLEANUP_FREE char *link = number == ELOOP && dir != AT_FDCWD ? beneath_link(dir, path) : NULL;
    return link ? refuse_link(link, err) : error_errno(err, number, key, "cannot %s %s", deed, path);
}

bool fs_read(int dir, const char *name, size_t limit, char **text, size_t *length, struct error *err)
{
    /* O_NONBLOCK: a FIFO in the place of a file must not hang the program before fstat can tell. */
    CLEANUP_FD int fd = open_at(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0)
        return refuse(dir, name, errno, "file.open", "open", err);
    return fs_read_open(fd, name, limit, text, length, err);
}

bool fs_read_open(int fd, const char *name, size_t limit, char **text, size_t *length, struct error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_errno(err, errno, "file.stat", "cannot look at %s", name);
    if (!S_ISREG(status.st_mode)) {
        error_set(err, RETURN_NOT_SUPPORTED, "file.kind", "%s is not a regular file", name);
        return error_next(err, "Give a regular file.");
    }
    if ((uintmax_t)status.st_size > limit) {
        error_set(err, RETURN_NOT_SUPPORTED, "file.too-large", "%s is larger than %zu bytes", name, limit);
        return error_next(err, "It cannot be what it is taken for: look whether it is the right file.");
    }
    /* One byte more than it should have: a file that grows meanwhile is noticed. What a regular file gives is
     * cut at its end only, so that one read is mostly enough. */
    size_t capacity = (size_t)status.st_size + 1;
    CLEANUP_FREE char *data = mem_alloc(capacity + 1);
    size_t done = 0;
    do {
        ssize_t got = read(fd, data + done, capacity - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, errno, "file.read", "cannot read %s", name);
        if (got == 0)
            break;
        done += (size_t)got;
    } while (done < (size_t)status.st_size);
    if (done > (size_t)status.st_size) {
        error_set(err, RETURN_IN_USE, "file.changing", "%s grows while it is read", name);
        return error_next(err, "Wait until whatever writes to it has ended, then try again.");
    }
    data[done] = '\0';
    *text = data;
    data = NULL;
    if (length)
        *length = done;
    return true;
}

bool fs_write_all(int fd, const void *data, size_t length, const char *path, struct error *err)
{
    const char *at = data;
    while (length > 0) {
        ssize_t written = write(fd, at, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return error_errno(err, errno, "file.write", "cannot write %s", path);
        at += written;
        length -= (size_t)written;
    }
    return true;
}

bool fs_sync(int fd, const char *path, struct error *err)
{
    if (fsync(fd) != 0)
        return error_errno(err, errno, "file.sync", "cannot bring %s to the disk", path);
    return true;
}

static bool sync_parent(int dir, const char *name, struct error *err)
{
    const char *slash = strrchr(name, '/');
    CLEANUP_FREE char *parent = NULL;
    if (!slash)
        parent = mem_strdup(".");
    else
        parent = slash == name ? mem_strdup("/") : mem_strndup(name, (size_t)(slash - name));
    CLEANUP_FD int fd = openat(dir, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno, "file.open", "cannot open the directory of %s", name);
    return fs_sync(fd, parent, err);
}

static bool write_name(int dir, const char *name, const void *data, size_t length, mode_t mode,
                       struct error *err)
{
    struct guid unique = guid_new();
    CLEANUP_FREE char *temporary = mem_format("%s.%.8s.tmp", name, unique.text);
    CLEANUP_FD int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return error_errno(err, errno, "file.create", "cannot create %s", temporary);
    bool ok = fs_write_all(fd, data, length, name, err) && fs_sync(fd, name, err);
    if (ok && renameat(dir, temporary, dir, name) != 0)
        ok = error_errno(err, errno, "file.rename", "cannot rename %s to %s", temporary, name);
    if (!ok) {
        unlinkat(dir, temporary, 0);
        return false;
    }
    return sync_parent(dir, name, err);
}

bool fs_write_atomic(int dir, const char *path, const void *data, size_t length, mode_t mode,
                     struct error *err)
{
    const char *slash = dir == AT_FDCWD ? NULL : strrchr(path, '/');
    if (!slash)
        return write_name(dir, path, data, length, mode, err);
    CLEANUP_FREE char *parent = mem_strndup(path, (size_t)(slash - path));
    CLEANUP_FD int fd = -1;
    return fs_open_directory(dir, parent, &fd, err) && write_name(fd, slash + 1, data, length, mode, err);
}

/* One part of a path. What is already there must be a directory, or lead to one. */
static bool make_directory(const char *path, mode_t mode, struct error *err)
{
    struct stat status;
    if (mkdir(path, mode) == 0) {
        /* What is written into it later can only be found again if its own name is on the disk. */
        return sync_parent(AT_FDCWD, path, err);
    }
    int number = errno;
    if (stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return true;
        number = ENOTDIR;
    }
    return error_errno(err, number, "directory.create", "cannot create the directory %s", path);
}

bool fs_make_directories(const char *path, mode_t mode, struct error *err)
{
    CLEANUP_FREE char *part = mem_strdup(path);
    size_t end = strspn(part, "/");
    bool absolute = end > 0;
    if (part[end] == '\0')
        return make_directory(absolute ? "/" : part, mode, err);
    while (part[end] != '\0') {
        end += strcspn(part + end, "/");
        char kept = part[end];
        part[end] = '\0';
        if (!make_directory(part, mode, err))
            return false;
        part[end] = kept;
        end += strspn(part + end, "/");
    }
    return true;
}

/* One name in a directory, opened; path: that of which it is the end. */
static bool make_name(int dir, const char *name, const char *path, mode_t mode, int *fd, struct error *err)
{
    bool made = mkdirat(dir, name, mode) == 0;
    *fd = made || errno == EEXIST ? beneath_open(dir, name, O_RDONLY | O_DIRECTORY, 0) : -1;
    if (*fd < 0 && errno == ELOOP)
        return refuse_link(path, err);
    if (*fd < 0)
        return error_errno(err, errno, "directory.create", "cannot create the directory %s", path);
    return !made || fs_sync(dir, path, err);
}

bool fs_make_beneath(int dir, const char *path, mode_t mode, int *fd, struct error *err)
{
    CLEANUP_FREE char *part = mem_strdup(path);
    CLEANUP_FD int above = -1;
    char *name = part;
    for (char *slash; (slash = strchr(name, '/')); name = slash + 1) {
        int next = -1;
        *slash = '\0';
        bool ok = make_name(above < 0 ? dir : above, name, part, mode, &next, err);
        *slash = '/';
        mem_cleanup_fd(&above);
        above = next;
        if (!ok)
            return false;
    }
    return make_name(above < 0 ? dir : above, name, part, mode, fd, err);
}

bool fs_open_directory(int dir, const char *name, int *fd, struct error *err)
{
    *fd = open_at(dir, name, O_RDONLY | O_DIRECTORY, 0);
    return *fd >= 0 || refuse(dir, name, errno, "directory.open", "open the directory", err);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

bool fs_list(int dir, char ***names, size_t *count, struct error *err)
{
    *names = NULL;
    *count = 0;
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    if (!stream) {
        int number = errno;
        if (copy >= 0)
            close(copy);
        return error_errno(err, number, "directory.read", "cannot read a directory");
    }
    struct dirent *entry;
    while ((errno = 0, entry = readdir(stream))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            *ARRAY_APPEND(*names, *count) = mem_strdup(entry->d_name);
    }
    int number = errno;
    closedir(stream);
    if (number != 0) {
        fs_free_names(*names, *count);
        *names = NULL;
        *count = 0;
        return error_errno(err, number, "directory.read", "cannot read a directory");
    }
    if (*count > 0)
        qsort(*names, *count, sizeof **names, compare_names);
    return true;
}

void fs_free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

bool fs_remove_tree(int dir, const char *name, struct error *err)
{
    if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
        return true;
    if (errno != EISDIR && errno != EPERM)
        return error_errno(err, errno, "file.remove", "cannot remove %s", name);
    CLEANUP_FD int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno, "file.remove", "cannot remove %s", name);
    char **names = NULL;
    size_t count = 0;
    if (!fs_list(fd, &names, &count, err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        ok = fs_remove_tree(fd, names[i], err);
    fs_free_names(names, count);
    if (ok && unlinkat(dir, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
        ok = error_errno(err, errno, "directory.remove", "cannot remove the directory %s", name);
    return ok;
}

bool fs_lock(int dir, const char *name, enum fs_lock_kind kind, bool wait, int *fd, struct error *err)
{
    int opened = open_at(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    if (opened < 0)
        return refuse(dir, name, errno, "file.open", "open the lock", err);
    int operation = (kind == FS_LOCK_SHARED ? LOCK_SH : LOCK_EX) | (wait ? 0 : LOCK_NB);
    int outcome;
    do
        outcome = flock(opened, operation);
    while (outcome != 0 && errno == EINTR);
    if (outcome != 0) {
        int number = errno;
        close(opened);
        if (number == EWOULDBLOCK) {
            error_set(err, RETURN_IN_USE, "fs.locked", "%s is locked by another process", name);
            return error_next(err, "Wait until that process has ended, then try again.");
        }
        return error_errno(err, number, "file.lock", "cannot lock %s", name);
    }
    *fd = opened;
    return true;
}

void fs_closed_parents(const char *path, char ***names, size_t *count)
{
    char real[PATH_MAX];
    struct stat status;
    *names = NULL;
    *count = 0;
    if (!realpath(path, real))
        return;
    for (const char *slash = real; slash; slash = strchr(slash + 1, '/')) {
        CLEANUP_FREE char *parent =
            slash == real ? mem_strdup("/") : mem_strndup(real, (size_t)(slash - real));
        if (stat(parent, &status) == 0 && !(status.st_mode & S_IXOTH))
            *ARRAY_APPEND(*names, *count) = mem_strdup(parent);
    }
}

/* What is behind a first component of so many dots; NULL where it is another. */
static const char *behind_dots(const char *path, size_t dots)
{
    if (strspn(path, ".") != dots || (path[dots] && path[dots] != '/'))
        return NULL;
    return path + dots + strspn(path + dots, "/");
}

char *fs_path_from(const char *directory, const char *path)
{
    if (*path == '/')
        return mem_strdup(path);
    size_t length = strlen(directory);
    for (const char *behind;; path = behind) {
        if ((behind = behind_dots(path, 2)))
            length = (size_t)((const char *)memrchr(directory, '/', length) - directory);
        else if (!(behind = behind_dots(path, 1)))
            break;
        length += length == 0; /* nothing is above the root */
    }
    return mem_format("%.*s%s%s", (int)length, directory, length > 1 && *path ? "/" : "", path);
}

char *fs_absolute_path(const char *path)
{
    CLEANUP_FREE char *here = *path && *path != '/' ? getcwd(NULL, 0) : NULL;
    return here ? fs_path_from(here, path) : mem_strdup(path);
}

/* "" where there is none. */
static char *find_home(void)
{
    const char *home = getenv("HOME");
    char buffer[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    if ((!home || *home != '/') && getpwuid_r(getuid(), &entry, buffer, sizeof buffer, &found) == 0 && found)
        home = found->pw_dir;
    return mem_strdup(home && *home == '/' ? home : "");
}

char *fs_expand_home(const char *path)
{
    if (path[0] != '~' || (path[1] && path[1] != '/'))
        return mem_strdup(path);
    CLEANUP_FREE char *home = find_home();
    return *home ? mem_format("%s%s", home, path + 1) : mem_strdup(path);
}

static char *home_of(const char *variable, const char *otherwise)
{
    const char *value = getenv(variable);
    /* The XDG specification: a relative path is invalid and to be ignored. */
    if (value && *value == '/')
        return mem_format("%s/refpoint", value);
    CLEANUP_FREE char *home = find_home();
    return mem_format("%s/%s/refpoint", home, otherwise);
}

char *fs_data_home(void)
{
    return home_of("XDG_DATA_HOME", ".local/share");
}

char *fs_state_home(void)
{
    return home_of("XDG_STATE_HOME", ".local/state");
}

char *fs_config_home(void)
{
    return home_of("XDG_CONFIG_HOME", ".config");
}

bool fs_is_untouched(const struct stat *then, const struct stat *now)
{
    return now->st_dev == then->st_dev && now->st_ino == then->st_ino && now->st_size == then->st_size &&
           now->st_mtim.tv_sec == then->st_mtim.tv_sec && now->st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}
