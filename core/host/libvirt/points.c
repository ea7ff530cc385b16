/* Points of machines that may run: change/, on a connection. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
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

static bool begin(struct host *host, struct live *live, struct error *err)
{
    *live = (struct live){.store = local_store(host), .connection = libvirt_connection(host)};
    if (!check_here(host, err))
        return false;
    live->connect = connection_take(live->connection, err);
    return live->connect != NULL;
}

static void end(struct live *live)
{
    connection_release(&live->connect);
}

uint32_t libvirt_create_point(struct host *host, const struct point_request *request,
                              struct reference_point *made, struct point_remarks *remarks, struct error *err)
{
    struct live live;
    if (!begin(host, &live, err))
        return err->code;
    uint32_t code = live_create_point(&live, request, made, remarks, err);
    end(&live);
    return code;
}

uint32_t libvirt_destroy_point(struct host *host, const struct object_path *path, struct error *err)
{
    struct live live;
    if (!begin(host, &live, err))
        return err->code;
    uint32_t code = live_destroy_point(&live, path, NULL, err);
    end(&live);
    if (code == RETURN_DONE)
        local_release_files(host);
    return code;
}

uint32_t libvirt_remove_data(struct host *host, const struct object_path *path, struct error *err)
{
    struct live live;
    if (!begin(host, &live, err))
        return err->code;
    uint32_t code = live_remove_data(&live, path, NULL, err);
    end(&live);
    return code;
}

/* What a crash left, before anything that would be refused because of it. Whether it comes off is not
 * important here: what is unfinished blocks its own machines, and says so. */
static void try_to_recover(struct host *host, struct findings *findings)
{
    struct live live;
    struct error ignored = {0};
    CLEANUP_FD int lock = -1;
    if (!live_is_unfinished(local_store(host)) || !begin(host, &live, &ignored))
        return;
    if (store_lock(live.store, &lock, &ignored))
        (void)!live_recover(&live, findings, &ignored);
    end(&live);
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
