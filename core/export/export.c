#include "core/export/export.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/export/prepare.h"
#include "core/export/warning.h"

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
    *estimate = (struct export_estimate){0};
}

void export_result_clear(struct export_result *result)
{
    free(result->package);
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
    estimate->warning = export_warning(from->task, from->has_base ? &from->base : NULL);
    export_task_tell_left_out(from->task, &estimate->left_out, &estimate->left_out_count);
}

uint32_t export_check(const struct export_task *task, struct job *job, struct export_estimate *estimate,
                      struct error *err)
{
    struct halt halt = {.job = job};
    struct prepared prepared;
    *estimate = (struct export_estimate){0};
    if (!prepare_export(task, false, &halt, &prepared, err))
        return err->code ? err->code : RETURN_FAILED;
    tell(&prepared, estimate);
    prepared_clear(&prepared);
    return RETURN_DONE;
}

uint32_t export_check_unread(const struct export_task *task, struct export_estimate *estimate,
                             struct error *err)
{
    struct prepared prepared;
    *estimate = (struct export_estimate){0};
    if (!prepare_unread(task, &prepared, err))
        return err->code ? err->code : RETURN_FAILED;
    tell(&prepared, estimate);
    prepared_clear(&prepared);
    return RETURN_DONE;
}
