/* Machines of a host that may not be there just now: what is kept of them is enough to find collections and
 * points, which lie in the store. Threads: a worker's; the host may take long. */
#ifndef REFPOINT_HOST_KNOWN_H
#define REFPOINT_HOST_KNOWN_H

#include "core/host/host.h"

/* As list_machines; where the host cannot be asked, what it knows without (known_machines), and *unreached
 * says why (code 0: it was asked). false: neither. */
bool host_machines(struct host *host, struct machine_list *list, struct error *unreached,
                   struct error *err) WARN_UNUSED;

#endif
