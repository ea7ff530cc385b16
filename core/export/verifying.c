/* The verify phase: each disk as QEMU reads it out of the package. */
#include "core/base/mem.h"
#include "core/export/package/chain.h"
#include "core/export/run_state.h"
#include "core/export/sink/planned.h"
#include "core/export/verify/served.h"
#include "core/qcow2/layout.h"
#include "core/system/page_cache.h"

/* By the plan, as the writer had it. */
static bool find_place(struct run_state *state, const struct prepared_disk *disk, uint64_t *place,
                       struct error *err)
{
    struct qcow2_layout layout;
    struct sink_planned planned;
    struct qcow2_image image = {.virtual_size = size_whole_sectors(disk->virtual_size)};
    *place = VERIFY_NO_PLACE;
    if (state->task->options.format == DISK_FORMAT_RAW ||
        state->task->options.compression == COMPRESSION_ZSTD)
        return true;
    sink_planned_open(&planned, &disk->runs, &state->halt);
    bool ok = qcow2_layout_make(&image, &planned.extents, &layout, err);
    sink_planned_close(&planned);
    if (ok)
        *place = layout.data_offset;
    return ok;
}

static bool verify_one(struct run_state *state, size_t index, unsigned workers, struct error *err)
{
    const struct prepared *prepared = &state->prepared;
    const struct prepared_disk *disk = &prepared->disks[index];
    const struct package_layout_disk *layout = &package_writer_layout(state->writer)->disks[index];
    int fd = -1;
    if (!package_writer_open_disk(state->writer, index, &fd, err))
        return false;
    struct package_chain chain;
    package_chain_begin(&chain, fd, state->task->options.format);
    bool ok = !disk->differential || package_chain_add_bases(&chain, &prepared->base, layout->base_disk, err);
    CLEANUP_FREE char *path = package_writer_disk_path(state->writer, index);
    struct verify_spec spec = {.chain = chain.layers,
                               .chain_count = chain.count,
                               .path = path,
                               .differential = disk->differential,
                               .virtual_size = disk->virtual_size,
                               .runs = &disk->runs,
                               .digests = &state->disks[index].digests,
                               .compressed = state->task->options.compression == COMPRESSION_ZSTD,
                               .as_read = &state->disks[index].copied.as_read,
                               .progress = &state->progress,
                               .label = disk->label,
                               .halt = &state->halt,
                               .workers = workers};
    ok = ok && find_place(state, disk, &spec.place, err) && verify_disk(&spec, err);
    page_cache_drop(fd, 0, 0); /* to its end: what QEMU has read of it */
    package_chain_close(&chain);
    const struct export_served *served = &state->task->disks[index].served;
    struct verify_served_spec of_point = {.served = served,
                                          .runs = &disk->runs,
                                          .differential = disk->differential,
                                          .label = disk->label,
                                          .halt = &state->halt};
    return ok && (!served->socket || verify_served(&of_point, err));
}

bool run_verify_phase(struct run_state *state, struct error *err)
{
    if (!state->task->options.verify)
        return true;
    job_set_phase(state->job, JOB_PHASE_VERIFY);
    state->progress.job = state->job;
    for (size_t i = 0; i < state->prepared.disk_count; i++)
        state->progress.total += state->prepared.disks[i].totals.bytes_data;
    job_set_phase_progress(state->job, 0, state->progress.total);
    return run_each_disk(state, JOB_DISK_VERIFYING, JOB_DISK_DONE, verify_one, err) &&
           run_stands(state, err) && layer_files_unchanged(&state->prepared.layers, err);
}
