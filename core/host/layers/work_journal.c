#include "core/host/layers/work_journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/store/place.h"
#include "core/system/fs.h"

static const char *const operation_words[] = {[WORK_CREATE] = "create-point",
                                              [WORK_REMOVE_DATA] = "remove-associated-data",
                                              [WORK_DESTROY] = "destroy-point",
                                              [WORK_MOVE] = "move-machine",
                                              [WORK_CREATE_LIVE] = "create-point-live",
                                              [WORK_REMOVE_DATA_LIVE] = "remove-associated-data-live",
                                              [WORK_DESTROY_LIVE] = "destroy-point-live",
                                              [WORK_EXPORT_LIVE] = "export-live"};

void work_head_clear(struct work_head *head)
{
    free(head->machines);
    *head = (struct work_head){0};
}

void work_head_set_machines(struct work_head *head, const struct reference_point *point)
{
    for (size_t i = 0; i < point->member_count; i++)
        *ARRAY_APPEND(head->machines, head->machine_count) = point->members[i].machine.id;
}

void work_head_to_cfg(const struct work_head *head, config_setting_t *root)
{
    cfg_put_text(root, "operation", operation_words[head->operation]);
    cfg_put_text(root, "point", head->point.point_id.text);
    if (head->operation != WORK_MOVE)
        cfg_put_text(root, "collection", head->point.collection_id.text);
    config_setting_t *machines = cfg_put_list(root, "machines");
    for (size_t i = 0; i < head->machine_count; i++)
        config_setting_set_string(config_setting_add(machines, NULL, CONFIG_TYPE_STRING),
                                  head->machines[i].text);
}

static bool operation_parse(enum work_operation *operation, const char *word)
{
    for (size_t i = 0; i < ARRAY_LENGTH(operation_words); i++) {
        if (strcmp(word, operation_words[i]) == 0) {
            *operation = (enum work_operation)i;
            return true;
        }
    }
    return false;
}

bool work_head_from_cfg(struct work_head *head, const config_setting_t *root, struct error *err)
{
    *head = (struct work_head){0};
    unsigned count = 0;
    const config_setting_t *machines = cfg_get_list(root, "machines", &count);
    bool ok = machines && operation_parse(&head->operation, cfg_get_text(root, "operation", "")) &&
              guid_parse(&head->point.point_id, cfg_get_text(root, "point", "")) &&
              (head->operation == WORK_MOVE ||
               guid_parse(&head->point.collection_id, cfg_get_text(root, "collection", "")));
    for (unsigned i = 0; ok && i < count; i++) {
        const char *text = config_setting_get_string_elem(machines, (int)i);
        ok = text && guid_parse(ARRAY_APPEND(head->machines, head->machine_count), text);
    }
    if (ok)
        return true;
    work_head_clear(head);
    error_set(err, RETURN_INCORRECT_DATA_TYPE, "store.journal", "the journal does not say what it is about");
    return error_next(err, "Its file is in the journal directory of the store. Keep a copy of the store and "
                           "of the images before anything is changed by hand.");
}

static char *name_of(const struct guid *point)
{
    return mem_format("%s.cfg", point->text);
}

static char *place_of(const struct guid *point)
{
    return mem_format(STORE_JOURNAL "/%s.cfg", point->text);
}

char *work_journal_path(const struct store *store, const struct guid *point)
{
    CLEANUP_FREE char *place = place_of(point);
    return store_path(store, place);
}

bool work_journal_write(const struct store *store, const struct guid *point, const config_t *config,
                        struct error *err)
{
    CLEANUP_FREE char *name = name_of(point);
    return store_cfg_write(store, STORE_JOURNAL, name, config, err);
}

bool work_journal_read(const struct store *store, const struct guid *point, config_t *config,
                       struct error *err)
{
    CLEANUP_FREE char *place = place_of(point);
    return store_cfg_read(store, place, CFG_LIMIT_LARGE, config, err);
}

bool work_journal_open(const struct store *store, const struct guid *point, int *fd, struct error *err)
{
    CLEANUP_FREE char *place = place_of(point);
    return store_open_file(store, place, fd, err);
}

bool work_journal_remove(const struct store *store, const struct guid *point, struct error *err)
{
    CLEANUP_FREE char *name = name_of(point);
    return store_remove_file(store, STORE_JOURNAL, name, "store.journal", err);
}

bool work_journal_ids(const struct store *store, const char *directory_path, struct guid **ids, size_t *count,
                      struct error *err)
{
    *ids = NULL;
    *count = 0;
    CLEANUP_FD int directory = -1;
    char **names = NULL;
    size_t name_count = 0;
    if (!store_open_if_there(store, directory_path, &directory, err))
        return false;
    if (directory < 0)
        return true;
    if (!fs_list(directory, &names, &name_count, err))
        return false;
    for (size_t i = 0; i < name_count; i++) {
        struct guid id;
        char *dot = strrchr(names[i], '.');
        if (!dot || strcmp(dot, ".cfg") != 0)
            continue;
        *dot = '\0';
        if (guid_parse(&id, names[i]))
            *ARRAY_APPEND(*ids, *count) = id;
    }
    fs_free_names(names, name_count);
    return true;
}

bool work_journal_list(const struct store *store, struct guid **points, size_t *count, struct error *err)
{
    return work_journal_ids(store, STORE_JOURNAL, points, count, err);
}

static bool concerns(const struct work_head *head, const struct guid *collection, const struct guid *machines,
                     size_t machine_count)
{
    if (collection && guid_equal(&head->point.collection_id, collection))
        return true;
    for (size_t i = 0; i < machine_count; i++) {
        for (size_t j = 0; j < head->machine_count; j++) {
            if (guid_equal(&machines[i], &head->machines[j]))
                return true;
        }
    }
    return false;
}

static bool check_entry(const struct store *store, const struct guid *point, const struct guid *collection,
                        const struct guid *machines, size_t machine_count, struct error *err)
{
    config_t config;
    struct work_head head = {0};
    CLEANUP_FREE char *path = work_journal_path(store, point);
    bool readable = work_journal_read(store, point, &config, err) &&
                    work_head_from_cfg(&head, config_root_setting(&config), err);
    config_destroy(&config);
    if (!readable) {
        err->code = RETURN_INVALID_STATE;
        error_context(err, "%s", path);
        return error_next(err, "Mend the file; until then nothing in this store is changed.");
    }
    bool busy = concerns(&head, collection, machines, machine_count);
    const char *operation = operation_words[head.operation];
    work_head_clear(&head);
    if (!busy)
        return true;
    error_set(err, RETURN_INVALID_STATE, "store.unfinished", "an operation (%s) on these disks is unfinished",
              operation);
    error_cause(err, "%s tells what was being done", path);
    return error_next(err, "Run \"refpoint store check\": it says what keeps it from being finished.");
}

bool work_journal_check_free(const struct store *store, const struct guid *collection,
                             const struct guid *machines, size_t machine_count, struct error *err)
{
    CLEANUP_FREE struct guid *points = NULL;
    size_t count = 0;
    if (!work_journal_list(store, &points, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!check_entry(store, &points[i], collection, machines, machine_count, err))
            return false;
    }
    return true;
}
