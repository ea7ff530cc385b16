/* Machines and collection of a point that brings them along. They are written when the journal is, which
 * names them, so that a crash before COMMIT leaves none of them. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/layers/freeze/freeze_work.h"

static bool is_joined(const struct freeze_work *work, const struct guid *machine)
{
    const struct freeze_registration *registration = &work->registration;
    for (size_t i = 0; i < registration->joined_count; i++) {
        if (guid_equal(&registration->joined[i], machine))
            return true;
    }
    return false;
}

static bool write_collection(const struct freeze_work *work, struct error *err)
{
    const struct reference_point *point = &work->point;
    struct collection collection = {.id = point->collection_id};
    if (work->registration.new_collection) {
        collection.name = mem_strdup(point->collection_name);
        for (size_t i = 0; i < point->member_count; i++)
            *ARRAY_APPEND(collection.members, collection.member_count) = point->members[i].machine.id;
    } else if (!store_read_collection(work->store, &point->collection_id, &collection, err)) {
        return false;
    }
    for (size_t i = 0; i < work->registration.joined_count; i++)
        *ARRAY_APPEND(collection.members, collection.member_count) = work->registration.joined[i];
    bool ok = store_write_collection(work->store, &collection, err);
    collection_clear(&collection);
    return ok;
}

bool freeze_register(const struct freeze_work *work, struct error *err)
{
    for (size_t i = 0; i < work->point.member_count; i++) {
        if (!store_write_machine(work->store, &work->registration.machines[i], err))
            return false;
        step_reached(work->hook, "registered", i);
    }
    if (!write_collection(work, err))
        return false;
    step_reached(work->hook, "collection", 0);
    return true;
}

static bool leave_collection(const struct freeze_work *work, struct error *err)
{
    struct collection collection;
    size_t kept = 0;
    if (!store_read_collection(work->store, &work->point.collection_id, &collection, err))
        return false;
    for (size_t i = 0; i < collection.member_count; i++) {
        if (!is_joined(work, &collection.members[i]))
            collection.members[kept++] = collection.members[i];
    }
    bool changed = kept != collection.member_count;
    collection.member_count = kept;
    bool ok = !changed || store_write_collection(work->store, &collection, err);
    collection_clear(&collection);
    return ok;
}

/* Not one that somebody has added since under the same id. */
static bool is_ours(const struct machine *stored, const struct machine *registered)
{
    for (size_t i = 0; i < stored->disk_count; i++) {
        if (i >= registered->disk_count || strcmp(stored->disks[i].path, registered->disks[i].path) != 0)
            return false;
    }
    return stored->disk_count == registered->disk_count;
}

static bool remove_machine(const struct freeze_work *work, const struct machine *registered,
                           struct error *err)
{
    struct machine stored;
    struct error absent;
    if (!store_read_machine(work->store, &registered->id, &stored, &absent)) {
        bool gone = strcmp(absent.key, "machine.unknown") == 0;
        if (!gone)
            *err = absent;
        return gone;
    }
    bool ok = !is_ours(&stored, registered) || store_remove_machine(work->store, &registered->id, err);
    machine_clear(&stored);
    return ok;
}

bool freeze_unregister(const struct freeze_work *work, struct error *err)
{
    const struct freeze_registration *registration = &work->registration;
    if (!registration->wanted)
        return true;
    bool ok = registration->new_collection
                  ? store_remove_collection(work->store, &work->point.collection_id, err)
                  : registration->joined_count == 0 || leave_collection(work, err);
    for (size_t i = 0; ok && i < work->point.member_count; i++)
        ok = remove_machine(work, &work->point.members[i].machine, err);
    return ok;
}
