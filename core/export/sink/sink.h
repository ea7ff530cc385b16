/* Where an export writes a disk: one seam for all formats.
 *
 * A sink is made by its own *_open function on the package's new, empty file, or one that an earlier process
 * of the same export has begun, and holds what must stay for the
 * whole copy; each worker has a writer of its own. Everything written is on the disk, and the file complete
 * at its exact virtual size, only after finish has returned true; close without finish ends at once.
 *
 * Each window of the plan (plan/window.h) is written once. Its buffer has WINDOW_SIZE bytes, and behind the
 * end of the disk zeroes up to the end of the last cluster.
 *
 * Threads: open, finish and close on one thread; a writer on its worker's; place on any. Errors: no room has
 * key "image.no-space". Units: bytes. Ownership: writers are closed before finish. */
#ifndef REFPOINT_EXPORT_SINK_SINK_H
#define REFPOINT_EXPORT_SINK_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/export/plan/window.h"
#include "core/job/halt.h"
#include "core/model/model.h"
#include "core/system/spool.h"

struct sink;
struct sink_writer;

struct sink_ops {
    bool (*open_writer)(struct sink *sink, struct sink_writer **writer, struct error *err);
    /* content: those data clusters that are not all zero; the other planned ones, data or zero, are to read
     * zero, whatever lies beneath. */
    bool (*write)(struct sink_writer *writer, const struct window *window, uint16_t content,
                  const unsigned char *data, struct error *err);
    void (*close_writer)(struct sink_writer *writer);
    /* Where in the file the data cluster at `offset` of the disk lies, one of the window; the data clusters
     * that follow it there, in the window, follow it in the file. NULL: that is known of no window before the
     * file is finished. */
    uint64_t (*place)(const struct sink *sink, const struct window *window, uint64_t offset);
    /* Of a file that is gone on with: what it holds of the window's data clusters into `data`, false =
     * nothing that could be read; and, when that was right, that it stays. NULL, NULL: what lies at its
     * place, which stays by itself. */
    bool (*recall)(struct sink_writer *writer, const struct window *window, unsigned char *data);
    bool (*keep)(struct sink_writer *writer, const struct window *window, uint16_t content,
                 const unsigned char *data, struct error *err);
    bool (*finish)(struct sink *sink, struct error *err);
    void (*close)(struct sink *sink);
};

struct sink { /* first member of each implementation's own struct */
    const struct sink_ops *ops;
    uint64_t end; /* of the file, where an odd size cuts the disk's last sector; else UINT64_MAX */
    bool sparse;  /* what no window has reads zero in the file, too */
};

struct sink_spec {
    int fd;                      /* of the new file, for reading and writing; borrowed until close */
    const char *path;            /* for messages */
    const char *label;           /* "web01/vda" */
    uint64_t virtual_size;       /* true size: may be odd */
    const struct run_list *runs; /* the whole plan; its writes are windows of it */
    struct halt *halt;
    /* qcow2 only: */
    const char *backing_name; /* to be stored; NULL = the image stands alone */
    enum disk_format backing_format;
    bool resumes; /* the file is not emptied: what is there and stays right is not written again */
    /* sink_compressed_open only: */
    int zstd_level;
    const struct spool *frames; /* where each window's frames are put, of SINK_FRAMES_SIZE; NULL = nowhere */
};

/* For each cluster of a window its entry in the image's table, as qcow2_pack_entry gives it. */
#define SINK_FRAMES_SIZE (WINDOW_CLUSTERS * sizeof(uint64_t))

bool sink_raw_open(const struct sink_spec *spec, struct sink **sink, struct error *err) WARN_UNUSED;
/* Its virtual size is the true one rounded up to 512. */
bool sink_qcow2_open(const struct sink_spec *spec, struct sink **sink, struct error *err) WARN_UNUSED;
bool sink_compressed_open(const struct sink_spec *spec, struct sink **sink, struct error *err) WARN_UNUSED;

#endif
