/* A set of ids, sorted: whether one is in it is found in logarithmic time. Ownership: guid_set_clear.
 * Threads: one at a time. */
#ifndef REFPOINT_BASE_GUID_SET_H
#define REFPOINT_BASE_GUID_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/guid.h"

struct guid_set { /* zeroed = empty */
    struct guid *ids;
    size_t count;
};
void guid_set_clear(struct guid_set *set);
bool guid_set_has(const struct guid_set *set, const struct guid *id);
void guid_set_put(struct guid_set *set, const struct guid *id, bool within);

#endif
