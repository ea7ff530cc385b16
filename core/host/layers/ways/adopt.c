#include "core/host/layers/ways/adopt.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/layers/templates.h"
#include "core/host/layers/ways/proof.h"
#include "core/host/layers/work_journal.h"

/* A layer that was taken, as its record was before, until the chain beneath it has been read. */
struct taken_layer {
    const struct layer *layer;
    struct disk_point before;
    enum adopted_how how;
    struct error why; /* key "": it stays taken */
};

struct taken_template {
    char *path;
    struct stat status;
    bool refused;
};

struct adopting {
    const struct store *store;
    const struct step_hook *hook;
    struct proof_wishes wishes;
    struct machine_list machines;
    struct layers layers;
    bool *changed; /* points of the layers */
    struct taken_layer *taken;
    size_t taken_count;
    struct layer *wrong; /* files that are there and could not be taken */
    size_t wrong_count;
    struct taken_template *templates;
    size_t template_count;
    struct adopted_files *told;
};

static void adopting_clear(struct adopting *work)
{
    for (size_t i = 0; i < work->taken_count; i++)
        disk_point_clear(&work->taken[i].before);
    free(work->taken);
    free(work->wrong);
    for (size_t i = 0; i < work->template_count; i++)
        free(work->templates[i].path);
    free(work->templates);
    free(work->changed);
    machine_list_clear(&work->machines);
    layers_clear(&work->layers);
}

static void tell(struct adopting *work, const char *path, const struct layer *layer, enum adopted_how how,
                 const struct error *why)
{
    struct adopted_file *file = ARRAY_APPEND(work->told->items, work->told->count);
    *file = (struct adopted_file){.path = mem_strdup(path),
                                  .point = mem_strdup(layer->point ? layer->point->name : NULL),
                                  .machine = mem_strdup(layer->member->machine.name),
                                  .disk = mem_strdup(layer->disk->disk_id),
                                  .how = how,
                                  .reason = why ? error_text(why) : NULL};
}

/* Whose disks are in the middle of something else. */
static bool is_unfinished(const struct adopting *work, const struct guid *machine, struct error *err)
{
    return !work_journal_check_free(work->store, NULL, machine, 1, err);
}

static bool is_cancelled(const struct error *err)
{
    return strcmp(err->key, "file.cancelled") == 0;
}

static void keep_before(struct taken_layer *taken, const struct disk_point *record)
{
    taken->before = *record;
    taken->before.disk_id = mem_strdup(record->disk_id);
    taken->before.layer_path = mem_strdup(record->layer_path);
    taken->before.content_sha256 = mem_strdup(record->content_sha256);
}

/* false: cancelled. */
static bool take_layer(struct adopting *work, const struct layer *layer, struct error *err)
{
    struct stat status;
    struct error why;
    const char *path = layer->disk->layer_path;
    if (lstat(path, &status) == 0 && layer_is_unchanged(layer->disk, &status))
        return true;
    struct taken_layer taken = {.layer = layer};
    keep_before(&taken, layer->disk);
    if (!is_unfinished(work, &layer->member->machine.id, &why) &&
        proof_of_layer(layer->disk, path, &work->wishes, &taken.how, &why)) {
        *ARRAY_APPEND(work->taken, work->taken_count) = taken;
        return true;
    }
    disk_point_clear(&taken.before);
    if (is_cancelled(&why)) {
        *err = why;
        return false;
    }
    if (strcmp(why.key, "layer.missing") != 0)
        *ARRAY_APPEND(work->wrong, work->wrong_count) = *layer;
    tell(work, path, layer, ADOPTED_NOT, &why);
    return true;
}

static uint64_t bytes_to_read(const struct adopting *work)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < work->layers.count; i++) {
        struct stat status;
        const struct disk_point *record = work->layers.items[i].disk;
        if (lstat(record->layer_path, &status) == 0 && !layer_is_unchanged(record, &status) &&
            (record->content_sha256 || work->wishes.unproven))
            bytes += (uint64_t)status.st_size;
    }
    return bytes;
}

static struct chain_source source_of(const struct adopting *work, const struct layer *layer)
{
    struct chain_source source = {.path = layer->disk->layer_path,
                                  .format = layer->disk->layer_format,
                                  .disk_id = layer->disk->disk_id};
    for (size_t i = 0; i < work->machines.count; i++) {
        const struct machine *machine = &work->machines.items[i];
        for (size_t j = 0; j < machine->disk_count; j++) {
            if (!guid_equal(&machine->disks[j].uuid, &layer->disk->disk_uuid))
                continue;
            source.backing = machine->disks[j].backing;
            source.backing_count = machine->disks[j].backing_count;
        }
    }
    return source;
}

static bool check_chain(const struct adopting *work, const struct layer *layer, struct error *err)
{
    struct chain_source source = source_of(work, layer);
    struct chain chain;
    if (!chain_read(&source, &work->layers, &chain, err))
        return false;
    bool ok = chain_check_order(&chain, err);
    chain_clear(&chain);
    return ok;
}

static void give_back(struct adopting *work, struct taken_layer *taken, const struct error *why)
{
    struct disk_point rejected = *taken->layer->disk;
    *taken->layer->disk = taken->before;
    taken->before = rejected;
    taken->why = *why;
    *ARRAY_APPEND(work->wrong, work->wrong_count) = *taken->layer;
}

/* Nothing but the word speaks for this one, and an earlier state of the disk is certainly not right: of files
 * that have changed names, some can fit where they are. */
static bool check_earlier(const struct adopting *work, const struct taken_layer *taken, struct error *err)
{
    const struct layer *layer = taken->layer;
    for (size_t i = 0; taken->how == ADOPTED_UNPROVEN && i < work->wrong_count; i++) {
        const struct layer *wrong = &work->wrong[i];
        if (!guid_equal(&wrong->disk->disk_uuid, &layer->disk->disk_uuid) ||
            !guid_equal(&wrong->point->collection_id, &layer->point->collection_id) ||
            wrong->point->sequence > layer->point->sequence)
            continue;
        error_set(err, RETURN_INVALID_STATE, "layer.order", "%s is taken by word only together with %s",
                  layer->disk->layer_path, wrong->disk->layer_path);
        error_cause(err, "that one is an earlier state of the disk, and is not what was frozen");
        return error_next(err, "Bring that one back first, or give its point up: \"refpoint point forget\".");
    }
    return true;
}

/* One that must be given back makes those above it fail too, on the next round. */
static void check_taken(struct adopting *work)
{
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < work->taken_count; i++) {
            struct taken_layer *taken = &work->taken[i];
            struct error why;
            if (*taken->why.key ||
                (check_chain(work, taken->layer, &why) && check_earlier(work, taken, &why)))
                continue;
            give_back(work, taken, &why);
            again = true;
        }
    }
    for (size_t i = 0; i < work->taken_count; i++) {
        const struct taken_layer *taken = &work->taken[i];
        bool kept = !*taken->why.key;
        tell(work, taken->layer->disk->layer_path, taken->layer, kept ? taken->how : ADOPTED_NOT,
             kept ? NULL : &taken->why);
        if (kept)
            work->changed[taken->layer->point - work->layers.points.items] = true;
    }
}

static struct taken_template *find_template(struct adopting *work, const char *path)
{
    for (size_t i = 0; i < work->template_count; i++) {
        if (strcmp(work->templates[i].path, path) == 0)
            return &work->templates[i];
    }
    return NULL;
}

/* Told once, however many points have it. */
static const struct taken_template *take_template(struct adopting *work, const struct backing_file *record,
                                                  const struct layer *owner)
{
    struct taken_template *known = find_template(work, record->path);
    struct error why;
    if (known)
        return known;
    struct taken_template *taken = ARRAY_APPEND(work->templates, work->template_count);
    taken->path = mem_strdup(record->path);
    taken->refused = is_unfinished(work, &owner->member->machine.id, &why) ||
                     !proof_of_template(record, &work->wishes, &taken->status, &why);
    tell(work, record->path, owner, taken->refused ? ADOPTED_NOT : ADOPTED_UNPROVEN,
         taken->refused ? &why : NULL);
    return taken;
}

/* By what the record of each point says, since they need not agree. */
static void take_templates_of(struct adopting *work, size_t number)
{
    struct reference_point *point = &work->layers.points.items[number];
    for (size_t i = 0; i < point->member_count; i++) {
        struct member_point *member = &point->members[i];
        for (size_t j = 0; j < member->machine.disk_count && j < member->disk_count; j++) {
            const struct disk *disk = &member->machine.disks[j];
            const struct layer owner = {.member = member, .disk = &member->disks[j]};
            for (size_t k = 0; k < disk->backing_count; k++) {
                struct backing_file *record = &disk->backing[k];
                struct stat status;
                if (record->file_size == 0 ||
                    (stat(record->path, &status) == 0 && template_is_unchanged(record, &status)))
                    continue;
                const struct taken_template *taken = take_template(work, record, &owner);
                if (taken->refused || (uint64_t)taken->status.st_size != record->file_size)
                    continue;
                template_take_identity(record, &taken->status);
                layer_doubt(&member->disks[j], work->wishes.now);
                work->changed[number] = true;
            }
        }
    }
}

static bool write_points(struct adopting *work, struct error *err)
{
    for (size_t i = 0; i < work->layers.points.count; i++) {
        if (work->changed[i] && !store_write_point(work->store, &work->layers.points.items[i], err))
            return false;
        step_reached(work->hook, "point", i);
    }
    return true;
}

/* Nothing is kept of an image itself: it must lead to the layers. */
static void look_at_images(struct adopting *work)
{
    for (size_t i = 0; i < work->machines.count; i++) {
        struct member_point member = {.machine = work->machines.items[i]};
        for (size_t j = 0; j < member.machine.disk_count; j++) {
            const struct chain_source source = chain_source_of(&member.machine.disks[j]);
            struct disk_point record = {.disk_id = member.machine.disks[j].id};
            const struct layer owner = {.member = &member, .disk = &record};
            struct chain chain;
            struct error why;
            if (chain_read(&source, &work->layers, &chain, &why))
                chain_clear(&chain);
            else
                tell(work, source.path, &owner, ADOPTED_NOT, &why);
        }
    }
}

static bool adopt(struct adopting *work, struct error *err)
{
    CLEANUP_FD int lock = -1;
    if (!store_lock(work->store, &lock, err) || !recovery_run(work->store, NULL, NULL, err) ||
        !store_list_machines(work->store, &work->machines, NULL, err) ||
        !layers_load(work->store, NULL, 0, &work->layers, NULL, err))
        return false;
    work->changed = mem_alloc(work->layers.points.count * sizeof *work->changed + 1);
    if (work->wishes.watch)
        work->wishes.watch->total = bytes_to_read(work);
    for (size_t i = 0; i < work->layers.count; i++) {
        if (!take_layer(work, &work->layers.items[i], err))
            return false;
    }
    check_taken(work);
    for (size_t i = 0; i < work->layers.points.count; i++)
        take_templates_of(work, i);
    if (!write_points(work, err))
        return false;
    look_at_images(work);
    return true;
}

bool adopt_files(const struct store *store, bool unproven, struct watch *watch, const struct step_hook *hook,
                 struct adopted_files *adopted, struct error *err)
{
    struct adopting work = {.store = store,
                            .hook = hook,
                            .wishes = {.unproven = unproven, .now = moment_now(), .watch = watch},
                            .told = adopted};
    *adopted = (struct adopted_files){0};
    bool ok = adopt(&work, err);
    adopting_clear(&work);
    if (!ok)
        adopted_files_clear(adopted);
    return ok;
}
