/* libvirt's checkpoints, in which a running machine's QEMU marks what is written from an instant on: what an
 * RCT based point is, on this host. Each is called by its point.
 *
 * Source: libvirt-domain-checkpoint, formatcheckpoint. Threads: any. */
#ifndef REFPOINT_HOST_LIBVIRT_RCT_CHECKPOINT_H
#define REFPOINT_HOST_LIBVIRT_RCT_CHECKPOINT_H

#include <libvirt/libvirt.h>

#include "core/base/error.h"
#include "core/base/guid.h"

/* "refpoint-ID"; the caller's. */
char *checkpoint_name(const struct guid *point);
/* Of these disks of the domain, and no others; the caller's. all: every disk that the domain has. */
char *checkpoint_describe(const char *name, char *const *all, size_t all_count, const char *const *disks,
                          size_t disk_count);

/* What is known of one disk's changes since a checkpoint. */
struct checkpoint_disk {
    bool usable;    /* there, whole, in every file of the disk's chain */
    uint64_t dirty; /* bytes, an upper bound */
    char *why;      /* not usable: a sentence's end; the caller's */
};
/* Asks QEMU, of a running machine. false: the host cannot be asked. */
bool checkpoint_look(virDomainPtr domain, const char *name, const char *disk, struct checkpoint_disk *found,
                     struct error *err) WARN_UNUSED;

/* Of a machine that is off, which libvirt cannot make one of: made known to it; the bitmaps in the images of
 * these disks are the caller's to add. */
bool checkpoint_adopt(virDomainPtr domain, const char *name, const char *const *disks, size_t disk_count,
                      struct error *err) WARN_UNUSED;
/* Gone, with its bitmaps; one that is not there is no error. */
bool checkpoint_delete(virDomainPtr domain, const char *name, struct error *err) WARN_UNUSED;

#endif
