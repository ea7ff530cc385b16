#include "core/export/package/write/leavings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/path.h"
#include "core/export/package/write/ledger.h"
#include "core/export/package/write/partial_state.h"
#include "core/system/beneath.h"
#include "core/system/fs.h"

#define SUFFIX PACKAGE_PARTIAL_SUFFIX

static bool is_dead(int parent, const char *name, int *fd)
{
    struct stat status;
    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(status.st_mode) ||
        status.st_uid != geteuid())
        return false;
    *fd = beneath_open(parent, name, O_RDONLY | O_DIRECTORY, 0);
    return *fd >= 0 && partial_try_lock(*fd) == LOCK_TAKEN && partial_is_current(parent, name, *fd) &&
           partial_holds_only_ours(*fd);
}

struct cleaning {
    int parent;
    size_t removed;
};

static bool clean_partial(struct cleaning *cleaning, const char *name, struct error *err)
{
    CLEANUP_FD int fd = -1;
    if (package_ledger_is_wanted(cleaning->parent, name) || !is_dead(cleaning->parent, name, &fd))
        return true;
    cleaning->removed++;
    return fs_remove_tree(cleaning->parent, name, err);
}

static bool clean_removed(struct cleaning *cleaning, const char *name, struct error *err)
{
    CLEANUP_FD int fd = -1;
    if (!is_dead(cleaning->parent, name, &fd))
        return true;
    cleaning->removed++;
    return fs_remove_tree(cleaning->parent, name, err);
}

/* Nobody makes one before its partial. */
static bool clean_ledger(struct cleaning *cleaning, const char *name, struct error *err)
{
    struct stat status;
    CLEANUP_FREE char *partial = package_ledger_partial(name);
    bool is_left = fstatat(cleaning->parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                   S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
                   !partial_exists(cleaning->parent, partial);
    return !is_left || fs_remove_tree(cleaning->parent, name, err);
}

static bool clean(struct cleaning *cleaning, const char *ending,
                  bool (*one)(struct cleaning *cleaning, const char *name, struct error *err),
                  struct error *err)
{
    char **names = NULL;
    size_t count = 0;
    if (!fs_list(cleaning->parent, &names, &count, err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        ok = !partial_has_form(names[i], ending) || one(cleaning, names[i], err);
    fs_free_names(names, count);
    return ok;
}

bool package_partial_clean(int parent, size_t *removed, struct error *err)
{
    struct cleaning cleaning = {.parent = parent};
    bool ok = clean(&cleaning, SUFFIX, clean_partial, err) &&
              clean(&cleaning, PACKAGE_REMOVED_SUFFIX, clean_removed, err) &&
              clean(&cleaning, PACKAGE_LEDGER_SUFFIX, clean_ledger, err);
    if (removed)
        *removed = cleaning.removed;
    return ok;
}

bool package_removed_clean(int parent, size_t *removed, struct error *err)
{
    struct cleaning cleaning = {.parent = parent};
    bool ok = clean(&cleaning, PACKAGE_REMOVED_SUFFIX, clean_removed, err);
    *removed = cleaning.removed;
    return ok;
}

static bool is_being_made(int parent, const char *name)
{
    CLEANUP_FD int fd = beneath_open(parent, name, O_RDONLY | O_DIRECTORY, 0);
    return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

static char *tell(int parent, const char *name)
{
    struct guid job;
    if (is_being_made(parent, name))
        return mem_format("%s is being made just now", name);
    if (!package_ledger_job(parent, name, &job))
        return mem_format("%s is unfinished and nobody can go on with it: the next export to this directory "
                          "by its owner removes it",
                          name);
    return mem_format(
        "%s is unfinished: `refpoint job resume %.8s` goes on with it where it was begun, `refpoint "
        "job discard %.8s` removes it",
        name, job.text, job.text);
}

void package_partial_tell(const char *directory, char ***sentences, size_t *count)
{
    struct error ignored = {0};
    char **names = NULL;
    size_t name_count = 0;
    CLEANUP_FD int fd = -1;
    if (!fs_open_directory(AT_FDCWD, directory, &fd, &ignored) || !fs_list(fd, &names, &name_count, &ignored))
        return;
    for (size_t i = 0; i < name_count; i++) {
        if (partial_has_form(names[i], SUFFIX))
            *ARRAY_APPEND(*sentences, *count) = tell(fd, names[i]);
    }
    fs_free_names(names, name_count);
}

static bool drop(int parent, const char *name, struct error *err)
{
    struct package_ledger ledger = {.fd = -1};
    CLEANUP_FD int fd = -1;
    if (!partial_has_form(name, SUFFIX) || !is_dead(parent, name, &fd) || !fs_remove_tree(parent, name, err))
        return false;
    if (package_ledger_open(parent, name, &ledger, err))
        package_ledger_remove(&ledger);
    return true;
}

size_t package_partial_drop(const char *directory, const struct guid *job)
{
    struct error ignored = {0};
    struct package_ledger_terms terms;
    CLEANUP_FD int fd = -1;
    if (!fs_open_directory(AT_FDCWD, directory, &fd, &ignored))
        return 0;
    CLEANUP_FREE char *partial = package_ledger_find(fd, job, &terms);
    return partial && drop(fd, partial, &ignored);
}

/* --- packages that are to go --- */

static char *removed_name(const char *name, const struct guid *id)
{
    char *hidden = mem_format(".%s" PACKAGE_REMOVED_SUFFIX, name);
    if (strlen(hidden) <= NAME_MAX && partial_has_form(hidden, PACKAGE_REMOVED_SUFFIX))
        return hidden;
    free(hidden);
    return mem_format(".package-%.8s" PACKAGE_REMOVED_SUFFIX, id->text);
}

bool package_remove_name(int parent, const char *name, char **hidden, struct error *err)
{
    for (int i = 0; i < PARTIAL_ATTEMPTS; i++) {
        struct guid id = guid_new();
        CLEANUP_FREE char *to = removed_name(i == 0 ? name : "", &id);
        if (partial_rename_new(parent, name, to) == 0) {
            *hidden = to;
            to = NULL;
            return true;
        }
        if (errno != EEXIST && errno != ENOTEMPTY)
            break;
    }
    return error_errno(err, errno, "package.rename", "cannot rename %s", name);
}
