/* Which files a machine's move takes along, and everything that can be refused before one of them is touched.
 * Used by move.c. Threads: one at a time, under the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_WAYS_MOVE_PLAN_H
#define REFPOINT_HOST_LAYERS_WAYS_MOVE_PLAN_H

#include "core/host/layers/move/move_work.h"

/* Images, the layers beneath them, and layers that a replaced image has left, by their real chains; templates
 * stay where they are, and a header that names one by a relative name is to be rewritten. Originals are
 * opened, claimed and unchanged. 32773: names that are not free, nothing to move; 32774, 32775, 32768 without
 * the space. */
bool move_plan(struct move_work *work, const struct machine *machine, const struct machine_list *others,
               const struct layers *layers, struct error *err) WARN_UNUSED;

/* An image lies in the directory already. */
bool move_is_there(const struct move_work *work, const char *path);

#endif
