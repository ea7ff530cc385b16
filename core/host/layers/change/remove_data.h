/* RemoveAssociatedData: gives back the space of what later layers shadow. The point stays, and stays usable
 * as a base; what no child owns stays in the layer too, since later states are read through it. Repeatable.
 * Protocol: design.md. Threads: any; takes the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_CHANGE_REMOVE_DATA_H
#define REFPOINT_HOST_LAYERS_CHANGE_REMOVE_DATA_H

#include "core/base/error.h"
#include "core/base/watch.h"
#include "core/host/layers/step_hook.h"
#include "core/host/store/store.h"

/* 32774 when the child is open elsewhere or a running export reads a layer. watch (may be NULL) is told what
 * came back to the file system, and not asked. */
uint32_t remove_data(const struct store *store, const struct object_path *path, const struct step_hook *hook,
                     struct watch *watch, struct error *err);

#endif
