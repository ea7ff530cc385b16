#include "ui/screens/machine/work.h"

#include <fcntl.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/definition/domain_xml.h"
#include "core/definition/faults.h"
#include "core/syntax/xml_decode.h"
#include "core/system/fs.h"
#include "ui/screens/machine/membership.h"

#define DEFINITION_LIMIT ((size_t)1 << 20) /* as the command line has it */

struct machines_load *machines_load_new(struct host *host)
{
    struct machines_load *task = mem_alloc(sizeof *task);
    task->host = host;
    return task;
}

void machines_load_run(void *argument)
{
    struct machines_load *task = argument;
    const struct host_ops *ops = task->host->ops;
    struct collection_list collections = {0};
    task->ok = ops->list_machines(task->host, &task->machines, &task->err) &&
               ops->list_collections(task->host, &collections, &task->err);
    if (task->ok) {
        task->memberships = membership_texts(&task->machines, &collections);
        task->count = task->machines.count;
    }
    collection_list_clear(&collections);
}

void machines_load_release(void *argument)
{
    struct machines_load *task = argument;
    machine_list_clear(&task->machines);
    membership_free(task->memberships, task->count);
    free(task);
}

struct image_task *image_task_new(size_t disk, const char *path)
{
    struct image_task *task = mem_alloc(sizeof *task);
    task->disk = disk;
    task->path = mem_strdup(path);
    return task;
}

void image_task_run(void *argument)
{
    struct image_task *task = argument;
    file_look_run(&task->look, task->path);
}

void image_task_release(void *argument)
{
    struct image_task *task = argument;
    file_look_clear(&task->look);
    free(task->path);
    free(task);
}

struct definition_task *definition_task_new(const char *file)
{
    struct definition_task *task = mem_alloc(sizeof *task);
    task->file = mem_strdup(file);
    return task;
}

void definition_task_run(void *argument)
{
    struct definition_task *task = argument;
    size_t length = 0;
    CLEANUP_FREE char *bytes = NULL;
    if (!fs_read(AT_FDCWD, task->file, DEFINITION_LIMIT, &bytes, &length, &task->err) ||
        !xml_decode(bytes, length, task->file, &task->text, &task->err) ||
        !domain_xml_read(&task->machine, task->text, &task->err))
        return;
    task->looks = mem_alloc((task->machine.disk_count + 1) * sizeof *task->looks);
    for (size_t i = 0; i < task->machine.disk_count; i++)
        file_look_run(&task->looks[i], task->machine.disks[i].path);
}

void definition_task_release(void *argument)
{
    struct definition_task *task = argument;
    for (size_t i = 0; task->looks && i < task->machine.disk_count; i++)
        file_look_clear(&task->looks[i]);
    free(task->looks);
    machine_clear(&task->machine);
    free(task->text);
    free(task->file);
    free(task);
}

struct machine_task *machine_task_new(struct host *host, bool change, struct machine *machine)
{
    struct machine_task *task = mem_alloc(sizeof *task);
    task->host = host;
    task->change = change;
    task->machine = *machine;
    *machine = (struct machine){0};
    return task;
}

static void add_note(struct machine_task *task, char *note)
{
    *ARRAY_APPEND(task->notes, task->note_count) = note;
}

/* Told when it is added, since every point of it will be refused, or will not hold it. */
static void take_notes(struct machine_task *task)
{
    struct definition_fault *faults = NULL;
    size_t count = 0;
    struct error ignored = {0};
    const struct machine *machine = &task->machine;
    if (machine->domain_xml && definition_faults(machine->domain_xml, machine, &faults, &count, &ignored)) {
        for (size_t i = 0; i < count; i++)
            add_note(task, mem_format("the definition %s", faults[i].what));
        definition_faults_free(faults, count);
    }
    for (size_t i = 0; i < machine->left_out_count; i++)
        add_note(task, machine_left_out_text(&machine->left_out[i]));
}

void machine_task_run(void *argument)
{
    struct machine_task *task = argument;
    const struct host_ops *ops = task->host->ops;
    task->ok = task->change ? ops->set_machine(task->host, &task->machine, &task->err)
                            : ops->add_machine(task->host, &task->machine, &task->err);
    if (task->ok)
        take_notes(task);
}

void machine_task_release(void *argument)
{
    struct machine_task *task = argument;
    fs_free_names(task->notes, task->note_count);
    machine_clear(&task->machine);
    free(task);
}

struct remove_task *remove_task_new(struct host *host, const struct guid *id)
{
    struct remove_task *task = mem_alloc(sizeof *task);
    task->host = host;
    task->id = *id;
    return task;
}

void remove_task_run(void *argument)
{
    struct remove_task *task = argument;
    task->ok = task->host->ops->remove_machine(task->host, &task->id, &task->err);
}

void remove_task_release(void *argument)
{
    free(argument);
}
