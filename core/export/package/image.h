/* One image of a package: what it says about itself, and where its backing name leads. QEMU is not asked.
 * Threads: any. */
#ifndef REFPOINT_EXPORT_PACKAGE_IMAGE_H
#define REFPOINT_EXPORT_PACKAGE_IMAGE_H

#include "core/export/package/package.h"
#include "core/export/package/problems.h"

struct package_link { /* a package of a chain, open */
    struct package package;
    int fd;               /* its directory */
    char sums_sha256[65]; /* of its SHA256SUMS as it was checked (check/); "" = not, or it cannot be read */
};

/* Header, size, backing name and where it leads. base: the package below, NULL where there is none (or it was
 * not found, which has been said). fd: the open image; label goes in front of every sentence. Problems are
 * added; false: QEMU must not be given it (it keeps its data elsewhere, or it is no image). */
bool package_image_look(const struct package_link *link, const struct package_link *base, size_t disk, int fd,
                        const char *label, struct package_problems *problems);

#endif
