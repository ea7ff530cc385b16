/* One digest for the content of a disk in a package (package_disk.data_xxh3).
 *
 * Definition: the disk is cut into windows of 1 MiB and those into clusters of 64 KiB (the last ones may be
 * short; an odd size is rounded up to 512 with zeroes). Counted are the clusters that hold a byte other than
 * zero; of a differential disk only those that the disk's own image holds (allocation depth 1). For each
 * window with such clusters, in rising order, the digest takes: its offset (8 bytes, big-endian), the mask of
 * the clusters (2 bytes, big-endian, bit 0 = the first), and the XXH3-128 over their bytes in order (16
 * bytes, canonical). It is the XXH3-128 of all that.
 *
 * So it depends on what a disk reads, not on its format, compression, or on how zeroes are stored. Threads:
 * any. */
#ifndef REFPOINT_EXPORT_COPY_DISK_DIGEST_H
#define REFPOINT_EXPORT_COPY_DISK_DIGEST_H

#include "core/base/error.h"
#include "core/system/spool.h"

#define DISK_DIGEST_TEXT 33 /* 32 hexadecimal digits and a NUL */

/* digests: of struct window_digest, the first `count` all put. */
bool disk_digest_make(const struct spool *digests, uint64_t count, char text[DISK_DIGEST_TEXT],
                      struct error *err) WARN_UNUSED;

#endif
