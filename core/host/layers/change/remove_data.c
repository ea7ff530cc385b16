#include "core/host/layers/change/remove_data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/change/recovery.h"
#include "core/host/layers/file_claim.h"
#include "core/host/layers/placement.h"
#include "core/host/layers/qemu_tools.h"
#include "core/host/layers/work_journal.h"
#include "core/image/nbd_client.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

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

static bool claim_all(const struct placement *placement, struct error *err)
{
    for (size_t i = 0; i < placement->count; i++) {
        if (!claim(&placement->disks[i], err))
            return error_context(err, "%s", placement->disks[i].label);
    }
    return true;
}

static bool write_journal(const struct store *store, const struct placement *placement, struct error *err)
{
    config_t config;
    config_init(&config);
    struct work_head head = {
        .operation = WORK_REMOVE_DATA,
        .point = {.point_id = placement->point->id, .collection_id = placement->point->collection_id}};
    work_head_set_machines(&head, placement->point);
    work_head_to_cfg(&head, config_root_setting(&config));
    bool ok = work_journal_write(store, &placement->point->id, &config, err);
    config_destroy(&config);
    work_head_clear(&head);
    return ok;
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
    CLEANUP_FREE struct nbd_server_layer *layers = mem_alloc(below->count * sizeof *layers);
    CLEANUP_FREE int *fds = mem_alloc(below->count * sizeof *fds);
    size_t opened = 0;
    bool ok = true;
    layers[0] = (struct nbd_server_layer){.fd = writable_fd, .format = below->links[0].format};
    for (size_t i = 1; ok && i < below->count; i++) {
        fds[opened] = open(below->links[i].path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        ok = fds[opened] >= 0 ||
             error_errno(err, errno, "point.layer", "cannot open %s", below->links[i].path);
        layers[i] = (struct nbd_server_layer){.fd = fds[opened++], .format = below->links[i].format};
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
    const struct nbd_server_layer child = {.fd = disk->child_fd, .format = disk->child_format};
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

static bool settle(const struct store *store, const struct placement *placement, struct error *err)
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

/* All of it, with files claimed and the journal written. */
static bool work(const struct store *store, const struct placement *placement, bool after_crash,
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
    if (!settle(store, placement, ok ? err : &while_settling))
        return false;
    step_reached(hook, "settled", 0);
    return work_journal_remove(store, &placement->point->id, ok ? err : &while_settling) && ok;
}

static bool check_type(const struct reference_point *point, struct error *err)
{
    if (point->type == POINT_TYPE_LOG_BASED)
        return true;
    error_set(err, RETURN_INVALID_STATE, "point.type", "the reference point %s has no log", point->name);
    return error_next(err, "There is nothing to remove; it can be destroyed.");
}

static bool check_free(const struct store *store, const struct reference_point *point, struct error *err)
{
    struct work_head head = {0};
    work_head_set_machines(&head, point);
    bool ok = work_journal_check_free(store, &point->collection_id, head.machines, head.machine_count, err);
    work_head_clear(&head);
    return ok;
}

uint32_t remove_data(const struct store *store, const struct object_path *path, const struct step_hook *hook,
                     struct error *err)
{
    CLEANUP_FD int lock = -1;
    struct placement placement;
    if (!store_lock(store, &lock, err) || !recovery_run(store, NULL, NULL, err) ||
        !placement_find(store, path, &placement, err))
        return err->code;
    bool ok = check_type(placement.point, err) && proc_check_program("qemu-nbd", err) &&
              check_free(store, placement.point, err) && claim_all(&placement, err) &&
              write_journal(store, &placement, err);
    if (ok) {
        step_reached(hook, "prepared", 0);
        ok = work(store, &placement, false, hook, err);
        if (!ok) {
            error_begun(err);
            error_next(
                err, "Part of the data may be gone, so that the point is only a base now. Remove the cause, "
                     "then ask again, or run \"refpoint store check\".");
        }
    }
    placement_clear(&placement);
    return ok ? RETURN_DONE : err->code;
}

bool remove_data_recover(const struct store *store, const struct object_path *path,
                         const struct step_hook *hook, struct findings *findings, struct error *err)
{
    struct placement placement;
    if (!placement_find(store, path, &placement, err))
        return false;
    bool ok = true;
    if (claim_all(&placement, err)) {
        ok = work(store, &placement, true, hook, err);
        if (ok)
            findings_add(findings, "the data of the reference point %s has been removed to the end",
                         placement.point->name);
    } else {
        /* A machine runs on the layers: what was given back stays so, the rest can be asked for again. */
        ok = settle(store, &placement, err) && work_journal_remove(store, &placement.point->id, err);
        if (ok)
            findings_add(findings,
                         "removing the data of the reference point %s was interrupted; what is left can be "
                         "removed when its machines are off",
                         placement.point->name);
    }
    placement_clear(&placement);
    return ok;
}
