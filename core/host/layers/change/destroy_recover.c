#include "core/host/layers/change/destroy_work.h"

bool destroy_recover(const struct store *store, const config_setting_t *root, const struct step_hook *hook,
                     struct findings *findings, struct error *err)
{
    struct destroy_work work = {.store = store, .hook = hook, .findings = findings};
    bool ok = destroy_journal_read(&work, root, err) && destroy_do(&work, true, err);
    if (ok)
        findings_add(findings, "the reference point %s was unfinished in its destruction and is now gone",
                     work.point_name);
    destroy_work_clear(&work);
    return ok;
}
