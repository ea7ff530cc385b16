/* Reading and writing at a place of a file, whole: pread(2) and pwrite(2) until all of it is done.
 *
 * Threads: any. Units: bytes. Errors: errno. */
#ifndef REFPOINT_SYSTEM_READ_AT_H
#define REFPOINT_SYSTEM_READ_AT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How many bytes there were: fewer than asked for only at the end of the file; -1 = errno. */
ssize_t read_at(int fd, void *bytes, size_t length, uint64_t offset);
bool write_at(int fd, const void *bytes, size_t length, uint64_t offset);
/* How many of the bytes from `offset` on, at most `limit`, are a hole of the file: zero without being read. 0
 * too where the file system cannot tell. */
uint64_t hole_at(int fd, uint64_t offset, uint64_t limit);

#endif
