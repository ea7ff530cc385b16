/* Packages on disk: reading one, listing a directory of them, and opening one for who goes on working beneath
 * its descriptor.
 *
 * Everything read here may be hostile: names are single path components from [A-Za-z0-9._-], files are
 * regular and opened without following links, sizes are bounded. Threads: any. Descriptors are O_CLOEXEC and
 * the caller's. */
#ifndef REFPOINT_EXPORT_PACKAGE_READ_H
#define REFPOINT_EXPORT_PACKAGE_READ_H

#include "core/base/error.h"
#include "core/export/package/package.h"

bool package_read(const char *path, struct package *package, struct error *err) WARN_UNUSED;

/* Packages directly in a directory, by point time. What is no package is passed over; a broken one is listed
 * in problems (one line each, the caller's strings). */
bool package_list(const char *directory, struct package **packages, size_t *count, char ***problems,
                  size_t *problem_count, struct error *err) WARN_UNUSED;

/* A directory is there and can be opened; what is in it is not looked at. */
bool package_is_there(const char *path, struct error *err) WARN_UNUSED;
/* Reads the package and keeps its directory open. */
bool package_open(const char *path, struct package *package, int *fd, struct error *err) WARN_UNUSED;
/* The package in an open directory; path: absolute, taken over as it is. */
bool package_read_at(int fd, const char *path, struct package *package, struct error *err) WARN_UNUSED;
/* From the descriptor's position to the end, at most `limit` bytes, NUL-terminated; the caller's. */
bool package_read_descriptor(int fd, const char *name, size_t limit, char **text, size_t *length,
                             struct error *err) WARN_UNUSED;

#endif
