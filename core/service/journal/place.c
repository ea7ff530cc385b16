#include "core/service/journal/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/system/beneath.h"
#include "core/system/fs.h"

bool journal_refuse_link(const char *state_directory, const char *link, struct error *err)
{
    error_set(err, RETURN_NOT_SUPPORTED, "journal.link",
              "%s/%s is a symbolic link; the jobs' journals are plain files and directories", state_directory,
              link);
    return error_next(err, "Move what it leads to into its place, or choose another place for all with "
                           "XDG_STATE_HOME, whose own path may lead through links.");
}

static int refuse(const char *state_directory, int root, const char *path, int number, struct error *err)
{
    CLEANUP_FREE char *link = number == ELOOP && root >= 0 ? beneath_link(root, path) : NULL;
    if (link)
        journal_refuse_link(state_directory, link, err);
    else
        error_errno(err, number, "job.open", "cannot open %s/%s", state_directory, path);
    return -1;
}

static int open_in(const char *state_directory, const char *path, int flags, struct error *err)
{
    CLEANUP_FD int root = open(state_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = root < 0 ? -1 : beneath_open(root, path, flags, 0);
    return fd >= 0 ? fd : refuse(state_directory, root, path, errno, err);
}

int journal_open_jobs(const char *state_directory, struct error *err)
{
    return open_in(state_directory, JOURNAL_JOBS, O_RDONLY | O_DIRECTORY, err);
}

int journal_make_jobs(const char *state_directory, struct error *err)
{
    CLEANUP_FD int root = -1;
    int fd = -1;
    if (!fs_make_directories(state_directory, 0700, err) ||
        !fs_open_directory(AT_FDCWD, state_directory, &root, err))
        return -1;
    if (fs_make_beneath(root, JOURNAL_JOBS, 0700, &fd, err))
        return fd;
    if (strcmp(err->key, "fs.link") == 0)
        journal_refuse_link(state_directory, JOURNAL_JOBS, err);
    else
        error_context(err, "%s", state_directory);
    return -1;
}

int journal_open_job(const char *state_directory, const struct guid *id, struct error *err)
{
    CLEANUP_FREE char *path = mem_format(JOURNAL_JOBS "/%s", id->text);
    int fd = open_in(state_directory, path, O_RDONLY | O_DIRECTORY, err);
    if (fd < 0 && err->code == RETURN_FILE_NOT_FOUND) {
        error_set(err, RETURN_INVALID_PARAMETER, "job.unknown", "there is no job %s", id->text);
        error_next(err, "`refpoint job list` shows the jobs that there are.");
    }
    return fd;
}

int journal_open_entry(const char *state_directory, const struct guid *id, const char *name, int flags,
                       struct error *err)
{
    CLEANUP_FREE char *path = mem_format(JOURNAL_JOBS "/%s/%s", id->text, name);
    return open_in(state_directory, path, flags, err);
}
