#include "core/host/libvirt/change/punch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/units.h"
#include "core/syntax/json.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

#define WINDOW (4 * GIB) /* so that a map stays small, whatever the disk's size */

struct piece { /* of the disk; where it is in the file, for the layer's */
    uint64_t start;
    uint64_t length;
    uint64_t offset;
};

struct pieces {
    struct piece *items;
    size_t count;
};

static char *describe(enum disk_format format)
{
    /* Without QEMU's locks: whoever has it open knows nothing of us, and nothing that is read here is changed
     * by him. */
    return mem_format(
        "json:{\"driver\":\"%s\",%s\"file\":{\"driver\":\"file\",\"filename\":\"/proc/self/fd/3\","
        "\"locking\":\"off\"}}",
        disk_format_word(format), format == DISK_FORMAT_QCOW2 ? "\"backing\":null," : "");
}

static bool wanted(const json_t *row, bool of_layer)
{
    if (!of_layer)
        return json_get_bool(row, "present", false);
    /* Compressed clusters have no place of their own. */
    return json_get_bool(row, "data", false) && json_object_get(row, "offset") &&
           !json_get_bool(row, "compressed", false);
}

static void take_rows(const json_t *rows, bool of_layer, struct pieces *pieces)
{
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        if (!wanted(row, of_layer))
            continue;
        *ARRAY_APPEND(pieces->items, pieces->count) =
            (struct piece){.start = (uint64_t)json_integer_value(json_object_get(row, "start")),
                           .length = (uint64_t)json_integer_value(json_object_get(row, "length")),
                           .offset = (uint64_t)json_integer_value(json_object_get(row, "offset"))};
    }
}

static bool map(int fd, enum disk_format format, uint64_t start, uint64_t length, bool of_layer,
                struct pieces *pieces, struct error *err)
{
    CLEANUP_FREE char *image = describe(format);
    CLEANUP_FREE char *from = mem_format("--start-offset=%llu", (unsigned long long)start);
    CLEANUP_FREE char *most = mem_format("--max-length=%llu", (unsigned long long)length);
    CLEANUP_FREE char *said = NULL;
    const char *const arguments[] = {"qemu-img", "map", "--output=json", from, most, image, NULL};
    const struct proc_spec spec = {.argv = arguments, .descriptors = &fd, .descriptor_count = 1};
    if (!proc_run(&spec, -1, "image.map", &said, err))
        return false;
    json_t *rows = json_loads(said, 0, NULL);
    bool ok = json_is_array(rows);
    if (ok)
        take_rows(rows, of_layer, pieces);
    json_decref(rows);
    return ok || error_set(err, RETURN_FAILED, "image.map", "qemu-img map gave no sensible answer");
}

static bool make_hole(const struct punch *punch, uint64_t offset, uint64_t length, struct error *err)
{
    if (fallocate(punch->layer_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
                  (off_t)length) == 0)
        return true;
    error_errno(err, errno, "point.punch", "%s: cannot give back the space of %s", punch->label,
                punch->layer);
    if (err->code == RETURN_FAILED)
        error_next(err, "The file system must be able to make holes in files (ext4, XFS, btrfs, tmpfs can).");
    return false;
}

static uint64_t least(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

static bool punch_both(const struct punch *punch, const struct pieces *owned, const struct pieces *data,
                       struct error *err)
{
    size_t at = 0;
    for (size_t i = 0; i < data->count; i++) {
        const struct piece *piece = &data->items[i];
        uint64_t end = piece->start + piece->length;
        while (at < owned->count && owned->items[at].start + owned->items[at].length <= piece->start)
            at++;
        for (size_t j = at; j < owned->count && owned->items[j].start < end; j++) {
            const struct piece *over = &owned->items[j];
            uint64_t from = over->start > piece->start ? over->start : piece->start;
            uint64_t to = least(over->start + over->length, end);
            if (from < to && !make_hole(punch, piece->offset + (from - piece->start), to - from, err))
                return false;
        }
    }
    return true;
}

static bool punch_window(const struct punch *punch, uint64_t start, uint64_t length, struct error *err)
{
    struct pieces owned = {0};
    struct pieces data = {0};
    bool ok = map(punch->upper_fd, DISK_FORMAT_QCOW2, start, length, false, &owned, err);
    if (ok && owned.count > 0)
        ok = map(punch->layer_fd, punch->layer_format, start, length, true, &data, err) &&
             fs_sync(punch->upper_fd, punch->label, err) && punch_both(punch, &owned, &data, err);
    free(owned.items);
    free(data.items);
    return ok;
}

bool punch_shadowed(const struct punch *punch, struct error *err)
{
    for (uint64_t at = 0; at < punch->size; at += WINDOW) {
        uint64_t length = least(WINDOW, punch->size - at);
        if (!punch_window(punch, at, length, err))
            return false;
        if (!watch_advance(punch->watch, length)) {
            error_set(err, RETURN_FAILED, "point.ended", "%s: giving back its space was ended", punch->label);
            return error_next(err, "Ask again for the rest: it begins where it is.");
        }
    }
    return true;
}
