/* The embedded host: disk images on this machine, machines off; a store directory keeps collections and
 * points.
 *
 * design.md ("The local host") has store, protocols and recovery. Needs qemu-img and qemu-nbd, no daemon, no
 * root. store: the directory, or NULL for $XDG_DATA_HOME/refpoint; it is made when the first object is
 * written. Opening recovers nothing and never fails for a store that is not there yet. */
#ifndef REFPOINT_HOST_LOCAL_LOCAL_H
#define REFPOINT_HOST_LOCAL_LOCAL_H

#include "core/base/error.h"
#include "core/host/host.h"

struct host *local_host_open(const char *store, struct error *err);

#endif
