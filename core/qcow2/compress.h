/* Clusters compressed with zstd, each a frame of its own.
 *
 * Ownership: qcow2_compressor_free. Threads: any, each its own compressor; a compressor keeps its working
 * memory from one cluster to the next. Source: docs/interop/qcow2.txt, "Compression type"; QEMU's
 * block/qcow2-threads.c wants a frame that gives exactly one cluster. */
#ifndef REFPOINT_QCOW2_COMPRESS_H
#define REFPOINT_QCOW2_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/qcow2/image.h"

#define QCOW2_FRAME_LIMIT ((size_t)QCOW2_CLUSTER - 1)

struct qcow2_compressor;

/* level: of zstd; what is out of its bounds becomes the nearest. NULL without memory. */
struct qcow2_compressor *qcow2_compressor_new(int level, struct error *err) WARN_UNUSED;
void qcow2_compressor_free(struct qcow2_compressor *compressor); /* NULL: nothing */

/* cluster: QCOW2_CLUSTER bytes (the end of the disk zero-padded). frame: room for QCOW2_FRAME_LIMIT; *length:
 * what of it is used, 0 = the cluster does not get smaller and is to be stored as it is. */
bool qcow2_compress_cluster(struct qcow2_compressor *compressor, const void *cluster, void *frame,
                            size_t *length, struct error *err) WARN_UNUSED;
/* The frame at the beginning of so many bytes: *length is its own. false: there is none that gives one
 * cluster. */
bool qcow2_decompress_cluster(const void *frame, size_t room, size_t *length, void *cluster) WARN_UNUSED;

#endif
