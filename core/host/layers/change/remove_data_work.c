#include "core/host/layers/change/remove_data_work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/file/claim.h"
#include "core/host/layers/qemu_tools.h"
#include "core/host/layers/work_journal.h"
#include "core/image/nbd/client.h"
#include "core/system/fs.h"

#define WRITE_BITS 0222
#define OWNED_DEPTH 1

static bool claim(const struct placed_disk *disk, struct error *err)
{
    const char *path = disk->layer->disk->layer_path;
    if (disk->child && !file_claim(disk->child_fd, CLAIM_STILL, disk->child, err))
        return false;
    return disk->fd < 0 ||
           (file_claim_unpinned(disk->fd, path, err) && file_claim(disk->fd, CLAIM_CHANGE, path, err));
}

bool remove_data_claim(const struct placement *placement, struct error *err)
{
    for (size_t i = 0; i < placement->count; i++) {
        if (!claim(&placement->disks[i], err))
            return error_context(err, "%s", placement->disks[i].label);
    }
    return true;
}

/* Both ends of the discard: what the child owns, and the layer that need not keep it. */
struct discard {
    struct nbd_client *child;
    struct nbd_client *layer;
    uint64_t end; /* of the shorter one */
};

static bool discard_owned(const struct discard *discard, struct error *err)
{
    struct nbd_extents extents = {0};
    uint64_t at = 0;
    bool ok = true;
    while (ok && at < discard->end) {
        ok = nbd_client_status(discard->child, at, discard->end - at, &extents, err);
        for (size_t i = 0; ok && i < extents.count; i++) {
            const struct nbd_extent *extent = &extents.items[i];
            if (extent->depth == OWNED_DEPTH)
                ok = nbd_client_trim(discard->layer, extent->length, at, err);
            at += extent->length;
        }
    }
    nbd_extents_clear(&extents);
    return ok && nbd_client_flush(discard->layer, err);
}

static bool connect_and_discard(const struct placed_disk *disk, struct nbd_server *child_server,
                                struct nbd_server *layer_server, struct error *err)
{
    const struct nbd_client_spec child_spec = {
        .socket = nbd_server_socket(child_server), .label = disk->label, .extents = true, .depth = true};
    const struct nbd_client_spec layer_spec = {.socket = nbd_server_socket(layer_server),
                                               .label = disk->label};
    struct discard discard = {0};
    bool ok = nbd_client_open(&child_spec, &discard.child, err);
    if (!ok)
        nbd_server_explain(child_server, err);
    if (ok && !nbd_client_open(&layer_spec, &discard.layer, err)) {
        nbd_server_explain(layer_server, err);
        ok = false;
    }
    if (ok) {
        uint64_t child_size = nbd_client_size(discard.child);
        uint64_t layer_size = nbd_client_size(discard.layer);
        discard.end = child_size < layer_size ? child_size : layer_size;
        ok = discard_owned(&discard, err);
    }
    nbd_client_close(discard.child);
    nbd_client_close(discard.layer);
    return ok;
}

static void close_all(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
}

/* The layer for writing (writable_fd), its own backing files beneath it for reading. */
static bool start_layer_server(const struct placed_disk *disk, int writable_fd, struct nbd_server **server,
                               struct error *err)
{
    const struct chain *below = &disk->below;
    CLEANUP_FREE struct image_layer *layers = mem_alloc(below->count * sizeof *layers);
    CLEANUP_FREE int *fds = mem_alloc(below->count * sizeof *fds);
    size_t opened = 0;
    bool ok = true;
    layers[0] = (struct image_layer){.fd = writable_fd, .format = below->links[0].format};
    for (size_t i = 1; ok && i < below->count; i++) {
        fds[opened] = open(below->links[i].path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        ok = fds[opened] >= 0 ||
             error_errno(err, errno, "point.layer", "cannot open %s", below->links[i].path);
        layers[i] = (struct image_layer){.fd = fds[opened++], .format = below->links[i].format};
    }
    const struct nbd_server_spec spec = {.layers = layers,
                                         .layer_count = below->count,
                                         .writable = true,
                                         .connections = 1,
                                         .label = disk->label};
    ok = ok && nbd_server_start(&spec, server, err);
    close_all(fds, opened);
    return ok;
}

static bool serve_and_discard(const struct placed_disk *disk, int writable_fd, struct error *err)
{
    const struct image_layer child = {.fd = disk->child_fd, .format = disk->child_format};
    const struct nbd_server_spec child_spec = {
        .layers = &child, .layer_count = 1, .connections = 1, .label = disk->label};
    struct nbd_server *child_server = NULL;
    struct nbd_server *layer_server = NULL;
    bool ok = nbd_server_start(&child_spec, &child_server, err) &&
              start_layer_server(disk, writable_fd, &layer_server, err) &&
              connect_and_discard(disk, child_server, layer_server, err);
    if (!ok) {
        nbd_server_abort(child_server);
        nbd_server_abort(layer_server);
        return false;
    }
    bool ended = nbd_server_end(layer_server, err);
    nbd_server_abort(child_server); /* it only read */
    return ended;
}

/* A writer that was killed may have left clusters that nothing uses; the layer is given to QEMU alone. */
static bool repair(const struct placed_disk *disk, struct error *err)
{
    const struct qemu_layer layer = {.fd = disk->fd, .format = disk->below.links[0].format, .discard = true};
    return qemu_repair_leaks(&layer, err);
}

static bool change_mode(const struct placed_disk *disk, bool writable, struct error *err)
{
    struct stat status;
    if (fstat(disk->fd, &status) != 0)
        return error_errno(err, errno, "point.layer", "cannot look at %s", disk->layer->disk->layer_path);
    mode_t mode = status.st_mode & 07777;
    if (fchmod(disk->fd, writable ? mode | S_IWUSR : mode & ~(mode_t)WRITE_BITS) != 0)
        return error_errno(err, errno, "point.layer", "cannot change the mode of %s",
                           disk->layer->disk->layer_path);
    return true;
}

static bool discard_disk(const struct placed_disk *disk, bool after_crash, struct error *err)
{
    const char *path = disk->layer->disk->layer_path;
    if (!change_mode(disk, true, err) || !file_claim_release(disk->fd, path, err))
        return false;
    CLEANUP_FD int writable =
        openat(disk->directory_fd, path_name(path), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (writable < 0)
        return error_errno(err, errno, "point.layer", "cannot open %s for writing", path);
    return (!after_crash || repair(disk, err)) && serve_and_discard(disk, writable, err);
}

/* The layer as it is from now on: read-only, its new identity and size in the record. */
static bool settle_disk(const struct placed_disk *disk, struct error *err)
{
    struct stat status;
    const char *path = disk->layer->disk->layer_path;
    if (!change_mode(disk, false, err) || !fs_sync(disk->fd, path, err))
        return false;
    if (fstat(disk->fd, &status) != 0)
        return error_errno(err, errno, "point.layer", "cannot look at %s", path);
    layer_take_identity(disk->layer->disk, &status);
    return true;
}

bool remove_data_settle(const struct store *store, const struct placement *placement, struct error *err)
{
    placement->point->log_size = 0;
    placement->point->has_associated_log = false;
    for (size_t i = 0; i < placement->count; i++) {
        const struct placed_disk *disk = &placement->disks[i];
        struct stat status;
        if (disk->fd < 0)
            continue;
        if (!settle_disk(disk, err))
            return false;
        if (fstat(disk->fd, &status) == 0)
            placement->point->log_size += (uint64_t)status.st_blocks * 512;
    }
    return store_write_point(store, placement->point, err);
}

bool remove_data_do(const struct store *store, const struct placement *placement, bool after_crash,
                    const struct step_hook *hook, struct error *err)
{
    /* Before the first byte goes: a layer with holes must never be exported as if it were whole. */
    placement->point->has_associated_log = false;
    if (!store_write_point(store, placement->point, err))
        return false;
    step_reached(hook, "recorded", 0);
    bool ok = true;
    for (size_t i = 0; ok && i < placement->count; i++) {
        const struct placed_disk *disk = &placement->disks[i];
        if (disk->child && !discard_disk(disk, after_crash, err))
            ok = error_context(err, "%s", disk->label);
        step_reached(hook, "discarded", i);
    }
    struct error while_settling;
    if (!remove_data_settle(store, placement, ok ? err : &while_settling))
        return false;
    step_reached(hook, "settled", 0);
    return work_journal_remove(store, &placement->point->id, ok ? err : &while_settling) && ok;
}
