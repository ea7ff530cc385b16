/* The files of a package against its SHA256SUMS and its record, in both directions.
 *
 * Reads every byte, on as many threads as there are cores. Threads: one at a time per package. */
#ifndef REFPOINT_EXPORT_PACKAGE_CHECK_SUMS_H
#define REFPOINT_EXPORT_PACKAGE_CHECK_SUMS_H

#include "core/base/error.h"
#include "core/export/package/digest.h"
#include "core/export/package/package.h"
#include "core/export/package/problems.h"

/* fd: of the package's directory. label goes in front of every sentence ("" or "base package X: "). false:
 * cancelled, no memory, or the directory cannot be listed. */
bool package_sums_check(int fd, const struct package *package, const char *label,
                        struct package_progress *progress, struct package_problems *problems,
                        struct error *err) WARN_UNUSED;

#endif
