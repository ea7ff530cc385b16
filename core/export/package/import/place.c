#include "core/export/package/import/place.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/export/package/path.h"
#include "core/system/fs.h"

bool import_place_refuse(struct error *err, const char *to, const char *why)
{
    error_set(err, RETURN_INVALID_PARAMETER, "import.directory", "cannot import to %s: %s", to, why);
    return error_next(err, "Name a directory that does not exist yet, or an empty one.");
}

/* An existing one must be an empty directory; its real path. */
static bool existing_place(const char *to, char **path, struct error *err)
{
    char real[PATH_MAX];
    CLEANUP_FD int fd = -1;
    char **names = NULL;
    size_t count = 0;
    if (!realpath(to, real))
        return error_errno(err, errno, "import.directory", "cannot look at %s", to);
    fd = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOTDIR ? import_place_refuse(err, to, "it is not a directory")
                                : error_errno(err, errno, "import.directory", "cannot look at %s", to);
    if (!fs_list(fd, &names, &count, err))
        return false;
    fs_free_names(names, count);
    if (count > 0)
        return import_place_refuse(err, to, "it is not empty");
    if (strcmp(real, "/") == 0)
        return import_place_refuse(err, to, "it is the root of the file system");
    *path = mem_strdup(real);
    return true;
}

static bool new_place(const char *to, char **path, struct error *err)
{
    char real[PATH_MAX];
    CLEANUP_FREE char *first = mem_strdup(to);
    CLEANUP_FREE char *second = mem_strdup(to);
    const char *name = basename(second);
    const char *parent = dirname(first);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strlen(name) > 255)
        return import_place_refuse(err, to, "that is no name of a directory");
    if (!realpath(parent, real)) {
        error_errno(err, errno, "import.directory", "cannot look at the directory %s", parent);
        return err->code == RETURN_ACCESS_DENIED
                   ? false
                   : error_next(err, "Create it first, or choose another directory.");
    }
    *path = mem_format("%s/%s", strcmp(real, "/") == 0 ? "" : real, name);
    return true;
}

/* What is put into a package damages it. */
static bool check_no_package(const char *to, const char *place, struct error *err)
{
    CLEANUP_FREE char *copy = mem_strdup(place);
    const char *parent = dirname(copy);
    CLEANUP_FD int fd = -1;
    return fs_open_directory(AT_FDCWD, parent, &fd, err) &&
           (!package_path_is_in_package(fd) || import_place_refuse(err, to, "it is inside a package"));
}

bool import_place_find(const char *to, char **path, struct error *err)
{
    struct stat status;
    if (*to == '\0')
        return import_place_refuse(err, to, "the name is empty");
    CLEANUP_FREE char *found = NULL;
    bool ok = lstat(to, &status) == 0 ? existing_place(to, &found, err) : new_place(to, &found, err);
    ok = ok && check_no_package(to, found, err);
    if (ok) {
        *path = found;
        found = NULL;
    }
    return ok;
}
