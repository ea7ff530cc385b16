#include "core/host/layers/eligible.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/layers/raw_content.h"
#include "core/host/store/name.h"

/* A file that a disk is made of, for "already in use by". */
struct used_file {
    dev_t device;
    ino_t inode;
    bool template;
    const char *machine; /* borrowed */
    const char *disk;
};

struct used_files {
    struct used_file *items;
    size_t count;
};

static void use_file(struct used_files *used, const struct stat *status, bool template,
                     const struct machine *machine, const struct disk *disk)
{
    *ARRAY_APPEND(used->items, used->count) = (struct used_file){.device = status->st_dev,
                                                                 .inode = status->st_ino,
                                                                 .template = template,
                                                                 .machine = machine->name,
                                                                 .disk = disk->id};
}

static void use_chain(struct used_files *used, const struct chain *chain, const struct machine *machine,
                      const struct disk *disk)
{
    for (size_t i = 0; i < chain->count; i++)
        use_file(used, &chain->links[i].status, chain->links[i].kind == CHAIN_TEMPLATE, machine, disk);
}

/* A disk whose files cannot be read now still claims what can be found by name. */
static void use_disk(struct used_files *used, const struct machine *machine, const struct disk *disk,
                     const struct layers *layers)
{
    struct chain_source source = chain_source_of(disk);
    struct chain chain;
    struct error unreadable;
    struct stat status;
    if (chain_read(&source, layers, &chain, &unreadable)) {
        use_chain(used, &chain, machine, disk);
        chain_clear(&chain);
        return;
    }
    if (stat(disk->path, &status) == 0)
        use_file(used, &status, false, machine, disk);
    for (size_t i = 0; i < disk->backing_count; i++) {
        if (stat(disk->backing[i].path, &status) == 0)
            use_file(used, &status, true, machine, disk);
    }
    for (size_t i = 0; i < layers->count; i++) {
        const struct disk_point *record = layers->items[i].disk;
        if (guid_equal(&record->disk_uuid, &disk->uuid) && stat(record->layer_path, &status) == 0)
            use_file(used, &status, false, machine, disk);
    }
}

static bool check_unused(const struct used_files *used, const struct machine *machine,
                         const struct chain_link *link, struct error *err)
{
    for (size_t i = 0; i < used->count; i++) {
        const struct used_file *file = &used->items[i];
        if (file->device != link->status.st_dev || file->inode != link->status.st_ino)
            continue;
        /* Machines may share a template: nobody writes to it. */
        if (file->template && link->kind == CHAIN_TEMPLATE)
            continue;
        error_set(err, RETURN_NOT_SUPPORTED, "disk.shared", "%s already belongs to disk %s of machine %s",
                  link->path, file->disk, file->machine);
        if (file->machine == machine->name)
            return error_next(err, "Give each disk an image of its own.");
        CLEANUP_FREE char *quoted = text_shell_quote(file->machine);
        return error_next(err,
                          "Give each disk an image of its own. To add that machine anew, take it out of "
                          "the store first: refpoint machine remove %s",
                          quoted);
    }
    return true;
}

/* Every registered file must be there for a reason, and is kept under the name by which it was found. */
static bool settle_backing(struct disk *disk, const struct chain *chain, struct error *err)
{
    size_t templates = chain->count - 1;
    if (disk->backing_count != templates) {
        error_set(err, RETURN_INVALID_PARAMETER, "disk.backing-unused",
                  "disk %s has %zu backing files registered, but %s is based on %zu", disk->id,
                  disk->backing_count, disk->path, templates);
        return error_next(err, "Register the files of its chain, each once, and no others.");
    }
    for (size_t i = 0; i < templates; i++) {
        mem_replace(&disk->backing[i].path, chain->links[i + 1].path);
        disk->backing[i].format = chain->links[i + 1].format;
    }
    return true;
}

static bool check_path(const struct disk *disk, struct error *err)
{
    if (!disk->path || *disk->path != '/' || !*path_name(disk->path)) {
        error_set(err, RETURN_INVALID_PARAMETER, "disk.path", "the path of disk %s is not absolute",
                  disk->id);
        return error_next(err, "Give the path from the root, such as /srv/vm/web01.qcow2.");
    }
    if (strlen(disk->path) >= PATH_MAX || strlen(path_name(disk->path)) > NAME_MAX) {
        error_set(err, RETURN_INVALID_PARAMETER, "disk.path", "the path of disk %s is too long", disk->id);
        return error_next(err, "Keep the image under a shorter path.");
    }
    return true;
}

static bool check_disk(const struct machine *machine, struct disk *disk, const struct layers *layers,
                       struct used_files *used, struct error *err)
{
    struct chain_source source = chain_source_of(disk);
    struct chain chain;
    if (!check_path(disk, err))
        return false;
    if (!chain_read(&source, layers, &chain, err))
        return error_context(err, "disk %s", disk->id);
    bool ok = raw_content_check(disk, &chain, err);
    for (size_t i = 0; ok && i < chain.count; i++)
        ok = check_unused(used, machine, &chain.links[i], err);
    ok = ok && settle_backing(disk, &chain, err);
    if (ok) {
        disk->virtual_size = chain.links[0].info.virtual_size;
        use_chain(used, &chain, machine, disk);
    } else {
        error_context(err, "disk %s", disk->id);
    }
    chain_clear(&chain);
    return ok;
}

static bool check_disk_ids(const struct machine *machine, struct error *err)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (!name_check(machine->disks[i].id, "disk", err))
            return false;
        for (size_t j = 0; j < i; j++) {
            if (strcmp(machine->disks[i].id, machine->disks[j].id) == 0) {
                error_set(err, RETURN_INVALID_PARAMETER, "disk.id", "two disks are named %s",
                          machine->disks[i].id);
                return error_next(err, "Give each disk of the machine a name of its own.");
            }
        }
    }
    return true;
}

bool eligible_machine(const struct store *store, struct machine *machine, size_t first_new, struct error *err)
{
    struct layers layers = {0};
    struct machine_list machines = {0};
    struct used_files used = {0};
    bool ok = name_check(machine->name, "machine", err) && check_disk_ids(machine, err) &&
              layers_load(store, NULL, 0, &layers, NULL, err) &&
              store_list_machines(store, &machines, NULL, err);
    for (size_t i = 0; ok && i < machines.count; i++) {
        for (size_t j = 0; j < machines.items[i].disk_count; j++)
            use_disk(&used, &machines.items[i], &machines.items[i].disks[j], &layers);
    }
    for (size_t i = first_new; ok && i < machine->disk_count; i++)
        ok = check_disk(machine, &machine->disks[i], &layers, &used, err);
    free(used.items);
    machine_list_clear(&machines);
    layers_clear(&layers);
    return ok;
}
