#include "core/cli/demo/data.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/image/nbd/client.h"
#include "core/image/nbd/server.h"

#define CHUNK (2 * MIB)
#define PAGE ((size_t)4096)
#define CHANGES_PER_ROUND 12

enum change_kind { CHANGE_WRITE, CHANGE_ZERO, CHANGE_DISCARD };

struct writer {
    const struct demo_content *content;
    struct nbd_client *client;
    unsigned char *buffer; /* CHUNK bytes */
    uint64_t state;        /* of the generator */
};

/* splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators"). */
static uint64_t next_number(uint64_t *state)
{
    uint64_t number = (*state += 0x9e3779b97f4a7c15u);
    number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9u;
    number = (number ^ (number >> 27)) * 0x94d049bb133111ebu;
    return number ^ (number >> 31);
}

/* Every fourth page is text that compresses, the others do not. */
static void fill(struct writer *writer, size_t length)
{
    for (size_t page = 0; page < length; page += PAGE) {
        unsigned char *at = writer->buffer + page;
        size_t room = length - page < PAGE ? length - page : PAGE;
        uint64_t number = next_number(&writer->state);
        if (number % 4 == 0) {
            char line[64];
            int width = snprintf(line, sizeof line, "demo record %016" PRIx64 " of %s\n", number,
                                 writer->content->label);
            size_t step = (size_t)width < sizeof line ? (size_t)width : sizeof line - 1;
            for (size_t i = 0; i < room; i++)
                at[i] = (unsigned char)line[i % step];
            continue;
        }
        for (size_t i = 0; i < room; i += sizeof number) {
            number = next_number(&writer->state);
            memcpy(at + i, &number, room - i < sizeof number ? room - i : sizeof number);
        }
    }
}

static bool write_range(struct writer *writer, uint64_t offset, uint64_t length, struct error *err)
{
    while (length > 0) {
        size_t step = length < CHUNK ? (size_t)length : CHUNK;
        fill(writer, step);
        if (!nbd_client_write(writer->client, writer->buffer, step, offset, err))
            return false;
        offset += step;
        length -= step;
    }
    return true;
}

/* Where round 0 puts its chunks: evenly over the disk. */
static uint64_t chunk_offset(const struct demo_content *content, uint64_t chunk)
{
    uint64_t chunks = content->data / CHUNK;
    uint64_t offset = content->size / chunks * chunk;
    return offset - offset % (64 * KIB);
}

static bool write_first_round(struct writer *writer, struct error *err)
{
    for (uint64_t chunk = 0; chunk < writer->content->data / CHUNK; chunk++) {
        if (!write_range(writer, chunk_offset(writer->content, chunk), CHUNK, err))
            return false;
    }
    return true;
}

static bool apply_change(struct writer *writer, enum change_kind kind, uint64_t offset, uint64_t length,
                         struct error *err)
{
    switch (kind) {
    case CHANGE_WRITE:
        return write_range(writer, offset, length, err);
    case CHANGE_ZERO:
        return nbd_client_zero(writer->client, length, offset, err);
    case CHANGE_DISCARD:
        return nbd_client_trim(writer->client, length, offset, err);
    }
    return true;
}

static bool write_later_round(struct writer *writer, struct error *err)
{
    static const enum change_kind kinds[] = {CHANGE_WRITE, CHANGE_ZERO, CHANGE_WRITE, CHANGE_DISCARD};
    uint64_t chunks = writer->content->data / CHUNK;
    for (unsigned i = 0; i < CHANGES_PER_ROUND; i++) {
        uint64_t chunk = next_number(&writer->state) % chunks;
        uint64_t offset = chunk_offset(writer->content, chunk);
        /* Whole chunks, parts of them at odd places, and, every third time, what was never written. */
        bool whole = i % 3 == 0;
        uint64_t length = whole ? CHUNK : 4096 + next_number(&writer->state) % (MIB / 512) * 512;
        if (!whole)
            offset += next_number(&writer->state) % (MIB / 512) * 512;
        if (i % 3 == 2 && chunk + 1 < chunks)
            offset += CHUNK;
        if (offset + length > writer->content->size)
            length = writer->content->size - offset;
        if (!apply_change(writer, kinds[i % ARRAY_LENGTH(kinds)], offset, length, err))
            return false;
    }
    return true;
}

static bool write_round(const struct demo_content *content, struct nbd_server *server, struct error *err)
{
    const struct nbd_client_spec spec = {.socket = nbd_server_socket(server),
                                         .label = content->label,
                                         .stopped = content->stopped,
                                         .context = content->context};
    struct writer writer = {
        .content = content, .buffer = mem_alloc(CHUNK), .state = content->seed * 1000 + content->round};
    bool ok = nbd_client_open(&spec, &writer.client, err);
    if (ok)
        ok = (content->round == 0 ? write_first_round(&writer, err) : write_later_round(&writer, err)) &&
             nbd_client_flush(writer.client, err);
    if (!ok)
        nbd_server_explain(server, err);
    nbd_client_close(writer.client);
    free(writer.buffer);
    return ok;
}

static bool open_layers(const struct demo_content *content, struct image_layer *layers, struct error *err)
{
    for (size_t i = 0; i < content->layer_count; i++) {
        int flags = (i == 0 ? O_RDWR : O_RDONLY) | O_CLOEXEC;
        layers[i] = (struct image_layer){.fd = open(content->layers[i], flags), .format = DISK_FORMAT_QCOW2};
        if (layers[i].fd < 0)
            return error_errno(err, errno, "file.open", "cannot open %s", content->layers[i]);
    }
    return true;
}

bool demo_data_write(const struct demo_content *content, struct error *err)
{
    struct image_layer *layers = mem_alloc(content->layer_count * sizeof *layers);
    struct nbd_server *server = NULL;
    for (size_t i = 0; i < content->layer_count; i++)
        layers[i].fd = -1;
    const struct nbd_server_spec spec = {.layers = layers,
                                         .layer_count = content->layer_count,
                                         .writable = true,
                                         .connections = 1,
                                         .label = content->label};
    bool ok = open_layers(content, layers, err) && nbd_server_start(&spec, &server, err);
    for (size_t i = 0; i < content->layer_count; i++)
        mem_cleanup_fd(&layers[i].fd);
    free(layers);
    if (!ok)
        return false;
    if (!write_round(content, server, err)) {
        nbd_server_abort(server);
        return false;
    }
    return nbd_server_end(server, err);
}
