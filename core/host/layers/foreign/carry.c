#include "core/host/layers/foreign/carry.h"

#include <stdlib.h>

#include "core/base/mem.h"

bool bitmaps_of(int fd, enum disk_format format, const char *path, struct image_bitmaps *bitmaps,
                struct error *err)
{
    struct image_info info;
    *bitmaps = (struct image_bitmaps){0};
    if (!image_inspect(fd, format, path, &info, err))
        return false;
    bool ok = image_bitmaps_read(fd, &info, path, bitmaps, err);
    image_info_clear(&info);
    return ok;
}

void bitmaps_keep_usable(struct image_bitmaps *bitmaps)
{
    size_t kept = 0;
    for (size_t i = 0; i < bitmaps->count; i++) {
        if (bitmaps->items[i].inconsistent)
            free(bitmaps->items[i].name);
        else
            bitmaps->items[kept++] = bitmaps->items[i];
    }
    bitmaps->count = kept;
}

bool bitmaps_copy(const struct qemu_layer *from, const struct image_bitmaps *bitmaps,
                  const struct qemu_layer *to, const char *path, struct error *err)
{
    struct image_bitmaps made;
    for (size_t i = 0; i < bitmaps->count; i++) {
        if (!qemu_copy_bitmap(from, to, &bitmaps->items[i], err))
            return error_context(err, "the dirty bitmap %s", bitmaps->items[i].name);
    }
    /* Trusts nothing: another tool's next backup rests on it. */
    if (!bitmaps_of(to->fd, to->format, path, &made, err))
        return false;
    bool same = image_bitmaps_same(&made, bitmaps);
    image_bitmaps_clear(&made);
    if (same)
        return true;
    error_set(err, RETURN_FAILED, "image.bitmap", "the dirty bitmaps did not come over into %s", path);
    return error_next(err, "Run \"refpoint store check\", then try again.");
}

bool bitmaps_remove(const struct qemu_layer *layer, const char *path, struct error *err)
{
    struct image_bitmaps held;
    if (!bitmaps_of(layer->fd, layer->format, path, &held, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < held.count; i++)
        ok = qemu_remove_bitmap(layer, held.items[i].name, err);
    image_bitmaps_clear(&held);
    return ok;
}
