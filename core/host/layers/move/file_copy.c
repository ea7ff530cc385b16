#include "core/host/layers/move/file_copy.h"

#include <fcntl.h>
#include <string.h>

#include "core/base/return_code.h"
#include "core/system/fs.h"

bool file_copy_content(int from, const char *from_path, int to, const char *to_path, struct watch *watch,
                       char sha256[DIGEST_TEXT], struct error *err)
{
    char written[DIGEST_TEXT];
    uint64_t size;
    bool ok =
        digest_copy(from, from_path, to, to_path, watch, sha256, &size, err) && fs_sync(to, to_path, err);
    /* From the disk, not from memory, as far as the system lets it go. */
    posix_fadvise(to, 0, 0, POSIX_FADV_DONTNEED);
    if (!ok || !digest_file(to, to_path, watch, written, err))
        return false;
    if (strcmp(sha256, written) == 0)
        return true;
    error_set(err, RETURN_FAILED, "file.differs", "%s does not read as what was written to it", to_path);
    return error_next(err, "Look at that file system and its disk; do not use them before.");
}
