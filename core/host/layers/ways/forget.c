#include "core/host/layers/ways/forget.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/layers/ways/forget_disk.h"
#include "core/host/layers/work_journal.h"

struct forgetting {
    const struct store *store;
    const struct step_hook *hook;
    struct forget_what what;
    struct collection collection;
    struct layers layers;
    bool *changed; /* points of the layers */
    struct left_layers *left;
};

static void forgetting_clear(struct forgetting *work)
{
    collection_clear(&work->collection);
    layers_clear(&work->layers);
    free(work->changed);
}

static struct disk *find_disk(struct machine *machine, const struct guid *uuid)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (guid_equal(&machine->disks[i].uuid, uuid))
            return &machine->disks[i];
    }
    return NULL;
}

static void tell_layers(const struct forgetting *work, const struct forget_disk *disk)
{
    for (size_t i = 0; work->left && i < work->layers.count; i++) {
        const struct layer *layer = &work->layers.items[i];
        if (guid_equal(&layer->disk->disk_uuid, &disk->uuid) && forget_concerns(&work->what, layer))
            forget_disk_tell(disk, layer, ARRAY_APPEND(work->left->items, work->left->count));
    }
}

/* now: the machine's disk; NULL for one that it no longer has, of which nothing is to be registered. known:
 * what is known of it. */
static bool forget_disk_of(struct forgetting *work, const struct guid *uuid, struct disk *now,
                           const struct disk *known)
{
    struct forget_disk disk;
    forget_disk_read(&disk, &work->what, &work->layers, uuid, known->path, known->format);
    bool changed = now && forget_disk_register(&disk, now, work->changed);
    tell_layers(work, &disk);
    forget_disk_clear(&disk);
    return changed;
}

static bool is_first_of_disk(const struct forgetting *work, size_t number)
{
    for (size_t i = 0; i < number; i++) {
        const struct layer *other = &work->layers.items[i];
        if (guid_equal(&other->disk->disk_uuid, &work->layers.items[number].disk->disk_uuid) &&
            forget_concerns(&work->what, other))
            return false;
    }
    return true;
}

/* Disks that only the points know, of this machine (all of them, when its record is gone). */
static void forget_lost_disks(struct forgetting *work, const struct guid *id, struct machine *machine)
{
    for (size_t i = 0; i < work->layers.count; i++) {
        const struct layer *layer = &work->layers.items[i];
        struct machine *then = &layer->member->machine;
        if (!guid_equal(&then->id, id) || !forget_concerns(&work->what, layer) || !is_first_of_disk(work, i))
            continue;
        const struct disk *record = find_disk(then, &layer->disk->disk_uuid);
        if (record && !find_disk(machine, &layer->disk->disk_uuid))
            forget_disk_of(work, &layer->disk->disk_uuid, NULL, record);
    }
}

static bool forget_machine(struct forgetting *work, const struct guid *id, struct error *err)
{
    struct machine machine = {0};
    struct error absent;
    if (!store_read_machine(work->store, id, &machine, &absent) &&
        strcmp(absent.key, "machine.unknown") != 0) {
        *err = absent;
        return false;
    }
    bool changed = false;
    for (size_t i = 0; i < machine.disk_count; i++)
        changed =
            forget_disk_of(work, &machine.disks[i].uuid, &machine.disks[i], &machine.disks[i]) || changed;
    forget_lost_disks(work, id, &machine);
    bool ok = !changed || store_write_machine(work->store, &machine, err);
    machine_clear(&machine);
    step_reached(work->hook, "machine", 0);
    return ok;
}

/* Machines first, points next: until the points themselves go, each of their layers is known twice. */
static bool register_all(struct forgetting *work, struct error *err)
{
    for (size_t i = 0; i < work->collection.member_count; i++) {
        if (!forget_machine(work, &work->collection.members[i], err))
            return false;
    }
    for (size_t i = 0; i < work->layers.points.count; i++) {
        if (work->changed[i] && !store_write_point(work->store, &work->layers.points.items[i], err))
            return false;
        step_reached(work->hook, "point", i);
    }
    return true;
}

static bool drop(struct forgetting *work, struct error *err)
{
    if (!work->what.point)
        return store_remove_collection(work->store, &work->what.collection, err);
    const struct object_path path = {.point_id = *work->what.point, .collection_id = work->what.collection};
    if (!store_hide_point(work->store, &path, err))
        return false;
    step_reached(work->hook, "hidden", 0);
    return store_remove_point(work->store, &path, err);
}

static bool check_point(const struct forgetting *work, struct error *err)
{
    struct reference_point point = {0};
    struct error broken;
    if (!work->what.point)
        return true;
    const struct object_path path = {.point_id = *work->what.point, .collection_id = work->what.collection};
    bool readable = store_read_point(work->store, &path, &point, &broken);
    reference_point_clear(&point);
    /* One that cannot be read can be forgotten all the same. */
    if (readable || strcmp(broken.key, "point.unknown") != 0)
        return true;
    *err = broken;
    return false;
}

static bool forget(struct forgetting *work, struct error *err)
{
    CLEANUP_FD int lock = -1;
    const struct collection *collection = &work->collection;
    if (!store_lock(work->store, &lock, err) || !recovery_run(work->store, NULL, NULL, err) ||
        !store_read_collection(work->store, &work->what.collection, &work->collection, err) ||
        !check_point(work, err) ||
        !work_journal_check_free(work->store, &collection->id, collection->members, collection->member_count,
                                 err) ||
        !layers_load(work->store, collection->members, collection->member_count, &work->layers, NULL, err))
        return false;
    work->changed = mem_alloc(work->layers.points.count * sizeof *work->changed + 1);
    if (!register_all(work, err) || !drop(work, err))
        return false;
    step_reached(work->hook, "removed", 0);
    return true;
}

static bool do_forget(struct forgetting *work, struct left_layers *left, struct error *err)
{
    if (left)
        *left = (struct left_layers){0};
    work->left = left;
    bool ok = forget(work, err);
    forgetting_clear(work);
    if (!ok && left)
        left_layers_clear(left);
    return ok;
}

bool forget_point(const struct store *store, const struct object_path *path, const struct step_hook *hook,
                  struct left_layers *left, struct error *err)
{
    struct forgetting work = {
        .store = store, .hook = hook, .what = {.collection = path->collection_id, .point = &path->point_id}};
    return do_forget(&work, left, err);
}

bool forget_collection(const struct store *store, const struct guid *collection, const struct step_hook *hook,
                       struct left_layers *left, struct error *err)
{
    struct forgetting work = {.store = store, .hook = hook, .what = {.collection = *collection}};
    return do_forget(&work, left, err);
}
