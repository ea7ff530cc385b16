/* After a crash of ours: what the journals tell is finished, or taken back. What cannot be decided, because a
 * machine or a file is not as it was left, stays as it is, blocks its own machines, and is told. Threads:
 * any; under the store's lock. */
#ifndef REFPOINT_HOST_LIBVIRT_RECOVERY_H
#define REFPOINT_HOST_LIBVIRT_RECOVERY_H

#include "core/host/libvirt/change/live.h"
#include "core/host/store/findings.h"

/* Finishes or takes back what a crash left of these. false: the journals cannot be read. */
bool live_recover(const struct live *live, struct findings *findings, struct error *err) WARN_UNUSED;
/* Whether there is anything to recover; asks no host and takes no lock. */
bool live_is_unfinished(const struct store *store);

#endif
