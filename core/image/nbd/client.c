/* The completion of a request lives in the client, not on the stack: a request that was stopped is still
 * known to libnbd until nbd_close, which comes first when a client is closed. The same holds for a stopped
 * read's buffer: nothing is received into it after the stop, because nobody polls the handle any more. */
#include "core/image/nbd/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/image/nbd/libnbd.h"

#define SLICE_MS 100
#define GOODBYE_MS 500
#define ZERO_STEP ((uint64_t)256 << 20) /* small enough that a step never takes long */
#define DEPTH_CONTEXT "qemu:allocation-depth"

struct nbd_client {
    struct nbd_handle *handle;
    char *label;
    bool (*stopped)(void *context);
    void *context;
    uint64_t size;
    char *names[NBD_CONTEXTS]; /* of the contexts that are asked for; NULL */
    bool dead;
    bool lost;
    bool done; /* of the request under way */
    int error;
    struct nbd_answers answers;
};

static bool has_gone(struct nbd_client *client, int number)
{
    return number == ENOTCONN || number == ESHUTDOWN || libnbd()->nbd_aio_is_dead(client->handle) == 1 ||
           libnbd()->nbd_aio_is_closed(client->handle) == 1;
}

static bool fail(struct nbd_client *client, int number, const char *what, uint64_t offset, struct error *err)
{
    client->dead = true;
    client->lost = has_gone(client, number);
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
        return fail(client, libnbd()->nbd_get_errno(), what, offset, err);
    while (!client->done) {
        if (is_stopped(client))
            return stop(client, err);
        if (libnbd()->nbd_poll(client->handle, SLICE_MS) < 0 && !client->done)
            return fail(client, libnbd()->nbd_get_errno(), what, offset, err);
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

static bool add_contexts(struct nbd_client *client)
{
    for (size_t i = 0; i < NBD_CONTEXTS; i++) {
        if (client->names[i] && libnbd()->nbd_add_meta_context(client->handle, client->names[i]) != 0)
            return false;
    }
    return true;
}

static bool configure(const struct nbd_client_spec *spec, struct nbd_client *client)
{
    return client->handle && libnbd()->nbd_set_pread_initialize(client->handle, false) == 0 &&
           (!spec->export_name || libnbd()->nbd_set_export_name(client->handle, spec->export_name) == 0) &&
           add_contexts(client) && libnbd()->nbd_aio_connect_unix(client->handle, spec->socket) == 0;
}

static bool connect_client(const struct nbd_client_spec *spec, struct nbd_client *client, struct error *err)
{
    bool ok = configure(spec, client);
    while (ok && libnbd()->nbd_aio_is_connecting(client->handle)) {
        if (is_stopped(client))
            return stop(client, err);
        ok = libnbd()->nbd_poll(client->handle, SLICE_MS) >= 0;
    }
    if (!ok || !libnbd()->nbd_aio_is_ready(client->handle)) {
        client->dead = client->lost = true;
        error_set(err, RETURN_FAILED, "image.open", "%s: QEMU cannot open the image", client->label);
        const char *reason = libnbd()->nbd_get_error();
        return error_cause(err, "%s", reason ? reason : "the connection ended");
    }
    return true;
}

/* A context that the server does not have is no error of libnbd's. */
static bool check_contexts(struct nbd_client *client, struct error *err)
{
    for (size_t i = 0; i < NBD_CONTEXTS; i++) {
        const char *name = client->names[i];
        client->answers.of[i].asked = name != NULL;
        if (!name || libnbd()->nbd_can_meta_context(client->handle, name) == 1)
            continue;
        if (i == NBD_CONTEXT_CHANGES) {
            error_set(err, RETURN_INVALID_STATE, "image.changes",
                      "%s: QEMU does not tell what changed since the base", client->label);
            error_cause(err, "it does not have %s", name);
            return error_next(err, "Export in full.");
        }
        error_set(err, RETURN_NOT_SUPPORTED, "image.nbd", "%s: qemu-nbd does not tell %s", client->label,
                  name);
        return error_next(err, "Install QEMU 5.2 or later.");
    }
    return true;
}

bool nbd_client_open(const struct nbd_client_spec *spec, struct nbd_client **client, struct error *err)
{
    if (!libnbd_load(err))
        return false;
    struct nbd_client *made = mem_alloc(sizeof *made);
    *made = (struct nbd_client){.handle = libnbd()->nbd_create(),
                                .label = mem_strdup(spec->label),
                                .stopped = spec->stopped,
                                .context = spec->context};
    made->names[NBD_CONTEXT_ALLOCATION] = mem_strdup(spec->extents ? LIBNBD_CONTEXT_BASE_ALLOCATION : NULL);
    made->names[NBD_CONTEXT_DEPTH] = mem_strdup(spec->depth ? DEPTH_CONTEXT : NULL);
    made->names[NBD_CONTEXT_CHANGES] = mem_strdup(spec->changes);
    bool ok = connect_client(spec, made, err) && check_contexts(made, err);
    int64_t size = ok ? libnbd()->nbd_get_size(made->handle) : 0;
    if (size < 0)
        ok = fail(made, libnbd()->nbd_get_errno(), "asking for the size", 0, err);
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

bool nbd_client_can_share(const struct nbd_client *client)
{
    return libnbd()->nbd_can_multi_conn(client->handle) == 1;
}

bool nbd_client_is_lost(const struct nbd_client *client)
{
    return client->lost;
}

bool nbd_client_read(struct nbd_client *client, void *data, size_t length, uint64_t offset, struct error *err)
{
    return is_alive(client, err) &&
           finish(client,
                  libnbd()->nbd_aio_pread(client->handle, data, length, offset, completion(client), 0),
                  "reading", offset, err);
}

bool nbd_client_write(struct nbd_client *client, const void *data, size_t length, uint64_t offset,
                      struct error *err)
{
    return is_alive(client, err) &&
           finish(client,
                  libnbd()->nbd_aio_pwrite(client->handle, data, length, offset, completion(client), 0),
                  "writing", offset, err);
}

bool nbd_client_zero(struct nbd_client *client, uint64_t length, uint64_t offset, struct error *err)
{
    bool ok = is_alive(client, err);
    while (ok && length > 0) {
        uint64_t step = length < ZERO_STEP ? length : ZERO_STEP;
        ok = finish(client, libnbd()->nbd_aio_zero(client->handle, step, offset, completion(client), 0),
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
        ok = finish(client, libnbd()->nbd_aio_trim(client->handle, step, offset, completion(client), 0),
                    "discarding", offset, err);
        offset += step;
        length -= step;
    }
    return ok;
}

bool nbd_client_flush(struct nbd_client *client, struct error *err)
{
    return is_alive(client, err) &&
           finish(client, libnbd()->nbd_aio_flush(client->handle, completion(client), 0), "flushing", 0, err);
}

static int on_extents(void *context, const char *name, uint64_t offset, uint32_t *entries, size_t count,
                      int *error)
{
    (void)offset;
    (void)error;
    struct nbd_client *client = context;
    for (enum nbd_context i = 0; i < NBD_CONTEXTS; i++) {
        if (client->names[i] && strcmp(name, client->names[i]) == 0)
            nbd_answers_take(&client->answers, i, entries, count);
    }
    return 0;
}

bool nbd_client_status(struct nbd_client *client, uint64_t offset, uint64_t length,
                       struct nbd_extents *extents, struct error *err)
{
    if (!is_alive(client, err))
        return false;
    uint64_t step = length < NBD_CLIENT_STATUS_STEP ? length : NBD_CLIENT_STATUS_STEP;
    nbd_answers_forget(&client->answers);
    nbd_extent_callback callback = {.callback = on_extents, .user_data = client};
    if (!finish(client,
                libnbd()->nbd_aio_block_status(client->handle, step, offset, callback, completion(client), 0),
                "asking for extents", offset, err))
        return false;
    nbd_answers_merge(&client->answers, step, extents);
    if (extents->count == 0)
        return fail(client, EPROTO, "asking for extents", offset, err);
    return true;
}

static void say_goodbye(struct nbd_client *client)
{
    int64_t end = monotonic_milliseconds() + GOODBYE_MS;
    if (libnbd()->nbd_aio_disconnect(client->handle, 0) != 0)
        return;
    while (!libnbd()->nbd_aio_is_closed(client->handle) && !libnbd()->nbd_aio_is_dead(client->handle) &&
           monotonic_milliseconds() < end && !is_stopped(client)) {
        if (libnbd()->nbd_poll(client->handle, SLICE_MS) < 0)
            return;
    }
}

void nbd_client_close(struct nbd_client *client)
{
    if (!client)
        return;
    if (client->handle && !client->dead)
        say_goodbye(client);
    libnbd()->nbd_close(client->handle);
    free(client->label);
    for (size_t i = 0; i < NBD_CONTEXTS; i++)
        free(client->names[i]);
    nbd_answers_clear(&client->answers);
    free(client);
}
