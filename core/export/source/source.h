/* Where an export reads a disk: one seam, so that the copy is tested without disks too.
 *
 * A source is made by its own *_open function and holds what must stay for the whole copy; each worker has a
 * reader of its own. Threads: open, explain and close of a source on one thread (it may have a child
 * process); a reader on its worker's. Units: bytes. Ownership: readers are closed before their source. */
#ifndef REFPOINT_EXPORT_SOURCE_SOURCE_H
#define REFPOINT_EXPORT_SOURCE_SOURCE_H

#include "core/base/error.h"
#include "core/image/nbd/client.h"
#include "core/job/halt.h"

struct source;
struct source_reader;

struct source_ops {
    bool (*open_reader)(struct source *source, struct source_reader **reader, struct error *err);
    bool (*read)(struct source_reader *reader, void *data, size_t length, uint64_t offset, struct error *err);
    void (*close_reader)(struct source_reader *reader);
    /* After a failure: adds what is known about its cause. */
    void (*explain)(struct source *source, struct error *err);
    void (*close)(struct source *source);
};

struct source { /* first member of each implementation's own struct */
    const struct source_ops *ops;
    uint64_t size; /* virtual size, a multiple of 512 */
    /* A connection of the source's own that can be asked for extents, where that was wanted; borrowed. */
    struct nbd_client *client;
    bool one_reader; /* there can be one reader at a time, and nobody asks for extents meanwhile */
};

/* A chain of images read by QEMU. One connection more than the readers stays open, so that the server lives
 * between them. */
struct source_nbd_spec {
    const struct image_layer *layers; /* descriptors are needed while it opens only */
    size_t layer_count;
    unsigned readers;
    bool extents; /* the client can be asked for extents and depth */
    /* With extents: a dirty bitmap of the first layer, whose changes they tell; NULL = none. */
    const char *bitmap;
    const char *label;
    struct halt *halt;
};
bool source_nbd_open(const struct source_nbd_spec *spec, struct source **source,
                     struct error *err) WARN_UNUSED;

/* A disk that another process serves as it was at one instant, for as long as it serves it: the pull mode of
 * QEMU's backups. Nothing here starts or ends the server.
 *
 * A server that is not there, that does not have this export, or that goes away is "export.source-gone"; one
 * that does not have the bitmap is "image.changes". */
struct source_served_spec { /* texts are needed while it opens only */
    const char *socket;     /* path of a unix socket */
    const char *name;       /* of the export */
    bool extents;           /* the client can be asked for extents */
    /* With extents: context of the bitmap that tells what changed, "qemu:dirty-bitmap:NAME"; NULL = none. */
    const char *changes;
    const char *label;
    struct halt *halt;
};
bool source_served_open(const struct source_served_spec *spec, struct source **source,
                        struct error *err) WARN_UNUSED;

#endif
