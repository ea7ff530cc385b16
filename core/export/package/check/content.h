/* What a disk of a package reads, held against the digest of what was read at the point
 * (package_disk.data_xxh3).
 *
 * QEMU reads every byte of data that the disk's own image holds, through the chain. Packages of earlier
 * versions have another digest, which nobody makes again. Threads: starts children, which die with the thread
 * that called. */
#ifndef REFPOINT_EXPORT_PACKAGE_CHECK_CONTENT_H
#define REFPOINT_EXPORT_PACKAGE_CHECK_CONTENT_H

#include "core/base/error.h"
#include "core/export/package/chain.h"
#include "core/export/package/digest.h"
#include "core/export/package/problems.h"

/* chain: the disk's own image and what lies beneath. Problems are added; false only when it was cancelled or
 * could not be done. */
bool package_content_check(const struct package_disk *disk, const struct package_chain *chain,
                           const char *label, struct package_progress *progress,
                           struct package_problems *problems, struct error *err) WARN_UNUSED;

#endif
