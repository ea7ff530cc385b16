/* Forgetting points: their records go, every file stays where it is.
 *
 * A layer without a point is still read by whatever lies above it, so it becomes a file that the machine may
 * read (templates.h), in the machine's record and in those of the points above it, of whichever collection:
 * what worked goes on working. That is written first, and says nothing untrue while the points are still
 * there; so after a crash in the middle it is simply done again, and there is nothing to recover.
 *
 * Made for what is broken: layers need not be there, nor be what was frozen, and a point's record need not be
 * readable. Machines may run: no file is touched. Threads: any; takes the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_WAYS_FORGET_H
#define REFPOINT_HOST_LAYERS_WAYS_FORGET_H

#include "core/base/error.h"
#include "core/host/layers/step_hook.h"
#include "core/host/store/store.h"
#include "core/model/ways.h"

/* One point. *left is what stands where now, the caller's; NULL: not wanted. 32773 when there is no such
 * point, 32775 while unfinished work is about its disks. */
bool forget_point(const struct store *store, const struct object_path *path, const struct step_hook *hook,
                  struct left_layers *left, struct error *err) WARN_UNUSED;
/* The collection with all its points. */
bool forget_collection(const struct store *store, const struct guid *collection, const struct step_hook *hook,
                       struct left_layers *left, struct error *err) WARN_UNUSED;

#endif
