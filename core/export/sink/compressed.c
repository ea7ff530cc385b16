/* With compression: every worker makes its window smaller, then waits for its turn to append it, so that the
 * image is in the disk's order. Zeroes of the plan that lie in windows without data are appended on the way.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/export/sink/planned.h"
#include "core/export/sink/sink.h"
#include "core/export/sink/write_at.h"
#include "core/job/condition.h"
#include "core/job/limit.h"
#include "core/qcow2/compress.h"
#include "core/qcow2/pack.h"
#include "core/system/fs.h"
#include "core/system/page_cache.h"

struct sink_compressed {
    struct sink sink;
    struct sink_file file;
    char *backing_name;
    int level;
    bool hides; /* a backing file: zeroes have to be said */
    const struct spool *frames;
    struct halt *halt;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t turned;
    uint64_t turn; /* index of the window that is to be appended */
    struct window_cursor plan;
    struct qcow2_pack *pack;
};

struct compressed_writer {
    struct sink_compressed *sink;
    struct qcow2_compressor *compressor;
    size_t lengths[WINDOW_CLUSTERS]; /* of the frames; 0 = none */
    unsigned char *frames;           /* a cluster's room for each */
};

static void close_writer(struct sink_writer *base)
{
    struct compressed_writer *writer = (struct compressed_writer *)base;
    qcow2_compressor_free(writer->compressor);
    free(writer->frames);
    free(writer);
}

static bool open_writer(struct sink *base, struct sink_writer **writer, struct error *err)
{
    struct sink_compressed *sink = (struct sink_compressed *)base;
    struct compressed_writer *made = mem_alloc(sizeof *made);
    *made = (struct compressed_writer){
        .sink = sink, .compressor = qcow2_compressor_new(sink->level, err), .frames = mem_alloc(WINDOW_SIZE)};
    if (!made->compressor) {
        close_writer((struct sink_writer *)made);
        return false;
    }
    *writer = (struct sink_writer *)made;
    return true;
}

static bool has(uint16_t mask, unsigned cluster)
{
    return mask >> cluster & 1;
}

static bool put_zero_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    return qcow2_pack_zero(((struct sink_compressed *)context)->pack, offset, length, err);
}

/* Of a window without data, which may be many windows long. */
static bool put_zeroes(struct sink_compressed *sink, const struct window *window, struct error *err)
{
    if (!sink->hides)
        return true;
    if (window->zero_mask == UINT16_MAX)
        return put_zero_range(sink, window->offset, window->length, err);
    return window_each(window, window->zero_mask, put_zero_range, sink, err);
}

/* What the plan has before the next window with data; *window: that one, length 0 at the end. */
static bool put_planned_zeroes(struct sink_compressed *sink, struct window *window, struct error *err)
{
    do {
        if (!window_cursor_next(&sink->plan, window, err))
            return false;
    } while (window->length > 0 && window->data_mask == 0 && put_zeroes(sink, window, err));
    return window->length == 0 || window->data_mask != 0;
}

static bool put_cluster(const struct compressed_writer *writer, const struct window *window, unsigned cluster,
                        uint16_t content, const unsigned char *data, struct error *err)
{
    struct sink_compressed *sink = writer->sink;
    uint64_t offset = window->offset + cluster * RUN_GRANULE;
    if (has(content, cluster) && writer->lengths[cluster] > 0)
        return qcow2_pack_compressed(sink->pack, offset, writer->frames + cluster * RUN_GRANULE,
                                     writer->lengths[cluster], err);
    if (has(content, cluster))
        return qcow2_pack_plain(sink->pack, offset, data + cluster * RUN_GRANULE, err);
    bool zero = has(window->zero_mask | window->data_mask, cluster);
    uint64_t left = window->length - cluster * RUN_GRANULE;
    return !zero || !sink->hides ||
           qcow2_pack_zero(sink->pack, offset, left < RUN_GRANULE ? left : RUN_GRANULE, err);
}

static bool append(const struct compressed_writer *writer, const struct window *window, uint16_t content,
                   const unsigned char *data, struct error *err)
{
    struct window planned;
    if (!put_planned_zeroes(writer->sink, &planned, err))
        return false;
    for (unsigned i = 0; i < WINDOW_CLUSTERS && i * RUN_GRANULE < window->length; i++) {
        if (!put_cluster(writer, window, i, content, data, err))
            return false;
    }
    return true;
}

/* With the lock held. false: it is time to stop. */
static bool wait_for_turn(struct sink_compressed *sink, uint64_t index)
{
    while (sink->turn != index) {
        if (halt_is_asked(sink->halt))
            return false;
        condition_wait(&sink->turned, &sink->lock);
    }
    return true;
}

/* With the lock held: the entries are those of the table that is being filled. */
static bool note_frames(struct sink_compressed *sink, const struct window *window, struct error *err)
{
    uint64_t entries[WINDOW_CLUSTERS];
    for (unsigned i = 0; i < WINDOW_CLUSTERS; i++)
        entries[i] = qcow2_pack_entry(sink->pack, window->offset + i * RUN_GRANULE);
    return !sink->frames || spool_put(sink->frames, window->index, entries, 1, err);
}

static bool append_in_turn(const struct compressed_writer *writer, const struct window *window,
                           uint16_t content, const unsigned char *data, struct error *err)
{
    struct sink_compressed *sink = writer->sink;
    pthread_mutex_lock(&sink->lock);
    bool ok = wait_for_turn(sink, window->index) ||
              error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
    struct job_stretch stretch;
    job_stretch_begin(&stretch, sink->halt->job);
    ok = ok && append(writer, window, content, data, err) && note_frames(sink, window, err);
    job_stretch_waited(&stretch, JOB_LIMIT_TARGET);
    if (ok) {
        sink->turn++;
        pthread_cond_broadcast(&sink->turned);
    }
    pthread_mutex_unlock(&sink->lock);
    return ok;
}

static bool write_window(struct sink_writer *base, const struct window *window, uint16_t content,
                         const unsigned char *data, struct error *err)
{
    struct compressed_writer *writer = (struct compressed_writer *)base;
    if (window->data_mask == 0)
        return true;
    for (unsigned i = 0; i < WINDOW_CLUSTERS; i++) {
        if (has(content, i) &&
            !qcow2_compress_cluster(writer->compressor, data + i * RUN_GRANULE,
                                    writer->frames + i * RUN_GRANULE, &writer->lengths[i], err))
            return false;
    }
    return append_in_turn(writer, window, content, data, err);
}

/* What an earlier process has appended, by the entries that it noted. */
static bool recall(struct sink_writer *base, const struct window *window, unsigned char *data)
{
    struct compressed_writer *writer = (struct compressed_writer *)base;
    const struct sink_compressed *sink = writer->sink;
    const struct qcow2_file file = {.fd = sink->file.fd};
    uint64_t entries[WINDOW_CLUSTERS];
    if (!sink->frames || !spool_look(sink->frames, window->index, entries))
        return false;
    for (unsigned i = 0; i < WINDOW_CLUSTERS; i++) {
        unsigned char *cluster = data + i * RUN_GRANULE;
        writer->lengths[i] = 0;
        if (!has(window->data_mask, i))
            continue;
        if (entries[i] == 0 && !sink->hides) /* it was all zero, and nothing lies beneath */
            memset(cluster, 0, RUN_GRANULE);
        else if (!qcow2_pack_read(&file, entries[i], writer->frames + i * RUN_GRANULE, &writer->lengths[i],
                                  cluster))
            return false;
    }
    return true;
}

/* Its frames are here, from recall. */
static bool keep(struct sink_writer *base, const struct window *window, uint16_t content,
                 const unsigned char *data, struct error *err)
{
    return append_in_turn((struct compressed_writer *)base, window, content, data, err);
}

static bool finish(struct sink *base, struct error *err)
{
    struct sink_compressed *sink = (struct sink_compressed *)base;
    struct window end;
    return put_planned_zeroes(sink, &end, err) && qcow2_pack_finish(sink->pack, err) &&
           fs_sync(sink->file.fd, sink->file.path, err);
}

static void close_sink(struct sink *base)
{
    struct sink_compressed *sink = (struct sink_compressed *)base;
    qcow2_pack_close(sink->pack);
    window_cursor_close(&sink->plan);
    pthread_cond_destroy(&sink->turned);
    pthread_mutex_destroy(&sink->lock);
    free(sink->backing_name);
    sink_file_close(&sink->file);
    free(sink);
}

static const struct sink_ops COMPRESSED_OPS = {
    .open_writer = open_writer,
    .write = write_window,
    .close_writer = close_writer,
    .recall = recall,
    .keep = keep,
    .finish = finish,
    .close = close_sink,
};

bool sink_compressed_open(const struct sink_spec *spec, struct sink **sink, struct error *err)
{
    struct sink_compressed *made = mem_alloc(sizeof *made);
    *made = (struct sink_compressed){.sink = {.ops = &COMPRESSED_OPS, .end = UINT64_MAX},
                                     .backing_name = mem_strdup(spec->backing_name),
                                     .level = spec->zstd_level,
                                     .hides = spec->backing_name != NULL,
                                     .frames = spec->frames,
                                     .halt = spec->halt};
    sink_file_open(&made->file, spec->fd, spec->path, spec->halt);
    pthread_mutex_init(&made->lock, NULL);
    condition_init(&made->turned);
    struct qcow2_image image = sink_image(spec);
    image.backing_name = made->backing_name;
    window_cursor_open(&made->plan, spec->runs, image.virtual_size);
    struct qcow2_file file = {
        .fd = spec->fd, .path = made->file.path, .patience = &made->file.patient, .keep = spec->resumes};
    made->pack = qcow2_pack_open(&image, &file, err);
    if (!made->pack) {
        close_sink(&made->sink);
        return false;
    }
    *sink = &made->sink;
    return true;
}
