/* A pull-mode backup of one running machine: its QEMU serves each disk over NBD, as it was at the instant,
 * while the guest goes on; what the guest overwrites goes to a scratch file first.
 *
 * Source: libvirt's formatbackup. Ownership: backup_clear. Threads: one at a time. */
#ifndef REFPOINT_HOST_LIBVIRT_RCT_BACKUP_H
#define REFPOINT_HOST_LIBVIRT_RCT_BACKUP_H

#include <libvirt/libvirt.h>

#include "core/base/error.h"

struct backup_disk {
    const char *id;
    bool incremental; /* since the base's checkpoint; else in full */
    char *scratch;    /* where it is made by libvirt; must not exist */
};

struct backup {
    const char *socket; /* absolute, where QEMU may make it */
    const char *base;   /* name of a checkpoint; NULL: nothing is incremental */
    struct backup_disk *disks;
    size_t count;
};

/* Disks of the domain that are not among these are not served. The caller's. */
char *backup_describe(const struct backup *backup, char *const *all, size_t all_count);
/* The bitmap of changes under which the disk is served; the caller's. */
char *backup_changes_of(const char *disk);
/* Ends it, if it is the one with this socket; one of somebody else's, and none, is left alone. */
bool backup_end(virDomainPtr domain, const char *socket, struct error *err) WARN_UNUSED;
void backup_clear(struct backup *backup);

#endif
