#include "core/export/plan/window.h"

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
    if (window->data_mask) {
        window->index = cursor->next_index++;
        window->rank = cursor->next_rank;
        cursor->next_rank += (unsigned)__builtin_popcount(window->data_mask);
    }
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

uint64_t window_rank(const struct window *window, uint64_t offset)
{
    unsigned before = (1U << (offset - window->offset) / RUN_GRANULE) - 1;
    return window->rank + (unsigned)__builtin_popcount(window->data_mask & before);
}
