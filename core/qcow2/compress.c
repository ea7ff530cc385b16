#include "core/qcow2/compress.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"

struct qcow2_compressor {
    ZSTD_CCtx *context;
    int level;
};

static int within_bounds(int level)
{
    if (level < ZSTD_minCLevel())
        return ZSTD_minCLevel();
    return level > ZSTD_maxCLevel() ? ZSTD_maxCLevel() : level;
}

struct qcow2_compressor *qcow2_compressor_new(int level, struct error *err)
{
    struct qcow2_compressor *compressor = mem_alloc(sizeof *compressor);
    *compressor = (struct qcow2_compressor){.context = ZSTD_createCCtx(), .level = within_bounds(level)};
    if (compressor->context)
        return compressor;
    free(compressor);
    error_errno(err, ENOMEM, "image.memory", "cannot compress an image");
    return NULL;
}

void qcow2_compressor_free(struct qcow2_compressor *compressor)
{
    if (!compressor)
        return;
    ZSTD_freeCCtx(compressor->context);
    free(compressor);
}

bool qcow2_compress_cluster(struct qcow2_compressor *compressor, const void *cluster, void *frame,
                            size_t *length, struct error *err)
{
    size_t made = ZSTD_compressCCtx(compressor->context, frame, QCOW2_FRAME_LIMIT, cluster, QCOW2_CLUSTER,
                                    compressor->level);
    *length = ZSTD_isError(made) ? 0 : made;
    if (!ZSTD_isError(made) || ZSTD_getErrorCode(made) == ZSTD_error_dstSize_tooSmall)
        return true;
    if (ZSTD_getErrorCode(made) == ZSTD_error_memory_allocation)
        return error_errno(err, ENOMEM, "image.memory", "cannot compress an image");
    return error_set(err, RETURN_FAILED, "image.compress", "cannot compress a cluster: %s",
                     ZSTD_getErrorName(made));
}

bool qcow2_decompress_cluster(const void *frame, size_t room, size_t *length, void *cluster)
{
    *length = ZSTD_findFrameCompressedSize(frame, room);
    return !ZSTD_isError(*length) && ZSTD_decompress(cluster, QCOW2_CLUSTER, frame, *length) == QCOW2_CLUSTER;
}
