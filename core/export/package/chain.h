/* The files under a differential disk: its base package's disk, and so on down to a full one, open.
 *
 * Threads: any. Ownership: package_chain_close. */
#ifndef REFPOINT_EXPORT_PACKAGE_CHAIN_H
#define REFPOINT_EXPORT_PACKAGE_CHAIN_H

#include "core/base/error.h"
#include "core/export/package/find_base.h"
#include "core/image/layer.h"

struct package_chain {
    struct image_layer *layers; /* top first; an nbd_server_spec takes them as they are */
    size_t count;
};

/* Starts a chain with an open file, which the chain takes over. */
void package_chain_begin(struct package_chain *chain, int fd, enum disk_format format);
/* Adds what lies beneath: base->packages[0].disks[base_disk], and on. */
bool package_chain_add_bases(struct package_chain *chain, const struct base_package *base, size_t base_disk,
                             struct error *err) WARN_UNUSED;
void package_chain_close(struct package_chain *chain);

#endif
