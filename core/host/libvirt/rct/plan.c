#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/host/layers/freeze/freeze_files.h"
#include "core/host/layers/freeze/freeze_plan.h"
#include "core/host/layers/layers.h"
#include "core/host/libvirt/machine/machine.h"
#include "core/host/libvirt/rct/checkpoint.h"
#include "core/host/libvirt/rct/files.h"
#include "core/host/libvirt/rct/off.h"
#include "core/host/libvirt/rct/work.h"
#include "core/host/store/name.h"
#include "core/image/image.h"

static uint64_t held_of(const char *path, uint64_t size)
{
    struct stat status;
    uint64_t held = stat(path, &status) == 0 ? (uint64_t)status.st_blocks * 512 : size;
    return held < size ? held : size;
}

/* The images of another machine are what its host says of them. */
static bool read_there(virDomainPtr domain, struct disk *image, struct rct_disk *disk, struct error *err)
{
    host_machine_disk_size(domain, image->id, &image->virtual_size, &disk->held);
    if (image->virtual_size == 0) {
        error_set(err, RETURN_FAILED, "disk.size", "the host does not say how large %s is", image->path);
        return error_next(err, "See what \"virsh domblkinfo\" says of the disk.");
    }
    if (disk->held > image->virtual_size)
        disk->held = image->virtual_size;
    disk->marks = image->format == DISK_FORMAT_QCOW2;
    return true;
}

/* Of a running machine nobody but its QEMU may look further than the header. */
static bool read_live(struct disk *image, struct rct_disk *disk, struct error *err)
{
    struct image_info info;
    CLEANUP_FD int fd = open(image->path, LAYER_OPEN_FLAGS);
    if (fd < 0)
        return error_errno(err, errno, "disk.open", "cannot open %s", image->path);
    if (!image_inspect(fd, image->format, image->path, &info, err))
        return false;
    image->virtual_size = info.virtual_size;
    disk->marks = info.format == DISK_FORMAT_QCOW2;
    disk->held = image->backing_count == 0 ? held_of(image->path, image->virtual_size) : image->virtual_size;
    image_info_clear(&info);
    return true;
}

static bool read_off(struct rct_work *work, struct rct_disk *disk, struct error *err)
{
    if (!off_read_chain(work, disk, err))
        return false;
    const struct image_info *info = &disk->chain.links[0].info;
    disk->marks = info->format == DISK_FORMAT_QCOW2 && info->version > 2;
    disk->held =
        disk->chain.count == 1 ? held_of(disk->chain.links[0].path, info->virtual_size) : info->virtual_size;
    return true;
}

static bool read_disk(struct rct_work *work, struct disk *image, struct rct_disk *disk, struct error *err)
{
    if (work->account)
        return read_there(work->members.items[disk->member].domain, image, disk, err);
    return rct_is_live(work, disk->member) ? read_live(image, disk, err) : read_off(work, disk, err);
}

static bool record_disks(struct rct_work *work, size_t member, struct error *err)
{
    struct member_point *point = &work->frame.point.members[member];
    for (size_t i = 0; i < point->machine.disk_count; i++) {
        struct disk *image = &point->machine.disks[i];
        struct rct_disk *disk = ARRAY_APPEND(work->disks, work->count);
        *disk = (struct rct_disk){.member = member, .disk = i};
        if (!read_disk(work, image, disk, err))
            return error_context(err, "machine %s, disk %s", point->machine.name, image->id);
        *ARRAY_APPEND(point->disks, point->disk_count) =
            (struct disk_point){.disk_uuid = image->uuid,
                                .disk_id = mem_strdup(image->id),
                                .layer_format = image->format,
                                .virtual_size = image->virtual_size};
        work->frame.point.virtual_size += image->virtual_size;
    }
    return true;
}

/* What is done to the images of a machine that is off can be done where they are. */
static bool check_running_there(const struct rct_work *work, struct error *err)
{
    for (size_t i = 0; work->account && i < work->frame.point.member_count; i++) {
        const struct machine *machine = &work->frame.point.members[i].machine;
        if (rct_is_live(work, i))
            continue;
        error_set(err, RETURN_INVALID_STATE, "machine.off", "the machine %s is %s, and its images lie on %s",
                  machine->name, machine_state_word(machine->state), account_word(work->account));
        CLEANUP_FREE char *uri = text_shell_quote(connection_uri(work->live->connection));
        CLEANUP_FREE char *name = text_shell_quote(machine->name);
        error_cause(err, "what has changed in them can be marked by its QEMU, or there");
        return error_next(err,
                          "Start it (virsh -c %s start %s), leave it out of the collection, or run refpoint "
                          "on that machine.",
                          uri, name);
    }
    return true;
}

/* The chains of machines that are off are read with what the store's points know of them. */
static bool load_layers(struct rct_work *work, const struct collection *collection, struct error *err)
{
    for (size_t i = 0; i < work->frame.point.member_count; i++) {
        if (!rct_is_live(work, i))
            return layers_load(work->live->store, collection->members, collection->member_count,
                               &work->layers, NULL, err);
    }
    return true;
}

static bool read_base(struct rct_work *work, const struct object_path *base, struct error *err)
{
    if (object_path_is_none(base))
        return true;
    if (!guid_equal(&base->collection_id, &work->frame.point.collection_id)) {
        error_set(err, RETURN_INVALID_PARAMETER, "export.base-collection",
                  "the base is a reference point of another collection");
        return error_next(err, "Choose an older point of the same collection, or export in full.");
    }
    if (!store_read_point(work->live->store, base, &work->base, err))
        return error_context(err, "the base");
    if (work->base.type == POINT_TYPE_RCT_BASED) {
        work->base_checkpoint = checkpoint_name(&work->base.id);
        return true;
    }
    error_set(err, RETURN_INVALID_PARAMETER, "export.base-type", "the base %s is a log based point",
              work->base.name);
    error_cause(err, "what has changed since is in its layers, and QEMU has not marked it");
    return error_next(err,
                      "Choose an RCT based point as the base; or create a log based point and export that "
                      "against this one.");
}

static const struct disk_point *disk_of_base(const struct rct_work *work, const struct rct_disk *disk)
{
    const struct member_point *now = &work->frame.point.members[disk->member];
    for (size_t i = 0; i < work->base.member_count; i++) {
        const struct member_point *then = &work->base.members[i];
        for (size_t j = 0; guid_equal(&then->machine.id, &now->machine.id) && j < then->disk_count; j++) {
            if (guid_equal(&then->disks[j].disk_uuid, &now->disks[disk->disk].disk_uuid))
                return &then->disks[j];
        }
    }
    return NULL;
}

/* Believed only where the host says that it is whole (traps.md 2 to 4); else the disk goes in full. */
static bool settle_disk(struct rct_work *work, struct rct_disk *disk, struct error *err)
{
    const struct disk_point *now = &work->frame.point.members[disk->member].disks[disk->disk];
    const struct disk_point *then = disk_of_base(work, disk);
    struct checkpoint_disk found = {0};
    if (!then) {
        disk->full_reason = mem_strdup("the disk is new since the base");
        return true;
    }
    if (now->virtual_size < then->virtual_size) {
        disk->full_reason = mem_strdup("the disk was made smaller since the base");
        return true;
    }
    if (!(rct_is_live(work, disk->member)
              ? checkpoint_look(work->members.items[disk->member].domain, work->base_checkpoint, now->disk_id,
                                &found, err)
              : off_look(disk, work->base_checkpoint, work->base.created, &found, err)))
        return false;
    disk->incremental = found.usable;
    disk->dirty = found.dirty;
    disk->base_size = then->virtual_size;
    disk->full_reason = found.why;
    return true;
}

static bool settle_disks(struct rct_work *work, struct error *err)
{
    for (size_t i = 0; work->base_checkpoint && i < work->count; i++) {
        if (!settle_disk(work, &work->disks[i], err))
            return false;
    }
    return true;
}

static bool begin(struct rct_work *work, const struct point_request *request,
                  const struct collection *collection, struct error *err)
{
    struct reference_point *point = &work->frame.point;
    work->account = account_of(connection_uri(work->live->connection));
    if (!members_look(work->live->store, work->live->connect, !work->account, collection, &work->members,
                      err) ||
        !freeze_begin_point(&work->frame, request, collection, err) ||
        !members_take_states(&work->members, point, err) ||
        !members_check_quiesce(point, request->allow_crash, err) || !check_running_there(work, err) ||
        !load_layers(work, collection, err))
        return false;
    point->type = POINT_TYPE_RCT_BASED;
    point->has_associated_log = false;
    work->checkpoint = checkpoint_name(&point->id);
    for (size_t i = 0; i < point->member_count; i++) {
        if (!record_disks(work, i, err))
            return false;
    }
    return files_take(work, request, err);
}

bool rct_plan(struct rct_work *work, const struct point_request *request, const struct object_path *base,
              struct error *err)
{
    struct collection collection;
    if (request->name && !name_check(request->name, "reference point", err))
        return false;
    if (!store_read_collection(work->live->store, &request->collection_id, &collection, err))
        return false;
    work->allow_crash = request->allow_crash;
    bool ok = work_journal_check_free(work->live->store, &collection.id, collection.members,
                                      collection.member_count, err) &&
              begin(work, request, &collection, err) && read_base(work, base, err) && settle_disks(work, err);
    collection_clear(&collection);
    return ok;
}
