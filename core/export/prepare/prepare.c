#include "core/export/prepare/prepare.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/export/copy/window_digest.h"
#include "core/export/prepare/differential.h"
#include "core/export/prepare/directory.h"
#include "core/export/prepare/planning.h"
#include "core/export/prepare/resuming.h"
#include "core/export/prepare/space.h"
#include "core/export/sink/sink.h"
#include "core/signature/sign.h"

/* QEMU's largest table of tables, 32 MiB, each of whose entries leads to 512 MiB of clusters of 64 KiB. */
#define QCOW2_SIZE_LIMIT ((uint64_t)2 << 50)
#define RECORD_ALLOWANCE MIB /* record, sums, settings of machines, directories */

static bool check_options(const struct export_task *task, struct error *err)
{
    const struct export_options *options = &task->options;
    bool raw = options->format == DISK_FORMAT_RAW;
    if (task->disk_count == 0) {
        error_set(err, RETURN_INVALID_PARAMETER, "export.nothing", "no disk is selected for the export");
        return error_next(err, "Choose at least one machine that has a disk.");
    }
    if (raw && !guid_is_none(&task->base_point.id)) {
        error_set(err, RETURN_INVALID_PARAMETER, "export.raw-with-base",
                  "a raw image cannot be a difference to a base point");
        return error_next(err, "Export without a base, or choose the format qcow2.");
    }
    if (raw && options->compression != COMPRESSION_NONE) {
        error_set(err, RETURN_NOT_SUPPORTED, "export.raw-compressed", "a raw image cannot be compressed");
        return error_next(err, "Choose no compression, or the format qcow2.");
    }
    return true;
}

static bool find_base(struct prepared *prepared, struct error *err)
{
    prepared->has_base = !guid_is_none(&prepared->task->base_point.id);
    if (prepared->has_base && !base_package_find(prepared->task, &prepared->base, err))
        return false;
    if (prepared->has_base)
        base_state_look(&prepared->base, prepared->task->memory, &prepared->base_state);
    prepared->base.proofs = prepared->base_state.proofs;
    return package_layout_make(prepared->task, prepared->has_base ? &prepared->base : NULL, &prepared->layout,
                               err);
}

static void describe_disk(struct prepared *prepared, size_t index)
{
    const struct export_disk *from = &prepared->task->disks[index];
    const struct package_layout_disk *layout = &prepared->layout.disks[index];
    const struct disk_point *point = prepared_disk_point(prepared, index);
    struct prepared_disk *disk = &prepared->disks[index];
    const char *machine = prepared_member(prepared, index)->machine.name;
    CLEANUP_FREE char *plain =
        mem_format("%s/%s", machine ? machine : "", point->disk_id ? point->disk_id : "");
    disk->label = text_escape(plain);
    disk->virtual_size = point->virtual_size;
    struct differential verdict = {0};
    differential_decide(from, layout, prepared->has_base ? &prepared->base.packages[0] : NULL, &verdict);
    disk->differential = verdict.differential;
    disk->reason = verdict.reason;
    disk->own_reason = verdict.own_reason;
}

/* QEMU opens the package's images by their paths, and so will everybody else. */
static bool check_paths(const struct prepared *prepared, struct error *err)
{
    size_t longest = 0;
    for (size_t i = 0; i < prepared->layout.disk_count; i++) {
        size_t length = strlen(prepared->layout.disks[i].file);
        longest = length > longest ? length : longest;
    }
    CLEANUP_FREE char *stem = package_name_stem(&prepared->task->point);
    size_t whole = strlen(prepared->task->directory) + 1 + strlen(stem) + PACKAGE_PARTIAL_EXTRA + 1 + longest;
    if (whole < PATH_MAX)
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "export.directory-path",
              "the path of the export directory is too long");
    error_cause(err, "a file of the package would have a path of %zu bytes; %d are possible", whole,
                PATH_MAX - 1);
    return error_next(err, "Choose a directory with a shorter path.");
}

static bool check_sizes(const struct prepared *prepared, struct error *err)
{
    for (size_t i = 0; i < prepared->disk_count; i++) {
        const struct prepared_disk *disk = &prepared->disks[i];
        if (prepared->task->options.format == DISK_FORMAT_RAW || disk->virtual_size <= QCOW2_SIZE_LIMIT)
            continue;
        error_set(err, RETURN_NOT_SUPPORTED, "export.too-large", "%s has %llu bytes", disk->label,
                  (unsigned long long)disk->virtual_size);
        error_cause(err, "a qcow2 image of a package can have at most %llu",
                    (unsigned long long)QCOW2_SIZE_LIMIT);
        return error_next(err, "Choose the format raw, or leave this disk out.");
    }
    return true;
}

bool prepare_check_strict(const struct prepared *prepared, struct error *err)
{
    for (size_t i = 0; i < prepared->disk_count && prepared->task->options.strict; i++) {
        const struct prepared_disk *disk = &prepared->disks[i];
        if (!prepared->has_base || !disk->reason)
            continue;
        error_set(err, RETURN_INVALID_PARAMETER, "export.strict", "%s cannot be exported as a difference",
                  disk->label);
        error_cause(err, "%s", disk->reason);
        return error_next(err, "Export without --strict to have this disk in full, or choose another base.");
    }
    return true;
}

static bool check_space(struct prepared *prepared, struct error *err)
{
    bool raw = prepared->task->options.format == DISK_FORMAT_RAW;
    prepared->bytes_needed = RECORD_ALLOWANCE;
    for (size_t i = 0; i < prepared->disk_count; i++) {
        const struct prepared_disk *disk = &prepared->disks[i];
        const struct plan_totals *totals = &disk->totals;
        uint64_t own = raw ? totals->bytes_data : plan_qcow2_size(totals, disk->virtual_size);
        own += (totals->bytes_data / WINDOW_SIZE + 1) * (sizeof(struct window_digest) + SINK_FRAMES_SIZE);
        if (__builtin_add_overflow(prepared->bytes_needed, own, &prepared->bytes_needed))
            prepared->bytes_needed = UINT64_MAX / 2; /* no file system has that, and more can be added */
    }
    for (size_t i = 0; i < prepared->task->point.member_count; i++) {
        const char *xml = prepared->task->point.members[i].machine.domain_xml;
        prepared->bytes_needed += 16 * KIB + (xml ? strlen(xml) : 0);
    }
    for (size_t i = 0; i < prepared->task->file_count; i++)
        prepared->bytes_needed += export_task_file(prepared->task, i)->size;
    return prepared->bytes_needed <= prepared->bytes_available ||
           space_refuse(prepared->task->directory, prepared->bytes_needed, prepared->bytes_available, err);
}

static bool check_signing(const struct export_task *task, struct job *job, struct error *err)
{
    return !task->options.sign_key || sign_check_key(task->options.sign_key, job, err);
}

bool prepare_unread(const struct export_task *task, struct job *job, struct prepared *prepared,
                    struct error *err)
{
    *prepared = (struct prepared){.task = task};
    bool ok = export_check_directory(task->directory, &prepared->bytes_available, err) == RETURN_DONE &&
              check_options(task, err) && find_base(prepared, err);
    if (ok) {
        prepared->disks = mem_alloc((task->disk_count + 1) * sizeof *prepared->disks);
        prepared->disk_count = task->disk_count;
        for (size_t i = 0; i < task->disk_count; i++)
            describe_disk(prepared, i);
        ok = check_paths(prepared, err) && check_sizes(prepared, err) &&
             prepare_check_strict(prepared, err) && check_signing(task, job, err);
    }
    if (!ok)
        prepared_clear(prepared);
    return ok;
}

bool prepare_open(struct prepared *prepared, struct error *err)
{
    if (layer_files_open(prepared->task, &prepared->layers, err) && resuming_look(prepared, err))
        return true;
    prepared_clear(prepared);
    return false;
}

bool prepare_plan(struct prepared *prepared, bool keep_runs, struct halt *halt, struct error *err)
{
    if (planning_run(prepared, keep_runs, halt, err) && check_space(prepared, err))
        return true;
    prepared_clear(prepared);
    return false;
}

bool prepare_export(const struct export_task *task, bool keep_runs, struct halt *halt,
                    struct prepared *prepared, struct error *err)
{
    return prepare_unread(task, halt->job, prepared, err) && prepare_open(prepared, err) &&
           prepare_plan(prepared, keep_runs, halt, err);
}
