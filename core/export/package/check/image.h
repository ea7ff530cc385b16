/* One image of a package, looked at by us and then checked by QEMU. Threads: starts a child, which dies with
 * the thread that called. */
#ifndef REFPOINT_EXPORT_PACKAGE_CHECK_IMAGE_H
#define REFPOINT_EXPORT_PACKAGE_CHECK_IMAGE_H

#include "core/base/error.h"
#include "core/export/package/image.h"
#include "core/job/job.h"

/* As package_image_look, and `qemu-img check`. Problems are added; false only when it was cancelled or could
 * not be done. */
bool package_image_check(const struct package_link *link, const struct package_link *base, size_t disk,
                         const char *label, struct job *job, struct package_problems *problems,
                         struct error *err) WARN_UNUSED;

#endif
