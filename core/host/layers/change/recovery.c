#include "core/host/layers/change/recovery.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/layers/change/destroy_work.h"
#include "core/host/layers/change/remove_data_work.h"
#include "core/host/layers/freeze/freeze_work.h"
#include "core/host/layers/move/move_work.h"
#include "core/host/layers/work_journal.h"

/* It asks its machines what became of them, which nobody else can; it has done so before this is called. */
static bool other_host(struct error *err)
{
    error_set(err, RETURN_INVALID_STATE, "store.other-host", "it is of a host whose machines may run");
    return error_next(err, "That host finishes it when it can be reached: refpoint --host NAME store check.");
}

static bool recover_entry(const struct store *store, const struct guid *point, const struct step_hook *hook,
                          struct findings *findings, struct error *err)
{
    config_t config;
    struct work_head head = {0};
    bool ok = work_journal_read(store, point, &config, err) &&
              work_head_from_cfg(&head, config_root_setting(&config), err);
    if (ok) {
        switch (head.operation) {
        case WORK_CREATE:
            ok = freeze_recover(store, config_root_setting(&config), hook, findings, err);
            break;
        case WORK_REMOVE_DATA:
            ok = remove_data_recover(store, &head.point, hook, findings, err);
            break;
        case WORK_DESTROY:
            ok = destroy_recover(store, config_root_setting(&config), hook, findings, err);
            break;
        case WORK_MOVE:
            ok = move_recover(store, point, config_root_setting(&config), hook, findings, err);
            break;
        case WORK_CREATE_LIVE:
        case WORK_REMOVE_DATA_LIVE:
        case WORK_DESTROY_LIVE:
        case WORK_EXPORT_LIVE:
            ok = other_host(err);
            break;
        }
    }
    config_destroy(&config);
    work_head_clear(&head);
    return ok;
}

bool recovery_run(const struct store *store, const struct step_hook *hook, struct findings *findings,
                  struct error *err)
{
    CLEANUP_FREE struct guid *points = NULL;
    size_t count = 0;
    if (!work_journal_list(store, &points, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct error left;
        CLEANUP_FREE char *path = work_journal_path(store, &points[i]);
        if (recover_entry(store, &points[i], hook, findings, &left))
            continue;
        error_context(&left, "unfinished work of %s", path);
        findings_add_error(findings, &left);
    }
    return true;
}
