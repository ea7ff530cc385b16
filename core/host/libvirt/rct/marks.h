/* The bitmaps of a checkpoint in the images of a machine that is off: libvirt deletes but their name then.
 * Threads: any, under the store's lock. */
#ifndef REFPOINT_HOST_LIBVIRT_RCT_MARKS_H
#define REFPOINT_HOST_LIBVIRT_RCT_MARKS_H

#include "core/host/libvirt/connection/domain.h"

/* From the images that the machine starts with; those beneath are frozen, and keep them. Repeatable. 32774
 * when somebody has one of them open. */
bool marks_remove(virDomainPtr domain, const char *name, struct error *err) WARN_UNUSED;

#endif
