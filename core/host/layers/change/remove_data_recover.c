#include "core/host/layers/change/remove_data_work.h"
#include "core/host/layers/work_journal.h"

bool remove_data_recover(const struct store *store, const struct object_path *path,
                         const struct step_hook *hook, struct findings *findings, struct error *err)
{
    struct placement placement;
    if (!placement_find(store, path, &placement, err))
        return false;
    bool ok = true;
    if (remove_data_claim(&placement, err)) {
        ok = remove_data_do(store, &placement, true, hook, err);
        if (ok)
            findings_add(findings, "the data of the reference point %s has been removed to the end",
                         placement.point->name);
    } else {
        /* A machine runs on the layers: what was given back stays so, the rest can be asked for again. */
        ok = remove_data_settle(store, &placement, err) &&
             work_journal_remove(store, &placement.point->id, err);
        if (ok)
            findings_add(findings,
                         "removing the data of the reference point %s was interrupted; what is left can be "
                         "removed when its machines are off",
                         placement.point->name);
    }
    placement_clear(&placement);
    return ok;
}
