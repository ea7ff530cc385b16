/* A machine as its host has it just now, in our terms: what it is, what it does, its disks, and for each disk
 * that cannot be frozen the reason.
 *
 * Ownership: host_machine_clear. Threads: any, each its own. */
#ifndef REFPOINT_HOST_LIBVIRT_MACHINE_MACHINE_H
#define REFPOINT_HOST_LIBVIRT_MACHINE_MACHINE_H

#include "core/base/error.h"
#include "core/host/libvirt/connection/domain.h"
#include "core/host/store/store.h"
#include "core/model/model.h"

struct refused_disk {
    char *id;
    struct error why;
};

struct host_machine {
    virDomainPtr domain;
    /* Disks are those that the machine has now: with the chains that a running one says, without uuids and
     * sizes. Its definition names the same disks, no chain, and has no secrets. */
    struct machine machine;
    struct refused_disk *refused;
    size_t refused_count;
};

/* Takes the domain over, also when it fails. stored: what the store knows of the machine (NULL: nothing);
 * what the operator left out of it stays left out. */
bool host_machine_read(virDomainPtr domain, const struct machine *stored, struct host_machine *made,
                       struct error *err) WARN_UNUSED;
void host_machine_clear(struct host_machine *machine);
/* All that is refused, in one error: 32770 or 32775. true: nothing is. */
bool host_machine_check_disks(const struct host_machine *machine, struct error *err) WARN_UNUSED;
/* Refused disks as what is left out of the machine, for lists. */
void host_machine_tell_refused(const struct host_machine *made, struct machine *machine);

/* Brings the store's record of the machine to what it is now: disks that are new get their ids, those that
 * are gone are detached. *record is as it is stored. Under the store's lock. 32775 where a disk has another
 * image than the one that its points rest on. here: the images lie on this machine, and are looked at; those
 * of another are what its QEMU says. */
bool host_machine_record(const struct store *store, bool here, const struct host_machine *machine,
                         struct machine *record, struct error *err) WARN_UNUSED;
/* The virtual size, and the bytes that are on the disk, as the host says; 0 where it cannot. */
void host_machine_disk_size(virDomainPtr domain, const char *disk, uint64_t *size, uint64_t *held);

/* One disk, in one of the machine's texts: *disk is the caller's, empty where it has none of that name. */
bool host_machine_read_disk(virDomainPtr domain, enum domain_text which, const char *id, struct disk *disk,
                            struct error *err) WARN_UNUSED;

/* The definition that is in force from the machine's next start on, with these disks in it and without
 * chains. The machine is defined by it. */
bool host_machine_redefine(virConnectPtr connect, virDomainPtr domain, const struct machine *machine,
                           struct error *err) WARN_UNUSED;
/* The same for one disk of it, which is at this path from now on. */
bool host_machine_redefine_disk(virConnectPtr connect, virDomainPtr domain, const char *disk,
                                const char *path, enum disk_format format, struct error *err) WARN_UNUSED;

#endif
