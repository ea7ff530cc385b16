/* A qemu-nbd on a chain of open files, reachable over a unix socket that nobody else can reach.
 *
 * QEMU is given descriptors, not paths (/proc/self/fd/N in a json: specification with explicit formats and an
 * explicit end of the chain), so that no name, however hostile or however soon renamed, changes what is
 * opened, and no header can make it open anything else. It listens on a socket made here (systemd
 * activation), and ends when its last client leaves, or with the thread that started it. Threads: start and
 * end on one thread, connect from any. */
#ifndef REFPOINT_IMAGE_NBD_SERVER_H
#define REFPOINT_IMAGE_NBD_SERVER_H

#include "core/base/error.h"
#include "core/model/model.h"

struct nbd_server_layer {
    int fd; /* open for reading; the top of a writable one for reading and writing */
    enum disk_format format;
};

struct nbd_server_spec {
    const struct nbd_server_layer *layers; /* top first; below the last one there is nothing (backing null) */
    size_t layer_count;
    bool writable;        /* the top layer only */
    bool compress;        /* writes are compressed clusters (QEMU's compress filter) */
    unsigned connections; /* at most; clients that may be connected at once */
    const char *label;    /* for messages: "web01/vda" */
};

struct nbd_server;

bool nbd_server_start(const struct nbd_server_spec *spec, struct nbd_server **server,
                      struct error *err) WARN_UNUSED;
const char *nbd_server_socket(const struct nbd_server *server); /* path for nbd_connect_unix; borrowed */
/* After a failed connect or request: what qemu-nbd said, appended as the cause. */
void nbd_server_explain(struct nbd_server *server, struct error *err);
/* Waits for its end after the clients have disconnected (it flushes first); false when it ended badly. */
bool nbd_server_end(struct nbd_server *server, struct error *err);

#endif
