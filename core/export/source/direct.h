/* A chain of images of which most is read from the files themselves, at the places that QEMU has told, and
 * only the rest by QEMU.
 *
 * There is no qemu-nbd where every byte that is to be read has a place. A place that the file does not have
 * (any more) is a failure, "export.layer-short", never a reason to ask QEMU, which would read zeroes there.
 * Files are read with pread, never mapped: they may be cut off meanwhile. A read from storage that hangs
 * cannot be ended by a cancelled job.
 *
 * Threads, units, ownership: as source.h. */
#ifndef REFPOINT_EXPORT_SOURCE_DIRECT_H
#define REFPOINT_EXPORT_SOURCE_DIRECT_H

#include "core/export/source/place_list.h"
#include "core/export/source/source.h"

struct source_direct_spec {
    struct source_nbd_spec chain;    /* its descriptors are needed until the source is closed */
    const struct place_list *places; /* finished; borrowed until the source is closed */
    uint64_t size;                   /* of the disk, a multiple of 512, as it was planned */
};
bool source_direct_open(const struct source_direct_spec *spec, struct source **source,
                        struct error *err) WARN_UNUSED;

#endif
