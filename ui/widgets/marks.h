/* Which things of a list are marked, by their ids: marks stay when the list is sorted, narrowed or read
 * again. Ownership: marks_clear. Threads: one at a time. */
#ifndef REFPOINT_UI_WIDGETS_MARKS_H
#define REFPOINT_UI_WIDGETS_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/guid.h"

struct marks { /* zeroed: nothing is */
    struct guid *ids;
    size_t count;
};
void marks_clear(struct marks *marks);
bool marks_has(const struct marks *marks, const struct guid *id);
void marks_set(struct marks *marks, const struct guid *id, bool marked);

#endif
