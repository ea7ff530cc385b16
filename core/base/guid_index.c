#include "core/base/guid_index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static int compare(const void *left, const void *right)
{
    return strcmp(((const struct guid_place *)left)->id.text, ((const struct guid_place *)right)->id.text);
}

void guid_index_make(struct guid_index *index, const struct guid *first, size_t count, size_t stride)
{
    const char *at = (const char *)first;
    *index = (struct guid_index){.count = count};
    if (count == 0)
        return;
    index->items = mem_alloc(count * sizeof *index->items);
    for (size_t i = 0; i < count; i++, at += stride) {
        memcpy(&index->items[i].id, at, sizeof index->items[i].id);
        index->items[i].at = i;
    }
    qsort(index->items, count, sizeof *index->items, compare);
}

void guid_index_clear(struct guid_index *index)
{
    free(index->items);
    *index = (struct guid_index){0};
}

size_t guid_index_find(const struct guid_index *index, const struct guid *id)
{
    struct guid_place wanted = {.id = *id};
    const struct guid_place *found =
        index->count ? bsearch(&wanted, index->items, index->count, sizeof *index->items, compare) : NULL;
    return found ? found->at : SIZE_MAX;
}
