/* SHA-256 of a file's whole content. Holes count as the zeroes that they read as, without being read.
 *
 * Threads: any, each its own. Ownership: digest_free. Errors: "file.read", "file.cancelled" (32768). */
#ifndef REFPOINT_SYSTEM_DIGEST_H
#define REFPOINT_SYSTEM_DIGEST_H

#include <stddef.h>

#include "core/base/error.h"
#include "core/base/watch.h"

#define DIGEST_TEXT 65 /* 64 lower-case hexadecimal digits and a NUL */

struct digest;
struct digest *digest_new(void);
void digest_free(struct digest *digest);
void digest_add(struct digest *digest, const void *data, size_t length);
void digest_add_zeroes(struct digest *digest, uint64_t length);
void digest_end(struct digest *digest, char text[DIGEST_TEXT]);

/* A stretch of a file: data, or a hole. */
struct file_stretch {
    uint64_t length;
    bool hole;
};
/* What is at `at`, which is before `end`; a file system that cannot tell has data everywhere. */
struct file_stretch file_stretch_at(int fd, uint64_t at, uint64_t end);

/* From the descriptor's file, whatever its position. */
bool digest_file(int fd, const char *path, struct watch *watch, char text[DIGEST_TEXT],
                 struct error *err) WARN_UNUSED;
/* Copies what `from` reads, from its start, to the end of `to`, in one pass with its digest. name: for
 * messages; size may be NULL. Errors: as digest_file, and those of fs_write_all. */
bool digest_copy(int from, int to, const char *name, char text[DIGEST_TEXT], uint64_t *size,
                 struct error *err) WARN_UNUSED;
/* Fills err as work that was told to end does; returns false. */
bool digest_cancelled(struct error *err);

#endif
