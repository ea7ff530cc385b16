#include "core/export/plan/owned.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/export/plan/run_list.h"
#include "core/image/image.h"

#define BITS_MOST ((uint64_t)1 << 20)
#define WORD_BITS 64

static bool get(const struct owned *owned, uint64_t number)
{
    return owned->bits[number / WORD_BITS] >> number % WORD_BITS & 1;
}

/* [start, end) is owned, as far as it lies in the disk. */
static void put(struct owned *owned, uint64_t start, uint64_t end)
{
    end = end < owned->size ? end : owned->size;
    for (uint64_t at = start / owned->granule; at * owned->granule < end; at++)
        owned->bits[at / WORD_BITS] |= (uint64_t)1 << at % WORD_BITS;
}

struct table {
    struct owned *owned;
    uint64_t span; /* of the disk, for each entry */
};

static bool take_entry(void *context, uint64_t number, uint64_t entry)
{
    const struct table *table = context;
    uint64_t start = 0;
    if (__builtin_mul_overflow(number, table->span, &start) || start >= table->owned->size)
        return true;
    if (entry != 0)
        put(table->owned, start, start + table->span);
    return true;
}

static bool read_layer(struct owned *owned, const struct image_layer *layer)
{
    struct image_info info = {0};
    struct error unused = {0}; /* QEMU says what is wrong with an image that it cannot open */
    bool ok = layer->format == DISK_FORMAT_QCOW2 &&
              image_inspect(layer->fd, layer->format, "", &info, &unused) && !info.external_data_file;
    if (ok) {
        struct table table = {.owned = owned, .span = image_l1_span(&info)};
        ok = image_read_l1(layer->fd, &info, take_entry, &table);
        if (info.virtual_size < owned->size) /* behind its end it reads zero, whatever lies beneath */
            put(owned, info.virtual_size, owned->size);
    }
    image_info_clear(&info);
    return ok;
}

void owned_read(struct owned *owned, const struct image_layer *layers, size_t layer_count, uint64_t size)
{
    *owned = (struct owned){.granule = RUN_GRANULE, .size = size};
    while (size / owned->granule >= BITS_MOST)
        owned->granule *= 2;
    size_t words = (size_t)(size / owned->granule / WORD_BITS) + 1;
    owned->bits = mem_alloc(words * sizeof *owned->bits);
    for (size_t i = 0; i < layer_count; i++) {
        if (!read_layer(owned, &layers[i])) {
            owned_clear(owned);
            return;
        }
    }
}

void owned_clear(struct owned *owned)
{
    free(owned->bits);
    owned->bits = NULL;
}

bool owned_at(const struct owned *owned, uint64_t position, uint64_t limit, uint64_t *end)
{
    *end = limit;
    if (!owned->bits)
        return true;
    uint64_t number = position / owned->granule;
    bool is_owned = get(owned, number);
    for (number++; number * owned->granule < limit; number++) {
        if (get(owned, number) != is_owned) {
            *end = number * owned->granule;
            break;
        }
    }
    return is_owned;
}

void owned_narrow(const struct owned *owned, uint64_t *start, uint64_t *end)
{
    uint64_t last = *start; /* end of the last part that is owned */
    uint64_t first = *end;
    uint64_t part = 0;
    for (uint64_t at = *start; at < *end; at = part) {
        if (!owned_at(owned, at, *end, &part))
            continue;
        first = at < first ? at : first;
        last = part;
    }
    *start = first < last ? first : *end;
    *end = first < last ? last : *end;
}
