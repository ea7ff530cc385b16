#include "core/host/libvirt/recovery.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/layers/work_journal.h"
#include "core/host/libvirt/change/create.h"
#include "core/host/libvirt/change/destroy.h"
#include "core/host/libvirt/change/remove_data.h"
#include "core/host/libvirt/rct/rct.h"
#include "core/host/libvirt/rct/retired.h"

static bool is_live(enum work_operation operation)
{
    return operation == WORK_CREATE_LIVE || operation == WORK_DESTROY_LIVE ||
           operation == WORK_REMOVE_DATA_LIVE || operation == WORK_EXPORT_LIVE;
}

/* false: the entry cannot be read, or is not ours. */
static bool read_entry(const struct store *store, const struct guid *id, config_t *config,
                       struct work_head *head)
{
    struct error ignored;
    return work_journal_read(store, id, config, &ignored) &&
           work_head_from_cfg(head, config_root_setting(config), &ignored) && is_live(head->operation);
}

static void recover_entry(const struct live *live, const struct guid *id, struct findings *findings)
{
    config_t config;
    struct work_head head = {0};
    struct error left = {0};
    bool ok = true;
    if (read_entry(live->store, id, &config, &head)) {
        const config_setting_t *root = config_root_setting(&config);
        if (head.operation == WORK_CREATE_LIVE)
            ok = create_recover(live, root, findings, &left);
        else if (head.operation == WORK_DESTROY_LIVE)
            ok = live_destroy_recover(live, root, findings, &left);
        else if (head.operation == WORK_EXPORT_LIVE)
            ok = rct_recover(live, root, findings, &left);
        else
            ok = live_remove_data_recover(live, &head.point, findings, &left);
    }
    config_destroy(&config);
    work_head_clear(&head);
    if (ok)
        return;
    CLEANUP_FREE char *path = work_journal_path(live->store, id);
    error_context(&left, "unfinished work of %s", path);
    findings_add_error(findings, &left);
}

bool live_recover(const struct live *live, struct findings *findings, struct error *err)
{
    CLEANUP_FREE struct guid *ids = NULL;
    size_t count = 0;
    if (!work_journal_list(live->store, &ids, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        recover_entry(live, &ids[i], findings);
    retired_sweep(live);
    return true;
}

bool live_is_unfinished(const struct store *store)
{
    CLEANUP_FREE struct guid *ids = NULL;
    size_t count = 0;
    struct error ignored;
    bool found = false;
    if (!work_journal_list(store, &ids, &count, &ignored))
        return false;
    for (size_t i = 0; i < count && !found; i++) {
        config_t config;
        struct work_head head = {0};
        found = read_entry(store, &ids[i], &config, &head);
        config_destroy(&config);
        work_head_clear(&head);
    }
    return found;
}
