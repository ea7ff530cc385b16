/* ExportReferencePoint on the local host: the store says what is to be read, the engine does it. */
#include <fcntl.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/layers/export_task.h"
#include "core/host/layers/work_journal.h"
#include "core/host/local/internal.h"
#include "core/host/store/place.h"
#include "core/system/fs.h"

/* What a crash left half-done would be refused by the engine; finish it first, unless somebody is just at
 * work. Whether this comes off is not important: what is unfinished is not exported. */
static void try_to_recover(const struct store *store)
{
    CLEANUP_FREE struct guid *points = NULL;
    size_t count = 0;
    struct error ignored;
    CLEANUP_FD int directory = -1;
    CLEANUP_FD int lock = -1;
    if (!work_journal_list(store, &points, &count, &ignored) || count == 0)
        return;
    bool ok = store_open_root(store, &directory, &ignored) &&
              fs_lock(directory, "lock", FS_LOCK_EXCLUSIVE, false, &lock, &ignored) &&
              recovery_run(store, NULL, NULL, &ignored);
    (void)ok;
}

uint32_t local_check_export(struct host *host, const struct export_request *request,
                            struct export_estimate *estimate, struct error *err)
{
    struct export_task task;
    try_to_recover(local_store(host));
    if (!export_task_build(local_store(host), request, &task, err))
        return err->code;
    uint32_t code = export_check(&task, request->checking, estimate, err);
    export_task_clear(&task);
    return code;
}

uint32_t local_export_point(struct host *host, const struct export_request *request, struct job *job,
                            struct export_result *result, struct error *err)
{
    struct export_task task;
    try_to_recover(local_store(host));
    if (!export_task_build(local_store(host), request, &task, err))
        return err->code;
    uint32_t code = export_run(&task, job, result, err);
    export_task_clear(&task);
    return code;
}
