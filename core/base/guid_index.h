/* Where in an array each id stands, found in logarithmic time: lists of thousands are merged with it.
 *
 * Threads: one at a time. Ownership: guid_index_clear; ids are copied. */
#ifndef REFPOINT_BASE_GUID_INDEX_H
#define REFPOINT_BASE_GUID_INDEX_H

#include <stddef.h>

#include "core/base/guid.h"

struct guid_index {
    struct guid_place {
        struct guid id;
        size_t at;
    } * items;
    size_t count;
};

/* `first` is the id in the first element of an array of `count`, whose elements are `stride` bytes apart. */
void guid_index_make(struct guid_index *index, const struct guid *first, size_t count, size_t stride);
void guid_index_clear(struct guid_index *index);
/* The place in the array; SIZE_MAX = nowhere. Of an id that stands there twice, one of them. */
size_t guid_index_find(const struct guid_index *index, const struct guid *id);

#endif
