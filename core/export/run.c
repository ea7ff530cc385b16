/* One export from its first check to the rename. Everything that can fail leaves through one place, which
 * removes the partial package. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/export/export.h"
#include "core/export/package/write/leavings.h"
#include "core/export/prepare/basing.h"
#include "core/export/prepare/space.h"
#include "core/export/prepare/warning.h"
#include "core/export/run_state.h"
#include "core/export/verify/reads.h"

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
                             .bytes_skipped = disk->totals.bytes_skipped,
                             .bytes_zero = disk->totals.bytes_zero};
    text_copy_cut(row->machine, sizeof row->machine, safe_machine);
    text_copy_cut(row->disk, sizeof row->disk, safe_id);
    text_copy_cut(row->kind, sizeof row->kind, disk->differential ? "differential" : "full");
    if (disk->reason && state->prepared.has_base) {
        CLEANUP_FREE char *safe_reason = text_escape(disk->reason);
        text_copy_cut(row->reason, sizeof row->reason, safe_reason);
    }
}

static void log_planning(const struct run_state *state)
{
    if (state->prepared.taken)
        job_log(state->job, "the plan is that of the check");
    else if (state->prepared.not_taken)
        job_log(state->job, "planned again, the plan of the check is not used: %s",
                state->prepared.not_taken);
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

/* A compressed file is read again when it is finished (copy.h); verified are its places, or all of it. */
static void tell_later_bytes(const struct run_state *state)
{
    const struct export_options *options = &state->task->options;
    bool compressed = options->compression == COMPRESSION_ZSTD;
    uint64_t again = 0;
    uint64_t verified = 0;
    for (size_t i = 0; i < state->prepared.disk_count; i++) {
        const struct prepared_disk *disk = &state->prepared.disks[i];
        if (compressed)
            again += disk->totals.bytes_data;
        if (options->verify)
            verified += verify_reads_bytes(disk->totals.bytes_data, &disk->runs, compressed);
    }
    job_set_later_bytes(state->job, again, verified);
}

static bool plan_phase(struct run_state *state, struct error *err)
{
    job_set_phase(state->job, JOB_PHASE_PLAN);
    if (!prepare_unread(state->task, state->job, &state->prepared, err) ||
        !prepare_open(&state->prepared, err))
        return false;
    if (!basing_verify(&state->prepared, state->job, err)) {
        prepared_clear(&state->prepared);
        return false;
    }
    if (!prepare_plan(&state->prepared, true, &state->halt, err))
        return false;
    log_planning(state);
    size_t count = state->prepared.disk_count;
    struct job_disk *rows = mem_alloc((count + 1) * sizeof *rows);
    for (size_t i = 0; i < count; i++)
        describe_row(state, i, &rows[i]);
    job_set_disks(state->job, rows, count);
    tell_later_bytes(state);
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
        state->disks[i].digests.fd = state->disks[i].frames.fd = -1;
    return true;
}

static void remember(const struct run_state *state, const char *package)
{
    size_t count = state->prepared.disk_count;
    struct stat *as_read = mem_alloc((count + 1) * sizeof *as_read);
    for (size_t i = 0; i < count; i++)
        as_read[i] = state->disks[i].copied.as_read;
    basing_remember(&state->prepared, package, as_read, state->job);
    free(as_read);
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
                                                    .data_xxh3 = state->disks[i].data_xxh3,
                                                    .sha256 = state->disks[i].copied.sha256,
                                                    .as_read = state->disks[i].copied.as_read,
                                                    .virtual_size = disk->virtual_size};
    }
    bool is_proven = basing_is_proven(&state->prepared);
    package_writer_ask_for_footing(state->writer,
                                   &(struct package_footing){.stands = run_stands, .context = state});
    bool verified = state->task->options.verify && is_proven;
    struct package_finished finished = {0};
    bool ok = package_writer_finish(state->writer, results, verified, state->job, &finished, err);
    *result = (struct export_result){.package = finished.path,
                                     .sum = finished.sum,
                                     .key_fingerprint = finished.key_fingerprint,
                                     .verified = ok && verified,
                                     .base_unproven = ok && !is_proven};
    if (ok && result->key_fingerprint)
        job_log(state->job, "signed with the key %s", result->key_fingerprint);
    if (ok && state->task->options.verify)
        remember(state, result->package);
    free(results);
    return ok;
}

static bool is_no_space(const struct error *err)
{
    return strcmp(err->key, "image.no-space") == 0 || err->number == ENOSPC;
}

/* The export directory, the base package or what had been written went away: then that is the reason,
 * whatever noticed it first. */
static bool lost_what_it_stands_on(const struct run_state *state, struct error *err)
{
    struct error found = {0};
    bool needs_base = prepared_is_differential(&state->prepared);
    if (!state->writer || package_writer_stands(state->writer, needs_base, &found))
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
    } else if (strcmp(err->key, "package.sync") == 0 || lost_what_it_stands_on(state, err)) {
        return; /* a name that may not last: said, with what to do */
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
    for (size_t i = 0; i < state->prepared.disk_count; i++) {
        spool_close(&state->disks[i].digests);
        spool_close(&state->disks[i].frames);
    }
    free(state->disks);
    prepared_clear(&state->prepared);
    rate_limit_destroy(&state->rate);
    pthread_mutex_destroy(&state->writer_lock);
}

/* While it waits for room: what has been written needs none any more. */
static void look_for_room(void *context, uint64_t *needed, uint64_t *available)
{
    const struct run_state *state = context;
    struct statvfs status;
    if (!state->writer || fstatvfs(package_writer_directory(state->writer), &status) != 0)
        return;
    uint64_t written = package_writer_written(state->writer);
    *available = (uint64_t)status.f_bavail * status.f_frsize;
    *needed = state->prepared.bytes_needed > written ? state->prepared.bytes_needed - written : 0;
}

uint32_t export_run(const struct export_task *task, struct job *job, struct export_result *result,
                    struct error *err)
{
    struct run_state state = {.task = task, .job = job, .halt = {.job = job}};
    *result = (struct export_result){0};
    state.halt.look = look_for_room;
    state.halt.look_context = &state;
    state.patience = (struct patience){.halt = &state.halt, .path = task->directory};
    state.patient = (struct write_patience){.wait = patience_wait, .context = &state.patience};
    rate_limit_init(&state.rate, task->options.rate);
    pthread_mutex_init(&state.writer_lock, NULL);
    job_set_state(job, JOB_STATE_STARTING); /* refused where the caller has done it */
    job_set_state(job, JOB_STATE_RUNNING);
    bool ok = plan_phase(&state, err) && run_copy_phase(&state, err) && run_verify_phase(&state, err) &&
              commit_phase(&state, result, err);
    if (!ok)
        settle_error(&state, err);
    bool begun = !ok && !state.writer && !guid_is_none(&task->resumed_job);
    clear(&state);
    if (begun)
        package_partial_drop(task->directory, &task->resumed_job);
    return ok ? RETURN_DONE : err->code;
}
