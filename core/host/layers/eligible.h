/* May this machine come into the store? Each disk: a regular file with one name, no link, of no other disk,
 * not encrypted, no external data, closed cleanly, and every file beneath it registered (design.md, "The
 * local host"). Threads: any; under the store's lock, so that the answer stays true until it is written. */
#ifndef REFPOINT_HOST_LAYERS_ELIGIBLE_H
#define REFPOINT_HOST_LAYERS_ELIGIBLE_H

#include "core/base/error.h"
#include "core/host/layers/layers.h"

/* Checks names and, from `first_new` on, disks (those before it are the store's already); fills in virtual
 * sizes and makes backing paths absolute. 32770 or 32773. */
bool eligible_machine(const struct store *store, struct machine *machine, size_t first_new,
                      struct error *err) WARN_UNUSED;

#endif
