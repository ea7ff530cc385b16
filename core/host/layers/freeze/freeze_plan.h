/* What a point is to be, and how each of its disks is frozen: the first step of CreateReferencePoint, on this
 * host and on others whose images lie here. Nothing is changed. Threads: one at a time, under the store's
 * lock.
 */
#ifndef REFPOINT_HOST_LAYERS_FREEZE_FREEZE_PLAN_H
#define REFPOINT_HOST_LAYERS_FREEZE_FREEZE_PLAN_H

#include "core/host/layers/freeze/freeze_work.h"

/* The point with its members, as the store has them: crash consistent, log based. */
bool freeze_begin_point(struct freeze_work *work, const struct point_request *request,
                        const struct collection *collection, struct error *err) WARN_UNUSED;
/* One more than any point has or may have had: a point that cannot be read still counts. */
bool freeze_next_sequence(const struct store *store, const struct guid *collection, uint64_t *sequence,
                          struct error *err) WARN_UNUSED;
/* Each disk's names, files and sizes. Images of machines that are off are claimed against writers. */
bool freeze_plan_disks(struct freeze_work *work, const struct collection *collection, bool raw_to_qcow2,
                       struct error *err) WARN_UNUSED;

#endif
