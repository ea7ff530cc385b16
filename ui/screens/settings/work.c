#include "ui/screens/settings/work.h"

#include <stdlib.h>

#include "core/base/mem.h"

struct settings_load_task *settings_load_task_new(const char *config)
{
    struct settings_load_task *task = mem_alloc(sizeof *task);
    task->config = mem_strdup(config);
    return task;
}

void settings_load_task_run(void *argument)
{
    struct settings_load_task *task = argument;
    task->ok = settings_load(&task->settings, task->config, &task->err);
}

void settings_load_task_release(void *argument)
{
    struct settings_load_task *task = argument;
    settings_clear(&task->settings);
    free(task->config);
    free(task);
}

struct settings_change *settings_change_new(const char *config, const struct setting *setting,
                                            const char *value)
{
    struct settings_change *task = mem_alloc(sizeof *task);
    task->config = mem_strdup(config);
    task->setting = setting;
    task->value = mem_strdup(value);
    return task;
}

static bool change(struct settings_change *task)
{
    if (!task->value)
        return settings_forget(task->config, task->setting->name, &task->err);
    return settings_take(&task->settings, task->setting, task->value, &task->err) &&
           settings_save(&task->settings, task->config, task->setting->name, &task->err);
}

void settings_change_run(void *argument)
{
    struct settings_change *task = argument;
    struct error unread = {0};
    task->changed = change(task);
    settings_clear(&task->settings);
    if (task->changed && !settings_load(&task->settings, task->config, &unread))
        task->err = unread;
}

void settings_change_release(void *argument)
{
    struct settings_change *task = argument;
    settings_clear(&task->settings);
    free(task->config);
    free(task->value);
    free(task);
}
