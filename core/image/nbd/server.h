/* A qemu-nbd on a chain of open files, reachable over a unix socket that nobody else can reach.
 *
 * QEMU is given descriptors, not paths (/proc/self/fd/N in a json: specification with explicit formats and an
 * explicit end of the chain), so that no name, however hostile or however soon renamed, changes what is
 * opened, and no header can make it open anything else (external data files are the caller's to refuse, see
 * image_inspect). It listens on a socket made here (systemd activation), and ends when its last client
 * leaves, or with the thread that started it.
 *
 * The socket has no name (socket.h): clients reach it through /proc/PID/fd/N, which the kernel lets only this
 * user's processes follow. A kill -9 leaves nothing behind, or, at the instant in which it has one, a file in
 * the job's directory.
 *
 * Threads: start, explain and end on one thread (children die with the thread that starts them), connect from
 * any. Ownership: descriptors stay the caller's and may be closed once start has returned. */
#ifndef REFPOINT_IMAGE_NBD_SERVER_H
#define REFPOINT_IMAGE_NBD_SERVER_H

#include "core/base/error.h"
#include "core/image/layer.h"
#include "core/job/job.h"

struct nbd_server_spec {
    const struct image_layer *layers; /* top first; below the last one there is nothing (backing null) */
    size_t layer_count;
    bool writable; /* IMAGE_ACCESS_WRITE_TOP, a discard being NBD's trim */
    /* A persistent dirty bitmap of the top layer, which clients can ask for ("qemu:dirty-bitmap:NAME"); NULL.
     */
    const char *bitmap;
    unsigned connections; /* at most; clients that may be connected at once */
    const char *label;    /* for messages: "web01/vda" */
    struct job *job;      /* whose directory the socket is made in; NULL = none */
};

struct nbd_server;

/* Returns as soon as the child runs; whether it could open the chain shows when a client connects. */
bool nbd_server_start(const struct nbd_server_spec *spec, struct nbd_server **server,
                      struct error *err) WARN_UNUSED;
/* Path for nbd_connect_unix, good while the server is not ended; borrowed. */
const char *nbd_server_socket(const struct nbd_server *server);
/* After a failed connect or request: what qemu-nbd said, as the cause in place of the bare one. An image that
 * is open elsewhere becomes 32774. */
void nbd_server_explain(struct nbd_server *server, struct error *err);
/* Waits up to patience_ms for it to end by itself, after the clients have disconnected; for callers that have
 * something else to look at meanwhile. Then nbd_server_end. */
bool nbd_server_has_ended(struct nbd_server *server, int patience_ms);
/* Ends it after the clients have disconnected and releases it. A writable one flushes first; false when it
 * ended badly or not in time. */
bool nbd_server_end(struct nbd_server *server, struct error *err);
/* Ends it at once, whatever it does, without promises about what was written, and releases it. For failure
 * and cancellation; NULL is no server. */
void nbd_server_abort(struct nbd_server *server);

#endif
