/* SHA-256 of a file's whole content, also on the way of a copy. Holes count as the zeroes that they read as,
 * without being read.
 *
 * Threads: any. watch may be NULL. Errors: "file.read", "file.write", "file.cancelled"
 * (32768). */
#ifndef REFPOINT_SYSTEM_DIGEST_H
#define REFPOINT_SYSTEM_DIGEST_H

#include <stddef.h>

#include "core/base/error.h"
#include "core/base/watch.h"

#define DIGEST_TEXT 65 /* 64 lower-case hexadecimal digits and a NUL */

/* Of the descriptor's file, whatever its position. */
bool digest_file(int fd, const char *path, struct watch *watch, char text[DIGEST_TEXT],
                 struct error *err) WARN_UNUSED;
/* The same while the content is copied to an empty file, in which holes stay holes; *size: of the file. */
bool digest_copy(int from, const char *from_path, int to, const char *to_path, struct watch *watch,
                 char text[DIGEST_TEXT], uint64_t *size, struct error *err) WARN_UNUSED;
/* The same of bytes as they come. Ownership: the end releases it. */
struct digest;
struct digest *digest_begin(void);
void digest_add(struct digest *digest, const void *bytes, size_t length);
void digest_end(struct digest *digest, char text[DIGEST_TEXT]);
/* Fills err as work that was told to end does; returns false. */
bool digest_cancelled(struct error *err);

#endif
