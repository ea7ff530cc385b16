/* The first cluster of an image. Only for this room.
 *
 * Source: docs/interop/qcow2.txt, "Header" and "Header extensions". */
#ifndef REFPOINT_QCOW2_HEADER_H
#define REFPOINT_QCOW2_HEADER_H

#include "core/qcow2/image.h"

struct qcow2_header {
    const struct qcow2_image *image;
    uint64_t l1_offset;
    uint64_t l1_entries;
    uint64_t refcount_table_offset;
    uint64_t refcount_table_clusters;
    bool zstd;
};

bool qcow2_header_write(const struct qcow2_header *header, const struct qcow2_file *file,
                        struct error *err) WARN_UNUSED;
/* Entries of the L1 table for a disk of this size; never 0. */
uint64_t qcow2_l1_entries(uint64_t virtual_size);

#endif
