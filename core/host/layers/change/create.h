/* CreateReferencePoint: every disk of every member becomes a read-only layer at one moment, and an overlay
 * takes its path; all disks or none. The protocol is design.md's, step by step; recovery finishes or undoes
 * it after a crash. Threads: any; takes the store's lock. The first step that changes anything comes after
 * every check. */
#ifndef REFPOINT_HOST_LAYERS_CHANGE_CREATE_H
#define REFPOINT_HOST_LAYERS_CHANGE_CREATE_H

#include "core/base/error.h"
#include "core/host/layers/freeze/freeze_work.h"
#include "core/host/layers/step_hook.h"
#include "core/host/store/store.h"
#include "core/model/model.h"

/* Returns 0, or a refusal with everything as it was: 32770, 32773, 32774, 32775 ... *made is the caller's,
 * and so is what is added to the remarks (NULL: nobody wants them). */
uint32_t freeze_create_point(const struct store *store, const struct point_request *request,
                             const struct step_hook *hook, struct reference_point *made,
                             struct point_remarks *remarks, struct error *err);
/* Steps 2 to 7, once all is planned and checked; under the lock. */
uint32_t freeze_execute(struct freeze_work *work, struct error *err);

#endif
