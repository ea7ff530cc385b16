/* Packages by descriptor, for the modules of this room that go on working beneath it.
 *
 * Threads: any. Descriptors are O_CLOEXEC and the caller's. */
#ifndef REFPOINT_EXPORT_PACKAGE_OPEN_H
#define REFPOINT_EXPORT_PACKAGE_OPEN_H

#include "core/export/package/package.h"

/* Reads the package and keeps its directory open. */
bool package_open(const char *path, struct package *package, int *fd, struct error *err) WARN_UNUSED;
/* The package in an open directory; path: absolute, taken over as it is. */
bool package_read_at(int fd, const char *path, struct package *package, struct error *err) WARN_UNUSED;
/* From the descriptor's position to the end, at most `limit` bytes, NUL-terminated; the caller's. */
bool package_read_descriptor(int fd, const char *name, size_t limit, char **text, size_t *length,
                             struct error *err) WARN_UNUSED;

#endif
