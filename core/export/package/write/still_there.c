#include "core/export/package/write/still_there.h"
#include "core/export/package/read.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

bool still_there_directory(int directory, const char *path, struct error *err)
{
    struct stat own;
    struct stat named;
    if (fstat(directory, &own) != 0)
        return error_errno(err, errno, "export.directory-gone", "cannot look at the export directory %s",
                           path);
    bool found = stat(path, &named) == 0;
    if (found && own.st_dev == named.st_dev && own.st_ino == named.st_ino)
        return true;
    error_set(err, RETURN_FAILED, "export.directory-gone",
              "the export directory %s was %s while the export ran; nothing has been left in it", path,
              found ? "replaced by another" : "moved or removed");
    return error_next(err, "Export again, to a directory that stays.");
}

static bool refuse_base(const struct package *package, const char *why, const struct error *cause,
                        struct error *err)
{
    error_set(err, RETURN_FAILED, "export.base-gone", "the base package %s %s while the export ran",
              package->path, why);
    if (cause)
        error_cause(err, "%s%s%s", cause->what, *cause->cause ? ": " : "", cause->cause);
    return error_next(err, "Bring it back as it was, or export against another base or in full.");
}

bool still_there_base(const struct base_package *base, struct error *err)
{
    for (size_t i = 0; i < base->count; i++) {
        const struct package *expected = &base->packages[i];
        struct package now;
        struct error cause = {0};
        if (!package_read(expected->path, &now, &cause))
            return refuse_base(expected, "went away or was damaged", &cause, err);
        bool same = strcmp(now.record_sha256, expected->record_sha256) == 0;
        package_clear(&now);
        if (!same)
            return refuse_base(expected, "was changed", NULL, err);
    }
    return true;
}
