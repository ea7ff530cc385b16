/* The copy phase: each disk from its source to its file in the package. */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/copy/window_digest.h"
#include "core/export/package/write/leavings.h"
#include "core/export/prepare/resuming.h"
#include "core/export/run_state.h"
#include "core/export/source/direct.h"
#include "core/job/workers.h"

struct copying { /* one disk */
    struct run_state *state;
    size_t disk;
    unsigned workers;
    char *path;
    int fd;
    bool there; /* the file was begun by another process of this job */
    struct source *source;
    struct sink *sink;
};

static bool is_compressed(const struct run_state *state)
{
    return state->task->options.compression == COMPRESSION_ZSTD; /* of qcow2 only: prepare.c */
}

static bool open_spools(const struct copying *copying, struct error *err)
{
    struct run_state *state = copying->state;
    struct disk_run *run = &state->disks[copying->disk];
    if (!package_writer_spool(state->writer, copying->disk, "digests", sizeof(struct window_digest),
                              &run->digests, err))
        return false;
    run->digests.patience = &state->patient;
    if (!state->keeps || !is_compressed(state))
        return true;
    bool ok =
        package_writer_spool(state->writer, copying->disk, "frames", SINK_FRAMES_SIZE, &run->frames, err);
    run->frames.patience = &state->patient;
    return ok;
}

static bool open_file(struct copying *copying, struct error *err)
{
    struct run_state *state = copying->state;
    pthread_mutex_lock(&state->writer_lock);
    bool ok = package_writer_create_disk(state->writer, copying->disk, &copying->fd, &copying->there, err);
    pthread_mutex_unlock(&state->writer_lock);
    copying->path = package_writer_disk_path(state->writer, copying->disk);
    return ok && open_spools(copying, err);
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
    struct sink_spec spec = {
        .fd = copying->fd,
        .path = copying->path,
        .label = disk->label,
        .virtual_size = disk->virtual_size,
        .backing_name = disk->differential ? layout->backing_name : NULL,
        .backing_format = layout->base_format,
        .runs = &disk->runs,
        .halt = &state->halt,
        .resumes = copying->there,
        .frames = state->disks[copying->disk].frames.fd >= 0 ? &state->disks[copying->disk].frames : NULL,
        .zstd_level = (int)(options->zstd_level ? options->zstd_level : ZSTD_LEVEL_USUAL)};
    if (options->format == DISK_FORMAT_RAW)
        return sink_raw_open(&spec, &copying->sink, err);
    return is_compressed(state) ? sink_compressed_open(&spec, &copying->sink, err)
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
    bool by_qemu = state->task->disks[copying->disk].served.socket ||
                   state->prepared.disks[copying->disk].places.bytes_elsewhere > 0;
    unsigned enough = workers_cores() > 2 ? 2 : 1;
    return is_compressed(state) || by_qemu || copying->workers < enough ? copying->workers : enough;
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
                             .data = state->prepared.disks[copying->disk].totals.bytes_data,
                             .workers = copiers(copying),
                             .buffers = copying->workers * BUFFERS_OF_A_WORKER,
                             .prove = state->task->options.verify,
                             .resumes = copying->there};
    return copy_disk(&spec, &run->copied, err) &&
           disk_digest_make(&run->digests, run->copied.windows, run->data_xxh3, err);
}

static bool copy_one(struct run_state *state, size_t disk, unsigned workers, struct error *err)
{
    struct copying copying = {.state = state, .disk = disk, .workers = workers, .fd = -1};
    bool ok = run_stands(state, err) && open_file(&copying, err) && open_source(&copying, err) &&
              open_sink(&copying, err) && copy_between(&copying, err);
    if (copying.sink)
        copying.sink->ops->close(copying.sink);
    if (copying.source)
        copying.source->ops->close(copying.source);
    if (copying.fd >= 0)
        close(copying.fd);
    free(copying.path);
    return ok;
}

/* With what an earlier process of this job has begun, where that fits. */
static bool begin_package(struct run_state *state, struct error *err)
{
    const struct prepared *prepared = &state->prepared;
    const struct base_package *base = prepared->has_base ? &prepared->base : NULL;
    const char *begun = prepared->begun.partial;
    if (begun && resuming_fits(prepared)) {
        job_log(state->job, "goes on with %s, which was begun", begun);
        return package_writer_resume(state->task, base, begun, &state->writer, err);
    }
    if (begun) {
        job_log(state->job, "%s was begun, but planned in another way: it is removed, and made anew", begun);
        package_partial_drop(state->task->directory, &state->task->resumed_job);
    } else if (!guid_is_none(&state->task->resumed_job)) {
        job_log(state->job, "nothing was begun that could be gone on with: it begins at the beginning");
    }
    return package_writer_begin(state->task, base, &state->writer, err);
}

/* The job's own directory, which goes when the job is discarded. NULL: there is none. The caller's. */
static char *keeper_of(struct job *job)
{
    char path[PATH_MAX];
    CLEANUP_FREE char *link = mem_format("/proc/self/fd/%d", job_directory(job));
    ssize_t length = job_directory(job) < 0 ? -1 : readlink(link, path, sizeof path);
    return length > 0 && (size_t)length < sizeof path ? mem_strndup(path, (size_t)length) : NULL;
}

/* Of what cannot be kept a job does without. */
static bool keep_what_is_done(struct run_state *state, struct error *err)
{
    struct package_ledger_terms terms;
    struct guid job = job_id(state->job);
    CLEANUP_FREE char *keeper = keeper_of(state->job);
    if (!keeper || !resuming_is_possible(state->task) || !resuming_terms(&state->prepared, &job, &terms))
        return true;
    terms.package_id = state->prepared.begun.terms.package_id;
    state->keeps = package_writer_keep(state->writer, keeper, &terms, err);
    if (state->keeps || package_writer_is_resumed(state->writer))
        return state->keeps;
    CLEANUP_FREE char *text = error_text(err);
    job_log(state->job, "if this job is killed, it will have to begin again: %s", text);
    *err = (struct error){0};
    return true;
}

static void tell_kept(struct run_state *state)
{
    struct job_snapshot now = {0};
    char kept[32];
    char done[32];
    if (!package_writer_is_resumed(state->writer))
        return;
    job_get_snapshot(state->job, &now);
    size_format(now.bytes_kept, kept, sizeof kept);
    size_format(now.bytes_done, done, sizeof done);
    job_log(state->job, "of %s, %s were there and have been proven again", done, kept);
    job_snapshot_clear(&now);
}

bool run_copy_phase(struct run_state *state, struct error *err)
{
    job_set_phase(state->job, JOB_PHASE_COPY);
    enum job_disk_state after = state->task->options.verify ? JOB_DISK_WAITING : JOB_DISK_DONE;
    if (!begin_package(state, err) || !keep_what_is_done(state, err))
        return false;
    package_writer_be_patient(state->writer, &state->patient);
    if (!run_each_disk(state, JOB_DISK_COPYING, after, copy_one, err))
        return false;
    tell_kept(state);
    return run_stands(state, err) && layer_files_unchanged(&state->prepared.layers, err);
}
