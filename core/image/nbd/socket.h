/* A listening unix socket without a name, that only this user's processes can reach.
 *
 * A socket has to be bound to a name. It has one for an instant: in the job's directory, else in
 * $XDG_STATE_HOME/refpoint/sockets (what a kill at that instant left there goes at the next start), else in a
 * directory of its own in $XDG_RUNTIME_DIR or /tmp. Then it is found by a descriptor alone. 0600 under any
 * umask. Threads: any. Descriptors are O_CLOEXEC and the caller's. */
#ifndef REFPOINT_IMAGE_NBD_SOCKET_H
#define REFPOINT_IMAGE_NBD_SOCKET_H

#include <stdbool.h>

#include "core/base/error.h"

struct nameless_socket {
    int listener;
    int place; /* O_PATH: clients connect to /proc/PID/fd/PLACE while it is open */
};

/* directory: of the job; -1 = none. */
bool nameless_socket_open(int directory, struct nameless_socket *made, struct error *err) WARN_UNUSED;

#endif
