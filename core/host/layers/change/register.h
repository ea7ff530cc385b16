/* A package that was imported comes into the store: its machines, its collection, and its point, whose layers
 * are the imported images, frozen as CreateReferencePoint does it (create.h). The point keeps its id, so that
 * an export with it as its base finds the package.
 *
 * Machines with new ids are not those of the point: they come without it, and without a collection.
 * Threads: any; takes the store's lock. A crash leaves all of it or nothing, once recovery has run. */
#ifndef REFPOINT_HOST_LAYERS_CHANGE_REGISTER_H
#define REFPOINT_HOST_LAYERS_CHANGE_REGISTER_H

#include "core/base/error.h"
#include "core/host/layers/step_hook.h"
#include "core/host/store/store.h"
#include "core/model/imported.h"

/* Whether the store could take a point and the machines that are its members here: 32773 where it has one of
 * them already. */
bool register_check(const struct store *store, const struct reference_point *point,
                    struct error *err) WARN_UNUSED;
/* Returns 0, or a refusal with the store as it was: 32770 raw images; 32773, 32774. Where the error says that
 * it had begun, the machines may be there without the point. */
uint32_t register_import(const struct store *store, const struct imported *imported,
                         const struct step_hook *hook, struct error *err);

#endif
