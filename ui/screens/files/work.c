#include "ui/screens/files/work.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/host/known.h"

struct files_list_task *files_list_task_new(const char *path, bool with_hidden)
{
    struct files_list_task *task = mem_alloc(sizeof *task);
    task->path = mem_strdup(path);
    task->with_hidden = with_hidden;
    return task;
}

void files_list_task_run(void *argument)
{
    struct files_list_task *task = argument;
    task->ok = listing_read(&task->listing, task->path, task->with_hidden, &task->file, &task->err);
}

void files_list_task_release(void *argument)
{
    struct files_list_task *task = argument;
    listing_clear(&task->listing);
    free(task->file);
    free(task->path);
    free(task);
}

struct files_look_task *files_look_task_new(const char *path)
{
    struct files_look_task *task = mem_alloc(sizeof *task);
    task->path = mem_strdup(path);
    return task;
}

void files_look_task_run(void *argument)
{
    struct files_look_task *task = argument;
    file_look_run(&task->look, task->path);
}

void files_look_task_release(void *argument)
{
    struct files_look_task *task = argument;
    file_look_clear(&task->look);
    free(task->path);
    free(task);
}

struct files_completion_task *files_completion_task_new(const char *typed)
{
    struct files_completion_task *task = mem_alloc(sizeof *task);
    task->typed = mem_strdup(typed);
    return task;
}

void files_completion_task_run(void *argument)
{
    struct files_completion_task *task = argument;
    completion_run(task->typed, &task->completion);
}

void files_completion_task_release(void *argument)
{
    struct files_completion_task *task = argument;
    completion_clear(&task->completion);
    free(task->typed);
    free(task);
}

void file_users_clear(struct file_users *users)
{
    for (size_t i = 0; i < users->count; i++)
        free(users->items[i].who);
    free(users->items);
    *users = (struct file_users){0};
}

const char *file_users_find(const struct file_users *users, const struct file_look *look)
{
    for (size_t i = 0; i < users->count && look->inode != 0; i++) {
        if (users->items[i].inode == look->inode && users->items[i].device == look->device)
            return users->items[i].who;
    }
    return NULL;
}

static void add_user(struct file_users *users, const char *path, char *who)
{
    struct stat status;
    if (!path || stat(path, &status) != 0) {
        free(who);
        return;
    }
    *ARRAY_APPEND(users->items, users->count) =
        (struct file_user){.device = status.st_dev, .inode = status.st_ino, .who = who};
}

static void add_machine(struct file_users *users, const struct machine *machine)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        const struct disk *disk = &machine->disks[i];
        if (!disk->detached)
            add_user(users, disk->path, mem_format("%s/%s", machine->name, disk->id));
        for (size_t k = 0; k < disk->backing_count; k++)
            add_user(users, disk->backing[k].path, mem_format("%s/%s, beneath it", machine->name, disk->id));
    }
}

struct files_users_task *files_users_task_new(struct host *host)
{
    struct files_users_task *task = mem_alloc(sizeof *task);
    task->host = host;
    return task;
}

void files_users_task_run(void *argument)
{
    struct files_users_task *task = argument;
    struct machine_list machines = {0};
    struct error unreached = {0};
    struct error err = {0};
    if (host_machines(task->host, &machines, &unreached, &err)) {
        for (size_t i = 0; i < machines.count; i++)
            add_machine(&task->users, &machines.items[i]);
    }
    machine_list_clear(&machines);
}

void files_users_task_release(void *argument)
{
    struct files_users_task *task = argument;
    file_users_clear(&task->users);
    free(task);
}
