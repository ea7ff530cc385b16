#include "core/export/source/source.h"

#include <stdlib.h>

#include "core/base/mem.h"

struct source_nbd {
    struct source source;
    struct nbd_server *server; /* kept alive by the source's own connection */
    struct halt *halt;
    char *changes; /* context of the bitmap; NULL */
    char *label;
};

struct nbd_reader {
    struct nbd_client *client;
};

static struct nbd_client_spec client_spec(const struct source_nbd *source, bool extents)
{
    return (struct nbd_client_spec){.socket = nbd_server_socket(source->server),
                                    .label = source->label,
                                    .extents = extents,
                                    .depth = extents,
                                    .changes = extents ? source->changes : NULL,
                                    .stopped = halt_is_asked,
                                    .context = source->halt};
}

static bool open_reader(struct source *base, struct source_reader **reader, struct error *err)
{
    struct source_nbd *source = (struct source_nbd *)base;
    struct nbd_client_spec spec = client_spec(source, false);
    struct nbd_client *client;
    if (!nbd_client_open(&spec, &client, err))
        return false;
    struct nbd_reader *made = mem_alloc(sizeof *made);
    made->client = client;
    *reader = (struct source_reader *)made;
    return true;
}

static bool read_bytes(struct source_reader *reader, void *data, size_t length, uint64_t offset,
                       struct error *err)
{
    return nbd_client_read(((struct nbd_reader *)reader)->client, data, length, offset, err);
}

static void close_reader(struct source_reader *reader)
{
    nbd_client_close(((struct nbd_reader *)reader)->client);
    free(reader);
}

static void explain(struct source *source, struct error *err)
{
    nbd_server_explain(((struct source_nbd *)source)->server, err);
}

static void close_source(struct source *base)
{
    struct source_nbd *source = (struct source_nbd *)base;
    nbd_client_close(base->client);
    nbd_server_abort(source->server); /* read only: nothing to finish */
    free(source->changes);
    free(source->label);
    free(source);
}

static const struct source_ops NBD_OPS = {
    .open_reader = open_reader,
    .read = read_bytes,
    .close_reader = close_reader,
    .explain = explain,
    .close = close_source,
};

bool source_nbd_open(const struct source_nbd_spec *spec, struct source **source, struct error *err)
{
    struct source_nbd *made = mem_alloc(sizeof *made);
    *made = (struct source_nbd){
        .source = {.ops = &NBD_OPS}, .halt = spec->halt, .label = mem_strdup(spec->label)};
    if (spec->bitmap)
        made->changes = mem_format("qemu:dirty-bitmap:%s", spec->bitmap);
    struct nbd_server_spec server_spec = {.layers = spec->layers,
                                          .layer_count = spec->layer_count,
                                          .connections = spec->readers + 1,
                                          .bitmap = spec->bitmap,
                                          .label = spec->label,
                                          .job = spec->halt ? spec->halt->job : NULL};
    bool ok = nbd_server_start(&server_spec, &made->server, err);
    if (ok) {
        struct nbd_client_spec own = client_spec(made, spec->extents);
        ok = nbd_client_open(&own, &made->source.client, err);
        if (!ok && !halt_is_asked(spec->halt))
            nbd_server_explain(made->server, err);
    }
    if (!ok) {
        close_source(&made->source);
        return false;
    }
    made->source.size = nbd_client_size(made->source.client);
    *source = &made->source;
    return true;
}
