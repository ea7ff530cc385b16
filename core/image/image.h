/* What an image file is, read from its header by us before QEMU sees it (traps.md 7).
 *
 * Nothing is probed: the caller says the format. Leaf room beside base. Source of the layout: QEMU's
 * docs/interop/qcow2.txt. Units: bytes. Threads: any. Ownership: image_info_clear. */
#ifndef REFPOINT_IMAGE_IMAGE_H
#define REFPOINT_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/model/model.h"

struct image_info {
    enum disk_format format;
    uint64_t virtual_size; /* raw: the file's size */
    uint64_t file_size;
    /* qcow2 only: */
    unsigned version; /* 2 (compat 0.10) or 3 */
    uint32_t cluster_size;
    bool encrypted;
    bool external_data_file;
    bool dirty;
    bool corrupt;
    bool extended_l2;
    uint32_t snapshot_count;
    uint64_t l1_offset;    /* of the table that leads to every cluster with data; it lies within the file */
    uint32_t l1_size;      /* entries of 8 bytes */
    uint32_t bitmap_count; /* persistent dirty bitmaps: image_bitmaps_read */
    uint64_t bitmap_directory_size; /* within the file */
    uint64_t bitmap_directory_offset;
    char *backing_name;   /* as stored; NULL = none */
    char *backing_format; /* as stored; NULL = none recorded */
};
void image_info_clear(struct image_info *info);

/* Reads the header from fd (a regular file; position untouched). 32770 with the reason for what is no such
 * image, is damaged, or claims sizes outside what QEMU allows. Bounded reads, whatever the header says. */
bool image_inspect(int fd, enum disk_format format, const char *path_for_messages, struct image_info *info,
                   struct error *err) WARN_UNUSED;

/* Entries of a qcow2 image's L1 table in order, as they stand there: 0 = nothing of the image's own in that
 * part of the disk. false where the table cannot be read, or once `take` is. At most 32 MiB are read. */
typedef bool image_take_entry(void *context, uint64_t number, uint64_t entry);
bool image_read_l1(int fd, const struct image_info *info, image_take_entry *take, void *context);
uint64_t image_l1_span(const struct image_info *info); /* bytes of the disk behind one entry */

/* A qcow2 image that has no cluster of its own, written, zeroed or discarded: everything is read from beneath
 * it. false too where that cannot be read. Looks at the L1 table, at most 32 MiB. */
bool image_owns_nothing(int fd, const struct image_info *info);

#endif
