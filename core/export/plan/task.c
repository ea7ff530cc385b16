#include "core/export/plan/task.h"

#include <stdlib.h>

void export_task_clear(struct export_task *task)
{
    reference_point_clear(&task->point);
    reference_point_clear(&task->base_point);
    for (size_t i = 0; i < task->disk_count; i++) {
        for (size_t k = 0; k < task->disks[i].layer_count; k++)
            free(task->disks[i].layers[k].path);
        free(task->disks[i].layers);
        free(task->disks[i].full_reason);
    }
    free(task->disks);
    free(task->directory);
    export_options_clear(&task->options);
    *task = (struct export_task){0};
}
