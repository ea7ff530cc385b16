#include "ui/widgets/marks.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

/* Where it is among the sorted ids, or would be. */
static size_t place_of(const struct marks *marks, const struct guid *id)
{
    size_t from = 0;
    size_t to = marks->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strcmp(marks->ids[middle].text, id->text) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

void marks_clear(struct marks *marks)
{
    free(marks->ids);
    *marks = (struct marks){0};
}

bool marks_has(const struct marks *marks, const struct guid *id)
{
    size_t at = place_of(marks, id);
    return at < marks->count && guid_equal(&marks->ids[at], id);
}

void marks_set(struct marks *marks, const struct guid *id, bool marked)
{
    size_t at = place_of(marks, id);
    bool has = at < marks->count && guid_equal(&marks->ids[at], id);
    if (has == marked)
        return;
    if (marked)
        *ARRAY_APPEND(marks->ids, marks->count) = *id;
    size_t behind = marks->count - at - 1;
    if (marked) {
        memmove(&marks->ids[at + 1], &marks->ids[at], behind * sizeof *marks->ids);
        marks->ids[at] = *id;
    } else {
        memmove(&marks->ids[at], &marks->ids[at + 1], behind * sizeof *marks->ids);
        marks->count--;
    }
}
