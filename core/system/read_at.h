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
/* What is asked when a write fails: waits for what stands in its way; true: try again. It leaves errno. */
struct write_patience {
    bool (*wait)(void *context, int number);
    void *context;
};
/* The same, tried again as long as it is worth it. patience: NULL = it is not. */
bool write_at_patiently(int fd, const void *bytes, size_t length, uint64_t offset,
                        const struct write_patience *patience);
/* How many of the bytes from `offset` on, at most `limit`, are a hole of the file: zero without being read. 0
 * too where the file system cannot tell. */
uint64_t hole_at(int fd, uint64_t offset, uint64_t limit);

#endif
