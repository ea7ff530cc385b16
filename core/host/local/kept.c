/* Files of machines that no point has any more: see core/host/store/kept_files.h. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/layers/work_journal.h"
#include "core/host/local/internal.h"
#include "core/host/store/kept_files.h"
#include "core/system/fs.h"

bool local_sweep_kept_files(const struct store *store, struct error *err)
{
    CLEANUP_FREE struct guid *unfinished = NULL;
    size_t count = 0;
    /* An unfinished point may need what no point has yet. */
    return work_journal_list(store, &unfinished, &count, err) && (count > 0 || kept_files_sweep(store, err));
}

void local_release_files(struct host *host)
{
    const struct store *store = local_store(host);
    struct error ignored = {0};
    CLEANUP_FD int lock = -1;
    if (kept_files_any(store) && store_lock(store, &lock, &ignored))
        (void)local_sweep_kept_files(store, &ignored);
}
