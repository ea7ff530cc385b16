/* The copy phase: each disk from its source to its file in the package. */
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/copy/window_digest.h"
#include "core/export/run_state.h"
#include "core/export/source/direct.h"
#include "core/job/workers.h"

struct copying { /* one disk */
    struct run_state *state;
    size_t disk;
    unsigned workers;
    char *path;
    int fd;
    struct source *source;
    struct sink *sink;
};

static bool open_file(struct copying *copying, struct error *err)
{
    struct run_state *state = copying->state;
    pthread_mutex_lock(&state->writer_lock);
    bool ok = package_writer_create_disk(state->writer, copying->disk, &copying->fd, err);
    pthread_mutex_unlock(&state->writer_lock);
    copying->path = package_writer_disk_path(state->writer, copying->disk);
    struct spool *digests = &state->disks[copying->disk].digests;
    ok =
        ok && spool_open(digests, package_writer_directory(state->writer), sizeof(struct window_digest), err);
    digests->patience = &state->patient;
    return ok;
}

static bool open_source(struct copying *copying, struct error *err)
{
    const struct prepared *prepared = &copying->state->prepared;
    const struct export_disk *disk = &copying->state->task->disks[copying->disk];
    struct source_served_spec served = {.socket = disk->served.socket,
                                        .name = disk->served.name,
                                        .label = prepared->disks[copying->disk].label,
                                        .halt = &copying->state->halt};
    struct source_nbd_spec layers = {.layers = prepared->layers.chains[copying->disk],
                                     .layer_count = disk->layer_count,
                                     .readers = copying->workers,
                                     .label = prepared->disks[copying->disk].label,
                                     .halt = &copying->state->halt};
    struct source_direct_spec direct = {.chain = layers,
                                        .places = &prepared->disks[copying->disk].places,
                                        .size =
                                            size_whole_sectors(prepared->disks[copying->disk].virtual_size)};
    return served.socket ? source_served_open(&served, &copying->source, err)
                         : source_direct_open(&direct, &copying->source, err);
}

static bool open_sink(struct copying *copying, struct error *err)
{
    struct run_state *state = copying->state;
    const struct prepared_disk *disk = &state->prepared.disks[copying->disk];
    const struct export_options *options = &state->task->options;
    const struct package_layout_disk *layout = &package_writer_layout(state->writer)->disks[copying->disk];
    struct sink_spec spec = {.fd = copying->fd,
                             .path = copying->path,
                             .label = disk->label,
                             .virtual_size = disk->virtual_size,
                             .backing_name = disk->differential ? layout->backing_name : NULL,
                             .backing_format = layout->base_format,
                             .runs = &disk->runs,
                             .halt = &state->halt,
                             .zstd_level =
                                 (int)(options->zstd_level ? options->zstd_level : ZSTD_LEVEL_USUAL)};
    if (options->format == DISK_FORMAT_RAW)
        return sink_raw_open(&spec, &copying->sink, err);
    return options->compression == COMPRESSION_ZSTD ? sink_compressed_open(&spec, &copying->sink, err)
                                                    : sink_qcow2_open(&spec, &copying->sink, err);
}

#define BUFFERS_OF_A_WORKER (COPY_BUFFERS / WORKERS_LIMIT)
_Static_assert(BUFFERS_OF_A_WORKER >= 2, "the one that follows can have a buffer of each worker");

/* Between files one is enough, and two where there are cores for them: a file takes one writer at a time, and
 * more threads would only take the processor from the one that follows with the SHA-256. QEMU's answers and
 * compressing are waited for by as many as there may be. */
static unsigned copiers(const struct copying *copying)
{
    const struct run_state *state = copying->state;
    const struct export_options *options = &state->task->options;
    bool compressed = options->format != DISK_FORMAT_RAW && options->compression == COMPRESSION_ZSTD;
    bool by_qemu = state->task->disks[copying->disk].served.socket ||
                   state->prepared.disks[copying->disk].places.bytes_elsewhere > 0;
    unsigned enough = workers_cores() > 2 ? 2 : 1;
    return compressed || by_qemu || copying->workers < enough ? copying->workers : enough;
}

static bool copy_between(struct copying *copying, struct error *err)
{
    struct run_state *state = copying->state;
    struct disk_run *run = &state->disks[copying->disk];
    struct copy_spec spec = {.source = copying->source,
                             .sink = copying->sink,
                             .fd = copying->fd,
                             .path = copying->path,
                             .label = state->prepared.disks[copying->disk].label,
                             .runs = &state->prepared.disks[copying->disk].runs,
                             .digests = &run->digests,
                             .rate = &state->rate,
                             .halt = &state->halt,
                             .job_disk = copying->disk,
                             .workers = copiers(copying),
                             .buffers = copying->workers * BUFFERS_OF_A_WORKER,
                             .prove = state->task->options.verify};
    return copy_disk(&spec, &run->copied, err) &&
           disk_digest_make(&run->digests, run->copied.windows, run->data_xxh3, err);
}

static bool copy_one(struct run_state *state, size_t disk, unsigned workers, struct error *err)
{
    struct copying copying = {.state = state, .disk = disk, .workers = workers, .fd = -1};
    bool ok = open_file(&copying, err) && open_source(&copying, err) && open_sink(&copying, err) &&
              copy_between(&copying, err);
    if (copying.sink)
        copying.sink->ops->close(copying.sink);
    if (copying.source)
        copying.source->ops->close(copying.source);
    if (copying.fd >= 0)
        close(copying.fd);
    free(copying.path);
    return ok;
}

bool run_copy_phase(struct run_state *state, struct error *err)
{
    job_set_phase(state->job, JOB_PHASE_COPY);
    enum job_disk_state after = state->task->options.verify ? JOB_DISK_WAITING : JOB_DISK_DONE;
    if (!package_writer_begin(state->task, state->prepared.has_base ? &state->prepared.base : NULL,
                              &state->writer, err))
        return false;
    package_writer_be_patient(state->writer, &state->patient);
    return run_each_disk(state, JOB_DISK_COPYING, after, copy_one, err) &&
           layer_files_unchanged(&state->prepared.layers, err);
}
