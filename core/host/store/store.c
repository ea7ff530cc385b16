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
#include "core/model/cfg.h"
#include "core/system/fs.h"

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
    store->machines = mem_format("%s/machines", store->path);
    store->collections = mem_format("%s/collections", store->path);
    store->journal = mem_format("%s/journal", store->path);
    return true;
}

void store_clear(struct store *store)
{
    free(store->path);
    free(store->machines);
    free(store->collections);
    free(store->journal);
    *store = (struct store){0};
}

bool store_lock(const struct store *store, int *lock, struct error *err)
{
    CLEANUP_FD int directory = -1;
    if (!fs_make_directories(store->path, 0700, err) ||
        !fs_open_directory(AT_FDCWD, store->path, &directory, err))
        return error_context(err, "cannot open the store %s", store->path);
    int64_t end = monotonic_milliseconds() + LOCK_PATIENCE_MS;
    while (!fs_lock(directory, "lock", FS_LOCK_EXCLUSIVE, false, lock, err)) {
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

bool store_read_cfg(config_t *config, const char *parent, const struct guid *id, const char *file,
                    size_t limit, const char *kind, struct error *err)
{
    if (!store_object_exists(parent, id)) {
        config_init(config);
        const char *space = strrchr(kind, ' '); /* "reference point": point.unknown */
        CLEANUP_FREE char *key = mem_format("%s.unknown", space ? space + 1 : kind);
        error_set(err, RETURN_INVALID_PARAMETER, key, "there is no %s %s", kind, id->text);
        return error_next(err, "It may have been removed meanwhile: look at the lists again.");
    }
    CLEANUP_FREE char *path = mem_format("%s/%s/%s", parent, id->text, file);
    return cfg_read(config, AT_FDCWD, path, limit, err);
}

bool store_check_id(const struct guid *written, const struct guid *id, const char *parent, const char *file,
                    struct error *err)
{
    if (guid_equal(written, id))
        return true;
    error_set(err, RETURN_INCORRECT_DATA_TYPE, "store.id", "%s/%s/%s says that its id is %s", parent,
              id->text, file, written->text);
    return error_next(err, "Write the id of the directory into the file, or move a copied directory away.");
}

bool store_read_optional(const char *path, char **text, struct error *err)
{
    *text = NULL;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return true;
    return fs_read(AT_FDCWD, path, STORE_DOMAIN_XML_LIMIT, text, NULL, err);
}

static bool read_machine(const struct store *store, const struct guid *id, bool with_domain_xml,
                         struct machine *machine, struct error *err)
{
    config_t config;
    *machine = (struct machine){0};
    bool ok = store_read_cfg(&config, store->machines, id, "machine.cfg", CFG_LIMIT_SMALL, "machine", err);
    if (ok && !machine_from_cfg(machine, config_root_setting(&config), err))
        ok = error_context(err, "%s/%s/machine.cfg", store->machines, id->text);
    ok = ok && store_check_id(&machine->id, id, store->machines, "machine.cfg", err);
    config_destroy(&config);
    if (ok && with_domain_xml) {
        CLEANUP_FREE char *path = mem_format("%s/%s/domain.xml", store->machines, id->text);
        ok = store_read_optional(path, &machine->domain_xml, err);
    }
    if (!ok)
        machine_clear(machine);
    return ok;
}

bool store_read_machine(const struct store *store, const struct guid *id, struct machine *machine,
                        struct error *err)
{
    return read_machine(store, id, true, machine, err);
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

void store_leave_out(struct left_out *left_out, struct findings *findings, const struct error *broken)
{
    findings_add_error(findings, broken);
    if (left_out->count++ == 0)
        left_out->why = error_text(broken);
}

bool store_list_machines(const struct store *store, struct machine_list *list, struct findings *findings,
                         struct error *err)
{
    CLEANUP_FREE struct guid *ids = NULL;
    size_t count = 0;
    *list = (struct machine_list){0};
    if (!store_object_list(store->machines, &ids, &count, findings, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct machine machine;
        struct error broken;
        if (read_machine(store, &ids[i], false, &machine, &broken))
            *ARRAY_APPEND(list->items, list->count) = machine;
        else if (store_object_exists(store->machines, &ids[i]))
            store_leave_out(&list->left_out, findings, &broken);
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
    return store_object_put(store->machines, &machine->id, files, ARRAY_LENGTH(files), err);
}

bool store_remove_machine(const struct store *store, const struct guid *id, struct error *err)
{
    return store_object_remove(store->machines, id, err);
}

bool store_read_collection(const struct store *store, const struct guid *id, struct collection *collection,
                           struct error *err)
{
    config_t config;
    *collection = (struct collection){0};
    bool ok =
        store_read_cfg(&config, store->collections, id, "collection.cfg", CFG_LIMIT_LARGE, "collection", err);
    if (ok && !collection_from_cfg(collection, config_root_setting(&config), err))
        ok = error_context(err, "%s/%s/collection.cfg", store->collections, id->text);
    ok = ok && store_check_id(&collection->id, id, store->collections, "collection.cfg", err);
    config_destroy(&config);
    if (!ok)
        collection_clear(collection);
    return ok;
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
    if (!store_object_list(store->collections, &ids, &count, findings, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct collection collection;
        struct error broken;
        if (store_read_collection(store, &ids[i], &collection, &broken))
            *ARRAY_APPEND(list->items, list->count) = collection;
        else if (store_object_exists(store->collections, &ids[i]))
            store_leave_out(&list->left_out, findings, &broken);
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
    return store_object_put(store->collections, &collection->id, &file, 1, err);
}

bool store_remove_collection(const struct store *store, const struct guid *id, struct error *err)
{
    return store_object_remove(store->collections, id, err);
}

bool store_sweep(const struct store *store, struct error *err)
{
    CLEANUP_FREE struct guid *ids = NULL;
    size_t count = 0;
    bool ok = store_object_sweep(store->machines, err) && store_object_sweep(store->collections, err) &&
              store_object_sweep(store->journal, err) &&
              store_object_list(store->collections, &ids, &count, NULL, err);
    for (size_t i = 0; i < count && ok; i++) {
        CLEANUP_FREE char *points = mem_format("%s/%s/points", store->collections, ids[i].text);
        ok = store_object_sweep(points, err);
    }
    return ok;
}
