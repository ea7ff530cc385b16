/* RemoveAssociatedData of machines that may run: see punch.h. The point stays, as a base only. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/change/remove_data_work.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/work_journal.h"
#include "core/host/libvirt/change/live.h"
#include "core/host/libvirt/change/punch.h"
#include "core/host/libvirt/change/remove_data.h"
#include "core/system/proc.h"

static bool check_type(const struct reference_point *point, struct error *err)
{
    if (point->type == POINT_TYPE_LOG_BASED)
        return true;
    error_set(err, RETURN_INVALID_STATE, "point.type", "the reference point %s has no log", point->name);
    return error_next(err, "There is nothing to remove; it can be destroyed.");
}

static bool check(const struct store *store, const struct placement *placement, struct error *err)
{
    struct work_head head = {0};
    work_head_set_machines(&head, placement->point);
    bool ok =
        check_type(placement->point, err) && work_journal_check_free(store, &placement->point->collection_id,
                                                                     head.machines, head.machine_count, err);
    work_head_clear(&head);
    ok = ok && placement_check_frozen(placement, err);
    for (size_t i = 0; ok && i < placement->count; i++) {
        const struct placed_disk *placed = &placement->disks[i];
        ok = placed->fd < 0 || file_claim_unpinned(placed->fd, placed->layer->disk->layer_path, err) ||
             error_context(err, "%s", placed->label);
    }
    return ok;
}

static bool write_journal(const struct store *store, const struct placement *placement, struct error *err)
{
    config_t config;
    struct work_head head = {
        .operation = WORK_REMOVE_DATA_LIVE,
        .point = {.point_id = placement->point->id, .collection_id = placement->point->collection_id}};
    config_init(&config);
    work_head_set_machines(&head, placement->point);
    work_head_to_cfg(&head, config_root_setting(&config));
    bool ok = work_journal_write(store, &placement->point->id, &config, err);
    config_destroy(&config);
    work_head_clear(&head);
    return ok;
}

static int open_for_writing(const struct placed_disk *placed, struct error *err)
{
    const char *path = placed->layer->disk->layer_path;
    struct stat status;
    if (fstat(placed->fd, &status) != 0 || fchmod(placed->fd, (status.st_mode & 07777) | S_IWUSR) != 0) {
        error_errno(err, errno, "point.layer", "cannot make %s writable", path);
        return -1;
    }
    int fd = openat(placed->directory_fd, path_name(path),
                    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        error_errno(err, errno, "point.layer", "cannot open %s for writing", path);
    return fd;
}

bool live_punch_disk(const struct placed_disk *placed, struct watch *watch, struct error *err)
{
    if (!placed->child || placed->fd < 0)
        return true;
    CLEANUP_FD int fd = open_for_writing(placed, err);
    uint64_t below = placed->below.links[0].info.virtual_size;
    uint64_t above = placed->child_info.virtual_size;
    const struct punch punch = {.label = placed->label,
                                .layer = placed->layer->disk->layer_path,
                                .layer_fd = fd,
                                .layer_format = placed->layer->disk->layer_format,
                                .upper_fd = placed->child_fd,
                                .size = below < above ? below : above,
                                .watch = watch};
    return fd >= 0 && punch_shadowed(&punch, err);
}

static bool remove_all(const struct store *store, const struct placement *placement, struct watch *watch,
                       struct error *err)
{
    /* Before the first byte goes: a layer with holes must never be exported as if it were whole. */
    placement->point->has_associated_log = false;
    if (!store_write_point(store, placement->point, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < placement->count; i++)
        ok = live_punch_disk(&placement->disks[i], watch, err);
    struct error while_settling;
    if (!remove_data_settle(store, placement, ok ? err : &while_settling))
        return false;
    return work_journal_remove(store, &placement->point->id, ok ? err : &while_settling) && ok;
}

static void measure(struct watch *watch, const struct placement *placement)
{
    for (size_t i = 0; watch && i < placement->count; i++)
        watch->total += placement->disks[i].child_info.virtual_size;
}

uint32_t live_remove_data(const struct live *live, const struct object_path *path, struct watch *watch,
                          struct error *err)
{
    struct placement placement;
    const struct store *store = live->store;
    if (!placement_find(store, path, &placement, err))
        return err->code;
    bool ok = proc_check_program("qemu-img", err) && check(store, &placement, err) &&
              write_journal(store, &placement, err);
    if (ok) {
        uint64_t before = 0;
        bool measured = placement_space(&placement, PLACEMENT_LAYERS, &before);
        measure(watch, &placement);
        ok = remove_all(store, &placement, watch, err);
        if (ok && measured)
            placement_tell_freed(&placement, PLACEMENT_LAYERS, before, watch);
        if (!ok) {
            error_begun(err);
            error_advise(err,
                         "Part of the data may be gone, so that the point is only a base now. Remove the "
                         "cause, then ask again.");
        }
    }
    placement_clear(&placement);
    return ok ? RETURN_DONE : err->code;
}

bool live_remove_data_recover(const struct live *live, const struct object_path *path,
                              struct findings *findings, struct error *err)
{
    struct placement placement;
    if (!placement_find(live->store, path, &placement, err))
        return false;
    bool ok = remove_all(live->store, &placement, NULL, err);
    if (ok)
        findings_add(findings, "the data of the reference point %s has been removed to the end",
                     placement.point->name);
    placement_clear(&placement);
    return ok;
}
