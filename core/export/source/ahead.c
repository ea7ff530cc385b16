#include "core/export/source/ahead.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/system/page_cache.h"

#define CHUNK (AHEAD_BYTES / 2)
#define PIECE ((uint64_t)128 << 10)
#define FOLIO ((uint64_t)2 << 20) /* the largest; what is covered in part is not dropped */

void ahead_open(struct ahead *ahead, const struct place_list *places, const int *files, size_t file_count)
{
    *ahead = (struct ahead){
        .files = files, .file_count = file_count, .ours = mem_alloc(AHEAD_RANGES * sizeof *ahead->ours)};
    pthread_mutex_init(&ahead->lock, NULL);
    place_reader_open(&ahead->places, places);
    ahead->ended = true;
    for (size_t i = 0; i < file_count; i++) {
        page_cache_no_guessing(files[i]);
        ahead->ended = ahead->ended && page_cache_is_storage(files[i]);
    }
}

/* Together with the end of what lies in front of it, which is not wanted any more either. */
static void drop_first(struct ahead *ahead)
{
    const struct ahead_range *range = &ahead->ours[ahead->first++ % AHEAD_RANGES];
    uint64_t before = range->host < FOLIO ? range->host : FOLIO;
    const struct ahead_range *last = &ahead->ours[(ahead->first + AHEAD_RANGES - 2) % AHEAD_RANGES];
    bool goes_on =
        ahead->first >= 2 && last->layer == range->layer && last->host + last->length == range->host;
    if (!goes_on)
        before = 0;
    page_cache_drop(ahead->files[range->layer], range->host - before, range->length + before);
    ahead->held -= range->length;
}

static void remember(struct ahead *ahead, uint32_t layer, uint64_t host, uint64_t length)
{
    struct ahead_range *last = &ahead->ours[(ahead->next + AHEAD_RANGES - 1) % AHEAD_RANGES];
    ahead->held += length;
    if (ahead->next > ahead->first && last->layer == layer && last->host + last->length == host &&
        last->length < CHUNK) {
        last->length += length;
        return;
    }
    if (ahead->next - ahead->first == AHEAD_RANGES)
        drop_first(ahead);
    ahead->ours[ahead->next++ % AHEAD_RANGES] =
        (struct ahead_range){.host = host, .length = length, .layer = layer};
}

static void ask(struct ahead *ahead, const struct place *place, uint64_t length)
{
    if (place->layer >= ahead->file_count)
        return;
    int fd = ahead->files[place->layer];
    uint64_t held = place->length - place->padding;
    uint64_t end = place->host + (length < held ? length : held);
    for (uint64_t at = place->host; at < end; at += PIECE) {
        uint64_t step = end - at < PIECE ? end - at : PIECE;
        if (page_cache_held(fd, at, step) > 0)
            continue;
        page_cache_ask_ahead(fd, at, step);
        remember(ahead, place->layer, at, step);
    }
    ahead->asked += length;
}

/* The next place from the position on, or a part of it. */
static void go_on(struct ahead *ahead)
{
    struct place place;
    struct error ignored = {0};
    if (!place_reader_find(&ahead->places, ahead->position, &place, &ignored) || place.length == 0 ||
        place.length > UINT64_MAX - ahead->position) {
        ahead->ended = true;
        return;
    }
    if (place.layer == PLACE_NONE || place.layer == PLACE_ZERO) {
        ahead->position += place.length;
        return;
    }
    uint64_t length = place.length < CHUNK ? place.length : CHUNK;
    ask(ahead, &place, length);
    ahead->position += length;
}

void ahead_take(struct ahead *ahead, uint64_t offset, uint64_t length)
{
    pthread_mutex_lock(&ahead->lock);
    ahead->read += length;
    if (ahead->position < offset + length) {
        ahead->position = offset + length;
        ahead->asked = ahead->read;
    }
    while (!ahead->ended && ahead->asked < ahead->read + CHUNK)
        go_on(ahead);
    while (ahead->held > 2 * AHEAD_BYTES && ahead->first < ahead->next)
        drop_first(ahead);
    pthread_mutex_unlock(&ahead->lock);
}

void ahead_close(struct ahead *ahead)
{
    while (ahead->first < ahead->next)
        drop_first(ahead);
    place_reader_close(&ahead->places);
    pthread_mutex_destroy(&ahead->lock);
    free(ahead->ours);
}
