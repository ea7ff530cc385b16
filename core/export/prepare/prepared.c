#include "core/export/prepare/prepared.h"

#include <stdlib.h>

void prepared_clear(struct prepared *prepared)
{
    for (size_t i = 0; i < prepared->disk_count; i++) {
        free(prepared->disks[i].label);
        free(prepared->disks[i].own_reason);
        run_list_close(&prepared->disks[i].runs);
        place_list_close(&prepared->disks[i].places);
    }
    free(prepared->disks);
    free(prepared->begun.partial);
    layer_files_close(&prepared->layers);
    package_layout_clear(&prepared->layout);
    base_state_clear(&prepared->base_state);
    base_package_clear(&prepared->base);
    *prepared = (struct prepared){0};
}

bool prepared_is_differential(const struct prepared *prepared)
{
    bool any = false;
    for (size_t i = 0; i < prepared->disk_count; i++)
        any = any || prepared->disks[i].differential;
    return any;
}

const struct member_point *prepared_member(const struct prepared *prepared, size_t disk)
{
    return &prepared->task->point.members[prepared->task->disks[disk].member];
}

const struct disk_point *prepared_disk_point(const struct prepared *prepared, size_t disk)
{
    return &prepared_member(prepared, disk)->disks[prepared->task->disks[disk].disk];
}
