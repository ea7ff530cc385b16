#include "ui/screens/hosts/tasks.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/open/open.h"

struct choices_task *choices_task_new(const struct settings_place *started)
{
    struct choices_task *task = mem_alloc(sizeof *task);
    task->started = started;
    return task;
}

void choices_task_run(void *argument)
{
    struct choices_task *task = argument;
    task->ok = host_choices_read(&task->choices, task->started, &task->err);
}

void choices_task_release(void *argument)
{
    struct choices_task *task = argument;
    host_choices_clear(&task->choices);
    free(task);
}

struct opening_task *opening_task_new(const struct settings_place *started, const char *name)
{
    struct opening_task *task = mem_alloc(sizeof *task);
    task->started = started;
    task->name = mem_strdup(name);
    return task;
}

void opening_task_run(void *argument)
{
    struct opening_task *task = argument;
    task->host = host_open_chosen(task->started, task->name, &task->place, &task->err);
}

void opening_task_release(void *argument)
{
    struct opening_task *task = argument;
    if (task->host)
        task->host->ops->close(task->host);
    settings_place_clear(&task->place);
    free(task->name);
    free(task);
}
