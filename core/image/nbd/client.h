/* One connection to an nbd_server, or to another process that serves a disk, with requests that end when they
 * are asked to.
 *
 * Each call sends one request and waits for it in short slices, so that a cancelled job is honoured within a
 * quarter of a second even when the storage hangs. After a failed or stopped request the connection is dead:
 * all further calls fail. Parallel requests: several connections, which qemu-nbd serves faster than a queue
 * on one.
 *
 * Errors have key "image.nbd"; "image.no-space" when the server has no room to write (NBD's ENOSPC, which
 * QEMU sends for a full file system, a quota and a file size limit); "image.stopped" when it was asked to
 * stop; "image.changes" (32775) when it has not the bitmap. Threads: each connection one at a time. Units:
 * bytes. Ownership: nbd_client_close. */
#ifndef REFPOINT_IMAGE_NBD_CLIENT_H
#define REFPOINT_IMAGE_NBD_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/image/nbd/extents.h"
#include "core/image/nbd/server.h"

/* Of one question for extents: the protocol has 32 bits; whole clusters of any size. */
#define NBD_CLIENT_STATUS_STEP (((uint64_t)4 << 30) - ((uint64_t)2 << 20))

struct nbd_client_spec {
    const char *socket;             /* nbd_server_socket, or a path of at most 107 bytes */
    const char *export_name;        /* NULL = "", which is what an nbd_server has */
    const char *label;              /* for messages: "web01/vda" */
    bool extents;                   /* negotiate base:allocation */
    bool depth;                     /* negotiate qemu:allocation-depth too */
    const char *changes;            /* and this bitmap's context: "qemu:dirty-bitmap:NAME"; NULL = none */
    bool (*stopped)(void *context); /* asked while waiting; NULL = never */
    void *context;
};

struct nbd_client;

bool nbd_client_open(const struct nbd_client_spec *spec, struct nbd_client **client,
                     struct error *err) WARN_UNUSED;
uint64_t nbd_client_size(const struct nbd_client *client);
/* The server shows every connection the same. */
bool nbd_client_can_share(const struct nbd_client *client);
/* After a failure: the server has gone away, or the connection to it; not: it said that a request failed. */
bool nbd_client_is_lost(const struct nbd_client *client);

bool nbd_client_read(struct nbd_client *client, void *data, size_t length, uint64_t offset,
                     struct error *err) WARN_UNUSED;
bool nbd_client_write(struct nbd_client *client, const void *data, size_t length, uint64_t offset,
                      struct error *err) WARN_UNUSED;
/* Ranges of any length, sent in steps. */
bool nbd_client_zero(struct nbd_client *client, uint64_t length, uint64_t offset,
                     struct error *err) WARN_UNUSED;
bool nbd_client_trim(struct nbd_client *client, uint64_t length, uint64_t offset,
                     struct error *err) WARN_UNUSED;
/* Everything written on any connection is on the disk afterwards. */
bool nbd_client_flush(struct nbd_client *client, struct error *err) WARN_UNUSED;

/* Extents from offset on, neighbours of one kind joined: at least one, at most NBD_CLIENT_STATUS_STEP and
 * `length` bytes in all; servers may answer short, so the caller goes on behind the last. */
bool nbd_client_status(struct nbd_client *client, uint64_t offset, uint64_t length,
                       struct nbd_extents *extents, struct error *err) WARN_UNUSED;

/* Says good-bye when the connection is alive; never waits long. NULL is allowed. */
void nbd_client_close(struct nbd_client *client);

#endif
