#include "core/host/layers/change/remove_data.h"

#include "core/base/mem.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/layers/change/remove_data_work.h"
#include "core/host/layers/work_journal.h"
#include "core/system/proc.h"

static bool write_journal(const struct store *store, const struct placement *placement, struct error *err)
{
    config_t config;
    config_init(&config);
    struct work_head head = {
        .operation = WORK_REMOVE_DATA,
        .point = {.point_id = placement->point->id, .collection_id = placement->point->collection_id}};
    work_head_set_machines(&head, placement->point);
    work_head_to_cfg(&head, config_root_setting(&config));
    bool ok = work_journal_write(store, &placement->point->id, &config, err);
    config_destroy(&config);
    work_head_clear(&head);
    return ok;
}

static bool check_type(const struct reference_point *point, struct error *err)
{
    if (point->type == POINT_TYPE_LOG_BASED)
        return true;
    error_set(err, RETURN_INVALID_STATE, "point.type", "the reference point %s has no log", point->name);
    return error_next(err, "There is nothing to remove; it can be destroyed.");
}

static bool check_free(const struct store *store, const struct reference_point *point, struct error *err)
{
    struct work_head head = {0};
    work_head_set_machines(&head, point);
    bool ok = work_journal_check_free(store, &point->collection_id, head.machines, head.machine_count, err);
    work_head_clear(&head);
    return ok;
}

uint32_t remove_data(const struct store *store, const struct object_path *path, const struct step_hook *hook,
                     struct watch *watch, struct error *err)
{
    CLEANUP_FD int lock = -1;
    struct placement placement;
    uint64_t before = 0;
    if (!store_lock(store, &lock, err) || !recovery_run(store, NULL, NULL, err) ||
        !placement_find(store, path, &placement, err))
        return err->code;
    bool ok = check_type(placement.point, err) && proc_check_program("qemu-nbd", err) &&
              check_free(store, placement.point, err) && placement_check_frozen(&placement, err) &&
              remove_data_claim(&placement, err) && write_journal(store, &placement, err);
    if (ok) {
        bool measured = placement_space(&placement, PLACEMENT_LAYERS, &before);
        step_reached(hook, "prepared", 0);
        ok = remove_data_do(store, &placement, false, hook, err);
        if (ok && measured)
            placement_tell_freed(&placement, PLACEMENT_LAYERS, before, watch);
        if (!ok) {
            error_begun(err);
            error_next(
                err, "Part of the data may be gone, so that the point is only a base now. Remove the cause, "
                     "then ask again, or run \"refpoint store check\".");
        }
    }
    placement_clear(&placement);
    return ok ? RETURN_DONE : err->code;
}
