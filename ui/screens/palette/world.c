#include "ui/screens/palette/world.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "ui/app/data/user_data.h"

struct world_task *world_task_new(const struct settings_place *started)
{
    struct world_task *task = mem_alloc(sizeof *task);
    task->started = started;
    return task;
}

void world_task_run(void *argument)
{
    struct world_task *task = argument;
    struct error ignored = {0};
    user_data_theme_names(&task->themes, &task->theme_count);
    if (!host_choices_read(&task->hosts, task->started, &ignored))
        task->hosts = (struct host_choices){0};
}

void world_task_release(void *argument)
{
    struct world_task *task = argument;
    host_choices_clear(&task->hosts);
    fs_free_names(task->themes, task->theme_count);
    free(task);
}
