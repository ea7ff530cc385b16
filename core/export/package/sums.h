/* SHA256SUMS: what makes it. (check/sums.h holds a package to it.) Threads: any. */
#ifndef REFPOINT_EXPORT_PACKAGE_SUMS_H
#define REFPOINT_EXPORT_PACKAGE_SUMS_H

#include "core/export/package/package.h"

/* A line for each file and one for the record, in the form of sha256sum; our names need no escaping there.
 * The caller's. */
char *package_sums_text(const struct package *package, const char *record_sha256);

#endif
