/* The machines of a collection, looked at before a point is made of them.
 *
 * Ownership: members_clear. Threads: one at a time, under the store's lock. */
#ifndef REFPOINT_HOST_LIBVIRT_MACHINE_MEMBERS_H
#define REFPOINT_HOST_LIBVIRT_MACHINE_MEMBERS_H

#include "core/base/error.h"
#include "core/host/libvirt/connection/domain.h"
#include "core/host/store/store.h"

struct member {
    virDomainPtr domain;
};
struct members { /* in the order of the collection's */
    struct member *items;
    size_t count;
};

/* Brings the store's record of each to what it is now (here: see host_machine_record). Refused: a machine
 * that is gone (32775), a disk that cannot be frozen (32770), a state in which nothing can be done (32775),
 * another job at work (32774). */
bool members_look(const struct store *store, virConnectPtr connect, bool here,
                  const struct collection *collection, struct members *members,
                  struct error *err) WARN_UNUSED;
/* What each does now, into the point's members, which are the collection's. */
bool members_take_states(const struct members *members, struct reference_point *point,
                         struct error *err) WARN_UNUSED;
/* 32775 where application consistency is asked for, cannot be reached by a machine that is paused, and may
 * not be missed. */
bool members_check_quiesce(const struct reference_point *point, bool allow_crash,
                           struct error *err) WARN_UNUSED;
void members_clear(struct members *members);

#endif
