/* Looks after the guests while they are served: one that QEMU has stopped, because there is no room left for
 * its scratch file, is told at once in the job, with what to do; and so is one that was off and is started.
 *
 * Threads: one of its own, between watch and leave. Ownership: everything is borrowed until guests_leave. */
#ifndef REFPOINT_HOST_LIBVIRT_RCT_GUESTS_H
#define REFPOINT_HOST_LIBVIRT_RCT_GUESTS_H

#include "core/host/libvirt/connection/connection.h"
#include "core/job/job.h"
#include "core/model/model.h"

struct guests;

struct guests *guests_watch(struct connection *connection, const struct reference_point *point,
                            struct job *job);
void guests_leave(struct guests *guests);

#endif
