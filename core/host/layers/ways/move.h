/* Moving a machine: its images and all their layers go into another directory, on this file system or
 * another, and every point stays what it was. Or they are there already, because somebody else has moved
 * them, and the records follow (proof.h). Protocol: move/move_work.h. The machine is off, and no export reads
 * it. Threads: any; takes the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_WAYS_MOVE_H
#define REFPOINT_HOST_LAYERS_WAYS_MOVE_H

#include "core/base/error.h"
#include "core/base/watch.h"
#include "core/host/layers/step_hook.h"
#include "core/host/store/store.h"
#include "core/model/ways.h"

/* *moved is the caller's. Refused, failed or cancelled, everything is as it was, unless the error says that
 * the work had begun. */
bool move_machine(const struct store *store, const struct move_request *request, struct watch *watch,
                  const struct step_hook *hook, struct moved_machine *moved, struct error *err) WARN_UNUSED;

#endif
