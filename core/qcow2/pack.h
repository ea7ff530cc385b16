/* An image with compressed clusters, written from its beginning to its end as they come.
 *
 * The file: header, refcount table, L1 table, then frames packed byte by byte, clusters that are stored as
 * they are, and, as each is complete, L2 tables and refcount blocks. The header is written last: until
 * qcow2_pack_finish has returned true the file is no image. A frame may cross from one cluster of the file
 * into the next, as QEMU has it; the refcount of a cluster is the number of frames that touch it.
 *
 * Clusters come in the order of the disk, each whole: the end of the disk zero-padded to QCOW2_CLUSTER bytes.
 * What is left out is left to the backing file. Memory: 1.5 MiB, whatever the size. Threads: one; the frames
 * may be made by others (compress.h). Ownership: image's name, the file's descriptor and path are borrowed
 * until qcow2_pack_close. Errors: see image.h; "image.plan": out of order, behind the end of the disk, or a
 * frame of no such length. After an error nothing but close. Nothing is synced. */
#ifndef REFPOINT_QCOW2_PACK_H
#define REFPOINT_QCOW2_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/qcow2/image.h"

struct qcow2_pack;

/* The file is emptied, unless it is to be kept (image.h): then what is added is held against what is there.
 * NULL: failed. */
struct qcow2_pack *qcow2_pack_open(const struct qcow2_image *image, const struct qcow2_file *file,
                                   struct error *err) WARN_UNUSED;
/* A zstd frame of 1 to QCOW2_FRAME_LIMIT bytes for the cluster of the disk at offset. */
bool qcow2_pack_compressed(struct qcow2_pack *pack, uint64_t offset, const void *frame, size_t length,
                           struct error *err) WARN_UNUSED;
/* The cluster itself; NULL: it reads zero and is left a hole of the file. */
bool qcow2_pack_plain(struct qcow2_pack *pack, uint64_t offset, const void *cluster,
                      struct error *err) WARN_UNUSED;
/* Reads zero, whatever lies beneath; of any length up to the end of the disk, see extents.h. */
bool qcow2_pack_zero(struct qcow2_pack *pack, uint64_t offset, uint64_t length,
                     struct error *err) WARN_UNUSED;
/* Of the cluster of the disk at offset, one of the last 512 MiB that have been added to: what its entry in
 * the image's table says. And the other way: frame (room for QCOW2_FRAME_LIMIT) and *length as they were
 * given to qcow2_pack_compressed, *length 0 where the cluster was stored as it is, or reads zero; and the
 * cluster. false: it is not there. */
uint64_t qcow2_pack_entry(const struct qcow2_pack *pack, uint64_t offset);
bool qcow2_pack_read(const struct qcow2_file *file, uint64_t entry, uint8_t *frame, size_t *length,
                     void *cluster) WARN_UNUSED;
bool qcow2_pack_finish(struct qcow2_pack *pack, struct error *err) WARN_UNUSED;
void qcow2_pack_close(struct qcow2_pack *pack); /* NULL: nothing */

#endif
