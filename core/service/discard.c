#include "core/service/discard.h"

#include <fcntl.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/export/package/write/partial.h"
#include "core/service/journal/journal.h"
#include "core/system/fs.h"

/* Where an interrupted job was to put its package; NULL for any other job. */
static char *directory_of_interrupted(const char *state_directory, const struct guid *id)
{
    struct job_snapshot snapshot = {0};
    struct error ignored = {0}; /* what cannot be read can still be forgotten */
    if (!journal_read(state_directory, id, &snapshot, &ignored))
        return NULL;
    bool interrupted = strcmp(snapshot.error.key, "job.interrupted") == 0;
    char *directory = interrupted ? mem_strdup(snapshot.identity.directory) : NULL;
    job_snapshot_clear(&snapshot);
    return directory;
}

bool discard_job(const char *state_directory, const struct guid *id, size_t *removed, struct error *err)
{
    CLEANUP_FREE char *directory = directory_of_interrupted(state_directory, id);
    *removed = 0;
    if (!journal_discard(state_directory, id, err))
        return false;
    struct error ignored = {0};
    CLEANUP_FD int fd = -1;
    if (directory && fs_open_directory(AT_FDCWD, directory, &fd, &ignored))
        (void)!package_partial_clean(fd, removed, &ignored);
    return true;
}
