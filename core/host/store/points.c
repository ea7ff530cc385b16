#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/store/internal.h"
#include "core/host/store/object.h"
#include "core/model/cfg.h"

static char *domain_name(const struct machine *machine)
{
    return mem_format("domain-%s.xml", machine->id.text);
}

static bool read_domains(const struct store_object *object, struct reference_point *point, struct error *err)
{
    for (size_t i = 0; i < point->member_count; i++) {
        struct machine *machine = &point->members[i].machine;
        CLEANUP_FREE char *name = domain_name(machine);
        if (!store_read_optional(object, name, &machine->domain_xml, err))
            return false;
    }
    return true;
}

static bool read_point(const struct store_object *object, const struct guid *collection, bool with_members,
                       bool with_domain_xml, struct reference_point *point, struct error *err)
{
    config_t config;
    *point = (struct reference_point){0};
    bool ok = store_read_cfg(&config, object, "point.cfg", CFG_LIMIT_LARGE, "reference point", err);
    /* The whole of it also where only a part is wanted: what a list shows as sound must be so. */
    if (ok && !reference_point_from_cfg(point, true, config_root_setting(&config), err))
        ok = store_blame(object, "point.cfg", err);
    config_destroy(&config);
    ok = ok && store_check_id(object, &point->id, "point.cfg", err);
    if (ok && !guid_equal(&point->collection_id, collection)) {
        error_set(err, RETURN_INCORRECT_DATA_TYPE, "store.id",
                  "%s/%s/%s/point.cfg says that it belongs to the collection %s", object->store->path,
                  object->parent, object->id->text, point->collection_id.text);
        ok = error_next(err, "Bring the record back to where it belongs, or from a copy of the store.");
    }
    ok = ok && (!with_domain_xml || read_domains(object, point, err));
    if (ok && !with_members)
        reference_point_drop_members(point);
    if (!ok)
        reference_point_clear(point);
    return ok;
}

bool store_read_point(const struct store *store, const struct object_path *path,
                      struct reference_point *point, struct error *err)
{
    CLEANUP_FREE char *parent = store_points_of(&path->collection_id);
    const struct store_object object = {.store = store, .parent = parent, .id = &path->point_id};
    return read_point(&object, &path->collection_id, true, true, point, err) ||
           store_tell_damaged(&object, err);
}

static int compare_points(const void *left, const void *right)
{
    const struct reference_point *first = left;
    const struct reference_point *second = right;
    if (first->sequence != second->sequence)
        return first->sequence > second->sequence ? -1 : 1;
    return strcmp(first->id.text, second->id.text);
}

bool store_list_points(const struct store *store, const struct guid *collection, bool with_members,
                       struct reference_point_list *list, struct findings *findings, struct error *err)
{
    CLEANUP_FREE char *parent = store_points_of(collection);
    CLEANUP_FREE struct guid *ids = NULL;
    size_t count = 0;
    const struct store_object whole = {.store = store, .parent = STORE_COLLECTIONS, .id = collection};
    *list = (struct reference_point_list){0};
    if (!store_object_exists(&whole)) {
        error_set(err, RETURN_INVALID_PARAMETER, "collection.unknown", "there is no collection %s",
                  collection->text);
        return error_next(
            err,
            "It may have been removed meanwhile: \"refpoint collection list\" shows those that are there.");
    }
    if (!store_object_list(store, parent, &ids, &count, findings, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct store_object object = {.store = store, .parent = parent, .id = &ids[i]};
        struct reference_point point;
        struct error broken;
        if (read_point(&object, collection, with_members, false, &point, &broken))
            *ARRAY_APPEND(list->items, list->count) = point;
        else
            store_leave_out(&object, "point.cfg", CFG_LIMIT_LARGE, &list->left_out, findings, &broken);
    }
    if (list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, compare_points);
    return true;
}

bool store_count_points(const struct store *store, const struct guid *collection, size_t *count,
                        struct error *err)
{
    CLEANUP_FREE char *parent = store_points_of(collection);
    CLEANUP_FREE struct guid *ids = NULL;
    return store_object_list(store, parent, &ids, count, NULL, err);
}

bool store_write_point(const struct store *store, const struct reference_point *point, struct error *err)
{
    CLEANUP_FREE char *parent = store_points_of(&point->collection_id);
    config_t config;
    config_init(&config);
    reference_point_to_cfg(point, true, config_root_setting(&config));
    CLEANUP_FREE char *text = cfg_text(&config);
    config_destroy(&config);
    struct store_file *files = NULL;
    size_t count = 0;
    *ARRAY_APPEND(files, count) = (struct store_file){.name = "point.cfg", .text = text};
    char **names = NULL;
    size_t name_count = 0;
    for (size_t i = 0; i < point->member_count; i++) {
        const struct machine *machine = &point->members[i].machine;
        if (!machine->domain_xml)
            continue;
        char *name = domain_name(machine);
        *ARRAY_APPEND(names, name_count) = name;
        *ARRAY_APPEND(files, count) = (struct store_file){.name = name, .text = machine->domain_xml};
    }
    const struct store_object object = {.store = store, .parent = parent, .id = &point->id};
    bool ok = store_object_put(&object, files, count, err);
    for (size_t i = 0; i < name_count; i++)
        free(names[i]);
    free(names);
    free(files);
    return ok;
}

bool store_hide_point(const struct store *store, const struct object_path *path, struct error *err)
{
    CLEANUP_FREE char *parent = store_points_of(&path->collection_id);
    const struct store_object object = {.store = store, .parent = parent, .id = &path->point_id};
    return store_object_hide(&object, err);
}

bool store_remove_point(const struct store *store, const struct object_path *path, struct error *err)
{
    CLEANUP_FREE char *parent = store_points_of(&path->collection_id);
    const struct store_object object = {.store = store, .parent = parent, .id = &path->point_id};
    return store_object_remove(&object, err);
}
