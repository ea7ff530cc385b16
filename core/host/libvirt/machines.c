/* The machines of the host, which are its domains, and collections of them. */
#include <fcntl.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/layers/layers.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/host/libvirt/connection/library.h"
#include "core/host/libvirt/internal.h"
#include "core/host/libvirt/machine/machine.h"
#include "core/image/image.h"

static const struct machine *find_stored(const struct machine_list *stored, const struct guid *id)
{
    for (size_t i = 0; i < stored->count; i++) {
        if (guid_equal(&stored->items[i].id, id))
            return &stored->items[i];
    }
    return NULL;
}

bool libvirt_check_here(struct host *host, struct error *err)
{
    if (!connection_is_remote(libvirt_connection(host)))
        return true;
    error_set(err, RETURN_NOT_SUPPORTED, "host.remote", "the images of %s lie on another machine",
              connection_uri(libvirt_connection(host)));
    error_cause(err, "log based points freeze images where they are");
    return error_next(
        err, "Export its running machines as they are now (refpoint export COLLECTION --live), or run "
             "refpoint on that machine, with its own libvirt: --host qemu:///system.");
}

/* A header read in passing, for a list: what cannot be read has no size. */
static uint64_t size_of(const struct disk *disk)
{
    struct image_info info;
    struct error ignored;
    CLEANUP_FD int fd = open(disk->path, LAYER_OPEN_FLAGS);
    if (fd < 0 || !image_inspect(fd, disk->format, disk->path, &info, &ignored))
        return 0;
    uint64_t size = info.virtual_size;
    image_info_clear(&info);
    return size;
}

static void take_known_disks(virDomainPtr domain, struct machine *machine, const struct machine *stored,
                             bool here)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        struct disk *disk = &machine->disks[i];
        uint64_t held = 0;
        if (here)
            disk->virtual_size = size_of(disk);
        else
            host_machine_disk_size(domain, disk->id, &disk->virtual_size, &held);
        for (size_t j = 0; stored && j < stored->disk_count; j++) {
            if (strcmp(stored->disks[j].id, disk->id) != 0)
                continue;
            disk->uuid = stored->disks[j].uuid;
        }
    }
}

/* Under its bare name, so that it can be seen and chosen, and told why it cannot be read. */
static void add_unreadable(struct machine_list *list, virDomainPtr domain, const struct guid *id,
                           const struct error *why)
{
    struct machine *machine = ARRAY_APPEND(list->items, list->count);
    machine->id = *id;
    machine->name = mem_strdup(libvirt()->virDomainGetName(domain));
    *ARRAY_APPEND(machine->left_out, machine->left_out_count) =
        (struct machine_left_out){.kind = mem_strdup("unknown"), .reason = error_text(why)};
}

static void add_machine(struct machine_list *list, virDomainPtr domain, const struct machine_list *stored,
                        bool here)
{
    struct guid id;
    struct host_machine made;
    struct error why = {0};
    if (libvirt()->virDomainRef(domain) != 0 || !domain_id(domain, &id, &why))
        return;
    const struct machine *known = find_stored(stored, &id);
    if (!host_machine_read(domain, known, &made, &why)) {
        add_unreadable(list, domain, &id, &why);
        return;
    }
    take_known_disks(domain, &made.machine, known, here);
    struct machine *machine = ARRAY_APPEND(list->items, list->count);
    *machine = made.machine;
    made.machine = (struct machine){0};
    host_machine_tell_refused(&made, machine);
    host_machine_clear(&made);
}

/* What the store knows and the host has no more: points may still be there. */
static void add_gone(struct machine_list *list, const struct machine_list *stored)
{
    size_t there = list->count;
    for (size_t i = 0; i < stored->count; i++) {
        bool found = false;
        for (size_t j = 0; j < there; j++)
            found = found || guid_equal(&list->items[j].id, &stored->items[i].id);
        if (found)
            continue;
        struct machine *machine = ARRAY_APPEND(list->items, list->count);
        machine_copy(machine, &stored->items[i]);
        machine->state = MACHINE_STATE_GONE;
    }
}

/* Where the daemon tells what a record should, the machine is there; its record is made anew. */
static void add_damaged(struct machine_list *list, struct machine_list *stored)
{
    for (size_t i = 0; i < stored->left_out.count; i++) {
        struct damaged_record *damaged = &stored->left_out.items[i];
        bool there = false;
        for (size_t j = 0; j < list->count && !there; j++)
            there = guid_equal(&list->items[j].id, &damaged->id);
        if (there)
            continue;
        *ARRAY_APPEND(list->left_out.items, list->left_out.count) = *damaged;
        *damaged = (struct damaged_record){0}; /* it is the other list's */
    }
}

static int compare_machines(const void *left, const void *right)
{
    const struct machine *first = left;
    const struct machine *second = right;
    int order = strcmp(first->name, second->name);
    return order != 0 ? order : strcmp(first->id.text, second->id.text);
}

bool libvirt_list_machines(struct host *host, struct machine_list *list, struct error *err)
{
    struct machine_list stored = {0};
    virDomainPtr *domains = NULL;
    size_t count = 0;
    *list = (struct machine_list){0};
    CLEANUP_CONNECT virConnectPtr connect = connection_take(libvirt_connection(host), err);
    if (!connect || !domain_list(connect, &domains, &count, err))
        return false;
    bool ok = store_list_machines(local_store(host), &stored, NULL, err);
    for (size_t i = 0; ok && i < count; i++)
        add_machine(list, domains[i], &stored, !connection_is_remote(libvirt_connection(host)));
    domain_list_release(domains, count);
    if (ok) {
        add_gone(list, &stored);
        add_damaged(list, &stored);
    }
    if (list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, compare_machines);
    machine_list_clear(&stored);
    return ok;
}

/* The store's record of a machine of the host, made or brought up to date. */
static bool record_machine(const struct store *store, virConnectPtr connect, bool here, const struct guid *id,
                           struct machine *record, struct error *err)
{
    struct machine stored = {0};
    struct host_machine made;
    struct error absent;
    bool known = store_read_machine(store, id, &stored, &absent);
    virDomainPtr domain = domain_find(connect, id, known ? stored.name : id->text, err);
    bool ok = domain && host_machine_read(domain, known ? &stored : NULL, &made, err);
    if (ok) {
        ok = host_machine_check_disks(&made, err) && host_machine_record(store, here, &made, record, err);
        host_machine_clear(&made);
    }
    machine_clear(&stored);
    return ok;
}

bool libvirt_define_collection(struct host *host, const char *name, const struct guid *members,
                               size_t member_count, struct collection *made, struct error *err)
{
    const struct store *store = local_store(host);
    bool here = !connection_is_remote(libvirt_connection(host));
    int lock = -1;
    CLEANUP_CONNECT virConnectPtr connect = connection_take(libvirt_connection(host), err);
    if (!connect || !store_lock(store, &lock, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < member_count; i++) {
        struct machine record;
        ok = record_machine(store, connect, here, &members[i], &record, err);
        if (ok)
            machine_clear(&record);
    }
    mem_cleanup_fd(&lock);
    return ok && local_define_collection(host, name, members, member_count, made, err);
}

static bool has_disk(const struct host_machine *made, const char *id)
{
    for (size_t i = 0; i < made->machine.disk_count; i++) {
        if (strcmp(made->machine.disks[i].id, id) == 0)
            return true;
    }
    for (size_t i = 0; i < made->machine.left_out_count; i++) {
        const char *device = made->machine.left_out[i].device;
        if (device && strcmp(device, id) == 0)
            return true;
    }
    return false;
}

static bool check_left_out(const struct host_machine *made, const struct machine *asked, struct error *err)
{
    for (size_t i = 0; i < asked->left_out_count; i++) {
        const struct machine_left_out *item = &asked->left_out[i];
        if (!item->by_operator || has_disk(made, item->device))
            continue;
        error_set(err, RETURN_INVALID_PARAMETER, "disk.unknown", "the machine %s has no disk %s",
                  made->machine.name, item->device);
        return error_next(err, "Name a disk by its target, such as vda: refpoint machine list shows them.");
    }
    return true;
}

/* Files beneath images that the operator names. */
static void take_backing(struct host_machine *made, const struct machine *asked)
{
    for (size_t i = 0; i < made->machine.disk_count; i++) {
        struct disk *disk = &made->machine.disks[i];
        for (size_t j = 0; j < asked->disk_count; j++) {
            const struct disk *given = &asked->disks[j];
            for (size_t k = 0; strcmp(given->id, disk->id) == 0 && k < given->backing_count; k++)
                *ARRAY_APPEND(disk->backing, disk->backing_count) = (struct backing_file){
                    .path = mem_strdup(given->backing[k].path), .format = given->backing[k].format};
        }
    }
}

/* What may be set here: disks that are to be left out, and files beneath images. */
bool libvirt_set_machine(struct host *host, struct machine *machine, struct error *err)
{
    const struct store *store = local_store(host);
    CLEANUP_FD int lock = -1;
    struct host_machine made;
    struct machine record;
    CLEANUP_CONNECT virConnectPtr connect = connection_take(libvirt_connection(host), err);
    if (!connect || !store_lock(store, &lock, err))
        return false;
    virDomainPtr domain = domain_find(connect, &machine->id, machine->name, err);
    if (!domain || !host_machine_read(domain, machine, &made, err))
        return false;
    take_backing(&made, machine);
    bool ok =
        check_left_out(&made, machine, err) && host_machine_check_disks(&made, err) &&
        host_machine_record(store, !connection_is_remote(libvirt_connection(host)), &made, &record, err);
    host_machine_clear(&made);
    if (!ok)
        return false;
    machine_clear(machine);
    *machine = record;
    return true;
}

bool libvirt_start_machine(struct host *host, const char *definition, struct error *err)
{
    CLEANUP_CONNECT virConnectPtr connect = connection_take(libvirt_connection(host), err);
    if (!connect)
        return false;
    CLEANUP_DOMAIN virDomainPtr domain = libvirt()->virDomainDefineXMLFlags(connect, definition, 0);
    if (!domain)
        return library_error(err, "machine.define", "the machine cannot be defined");
    if (libvirt()->virDomainCreate(domain) == 0)
        return true;
    domain_error(domain, err, "machine.start", "it cannot be started");
    if (libvirt()->virDomainUndefineFlags(domain, 0) != 0)
        libvirt()->virResetLastError();
    return false;
}
