/* The completion of a request lives in the client, not on the stack: a request that was stopped is still
 * known to libnbd until nbd_close, which comes first when a client is closed. The same holds for a stopped
 * read's buffer: nothing is received into it after the stop, because nobody polls the handle any more. */
#include "core/image/nbd_client.h"

#include <errno.h>
#include <libnbd.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/units.h"

#define SLICE_MS 100
#define GOODBYE_MS 500
#define ZERO_STEP ((uint64_t)256 << 20) /* small enough that a step never takes long */
#define DEPTH_CONTEXT "qemu:allocation-depth"

struct raw_extents { /* as received for one context: pairs of length and flags */
    uint32_t *pairs;
    size_t count; /* of pairs */
    size_t capacity;
};

struct nbd_client {
    struct nbd_handle *handle;
    char *label;
    bool (*stopped)(void *context);
    void *context;
    uint64_t size;
    bool extents;
    bool depth;
    bool dead;
    bool done; /* of the request under way */
    int error;
    struct raw_extents allocation;
    struct raw_extents depths;
};

static bool fail(struct nbd_client *client, int number, const char *what, uint64_t offset, struct error *err)
{
    client->dead = true;
    bool full = number == ENOSPC;
    error_errno(err, number ? number : EIO, full ? "image.no-space" : "image.nbd",
                "%s: %s at byte %llu failed", client->label, what, (unsigned long long)offset);
    if (err->code == RETURN_FILE_NOT_FOUND)
        err->code = RETURN_FAILED;
    return false;
}

static bool stop(struct nbd_client *client, struct error *err)
{
    client->dead = true;
    return error_set(err, RETURN_FAILED, "image.stopped", "%s: stopped on request", client->label);
}

static bool is_stopped(const struct nbd_client *client)
{
    return client->stopped && client->stopped(client->context);
}

/* libnbd's callback types have int * and void * without const. */
static int on_completion(void *context, int *error)
{
    struct nbd_client *client = context;
    client->error = *error;
    client->done = true;
    return 1;
}

static nbd_completion_callback completion(struct nbd_client *client)
{
    client->done = false;
    client->error = 0;
    return (nbd_completion_callback){.callback = on_completion, .user_data = client};
}

/* Waits for the request with this cookie (-1: it could not be sent). */
static bool finish(struct nbd_client *client, int64_t cookie, const char *what, uint64_t offset,
                   struct error *err)
{
    if (cookie < 0)
        return fail(client, nbd_get_errno(), what, offset, err);
    while (!client->done) {
        if (is_stopped(client))
            return stop(client, err);
        if (nbd_poll(client->handle, SLICE_MS) < 0 && !client->done)
            return fail(client, nbd_get_errno(), what, offset, err);
    }
    if (client->error)
        return fail(client, client->error, what, offset, err);
    return true;
}

static bool is_alive(struct nbd_client *client, struct error *err)
{
    if (!client->dead)
        return true;
    return error_set(err, RETURN_FAILED, "image.nbd", "%s: the connection to qemu-nbd has failed before",
                     client->label);
}

static bool configure(const struct nbd_client_spec *spec, struct nbd_client *client)
{
    return client->handle && nbd_set_pread_initialize(client->handle, false) == 0 &&
           (!spec->extents || nbd_add_meta_context(client->handle, LIBNBD_CONTEXT_BASE_ALLOCATION) == 0) &&
           (!spec->depth || nbd_add_meta_context(client->handle, DEPTH_CONTEXT) == 0) &&
           nbd_aio_connect_unix(client->handle, spec->socket) == 0;
}

static bool connect_client(const struct nbd_client_spec *spec, struct nbd_client *client, struct error *err)
{
    bool ok = configure(spec, client);
    while (ok && nbd_aio_is_connecting(client->handle)) {
        if (is_stopped(client))
            return stop(client, err);
        ok = nbd_poll(client->handle, SLICE_MS) >= 0;
    }
    if (!ok || !nbd_aio_is_ready(client->handle)) {
        client->dead = true;
        error_set(err, RETURN_FAILED, "image.open", "%s: QEMU cannot open the image", client->label);
        const char *reason = nbd_get_error();
        return error_cause(err, "%s", reason ? reason : "the connection ended");
    }
    return true;
}

/* A context that the server does not have is no error of libnbd's. */
static bool check_context(struct nbd_client *client, const char *name, struct error *err)
{
    if (nbd_can_meta_context(client->handle, name) == 1)
        return true;
    error_set(err, RETURN_NOT_SUPPORTED, "image.nbd", "%s: qemu-nbd does not tell %s", client->label, name);
    return error_next(err, "Install QEMU 5.2 or later.");
}

bool nbd_client_open(const struct nbd_client_spec *spec, struct nbd_client **client, struct error *err)
{
    struct nbd_client *made = mem_alloc(sizeof *made);
    *made = (struct nbd_client){.handle = nbd_create(),
                                .label = mem_strdup(spec->label),
                                .stopped = spec->stopped,
                                .context = spec->context,
                                .extents = spec->extents,
                                .depth = spec->depth};
    bool ok = connect_client(spec, made, err) &&
              (!spec->extents || check_context(made, LIBNBD_CONTEXT_BASE_ALLOCATION, err)) &&
              (!spec->depth || check_context(made, DEPTH_CONTEXT, err));
    int64_t size = ok ? nbd_get_size(made->handle) : 0;
    if (size < 0)
        ok = fail(made, nbd_get_errno(), "asking for the size", 0, err);
    if (!ok) {
        nbd_client_close(made);
        *client = NULL;
        return false;
    }
    made->size = (uint64_t)size;
    *client = made;
    return true;
}

uint64_t nbd_client_size(const struct nbd_client *client)
{
    return client->size;
}

bool nbd_client_read(struct nbd_client *client, void *data, size_t length, uint64_t offset, struct error *err)
{
    return is_alive(client, err) &&
           finish(client, nbd_aio_pread(client->handle, data, length, offset, completion(client), 0),
                  "reading", offset, err);
}

bool nbd_client_write(struct nbd_client *client, const void *data, size_t length, uint64_t offset,
                      struct error *err)
{
    return is_alive(client, err) &&
           finish(client, nbd_aio_pwrite(client->handle, data, length, offset, completion(client), 0),
                  "writing", offset, err);
}

bool nbd_client_zero(struct nbd_client *client, uint64_t length, uint64_t offset, struct error *err)
{
    bool ok = is_alive(client, err);
    while (ok && length > 0) {
        uint64_t step = length < ZERO_STEP ? length : ZERO_STEP;
        ok = finish(client, nbd_aio_zero(client->handle, step, offset, completion(client), 0),
                    "writing zeroes", offset, err);
        offset += step;
        length -= step;
    }
    return ok;
}

bool nbd_client_trim(struct nbd_client *client, uint64_t length, uint64_t offset, struct error *err)
{
    bool ok = is_alive(client, err);
    while (ok && length > 0) {
        uint64_t step = length < ZERO_STEP ? length : ZERO_STEP;
        ok = finish(client, nbd_aio_trim(client->handle, step, offset, completion(client), 0), "discarding",
                    offset, err);
        offset += step;
        length -= step;
    }
    return ok;
}

bool nbd_client_flush(struct nbd_client *client, struct error *err)
{
    return is_alive(client, err) &&
           finish(client, nbd_aio_flush(client->handle, completion(client), 0), "flushing", 0, err);
}

static int on_extents(void *context, const char *name, uint64_t offset, uint32_t *entries, size_t count,
                      int *error)
{
    (void)offset;
    (void)error;
    struct nbd_client *client = context;
    struct raw_extents *extents = strcmp(name, DEPTH_CONTEXT) == 0 ? &client->depths : &client->allocation;
    size_t pairs = count / 2;
    if (pairs > extents->capacity) {
        extents->pairs = mem_realloc(extents->pairs, pairs * 2 * sizeof *extents->pairs);
        extents->capacity = pairs;
    }
    memcpy(extents->pairs, entries, pairs * 2 * sizeof *entries);
    extents->count = pairs;
    return 0;
}

static void append(struct nbd_extents *extents, const struct nbd_extent *extent)
{
    struct nbd_extent *last = extents->count > 0 ? &extents->items[extents->count - 1] : NULL;
    if (last && last->depth == extent->depth && last->zero == extent->zero) {
        last->length += extent->length;
        return;
    }
    if (extents->count == extents->capacity) {
        extents->capacity = extents->capacity ? extents->capacity * 2 : 64;
        extents->items = mem_realloc(extents->items, extents->capacity * sizeof *extents->items);
    }
    extents->items[extents->count++] = *extent;
}

/* The contexts split the range differently and may end at different places: the common prefix counts. */
static void merge(struct nbd_client *client, uint64_t limit, struct nbd_extents *extents)
{
    const uint32_t whole[2] = {UINT32_MAX, 0};
    const struct raw_extents *allocation = &client->allocation;
    const uint32_t *depths = client->depth ? client->depths.pairs : whole;
    size_t depth_count = client->depth ? client->depths.count : 1;
    uint64_t position = 0;
    uint64_t allocation_end = 0;
    uint64_t depth_end = 0;
    size_t a = 0;
    size_t d = 0;
    extents->count = 0;
    while (a < allocation->count && d < depth_count && position < limit) {
        uint64_t a_end = allocation_end + allocation->pairs[2 * a];
        uint64_t d_end = depth_end + depths[2 * d];
        uint64_t end = a_end < d_end ? a_end : d_end;
        end = end < limit ? end : limit;
        append(extents, &(struct nbd_extent){.length = end - position,
                                             .depth = depths[2 * d + 1],
                                             .zero = allocation->pairs[2 * a + 1] & LIBNBD_STATE_ZERO});
        position = end;
        if (end == a_end) {
            allocation_end = a_end;
            a++;
        }
        if (end == d_end) {
            depth_end = d_end;
            d++;
        }
    }
}

bool nbd_client_status(struct nbd_client *client, uint64_t offset, uint64_t length,
                       struct nbd_extents *extents, struct error *err)
{
    if (!is_alive(client, err))
        return false;
    uint64_t step = length < NBD_CLIENT_STATUS_STEP ? length : NBD_CLIENT_STATUS_STEP;
    client->allocation.count = client->depths.count = 0;
    nbd_extent_callback callback = {.callback = on_extents, .user_data = client};
    if (!finish(client, nbd_aio_block_status(client->handle, step, offset, callback, completion(client), 0),
                "asking for extents", offset, err))
        return false;
    merge(client, step, extents);
    if (extents->count == 0)
        return fail(client, EPROTO, "asking for extents", offset, err);
    return true;
}

void nbd_extents_clear(struct nbd_extents *extents)
{
    free(extents->items);
    *extents = (struct nbd_extents){0};
}

static void say_goodbye(struct nbd_client *client)
{
    int64_t end = monotonic_milliseconds() + GOODBYE_MS;
    if (nbd_aio_disconnect(client->handle, 0) != 0)
        return;
    while (!nbd_aio_is_closed(client->handle) && !nbd_aio_is_dead(client->handle) &&
           monotonic_milliseconds() < end && !is_stopped(client)) {
        if (nbd_poll(client->handle, SLICE_MS) < 0)
            return;
    }
}

void nbd_client_close(struct nbd_client *client)
{
    if (!client)
        return;
    if (client->handle && !client->dead)
        say_goodbye(client);
    nbd_close(client->handle);
    free(client->label);
    free(client->allocation.pairs);
    free(client->depths.pairs);
    free(client);
}
