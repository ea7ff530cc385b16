/* What merging is the same in, whether the machine runs or is off. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/layers.h"
#include "core/host/libvirt/change/merge.h"
#include "core/system/fs.h"

bool merge_not_as_it_was(const struct merge *merge, const char *found, struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "point.chain-changed",
              "%s: the files of the disk do not lie as the store has them: %s", merge->label, found);
    error_cause(err, "somebody else has put a file above or between ours, or taken one away");
    return error_next(err, "Nothing was changed. Delete that snapshot with the tool that took it (or virsh "
                           "blockcommit), then try again.");
}

bool merge_check_active(const struct merge *merge, const struct disk *recorded, const char *active,
                        struct error *err)
{
    bool known = strcmp(active, merge->upper) == 0 || strcmp(active, merge->lower) == 0 ||
                 (recorded && strcmp(active, recorded->path) == 0);
    return known || merge_not_as_it_was(merge, active, err);
}

bool merge_remove_upper(const struct merge *merge, struct error *err)
{
    struct stat status;
    CLEANUP_FREE char *directory = path_directory(merge->upper);
    CLEANUP_FD int fd = -1;
    if (lstat(merge->upper, &status) != 0)
        return errno == ENOENT || error_errno(err, errno, "point.layer", "cannot look at %s", merge->upper);
    if (status.st_ino != merge->upper_was.inode)
        return merge_not_as_it_was(merge, merge->upper, err);
    if (unlink(merge->upper) != 0)
        return error_errno(err, errno, "point.layer", "cannot remove %s", merge->upper);
    return fs_open_directory(AT_FDCWD, directory, &fd, err) && fs_sync(fd, directory, err);
}
