/* The lock is on the directory itself: no lock file to remove before the rename, so no moment at which a
 * living partial has no lock, but for the one between mkdir and flock. A cleaner that comes just then wins
 * the lock and removes the empty directory; the maker notices (lock held, or no link left) and draws another
 * id. */
#include "core/export/package/write/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/access.h"
#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/export/package/path.h"
#include "core/export/package/write/partial_state.h"
#include "core/system/beneath.h"
#include "core/system/fs.h"

#define SUFFIX PACKAGE_PARTIAL_SUFFIX
#define HELD_LIMIT 128 /* descriptors are needed for other things too */

static char *final_name(const char *stem, const struct guid *id)
{
    return mem_format("%s-%.8s", stem, id->text);
}

bool partial_exists(int parent, const char *name)
{
    struct stat status;
    return fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

enum partial_lock partial_try_lock(int fd)
{
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return LOCK_HELD_ELSEWHERE;
        if (errno != EINTR)
            return LOCK_IMPOSSIBLE;
    }
    return LOCK_TAKEN;
}

/* Still the directory of that name, not one that a cleaner has removed meanwhile. */
bool partial_is_current(int parent, const char *name, int fd)
{
    struct stat own;
    struct stat named;
    return fstat(fd, &own) == 0 && fstatat(parent, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}

enum attempt { ATTEMPT_MADE, ATTEMPT_AGAIN, ATTEMPT_FAILED };

static enum attempt attempt_begin(struct package_partial *partial, const char *name, struct error *err)
{
    partial->name = mem_format(".%s" SUFFIX, name);
    if (partial_exists(partial->parent, name))
        return ATTEMPT_AGAIN;
    if (mkdirat(partial->parent, partial->name, 0700) != 0) {
        if (errno == EEXIST)
            return ATTEMPT_AGAIN;
        int number = errno;
        CLEANUP_FREE char *advice = access_advice_to_change_fd(partial->parent, number);
        error_errno(err, number, "package.create", "cannot create the directory %s", partial->name);
        if (advice)
            error_next(err, "%s", advice);
        return ATTEMPT_FAILED;
    }
    partial->fd = beneath_open(partial->parent, partial->name, O_RDONLY | O_DIRECTORY, 0);
    if (partial->fd < 0) {
        if (errno == ENOENT)
            return ATTEMPT_AGAIN;
        error_errno(err, errno, "package.create", "cannot open the new directory %s", partial->name);
        unlinkat(partial->parent, partial->name, AT_REMOVEDIR);
        return ATTEMPT_FAILED;
    }
    if (partial_try_lock(partial->fd) != LOCK_HELD_ELSEWHERE &&
        partial_is_current(partial->parent, partial->name, partial->fd))
        return ATTEMPT_MADE;
    close(partial->fd);
    partial->fd = -1;
    return ATTEMPT_AGAIN;
}

bool package_partial_begin(int parent, const char *stem, struct package_partial *partial, struct guid *id,
                           struct error *err)
{
    *partial = (struct package_partial){.parent = parent, .stem = mem_strdup(stem), .fd = -1};
    for (int i = 0; i < PARTIAL_ATTEMPTS; i++) {
        *id = guid_new();
        CLEANUP_FREE char *name = final_name(stem, id);
        enum attempt outcome = attempt_begin(partial, name, err);
        if (outcome == ATTEMPT_MADE) {
            /* The mode that mkdir gives is cut by the umask. */
            if (fchmod(partial->fd, 0700) == 0)
                return true;
            error_errno(err, errno, "package.create", "cannot set the mode of %s", partial->name);
            package_partial_end(partial);
            return false;
        }
        free(partial->name);
        partial->name = NULL;
        if (outcome == ATTEMPT_FAILED)
            break;
        if (i + 1 == PARTIAL_ATTEMPTS) {
            error_set(err, RETURN_FAILED, "package.create", "no free name for %s could be found", stem);
            error_next(err, "Choose another directory, or remove packages that are no longer needed.");
        }
    }
    package_partial_end(partial);
    return false;
}

void package_partial_made(struct package_partial *partial, const char *name, int fd)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct package_made_file *made = ARRAY_APPEND(partial->made, partial->made_count);
    bool hold = partial->made_count <= HELD_LIMIT;
    *made = (struct package_made_file){.name = mem_strdup(name),
                                       .fd = hold ? open(path, O_PATH | O_CLOEXEC) : -1};
}

static void forget_made(struct package_partial *partial)
{
    for (size_t i = 0; i < partial->made_count; i++) {
        free(partial->made[i].name);
        if (partial->made[i].fd >= 0)
            close(partial->made[i].fd);
    }
    free(partial->made);
    partial->made = NULL;
    partial->made_count = 0;
}

static bool is_there(const struct package_partial *partial, const struct package_made_file *made)
{
    struct stat own;
    struct stat named;
    if (beneath_stat(partial->fd, made->name, &named) != 0)
        return false;
    return made->fd < 0 ||
           (fstat(made->fd, &own) == 0 && own.st_dev == named.st_dev && own.st_ino == named.st_ino);
}

static bool refuse_partial(const char *directory, const char *lost, struct error *err)
{
    error_set(
        err, RETURN_FAILED, "export.partial-gone",
        "the unfinished package in %s lost %s while it was made: something moved, removed or replaced it",
        directory, lost);
    return error_next(err, "Find out what tidies that directory, then do it again.");
}

bool package_partial_is_whole(const struct package_partial *partial, const char *directory, struct error *err)
{
    if (!partial->name) /* it has its final one */
        return true;
    if (!partial_is_current(partial->parent, partial->name, partial->fd))
        return refuse_partial(directory, "its directory", err);
    for (size_t i = 0; i < partial->made_count; i++) {
        if (!is_there(partial, &partial->made[i]))
            return refuse_partial(directory, partial->made[i].name, err);
    }
    return true;
}

/* Without replacing anything; where the file system cannot do that in one step, looked for before. */
int partial_rename_new(int parent, const char *from, const char *to)
{
    if (renameat2(parent, from, parent, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
        return -1;
    if (partial_exists(parent, to)) {
        errno = EEXIST;
        return -1;
    }
    return renameat(parent, from, parent, to);
}

static bool sync_parent(struct package_partial *partial, const char *name, struct error *err)
{
    if (fsync(partial->parent) == 0) {
        free(partial->name);
        partial->name = NULL;
        return true;
    }
    /* What may not survive a power cut must not be believed in now. */
    error_errno(err, errno, "package.sync", "cannot bring the name %s to the disk", name);
    if (renameat(partial->parent, name, partial->parent, partial->name) == 0)
        return false;
    free(partial->name);
    partial->name = NULL;
    return error_next(err, "Remove %s, which is there: it may be gone after a power cut.", name);
}

bool package_partial_commit(struct package_partial *partial, const struct package_naming *naming, char **name,
                            struct error *err)
{
    CLEANUP_FREE char *wanted = mem_strndup(partial->name + 1, strlen(partial->name) - 1 - strlen(SUFFIX));
    for (int i = 0; i < PARTIAL_ATTEMPTS; i++) {
        if (naming)
            naming->tell(naming->context, wanted);
        if (partial_rename_new(partial->parent, partial->name, wanted) == 0) {
            /* No partial any more, but held (hold.h) until the maker has ended. */
            (void)flock(partial->fd, LOCK_SH | LOCK_NB);
            bool is_synced = sync_parent(partial, wanted, err);
            if (!partial->name) {
                *name = wanted;
                wanted = NULL;
            }
            return is_synced;
        }
        if (errno != EEXIST && errno != ENOTEMPTY)
            return error_errno(err, errno, "package.rename", "cannot rename %s to %s", partial->name, wanted);
        struct guid other = guid_new();
        free(wanted);
        wanted = final_name(partial->stem, &other);
    }
    error_set(err, RETURN_FAILED, "package.rename", "no free name for %s could be found", partial->stem);
    return error_next(err, "Choose another directory, or remove packages that are no longer needed.");
}

bool package_partial_commit_as(struct package_partial *partial, const char *name, struct error *err)
{
    /* rename(2) puts a directory in the place of an empty one, and of nothing else. */
    if (renameat(partial->parent, partial->name, partial->parent, name) != 0) {
        error_errno(err, errno, "package.rename", "cannot rename %s to %s", partial->name, name);
        return error_next(err,
                          "Something was put there meanwhile: look at it, then choose another directory.");
    }
    return sync_parent(partial, name, err);
}

void package_partial_leave(struct package_partial *partial)
{
    forget_made(partial);
    if (partial->fd >= 0)
        close(partial->fd);
    free(partial->stem);
    free(partial->name);
    *partial = (struct package_partial){.parent = -1, .fd = -1};
}

void package_partial_end(struct package_partial *partial)
{
    struct error ignored = {0};
    forget_made(partial); /* first: what is open leaves another name behind when it is removed on NFS */
    /* Still locked while it is removed, so that no cleaner works on it at the same time. */
    if (partial->name && partial->fd >= 0 && !fs_remove_tree(partial->parent, partial->name, &ignored))
        ignored = (struct error){0}; /* the next clean finds it */
    package_partial_leave(partial);
}

/* ".STEM-xxxxxxxx.partial" */
bool partial_has_form(const char *name, const char *ending)
{
    size_t length = strlen(name);
    size_t suffix = strlen(ending);
    if (length < 1 + 1 + 1 + PARTIAL_SHORT_ID + suffix || name[0] != '.' ||
        strcmp(name + length - suffix, ending) != 0)
        return false;
    const char *id = name + length - suffix - PARTIAL_SHORT_ID;
    return id[-1] == '-' && strspn(id, "0123456789abcdef") == PARTIAL_SHORT_ID;
}

static bool is_ours(int fd, const char *name)
{
    struct stat status;
    if (strcmp(name, PACKAGE_RECORD) == 0 || strcmp(name, PACKAGE_SUMS) == 0 ||
        strcmp(name, PACKAGE_SIGNATURE) == 0 || strcmp(name, PACKAGE_NOTE) == 0)
        return true;
    return package_path_is_component(name) && fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(status.st_mode);
}

/* At the top: "machines" or a machine's directory, and the few files that we write there. */
bool partial_holds_only_ours(int fd)
{
    struct error ignored = {0};
    char **names = NULL;
    size_t count = 0;
    if (!fs_list(fd, &names, &count, &ignored))
        return false;
    bool ours = true;
    for (size_t i = 0; i < count && ours; i++)
        ours = is_ours(fd, names[i]);
    fs_free_names(names, count);
    return ours;
}

static bool cannot_go_on(const char *name, const char *why, struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "export.begun-gone",
              "the unfinished package %s cannot be gone on with", name);
    error_cause(err, "%s", why);
    return error_next(err, "Start the job from the beginning (`refpoint job resume --anew`), or discard it.");
}

/* NULL: it is as we make them, and locked now. */
static const char *why_not(int parent, const char *name, int fd)
{
    struct stat status;
    if (fd < 0)
        return strerror(errno);
    if (fstat(fd, &status) != 0 || status.st_uid != geteuid())
        return "it belongs to somebody else";
    if (partial_try_lock(fd) == LOCK_HELD_ELSEWHERE)
        return "somebody else is at work in it";
    if (!partial_is_current(parent, name, fd) || !partial_holds_only_ours(fd))
        return "something else was put there";
    return NULL;
}

bool package_partial_resume(int parent, const char *name, struct package_partial *partial, struct error *err)
{
    size_t tail = 1 + PARTIAL_SHORT_ID + strlen(SUFFIX);
    *partial = (struct package_partial){.parent = parent, .fd = -1};
    if (!partial_has_form(name, SUFFIX))
        return cannot_go_on(name, "that is no name of one", err);
    partial->fd = beneath_open(parent, name, O_RDONLY | O_DIRECTORY, 0);
    const char *why = why_not(parent, name, partial->fd);
    if (why) {
        package_partial_leave(partial);
        return cannot_go_on(name, why, err);
    }
    partial->stem = mem_strndup(name + 1, strlen(name) - 1 - tail);
    partial->name = mem_strdup(name);
    return true;
}
