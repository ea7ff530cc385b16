/* QEMU writes the image: qemu-img makes it empty, a qemu-nbd on the file alone (its backing cut off) takes
 * the writes. An overlay's clusters are written whole, so QEMU never has to look beneath; a zero range
 * becomes zero clusters, which hide the base.
 *
 * QEMU's compress filter refuses an image whose size is no multiple of its cluster: such an image is made a
 * part of a cluster too large and cut to its size when everything is written. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/export/plan/run_list.h"
#include "core/export/sink/sink.h"
#include "core/image/nbd_client.h"
#include "core/image/qemu_img.h"
#include "core/system/fs.h"

#define END_SLICE_MS 100
#define WRITE_BACK_STEP ((uint64_t)32 << 20)

struct sink_qcow2 {
    struct sink sink;
    int fd;
    char *path;
    char *label;
    uint64_t size; /* as it has to be in the end, a multiple of 512 */
    bool compress;
    struct halt *halt;
    struct nbd_server *server;
    struct nbd_client *client;     /* keeps the server alive, flushes */
    _Atomic uint64_t write_behind; /* bytes since the kernel was last asked to write back */
};

struct qcow2_writer {
    struct sink_qcow2 *sink;
    struct nbd_client *client;
};

static uint64_t round_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

static struct nbd_client_spec client_spec(const struct sink_qcow2 *sink)
{
    return (struct nbd_client_spec){.socket = nbd_server_socket(sink->server),
                                    .label = sink->label,
                                    .stopped = halt_is_asked,
                                    .context = sink->halt};
}

static bool open_writer(struct sink *base, struct sink_writer **writer, struct error *err)
{
    struct sink_qcow2 *sink = (struct sink_qcow2 *)base;
    struct nbd_client_spec spec = client_spec(sink);
    struct nbd_client *client;
    if (!nbd_client_open(&spec, &client, err))
        return false;
    struct qcow2_writer *made = mem_alloc(sizeof *made);
    *made = (struct qcow2_writer){.sink = sink, .client = client};
    *writer = (struct sink_writer *)made;
    return true;
}

/* So that the flush at the end has little left to do, and cancelling stays quick. */
static void write_back(struct sink_qcow2 *sink, uint64_t length)
{
    if (atomic_fetch_add(&sink->write_behind, length) + length < WRITE_BACK_STEP)
        return;
    atomic_store(&sink->write_behind, 0);
    (void)sync_file_range(sink->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

static bool write_bytes(struct sink_writer *base, const void *data, size_t length, uint64_t offset,
                        struct error *err)
{
    struct qcow2_writer *writer = (struct qcow2_writer *)base;
    if (writer->sink->compress) /* takes whole clusters only */
        length = (size_t)round_up(length, RUN_GRANULE);
    if (!nbd_client_write(writer->client, data, length, offset, err))
        return false;
    write_back(writer->sink, length);
    return true;
}

static bool zero_bytes(struct sink_writer *base, uint64_t length, uint64_t offset, struct error *err)
{
    struct qcow2_writer *writer = (struct qcow2_writer *)base;
    if (writer->sink->compress)
        length = round_up(length, RUN_GRANULE);
    return nbd_client_zero(writer->client, length, offset, err);
}

static void close_writer(struct sink_writer *writer)
{
    nbd_client_close(((struct qcow2_writer *)writer)->client);
    free(writer);
}

static bool run_tool(const struct sink_qcow2 *sink, const char *const *argv, struct error *err)
{
    struct qemu_img tool = {
        .argv = argv, .descriptors = &sink->fd, .descriptor_count = 1, .job = sink->halt->job};
    return qemu_img_run(&tool, "export.tool", err) == 0 || error_context(err, "%s", sink->label);
}

static bool cut_to_size(const struct sink_qcow2 *sink, struct error *err)
{
    if (!sink->compress || sink->size % RUN_GRANULE == 0)
        return true;
    CLEANUP_FREE char *size = mem_format("%llu", (unsigned long long)sink->size);
    struct nbd_server_layer layer = {.fd = sink->fd, .format = DISK_FORMAT_QCOW2};
    CLEANUP_FREE char *image = qemu_img_chain(&layer, 1, 3);
    const char *argv[] = {"qemu-img", "resize", "-q", "--shrink", image, size, NULL};
    return run_tool(sink, argv, err);
}

/* Without its last client it writes its last metadata and ends. That can take as long as the storage likes;
 * who does not want to wait for it cancels. */
static bool end_server(struct sink_qcow2 *sink, struct error *err)
{
    while (!nbd_server_has_ended(sink->server, END_SLICE_MS)) {
        if (halt_is_asked(sink->halt))
            return error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
    }
    struct nbd_server *server = sink->server;
    sink->server = NULL;
    return nbd_server_end(server, err);
}

static bool flush(struct sink_qcow2 *sink, struct error *err)
{
    if (nbd_client_flush(sink->client, err))
        return true;
    if (!halt_is_asked(sink->halt))
        nbd_server_explain(sink->server, err);
    return false;
}

static bool finish(struct sink *base, struct error *err)
{
    struct sink_qcow2 *sink = (struct sink_qcow2 *)base;
    if (!flush(sink, err))
        return false;
    nbd_client_close(sink->client);
    sink->client = NULL;
    return end_server(sink, err) && cut_to_size(sink, err) && fs_sync(sink->fd, sink->path, err);
}

static void explain(struct sink *base, struct error *err)
{
    struct sink_qcow2 *sink = (struct sink_qcow2 *)base;
    if (sink->server)
        nbd_server_explain(sink->server, err);
}

static void close_sink(struct sink *base)
{
    struct sink_qcow2 *sink = (struct sink_qcow2 *)base;
    nbd_client_close(sink->client);
    nbd_server_abort(sink->server);
    free(sink->path);
    free(sink->label);
    free(sink);
}

static const struct sink_ops QCOW2_OPS = {
    .open_writer = open_writer,
    .write = write_bytes,
    .zero = zero_bytes,
    .close_writer = close_writer,
    .finish = finish,
    .explain = explain,
    .close = close_sink,
};

static bool make_image(const struct sink_spec *spec, const struct sink_qcow2 *sink, struct error *err)
{
    uint64_t size = sink->compress ? round_up(sink->size, RUN_GRANULE) : sink->size;
    CLEANUP_FREE char *size_text = mem_format("%llu", (unsigned long long)size);
    CLEANUP_FREE char *options = mem_format("compat=1.1,cluster_size=%llu%s", (unsigned long long)RUN_GRANULE,
                                            sink->compress ? ",compression_type=zstd" : "");
    const char *argv[16] = {"qemu-img", "create", "-q", "-f", "qcow2", "-o", options};
    size_t count = 7;
    if (spec->backing_name) {
        const char *const backing[] = {"-u", "-b", spec->backing_name, "-F",
                                       disk_format_word(spec->backing_format)};
        for (size_t i = 0; i < ARRAY_LENGTH(backing); i++)
            argv[count++] = backing[i];
    }
    argv[count++] = "/proc/self/fd/3";
    argv[count] = size_text;
    return run_tool(sink, argv, err);
}

static bool start_server(const struct sink_spec *spec, struct sink_qcow2 *sink, struct error *err)
{
    struct nbd_server_layer layer = {.fd = spec->fd, .format = DISK_FORMAT_QCOW2};
    struct nbd_server_spec server_spec = {.layers = &layer,
                                          .layer_count = 1,
                                          .writable = true,
                                          .compress = sink->compress,
                                          .connections = spec->writers + 1,
                                          .label = spec->label};
    if (!nbd_server_start(&server_spec, &sink->server, err))
        return false;
    struct nbd_client_spec own = client_spec(sink);
    if (nbd_client_open(&own, &sink->client, err))
        return true;
    if (!halt_is_asked(sink->halt))
        nbd_server_explain(sink->server, err);
    return false;
}

bool sink_qcow2_open(const struct sink_spec *spec, struct sink **sink, struct error *err)
{
    struct sink_qcow2 *made = mem_alloc(sizeof *made);
    *made = (struct sink_qcow2){
        .sink = {.ops = &QCOW2_OPS, .writes_zeroes = spec->backing_name != NULL},
        .fd = spec->fd,
        .path = mem_strdup(spec->path),
        .label = mem_strdup(spec->label),
        .size = size_whole_sectors(spec->virtual_size),
        .compress = spec->compression == COMPRESSION_ZSTD,
        .halt = spec->halt,
    };
    if (!make_image(spec, made, err) || !start_server(spec, made, err)) {
        close_sink(&made->sink);
        return false;
    }
    *sink = &made->sink;
    return true;
}
