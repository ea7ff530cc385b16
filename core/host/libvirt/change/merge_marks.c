#include "core/host/libvirt/change/merge_marks.h"

#include "core/host/layers/foreign/carry.h"

/* Both are to be cleared, whatever it returns. */
static bool read_marks(const struct marks_file *upper, const struct marks_file *lower,
                       struct image_bitmaps *above, struct image_bitmaps *below, struct error *err)
{
    *below = (struct image_bitmaps){0};
    return bitmaps_of(upper->layer->fd, upper->layer->format, upper->path, above, err) &&
           bitmaps_of(lower->layer->fd, lower->layer->format, lower->path, below, err);
}

static bool is_whole(const struct image_bitmaps *marks, const char *name)
{
    const struct image_bitmap *found = image_bitmaps_find(marks, name);
    return found && !found->inconsistent;
}

static bool remove_broken(const struct marks_file *lower, const struct image_bitmaps *above,
                          const struct image_bitmaps *below, struct error *err)
{
    for (size_t i = 0; i < below->count; i++) {
        const struct image_bitmap *mark = &below->items[i];
        bool whole = !mark->inconsistent && is_whole(above, mark->name);
        if (!whole && !qemu_remove_bitmap(lower->layer, mark->name, err))
            return false;
    }
    return true;
}

/* One that only the upper file has was begun above the lower one. */
static bool take_in(const struct marks_file *upper, const struct marks_file *lower,
                    const struct image_bitmap *mark, const struct image_bitmaps *below, struct error *err)
{
    const struct image_bitmap *own = image_bitmaps_find(below, mark->name);
    struct image_bitmap silent = *mark;
    silent.enabled = false;
    if (!own)
        return qemu_copy_bitmap(upper->layer, lower->layer, &silent, err);
    return qemu_enable_bitmap(lower->layer, mark->name, false, err) &&
           qemu_merge_bitmap(upper->layer, lower->layer, mark->name, err);
}

static bool merge_all(const struct marks_file *upper, const struct marks_file *lower,
                      const struct image_bitmaps *above, const struct image_bitmaps *below, struct error *err)
{
    if (!remove_broken(lower, above, below, err))
        return false;
    if (above->count > 0 && lower->info->version < 3 && !qemu_upgrade(lower->layer, err))
        return false;
    for (size_t i = 0; i < above->count; i++) {
        const struct image_bitmap *mark = &above->items[i];
        /* Broken in the lower file it went a moment ago: there is nothing whole to go on from. */
        const struct image_bitmap *own = image_bitmaps_find(below, mark->name);
        if (mark->inconsistent || (own && own->inconsistent))
            continue;
        if (!take_in(upper, lower, mark, below, err))
            return false;
    }
    return true;
}

static bool enable_all(const struct marks_file *lower, const struct image_bitmaps *above,
                       const struct image_bitmaps *below, struct error *err)
{
    for (size_t i = 0; i < above->count; i++) {
        const struct image_bitmap *mark = &above->items[i];
        if (mark->enabled && is_whole(below, mark->name) &&
            !qemu_enable_bitmap(lower->layer, mark->name, true, err))
            return false;
    }
    return true;
}

bool merge_marks(const struct marks_file *upper, const struct marks_file *lower, struct error *err)
{
    struct image_bitmaps above;
    struct image_bitmaps below;
    if (lower->layer->format != DISK_FORMAT_QCOW2)
        return true;
    bool ok = read_marks(upper, lower, &above, &below, err) && merge_all(upper, lower, &above, &below, err);
    image_bitmaps_clear(&above);
    image_bitmaps_clear(&below);
    return ok;
}

bool merge_marks_enable(const struct marks_file *upper, const struct marks_file *lower, struct error *err)
{
    struct image_bitmaps above;
    struct image_bitmaps below;
    if (lower->layer->format != DISK_FORMAT_QCOW2)
        return true;
    bool ok = read_marks(upper, lower, &above, &below, err) && enable_all(lower, &above, &below, err);
    image_bitmaps_clear(&above);
    image_bitmaps_clear(&below);
    return ok;
}
