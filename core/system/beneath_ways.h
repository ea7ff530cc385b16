/* The two ways of beneath_open, for its test; nobody else includes it. They answer alike, but that the first
 * is ENOSYS where the kernel has no openat2(2) (before 5.6, gVisor, valgrind 3.19), and EPERM where a filter
 * of system calls does not know it. */
#ifndef REFPOINT_SYSTEM_BENEATH_WAYS_H
#define REFPOINT_SYSTEM_BENEATH_WAYS_H

#include <sys/types.h>

int beneath_at_once(int root, const char *path, int flags, mode_t mode);
int beneath_by_steps(int root, const char *path, int flags, mode_t mode);

#endif
