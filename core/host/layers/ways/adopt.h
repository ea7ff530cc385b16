/* Taking over what somebody else moved or copied: layers and templates that lie where their records say and
 * are other files than the records know (inode, time), with what proof.h asks of them. Nothing is written
 * before everything was read; what cannot be taken is told and stays as it was, and what rests on it too.
 * Threads: any; takes the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_WAYS_ADOPT_H
#define REFPOINT_HOST_LAYERS_WAYS_ADOPT_H

#include "core/base/error.h"
#include "core/base/watch.h"
#include "core/host/layers/step_hook.h"
#include "core/host/store/store.h"
#include "core/model/ways.h"

/* *adopted is the caller's: what was taken, and what was not. false: nothing was taken at all. */
bool adopt_files(const struct store *store, bool unproven, struct watch *watch, const struct step_hook *hook,
                 struct adopted_files *adopted, struct error *err) WARN_UNUSED;

#endif
