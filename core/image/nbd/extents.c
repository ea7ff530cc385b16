#include "core/image/nbd/extents.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define FLAG_ZERO 2U  /* base:allocation, NBD's protocol */
#define FLAG_DIRTY 1U /* qemu:dirty-bitmap, QEMU's docs/interop/nbd.txt */

void nbd_extents_clear(struct nbd_extents *extents)
{
    free(extents->items);
    *extents = (struct nbd_extents){0};
}

void nbd_answers_forget(struct nbd_answers *answers)
{
    for (size_t i = 0; i < NBD_CONTEXTS; i++)
        answers->of[i].count = 0;
}

void nbd_answers_take(struct nbd_answers *answers, enum nbd_context context, const uint32_t *entries,
                      size_t count)
{
    struct nbd_answer *answer = &answers->of[context];
    size_t pairs = count / 2;
    if (pairs > answer->capacity) {
        answer->pairs = mem_realloc(answer->pairs, pairs * 2 * sizeof *answer->pairs);
        answer->capacity = pairs;
    }
    if (pairs > 0)
        memcpy(answer->pairs, entries, pairs * 2 * sizeof *entries);
    answer->count = pairs;
}

void nbd_answers_clear(struct nbd_answers *answers)
{
    for (size_t i = 0; i < NBD_CONTEXTS; i++)
        free(answers->of[i].pairs);
    *answers = (struct nbd_answers){0};
}

static void append(struct nbd_extents *extents, const struct nbd_extent *extent)
{
    struct nbd_extent *last = extents->count > 0 ? &extents->items[extents->count - 1] : NULL;
    if (last && last->depth == extent->depth && last->zero == extent->zero &&
        last->changed == extent->changed) {
        last->length += extent->length;
        return;
    }
    if (extents->count == extents->capacity) {
        extents->capacity = extents->capacity ? extents->capacity * 2 : 64;
        extents->items = mem_realloc(extents->items, extents->capacity * sizeof *extents->items);
    }
    extents->items[extents->count++] = *extent;
}

struct place { /* where one context's answer has been read to */
    size_t next;
    uint64_t end; /* of what has been read */
    uint32_t flags;
};

/* The pair that holds this position; false behind the last one. */
static bool advance(const struct nbd_answer *answer, uint64_t position, struct place *place)
{
    while (place->end <= position) {
        if (place->next == answer->count)
            return false;
        place->end += answer->pairs[2 * place->next];
        place->flags = answer->pairs[2 * place->next + 1];
        place->next++;
    }
    return true;
}

/* All at this position; *end: where the first of them changes. */
static bool advance_all(const struct nbd_answers *answers, uint64_t position, struct place *places,
                        uint64_t *end)
{
    for (size_t i = 0; i < NBD_CONTEXTS; i++) {
        if (!answers->of[i].asked)
            continue;
        if (!advance(&answers->of[i], position, &places[i]))
            return false;
        *end = places[i].end < *end ? places[i].end : *end;
    }
    return true;
}

void nbd_answers_merge(const struct nbd_answers *answers, uint64_t limit, struct nbd_extents *extents)
{
    struct place places[NBD_CONTEXTS] = {0};
    uint64_t position = 0;
    uint64_t end = limit;
    extents->count = 0;
    while (position < limit && advance_all(answers, position, places, &end)) {
        append(extents, &(struct nbd_extent){.length = end - position,
                                             .depth = places[NBD_CONTEXT_DEPTH].flags,
                                             .zero = places[NBD_CONTEXT_ALLOCATION].flags & FLAG_ZERO,
                                             .changed = places[NBD_CONTEXT_CHANGES].flags & FLAG_DIRTY});
        position = end;
        end = limit;
    }
}
