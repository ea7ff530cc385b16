/* Checkpoints whose point is gone, and that are to go too.
 *
 * A file that a log based point has frozen keeps the bitmaps that it had, and to delete a checkpoint QEMU
 * would write to it: it were not the file that was frozen any more. So such a checkpoint stays until no layer
 * of the store has its bitmap; what it costs is that QEMU marks on. STORE/checkpoints/ID.cfg tells of it.
 *
 * Threads: the caller's, under the store's lock. */
#ifndef REFPOINT_HOST_LIBVIRT_RCT_RETIRED_H
#define REFPOINT_HOST_LIBVIRT_RCT_RETIRED_H

#include "core/base/error.h"
#include "core/host/libvirt/change/live.h"

/* At once where that can be, otherwise later. */
bool retired_add(const struct live *live, const struct guid *point, const struct guid *machines, size_t count,
                 struct error *err) WARN_UNUSED;
/* Those that can go by now. What cannot be done is tried again the next time. */
void retired_sweep(const struct live *live);

#endif
