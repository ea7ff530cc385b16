/* A machine whose files somebody else has moved: what the records say of them is looked for in the new
 * directory, under the same names, and proved. Used by move.c. Threads: one at a time, under the store's
 * lock. */
#ifndef REFPOINT_HOST_LAYERS_WAYS_MOVED_PLAN_H
#define REFPOINT_HOST_LAYERS_WAYS_MOVED_PLAN_H

#include "core/host/layers/move/move_work.h"
#include "core/host/layers/ways/proof.h"

/* The machine and the layers are changed on the way, as their records will be; nothing is written. 32775: an
 * image is still where it was, or what is there is not what it should be; 32779: a file is missing. */
bool moved_plan(struct move_work *work, struct machine *machine, struct layers *layers,
                const struct proof_wishes *wishes, struct error *err) WARN_UNUSED;

#endif
