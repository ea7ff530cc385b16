#include "core/host/layers/ways/moved_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/templates.h"
#include "core/host/layers/ways/loose_chain.h"
#include "core/host/layers/ways/move_plan.h"

static bool is_missing(const char *path)
{
    struct stat status;
    return lstat(path, &status) != 0 && errno == ENOENT;
}

static bool still_there(const char *path, struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "machine.not-moved", "%s is still there", path);
    error_cause(err, "of two images of one disk nobody can tell which the machine uses");
    return error_next(err, "To move the machine, leave --moved out. If it has been moved, take the old image "
                           "away first (give it another name).");
}

static struct move_file *add_found(struct move_work *work, const char *from, enum disk_format format,
                                   struct error *err)
{
    struct move_file *file = move_work_add(work, from, format);
    struct stat status;
    if (lstat(file->to, &status) != 0) {
        bool missing = errno == ENOENT;
        error_errno(err, errno, "layer.missing", "cannot find %s", file->to);
        if (missing)
            error_next(err,
                       "All files of the machine's disks must be there under their own names: bring it, or "
                       "give its points up with \"refpoint point forget\".");
        return NULL;
    }
    if (!S_ISREG(status.st_mode)) {
        error_set(err, RETURN_INVALID_STATE, "layer.structure", "%s is no regular file", file->to);
        error_next(err, "Put the file itself there.");
        return NULL;
    }
    file->is = file_identity_of(&status);
    return file;
}

static bool take_image(struct move_work *work, struct disk *disk, struct error *err)
{
    if (!is_missing(disk->path))
        return still_there(disk->path, err);
    struct move_file *file = add_found(work, disk->path, disk->format, err);
    if (!file)
        return false;
    file->is_image = true;
    file->fd = open(file->to, LAYER_OPEN_FLAGS);
    if (file->fd < 0)
        return error_errno(err, errno, "disk.open", "cannot open %s", file->to);
    mem_replace(&disk->path, file->to);
    return file_claim(file->fd, CLAIM_STILL, file->to, err);
}

/* The very file. To be given that name is something that is done to it. */
static bool is_by_another_name(const struct disk_point *record, const struct stat *status, const char *path)
{
    return layer_state(record, status, path) != LAYER_ANOTHER;
}

static bool take_layer(struct move_work *work, const struct layer *layer, const struct proof_wishes *wishes,
                       struct error *err)
{
    struct disk_point *record = layer->disk;
    enum adopted_how how;
    struct move_file *file = add_found(work, record->layer_path, record->layer_format, err);
    if (!file)
        return false;
    struct stat status;
    bool unproven = record->unproven;
    if (lstat(file->to, &status) == 0 && is_by_another_name(record, &status, file->to))
        mem_replace(&record->layer_path, file->to);
    else if (!proof_of_layer(record, file->to, wishes, &how, err))
        return false;
    file->is = (struct file_identity){
        .inode = record->inode, .size = record->file_size, .modified = record->modified, .mode = 0444};
    mem_replace(&file->sha256, record->content_sha256);
    file->unproven = record->unproven && !unproven;
    file->unproven_since = record->unproven_since;
    return true;
}

/* Of a layer without a point the points above it keep size and time. */
static bool check_kept(const struct layers *layers, struct move_file *file, const struct proof_wishes *wishes,
                       struct error *err)
{
    for (size_t i = 0; i < layers->count; i++) {
        const struct member_point *member = layers->items[i].member;
        for (size_t j = 0; j < member->machine.disk_count; j++) {
            const struct backing_file *kept = templates_find(&member->machine.disks[j], file->from);
            struct stat status;
            if (!kept || kept->file_size == 0)
                continue;
            const struct backing_file there = {.path = file->to, .file_size = kept->file_size};
            if (stat(file->to, &status) == 0 && template_is_unchanged(kept, &status))
                continue;
            if (!proof_of_template(&there, wishes, &status, err))
                return false;
            file->unproven = true;
            file->unproven_since = wishes->now;
        }
    }
    return true;
}

static bool leads_to(const char *from, enum disk_format format, const struct layers *layers, const char *path)
{
    struct loose_chain chain;
    loose_chain_read(from, format, layers, &chain);
    bool found = loose_chain_find(&chain, path) != SIZE_MAX;
    loose_chain_clear(&chain);
    return found;
}

/* A template stays where it is, unless the headers lead to one beside the image: it was moved, too. */
static bool is_moved_template(const struct disk *disk, const struct layers *layers, const char *there)
{
    bool moved = leads_to(disk->path, disk->format, layers, there);
    for (size_t i = 0; !moved && i < layers->count; i++) {
        const struct disk_point *record = layers->items[i].disk;
        moved = guid_equal(&record->disk_uuid, &disk->uuid) &&
                leads_to(record->layer_path, record->layer_format, layers, there);
    }
    return moved;
}

static bool take_pointless(struct move_work *work, const struct layers *layers, struct disk *disk,
                           const char *old_image, const struct proof_wishes *wishes, struct error *err)
{
    CLEANUP_FREE char *directory = path_directory(old_image);
    for (size_t i = 0; i < disk->backing_count; i++) {
        struct backing_file *backing = &disk->backing[i];
        CLEANUP_FREE char *its = path_directory(backing->path);
        CLEANUP_FREE char *there = mem_format("%s/%s", work->directory, path_name(backing->path));
        if (strcmp(its, directory) != 0 || is_missing(there) ||
            !(path_is_layer(backing->path) || is_moved_template(disk, layers, there)))
            continue;
        struct move_file *file = add_found(work, backing->path, backing->format, err);
        if (!file || !check_kept(layers, file, wishes, err))
            return false;
        mem_replace(&backing->path, file->to);
    }
    return true;
}

static bool take_layers(struct move_work *work, const struct layers *layers, const struct disk *disk,
                        const struct proof_wishes *wishes, struct error *err)
{
    for (size_t i = 0; i < layers->count; i++) {
        const struct layer *layer = &layers->items[i];
        if (guid_equal(&layer->disk->disk_uuid, &disk->uuid) &&
            !move_is_there(work, layer->disk->layer_path) && !take_layer(work, layer, wishes, err))
            return false;
    }
    return true;
}

static bool read_chain(const struct disk *disk, const char *path, enum disk_format format,
                       const struct layers *layers, struct error *err)
{
    struct chain_source source = chain_source_of(disk);
    struct chain chain;
    source.path = path;
    source.format = format;
    if (!chain_read(&source, layers, &chain, err))
        return false;
    bool ok = chain_check_order(&chain, err);
    chain_clear(&chain);
    return ok;
}

/* In the new place everything leads to what the records will say. */
static bool check_chains(const struct machine *machine, const struct layers *layers, struct error *err)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        const struct disk *disk = &machine->disks[i];
        bool ok = read_chain(disk, disk->path, disk->format, layers, err);
        for (size_t j = 0; ok && j < layers->count; j++) {
            const struct disk_point *record = layers->items[j].disk;
            if (guid_equal(&record->disk_uuid, &disk->uuid))
                ok = read_chain(disk, record->layer_path, record->layer_format, layers, err);
        }
        if (ok)
            continue;
        if (strcmp(err->key, "disk.backing-unregistered") == 0)
            error_next(err, "A template that is named relative to the image must lie beside it: put it, or a "
                            "link to it, there.");
        return error_context(err, "disk %s", disk->id);
    }
    return true;
}

static uint64_t bytes_to_read(const struct move_work *work, const struct machine *machine,
                              const struct layers *layers)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < layers->count; i++) {
        const struct disk_point *record = layers->items[i].disk;
        struct stat status;
        CLEANUP_FREE char *there = mem_format("%s/%s", work->directory, path_name(record->layer_path));
        if (guid_equal(&layers->items[i].member->machine.id, &machine->id) &&
            !move_is_there(work, record->layer_path) && lstat(there, &status) == 0 &&
            !is_by_another_name(record, &status, there))
            bytes += (uint64_t)status.st_size;
    }
    return bytes;
}

bool moved_plan(struct move_work *work, struct machine *machine, struct layers *layers,
                const struct proof_wishes *wishes, struct error *err)
{
    if (wishes->watch)
        wishes->watch->total = bytes_to_read(work, machine, layers);
    for (size_t i = 0; i < machine->disk_count; i++) {
        struct disk *disk = &machine->disks[i];
        if (move_is_there(work, disk->path))
            continue;
        CLEANUP_FREE char *old_image = mem_strdup(disk->path);
        if (!take_image(work, disk, err) || !take_layers(work, layers, disk, wishes, err) ||
            !take_pointless(work, layers, disk, old_image, wishes, err))
            return error_context(err, "disk %s", disk->id);
    }
    layers_reindex(layers);
    if (work->count > 0)
        return check_chains(machine, layers, err);
    error_set(err, RETURN_INVALID_PARAMETER, "machine.is-there",
              "the records have the images of the machine %s in %s already", machine->name, work->directory);
    return error_next(err, "If files there were replaced, \"refpoint store adopt\" takes them.");
}
