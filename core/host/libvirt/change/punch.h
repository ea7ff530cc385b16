/* Gives back the space of what nobody reads any more in a frozen layer: its clusters that the file above it
 * owns. Only their data goes, as holes in the file; the layer's own tables stay as they are, so that a QEMU
 * that has the layer open, and remembers them, never notices.
 *
 * What the upper file owns is asked while its machine may write to it: it can only grow. Before anything goes
 * that file is synced, so that after a power cut it owns what it owned. Threads: the caller's, which must
 * outlive the call (qemu-img). */
#ifndef REFPOINT_HOST_LIBVIRT_CHANGE_PUNCH_H
#define REFPOINT_HOST_LIBVIRT_CHANGE_PUNCH_H

#include "core/base/error.h"
#include "core/base/watch.h"
#include "core/model/model.h"

struct punch {
    const char *label; /* "web01/vda" */
    const char *layer; /* for messages */
    int layer_fd;      /* open for writing */
    enum disk_format layer_format;
    int upper_fd;  /* qcow2 */
    uint64_t size; /* virtual, of the smaller of both */
    struct watch *watch;
};

bool punch_shadowed(const struct punch *punch, struct error *err) WARN_UNUSED;

#endif
