/* qemu-img on chains of open files: descriptors, explicit formats, an explicit end, so that neither a name
 * nor a header decides what is opened (traps.md 7). Threads: the caller's, which must outlive the call. */
#ifndef REFPOINT_HOST_LAYERS_QEMU_TOOLS_H
#define REFPOINT_HOST_LAYERS_QEMU_TOOLS_H

#include "core/base/error.h"
#include "core/image/bitmaps.h"
#include "core/model/model.h"

struct qemu_layer {
    int fd;
    enum disk_format format;
    bool claimed; /* by us (file/claim.h): QEMU takes no locks of its own */
    bool discard; /* zeroes may give space back */
};

/* The top's virtual size. */
bool qemu_resize(const struct qemu_layer *layers, size_t count, uint64_t from, uint64_t to,
                 struct error *err) WARN_UNUSED;
/* Writes what layers[0] owns into layers[1]; layers[0] stays as it is. Both are opened for writing. */
bool qemu_commit(const struct qemu_layer *layers, size_t count, struct error *err) WARN_UNUSED;
/* The content of the chain as a new qcow2 file in that directory. */
bool qemu_convert(const struct qemu_layer *layers, size_t count, int directory, const char *name,
                  uint32_t cluster_size, struct error *err) WARN_UNUSED;
/* A new, empty qcow2 file without anything beneath it. */
bool qemu_create(int directory, const char *name, uint64_t size, uint32_t cluster_size,
                 struct error *err) WARN_UNUSED;
/* Version 2 of the format has no dirty bitmaps: makes it version 3. */
bool qemu_upgrade(const struct qemu_layer *layer, struct error *err) WARN_UNUSED;
/* Makes the bitmap in `to`, with the content that it has in `from`, which is only read. */
bool qemu_copy_bitmap(const struct qemu_layer *from, const struct qemu_layer *to,
                      const struct image_bitmap *bitmap, struct error *err) WARN_UNUSED;
/* Makes an empty one, which marks from now on. */
bool qemu_add_bitmap(const struct qemu_layer *layer, const char *name, struct error *err) WARN_UNUSED;
/* Adds what the bitmap in `from` marks to the one of that name that `to` has. */
bool qemu_merge_bitmap(const struct qemu_layer *from, const struct qemu_layer *to, const char *name,
                       struct error *err) WARN_UNUSED;
/* Whether it marks what is written from now on. */
bool qemu_enable_bitmap(const struct qemu_layer *layer, const char *name, bool enable,
                        struct error *err) WARN_UNUSED;
bool qemu_remove_bitmap(const struct qemu_layer *layer, const char *name, struct error *err) WARN_UNUSED;
/* The file's own structure is whole, leaks aside; nothing beneath it is opened. */
bool qemu_check(const struct qemu_layer *layer, struct error *err) WARN_UNUSED;
/* Writes another backing name into the header of a qcow2 file, and nothing else. */
bool qemu_set_backing(const struct qemu_layer *layer, const char *name, enum disk_format format,
                      struct error *err) WARN_UNUSED;
/* Gives back clusters that a killed writer has left unused. */
bool qemu_repair_leaks(const struct qemu_layer *layer, struct error *err) WARN_UNUSED;

#endif
