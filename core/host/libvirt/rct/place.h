/* Where QEMU makes the sockets by which machines are served, and nobody else can reach them: a directory of
 * the account that has the images. Of a remote host it is there, and its sockets are brought here.
 *
 * Threads: one, which outlives what is open (children). Ownership: place_clear. */
#ifndef REFPOINT_HOST_LIBVIRT_RCT_PLACE_H
#define REFPOINT_HOST_LIBVIRT_RCT_PLACE_H

#include "core/base/error.h"
#include "core/host/libvirt/remote/account.h"

struct place { /* zeroed: nothing is served */
    char *here;
    char *there; /* the same directory, where there is no account */
    struct tunnel *tunnel;
};

/* image: one of the machines' images. count: machines, of which each has a socket. */
bool place_make(const struct account *account, const char *image, struct place *place,
                struct error *err) WARN_UNUSED;
/* From here on the sockets can be reached, once QEMU has made them. */
bool place_open(const struct account *account, size_t count, struct place *place,
                struct error *err) WARN_UNUSED;
/* Names of a socket; the caller's. Before there is a place, of none. */
char *place_socket_here(const struct place *place, size_t member);
char *place_socket_there(const struct place *place, size_t member);
/* Sockets and directories; repeatable, and done by recovery too. */
bool place_remove(const struct account *account, size_t count, struct place *place,
                  struct error *err) WARN_UNUSED;
void place_clear(struct place *place); /* leaves directories */

#endif
