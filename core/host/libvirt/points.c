/* Points of machines that may run: change/, on a connection. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/libvirt/change/live.h"
#include "core/host/libvirt/internal.h"
#include "core/host/libvirt/rct/rct.h"
#include "core/host/libvirt/rct/retired.h"
#include "core/host/libvirt/recovery.h"
#include "core/host/store/findings.h"

#define LOCK_TRIES 100 /* of some seconds each */

/* A host that can be asked, the store's lock, and nothing unfinished that could be finished. */
struct change {
    struct live live;
    int lock;
};

static void end(struct change *change)
{
    mem_cleanup_fd(&change->lock);
    connection_release(&change->live.connect);
}

static bool begin(struct host *host, struct change *change, struct findings *findings, struct error *err)
{
    const struct store *store = local_store(host);
    struct live *live = &change->live;
    *change = (struct change){.live = {.store = store, .connection = libvirt_connection(host)}, .lock = -1};
    live->connect = connection_take(live->connection, err);
    if (live->connect && store_lock(store, &change->lock, err) && live_recover(live, findings, err))
        return true;
    end(change);
    return false;
}

static bool begin_change(struct host *host, struct change *change, struct error *err)
{
    if (!begin(host, change, NULL, err))
        return false;
    if (recovery_run(local_store(host), NULL, NULL, err))
        return true;
    end(change);
    return false;
}

uint32_t libvirt_create_point(struct host *host, const struct point_request *request,
                              struct reference_point *made, struct point_remarks *remarks, struct error *err)
{
    struct change change;
    bool marked = request->reference_point_type == POINT_TYPE_RCT_BASED;
    if ((!marked && !libvirt_check_here(host, err)) || !begin_change(host, &change, err))
        return err->code;
    uint32_t code = marked ? rct_create_point(&change.live, request, made, err)
                           : live_create_point(&change.live, request, made, remarks, err);
    end(&change);
    return code;
}

static uint32_t destroy(const struct live *live, const struct object_path *path, struct watch *watch,
                        struct error *err)
{
    struct reference_point point;
    if (!store_read_point(live->store, path, &point, err))
        return err->code;
    bool marks = point.type == POINT_TYPE_RCT_BASED;
    uint32_t code = marks ? rct_destroy_point(live, &point, err) : live_destroy_point(live, path, watch, err);
    if (marks && watch)
        watch->has_freed = true; /* it has no files: nothing comes back */
    reference_point_clear(&point);
    return code;
}

uint32_t libvirt_destroy_point(struct host *host, const struct object_path *path, struct watch *watch,
                               struct error *err)
{
    struct change change;
    if (!begin_change(host, &change, err))
        return err->code;
    uint32_t code = destroy(&change.live, path, watch, err);
    if (code == RETURN_DONE)
        retired_sweep(&change.live);
    end(&change);
    if (code == RETURN_DONE)
        local_release_files(host);
    return code;
}

uint32_t libvirt_remove_data(struct host *host, const struct object_path *path, struct watch *watch,
                             struct error *err)
{
    struct change change;
    if (!begin_change(host, &change, err))
        return err->code;
    uint32_t code = live_remove_data(&change.live, path, watch, err);
    end(&change);
    return code;
}

/* What a crash left, before anything that would be refused because of it. Whether it comes off is not
 * important here: what is unfinished blocks its own machines, and says so. */
static void try_to_recover(struct host *host, struct findings *findings)
{
    struct change change;
    struct error ignored = {0};
    if (live_is_unfinished(local_store(host)) && begin(host, &change, findings, &ignored))
        end(&change);
}

uint32_t libvirt_check_export(struct host *host, const struct export_request *request,
                              struct export_estimate *estimate, struct error *err)
{
    struct change change;
    if (!request->live) {
        try_to_recover(host, NULL);
        return local_check_export(host, request, estimate, err);
    }
    if (!begin_change(host, &change, err))
        return err->code;
    uint32_t code = rct_check_export(&change.live, request, estimate, err);
    end(&change);
    return code;
}

/* What was copied for hours is not given up because somebody else is at work for a minute. */
static bool store_lock_patiently(const struct store *store, int *lock, struct error *err)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (store_lock(store, lock, err))
            return true;
        if (err->code != RETURN_IN_USE)
            return false;
    }
    return false;
}

/* The store is locked for the instant and for the end, not for the copy between. */
static uint32_t export_live(struct host *host, const struct export_request *request, struct job *job,
                            struct export_result *result, struct error *err)
{
    struct change change;
    if (!begin_change(host, &change, err))
        return err->code;
    struct rct_export *export = rct_export_begin(&change.live, request, job, err);
    mem_cleanup_fd(&change.lock);
    if (!export) {
        end(&change);
        return err->code;
    }
    uint32_t code = rct_export_run(export, job, result, err);
    struct error ending = {0};
    bool ended = store_lock_patiently(local_store(host), &change.lock, &ending) &&
                 rct_export_end(export, code == RETURN_DONE, &ending);
    if (!ended && code == RETURN_DONE) {
        *err = ending;
        code = err->code;
        error_begun(err);
        error_next(err, "The package is whole, but the machines still serve it, and it is no base yet. Run "
                        "\"refpoint store check\".");
    }
    rct_export_free(export);
    end(&change);
    return code;
}

uint32_t libvirt_export_point(struct host *host, const struct export_request *request, struct job *job,
                              struct export_result *result, struct error *err)
{
    if (request->live)
        return export_live(host, request, job, result, err);
    try_to_recover(host, NULL);
    return local_export_point(host, request, job, result, err);
}

bool libvirt_delete_collection(struct host *host, const struct guid *id, struct error *err)
{
    try_to_recover(host, NULL);
    return local_delete_collection(host, id, err);
}

bool libvirt_remove_machine(struct host *host, const struct guid *id, struct error *err)
{
    try_to_recover(host, NULL);
    return local_remove_machine(host, id, err);
}

bool libvirt_check_store(struct host *host, bool deep, struct watch *watch, struct store_report *report,
                         struct error *err)
{
    struct findings findings = {0};
    try_to_recover(host, &findings);
    return local_report(local_look_through(host, deep, watch, &findings, err), &findings, report);
}
