#include "core/export/package/read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/digest.h"
#include "core/export/package/path.h"
#include "core/export/package/record.h"
#include "core/syntax/cfg.h"
#include "core/system/fs.h"

static bool holds(int fd, const char *name)
{
    struct stat status;
    return fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool read_record_text(int fd, char **text, size_t *length, struct error *err)
{
    CLEANUP_FD int record = -1;
    struct stat status;
    if (!package_path_open_file(fd, PACKAGE_RECORD, &record, &status, err))
        return false;
    if ((uintmax_t)status.st_size > CFG_LIMIT_LARGE) {
        error_set(err, RETURN_NOT_SUPPORTED, "package.too-large", "%s is larger than %zu bytes",
                  PACKAGE_RECORD, CFG_LIMIT_LARGE);
        return error_next(err, "The record has been changed: bring the package back from a copy.");
    }
    return package_read_descriptor(record, PACKAGE_RECORD, (size_t)status.st_size, text, length, err);
}

bool package_read_descriptor(int fd, const char *name, size_t limit, char **text, size_t *length,
                             struct error *err)
{
    CLEANUP_FREE char *data = mem_alloc(limit + 2);
    size_t done = 0;
    while (done <= limit) {
        ssize_t got = read(fd, data + done, limit + 1 - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, errno, "package.read", "cannot read %s", name);
        if (got == 0)
            break;
        done += (size_t)got;
    }
    if (done > limit) {
        error_set(err, RETURN_IN_USE, "package.changing", "%s grows while it is read", name);
        return error_next(err, "Wait until whatever writes to the package has ended, then try again.");
    }
    *text = data;
    data = NULL;
    *length = done;
    return true;
}

bool package_read_at(int fd, const char *path, struct package *package, struct error *err)
{
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    char digest[PACKAGE_DIGEST_TEXT];
    *package = (struct package){0};
    if (!read_record_text(fd, &text, &length, err) ||
        !package_record_parse(package, text, length, PACKAGE_RECORD, err)) {
        if (err->code == RETURN_FILE_NOT_FOUND)
            error_next(
                err,
                "This is no package, or not a whole one: \"refpoint package list DIR\" shows those in DIR.");
        else if (err->code == RETURN_INCORRECT_DATA_TYPE || strncmp(err->key, "config.", 7) == 0)
            error_next(err, "Bring the package back from a copy: its record is not what the export wrote.");
        return error_context(err, "%s", path);
    }
    package_digest_bytes(text, length, digest);
    package->path = mem_strdup(path);
    package->record_sha256 = mem_strdup(digest);
    package->is_signed = holds(fd, PACKAGE_SIGNATURE);
    return true;
}

/* real: PATH_MAX bytes. */
static bool open_directory(const char *path, char *real, int *fd, struct error *err)
{
    if (!realpath(path, real))
        return error_errno(err, errno, "package.open", "cannot find the package %s", path);
    return package_path_open_root(real, fd, err);
}

bool package_is_there(const char *path, struct error *err)
{
    char real[PATH_MAX];
    CLEANUP_FD int fd = -1;
    return open_directory(path, real, &fd, err);
}

bool package_open(const char *path, struct package *package, int *fd, struct error *err)
{
    char real[PATH_MAX];
    *package = (struct package){0};
    CLEANUP_FD int opened = -1;
    if (!open_directory(path, real, &opened, err) || !package_read_at(opened, real, package, err))
        return false;
    *fd = opened;
    opened = -1;
    return true;
}

bool package_read(const char *path, struct package *package, struct error *err)
{
    CLEANUP_FD int fd = -1;
    return package_open(path, package, &fd, err);
}

/* --- listing --- */

static int compare_points(const void *left, const void *right)
{
    const struct package *a = left;
    const struct package *b = right;
    int order = moment_compare(a->point.created, b->point.created);
    if (order == 0)
        order = moment_compare(a->exported, b->exported);
    return order != 0 ? order : strcmp(a->path, b->path);
}

/* Everything else is passed over; a package that has lost its record is a broken one. */
static bool is_package(int fd)
{
    return holds(fd, PACKAGE_RECORD) || (holds(fd, PACKAGE_SUMS) && holds(fd, PACKAGE_MACHINES));
}

static void list_entry(int directory, const char *real, const char *name, struct package **packages,
                       size_t *count, char ***problems, size_t *problem_count)
{
    struct error err = {0};
    CLEANUP_FD int fd = -1;
    if (name[0] == '.' || !package_path_open_directory(directory, name, &fd, &err) || !is_package(fd))
        return;
    CLEANUP_FREE char *path = mem_format("%s/%s", strcmp(real, "/") == 0 ? "" : real, name);
    struct package package;
    if (package_read_at(fd, path, &package, &err))
        *ARRAY_APPEND(*packages, *count) = package;
    else
        *ARRAY_APPEND(*problems, *problem_count) = error_text(&err);
}

bool package_list(const char *directory, struct package **packages, size_t *count, char ***problems,
                  size_t *problem_count, struct error *err)
{
    *packages = NULL;
    *problems = NULL;
    *count = 0;
    *problem_count = 0;
    char real[PATH_MAX];
    if (!realpath(directory, real))
        return error_errno(err, errno, "package.list", "cannot look at the directory %s", directory);
    CLEANUP_FD int fd = -1;
    char **names = NULL;
    size_t name_count = 0;
    if (!fs_open_directory(AT_FDCWD, real, &fd, err) || !fs_list(fd, &names, &name_count, err))
        return false;
    for (size_t i = 0; i < name_count; i++)
        list_entry(fd, real, names[i], packages, count, problems, problem_count);
    fs_free_names(names, name_count);
    if (*count > 1)
        qsort(*packages, *count, sizeof **packages, compare_points);
    return true;
}
