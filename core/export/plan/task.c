#include "core/export/plan/task.h"

#include <stdlib.h>

#include "core/base/mem.h"

void export_origins_clear(struct export_origin **origins, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        free((*origins)[i].record_sha256);
    free(*origins);
    *origins = NULL;
    *count = 0;
}

void export_origins_copy(struct export_origin **to, size_t *to_count, const struct export_origin *from,
                         size_t count)
{
    for (size_t i = 0; i < count; i++)
        *ARRAY_APPEND(*to, *to_count) = (struct export_origin){
            .package_id = from[i].package_id, .record_sha256 = mem_strdup(from[i].record_sha256)};
}

void export_disk_clear(struct export_disk *disk)
{
    for (size_t i = 0; i < disk->layer_count; i++)
        free(disk->layers[i].path);
    free(disk->layers);
    free(disk->served.socket);
    free(disk->served.name);
    free(disk->served.changes);
    free(disk->bitmap);
    free(disk->full_reason);
    *disk = (struct export_disk){.base_layer = EXPORT_NO_BASE};
}

void export_task_clear(struct export_task *task)
{
    reference_point_clear(&task->point);
    reference_point_clear(&task->base_point);
    for (size_t i = 0; i < task->disk_count; i++)
        export_disk_clear(&task->disks[i]);
    free(task->disks);
    for (size_t i = 0; i < task->file_count; i++) {
        free(task->files[i].directory);
        free(task->files[i].path);
    }
    free(task->files);
    export_origins_clear(&task->origins, &task->origin_count);
    free(task->directory);
    free(task->memory);
    export_options_clear(&task->options);
    *task = (struct export_task){0};
}

bool export_disk_has_base(const struct export_disk *disk)
{
    return disk->served.socket ? disk->served.changes != NULL
                               : disk->bitmap || disk->base_layer != EXPORT_NO_BASE;
}

bool export_task_has_machine(const struct export_task *task, size_t member)
{
    for (size_t i = 0; i < task->disk_count; i++) {
        if (task->disks[i].member == member)
            return true;
    }
    return task->point.members[member].disk_count == 0;
}

const struct machine_file *export_task_file(const struct export_task *task, size_t index)
{
    const struct export_file *file = &task->files[index];
    return &task->point.members[file->member].machine.files[file->file];
}

static bool has_disk(const struct export_task *task, size_t member, size_t disk)
{
    for (size_t i = 0; i < task->disk_count; i++) {
        if (task->disks[i].member == member && task->disks[i].disk == disk)
            return true;
    }
    return false;
}

static void tell_of_machine(const struct export_task *task, size_t member, char ***sentences, size_t *count)
{
    const struct member_point *from = &task->point.members[member];
    const struct machine *machine = &from->machine;
    const char *name = machine->name ? machine->name : "";
    for (size_t i = 0; i < machine->left_out_count; i++) {
        CLEANUP_FREE char *text = machine_left_out_text(&machine->left_out[i]);
        *ARRAY_APPEND(*sentences, *count) = mem_format("%s: %s", name, text);
    }
    for (size_t i = 0; i < machine->file_count; i++) {
        const struct machine_file *file = &machine->files[i];
        if (!file->sha256)
            *ARRAY_APPEND(*sentences, *count) =
                mem_format("%s: %s %s: %s", name, machine_file_role_word(file->role), file->path,
                           file->missing ? file->missing : "is not in the point");
    }
    for (size_t i = 0; i < from->disk_count; i++) {
        if (!has_disk(task, member, i))
            *ARRAY_APPEND(*sentences, *count) =
                mem_format("%s: disk %s was not chosen for the export", name, from->disks[i].disk_id);
    }
}

void export_task_tell_left_out(const struct export_task *task, char ***sentences, size_t *count)
{
    for (size_t i = 0; i < task->point.member_count; i++) {
        if (export_task_has_machine(task, i))
            tell_of_machine(task, i, sentences, count);
    }
}
