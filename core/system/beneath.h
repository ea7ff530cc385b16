/* Opening what lies beneath a directory, and nothing else: no symbolic link is followed, neither on the way
 * nor at the end. The directory itself is the caller's, however it was come to.
 *
 * Paths are plain components with one slash between them: one that is empty, begins or ends with a slash, or
 * has a component that is empty, "." or ".." is EINVAL. A symbolic link anywhere on it is ELOOP (with O_EXCL,
 * at its end, EEXIST). Descriptors are O_CLOEXEC and the caller's. Threads: any. */
#ifndef REFPOINT_SYSTEM_BENEATH_H
#define REFPOINT_SYSTEM_BENEATH_H

#include <sys/stat.h>
#include <sys/types.h>

/* As openat(2); the mode counts with O_CREAT only. -1 and errno. */
int beneath_open(int root, const char *path, int flags, mode_t mode);
/* As fstatat(2): 0, or -1 and errno. */
int beneath_stat(int root, const char *path, struct stat *status);
/* As much of the path, from its beginning, as leads to its first symbolic link ("a/b" of "a/b/c"); the
 * caller's. NULL: there is none. For messages. */
char *beneath_link(int root, const char *path);

#endif
