/* ExportDirectory, before anything is planned. The test for writing is a real one: permission bits do not
 * tell of ACLs, read-only mounts or network servers. It leaves nothing: an unnamed file where the file system
 * has them, else a directory that is made and removed. */
#include "core/export/prepare/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/access.h"
#include "core/base/guid.h"
#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/export/package/path.h"

static uint32_t refuse(struct error *err)
{
    return err->code;
}

static void advise(const char *directory, int number, const char *otherwise, struct error *err)
{
    CLEANUP_FREE char *advice = access_advice_to_change(directory, number);
    error_next(err, "%s", advice ? advice : otherwise);
}

static uint32_t refuse_open(const char *directory, int number, struct error *err)
{
    switch (number) {
    case ENOENT:
        error_set(err, RETURN_FILE_NOT_FOUND, "export.directory-missing",
                  "the export directory %s does not exist", directory);
        error_next(err, "Create it, or choose another directory.");
        break;
    case ENOTDIR:
        error_set(err, RETURN_INVALID_PARAMETER, "export.directory-kind",
                  "the export directory %s is not a directory", directory);
        error_next(err, "Choose a directory.");
        break;
    case ELOOP:
    case ENAMETOOLONG:
        error_errno(err, number, "export.directory-path", "the export directory %s cannot be a path",
                    directory);
        err->code = RETURN_INVALID_PARAMETER;
        error_next(err, "Choose another directory.");
        break;
    default:
        error_errno(err, number, "export.directory", "cannot look into the export directory %s", directory);
        advise(directory, number, "Choose a directory that this user may read and write.", err);
    }
    return refuse(err);
}

static bool lacks_unnamed_files(int number)
{
    return number == EOPNOTSUPP || number == EISDIR || number == EINVAL || number == ENOENT;
}

static int probe_by_directory(int fd)
{
    struct guid id = guid_new();
    CLEANUP_FREE char *name = mem_format(".probe-%.8s.partial", id.text);
    if (mkdirat(fd, name, 0700) != 0)
        return errno;
    return unlinkat(fd, name, AT_REMOVEDIR) == 0 ? 0 : errno;
}

/* 0, or the errno of writing there. */
static int probe(int fd)
{
    if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
        return errno;
    int file = openat(fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0) {
        close(file);
        return 0;
    }
    return lacks_unnamed_files(errno) ? probe_by_directory(fd) : errno;
}

static uint32_t refuse_probe(const char *directory, int number, struct error *err)
{
    error_errno(err, number, "export.directory-writable", "the export directory %s cannot be written to",
                directory);
    if (number == EROFS)
        error_next(
            err, "The file system is mounted read-only: mount it for writing, or choose another directory.");
    else if (number == ENOSPC || number == EDQUOT)
        error_next(err, "Free some space there, or choose another directory.");
    else
        advise(directory, number, "Give this user the right to write there, or choose another directory.",
               err);
    return refuse(err);
}

uint32_t export_check_directory(const char *directory, uint64_t *available, struct error *err)
{
    if (!directory || directory[0] != '/') {
        error_set(err, RETURN_INVALID_PARAMETER, "export.directory-relative",
                  "the export directory \"%s\" is not an absolute path", directory ? directory : "");
        error_next(err, "Give the whole path, from / on.");
        return refuse(err);
    }
    CLEANUP_FD int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return refuse_open(directory, errno, err);
    if (package_path_is_in_package(fd)) {
        error_set(err, RETURN_INVALID_PARAMETER, "export.directory-package",
                  "the export directory %s is a package, or lies in one", directory);
        error_next(err, "Choose the directory around it: what is added to a package damages it.");
        return refuse(err);
    }
    int number = probe(fd);
    if (number != 0)
        return refuse_probe(directory, number, err);
    struct statvfs space;
    if (fstatvfs(fd, &space) != 0) {
        error_errno(err, errno, "export.directory-space", "cannot ask for the free space of %s", directory);
        return refuse(err);
    }
    if (available)
        *available = (uint64_t)space.f_bavail * (uint64_t)(space.f_frsize ? space.f_frsize : space.f_bsize);
    return RETURN_DONE;
}
