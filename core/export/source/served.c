#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/export/source/source.h"

struct source_served {
    struct source source;
    struct halt *halt;
    char *socket;
    char *name;
    char *label;
};

struct served_reader {
    const struct source_served *source;
    struct nbd_client *client;
};

/* What noticed it becomes the cause. */
static bool gone(const struct source_served *source, struct error *err)
{
    struct error found = {0};
    error_set(&found, RETURN_FAILED, "export.source-gone",
              "%s: the disk as it was at the point is no longer served", source->label);
    error_cause(&found, "%s", *err->cause ? err->cause : err->what);
    error_next(&found, "The machine, or QEMU's backup of it, ended before the export did. Create another "
                       "point and export that.");
    *err = found;
    return false;
}

static bool connect_to(const struct source_served *source, bool extents, const char *changes,
                       struct nbd_client **client, struct error *err)
{
    struct nbd_client_spec spec = {.socket = source->socket,
                                   .export_name = source->name,
                                   .label = source->label,
                                   .extents = extents,
                                   .changes = changes,
                                   .stopped = halt_is_asked,
                                   .context = source->halt};
    return nbd_client_open(&spec, client, err) || (strcmp(err->key, "image.open") == 0 && gone(source, err));
}

static bool open_reader(struct source *base, struct source_reader **reader, struct error *err)
{
    const struct source_served *source = (const struct source_served *)base;
    struct nbd_client *client = base->client;
    if (!base->one_reader && !connect_to(source, false, NULL, &client, err))
        return false;
    struct served_reader *made = mem_alloc(sizeof *made);
    *made = (struct served_reader){.source = source, .client = client};
    *reader = (struct source_reader *)made;
    return true;
}

static bool read_bytes(struct source_reader *reader, void *data, size_t length, uint64_t offset,
                       struct error *err)
{
    const struct served_reader *served = (const struct served_reader *)reader;
    return nbd_client_read(served->client, data, length, offset, err) ||
           (nbd_client_is_lost(served->client) && gone(served->source, err));
}

static void close_reader(struct source_reader *reader)
{
    struct served_reader *served = (struct served_reader *)reader;
    if (!served->source->source.one_reader)
        nbd_client_close(served->client);
    free(served);
}

/* Readers have said it of their own connections. */
static void explain(struct source *base, struct error *err)
{
    if (nbd_client_is_lost(base->client) && strcmp(err->key, "export.source-gone") != 0)
        gone((const struct source_served *)base, err);
}

static void close_source(struct source *base)
{
    struct source_served *source = (struct source_served *)base;
    nbd_client_close(base->client);
    free(source->socket);
    free(source->name);
    free(source->label);
    free(source);
}

static const struct source_ops SERVED_OPS = {
    .open_reader = open_reader,
    .read = read_bytes,
    .close_reader = close_reader,
    .explain = explain,
    .close = close_source,
};

bool source_served_open(const struct source_served_spec *spec, struct source **source, struct error *err)
{
    struct source_served *made = mem_alloc(sizeof *made);
    *made = (struct source_served){.source = {.ops = &SERVED_OPS},
                                   .halt = spec->halt,
                                   .socket = mem_strdup(spec->socket),
                                   .name = mem_strdup(spec->name),
                                   .label = mem_strdup(spec->label)};
    if (!connect_to(made, spec->extents, spec->changes, &made->source.client, err)) {
        close_source(&made->source);
        return false;
    }
    made->source.size = nbd_client_size(made->source.client);
    made->source.one_reader = !nbd_client_can_share(made->source.client);
    *source = &made->source;
    return true;
}
