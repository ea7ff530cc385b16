/* Machines and collections of the local host: checked and written under the store's lock. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/layers/eligible.h"
#include "core/host/layers/work_journal.h"
#include "core/host/local/internal.h"
#include "core/host/store/name.h"

/* The lock, and a store without unfinished work on these objects. */
static bool begin_change(const struct store *store, const struct guid *collection,
                         const struct guid *machines, size_t machine_count, int *lock, struct error *err)
{
    return store_lock(store, lock, err) && recovery_run(store, NULL, NULL, err) &&
           work_journal_check_free(store, collection, machines, machine_count, err);
}

static bool check_members(const struct store *store, const struct guid *members, size_t count,
                          struct error *err)
{
    if (count == 0) {
        error_set(err, RETURN_INVALID_PARAMETER, "collection.empty", "a collection needs a member");
        return error_next(err, "Name at least one machine with --member.");
    }
    for (size_t i = 0; i < count; i++) {
        struct machine machine;
        bool twice = false;
        for (size_t j = 0; j < i; j++)
            twice = twice || guid_equal(&members[i], &members[j]);
        if (!store_read_machine(store, &members[i], &machine, err))
            return false;
        if (twice) {
            error_set(err, RETURN_INVALID_PARAMETER, "collection.member-twice",
                      "the machine %s is named twice", machine.name);
            error_next(err, "Name each machine once.");
        }
        machine_clear(&machine);
        if (twice)
            return false;
    }
    return true;
}

bool local_define_collection(struct host *host, const char *name, const struct guid *members,
                             size_t member_count, struct collection *made, struct error *err)
{
    const struct store *store = local_store(host);
    CLEANUP_FD int lock = -1;
    if (!name_check(name, "collection", err) || !begin_change(store, NULL, NULL, 0, &lock, err) ||
        !check_members(store, members, member_count, err))
        return false;
    struct collection collection = {.id = guid_new(), .name = mem_strdup(name)};
    for (size_t i = 0; i < member_count; i++)
        *ARRAY_APPEND(collection.members, collection.member_count) = members[i];
    bool ok = store_write_collection(store, &collection, err);
    if (ok && made) {
        *made = collection;
        return true;
    }
    collection_clear(&collection);
    return ok;
}

bool local_delete_collection(struct host *host, const struct guid *id, struct error *err)
{
    const struct store *store = local_store(host);
    CLEANUP_FD int lock = -1;
    struct collection collection = {0};
    size_t points = 0;
    if (!begin_change(store, id, NULL, 0, &lock, err) || !store_read_collection(store, id, &collection, err))
        return false;
    bool ok = store_count_points(store, id, &points, err);
    if (ok && points > 0) {
        CLEANUP_FREE char *quoted = text_shell_quote(collection.name);
        error_set(err, RETURN_INVALID_STATE, "collection.has-points",
                  "the collection %s still has %zu reference point%s", collection.name, points,
                  points == 1 ? "" : "s");
        ok =
            error_next(err,
                       "Destroy them first: refpoint point destroy %s POINT. Or drop the collection with its "
                       "points and leave every file: refpoint collection forget %s",
                       quoted, quoted);
    }
    ok = ok && store_remove_collection(store, id, err);
    collection_clear(&collection);
    return ok;
}

void local_give_ids(struct machine *machine)
{
    if (guid_is_none(&machine->id))
        machine->id = guid_new();
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (guid_is_none(&machine->disks[i].uuid))
            machine->disks[i].uuid = guid_new();
    }
}

static bool check_is_new(const struct store *store, const struct guid *id, struct error *err)
{
    struct machine existing;
    struct error absent;
    if (guid_is_none(id) || !store_read_machine(store, id, &existing, &absent))
        return true;
    CLEANUP_FREE char *quoted = text_shell_quote(existing.name);
    error_set(err, RETURN_INVALID_PARAMETER, "machine.exists", "there is already the machine %s (%s)",
              existing.name, id->text);
    error_cause(err, "the definition's uuid is that of this machine");
    error_next(err,
               "To give it the definition: refpoint machine set %s --domain-xml FILE. A copy of it needs a "
               "uuid of its own.",
               quoted);
    machine_clear(&existing);
    return false;
}

bool local_add_machine(struct host *host, struct machine *machine, struct error *err)
{
    const struct store *store = local_store(host);
    CLEANUP_FD int lock = -1;
    /* Before its disks, which are that machine's as well. */
    if (!local_read_definition(machine, err) || !begin_change(store, NULL, NULL, 0, &lock, err) ||
        !check_is_new(store, &machine->id, err) || !eligible_machine(store, machine, 0, err))
        return false;
    local_give_ids(machine);
    return store_write_machine(store, machine, err);
}

static void take_settings(struct machine *to, const struct machine *from)
{
    mem_replace(&to->name, from->name);
    if (to->settings.cpus != from->settings.cpus)
        local_set_processors(&to->settings, from->settings.cpus);
    to->settings.memory = from->settings.memory;
    mem_replace(&to->settings.firmware, from->settings.firmware);
    mem_replace(&to->settings.architecture, from->settings.architecture);
    mem_replace(&to->settings.machine_type, from->settings.machine_type);
}

/* What is given beside a definition. */
static void prefer_settings(struct machine *to, const struct machine *from)
{
    if (from->name)
        mem_replace(&to->name, from->name);
    if (from->settings.cpus)
        local_set_processors(&to->settings, from->settings.cpus);
    if (from->settings.memory)
        to->settings.memory = from->settings.memory;
    if (from->settings.firmware)
        mem_replace(&to->settings.firmware, from->settings.firmware);
}

static void take_new_disks(struct machine *to, const struct machine *from)
{
    for (size_t i = 0; i < from->disk_count; i++) {
        if (!guid_is_none(&from->disks[i].uuid))
            continue;
        struct disk *disk = ARRAY_APPEND(to->disks, to->disk_count);
        disk_copy(disk, &from->disks[i]);
    }
}

bool local_set_machine(struct host *host, struct machine *machine, struct error *err)
{
    const struct store *store = local_store(host);
    CLEANUP_FD int lock = -1;
    struct machine stored;
    if (((machine->name || !machine->domain_xml) && !name_check(machine->name, "machine", err)) ||
        !begin_change(store, NULL, &machine->id, 1, &lock, err) ||
        !store_read_machine(store, &machine->id, &stored, err))
        return false;
    size_t disks = stored.disk_count;
    struct machine before = {0};
    bool ok = !machine->domain_xml || local_take_definition(&stored, machine, err);
    if (ok) {
        machine_copy(&before, &stored);
        if (machine->domain_xml)
            prefer_settings(&stored, machine);
        else
            take_settings(&stored, machine);
        take_new_disks(&stored, machine);
        ok = eligible_machine(store, &stored, disks, err) && local_change_definition(&stored, &before, err);
    }
    machine_clear(&before);
    local_give_ids(&stored);
    ok = ok && store_write_machine(store, &stored, err);
    if (ok) {
        machine_clear(machine);
        *machine = stored;
    } else {
        machine_clear(&stored);
    }
    return ok;
}

static bool check_no_member(const struct store *store, const struct machine *machine, struct error *err)
{
    struct collection_list collections;
    struct findings broken = {0};
    if (!store_list_collections(store, &collections, &broken, err)) {
        findings_clear(&broken);
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < collections.count; i++) {
        const struct collection *collection = &collections.items[i];
        for (size_t j = 0; ok && j < collection->member_count; j++) {
            if (!guid_equal(&collection->members[j], &machine->id))
                continue;
            CLEANUP_FREE char *quoted = text_shell_quote(collection->name);
            error_set(err, RETURN_IN_USE, "machine.in-collection",
                      "the machine %s is a member of the collection %s", machine->name, collection->name);
            ok = error_next(err,
                            "Delete the collection first: refpoint collection delete %s. If it has points: "
                            "refpoint collection forget %s drops them with it and leaves every file.",
                            quoted, quoted);
        }
    }
    if (ok && broken.count > 0) {
        error_set(err, RETURN_INVALID_STATE, "store.broken",
                  "a collection that cannot be read may have this machine");
        error_cause(err, "%s", broken.items[0]);
        ok = error_next(err, "Mend that record with an editor, or bring it back from a copy of the store.");
    }
    findings_clear(&broken);
    collection_list_clear(&collections);
    return ok;
}

bool local_remove_machine(struct host *host, const struct guid *id, struct error *err)
{
    const struct store *store = local_store(host);
    CLEANUP_FD int lock = -1;
    struct machine machine;
    if (!begin_change(store, NULL, id, 1, &lock, err) || !store_read_machine(store, id, &machine, err))
        return false;
    bool ok = check_no_member(store, &machine, err) && store_remove_machine(store, id, err);
    machine_clear(&machine);
    return ok;
}
