/* The part of verification that looks at extents: which clusters an image holds itself, and what reads zero.
 * The image is the package's; or the point's own, where a server still has it (served.h): then nothing that
 * changed may have been skipped.
 *
 * Where QEMU cannot say that a range reads zero (a raw file on a file system without holes), it is read.
 * Threads: one. Ownership: everything is borrowed. */
#ifndef REFPOINT_EXPORT_VERIFY_EXTENTS_H
#define REFPOINT_EXPORT_VERIFY_EXTENTS_H

#include "core/base/error.h"
#include "core/export/plan/run_list.h"
#include "core/image/nbd/client.h"
#include "core/job/halt.h"

struct verify_extents_spec {
    struct nbd_client *client; /* with extents, and depth; of the point in a differential with changes */
    bool of_point;
    const struct run_list *runs;
    uint64_t size; /* of the disk, a multiple of 512 */
    bool differential;
    const char *label;
    struct halt *halt;
};

bool verify_extents(const struct verify_extents_spec *spec, struct error *err) WARN_UNUSED;

#endif
