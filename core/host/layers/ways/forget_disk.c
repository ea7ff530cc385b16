#include "core/host/layers/ways/forget_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/layers/foreign_overlays.h"
#include "core/host/layers/templates.h"

bool forget_concerns(const struct forget_what *what, const struct layer *layer)
{
    return guid_equal(&layer->point->collection_id, &what->collection) &&
           (!what->point || guid_equal(&layer->point->id, what->point));
}

void forget_disk_read(struct forget_disk *disk, const struct forget_what *what, const struct layers *layers,
                      const struct guid *uuid, const char *image, enum disk_format format)
{
    *disk = (struct forget_disk){.what = what, .layers = layers, .uuid = *uuid, .image = mem_strdup(image)};
    loose_chain_read(image, format, layers, &disk->chain);
    for (size_t i = 0; i < layers->count; i++) {
        const struct layer *layer = &layers->items[i];
        if (!guid_equal(&layer->disk->disk_uuid, uuid) || forget_concerns(what, layer))
            continue;
        struct forget_reader *reader = ARRAY_APPEND(disk->readers, disk->reader_count);
        reader->layer = layer;
        loose_chain_read(layer->disk->layer_path, layer->disk->layer_format, layers, &reader->chain);
    }
}

void forget_disk_clear(struct forget_disk *disk)
{
    free(disk->image);
    loose_chain_clear(&disk->chain);
    for (size_t i = 0; i < disk->reader_count; i++)
        loose_chain_clear(&disk->readers[i].chain);
    free(disk->readers);
    *disk = (struct forget_disk){0};
}

/* Has no point, or soon has none. A layer whose point's record cannot be read is one of them. */
static bool is_pointless(const struct forget_disk *disk, const char *path)
{
    const struct layer *layer = layers_find(disk->layers, path);
    return layer ? forget_concerns(disk->what, layer) : path_is_layer(path);
}

/* From the bottom upwards, so that each comes in front of what lies beneath it. promised: as their points
 * recorded them. */
static bool register_in(const struct forget_disk *disk, const struct loose_chain *chain, struct disk *record,
                        bool promised)
{
    const char *beneath = NULL;
    bool changed = false;
    for (size_t i = chain->count; i-- > 1;) {
        const struct loose_link *link = &chain->links[i];
        if (is_pointless(disk, link->path)) {
            const struct layer *layer = layers_find(disk->layers, link->path);
            struct backing_file file = {.path = link->path, .format = link->format};
            if (promised && layer) {
                file.file_size = layer->disk->file_size;
                file.modified = layer->disk->modified;
            }
            changed = templates_add(record, &file, beneath) || changed;
        }
        if (templates_find(record, link->path))
            beneath = link->path;
    }
    return changed;
}

/* The image leads to what cannot be read now: whatever may lie there is to be read once it is back. */
static bool register_all(const struct forget_disk *disk, struct disk *now)
{
    bool changed = false;
    for (size_t i = disk->layers->count; i-- > 0;) {
        const struct layer *layer = &disk->layers->items[i];
        if (!guid_equal(&layer->disk->disk_uuid, &disk->uuid) || !forget_concerns(disk->what, layer))
            continue;
        const struct backing_file file = {.path = layer->disk->layer_path,
                                          .format = layer->disk->layer_format};
        changed = templates_add(now, &file, NULL) || changed;
    }
    return changed;
}

static bool doubt_reader(const struct forget_disk *disk, const struct forget_reader *reader)
{
    bool before = reader->layer->disk->unproven;
    for (size_t i = 1; i < reader->chain.count; i++) {
        const struct layer *layer = layers_find(disk->layers, reader->chain.links[i].path);
        if (layer && layer->disk->unproven && forget_concerns(disk->what, layer))
            layer_doubt(reader->layer->disk, layer->disk->unproven_since);
    }
    return reader->layer->disk->unproven != before;
}

static struct disk *disk_of_record(const struct layer *layer)
{
    struct machine *machine = &layer->member->machine;
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (guid_equal(&machine->disks[i].uuid, &layer->disk->disk_uuid))
            return &machine->disks[i];
    }
    return NULL;
}

bool forget_disk_register(const struct forget_disk *disk, struct disk *now, bool *changed)
{
    bool machine_changed = register_in(disk, &disk->chain, now, false);
    if (!disk->chain.whole)
        machine_changed = register_all(disk, now) || machine_changed;
    for (size_t i = 0; i < disk->reader_count; i++) {
        const struct forget_reader *reader = &disk->readers[i];
        struct disk *record = disk_of_record(reader->layer);
        machine_changed = register_in(disk, &reader->chain, now, false) || machine_changed;
        bool point_changed = record && register_in(disk, &reader->chain, record, true);
        point_changed = doubt_reader(disk, reader) || point_changed;
        size_t number = (size_t)(reader->layer->point - disk->layers->points.items);
        changed[number] = changed[number] || point_changed;
    }
    return machine_changed;
}

/* Where the image stands on layers with a point again, on a template, or (count) on nothing. */
static size_t end_of_pointless(const struct forget_disk *disk)
{
    size_t at = 1;
    while (at < disk->chain.count && is_pointless(disk, disk->chain.links[at].path))
        at++;
    return at;
}

static void add_command(struct left_layer *left, char *command)
{
    *ARRAY_APPEND(left->commands, left->command_count) = command;
}

/* A name in the image's own directory stays right when all of it is moved; one with a colon would be read as
 * a protocol. */
static char *backing_argument(const char *image, const char *path)
{
    CLEANUP_FREE char *left = path_directory(image);
    CLEANUP_FREE char *right = path_directory(path);
    bool beside = strcmp(left, right) == 0 && !strchr(path_name(path), ':') && *path_name(path) != '-';
    return text_shell_quote(beside ? path_name(path) : path);
}

static void tell_how_to_be_free(const struct forget_disk *disk, struct left_layer *left)
{
    CLEANUP_FREE char *image = text_shell_quote(disk->image);
    CLEANUP_FREE char *layer = text_shell_quote(left->path);
    size_t at = end_of_pointless(disk);
    if (!disk->chain.whole)
        return;
    if (at < disk->chain.count) {
        CLEANUP_FREE char *below = backing_argument(disk->image, disk->chain.links[at].path);
        add_command(left, mem_format("qemu-img rebase -f qcow2 -F %s -b %s %s",
                                     disk_format_word(disk->chain.links[at].format), below, image));
    } else {
        add_command(left, mem_format("qemu-img rebase -f qcow2 -b '' %s", image));
    }
    add_command(left, mem_format("rm -f %s", layer));
}

static void need(struct left_layer *left, enum layer_rest rest, const char *by)
{
    left->rest = rest;
    left->needed_by = mem_strdup(by);
}

static bool find_in_image(const struct forget_disk *disk, struct left_layer *left)
{
    size_t at = loose_chain_find(&disk->chain, left->path);
    if (at == SIZE_MAX || at == 0)
        return false;
    if (at < end_of_pointless(disk)) {
        need(left, LAYER_REST_IMAGE, disk->image);
        tell_how_to_be_free(disk, left);
        return true;
    }
    while (at-- > 1) {
        const struct layer *above = layers_find(disk->layers, disk->chain.links[at].path);
        if (!above || forget_concerns(disk->what, above))
            continue;
        need(left, LAYER_REST_POINT, above->point->name);
        return true;
    }
    need(left, LAYER_REST_IMAGE, disk->image);
    return true;
}

static bool find_in_readers(const struct forget_disk *disk, struct left_layer *left)
{
    for (size_t i = 0; i < disk->reader_count; i++) {
        if (loose_chain_find(&disk->readers[i].chain, left->path) == SIZE_MAX)
            continue;
        need(left, LAYER_REST_POINT, disk->readers[i].layer->point->name);
        return true;
    }
    return false;
}

/* Nothing that the store knows needs it; does anything beside it? */
static bool is_free(const struct forget_disk *disk, const char *path)
{
    CLEANUP_FREE char *directory = path_directory(path);
    CLEANUP_FD int directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_FD int fd = open(path, LAYER_OPEN_FLAGS);
    struct error stranger;
    bool whole = disk->chain.whole;
    for (size_t i = 0; i < disk->reader_count; i++)
        whole = whole && disk->readers[i].chain.whole;
    return whole && directory_fd >= 0 && fd >= 0 &&
           foreign_overlays_absent(directory_fd, fd, path, NULL, &stranger);
}

void forget_disk_tell(const struct forget_disk *disk, const struct layer *layer, struct left_layer *left)
{
    struct stat status;
    *left = (struct left_layer){.point = mem_strdup(layer->point->name),
                                .machine = mem_strdup(layer->member->machine.name),
                                .disk = mem_strdup(layer->disk->disk_id),
                                .path = mem_strdup(layer->disk->layer_path)};
    if (lstat(left->path, &status) != 0 && errno == ENOENT) {
        left->rest = LAYER_REST_GONE;
    } else if (!find_in_image(disk, left) && !find_in_readers(disk, left)) {
        left->rest = is_free(disk, left->path) ? LAYER_REST_FREE : LAYER_REST_UNCLEAR;
        if (left->rest == LAYER_REST_FREE) {
            CLEANUP_FREE char *quoted = text_shell_quote(left->path);
            add_command(left, mem_format("rm -f %s", quoted));
        }
    }
}
