/* Where an export writes a disk: one seam for all formats.
 *
 * A sink is made by its own *_open function on the package's new, empty file and holds what must stay for the
 * whole copy; each worker has a writer of its own. Everything written is on the disk, and the file complete
 * at its exact virtual size, only after finish has returned true; close without finish ends at once.
 *
 * Each cluster (RUN_GRANULE) is written at most once, in one call or in several of whole clusters; only the
 * end of the disk cuts one. Data handed over has room up to the end of its last cluster, zeroed. Threads:
 * open, finish, explain and close on one thread (children die with it); a writer on its worker's. Errors: no
 * room has key "image.no-space". Units: bytes. Ownership: writers are closed before finish. */
#ifndef REFPOINT_EXPORT_SINK_SINK_H
#define REFPOINT_EXPORT_SINK_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/job/halt.h"
#include "core/model/model.h"

struct sink;
struct sink_writer;

struct sink_ops {
    bool (*open_writer)(struct sink *sink, struct sink_writer **writer, struct error *err);
    bool (*write)(struct sink_writer *writer, const void *data, size_t length, uint64_t offset,
                  struct error *err);
    /* Records that the range reads zero, whatever lies beneath. */
    bool (*zero)(struct sink_writer *writer, uint64_t length, uint64_t offset, struct error *err);
    void (*close_writer)(struct sink_writer *writer);
    bool (*finish)(struct sink *sink, struct error *err);
    /* After a failure: adds what is known about its cause. */
    void (*explain)(struct sink *sink, struct error *err);
    void (*close)(struct sink *sink);
};

struct sink { /* first member of each implementation's own struct */
    const struct sink_ops *ops;
    /* Ranges that are not written read something else than zero: zeroes have to be written. */
    bool writes_zeroes;
};

struct sink_spec {
    int fd;                /* of the new file, for reading and writing; borrowed until close */
    const char *path;      /* for messages */
    const char *label;     /* "web01/vda" */
    uint64_t virtual_size; /* true size: may be odd */
    /* qcow2 only: */
    const char *backing_name; /* to be stored; NULL = the image stands alone */
    enum disk_format backing_format;
    enum compression compression;
    unsigned writers;
    struct halt *halt;
};

bool sink_raw_open(const struct sink_spec *spec, struct sink **sink, struct error *err) WARN_UNUSED;
/* By QEMU: qemu-img makes the image, qemu-nbd writes it. Its virtual size is the true one rounded up to 512.
 * What lies beneath is never opened: clusters are written whole. */
bool sink_qcow2_open(const struct sink_spec *spec, struct sink **sink, struct error *err) WARN_UNUSED;

#endif
