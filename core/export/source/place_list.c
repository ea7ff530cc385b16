#include "core/export/source/place_list.h"

#include <stdlib.h>

#include "core/base/mem.h"

#define BUFFER_PLACES ((size_t)512) /* 16 KiB */

bool place_list_open(struct place_list *list, int directory, struct error *err)
{
    *list = (struct place_list){.spool = {.fd = -1}};
    if (!spool_open(&list->spool, directory, sizeof *list->pending, err))
        return false;
    list->pending = mem_alloc(BUFFER_PLACES * sizeof *list->pending);
    return true;
}

bool place_list_finish(struct place_list *list, struct error *err)
{
    if (!spool_put(&list->spool, list->count - list->pending_count, list->pending, list->pending_count, err))
        return false;
    list->pending_count = 0;
    return true;
}

static bool continues(const struct place *last, const struct place *place)
{
    return last->offset + last->length == place->offset && last->layer == place->layer &&
           last->padding == 0 && (place->layer == PLACE_ZERO || last->host + last->length == place->host);
}

bool place_list_add(struct place_list *list, const struct place *place, struct error *err)
{
    if (list->pending_count > 0 && continues(&list->pending[list->pending_count - 1], place)) {
        struct place *last = &list->pending[list->pending_count - 1];
        last->length += place->length;
        last->padding = place->padding;
        return true;
    }
    if (list->pending_count == BUFFER_PLACES && !place_list_finish(list, err))
        return false;
    list->pending[list->pending_count++] = *place;
    list->count++;
    return true;
}

void place_list_close(struct place_list *list)
{
    if (list->pending)
        spool_close(&list->spool);
    free(list->pending);
    *list = (struct place_list){.spool = {.fd = -1}};
}

void place_reader_open(struct place_reader *reader, const struct place_list *list)
{
    *reader =
        (struct place_reader){.list = list, .buffer = mem_alloc(BUFFER_PLACES * sizeof *reader->buffer)};
}

void place_reader_close(struct place_reader *reader)
{
    free(reader->buffer);
    *reader = (struct place_reader){0};
}

static bool is_behind(const struct place *place, uint64_t offset)
{
    return place->offset + place->length <= offset;
}

static bool load(struct place_reader *reader, uint64_t first, struct error *err)
{
    uint64_t left = reader->list->count - first;
    reader->first = first;
    reader->count = left < BUFFER_PLACES ? (size_t)left : BUFFER_PLACES;
    if (spool_get(&reader->list->spool, first, reader->buffer, reader->count, err))
        return true;
    reader->count = 0;
    return false;
}

/* The buffer begins before, or with, the first place that ends behind this offset. */
static bool buffer_begins_before(const struct place_reader *reader, uint64_t offset)
{
    return reader->count > 0 && (reader->first == 0 || is_behind(&reader->buffer[0], offset));
}

static bool buffer_ends_behind(const struct place_reader *reader, uint64_t offset)
{
    return reader->count > 0 && (reader->first + reader->count == reader->list->count ||
                                 !is_behind(&reader->buffer[reader->count - 1], offset));
}

/* Looks one record up at a time until the place is found; then the buffer begins one before it. */
static bool search(struct place_reader *reader, uint64_t offset, struct error *err)
{
    uint64_t low = 0; /* all before are behind the offset */
    uint64_t high = reader->list->count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct place place;
        if (!spool_get(&reader->list->spool, middle, &place, 1, err))
            return false;
        if (is_behind(&place, offset))
            low = middle + 1;
        else
            high = middle;
    }
    return load(reader, low > 0 ? low - 1 : 0, err);
}

static bool move_buffer(struct place_reader *reader, uint64_t offset, struct error *err)
{
    if (buffer_begins_before(reader, offset)) {
        if (buffer_ends_behind(reader, offset))
            return true;
        /* Most readers go on where they were; the last place stays, so that the buffer begins before. */
        if (!load(reader, reader->first + reader->count - 1, err))
            return false;
        if (buffer_ends_behind(reader, offset))
            return true;
    }
    return search(reader, offset, err);
}

/* The first one in the buffer that ends behind the offset; NULL: there is none. */
static const struct place *find_in_buffer(const struct place_reader *reader, uint64_t offset)
{
    size_t low = 0;
    size_t high = reader->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_behind(&reader->buffer[middle], offset))
            low = middle + 1;
        else
            high = middle;
    }
    return low < reader->count ? &reader->buffer[low] : NULL;
}

bool place_reader_find(struct place_reader *reader, uint64_t offset, struct place *place, struct error *err)
{
    if (reader->list->count > 0 && !move_buffer(reader, offset, err))
        return false;
    const struct place *found = find_in_buffer(reader, offset);
    if (!found || found->offset > offset) {
        uint64_t end = found ? found->offset : UINT64_MAX;
        *place = (struct place){.offset = offset, .length = end - offset, .layer = PLACE_NONE};
        return true;
    }
    uint64_t inside = offset - found->offset;
    *place = *found;
    place->offset = offset;
    place->length -= inside;
    place->host += inside;
    if (place->padding > place->length)
        place->padding = (uint32_t)place->length;
    return true;
}
