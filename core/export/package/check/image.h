/* One image of a package: what it says about itself, what QEMU says about it, and where its backing name
 * leads. Threads: starts a child, which dies with the thread that called. */
#ifndef REFPOINT_EXPORT_PACKAGE_CHECK_IMAGE_H
#define REFPOINT_EXPORT_PACKAGE_CHECK_IMAGE_H

#include "core/export/package/check/stack.h"

/* base: the package below, NULL where there is none (or it was not found, which has been said). Problems are
 * added; false only when it was cancelled or could not be done. */
bool package_image_check(const struct package_link *link, const struct package_link *base, size_t disk,
                         const char *label, struct job *job, struct package_problems *problems,
                         struct error *err) WARN_UNUSED;

/* The same without asking QEMU: header, size, backing name and where it leads. fd: the open image. */
void package_image_look(const struct package_link *link, const struct package_link *base, size_t disk, int fd,
                        struct package_problems *problems);

#endif
