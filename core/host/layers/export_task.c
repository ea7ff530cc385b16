#include "core/host/layers/export_task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/export/package/proof/proof.h"
#include "core/host/layers/layers.h"
#include "core/host/layers/templates.h"
#include "core/host/store/kept_files.h"
#include "core/host/store/place.h"

static bool read_base(const struct store *store, const struct export_request *request,
                      struct export_task *task, struct error *err)
{
    const struct object_path *base = &request->settings.base;
    if (object_path_is_none(base))
        return true;
    if (!guid_equal(&base->collection_id, &request->point.collection_id)) {
        error_set(err, RETURN_INVALID_PARAMETER, "export.base-collection",
                  "the base is a reference point of another collection");
        return error_next(err, "Choose an older point of the same collection, or export in full.");
    }
    if (guid_equal(&base->point_id, &request->point.point_id)) {
        error_set(err, RETURN_INVALID_PARAMETER, "export.base-equal",
                  "the base is the reference point itself");
        return error_next(err, "Choose an older point, or export in full.");
    }
    if (!store_read_point(store, base, &task->base_point, err))
        return error_context(err, "the base");
    if (task->base_point.sequence < task->point.sequence)
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "export.base-newer", "the base %s is newer than the point %s",
              task->base_point.name, task->point.name);
    return error_next(err, "Choose an older point, or export in full.");
}

static bool read_points(const struct store *store, const struct export_request *request,
                        struct export_task *task, struct error *err)
{
    if (!store_read_point(store, &request->point, &task->point, err))
        return false;
    if (!task->point.has_associated_log) {
        error_set(err, RETURN_INVALID_STATE, "export.log-removed",
                  "the data of the reference point %s has been removed", task->point.name);
        return error_next(err, "It can only be the base of another export. Export a later point.");
    }
    return read_base(store, request, task, err);
}

static size_t find_member(const struct reference_point *point, const char *machine_id)
{
    struct guid id;
    for (size_t i = 0; guid_parse(&id, machine_id) && i < point->member_count; i++) {
        if (guid_equal(&point->members[i].machine.id, &id))
            return i;
    }
    return SIZE_MAX;
}

static size_t find_disk(const struct member_point *member, const char *text)
{
    struct guid uuid;
    bool is_uuid = guid_parse(&uuid, text);
    for (size_t i = 0; i < member->disk_count; i++) {
        const struct disk_point *disk = &member->disks[i];
        if (strcmp(disk->disk_id, text) == 0 || (is_uuid && guid_equal(&disk->disk_uuid, &uuid)))
            return i;
    }
    return SIZE_MAX;
}

/* Once each, however often it is named. */
static void select_disk(struct export_task *task, size_t member, size_t disk)
{
    for (size_t i = 0; i < task->disk_count; i++) {
        if (task->disks[i].member == member && task->disks[i].disk == disk)
            return;
    }
    *ARRAY_APPEND(task->disks, task->disk_count) =
        (struct export_disk){.member = member, .disk = disk, .base_layer = EXPORT_NO_BASE};
}

static void select_all(struct export_task *task, size_t member)
{
    for (size_t i = 0; i < task->point.members[member].disk_count; i++)
        select_disk(task, member, i);
}

static bool select_named(struct export_task *task, const struct machine_to_disks *wanted, struct error *err)
{
    size_t member = find_member(&task->point, wanted->machine_id);
    if (member == SIZE_MAX) {
        error_set(err, RETURN_INVALID_PARAMETER, "machine.unknown", "the point %s has no machine %s",
                  task->point.name, wanted->machine_id);
        return error_next(err, "\"refpoint point show\" lists the machines and disks of a point.");
    }
    if (wanted->disk_count == 0)
        select_all(task, member);
    for (size_t i = 0; i < wanted->disk_count; i++) {
        const struct member_point *chosen = &task->point.members[member];
        size_t disk = find_disk(chosen, wanted->disks[i]);
        if (disk == SIZE_MAX) {
            error_set(err, RETURN_INVALID_PARAMETER, "disk.unknown",
                      "the machine %s has no disk %s at the point %s", chosen->machine.name, wanted->disks[i],
                      task->point.name);
            return error_next(err, "\"refpoint point show\" lists the machines and disks of a point.");
        }
        select_disk(task, member, disk);
    }
    return true;
}

static bool select_disks(const struct export_setting_data *settings, struct export_task *task,
                         struct error *err)
{
    for (size_t i = 0; i < settings->machine_count; i++) {
        if (!select_named(task, &settings->machines[i], err))
            return false;
    }
    for (size_t i = 0; settings->machine_count == 0 && i < task->point.member_count; i++)
        select_all(task, i);
    if (task->disk_count > 0)
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "export.no-disks", "the chosen machines have no disks");
    return error_next(err, "Choose at least one machine that has a disk.");
}

/* The record promises what a frozen layer is; a template has been compared with what the point recorded, and
 * is to stay as it is now while it is read. The device number is today's (see layer_is_unchanged). */
struct export_layer export_layer_of(const struct chain_link *link)
{
    struct disk_point now = {0};
    layer_take_identity(&now, &link->status);
    const struct disk_point *promised = link->kind == CHAIN_LAYER ? link->layer->disk : &now;
    struct export_layer layer = {.format = link->format,
                                 .device = now.device,
                                 .inode = promised->inode,
                                 .file_size = promised->file_size,
                                 .modified = promised->modified};
    /* Compared with the record before this (check_layers); from here on it stays as it is. */
    if (link->kind == CHAIN_LAYER && touch_is_known(&promised->touched))
        layer.touched = now.touched;
    /* The engine follows no links. */
    layer.path = link->kind == CHAIN_TEMPLATE ? realpath(link->path, NULL) : NULL;
    if (!layer.path)
        layer.path = mem_strdup(link->path);
    return layer;
}

static const struct disk_point *find_in_base(const struct reference_point *base, const struct guid *machine,
                                             const struct guid *disk)
{
    for (size_t i = 0; i < base->member_count; i++) {
        const struct member_point *member = &base->members[i];
        for (size_t j = 0; guid_equal(&member->machine.id, machine) && j < member->disk_count; j++) {
            if (guid_equal(&member->disks[j].disk_uuid, disk))
                return &member->disks[j];
        }
    }
    return NULL;
}

/* The disk as its machine had it at the point. */
static const struct disk *disk_at_point(const struct member_point *member, const struct guid *disk_uuid)
{
    for (size_t i = 0; i < member->machine.disk_count; i++) {
        if (guid_equal(&member->machine.disks[i].uuid, disk_uuid))
            return &member->machine.disks[i];
    }
    return NULL;
}

/* Whoever writes to a template changes what every point above it reads as, and no layer shows it. */
static bool check_templates(const struct disk *recorded, const struct chain *chain, struct error *err)
{
    for (size_t i = 0; recorded && i < chain->count; i++) {
        const struct chain_link *link = &chain->links[i];
        const struct backing_file *then =
            link->kind == CHAIN_TEMPLATE ? templates_find(recorded, link->path) : NULL;
        if (!then || template_is_unchanged(then, &link->status))
            continue;
        error_set(err, RETURN_INVALID_STATE, "export.template-changed",
                  "the template %s was changed after the point was created", link->path);
        error_cause(err, "what the point held is no longer certain");
        return error_next(
            err, "Bring the template back as it was, with its time; if it is a copy of what it was, "
                 "\"refpoint store adopt --unproven\" takes it by your word; or create another point "
                 "and export that: it holds the machine as it reads now.");
    }
    return true;
}

/* Only what was done to them in silence: what was written is found when they are opened, with all else. */
static bool check_layers(const struct chain *chain, struct error *err)
{
    for (size_t i = 0; i < chain->count; i++) {
        const struct chain_link *link = &chain->links[i];
        if (link->kind == CHAIN_LAYER &&
            layer_state(link->layer->disk, &link->status, link->path) == LAYER_TOUCHED &&
            !layer_check(link->layer->disk, &link->status, "export.layer-changed", err))
            return error_context(err, "point %s", link->layer->point->name);
    }
    return true;
}

/* The difference holds what lies above the base's layer only. */
static bool has_other_templates(const struct reference_point *base, const struct member_point *member,
                                const struct guid *disk_uuid)
{
    const struct disk *now = disk_at_point(member, disk_uuid);
    for (size_t i = 0; i < base->member_count; i++) {
        const struct disk *then = guid_equal(&base->members[i].machine.id, &member->machine.id)
                                      ? disk_at_point(&base->members[i], disk_uuid)
                                      : NULL;
        for (size_t j = 0; now && then && j < then->backing_count; j++) {
            const struct backing_file *same = templates_find(now, then->backing[j].path);
            if (same && !template_is_same(same, &then->backing[j]))
                return true;
        }
    }
    return false;
}

static void cut_at_base(const struct export_task *task, struct export_disk *disk, const struct chain *chain)
{
    const struct member_point *member = &task->point.members[disk->member];
    const struct disk_point *record = &member->disks[disk->disk];
    if (guid_is_none(&task->base_point.id))
        return;
    const struct disk_point *base = find_in_base(&task->base_point, &member->machine.id, &record->disk_uuid);
    if (!base) {
        disk->full_reason = mem_strdup("the disk is new since the base");
        return;
    }
    size_t at = base->layer_path ? chain_find(chain, base->layer_path) : SIZE_MAX;
    if (at == SIZE_MAX || at == 0) {
        disk->full_reason =
            mem_strdup("the disk's image was replaced since the base: it does not rest on the base's layer");
        return;
    }
    if (has_other_templates(&task->base_point, member, &record->disk_uuid)) {
        disk->full_reason = mem_strdup("the template beneath the disk was changed since the base");
        return;
    }
    disk->base_layer = at;
    disk->base_virtual_size = base->virtual_size;
}

/* What a point holds rests on every layer beneath it. */
static void take_doubts(const struct chain *chain, struct disk_point *disk)
{
    for (size_t i = 0; i < chain->count; i++) {
        const struct chain_link *link = &chain->links[i];
        if (link->kind == CHAIN_LAYER && link->layer->disk->unproven)
            layer_doubt(disk, link->layer->disk->unproven_since);
    }
}

/* A record that says less would cut the disk, and one that says nothing would make it empty: every byte of
 * what is left is proven then. */
static bool check_size(const struct chain_link *layer, const struct disk_point *record, struct error *err)
{
    if (layer->info.virtual_size == record->virtual_size ||
        layer_state(record, &layer->status, layer->path) == LAYER_ANOTHER) /* which is told of elsewhere */
        return true;
    error_set(err, RETURN_INVALID_STATE, "export.size", "%s has %llu bytes, the point's record says %llu",
              layer->path, (unsigned long long)layer->info.virtual_size,
              (unsigned long long)record->virtual_size);
    return error_next(err, "Bring the record of the point back from a copy, or export another point.");
}

static bool read_disk(struct export_task *task, const struct machine *machine, const struct layers *layers,
                      struct export_disk *disk, struct error *err)
{
    struct member_point *member = &task->point.members[disk->member];
    struct disk_point *record = &member->disks[disk->disk];
    struct chain_source source = {
        .path = record->layer_path, .format = record->layer_format, .disk_id = record->disk_id};
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (guid_equal(&machine->disks[i].uuid, &record->disk_uuid)) {
            source.backing = machine->disks[i].backing;
            source.backing_count = machine->disks[i].backing_count;
        }
    }
    struct chain chain;
    if (!record->layer_path) {
        error_set(err, RETURN_INVALID_STATE, "export.layer", "the layer of the disk is gone");
        return error_next(err, "Export another point; \"refpoint point forget\" gives this one up.");
    }
    if (!chain_read(&source, layers, &chain, err)) {
        /* No parameter names this file: the point is not what it was. */
        if (err->code == RETURN_FILE_NOT_FOUND)
            err->code = RETURN_INVALID_STATE;
        return false;
    }
    bool ok = check_size(&chain.links[0], record, err) && check_layers(&chain, err) &&
              check_templates(disk_at_point(member, &record->disk_uuid), &chain, err);
    for (size_t i = 0; ok && i < chain.count; i++)
        *ARRAY_APPEND(disk->layers, disk->layer_count) = export_layer_of(&chain.links[i]);
    if (ok) {
        take_doubts(&chain, record);
        cut_at_base(task, disk, &chain);
    }
    chain_clear(&chain);
    return ok;
}

static bool read_disks(const struct store *store, struct export_task *task, struct error *err)
{
    struct layers layers;
    struct guid *machines = NULL;
    size_t count = 0;
    for (size_t i = 0; i < task->point.member_count; i++)
        *ARRAY_APPEND(machines, count) = task->point.members[i].machine.id;
    bool ok = layers_load(store, machines, count, &layers, NULL, err);
    free(machines);
    if (!ok)
        return false;
    for (size_t i = 0; ok && i < task->disk_count; i++) {
        struct export_disk *disk = &task->disks[i];
        const struct member_point *member = &task->point.members[disk->member];
        struct machine machine;
        if (!store_read_machine(store, &member->machine.id, &machine, err)) {
            ok = false;
            continue;
        }
        ok = read_disk(task, &machine, &layers, disk, err) ||
             error_context(err, "machine %s, disk %s", member->machine.name,
                           member->disks[disk->disk].disk_id);
        machine_clear(&machine);
    }
    layers_clear(&layers);
    return ok;
}

static bool check_kept(const struct store *store, const struct machine *machine,
                       const struct machine_file *file, const char *path, struct error *err)
{
    struct error cause;
    CLEANUP_FD int fd = -1;
    if (store_open_file(store, path, &fd, &cause))
        return true;
    *err = cause;
    if (cause.code == RETURN_NOT_SUPPORTED) /* a link */
        return false;
    error_set(err, cause.code, "export.file", "the %s of machine %s, kept as %s/%s, cannot be read",
              machine_file_role_word(file->role), machine->name, store->path, path);
    error_cause(err, "%s", cause.cause);
    if (cause.code == RETURN_ACCESS_DENIED)
        return error_next(err, "%s", cause.next);
    err->code = RETURN_INVALID_STATE;
    return error_next(err,
                      "Bring the store's directory \"files\" back from a copy, or export another point.");
}

static bool take_files(const struct store *store, struct export_task *task, struct error *err)
{
    for (size_t i = 0; i < task->point.member_count; i++) {
        const struct machine *machine = &task->point.members[i].machine;
        for (size_t f = 0; export_task_has_machine(task, i) && f < machine->file_count; f++) {
            const struct machine_file *file = &machine->files[f];
            if (!file->sha256)
                continue;
            char *path = kept_files_path(file->sha256);
            *ARRAY_APPEND(task->files, task->file_count) = (struct export_file){
                .member = i, .file = f, .directory = mem_strdup(store->path), .path = path};
            if (!check_kept(store, machine, file, path, err))
                return false;
        }
    }
    return true;
}

bool export_task_select(const struct store *store, const struct export_setting_data *settings,
                        struct export_task *task, struct error *err)
{
    return select_disks(settings, task, err) && take_files(store, task, err);
}

bool export_task_build(const struct store *store, const struct export_request *request,
                       struct export_task *task, struct error *err)
{
    *task = (struct export_task){0};
    bool ok = read_points(store, request, task, err) && select_disks(&request->settings, task, err) &&
              read_disks(store, task, err) && take_files(store, task, err);
    task->directory = mem_strdup(request->directory);
    task->memory = package_proof_usual_memory();
    export_options_copy(&task->options, &request->options);
    task->handed = request->plan;
    task->resumed_job = request->resumed_job;
    if (!ok)
        export_task_clear(task);
    return ok;
}
