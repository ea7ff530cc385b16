#include "core/export/copy/window.h"

#include <openssl/evp.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"

void window_cursor_open(struct window_cursor *cursor, const struct run_list *list, uint64_t disk_size)
{
    *cursor = (struct window_cursor){.disk_size = disk_size};
    pthread_mutex_init(&cursor->lock, NULL);
    run_reader_open(&cursor->reader, list);
}

void window_cursor_close(struct window_cursor *cursor)
{
    run_reader_close(&cursor->reader);
    pthread_mutex_destroy(&cursor->lock);
}

static bool fill_run(struct window_cursor *cursor, struct error *err)
{
    return cursor->run.length > 0 || run_reader_next(&cursor->reader, &cursor->run, err);
}

static uint64_t end_of_window(const struct window_cursor *cursor, uint64_t offset)
{
    uint64_t end = (offset / WINDOW_SIZE + 1) * WINDOW_SIZE;
    return end < cursor->disk_size ? end : cursor->disk_size;
}

static void consume(struct window_cursor *cursor, uint64_t length)
{
    cursor->run.offset += length;
    cursor->run.length -= length;
}

/* Whole windows of zero at the current position. */
static bool take_zeroes(struct window_cursor *cursor, struct window *window)
{
    const struct run *run = &cursor->run;
    if (run->kind != RUN_ZERO || run->offset % WINDOW_SIZE != 0 || run->length < WINDOW_SIZE)
        return false;
    uint64_t length = run->length - run->length % WINDOW_SIZE;
    *window = (struct window){.offset = run->offset,
                              .length = length < WINDOW_ZERO_LIMIT ? length : WINDOW_ZERO_LIMIT,
                              .zero_mask = UINT16_MAX};
    consume(cursor, window->length);
    return true;
}

static uint16_t mask_of(uint64_t first, uint64_t length)
{
    uint64_t clusters = (length + RUN_GRANULE - 1) / RUN_GRANULE;
    return (uint16_t)(((1U << clusters) - 1) << (first / RUN_GRANULE));
}

static bool gather(struct window_cursor *cursor, struct window *window, struct error *err)
{
    uint64_t start = cursor->run.offset / WINDOW_SIZE * WINDOW_SIZE;
    uint64_t end = end_of_window(cursor, start);
    *window = (struct window){.offset = start, .length = end - start};
    while (cursor->run.length > 0 && cursor->run.offset < end) {
        uint64_t left = end - cursor->run.offset;
        uint64_t part = cursor->run.length < left ? cursor->run.length : left;
        uint16_t mask = mask_of(cursor->run.offset - start, part);
        if (cursor->run.kind == RUN_DATA)
            window->data_mask |= mask;
        else
            window->zero_mask |= mask;
        consume(cursor, part);
        if (!fill_run(cursor, err))
            return false;
    }
    if (window->data_mask)
        window->index = cursor->next_index++;
    return true;
}

bool window_cursor_next(struct window_cursor *cursor, struct window *window, struct error *err)
{
    *window = (struct window){0};
    pthread_mutex_lock(&cursor->lock);
    bool ok = fill_run(cursor, err);
    if (ok && cursor->run.length > 0 && !take_zeroes(cursor, window))
        ok = gather(cursor, window, err);
    pthread_mutex_unlock(&cursor->lock);
    return ok;
}

static bool in_mask(uint16_t mask, unsigned cluster)
{
    return cluster < WINDOW_CLUSTERS && (mask >> cluster & 1);
}

bool window_each(const struct window *window, uint16_t mask,
                 bool (*each)(void *context, uint64_t offset, uint64_t length, struct error *err),
                 void *context, struct error *err)
{
    for (unsigned first = 0; first < WINDOW_CLUSTERS; first++) {
        unsigned end = first;
        while (in_mask(mask, end))
            end++;
        if (end == first)
            continue;
        uint64_t offset = first * RUN_GRANULE;
        uint64_t limit = end == WINDOW_CLUSTERS ? window->length : end * RUN_GRANULE;
        uint64_t stop = limit < window->length ? limit : window->length;
        if (stop > offset && !each(context, window->offset + offset, stop - offset, err))
            return false;
        first = end;
    }
    return true;
}

static bool add_length(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    (void)offset;
    (void)err;
    *(uint64_t *)context += length;
    return true;
}

uint64_t window_bytes(const struct window *window, uint16_t mask)
{
    uint64_t bytes = 0;
    struct error unused = {0};
    (void)!window_each(window, mask, add_length, &bytes, &unused);
    return bytes;
}

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
    EVP_MD_CTX *context;
};

static bool hash_range(void *context, uint64_t offset, uint64_t length, struct error *err)
{
    const struct hashing *hashing = context;
    const unsigned char *at = hashing->data + (offset - hashing->window->offset);
    if (EVP_DigestUpdate(hashing->context, at, (size_t)length) == 1)
        return true;
    return error_set(err, RETURN_FAILED, "export.digest", "cannot compute a SHA-256");
}

static uint16_t find_content(const struct window *window, const unsigned char *data)
{
    uint16_t mask = 0;
    for (unsigned i = 0; i < WINDOW_CLUSTERS; i++) {
        uint64_t start = i * RUN_GRANULE;
        if (!in_mask(window->data_mask, i) || start >= window->length)
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
    struct hashing hashing = {.window = window, .data = data, .context = EVP_MD_CTX_new()};
    bool ok = hashing.context && EVP_DigestInit_ex(hashing.context, EVP_sha256(), NULL) == 1;
    if (!ok)
        error_set(err, RETURN_OUT_OF_MEMORY, "export.digest", "cannot compute a SHA-256");
    ok = ok && window_each(window, digest->content_mask, hash_range, &hashing, err);
    if (ok && EVP_DigestFinal_ex(hashing.context, digest->sha256, NULL) != 1)
        ok = error_set(err, RETURN_FAILED, "export.digest", "cannot compute a SHA-256");
    EVP_MD_CTX_free(hashing.context);
    return ok;
}
