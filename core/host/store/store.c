#include "core/host/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/store/internal.h"
#include "core/host/store/object.h"
#include "core/host/store/place.h"
#include "core/model/cfg.h"
#include "core/system/fs.h"

#define LOCK "lock"
#define LOCK_PATIENCE_MS 5000
#define LOCK_PAUSE_NS 20000000L

bool store_init(struct store *store, const char *path, struct error *err)
{
    *store = (struct store){0};
    if (!*path) {
        error_set(err, RETURN_INVALID_PARAMETER, "store.path", "the store needs a directory");
        return error_next(err,
                          "Name one with --store or REFPOINT_STORE, or leave both out for the usual one.");
    }
    if (*path == '/') {
        store->path = mem_strdup(path);
    } else {
        CLEANUP_FREE char *here = getcwd(NULL, 0);
        if (!here)
            return error_errno(err, errno, "store.path", "cannot tell where the store %s is", path);
        store->path = mem_format("%s/%s", here, path);
    }
    return true;
}

void store_clear(struct store *store)
{
    free(store->path);
    *store = (struct store){0};
}

bool store_lock(const struct store *store, int *lock, struct error *err)
{
    CLEANUP_FD int directory = -1;
    if (!fs_make_directories(store->path, STORE_DIRECTORY_MODE, err) ||
        !store_open_root(store, &directory, err))
        return error_context(err, "cannot open the store %s", store->path);
    int64_t end = monotonic_milliseconds() + LOCK_PATIENCE_MS;
    while (!fs_lock(directory, LOCK, FS_LOCK_EXCLUSIVE, false, lock, err)) {
        if (strcmp(err->key, "fs.link") == 0)
            return store_refuse_link(store, LOCK, err);
        if (strcmp(err->key, "fs.locked") != 0)
            return error_context(err, "cannot lock the store %s", store->path);
        if (monotonic_milliseconds() > end) {
            error_set(err, RETURN_IN_USE, "store.locked", "the store %s is being changed by another process",
                      store->path);
            return error_next(err, "Wait until it has ended (it may be working on large images), then try "
                                   "again.");
        }
        nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_NS}, NULL);
    }
    return true;
}

static char *path_in(const struct store_object *object, const char *file)
{
    return mem_format("%s/%s/%s", object->parent, object->id->text, file);
}

bool store_read_cfg(config_t *config, const struct store_object *object, const char *file, size_t limit,
                    const char *kind, struct error *err)
{
    if (store_object_is_there(object) && !store_object_exists(object)) {
        config_init(config);
        error_set(err, RETURN_INCORRECT_DATA_TYPE, "store.object", "%s/%s/%s is no directory",
                  object->store->path, object->parent, object->id->text);
        return error_next(err, "Move it away, and bring the record back from a copy of the store.");
    }
    if (!store_object_exists(object)) {
        config_init(config);
        const char *space = strrchr(kind, ' '); /* "reference point": point.unknown */
        CLEANUP_FREE char *key = mem_format("%s.unknown", space ? space + 1 : kind);
        error_set(err, RETURN_INVALID_PARAMETER, key, "there is no %s %s", kind, object->id->text);
        return error_next(err, "It may have been removed meanwhile: look at the lists again.");
    }
    CLEANUP_FREE char *path = path_in(object, file);
    return store_cfg_read(object->store, path, limit, config, err);
}

bool store_blame(const struct store_object *object, const char *file, struct error *err)
{
    CLEANUP_FREE char *path = path_in(object, file);
    return error_context(err, "%s/%s", object->store->path, path);
}

bool store_check_id(const struct store_object *object, const struct guid *written, const char *file,
                    struct error *err)
{
    if (guid_equal(written, object->id))
        return true;
    CLEANUP_FREE char *path = path_in(object, file);
    error_set(err, RETURN_INCORRECT_DATA_TYPE, "store.id", "%s/%s says that its id is %s",
              object->store->path, path, written->text);
    return error_next(err, "Write the id of the directory into the file, or move a copied directory away.");
}

bool store_read_optional(const struct store_object *object, const char *file, char **text, struct error *err)
{
    CLEANUP_FREE char *path = path_in(object, file);
    struct error cause;
    *text = NULL;
    if (store_read(object->store, path, STORE_DOMAIN_XML_LIMIT, text, NULL, &cause) ||
        cause.code == RETURN_FILE_NOT_FOUND)
        return true;
    *err = cause;
    return false;
}

static struct store_object machine_object(const struct store *store, const struct guid *id)
{
    return (struct store_object){.store = store, .parent = STORE_MACHINES, .id = id};
}

static struct store_object collection_object(const struct store *store, const struct guid *id)
{
    return (struct store_object){.store = store, .parent = STORE_COLLECTIONS, .id = id};
}

static bool read_machine(const struct store *store, const struct guid *id, bool with_domain_xml,
                         struct machine *machine, struct error *err)
{
    config_t config;
    const struct store_object object = machine_object(store, id);
    *machine = (struct machine){0};
    bool ok = store_read_cfg(&config, &object, "machine.cfg", CFG_LIMIT_SMALL, "machine", err);
    if (ok && !machine_from_cfg(machine, config_root_setting(&config), err))
        ok = store_blame(&object, "machine.cfg", err);
    ok = ok && store_check_id(&object, &machine->id, "machine.cfg", err);
    config_destroy(&config);
    ok = ok && (!with_domain_xml || store_read_optional(&object, "domain.xml", &machine->domain_xml, err));
    if (!ok)
        machine_clear(machine);
    return ok;
}

bool store_read_machine(const struct store *store, const struct guid *id, struct machine *machine,
                        struct error *err)
{
    const struct store_object object = machine_object(store, id);
    return read_machine(store, id, true, machine, err) || store_tell_damaged(&object, err);
}

static int compare_named(const char *left, const struct guid *left_id, const char *right,
                         const struct guid *right_id)
{
    int order = strcmp(left ? left : "", right ? right : "");
    return order ? order : strcmp(left_id->text, right_id->text);
}

static int compare_machines(const void *left, const void *right)
{
    const struct machine *first = left;
    const struct machine *second = right;
    return compare_named(first->name, &first->id, second->name, &second->id);
}

/* What is before the place that cannot be read is there all the same. */
static char *salvage_name(const struct store_object *object, const char *file, size_t limit)
{
    config_t config;
    struct error broken;
    CLEANUP_FREE char *path = path_in(object, file);
    if (!store_cfg_read(object->store, path, limit, &config, &broken))
        broken = (struct error){0};
    const char *name = cfg_get_text(config_root_setting(&config), "name", NULL);
    char *kept = name && *name ? mem_strdup(name) : NULL;
    config_destroy(&config);
    return kept;
}

void store_leave_out(const struct store_object *object, const char *file, size_t limit,
                     struct left_out *left_out, struct findings *findings, const struct error *broken)
{
    if (!store_object_is_there(object))
        return;
    findings_add_error(findings, broken);
    struct error why = *broken;
    why.next[0] = '\0';
    *ARRAY_APPEND(left_out->items, left_out->count) = (struct damaged_record){
        .id = *object->id, .name = salvage_name(object, file, limit), .problem = error_text(&why)};
}

bool store_tell_damaged(const struct store_object *object, struct error *err)
{
    if (!store_object_is_there(object))
        return false;
    CLEANUP_FREE char *next = mem_strdup(err->next);
    error_context(err, "damaged");
    return error_next(err, "%s%s\"refpoint store check\" tells all that is damaged.", next, *next ? " " : "");
}

bool store_list_machines(const struct store *store, struct machine_list *list, struct findings *findings,
                         struct error *err)
{
    CLEANUP_FREE struct guid *ids = NULL;
    size_t count = 0;
    *list = (struct machine_list){0};
    if (!store_object_list(store, STORE_MACHINES, &ids, &count, findings, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct store_object object = machine_object(store, &ids[i]);
        struct machine machine;
        struct error broken;
        if (read_machine(store, &ids[i], false, &machine, &broken))
            *ARRAY_APPEND(list->items, list->count) = machine;
        else
            store_leave_out(&object, "machine.cfg", CFG_LIMIT_SMALL, &list->left_out, findings, &broken);
    }
    if (list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, compare_machines);
    return true;
}

bool store_write_machine(const struct store *store, const struct machine *machine, struct error *err)
{
    CLEANUP_FREE char *text = machine_cfg_text(machine);
    const struct store_file files[] = {{.name = "machine.cfg", .text = text},
                                       {.name = "domain.xml", .text = machine->domain_xml}};
    const struct store_object object = machine_object(store, &machine->id);
    return store_object_put(&object, files, ARRAY_LENGTH(files), err);
}

bool store_remove_machine(const struct store *store, const struct guid *id, struct error *err)
{
    const struct store_object object = machine_object(store, id);
    return store_object_remove(&object, err);
}

static bool read_collection(const struct store *store, const struct guid *id, struct collection *collection,
                            struct error *err)
{
    config_t config;
    const struct store_object object = collection_object(store, id);
    *collection = (struct collection){0};
    bool ok = store_read_cfg(&config, &object, "collection.cfg", CFG_LIMIT_LARGE, "collection", err);
    if (ok && !collection_from_cfg(collection, config_root_setting(&config), err))
        ok = store_blame(&object, "collection.cfg", err);
    ok = ok && store_check_id(&object, &collection->id, "collection.cfg", err);
    config_destroy(&config);
    if (!ok)
        collection_clear(collection);
    return ok;
}

bool store_read_collection(const struct store *store, const struct guid *id, struct collection *collection,
                           struct error *err)
{
    const struct store_object object = collection_object(store, id);
    return read_collection(store, id, collection, err) || store_tell_damaged(&object, err);
}

static int compare_collections(const void *left, const void *right)
{
    const struct collection *first = left;
    const struct collection *second = right;
    return compare_named(first->name, &first->id, second->name, &second->id);
}

bool store_list_collections(const struct store *store, struct collection_list *list,
                            struct findings *findings, struct error *err)
{
    CLEANUP_FREE struct guid *ids = NULL;
    size_t count = 0;
    *list = (struct collection_list){0};
    if (!store_object_list(store, STORE_COLLECTIONS, &ids, &count, findings, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct store_object object = collection_object(store, &ids[i]);
        struct collection collection;
        struct error broken;
        if (read_collection(store, &ids[i], &collection, &broken))
            *ARRAY_APPEND(list->items, list->count) = collection;
        else
            store_leave_out(&object, "collection.cfg", CFG_LIMIT_LARGE, &list->left_out, findings, &broken);
    }
    if (list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, compare_collections);
    return true;
}

bool store_write_collection(const struct store *store, const struct collection *collection, struct error *err)
{
    config_t config;
    config_init(&config);
    collection_to_cfg(collection, config_root_setting(&config));
    CLEANUP_FREE char *text = cfg_text(&config);
    config_destroy(&config);
    const struct store_file file = {.name = "collection.cfg", .text = text};
    const struct store_object object = collection_object(store, &collection->id);
    return store_object_put(&object, &file, 1, err);
}

bool store_remove_collection(const struct store *store, const struct guid *id, struct error *err)
{
    const struct store_object object = collection_object(store, id);
    return store_object_remove(&object, err);
}

bool store_sweep(const struct store *store, struct error *err)
{
    CLEANUP_FREE struct guid *ids = NULL;
    size_t count = 0;
    bool ok = store_object_sweep(store, STORE_MACHINES, err) &&
              store_object_sweep(store, STORE_COLLECTIONS, err) &&
              store_object_sweep(store, STORE_JOURNAL, err) &&
              store_object_list(store, STORE_COLLECTIONS, &ids, &count, NULL, err);
    for (size_t i = 0; i < count && ok; i++) {
        CLEANUP_FREE char *points = store_points_of(&ids[i]);
        ok = store_object_sweep(store, points, err);
    }
    return ok;
}
