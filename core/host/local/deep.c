/* `store check --deep`: every layer is read whole. The first time its digest is kept, from then on it is
 * compared: what no time and no inode shows (bit rot) is found, what was done to a file and may have been a
 * write is settled, and a copy of the layer can be proved. Reading takes no lock: only the record's change
 * does. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/layers/layers.h"
#include "core/host/local/internal.h"
#include "core/system/digest.h"
#include "core/system/fs.h"
#include "core/system/page_cache.h"

#define WRITE_BITS 0222

struct reading {
    const struct store *store;
    struct watch *watch;
    struct findings *findings;
};

/* "point monday, machine web01, disk vda"; the caller's. */
static char *place_of(const struct layer *layer)
{
    return mem_format("point %s, machine %s, disk %s", layer->point->name, layer->member->machine.name,
                      layer->disk->disk_id);
}

static void find_other_content(const struct layer *layer, enum layer_state state, struct findings *findings)
{
    CLEANUP_FREE char *place = place_of(layer);
    findings_add(
        findings,
        "%s: the content of the layer %s is another one than when it was first read: it %s. What the "
        "point held of this disk is lost here, and so it is for later points that read through it. "
        "Bring the file back from a copy, then \"refpoint store adopt\"; from a package of the point "
        "\"refpoint package import\" makes the disk; another point may be whole: export that; "
        "\"refpoint point forget\" gives this one up",
        place, layer->disk->layer_path,
        state == LAYER_TOUCHED ? "was altered, and its time of modification put back"
                               : "has rotted, since no time shows a write");
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

/* What was done to it is known to be no write. Read-only again, as freezing left it; where that is not ours
 * to do, the next look says so. */
static bool take_again(struct disk_point *disk, int fd, const struct stat *status, const struct layer *layer,
                       struct findings *findings)
{
    struct stat now = *status;
    CLEANUP_FREE char *place = place_of(layer);
    if ((now.st_mode & WRITE_BITS) && fchmod(fd, now.st_mode & 07777 & ~(mode_t)WRITE_BITS) == 0 &&
        fstat(fd, &now) != 0)
        return false;
    findings_add(findings,
                 "%s: something was done to the layer %s after it was frozen, and its content is the same as "
                 "when it was first read: it is taken as it is now",
                 place, disk->layer_path);
    return layer_take_touch(disk, &now);
}

/* Whether the record becomes another one. */
static bool settle(struct disk_point *disk, int fd, const struct stat *status, const char *sha256,
                   const struct layer *layer, struct findings *findings)
{
    enum layer_state state = layer_state(disk, status, disk->layer_path);
    if (state == LAYER_ANOTHER || (state == LAYER_TOUCHED && !disk->content_sha256))
        return false; /* told already, or it was changed meanwhile */
    if (disk->content_sha256 && strcmp(disk->content_sha256, sha256) != 0) {
        find_other_content(layer, state, findings);
        return false;
    }
    if (state == LAYER_TOUCHED)
        return take_again(disk, fd, status, layer, findings);
    bool changed = layer_take_touch(disk, status);
    if (disk->content_sha256)
        return changed;
    CLEANUP_FREE char *place = place_of(layer);
    disk->content_sha256 = mem_strdup(sha256);
    findings_note(findings, "%s: the digest of the layer %s was made now; from now on it is compared", place,
                  disk->layer_path);
    return true;
}

static bool keep(const struct reading *reading, const struct layer *layer, int fd, const struct stat *status,
                 const char *sha256, struct error *err)
{
    const struct object_path path = {.point_id = layer->point->id,
                                     .collection_id = layer->point->collection_id};
    struct reference_point point;
    struct error reason;
    CLEANUP_FD int lock = -1;
    if (!store_lock(reading->store, &lock, &reason)) {
        error_context(&reason, "the digest of %s was neither kept nor compared", layer->disk->layer_path);
        findings_add_error(reading->findings, &reason);
        return true; /* the others go on: they may have taken hours */
    }
    if (!store_read_point(reading->store, &path, &point, &reason))
        return true; /* destroyed meanwhile */
    struct disk_point *disk = find_again(&point, layer);
    bool ok = !disk || !settle(disk, fd, status, sha256, layer, reading->findings) ||
              store_write_point(reading->store, &point, err);
    reference_point_clear(&point);
    return ok;
}

/* What reading it can tell nothing about is told already, by what reads no content. */
static bool is_to_be_read(const struct layer *layer, const struct stat *status)
{
    enum layer_state state = layer_state(layer->disk, status, layer->disk->layer_path);
    return S_ISREG(status->st_mode) &&
           (state == LAYER_UNCHANGED || (state == LAYER_TOUCHED && layer->disk->content_sha256));
}

static bool is_still(const struct stat *before, const struct stat *after)
{
    const struct touch then = touch_of(before);
    const struct touch now = touch_of(after);
    return fs_is_untouched(before, after) && touch_equal(&then, &now);
}

static bool check_layer(const struct reading *reading, const struct layer *layer, struct error *err)
{
    const char *path = layer->disk->layer_path;
    char sha256[DIGEST_TEXT];
    struct stat status;
    struct stat after;
    struct error unreadable;
    CLEANUP_FD int fd = open(path, LAYER_OPEN_FLAGS);
    if (fd < 0 || fstat(fd, &status) != 0 || !is_to_be_read(layer, &status))
        return true;
    /* From the disk, as far as the system lets it go: what is in memory has not rotted. */
    page_cache_drop(fd, 0, 0);
    if (!digest_file(fd, path, reading->watch, sha256, &unreadable)) {
        if (strcmp(unreadable.key, "file.cancelled") == 0) {
            *err = unreadable;
            return false;
        }
        CLEANUP_FREE char *place = place_of(layer);
        error_context(&unreadable, "%s", place);
        findings_add_error(reading->findings, &unreadable);
        return true;
    }
    page_cache_drop(fd, 0, 0);
    if (fstat(fd, &after) != 0 || !is_still(&status, &after)) {
        CLEANUP_FREE char *place = place_of(layer);
        findings_add(reading->findings,
                     "%s: something was done to the layer %s while it was read: its content was not compared",
                     place, path);
        return true;
    }
    return keep(reading, layer, fd, &after, sha256, err);
}

static uint64_t bytes_to_read(const struct layers *layers)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < layers->count; i++) {
        struct stat status;
        if (lstat(layers->items[i].disk->layer_path, &status) == 0 &&
            is_to_be_read(&layers->items[i], &status))
            bytes += (uint64_t)status.st_size;
    }
    return bytes;
}

bool local_check_contents(const struct store *store, const struct layers *layers, struct watch *watch,
                          struct findings *findings, struct error *err)
{
    const struct reading reading = {.store = store, .watch = watch, .findings = findings};
    if (watch)
        watch->total = bytes_to_read(layers);
    for (size_t i = 0; i < layers->count; i++) {
        if (!check_layer(&reading, &layers->items[i], err))
            return false;
    }
    return true;
}
