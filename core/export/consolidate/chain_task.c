#include "core/export/consolidate/chain_task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/export/package/check/machines.h"
#include "core/export/package/digest.h"
#include "core/export/package/path.h"
#include "core/export/package/read.h"
#include "core/syntax/cfg.h"
#include "core/system/touch.h"

static bool describe_layer(const struct package *package, const struct package_disk *disk, int fd,
                           struct export_layer *layer, struct error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_errno(err, errno, "package.stat", "cannot look at %s of %s", disk->file, package->path);
    *layer = (struct export_layer){
        .path = mem_format("%s/%s", package->path, disk->file),
        .format = disk->format,
        .device = status.st_dev,
        .inode = status.st_ino,
        .file_size = (uint64_t)status.st_size,
        .modified = {.seconds = status.st_mtim.tv_sec, .nanoseconds = (int32_t)status.st_mtim.tv_nsec},
        .touched = touch_of(&status)};
    return true;
}

/* Each file of a disk's chain lies in the package beneath that of the file before. */
static bool add_layers(const struct package_stack *stack, size_t index, struct export_disk *disk,
                       struct error *err)
{
    struct package_chain chain;
    if (!package_stack_open_disk(stack, index, &chain, err))
        return false;
    bool ok = true;
    for (size_t level = 0; ok && level < chain.count; level++) {
        const struct package *package = &stack->links[level].package;
        const struct package_disk *own = &package->disks[index];
        ok = describe_layer(package, own, chain.layers[level].fd,
                            ARRAY_APPEND(disk->layers, disk->layer_count), err);
        if (level + 1 < chain.count)
            index = package_find_disk(&stack->links[level + 1].package, own->machine_id, own->disk_uuid);
    }
    package_chain_close(&chain);
    return ok;
}

/* The record's reader has seen to it that the point has each disk of the package. */
static bool find_at_point(const struct reference_point *point, const struct package_disk *disk,
                          struct export_disk *found)
{
    for (size_t m = 0; m < point->member_count; m++) {
        const struct member_point *member = &point->members[m];
        for (size_t d = 0; strcmp(member->machine.id.text, disk->machine_id) == 0 && d < member->disk_count;
             d++) {
            if (strcmp(member->disks[d].disk_uuid.text, disk->disk_uuid) != 0)
                continue;
            *found = (struct export_disk){.member = m, .disk = d, .base_layer = EXPORT_NO_BASE};
            return true;
        }
    }
    return false;
}

static bool add_disk(const struct package_stack *stack, size_t index, struct export_task *task,
                     struct error *err)
{
    const struct package *package = &stack->links[0].package;
    struct export_disk *disk = ARRAY_APPEND(task->disks, task->disk_count);
    if (!find_at_point(&task->point, &package->disks[index], disk))
        return error_set(err, RETURN_INCORRECT_DATA_TYPE, "package.record", "%s is no disk of the point",
                         package->disks[index].file);
    return add_layers(stack, index, disk, err);
}

/* Those that the package holds; under which names the new one holds them is decided anew. */
static void take_files(const struct package *package, struct export_task *task)
{
    for (size_t m = 0; m < task->point.member_count; m++) {
        struct machine *machine = &task->point.members[m].machine;
        for (size_t f = 0; f < machine->file_count; f++) {
            struct machine_file *file = &machine->files[f];
            if (!file->file)
                continue;
            *ARRAY_APPEND(task->files, task->file_count) = (struct export_file){
                .member = m, .file = f, .directory = mem_strdup(package->path), .path = file->file};
            file->file = NULL;
        }
    }
}

static void take_origins(const struct package_stack *stack, struct export_task *task)
{
    for (size_t i = 0; i < stack->count; i++) {
        const struct package *package = &stack->links[i].package;
        *ARRAY_APPEND(task->origins, task->origin_count) = (struct export_origin){
            .package_id = package->id, .record_sha256 = mem_strdup(package->record_sha256)};
    }
}

bool chain_task_make(const struct package_stack *stack, struct export_task *task, struct error *err)
{
    const struct package *package = &stack->links[0].package;
    *task = (struct export_task){0};
    reference_point_copy(&task->point, &package->point);
    take_files(package, task);
    take_origins(stack, task);
    bool ok = true;
    for (size_t i = 0; ok && i < package->disk_count; i++)
        ok = add_disk(stack, i, task, err);
    return ok;
}

/* --- definitions --- */

static bool read_definition(const struct package_link *link, const struct package_file *file, char **text,
                            struct error *err)
{
    CLEANUP_FD int fd = -1;
    CLEANUP_FREE char *read = NULL;
    size_t length = 0;
    char digest[PACKAGE_DIGEST_TEXT];
    if (file->size > CFG_LIMIT_LARGE)
        return error_set(err, RETURN_NOT_SUPPORTED, "package.too-large", "%s is larger than %zu bytes",
                         file->name, CFG_LIMIT_LARGE);
    if (!package_path_open_file(link->fd, file->name, &fd, NULL, err) ||
        !package_read_descriptor(fd, file->name, (size_t)file->size, &read, &length, err))
        return false;
    package_digest_bytes(read, length, digest);
    if (strcmp(digest, file->sha256) != 0) {
        error_set(err, RETURN_IN_USE, "package.changing", "%s changes while it is read", file->name);
        return error_next(err, "Wait until whatever writes to the package has ended, then try again.");
    }
    free(*text);
    *text = read;
    read = NULL;
    return true;
}

static struct machine *find_machine(struct export_task *task, const struct guid *id)
{
    for (size_t i = 0; i < task->point.member_count; i++) {
        if (guid_equal(&task->point.members[i].machine.id, id))
            return &task->point.members[i].machine;
    }
    return NULL;
}

/* settings: the name of a machine.cfg, beside which the definition lies, where the machine has one. */
static bool take_definition(const struct package_link *link, const char *settings, struct export_task *task,
                            struct error *err)
{
    struct machine said = {0};
    if (!package_machine_read(link, settings, &said, err))
        return error_context(err, "%s", settings);
    struct machine *machine = find_machine(task, &said.id);
    machine_clear(&said);
    CLEANUP_FREE char *name = mem_format("%.*s" PACKAGE_DOMAIN_XML,
                                         (int)(strlen(settings) - strlen(PACKAGE_MACHINE_CFG)), settings);
    const struct package_file *file = package_find_file(&link->package, name);
    return !machine || !file || read_definition(link, file, &machine->domain_xml, err);
}

bool chain_task_take_definitions(const struct package_stack *stack, struct export_task *task,
                                 struct error *err)
{
    const struct package_link *link = &stack->links[0];
    for (size_t i = 0; i < link->package.file_count; i++) {
        const char *name = link->package.files[i].name;
        const char *slash = strrchr(name, '/');
        if (slash && strcmp(slash + 1, PACKAGE_MACHINE_CFG) == 0 && !take_definition(link, name, task, err))
            return error_context(err, "%s", link->package.path);
    }
    return true;
}
