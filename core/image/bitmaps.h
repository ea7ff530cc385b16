/* The persistent dirty bitmaps that a qcow2 image holds: what some tool's next incremental backup relies on.
 * Source of the layout: QEMU's docs/interop/qcow2.txt, "Bitmaps extension". Threads: any. */
#ifndef REFPOINT_IMAGE_BITMAPS_H
#define REFPOINT_IMAGE_BITMAPS_H

#include "core/image/image.h"

struct image_bitmap {
    char *name;            /* any bytes, at most 1023; never empty */
    uint32_t granularity;  /* bytes, a power of two */
    bool enabled;          /* writes are marked in it */
    bool inconsistent;     /* whoever had it open did not close it: nobody can use it any more */
    uint64_t table_offset; /* where what it marks is found: entries of 8 bytes */
    uint32_t table_size;
};

struct image_bitmaps {
    struct image_bitmap *items;
    size_t count;
};

/* Those of the image that `info` is about, read from fd; an image without any (or a raw one) gives an empty
 * list. 32770 for what QEMU would not open. Bounded by the file and by 64 MiB. */
bool image_bitmaps_read(int fd, const struct image_info *info, const char *path_for_messages,
                        struct image_bitmaps *bitmaps, struct error *err) WARN_UNUSED;
/* How many bytes of the disk it marks, in whole granules: at most so much was changed. 32770 for one that is
 * damaged; bounded by the disk's size. */
bool image_bitmap_marked(int fd, const struct image_info *info, const struct image_bitmap *bitmap,
                         const char *path_for_messages, uint64_t *bytes, struct error *err) WARN_UNUSED;
void image_bitmaps_clear(struct image_bitmaps *bitmaps);
/* NULL: there is none of this name. */
const struct image_bitmap *image_bitmaps_find(const struct image_bitmaps *bitmaps, const char *name);
/* The same names, each with the same properties; their order is nobody's concern. */
bool image_bitmaps_same(const struct image_bitmaps *one, const struct image_bitmaps *other);

#endif
