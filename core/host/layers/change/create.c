#include "core/host/layers/change/create.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/layers/eligible.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/freeze/freeze_files.h"
#include "core/host/layers/freeze/freeze_images.h"
#include "core/host/layers/freeze/freeze_plan.h"
#include "core/host/layers/freeze/freeze_work.h"
#include "core/host/layers/templates.h"
#include "core/host/store/name.h"
#include "core/system/fs.h"

static bool check_request(const struct point_request *request, struct error *err)
{
    switch (request->reference_point_type) {
    case POINT_TYPE_LOG_BASED:
        break;
    case POINT_TYPE_RCT_BASED:
        error_set(err, RETURN_NOT_SUPPORTED, "point.type", "points of type RCT are not made on this host");
        return error_next(err, "Create a log based point: it can be exported at any later time.");
    default:
        error_set(err, RETURN_INVALID_PARAMETER, "point.type", "%u is no type of reference points",
                  (unsigned)request->reference_point_type);
        return error_next(err, "Ask for 1, log based.");
    }
    switch (request->consistency_level) {
    case CONSISTENCY_CRASH:
        break;
    case CONSISTENCY_APPLICATION:
        error_set(err, RETURN_NOT_SUPPORTED, "point.consistency",
                  "application consistency is not possible on this host");
        error_cause(err, "nothing runs in the machines that could bring their applications to rest");
        return error_next(err, "Ask for crash consistency: the machines are off.");
    default:
        error_set(err, RETURN_INVALID_PARAMETER, "point.consistency", "%u is no consistency level",
                  (unsigned)request->consistency_level);
        return error_next(err, "Ask for 2, crash consistent.");
    }
    return !request->name || name_check(request->name, "reference point", err);
}

/* Step 5: nobody has touched an image since step 1. */
static bool check_still(const struct freeze_work *work, struct error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        const struct freeze_disk *disk = &work->disks[i];
        struct stat named;
        if (fstatat(disk->directory_fd, path_name(disk->image), &named, AT_SYMLINK_NOFOLLOW) != 0)
            return error_errno(err, errno, "image.in-use", "%s is gone", disk->image);
        if (!file_identity_matches(&disk->original, &named)) {
            error_set(err, RETURN_IN_USE, "image.in-use", "%s changes while it is being frozen", disk->image);
            return error_next(
                err, "Shut the machine down (or end the program that writes to the image), then try again.");
        }
        if (!file_claim_holds(disk->image_fd, disk->image, err))
            return false;
    }
    return true;
}

static bool prepare(struct freeze_work *work, struct error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        if (!freeze_make_overlay(work, &work->disks[i], err))
            return false;
        step_reached(work->hook, "overlay", i);
    }
    for (size_t i = 0; i < work->count; i++) {
        if (!freeze_link_layer(&work->disks[i], err))
            return false;
        step_reached(work->hook, "link", i);
    }
    return check_still(work, err) && freeze_files_are_still(work, err);
}

static bool flip_all(struct freeze_work *work, struct error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        if (!freeze_flip(&work->disks[i], err))
            return false;
        step_reached(work->hook, "flip", i);
    }
    /* A writer that had found the image before its flip waits for the lease: it would get the layer. */
    for (size_t i = 0; i < work->count; i++) {
        if (!file_claim_holds(work->disks[i].image_fd, work->disks[i].image, err))
            return false;
    }
    return true;
}

static uint32_t undo(struct freeze_work *work, struct error *err)
{
    struct error while_undoing = {0};
    bool ok = work->state == FREEZE_PREPARED ? freeze_undo_prepared(work, &while_undoing)
                                             : freeze_abort(work, NULL, &while_undoing);
    if (!ok) {
        error_begun(err);
        error_next(err, "It could not be undone yet (%s). Run \"refpoint store check\".", while_undoing.what);
    }
    return err->code;
}

uint32_t freeze_execute(struct freeze_work *work, struct error *err)
{
    if (!freeze_journal_write(work, err))
        return undo(work, err);
    step_reached(work->hook, "prepared", 0);
    if (work->registration.wanted && !freeze_register(work, err))
        return undo(work, err);
    if (!prepare(work, err))
        return undo(work, err);
    work->state = FREEZE_COMMIT;
    if (!freeze_journal_write(work, err)) {
        /* Whether COMMIT is on the disk is not known: abort undoes either. */
        return undo(work, err);
    }
    step_reached(work->hook, "commit", 0);
    if (!flip_all(work, err))
        return undo(work, err);
    /* From here on the point exists, whatever happens: recovery writes the record if this cannot. */
    if (freeze_finish(work, err))
        return RETURN_DONE;
    error_begun(err);
    error_next(err,
               "The images are frozen, but the point is not recorded to the end. Remove the cause, then run "
               "\"refpoint store check\".");
    return err->code;
}

static uint32_t create_locked(const struct store *store, const struct point_request *request,
                              const struct step_hook *hook, struct reference_point *made,
                              struct point_remarks *remarks, struct error *err)
{
    struct freeze_work work = {.store = store, .hook = hook};
    struct collection collection;
    if (!recovery_run(store, NULL, NULL, err) ||
        !store_read_collection(store, &request->collection_id, &collection, err))
        return err->code;
    uint32_t code = RETURN_FAILED;
    if (work_journal_check_free(store, &collection.id, collection.members, collection.member_count, err) &&
        freeze_begin_point(&work, request, &collection, err) &&
        freeze_plan_disks(&work, &collection, request->raw_to_qcow2, err) &&
        freeze_check_images(&work, request, err) && freeze_files_take(&work, request, err))
        code = freeze_execute(&work, err);
    else
        code = err->code;
    if (code == RETURN_DONE)
        reference_point_copy(made, &work.point);
    if (code == RETURN_DONE && remarks)
        freeze_add_remarks(&work, remarks);
    freeze_work_clear(&work);
    collection_clear(&collection);
    return code;
}

uint32_t freeze_create_point(const struct store *store, const struct point_request *request,
                             const struct step_hook *hook, struct reference_point *made,
                             struct point_remarks *remarks, struct error *err)
{
    CLEANUP_FD int lock = -1;
    if (!check_request(request, err) || !store_lock(store, &lock, err))
        return err->code;
    return create_locked(store, request, hook, made, remarks, err);
}
