/* The files of a package against its SHA256SUMS and its record, in both directions.
 *
 * Reads every byte, on as many threads as there are cores. Threads: one at a time per package. */
#ifndef REFPOINT_EXPORT_PACKAGE_CHECK_SUMS_H
#define REFPOINT_EXPORT_PACKAGE_CHECK_SUMS_H

#include "core/base/error.h"
#include "core/export/package/digest.h"
#include "core/export/package/image.h"
#include "core/export/package/problems.h"

/* link->sums_sha256 becomes that of the SHA256SUMS that was gone by. label goes in front of every sentence
 * ("" or "base package X: "). false: cancelled, no memory, or the directory cannot be listed. */
bool package_sums_check(struct package_link *link, const char *label, struct package_progress *progress,
                        struct package_problems *problems, struct error *err) WARN_UNUSED;

/* Reads a file at the top of the package (SHA256SUMS, its signature), of at most `limit` bytes; the caller's,
 * NUL-terminated. */
bool package_sums_read(int fd, const char *name, size_t limit, char **text, size_t *length,
                       struct error *err) WARN_UNUSED;

#endif
