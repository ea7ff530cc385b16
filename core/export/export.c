#include "core/export/export.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/export/prepare/basing.h"
#include "core/export/prepare/planning.h"
#include "core/export/prepare/prepare.h"
#include "core/export/prepare/warning.h"

void export_estimate_clear(struct export_estimate *estimate)
{
    for (size_t i = 0; i < estimate->disk_count; i++) {
        free(estimate->disks[i].machine);
        free(estimate->disks[i].disk);
        free(estimate->disks[i].reason);
    }
    free(estimate->disks);
    free(estimate->base_package);
    free(estimate->warning);
    for (size_t i = 0; i < estimate->left_out_count; i++)
        free(estimate->left_out[i]);
    free(estimate->left_out);
    kept_plan_free(estimate->plan);
    *estimate = (struct export_estimate){0};
}

void export_estimate_copy(struct export_estimate *to, const struct export_estimate *from)
{
    *to = *from;
    to->disks = NULL;
    to->disk_count = 0;
    to->base_package = mem_strdup(from->base_package);
    to->warning = mem_strdup(from->warning);
    to->left_out = NULL;
    to->left_out_count = 0;
    to->plan = kept_plan_copy(from->plan);
    for (size_t i = 0; i < from->left_out_count; i++)
        *ARRAY_APPEND(to->left_out, to->left_out_count) = mem_strdup(from->left_out[i]);
    for (size_t i = 0; i < from->disk_count; i++) {
        struct export_disk_estimate *disk = ARRAY_APPEND(to->disks, to->disk_count);
        *disk = from->disks[i];
        disk->machine = mem_strdup(from->disks[i].machine);
        disk->disk = mem_strdup(from->disks[i].disk);
        disk->reason = mem_strdup(from->disks[i].reason);
    }
}

void export_result_clear(struct export_result *result)
{
    free(result->package);
    free(result->sum);
    free(result->key_fingerprint);
    *result = (struct export_result){0};
}

static void estimate_disk(const struct prepared *prepared, size_t index,
                          struct export_disk_estimate *estimate)
{
    const struct prepared_disk *disk = &prepared->disks[index];
    *estimate = (struct export_disk_estimate){
        .machine = mem_strdup(prepared_member(prepared, index)->machine.name),
        .disk = mem_strdup(prepared_disk_point(prepared, index)->disk_id),
        .differential = disk->differential,
        .reason = prepared->has_base ? mem_strdup(disk->reason) : NULL,
        .virtual_size = disk->virtual_size,
        .bytes_data = disk->totals.bytes_data,
        .bytes_zero = disk->totals.bytes_zero,
        .bytes_skipped = disk->totals.bytes_skipped,
    };
}

static void tell_base(const struct prepared *from, struct export_base_estimate *base)
{
    const struct base_state *state = &from->base_state;
    bool again = from->task->options.base_check == BASE_CHECK_ALWAYS;
    *base = (struct export_base_estimate){
        .verified = state->verified, .touched = state->touched, .bytes = state->bytes, .rate = state->rate};
    if (basing_has_to_read(from))
        base->bytes_first = again ? state->bytes : state->bytes_unproven;
}

static void tell(const struct prepared *from, struct export_estimate *estimate)
{
    estimate->disks = mem_alloc((from->disk_count + 1) * sizeof *estimate->disks);
    estimate->disk_count = from->disk_count;
    for (size_t i = 0; i < from->disk_count; i++)
        estimate_disk(from, i, &estimate->disks[i]);
    estimate->bytes_needed = from->bytes_needed;
    estimate->bytes_available = from->bytes_available;
    if (from->has_base)
        estimate->base_package = mem_strdup(from->base.packages[0].path);
    if (from->has_base)
        tell_base(from, &estimate->base);
    estimate->warning = export_warning(from->task, from->has_base ? &from->base : NULL);
    export_task_tell_left_out(from->task, &estimate->left_out, &estimate->left_out_count);
}

/* What can be handed on is not worth a refusal: where there is no room for it, there may be room enough for
 * the package, or check_space says what is missing. */
static bool prepare(const struct export_task *task, struct job *job, struct prepared *prepared,
                    struct error *err)
{
    struct halt halt = {.job = job};
    if (prepare_export(task, true, &halt, prepared, err))
        return true;
    if (strcmp(err->key, "export.spool") != 0 && strcmp(err->key, "image.no-space") != 0)
        return false;
    struct halt again = {.job = job};
    *err = (struct error){0};
    return prepare_export(task, false, &again, prepared, err);
}

uint32_t export_check(const struct export_task *task, struct job *job, struct export_estimate *estimate,
                      struct error *err)
{
    struct prepared prepared;
    *estimate = (struct export_estimate){0};
    if (!prepare(task, job, &prepared, err))
        return err->code ? err->code : RETURN_FAILED;
    tell(&prepared, estimate);
    estimate->plan = planning_keep(&prepared);
    prepared_clear(&prepared);
    return RETURN_DONE;
}

uint32_t export_check_unread(const struct export_task *task, struct export_estimate *estimate,
                             struct error *err)
{
    struct prepared prepared;
    *estimate = (struct export_estimate){0};
    if (!prepare_unread(task, NULL, &prepared, err))
        return err->code ? err->code : RETURN_FAILED;
    tell(&prepared, estimate);
    prepared_clear(&prepared);
    return RETURN_DONE;
}

uint32_t export_verify_base(const struct export_task *task, struct job *job, struct error *err)
{
    struct prepared prepared;
    if (!prepare_unread(task, job, &prepared, err))
        return err->code ? err->code : RETURN_FAILED;
    bool ok = basing_verify(&prepared, job, err);
    prepared_clear(&prepared);
    return ok ? RETURN_DONE : err->code ? err->code : RETURN_FAILED;
}
