#include "core/host/layers/placement.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/foreign_overlays.h"
#include "core/system/fs.h"

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void placement_clear(struct placement *placement)
{
    for (size_t i = 0; i < placement->count; i++) {
        struct placed_disk *disk = &placement->disks[i];
        free(disk->label);
        free(disk->child);
        image_info_clear(&disk->child_info);
        chain_clear(&disk->below);
        close_fd(disk->directory_fd);
        close_fd(disk->fd);
        close_fd(disk->child_fd);
    }
    free(placement->disks);
    layers_clear(&placement->layers);
    *placement = (struct placement){0};
}

static struct chain_source source_at(const char *path, enum disk_format format, const struct disk *disk)
{
    struct chain_source source = chain_source_of(disk);
    source.path = path;
    source.format = format;
    return source;
}

static bool take_child(struct placed_disk *placed, struct chain_link *link, struct error *err)
{
    if (placed->child && strcmp(placed->child, link->path) == 0)
        return true;
    if (placed->child) {
        error_set(err, RETURN_INVALID_STATE, "point.two-children", "%s and %s are both based on %s",
                  placed->child, link->path, placed->layer->disk->layer_path);
        return error_next(
            err, "Nothing was changed. Make one of them stand alone or remove it (qemu-img rebase -b ''); or "
                 "give the point up and leave every file: \"refpoint point forget\".");
    }
    placed->child = mem_strdup(link->path);
    placed->child_format = link->format;
    placed->child_info = link->info;
    link->info = (struct image_info){0};
    return true;
}

/* The child in the chain that begins at `path`, where there is one. */
static bool look_in_chain(struct placed_disk *placed, const char *path, enum disk_format format,
                          const struct disk *disk, const struct layers *layers, struct error *err)
{
    struct chain_source source = source_at(path, format, disk);
    struct chain chain;
    if (!chain_read(&source, layers, &chain, err))
        return false;
    size_t at = chain_find(&chain, placed->layer->disk->layer_path);
    bool ok = at == SIZE_MAX || at == 0 || take_child(placed, &chain.links[at - 1], err);
    chain_clear(&chain);
    return ok;
}

static bool is_missing(const char *path)
{
    struct stat status;
    return lstat(path, &status) != 0 && errno == ENOENT;
}

/* The active image's chain first; then, because the image may have been replaced by another, every later
 * layer of the disk. */
static bool find_child(struct placed_disk *placed, const struct disk *disk, const struct layers *layers,
                       struct error *err)
{
    if (!look_in_chain(placed, disk->path, disk->format, disk, layers, err))
        return false;
    for (size_t i = 0; i < layers->count; i++) {
        const struct disk_point *other = layers->items[i].disk;
        /* What is not there is based on nothing. */
        if (guid_equal(&other->disk_uuid, &disk->uuid) && other != placed->layer->disk &&
            !is_missing(other->layer_path) &&
            !look_in_chain(placed, other->layer_path, other->layer_format, disk, layers, err))
            return false;
    }
    return true;
}

static bool open_files(struct placed_disk *placed, struct error *err)
{
    const char *path = placed->layer->disk->layer_path;
    CLEANUP_FREE char *directory = path_directory(path);
    CLEANUP_FREE char *child_directory = placed->child ? path_directory(placed->child) : NULL;
    if (child_directory && strcmp(directory, child_directory) != 0) {
        error_set(err, RETURN_INVALID_STATE, "point.moved", "%s is not in the directory of %s", placed->child,
                  path);
        return error_next(
            err, "Bring both files back into one directory; or give the point up and leave every file: "
                 "\"refpoint point forget\".");
    }
    if (!fs_open_directory(AT_FDCWD, directory, &placed->directory_fd, err))
        return false;
    placed->fd = openat(placed->directory_fd, path_name(path), LAYER_OPEN_FLAGS);
    if (placed->fd < 0)
        return error_errno(err, errno, "point.layer", "cannot open %s", path);
    struct stat status;
    if (fstat(placed->fd, &status) != 0)
        return error_errno(err, errno, "point.layer", "cannot look at %s", path);
    if (status.st_nlink != 1) {
        error_set(err, RETURN_INVALID_STATE, "point.links", "%s has more than one name (hard links)", path);
        return error_next(
            err, "Remove the other names: what they lead to would be changed too. Or give the point up and "
                 "leave every file: \"refpoint point forget\".");
    }
    if (!foreign_overlays_absent(placed->directory_fd, placed->fd, path, placed->child, err))
        return false;
    if (placed->child)
        placed->child_fd = openat(placed->directory_fd, path_name(placed->child), LAYER_OPEN_FLAGS);
    if (placed->child && placed->child_fd < 0)
        return error_errno(err, errno, "point.layer", "cannot open %s", placed->child);
    return true;
}

static const struct disk *find_disk(const struct machine *machine, const struct guid *uuid)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (guid_equal(&machine->disks[i].uuid, uuid))
            return &machine->disks[i];
    }
    return NULL;
}

static bool place_disk(struct placement *placement, const struct layer *layer, const struct machine *machine,
                       struct error *err)
{
    struct placed_disk *placed = ARRAY_APPEND(placement->disks, placement->count);
    *placed = (struct placed_disk){.layer = layer, .directory_fd = -1, .fd = -1, .child_fd = -1};
    placed->label = mem_format("%s/%s", machine->name, layer->disk->disk_id);
    const struct disk *disk = find_disk(machine, &layer->disk->disk_uuid);
    if (!disk) {
        error_set(err, RETURN_INVALID_STATE, "point.disk-gone", "the machine no longer has the disk");
        return error_next(
            err,
            "Bring the record of the machine back from a copy of the store; or give the point up and leave "
            "every file: \"refpoint point forget\".");
    }
    if (is_missing(layer->disk->layer_path)) {
        /* Only when the machine has another image now: a chain that needs it cannot be read. */
        placed->gone = true;
        return find_child(placed, disk, &placement->layers, err);
    }
    struct chain_source source = source_at(layer->disk->layer_path, layer->disk->layer_format, disk);
    return chain_read(&source, &placement->layers, &placed->below, err) &&
           find_child(placed, disk, &placement->layers, err) && open_files(placed, err);
}

static bool place_disks(const struct store *store, struct placement *placement, struct error *err)
{
    for (size_t i = 0; i < placement->layers.count; i++) {
        const struct layer *layer = &placement->layers.items[i];
        struct machine machine;
        if (layer->point != placement->point)
            continue;
        if (!store_read_machine(store, &layer->member->machine.id, &machine, err))
            return false;
        bool ok = place_disk(placement, layer, &machine, err) ||
                  error_context(err, "machine %s, disk %s", machine.name, layer->disk->disk_id);
        machine_clear(&machine);
        if (!ok)
            return false;
    }
    return true;
}

bool placement_find(const struct store *store, const struct object_path *path, struct placement *placement,
                    struct error *err)
{
    struct reference_point point;
    struct guid *machines = NULL;
    size_t count = 0;
    *placement = (struct placement){0};
    if (!store_read_point(store, path, &point, err))
        return false;
    for (size_t i = 0; i < point.member_count; i++)
        *ARRAY_APPEND(machines, count) = point.members[i].machine.id;
    reference_point_clear(&point);
    bool ok = layers_load(store, machines, count, &placement->layers, NULL, err);
    free(machines);
    for (size_t i = 0; ok && i < placement->layers.points.count; i++) {
        if (guid_equal(&placement->layers.points.items[i].id, &path->point_id))
            placement->point = &placement->layers.points.items[i];
    }
    if (ok && !placement->point) {
        error_set(err, RETURN_INVALID_STATE, "point.collection",
                  "the collection of the reference point no longer has its machines");
        ok = error_next(
            err, "Bring the record of the collection back from a copy of the store; or give the point up and "
                 "leave every file: \"refpoint point forget\".");
    }
    ok = ok && place_disks(store, placement, err);
    if (!ok)
        placement_clear(placement);
    return ok;
}

static bool is_as_frozen(const struct disk_point *record, int fd, struct error *err)
{
    struct stat status;
    if (fd < 0)
        return true;
    if (fstat(fd, &status) != 0)
        return error_errno(err, errno, "point.layer", "cannot look at %s", record->layer_path);
    if (layer_check(record, &status, "point.layer-changed", err))
        return true;
    CLEANUP_FREE char *why = mem_strdup(err->cause);
    return error_cause(err, "%s; later points would hold it from now on, and nothing would show it", why);
}

bool placement_check_frozen(const struct placement *placement, struct error *err)
{
    for (size_t i = 0; i < placement->count; i++) {
        const struct placed_disk *placed = &placement->disks[i];
        const struct layer *child = placed->child ? layers_find(&placement->layers, placed->child) : NULL;
        if (child && (!is_as_frozen(placed->layer->disk, placed->fd, err) ||
                      !is_as_frozen(child->disk, placed->child_fd, err)))
            return error_context(err, "%s", placed->label);
    }
    return true;
}

/* Blocks of one file; those that have been counted already under another name are not counted twice. */
static bool add_space(const char *path, struct stat *seen, size_t *seen_count, uint64_t *bytes)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return errno == ENOENT;
    for (size_t i = 0; i < *seen_count; i++) {
        if (seen[i].st_ino == status.st_ino && seen[i].st_dev == status.st_dev)
            return true;
    }
    seen[(*seen_count)++] = status;
    *bytes += (uint64_t)status.st_blocks * 512;
    return true;
}

bool placement_space(const struct placement *placement, enum placement_files files, uint64_t *bytes)
{
    CLEANUP_FREE struct stat *seen = mem_alloc((2 * placement->count + 1) * sizeof *seen);
    size_t count = 0;
    bool ok = true;
    *bytes = 0;
    for (size_t i = 0; ok && i < placement->count; i++) {
        const struct placed_disk *disk = &placement->disks[i];
        ok = add_space(disk->layer->disk->layer_path, seen, &count, bytes) &&
             (files == PLACEMENT_LAYERS || !disk->child || add_space(disk->child, seen, &count, bytes));
    }
    return ok;
}

void placement_tell_freed(const struct placement *placement, enum placement_files files, uint64_t before,
                          struct watch *watch)
{
    uint64_t after = 0;
    if (!watch || !placement_space(placement, files, &after))
        return;
    watch->freed = (int64_t)(before - after);
    watch->has_freed = true;
}
