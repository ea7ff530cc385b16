/* What both writers of this room are told about an image.
 *
 * Ownership: the caller's; borrowed for as long as the call, or the writer that was opened with it, lasts.
 * Threads: any. Units: bytes. */
#ifndef REFPOINT_QCOW2_IMAGE_H
#define REFPOINT_QCOW2_IMAGE_H

#include <stdint.h>

#include "core/base/error.h"
#include "core/model/model.h"
#include "core/system/read_at.h"

#define QCOW2_CLUSTER ((uint64_t)64 << 10)
#define QCOW2_VIRTUAL_LIMIT ((uint64_t)1 << 51) /* 2 PiB: what QEMU opens with this size of cluster */

struct qcow2_image {
    uint64_t virtual_size;    /* a multiple of 512 */
    const char *backing_name; /* 1 to 1023 bytes, stored as it is; NULL = the image stands alone */
    enum disk_format backing_format;
};

/* Where it goes. Whatever the file held is lost, unless it is to be kept: then the file is not emptied, and
 * bytes that it holds already are not written again. Errors of writing have key "image.no-space" where there
 * is no room (also for a file of this size at all), else "image.write". */
struct qcow2_file {
    int fd;                                /* for writing, and where it is kept, for reading */
    const char *path;                      /* for messages */
    const struct write_patience *patience; /* borrowed; NULL = a write that fails is not tried again */
    bool keep;
};

/* "image.unsupported": the image is larger than the limit, not of whole sectors, or the name has no such
 * length. */
bool qcow2_image_check(const struct qcow2_image *image, struct error *err) WARN_UNUSED;

#endif
