/* The store's record of a machine follows what its host has. */
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/layers/eligible.h"
#include "core/host/layers/layers.h"
#include "core/host/libvirt/connection/functions.h"
#include "core/host/libvirt/machine/machine.h"
#include "core/host/local/internal.h"

static const struct disk *find_disk(const struct machine *machine, const char *id)
{
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (strcmp(machine->disks[i].id, id) == 0)
            return &machine->disks[i];
    }
    return NULL;
}

static bool has_points(const struct layers *layers, const struct disk *disk)
{
    for (size_t i = 0; i < layers->count; i++) {
        if (guid_equal(&layers->items[i].disk->disk_uuid, &disk->uuid))
            return true;
    }
    return false;
}

static bool rests_on(const struct disk *now, const char *path)
{
    for (size_t i = 0; i < now->backing_count; i++) {
        if (strcmp(now->backing[i].path, path) == 0)
            return true;
    }
    return false;
}

static bool refuse_above(const struct machine *machine, const struct disk *known, const struct disk *now,
                         struct error *err)
{
    CLEANUP_FREE char *name = text_shell_quote(machine->name);
    error_set(err, RETURN_INVALID_STATE, "point.overlay-above",
              "machine %s, disk %s: it writes to %s, which somebody else has put above %s", machine->name,
              known->id, now->path, known->path);
    error_cause(err, "an external snapshot that is not one of ours was taken");
    return error_next(
        err,
        "Bring its content back first: virsh blockcommit %s %s --base %s --active --pivot --wait "
        "(or delete the snapshot with the tool that took it).",
        name, known->id, known->path);
}

static bool refuse_other(const struct machine *machine, const struct disk *known, const struct disk *now,
                         struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "machine.disk-moved",
              "machine %s, disk %s: its image is %s now, and its points rest on %s", machine->name, known->id,
              now->path, known->path);
    return error_next(err,
                      "Give the machine its image back (virsh edit), or give the points up and leave every "
                      "file: refpoint collection forget.");
}

/* A disk without points has the image that the machine says. One with points must go on with the file that
 * the last one left it. */
static bool settle_images(struct machine *record, const struct machine *now, const struct layers *layers,
                          struct error *err)
{
    for (size_t i = 0; i < record->disk_count; i++) {
        struct disk *known = &record->disks[i];
        const struct disk *disk = find_disk(now, known->id);
        if (!disk || (strcmp(disk->path, known->path) == 0 && disk->format == known->format))
            continue;
        if (has_points(layers, known))
            return rests_on(disk, known->path) ? refuse_above(now, known, disk, err)
                                               : refuse_other(now, known, disk, err);
        struct guid uuid = known->uuid;
        disk_clear(known);
        disk_copy(known, disk);
        known->uuid = uuid;
    }
    return true;
}

/* What a running machine says of its chains is believed: QEMU has them open; and what the operator names. */
static void take_backing(struct machine *record, const struct machine *now, const struct layers *layers)
{
    for (size_t i = 0; i < record->disk_count; i++) {
        struct disk *known = &record->disks[i];
        const struct disk *disk = find_disk(now, known->id);
        for (size_t j = 0; disk && j < disk->backing_count; j++) {
            const struct backing_file *file = &disk->backing[j];
            if (!layers_find(layers, file->path) && !rests_on(known, file->path))
                *ARRAY_APPEND(known->backing, known->backing_count) =
                    (struct backing_file){.path = mem_strdup(file->path), .format = file->format};
        }
    }
}

static bool bring_up(const struct store *store, bool here, struct machine *record, const struct machine *now,
                     struct error *err)
{
    struct layers layers = {0};
    struct machine read;
    size_t known = record->disk_count;
    if (!layers_load(store, NULL, 0, &layers, NULL, err))
        return false;
    machine_copy(&read, now);
    bool ok = settle_images(record, now, &layers, err) && local_take_machine(record, &read, err);
    if (ok)
        take_backing(record, now, &layers);
    ok = ok && (!here || eligible_machine(store, record, known, err));
    machine_clear(&read);
    layers_clear(&layers);
    return ok;
}

void host_machine_disk_size(virDomainPtr domain, const char *disk, uint64_t *size, uint64_t *held)
{
    virDomainBlockInfo info = {0};
    if (libvirt()->virDomainGetBlockInfo(domain, disk, &info, 0) != 0)
        libvirt()->virResetLastError();
    *size = info.capacity;
    *held = info.allocation;
}

static void take_sizes(virDomainPtr domain, struct machine *record)
{
    for (size_t i = 0; i < record->disk_count; i++) {
        uint64_t held = 0;
        if (!record->disks[i].detached)
            host_machine_disk_size(domain, record->disks[i].id, &record->disks[i].virtual_size, &held);
    }
}

bool host_machine_record(const struct store *store, bool here, const struct host_machine *machine,
                         struct machine *record, struct error *err)
{
    struct error absent;
    bool ok = true;
    if (store_read_machine(store, &machine->machine.id, record, &absent)) {
        ok = bring_up(store, here, record, &machine->machine, err);
    } else if (absent.code == RETURN_INVALID_PARAMETER) {
        machine_copy(record, &machine->machine);
        ok = !here || eligible_machine(store, record, 0, err);
    } else {
        *err = absent;
        return false;
    }
    if (ok && !here)
        take_sizes(machine->domain, record);
    local_give_ids(record);
    record->state = machine->machine.state;
    if (ok && store_write_machine(store, record, err))
        return true;
    machine_clear(record);
    return false;
}
