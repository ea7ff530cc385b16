/* Points of machines that may run: change/, on a connection. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/libvirt/change/live.h"
#include "core/host/libvirt/internal.h"
#include "core/host/store/findings.h"

/* Images of another machine cannot be frozen from here. */
static bool check_here(struct host *host, struct error *err)
{
    if (!connection_is_remote(libvirt_connection(host)))
        return true;
    error_set(err, RETURN_NOT_SUPPORTED, "host.remote", "the images of %s lie on another machine",
              connection_uri(libvirt_connection(host)));
    return error_next(err,
                      "Run refpoint on that machine (ssh), with its own libvirt: --host qemu:///system.");
}

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
    if (!check_here(host, err))
        return false;
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
    if (!begin_change(host, &change, err))
        return err->code;
    uint32_t code = live_create_point(&change.live, request, made, remarks, err);
    end(&change);
    return code;
}

uint32_t libvirt_destroy_point(struct host *host, const struct object_path *path, struct watch *watch,
                               struct error *err)
{
    struct change change;
    if (!begin_change(host, &change, err))
        return err->code;
    uint32_t code = live_destroy_point(&change.live, path, watch, err);
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
    try_to_recover(host, NULL);
    return local_check_export(host, request, estimate, err);
}

uint32_t libvirt_export_point(struct host *host, const struct export_request *request, struct job *job,
                              struct export_result *result, struct error *err)
{
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

bool libvirt_check_store(struct host *host, bool deep, struct watch *watch, char ***items, size_t *count,
                         struct error *err)
{
    struct findings findings = {0};
    char **more = NULL;
    size_t more_count = 0;
    try_to_recover(host, &findings);
    if (!local_check_store(host, deep, watch, &more, &more_count, err)) {
        findings_clear(&findings);
        return false;
    }
    for (size_t i = 0; i < more_count; i++)
        *ARRAY_APPEND(findings.items, findings.count) = more[i];
    free(more);
    *items = findings.items;
    *count = findings.count;
    return true;
}
