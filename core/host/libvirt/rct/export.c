/* An export of running machines as they are now: all are served from one instant on, the engine reads them,
 * and when the package stands the point is recorded. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/package/proof/proof.h"
#include "core/export/prepare/directory.h"
#include "core/host/layers/export_task.h"
#include "core/host/layers/layers.h"
#include "core/host/libvirt/rct/backup.h"
#include "core/host/libvirt/rct/guests.h"
#include "core/host/libvirt/rct/off.h"
#include "core/host/libvirt/rct/work.h"

struct rct_export {
    struct rct_work work;
    struct export_task task;
};

static struct point_request request_of(const struct export_request *request)
{
    return (struct point_request){.collection_id = request->point.collection_id,
                                  .name = request->point_name,
                                  .consistency_level = request->consistency_level ? request->consistency_level
                                                                                  : CONSISTENCY_CRASH,
                                  .allow_crash = request->allow_crash,
                                  .reference_point_type = POINT_TYPE_RCT_BASED};
}

static const struct rct_disk *find_disk(const struct rct_work *work, const struct export_disk *chosen)
{
    for (size_t i = 0; i < work->count; i++) {
        if (work->disks[i].member == chosen->member && work->disks[i].disk == chosen->disk)
            return &work->disks[i];
    }
    return NULL; /* every disk of the point is in the work */
}

/* What each chosen disk is read from, as far as it is known before the instant. */
static void describe_disk(const struct rct_work *work, struct export_disk *chosen)
{
    const struct rct_disk *disk = find_disk(work, chosen);
    const char *id = work->frame.point.members[disk->member].disks[disk->disk].disk_id;
    chosen->base_virtual_size = disk->base_size;
    chosen->full_reason = mem_strdup(disk->full_reason);
    if (rct_is_live(work, disk->member))
        chosen->served = (struct export_served){.socket = place_socket_here(&work->place, disk->member),
                                                .name = mem_strdup(id),
                                                .changes = disk->incremental ? backup_changes_of(id) : NULL};
    else
        off_describe(work, disk, chosen);
}

static bool make_task(const struct rct_work *work, const struct export_request *request,
                      struct export_task *task, struct error *err)
{
    reference_point_copy(&task->point, &work->frame.point);
    if (!guid_is_none(&work->base.id))
        reference_point_copy(&task->base_point, &work->base);
    task->directory = mem_strdup(request->directory);
    task->memory = package_proof_usual_memory();
    export_options_copy(&task->options, &request->options);
    if (!export_task_select(work->live->store, &request->settings, task, err))
        return false;
    for (size_t i = 0; i < task->disk_count; i++)
        describe_disk(work, &task->disks[i]);
    return true;
}

static bool plan(struct rct_work *work, const struct export_request *request, struct export_task *task,
                 struct export_estimate *estimate, struct error *err)
{
    const struct point_request asked = request_of(request);
    return rct_plan(work, &asked, &request->settings.base, err) && make_task(work, request, task, err) &&
           export_check_unread(task, estimate, err) == RETURN_DONE;
}

uint32_t rct_check_export(const struct live *live, const struct export_request *request,
                          struct export_estimate *estimate, struct error *err)
{
    struct rct_work work = {.live = live, .frame = {.store = live->store, .keep_names = true}, .pin = -1};
    struct export_task task = {0};
    bool ok = plan(&work, request, &task, estimate, err);
    for (size_t i = 0; ok && i < task.disk_count; i++) {
        /* Room for what the guests overwrite while it runs cannot be known; the package's can. */
        const struct rct_disk *disk = find_disk(&work, &task.disks[i]);
        estimate->disks[i].bytes_data = disk->incremental ? disk->dirty : disk->held;
        estimate->bytes_needed += estimate->disks[i].bytes_data;
    }
    export_task_clear(&task);
    rct_work_clear(&work);
    return ok ? RETURN_DONE : err->code;
}

static bool make_place(struct rct_work *work, struct error *err)
{
    const struct reference_point *point = &work->frame.point;
    const char *image =
        work->count > 0 ? point->members[work->disks[0].member].machine.disks[work->disks[0].disk].path : "";
    return place_make(work->account, image, &work->place, err) &&
           place_open(work->account, point->member_count, &work->place, err);
}

static void name_scratch(struct rct_work *work)
{
    for (size_t i = 0; i < work->count; i++) {
        struct rct_disk *disk = &work->disks[i];
        disk->scratch =
            path_new_temporary(work->frame.point.members[disk->member].machine.disks[disk->disk].path);
    }
}

/* As they were at the instant: their marks and the names of sockets are known. */
static void describe_again(struct rct_export *export)
{
    struct export_task *task = &export->task;
    reference_point_clear(&task->point);
    reference_point_copy(&task->point, &export->work.frame.point);
    for (size_t i = 0; i < task->disk_count; i++) {
        struct export_disk *disk = &task->disks[i];
        const size_t member = disk->member;
        const size_t number = disk->disk;
        export_disk_clear(disk);
        *disk = (struct export_disk){.member = member, .disk = number, .base_layer = EXPORT_NO_BASE};
        describe_disk(&export->work, disk);
    }
}

/* Before the instant: from there on the guests' writes are kept aside, and reading packages can take hours.
 */
static bool verify_base(const struct live *live, const struct export_request *request, struct job *job,
                        struct error *err)
{
    struct rct_work work = {.live = live, .frame = {.store = live->store, .keep_names = true}, .pin = -1};
    struct export_task task = {0};
    struct export_estimate told = {0};
    bool ok = plan(&work, request, &task, &told, err) &&
              (told.base.bytes_first == 0 || export_verify_base(&task, job, err) == RETURN_DONE);
    export_estimate_clear(&told);
    export_task_clear(&task);
    rct_work_clear(&work);
    return ok;
}

static bool reach_instant(struct rct_export *export, const struct export_request *request, struct job *job,
                          struct error *err)
{
    struct rct_work *work = &export->work;
    struct export_estimate told = {0};
    bool has_base = !guid_is_none(&request->settings.base.point_id);
    if (has_base && !verify_base(work->live, request, job, err))
        return false;
    bool ok = plan(work, request, &export->task, &told, err);
    export_estimate_clear(&told);
    if (!ok || !make_place(work, err))
        return false;
    if (export->task.options.base_check == BASE_CHECK_ALWAYS)
        export->task.options.base_check = BASE_CHECK_AUTO; /* it has been read just now */
    name_scratch(work);
    if (!rct_journal_write(work, err) || !rct_window(work, true, err))
        return false;
    describe_again(export);
    return true;
}

struct rct_export *rct_export_begin(const struct live *live, const struct export_request *request,
                                    struct job *job, struct error *err)
{
    struct rct_export *export = mem_alloc(sizeof *export);
    export->work =
        (struct rct_work){.live = live, .frame = {.store = live->store, .keep_names = true}, .pin = -1};
    if (reach_instant(export, request, job, err)) {
        const struct reference_point *point = &export->work.frame.point;
        for (size_t i = 0; i < point->member_count; i++)
            job_log(job, "the instant: %s stood still for %.0f ms, %s consistent",
                    point->members[i].machine.name, (double)point->members[i].paused / 1000,
                    consistency_level_word(point->members[i].consistency_level));
        return export;
    }
    struct error while_ending = {0};
    if (!rct_export_end(export, false, &while_ending))
        error_next(err, "It could not all be taken down (%s). Run \"refpoint store check\".",
                   while_ending.what);
    rct_export_free(export);
    return NULL;
}

uint32_t rct_export_run(struct rct_export *export, struct job *job, struct export_result *result,
                        struct error *err)
{
    struct guests *guests = guests_watch(export->work.live->connection, &export->work.frame.point, job);
    uint32_t code = export_run(&export->task, job, result, err);
    guests_leave(guests);
    const char *started = code == RETURN_DONE || job_is_cancelled(job) ? NULL : off_started(&export->work);
    if (!started)
        return code;
    struct error found = {0};
    error_set(&found, RETURN_INVALID_STATE, "machine.started",
              "the machine %s was started while its disks were read", started);
    error_cause(&found, "%s%s%s", err->what, *err->cause ? ": " : "", err->cause);
    error_next(&found, "Export again: a machine that runs is read as it was at the instant, and goes on.");
    *err = found;
    return err->code;
}

bool rct_export_end(struct rct_export *export, bool exported, struct error *err)
{
    struct rct_work *work = &export->work;
    if (work->pin < 0 && !work->place.here)
        return true; /* nothing was begun */
    if (!rct_take_down(work, exported, err))
        return false;
    if (exported && !store_write_point(work->live->store, &work->frame.point, err))
        return false;
    return work_journal_remove(work->live->store, &work->frame.point.id, err);
}

void rct_export_free(struct rct_export *export)
{
    export_task_clear(&export->task);
    rct_work_clear(&export->work);
    free(export);
}
