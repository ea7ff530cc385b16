#include "core/host/layers/layers.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/image/layer_name.h"

static bool concerns(const struct collection *collection, const struct guid *machines, size_t machine_count)
{
    for (size_t i = 0; i < machine_count; i++) {
        for (size_t j = 0; j < collection->member_count; j++) {
            if (guid_equal(&machines[i], &collection->members[j]))
                return true;
        }
    }
    return machine_count == 0;
}

static void append_points(struct reference_point_list *all, struct reference_point_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        *ARRAY_APPEND(all->items, all->count) = list->items[i];
    list->count = 0; /* the points are the other list's */
    reference_point_list_clear(list);
}

static int compare_layers(const void *left, const void *right)
{
    const struct layer *first = left;
    const struct layer *second = right;
    return strcmp(first->disk->layer_path, second->disk->layer_path);
}

/* A store can have ten thousand points, and each file of a chain is looked up. */
static void index_by_path(struct layers *layers)
{
    free(layers->by_path);
    layers->by_path = mem_alloc(layers->count * sizeof *layers->by_path);
    for (size_t i = 0; i < layers->count; i++)
        layers->by_path[i] = layers->items[i];
    qsort(layers->by_path, layers->count, sizeof *layers->by_path, compare_layers);
}

/* After the points have their final place in memory. */
static void index_layers(struct layers *layers)
{
    for (size_t i = 0; i < layers->points.count; i++) {
        struct reference_point *point = &layers->points.items[i];
        for (size_t j = 0; j < point->member_count; j++) {
            struct member_point *member = &point->members[j];
            for (size_t k = 0; k < member->disk_count; k++) {
                if (member->disks[k].layer_path)
                    *ARRAY_APPEND(layers->items, layers->count) =
                        (struct layer){.point = point, .member = member, .disk = &member->disks[k]};
            }
        }
    }
    index_by_path(layers);
}

bool layers_load(const struct store *store, const struct guid *machines, size_t machine_count,
                 struct layers *layers, struct findings *findings, struct error *err)
{
    *layers = (struct layers){0};
    struct collection_list collections;
    bool ok = store_list_collections(store, &collections, findings, err);
    for (size_t i = 0; ok && i < collections.count; i++) {
        struct reference_point_list list;
        if (!concerns(&collections.items[i], machines, machine_count))
            continue;
        ok = store_list_points(store, &collections.items[i].id, true, &list, findings, err);
        if (ok)
            append_points(&layers->points, &list);
    }
    collection_list_clear(&collections);
    if (ok)
        index_layers(layers);
    else
        layers_clear(layers);
    return ok;
}

void layers_clear(struct layers *layers)
{
    reference_point_list_clear(&layers->points);
    free(layers->items);
    free(layers->by_path);
    *layers = (struct layers){0};
}

void layers_reindex(struct layers *layers)
{
    index_by_path(layers);
}

static int compare_path(const void *path, const void *layer)
{
    return strcmp(path, ((const struct layer *)layer)->disk->layer_path);
}

const struct layer *layers_find(const struct layers *layers, const char *path)
{
    return layers->count
               ? bsearch(path, layers->by_path, layers->count, sizeof *layers->by_path, compare_path)
               : NULL;
}

void layers_add(struct layers *layers, const struct layer *layer)
{
    if (layers_find(layers, layer->disk->layer_path))
        return;
    *ARRAY_APPEND(layers->items, layers->count) = *layer;
    index_by_path(layers);
}

void template_take_identity(struct backing_file *record, const struct stat *status)
{
    record->file_size = (uint64_t)status->st_size;
    record->modified =
        (struct moment){.seconds = status->st_mtim.tv_sec, .nanoseconds = (int32_t)status->st_mtim.tv_nsec};
}

bool template_is_same(const struct backing_file *one, const struct backing_file *other)
{
    return one->file_size == 0 || other->file_size == 0 ||
           (one->file_size == other->file_size && moment_compare(one->modified, other->modified) == 0);
}

bool template_is_unchanged(const struct backing_file *record, const struct stat *status)
{
    struct backing_file now = {0};
    template_take_identity(&now, status);
    return template_is_same(record, &now);
}

bool chain_check_order(const struct chain *chain, struct error *err)
{
    const struct layer *above = NULL;
    for (size_t i = 0; i < chain->count; i++) {
        const struct layer *layer = chain->links[i].layer;
        if (!layer)
            continue;
        /* A clone rests on the layers of another disk, which are in order by themselves. */
        if (above && !guid_equal(&above->disk->disk_uuid, &layer->disk->disk_uuid))
            return true;
        if (above && guid_equal(&above->point->collection_id, &layer->point->collection_id) &&
            above->point->sequence <= layer->point->sequence) {
            error_set(err, RETURN_INVALID_STATE, "layer.order",
                      "%s leads to %s, which is no earlier state of it", above->disk->layer_path,
                      layer->disk->layer_path);
            return error_next(err, "Bring each file back to its own name.");
        }
        above = layer;
    }
    return true;
}

char *path_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return mem_strdup(".");
    return slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
}

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *path_resolve(const char *of, const char *name)
{
    if (*name == '/')
        return mem_strdup(name);
    CLEANUP_FREE char *directory = path_directory(of);
    return mem_format("%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name);
}

bool path_is_layer(const char *path)
{
    return layer_name_kind(path) != LAYER_NAME_NONE;
}

static char *new_name(const char *beside, enum layer_name_kind kind, enum disk_format format)
{
    CLEANUP_FREE char *directory = path_directory(beside);
    CLEANUP_FREE char *name = layer_name_make(beside, kind, format);
    return mem_format("%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name);
}

char *path_new_layer(const char *beside, enum disk_format format)
{
    return new_name(beside, LAYER_NAME_LAYER, format);
}

char *path_new_temporary(const char *beside)
{
    return new_name(beside, LAYER_NAME_TEMPORARY, DISK_FORMAT_QCOW2);
}

uint64_t layers_space_of(const struct reference_point *point)
{
    uint64_t space = 0;
    for (size_t i = 0; i < point->member_count; i++) {
        for (size_t j = 0; j < point->members[i].disk_count; j++) {
            struct stat status;
            const char *path = point->members[i].disks[j].layer_path;
            if (path && lstat(path, &status) == 0)
                space += (uint64_t)status.st_blocks * 512;
        }
    }
    return space;
}
