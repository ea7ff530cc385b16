/* Files with a promise: what has its name is complete and on the disk.
 *
 * Functions take a directory and a path. Of a directory's descriptor the path is one beneath it (beneath.h),
 * and no link on it is followed: error 32770 with key "fs.link", which names it. With AT_FDCWD it is a path
 * that somebody has named, which may lead through links. Descriptors they return are O_CLOEXEC. Errors carry
 * the path. Threads: any. Units: bytes. */
#ifndef REFPOINT_SYSTEM_FS_H
#define REFPOINT_SYSTEM_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "core/base/error.h"

/* The whole of a regular file of at most `limit` bytes, NUL-terminated; *text is the caller's.
 */
bool fs_read(int dir, const char *name, size_t limit, char **text, size_t *length,
             struct error *err) WARN_UNUSED;
/* The same of a file that is open, from where it stands; refused where it is none of those. */
bool fs_read_open(int fd, const char *path_for_messages, size_t limit, char **text, size_t *length,
                  struct error *err) WARN_UNUSED;
/* Writes a temporary file beside it, syncs, renames over `name`, syncs the directory. */
bool fs_write_atomic(int dir, const char *name, const void *data, size_t length, mode_t mode,
                     struct error *err) WARN_UNUSED;
/* mkdir -p with this mode for what it makes; existing directories are left alone. */
bool fs_make_directories(const char *path, mode_t mode, struct error *err) WARN_UNUSED;
/* The same beneath a directory that is open for reading, and the last of them opened. */
bool fs_make_beneath(int dir, const char *path, mode_t mode, int *fd, struct error *err) WARN_UNUSED;
bool fs_open_directory(int dir, const char *name, int *fd, struct error *err) WARN_UNUSED;
bool fs_sync(int fd, const char *path_for_messages, struct error *err) WARN_UNUSED;
/* rm -r of one name, never following links; a missing one is no error. */
bool fs_remove_tree(int dir, const char *name, struct error *err) WARN_UNUSED;
/* Names in a directory without "." and "..", sorted by bytes; release with fs_free_names. */
bool fs_list(int dir, char ***names, size_t *count, struct error *err) WARN_UNUSED;
void fs_free_names(char **names, size_t count);

/* The directories above a path (all links resolved, from the root down) that accounts which are neither their
 * owners nor of their groups cannot pass. Released with fs_free_names. */
void fs_closed_parents(const char *path, char ***names, size_t *count);

enum fs_lock_kind { FS_LOCK_SHARED, FS_LOCK_EXCLUSIVE };
/* Opens (makes) a lock file and takes flock on it. Without `wait`, a lock held elsewhere is error 32774 with
 * key "fs.locked". *fd holds the lock until closed, or until the process ends. */
bool fs_lock(int dir, const char *name, enum fs_lock_kind kind, bool wait, int *fd,
             struct error *err) WARN_UNUSED;

/* The same file, of the same size, to which nobody has written in between. */
bool fs_is_untouched(const struct stat *then, const struct stat *now);

/* write(2) until all is written. */
bool fs_write_all(int fd, const void *data, size_t length, const char *path_for_messages,
                  struct error *err) WARN_UNUSED;

/* Where a path leads from a directory, absolute and without links in its name: "." and ".." at the beginning
 * of a relative one are resolved, links are not. */
char *fs_path_from(const char *directory, const char *path);
/* The same for what somebody typed, from the working directory. Without one (it was removed) the path stays
 * as it is. */
char *fs_absolute_path(const char *path);

/* "~/NAME" as a path in the home directory of this account, "~" as that; any other path as it is, and these
 * too where nobody knows it. The caller's. */
char *fs_expand_home(const char *path);

/* $XDG_DATA_HOME, $XDG_STATE_HOME, $XDG_CONFIG_HOME with the defaults of the XDG specification,
 * plus "/refpoint". Returned paths are absolute and the caller's. */
char *fs_data_home(void);
char *fs_state_home(void);
char *fs_config_home(void);

#endif
