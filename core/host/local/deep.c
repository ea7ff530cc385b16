/* `store check --deep`: every layer is read whole. The first time its digest is kept, from then on it is
 * compared: what no time and no inode shows (bit rot, a file altered with its times put back) is found, and a
 * copy of the layer can be proved. Reading takes no lock: only the record's change does. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/layers.h"
#include "core/host/layers/qemu_tools.h"
#include "core/host/local/internal.h"
#include "core/system/digest.h"
#include "core/system/fs.h"

static void find_other_content(const struct layer *layer, struct findings *findings)
{
    findings_add(
        findings,
        "point %s: the content of the layer %s of disk %s is another one than when it was first read, "
        "and its times do not show it: it has rotted or was altered. Bring the file back from a copy, "
        "then \"refpoint store adopt\"; or \"refpoint point forget\"",
        layer->point->name, layer->disk->layer_path, layer->disk->disk_id);
}

/* The same disk in the point as the store has it now; NULL: it is another file by now, or gone. */
static struct disk_point *find_again(struct reference_point *point, const struct layer *layer)
{
    for (size_t m = 0; m < point->member_count; m++) {
        for (size_t d = 0; d < point->members[m].disk_count; d++) {
            struct disk_point *disk = &point->members[m].disks[d];
            if (guid_equal(&point->members[m].machine.id, &layer->member->machine.id) &&
                guid_equal(&disk->disk_uuid, &layer->disk->disk_uuid) && disk->layer_path &&
                strcmp(disk->layer_path, layer->disk->layer_path) == 0)
                return disk;
        }
    }
    return NULL;
}

static bool keep(const struct store *store, const struct layer *layer, const struct stat *status,
                 const char *sha256, struct findings *findings, struct error *err)
{
    const struct object_path path = {.point_id = layer->point->id,
                                     .collection_id = layer->point->collection_id};
    struct reference_point point;
    struct error reason;
    CLEANUP_FD int lock = -1;
    if (!store_lock(store, &lock, &reason)) {
        error_context(&reason, "the digest of %s was not kept", layer->disk->layer_path);
        findings_add_error(findings, &reason);
        return true; /* the others go on: they may have taken hours */
    }
    if (!store_read_point(store, &path, &point, &reason))
        return true; /* destroyed meanwhile */
    bool ok = true;
    struct disk_point *disk = find_again(&point, layer);
    if (disk && layer_is_unchanged(disk, status)) {
        if (disk->content_sha256 && strcmp(disk->content_sha256, sha256) != 0)
            find_other_content(layer, findings);
        if (!disk->content_sha256) {
            disk->content_sha256 = mem_strdup(sha256);
            ok = store_write_point(store, &point, err);
        }
    }
    reference_point_clear(&point);
    return ok;
}

/* One that is another file than the record's is told already, by what reads no content. */
static bool check_layer(const struct store *store, const struct layer *layer, struct watch *watch,
                        struct findings *findings, struct error *err)
{
    const char *path = layer->disk->layer_path;
    char sha256[DIGEST_TEXT];
    struct stat status;
    struct stat after;
    struct error unreadable;
    CLEANUP_FD int fd = open(path, LAYER_OPEN_FLAGS);
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        !layer_is_unchanged(layer->disk, &status))
        return true;
    if (!digest_file(fd, path, watch, sha256, &unreadable)) {
        if (strcmp(unreadable.key, "file.cancelled") == 0) {
            *err = unreadable;
            return false;
        }
        findings_add_error(findings, &unreadable);
        return true;
    }
    if (fstat(fd, &after) != 0 || !layer_is_unchanged(layer->disk, &after))
        return true;
    return keep(store, layer, &after, sha256, findings, err);
}

bool local_check_contents(const struct store *store, const struct layers *layers, struct watch *watch,
                          struct findings *findings, struct error *err)
{
    for (size_t i = 0; watch && i < layers->count; i++)
        watch->total += layers->items[i].disk->file_size;
    for (size_t i = 0; i < layers->count; i++) {
        if (layers->items[i].disk->layer_path && !check_layer(store, &layers->items[i], watch, findings, err))
            return false;
    }
    return true;
}
