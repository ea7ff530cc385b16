#include "core/export/copy/window_digest.h"

#include <string.h>
#include <xxhash.h>

#include "core/base/return_code.h"

bool bytes_are_zero(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    /* The first bytes by hand: most blocks that are not zero show it there. */
    size_t head = length < 64 ? length : 64;
    for (size_t i = 0; i < head; i++) {
        if (at[i])
            return false;
    }
    return length == head || memcmp(at, at + head, length - head) == 0;
}

struct hashing {
    const struct window *window;
    const unsigned char *data;
    XXH3_state_t *state;
};

static bool hash_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct hashing *hashing = context;
    const unsigned char *at = hashing->data + (offset - hashing->window->offset);
    return XXH3_128bits_update(hashing->state, at, (size_t)length) == XXH_OK ||
           error_set(err, RETURN_FAILED, "export.digest", "cannot compute a digest");
}

static uint16_t find_content(const struct window *window, const unsigned char *data)
{
    uint16_t mask = 0;
    for (unsigned i = 0; i < WINDOW_CLUSTERS; i++) {
        uint64_t start = i * RUN_GRANULE;
        if (!(window->data_mask >> i & 1) || start >= window->length)
            continue;
        uint64_t length = window->length - start < RUN_GRANULE ? window->length - start : RUN_GRANULE;
        if (!bytes_are_zero(data + start, (size_t)length))
            mask |= (uint16_t)(1U << i);
    }
    return mask;
}

bool window_digest_make(const struct window *window, const unsigned char *data, struct window_digest *digest,
                        struct error *err)
{
    *digest = (struct window_digest){.offset = window->offset, .content_mask = find_content(window, data)};
    struct hashing hashing = {.window = window, .data = data, .state = XXH3_createState()};
    bool ok = hashing.state && XXH3_128bits_reset(hashing.state) == XXH_OK;
    if (!ok)
        error_set(err, RETURN_OUT_OF_MEMORY, "export.digest", "cannot compute a digest");
    ok = ok && window_each(window, digest->content_mask, hash_range, &hashing, err);
    if (ok) {
        XXH128_canonical_t canonical;
        XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(hashing.state));
        memcpy(digest->xxh3, canonical.digest, sizeof digest->xxh3);
    }
    XXH3_freeState(hashing.state);
    return ok;
}

struct reading {
    const struct window *window;
    const struct source_ops *ops;
    struct source_reader *reader;
    unsigned char *data;
};

static bool read_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct reading *reading = context;
    return reading->ops->read(reading->reader, reading->data + (offset - reading->window->offset),
                              (size_t)length, offset, err);
}

bool window_digest_read(const struct window *window, struct source *source, struct source_reader *reader,
                        unsigned char *data, struct window_digest *digest, struct error *err)
{
    struct reading reading = {.window = window, .ops = source->ops, .reader = reader, .data = data};
    return window_each(window, window->data_mask, read_range, &reading, err) &&
           window_digest_make(window, data, digest, err);
}
