#include "core/base/guid_set.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* Where it is among the sorted ids, or would be. */
static size_t place_of(const struct guid_set *set, const struct guid *id)
{
    size_t from = 0;
    size_t to = set->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strcmp(set->ids[middle].text, id->text) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

void guid_set_clear(struct guid_set *set)
{
    free(set->ids);
    *set = (struct guid_set){0};
}

bool guid_set_has(const struct guid_set *set, const struct guid *id)
{
    size_t at = place_of(set, id);
    return at < set->count && guid_equal(&set->ids[at], id);
}

void guid_set_put(struct guid_set *set, const struct guid *id, bool within)
{
    size_t at = place_of(set, id);
    bool has = at < set->count && guid_equal(&set->ids[at], id);
    if (has == within)
        return;
    if (within)
        *ARRAY_APPEND(set->ids, set->count) = *id;
    size_t behind = set->count - at - 1;
    if (within) {
        memmove(&set->ids[at + 1], &set->ids[at], behind * sizeof *set->ids);
        set->ids[at] = *id;
    } else {
        memmove(&set->ids[at], &set->ids[at + 1], behind * sizeof *set->ids);
        set->count--;
    }
}
