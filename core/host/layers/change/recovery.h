/* After a crash: every change to the store first finishes or undoes what the journals tell, and `store check`
 * does the same and says so. What cannot be decided (a file system that is absent, a file that nobody knows)
 * stays as it is and blocks only its own collection and machines. Threads: any; under the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_CHANGE_RECOVERY_H
#define REFPOINT_HOST_LAYERS_CHANGE_RECOVERY_H

#include "core/base/error.h"
#include "core/host/layers/step_hook.h"
#include "core/host/store/store.h"

/* false only when the journals themselves cannot be read. What was done and what is left are findings. */
bool recovery_run(const struct store *store, const struct step_hook *hook, struct findings *findings,
                  struct error *err) WARN_UNUSED;

#endif
