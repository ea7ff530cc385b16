/* The work of one RemoveAssociatedData: what remove_data.c checks and begins, and remove_data_recover.c does
 * again or settles after a crash. Threads: one at a time, under the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_CHANGE_REMOVE_DATA_WORK_H
#define REFPOINT_HOST_LAYERS_CHANGE_REMOVE_DATA_WORK_H

#include "core/base/error.h"
#include "core/host/layers/placement.h"
#include "core/host/layers/step_hook.h"
#include "core/host/store/store.h"

/* Nobody writes to the children or reads the layers, until the placement is cleared. */
bool remove_data_claim(const struct placement *placement, struct error *err) WARN_UNUSED;
/* All of it, with files claimed and the journal written. */
bool remove_data_do(const struct store *store, const struct placement *placement, bool after_crash,
                    const struct step_hook *hook, struct error *err) WARN_UNUSED;
/* Records the layers as they are now. */
bool remove_data_settle(const struct store *store, const struct placement *placement,
                        struct error *err) WARN_UNUSED;

/* After a crash, under the lock: does it again, or settles what was done. */
bool remove_data_recover(const struct store *store, const struct object_path *path,
                         const struct step_hook *hook, struct findings *findings,
                         struct error *err) WARN_UNUSED;

#endif
