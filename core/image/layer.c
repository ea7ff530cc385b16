#include "core/image/layer.h"

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/image/peek.h"
#include "core/syntax/json.h"

#define TABLE_CACHE_SIZE (2 << 20) /* tables of 16 GiB of disk, at clusters of 64 KiB */
#define TABLE_PIECE_LIMIT 65536U

/* A piece may be no larger than a cluster; 0: the header cannot be read, of which QEMU tells. */
static uint32_t table_piece(int fd)
{
    uint32_t cluster_size = image_peek_cluster_size(fd);
    return cluster_size < TABLE_PIECE_LIMIT ? cluster_size : TABLE_PIECE_LIMIT;
}

static void put_table_cache(json_t *spec, int fd)
{
    uint32_t piece = table_piece(fd);
    json_put_number(spec, "l2-cache-size", TABLE_CACHE_SIZE);
    if (piece > 0)
        json_put_number(spec, "l2-cache-entry-size", piece);
}

static void put_access(json_t *object, enum image_access access, bool is_top)
{
    if (access == IMAGE_ACCESS_OF_TOOL)
        return;
    bool is_writable = access == IMAGE_ACCESS_WRITE_TOP && is_top;
    json_put_bool(object, "read-only", !is_writable);
    if (is_writable)
        json_put_text(object, "discard", "unmap");
}

static json_t *layer_spec(const struct image_layer *layer, int descriptor, enum image_access access,
                          bool is_top, json_t *backing)
{
    json_t *file = json_object();
    CLEANUP_FREE char *name = mem_format("/proc/self/fd/%d", descriptor);
    json_put_text(file, "driver", "file");
    json_put_text(file, "filename", name);
    if (layer->unlocked)
        json_put_text(file, "locking", "off");
    put_access(file, access, is_top);
    json_t *spec = json_object();
    json_put_text(spec, "driver", disk_format_word(layer->format));
    put_access(spec, access, is_top);
    json_put(spec, "file", file);
    if (layer->format == DISK_FORMAT_QCOW2) {
        put_table_cache(spec, layer->fd);
        json_put(spec, "backing", backing ? backing : json_null());
    } else if (backing) {
        json_decref(backing);
    }
    return spec;
}

static char *take_name(json_t *spec)
{
    CLEANUP_FREE char *line = json_line(spec);
    json_decref(spec);
    return mem_format("json:%s", line);
}

char *image_layers_name(const struct image_layer *layers, size_t count, int first_descriptor,
                        enum image_access access)
{
    json_t *spec = NULL;
    for (size_t i = count; i-- > 0;)
        spec = layer_spec(&layers[i], first_descriptor + (int)i, access, i == 0, spec);
    return take_name(spec);
}

/* Commas part the options; two are one that does not. */
static void add_path(struct strbuf *text, const char *path)
{
    for (const char *at = path; *at; at++)
        strbuf_addf(text, *at == ',' ? ",," : "%c", *at);
}

char *image_path_options(const char *path, const struct image_layer *layers, size_t count)
{
    struct strbuf text = {0};
    CLEANUP_STRBUF struct strbuf prefix = {0};
    strbuf_addf(&text, "driver=%s,file.driver=file,file.filename=", disk_format_word(layers[0].format));
    add_path(&text, path);
    for (size_t i = 0; i < count && layers[i].format == DISK_FORMAT_QCOW2; i++) {
        const char *in = prefix.data ? prefix.data : "";
        uint32_t piece = table_piece(layers[i].fd);
        strbuf_addf(&text, ",%sl2-cache-size=%d", in, TABLE_CACHE_SIZE);
        if (piece > 0)
            strbuf_addf(&text, ",%sl2-cache-entry-size=%u", in, piece);
        strbuf_add(&prefix, "backing.");
    }
    return strbuf_take(&text);
}
