/* Step 1: what the point is, and its disks; everything that can be refused is refused here. */
#include "core/host/layers/freeze/freeze_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/access.h"
#include "core/base/mem.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/templates.h"
#include "core/system/fs.h"

#define RAW_OVERLAY_CLUSTER 65536

static void name_point(struct reference_point *point, const char *name)
{
    if (name) {
        point->name = mem_strdup(name);
        return;
    }
    char time[32];
    moment_format_list(point->created, true, time, sizeof time);
    point->name = mem_format("%s %.8s", time, point->id.text);
}

bool freeze_next_sequence(const struct store *store, const struct guid *collection, uint64_t *sequence,
                          struct error *err)
{
    struct reference_point_list list;
    size_t count = 0;
    if (!store_list_points(store, collection, false, &list, NULL, err))
        return false;
    uint64_t newest = list.count > 0 ? list.items[0].sequence : 0;
    reference_point_list_clear(&list);
    if (!store_count_points(store, collection, &count, err))
        return false;
    *sequence = (newest > count ? newest : count) + 1;
    return true;
}

static void drop_detached(struct machine *machine)
{
    size_t kept = 0;
    for (size_t i = 0; i < machine->disk_count; i++) {
        if (machine->disks[i].detached)
            disk_clear(&machine->disks[i]);
        else
            machine->disks[kept++] = machine->disks[i];
    }
    machine->disk_count = kept;
}

bool freeze_begin_point(struct freeze_work *work, const struct point_request *request,
                        const struct collection *collection, struct error *err)
{
    struct reference_point *point = &work->point;
    point->id = guid_new();
    point->collection_id = collection->id;
    point->collection_name = mem_strdup(collection->name);
    point->created = moment_now();
    point->type = POINT_TYPE_LOG_BASED;
    point->consistency_asked = request->consistency_level;
    point->consistency_level = CONSISTENCY_CRASH;
    point->has_associated_log = true;
    name_point(point, request->name);
    for (size_t i = 0; i < collection->member_count; i++) {
        struct member_point *member = ARRAY_APPEND(point->members, point->member_count);
        member->instance_id = guid_new();
        if (!store_read_machine(work->store, &collection->members[i], &member->machine, err))
            return error_context(err, "a member of the collection %s", collection->name);
        drop_detached(&member->machine);
    }
    return freeze_next_sequence(work->store, &collection->id, &point->sequence, err);
}

static bool check_raw(const struct freeze_work *work, const struct disk *disk, bool raw_to_qcow2,
                      struct error *err)
{
    if (disk->format != DISK_FORMAT_RAW || raw_to_qcow2)
        return true;
    error_set(err, RETURN_NOT_SUPPORTED, "disk.raw", "%s is a raw image", disk->path);
    if (work->keep_names) {
        error_cause(err,
                    "the machine would go on with a qcow2 file above it, until its points are destroyed");
        return error_next(err, "Ask for it with --raw-to-qcow2.");
    }
    error_cause(err, "its path would hold a qcow2 overlay afterwards");
    return error_next(err,
                      "Ask for it with --raw-to-qcow2, then set the format of disk %s to qcow2 in the "
                      "machine's definition.",
                      disk->id);
}

static bool check_directory(const struct freeze_disk *disk, struct error *err)
{
    if (strlen(disk->layer) >= PATH_MAX || strlen(disk->overlay) >= PATH_MAX) {
        error_set(err, RETURN_NOT_SUPPORTED, "disk.path", "the path of a layer beside %s would be too long",
                  disk->image);
        return error_next(err, "Keep the image in a directory with a shorter path.");
    }
    if (faccessat(disk->directory_fd, ".", W_OK | X_OK, AT_EACCESS) == 0)
        return true;
    int number = errno;
    CLEANUP_FREE char *directory = path_directory(disk->image);
    CLEANUP_FREE char *advice = access_advice_to_change(directory, number);
    error_errno(err, number, "point.directory", "cannot write to the directory of %s", disk->image);
    return error_next(err, "The layers are kept beside the image. %s",
                      advice ? advice : "Make its directory writable for you.");
}

/* The same file that was inspected. Its machine writes to it, and QEMU's own lock is on it. */
static bool open_live_image(struct freeze_disk *disk, const struct stat *inspected, struct error *err)
{
    struct stat status;
    if (fstat(disk->image_fd, &status) != 0)
        return error_errno(err, errno, "disk.open", "cannot look at %s", disk->image);
    disk->original = file_identity_of(&status);
    if (status.st_ino == inspected->st_ino)
        return true;
    error_set(err, RETURN_IN_USE, "image.in-use", "%s was replaced while it was looked at", disk->image);
    return error_next(err, "Try again.");
}

/* The same file that was inspected, opened through its directory, claimed against writers. */
static bool open_image(struct freeze_disk *disk, bool live, const struct stat *inspected, struct error *err)
{
    disk->image_fd = openat(disk->directory_fd, path_name(disk->image), LAYER_OPEN_FLAGS);
    struct stat status;
    if (disk->image_fd < 0)
        return error_errno(err, errno, "disk.open", "cannot open %s", disk->image);
    if (live)
        return open_live_image(disk, inspected, err);
    if (!file_claim(disk->image_fd, CLAIM_STILL, disk->image, err))
        return false;
    /* After the claim: from here on nothing changes it. */
    if (!fs_sync(disk->image_fd, disk->image, err))
        return false;
    if (fstat(disk->image_fd, &status) != 0)
        return error_errno(err, errno, "disk.open", "cannot look at %s", disk->image);
    disk->original = file_identity_of(&status);
    if (file_identity_matches(&disk->original, inspected))
        return true;
    error_set(err, RETURN_IN_USE, "image.in-use", "%s changes while it is looked at", disk->image);
    return error_next(err, "Shut the machine down, then try again.");
}

static void set_sizes(struct disk *before, struct freeze_disk *disk, const struct image_info *info)
{
    before->virtual_size = info->virtual_size;
    disk->overlay_size = size_whole_sectors(info->virtual_size);
    disk->cluster_size = info->format == DISK_FORMAT_QCOW2 ? info->cluster_size : RAW_OVERLAY_CLUSTER;
}

static void record_disk(const struct freeze_work *work, const struct freeze_disk *disk)
{
    struct member_point *member = &work->point.members[disk->member];
    const struct disk *before = &member->machine.disks[disk->disk];
    struct disk_point *record = ARRAY_APPEND(member->disks, member->disk_count);
    record->disk_uuid = before->uuid;
    record->disk_id = mem_strdup(before->id);
    record->layer_path = mem_strdup(disk->layer);
    record->layer_format = before->format;
    record->virtual_size = before->virtual_size;
}

/* Step 1 for one disk: everything that can be refused is refused here. */
static bool plan_disk(struct freeze_work *work, size_t member, size_t number, const struct layers *layers,
                      bool raw_to_qcow2, struct error *err)
{
    struct disk *before = &work->point.members[member].machine.disks[number];
    struct freeze_disk *disk = ARRAY_APPEND(work->disks, work->count);
    *disk = (struct freeze_disk){.member = member,
                                 .disk = number,
                                 .image = mem_strdup(before->path),
                                 .layer = work->keep_names ? mem_strdup(before->path)
                                                           : path_new_layer(before->path, before->format),
                                 .overlay = work->keep_names ? path_new_layer(before->path, DISK_FORMAT_QCOW2)
                                                             : path_new_temporary(before->path),
                                 .directory_fd = -1,
                                 .image_fd = -1};
    const struct chain_source source = chain_source_of(before);
    struct chain chain;
    if (!check_raw(work, before, raw_to_qcow2, err) || !freeze_open_directory(disk, err) ||
        !chain_read(&source, layers, &chain, err))
        return false;
    bool live = freeze_disk_is_live(work, disk);
    bool ok = check_directory(disk, err) && open_image(disk, live, &chain.links[0].status, err);
    if (ok && chain.count >= CHAIN_LIMIT) {
        error_set(err, RETURN_NOT_SUPPORTED, "disk.chain-too-long", "%s already has %zu layers", before->path,
                  chain.count);
        ok = error_next(err, "Destroy reference points that are no longer needed.");
    }
    set_sizes(before, disk, &chain.links[0].info);
    templates_record(before, &chain);
    disk->unwritten = ok && !live && chain.count > 1 && chain.links[1].kind == CHAIN_LAYER &&
                      image_owns_nothing(disk->image_fd, &chain.links[0].info);
    record_disk(work, disk);
    chain_clear(&chain);
    return ok;
}

bool freeze_plan_disks(struct freeze_work *work, const struct collection *collection, bool raw_to_qcow2,
                       struct error *err)
{
    struct layers layers;
    if (!layers_load(work->store, collection->members, collection->member_count, &layers, NULL, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < work->point.member_count; i++) {
        const struct machine *machine = &work->point.members[i].machine;
        for (size_t j = 0; ok && j < machine->disk_count; j++) {
            ok = plan_disk(work, i, j, &layers, raw_to_qcow2, err) ||
                 error_context(err, "machine %s, disk %s", machine->name, machine->disks[j].id);
            work->point.virtual_size += machine->disks[j].virtual_size;
        }
    }
    layers_clear(&layers);
    if (ok && work->count == 0) {
        error_set(err, RETURN_INVALID_STATE, "point.no-disks",
                  "the machines of the collection %s have no disks", collection->name);
        return error_next(err,
                          "Add a disk to one of them: refpoint machine set MACHINE --disk ID=FORMAT:PATH.");
    }
    return ok;
}
