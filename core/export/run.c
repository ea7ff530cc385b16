/* One export from its first check to the rename. One thread coordinates: it starts all children (they die
 * with it) and works through the disks one after the other; workers copy and verify windows of one disk side
 * by side. Everything that can fail leaves through one place, which removes the partial package. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/export/copy/copy.h"
#include "core/export/copy/disk_digest.h"
#include "core/export/copy/window.h"
#include "core/export/export.h"
#include "core/export/package/chain.h"
#include "core/export/package/write/still_there.h"
#include "core/export/package/write/writer.h"
#include "core/export/prepare.h"
#include "core/export/space.h"
#include "core/export/verify/served.h"
#include "core/export/verify/verify.h"
#include "core/export/warning.h"
#include "core/job/workers.h"

struct disk_run { /* what the phases leave each other about a disk */
    struct spool digests;
    char data_sha256[DISK_DIGEST_TEXT];
};

struct run_state {
    const struct export_task *task;
    struct job *job;
    struct halt halt;
    struct rate_limit rate;
    struct prepared prepared;
    struct package_writer *writer;
    struct disk_run *disks;
    struct verify_progress progress;
    unsigned workers;
};

static void log_plan(struct run_state *state, const struct prepared_disk *disk)
{
    char data[16];
    char zero[16];
    char skipped[16];
    size_format(disk->totals.bytes_data, data, sizeof data);
    size_format(disk->totals.bytes_zero, zero, sizeof zero);
    size_format(disk->totals.bytes_skipped, skipped, sizeof skipped);
    if (disk->differential)
        job_log(state->job, "%s: %s changed, %s zeroed, %s unchanged skipped", disk->label, data, zero,
                skipped);
    else
        job_log(state->job, "%s: %s data, %s empty skipped", disk->label, data, skipped);
    if (disk->reason && state->prepared.has_base)
        job_log(state->job, "%s: full, because %s", disk->label, disk->reason);
}

static void describe_row(const struct run_state *state, size_t index, struct job_disk *row)
{
    const struct prepared_disk *disk = &state->prepared.disks[index];
    const char *machine = prepared_member(&state->prepared, index)->machine.name;
    const char *id = prepared_disk_point(&state->prepared, index)->disk_id;
    CLEANUP_FREE char *safe_machine = text_escape(machine ? machine : "");
    CLEANUP_FREE char *safe_id = text_escape(id ? id : "");
    *row = (struct job_disk){.state = JOB_DISK_WAITING,
                             .bytes_total = disk->totals.bytes_data + disk->totals.bytes_zero,
                             .bytes_skipped = disk->totals.bytes_skipped};
    text_copy_cut(row->machine, sizeof row->machine, safe_machine);
    text_copy_cut(row->disk, sizeof row->disk, safe_id);
    text_copy_cut(row->kind, sizeof row->kind, disk->differential ? "differential" : "full");
    if (disk->reason && state->prepared.has_base) {
        CLEANUP_FREE char *safe_reason = text_escape(disk->reason);
        text_copy_cut(row->reason, sizeof row->reason, safe_reason);
    }
}

static void tell_left_out(const struct run_state *state)
{
    char **sentences = NULL;
    size_t count = 0;
    export_task_tell_left_out(state->task, &sentences, &count);
    for (size_t i = 0; i < count; i++) {
        CLEANUP_FREE char *line = mem_format("not in the package: %s", sentences[i]);
        job_log(state->job, "%s", line);
        job_add_finding(state->job, sentences[i]);
        free(sentences[i]);
    }
    free(sentences);
}

static bool plan_phase(struct run_state *state, struct error *err)
{
    job_set_phase(state->job, JOB_PHASE_PLAN);
    if (!prepare_export(state->task, true, &state->halt, &state->prepared, err))
        return false;
    size_t count = state->prepared.disk_count;
    struct job_disk *rows = mem_alloc((count + 1) * sizeof *rows);
    for (size_t i = 0; i < count; i++)
        describe_row(state, i, &rows[i]);
    job_set_disks(state->job, rows, count);
    free(rows);
    for (size_t i = 0; i < count; i++)
        log_plan(state, &state->prepared.disks[i]);
    tell_left_out(state);
    CLEANUP_FREE char *warning =
        export_warning(state->task, state->prepared.has_base ? &state->prepared.base : NULL);
    if (warning)
        job_log(state->job, "%s", warning);
    state->disks = mem_alloc((count + 1) * sizeof *state->disks);
    for (size_t i = 0; i < count; i++)
        state->disks[i].digests.fd = -1;
    return true;
}

static bool open_sink(struct run_state *state, size_t index, int fd, const char *path, struct sink **sink,
                      struct error *err)
{
    const struct prepared_disk *disk = &state->prepared.disks[index];
    const struct package_layout_disk *layout = &package_writer_layout(state->writer)->disks[index];
    struct sink_spec spec = {.fd = fd,
                             .path = path,
                             .label = disk->label,
                             .virtual_size = disk->virtual_size,
                             .backing_name = disk->differential ? layout->backing_name : NULL,
                             .backing_format = layout->base_format,
                             .compression = state->task->options.compression,
                             .writers = state->workers,
                             .halt = &state->halt};
    if (state->task->options.format == DISK_FORMAT_RAW)
        return sink_raw_open(&spec, sink, err);
    return sink_qcow2_open(&spec, sink, err);
}

static bool copy_between(struct run_state *state, size_t index, struct source *source, struct sink *sink,
                         struct error *err)
{
    struct disk_run *run = &state->disks[index];
    uint64_t windows = 0;
    struct copy_spec spec = {.source = source,
                             .sink = sink,
                             .runs = &state->prepared.disks[index].runs,
                             .digests = &run->digests,
                             .rate = &state->rate,
                             .halt = &state->halt,
                             .job_disk = index,
                             .workers = state->workers};
    return copy_disk(&spec, &windows, err) && sink->ops->finish(sink, err) &&
           disk_digest_make(&run->digests, windows, run->data_sha256, err);
}

static bool open_source(struct run_state *state, size_t index, struct source **source, struct error *err)
{
    const struct prepared *prepared = &state->prepared;
    const struct export_disk *disk = &state->task->disks[index];
    struct source_served_spec served = {.socket = disk->served.socket,
                                        .name = disk->served.name,
                                        .label = prepared->disks[index].label,
                                        .halt = &state->halt};
    struct source_nbd_spec layers = {.layers = prepared->layers.chains[index],
                                     .layer_count = disk->layer_count,
                                     .readers = state->workers,
                                     .label = prepared->disks[index].label,
                                     .halt = &state->halt};
    return served.socket ? source_served_open(&served, source, err) : source_nbd_open(&layers, source, err);
}

static bool copy_one(struct run_state *state, size_t index, struct error *err)
{
    struct source *source = NULL;
    struct sink *sink = NULL;
    CLEANUP_FREE char *path = package_writer_disk_path(state->writer, index);
    CLEANUP_FD int fd = -1;
    bool ok = package_writer_create_disk(state->writer, index, &fd, err) &&
              spool_open(&state->disks[index].digests, package_writer_directory(state->writer),
                         sizeof(struct window_digest), err) &&
              open_source(state, index, &source, err) && open_sink(state, index, fd, path, &sink, err) &&
              copy_between(state, index, source, sink, err);
    if (sink)
        sink->ops->close(sink);
    if (source)
        source->ops->close(source);
    return ok;
}

static bool each_disk(struct run_state *state, enum job_disk_state during, enum job_disk_state after,
                      bool (*one)(struct run_state *state, size_t index, struct error *err),
                      struct error *err)
{
    for (size_t i = 0; i < state->prepared.disk_count; i++) {
        job_disk_set_state(state->job, i, during);
        if (!one(state, i, err)) {
            job_disk_set_state(state->job, i, JOB_DISK_FAILED);
            return false;
        }
        job_disk_set_state(state->job, i, after);
    }
    return true;
}

static bool copy_phase(struct run_state *state, struct error *err)
{
    job_set_phase(state->job, JOB_PHASE_COPY);
    bool verify = state->task->options.verify;
    return package_writer_begin(state->task, state->prepared.has_base ? &state->prepared.base : NULL,
                                &state->writer, err) &&
           each_disk(state, JOB_DISK_COPYING, verify ? JOB_DISK_WAITING : JOB_DISK_DONE, copy_one, err) &&
           layer_files_unchanged(&state->prepared.layers, err);
}

static bool verify_one(struct run_state *state, size_t index, struct error *err)
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
                               .progress = &state->progress,
                               .label = disk->label,
                               .halt = &state->halt,
                               .workers = state->workers};
    ok = ok && verify_disk(&spec, err);
    package_chain_close(&chain);
    const struct export_served *served = &state->task->disks[index].served;
    struct verify_served_spec of_point = {.served = served,
                                          .runs = &disk->runs,
                                          .differential = disk->differential,
                                          .label = disk->label,
                                          .halt = &state->halt};
    return ok && (!served->socket || verify_served(&of_point, err));
}

static bool verify_phase(struct run_state *state, struct error *err)
{
    if (!state->task->options.verify)
        return true;
    job_set_phase(state->job, JOB_PHASE_VERIFY);
    state->progress.job = state->job;
    for (size_t i = 0; i < state->prepared.disk_count; i++)
        state->progress.total += state->prepared.disks[i].totals.bytes_data;
    job_set_phase_progress(state->job, 0, state->progress.total);
    return each_disk(state, JOB_DISK_VERIFYING, JOB_DISK_DONE, verify_one, err) &&
           layer_files_unchanged(&state->prepared.layers, err);
}

static bool commit_phase(struct run_state *state, struct export_result *result, struct error *err)
{
    job_set_phase(state->job, JOB_PHASE_COMMIT);
    size_t count = state->prepared.disk_count;
    struct package_writer_result *results = mem_alloc((count + 1) * sizeof *results);
    for (size_t i = 0; i < count; i++) {
        const struct prepared_disk *disk = &state->prepared.disks[i];
        results[i] = (struct package_writer_result){.differential = disk->differential,
                                                    .reason = state->prepared.has_base ? disk->reason : NULL,
                                                    .data_sha256 = state->disks[i].data_sha256,
                                                    .virtual_size = disk->virtual_size};
    }
    bool ok = package_writer_finish(state->writer, results, state->task->options.verify, state->job,
                                    &result->package, err);
    result->verified = ok && state->task->options.verify;
    free(results);
    return ok;
}

static bool is_no_space(const struct error *err)
{
    return strcmp(err->key, "image.no-space") == 0 || strstr(err->cause, strerrordesc_np(ENOSPC));
}

/* The export directory, the base package or what had been written went away: then that is the reason,
 * whatever noticed it first. */
static bool lost_what_it_stands_on(const struct run_state *state, struct error *err)
{
    struct error found = {0};
    bool has_base = state->prepared.has_base;
    if (!state->writer ||
        (still_there_directory(package_writer_directory(state->writer), state->task->directory, &found) &&
         (!has_base || still_there_base(&state->prepared.base, &found)) &&
         package_writer_is_whole(state->writer, &found)))
        return false;
    if (!*found.cause && strcmp(found.key, err->key) != 0)
        error_cause(&found, "%s%s%s", err->what, *err->cause ? ": " : "", err->cause);
    *err = found;
    return true;
}

/* The cause that matters to a person: cancelled, or no room with its figures, before what a child said. */
static void settle_error(const struct run_state *state, struct error *err)
{
    if (job_is_cancelled(state->job)) {
        error_set(err, RETURN_FAILED, "export.cancelled", "the export was cancelled");
    } else if (lost_what_it_stands_on(state, err)) {
        return;
    } else if (is_no_space(err) && !state->writer) {
        text_copy_cut(err->key, sizeof err->key, "export.no-space");
    } else if (is_no_space(err)) {
        struct statvfs status;
        uint64_t available = 0;
        if (fstatvfs(package_writer_directory(state->writer), &status) == 0)
            available = (uint64_t)status.f_bavail * status.f_frsize;
        space_refuse(state->task->directory, state->prepared.bytes_needed, available, err);
    }
    if (err->code == RETURN_DONE)
        err->code = RETURN_FAILED;
}

static void clear(struct run_state *state)
{
    package_writer_free(state->writer);
    for (size_t i = 0; i < state->prepared.disk_count; i++)
        spool_close(&state->disks[i].digests);
    free(state->disks);
    prepared_clear(&state->prepared);
    rate_limit_destroy(&state->rate);
}

uint32_t export_run(const struct export_task *task, struct job *job, struct export_result *result,
                    struct error *err)
{
    struct run_state state = {.task = task, .job = job, .halt = {.job = job}, .workers = workers_count()};
    *result = (struct export_result){0};
    rate_limit_init(&state.rate, task->options.rate);
    job_set_state(job, JOB_STATE_STARTING); /* refused where the caller has done it */
    job_set_state(job, JOB_STATE_RUNNING);
    if (!task->options.verify)
        job_skip_verify(job);
    bool ok = plan_phase(&state, err) && copy_phase(&state, err) && verify_phase(&state, err) &&
              commit_phase(&state, result, err);
    if (!ok)
        settle_error(&state, err);
    clear(&state);
    return ok ? RETURN_DONE : err->code;
}
