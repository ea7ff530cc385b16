#include "core/host/layers/foreign/bitmaps.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/host/layers/foreign/carry.h"

/* What has been found on the way through all images. */
struct settling {
    const struct point_request *request;
    bool *dropped; /* for each name of the request: an image has it */
    struct strbuf refused;
    bool only_inconsistent;
};

static bool is_dropped(struct settling *settling, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < settling->request->drop_bitmap_count; i++) {
        if (strcmp(settling->request->drop_bitmaps[i], name) == 0) {
            settling->dropped[i] = true;
            found = true;
        }
    }
    return found;
}

static void add_refused(struct settling *settling, const struct active_image *image,
                        const struct image_bitmap *bitmap, bool first)
{
    if (first)
        strbuf_addf(&settling->refused, "%s%s: ", settling->refused.length ? "; " : "", image->label);
    strbuf_addf(&settling->refused, "%s%s%s", first ? "" : ", ", bitmap->name,
                bitmap->inconsistent ? " (inconsistent)" : "");
}

/* What an RCT based point has in the images (libvirt/rct/checkpoint.h): it goes along without a word. */
static bool is_of_a_point(const char *name)
{
    static const char prefix[] = "refpoint-";
    struct guid id;
    return strncmp(name, prefix, sizeof prefix - 1) == 0 && guid_parse(&id, name + sizeof prefix - 1);
}

static void settle_image(struct settling *settling, const struct active_image *image,
                         const struct image_bitmaps *held, struct image_bitmaps *carried)
{
    bool first = true;
    for (size_t i = 0; i < held->count; i++) {
        const struct image_bitmap *bitmap = &held->items[i];
        bool ours = is_of_a_point(bitmap->name);
        /* One of ours that nobody closed is useless; the next export against its point goes in full, and says
         * why. */
        if (is_dropped(settling, bitmap->name) || (ours && bitmap->inconsistent))
            continue;
        if ((ours || settling->request->carry_bitmaps) && !bitmap->inconsistent) {
            struct image_bitmap *taken = ARRAY_APPEND(carried->items, carried->count);
            *taken = *bitmap;
            taken->name = mem_strdup(bitmap->name);
            continue;
        }
        settling->only_inconsistent = settling->only_inconsistent && bitmap->inconsistent;
        add_refused(settling, image, bitmap, first);
        first = false;
    }
}

static bool refuse(const struct settling *settling, struct error *err)
{
    const char *names = settling->refused.data;
    if (settling->only_inconsistent) {
        error_set(err, RETURN_INVALID_STATE, "image.bitmap-inconsistent",
                  "dirty bitmaps in the images cannot be taken along: %s", names);
        error_cause(err, "whoever wrote to them did not close them; no tool can use them any more");
        return error_next(err, "Let each go by its name: --drop-bitmap NAME.");
    }
    error_set(err, RETURN_INVALID_STATE, "image.bitmaps", "the images hold dirty bitmaps of another tool: %s",
              names);
    error_cause(err, "they would stay in the frozen layer, and that tool's next incremental backup would be "
                     "wrong");
    return error_next(
        err, "Take them along with --carry-bitmaps; or let each go by its name, --drop-bitmap NAME: that "
             "tool then needs a full backup.");
}

static bool check_names(const struct settling *settling, struct error *err)
{
    for (size_t i = 0; i < settling->request->drop_bitmap_count; i++) {
        if (settling->dropped[i])
            continue;
        error_set(err, RETURN_INVALID_PARAMETER, "image.bitmap-unknown", "no image has a dirty bitmap %s",
                  settling->request->drop_bitmaps[i]);
        return error_next(err, "\"qemu-img info\" lists the bitmaps of an image; leave out what is gone.");
    }
    return true;
}

bool foreign_settle_bitmaps(const struct active_image *images, size_t count,
                            const struct point_request *request, struct image_bitmaps *carried,
                            struct error *err)
{
    struct settling settling = {.request = request,
                                .dropped = mem_alloc(request->drop_bitmap_count * sizeof(bool) + 1),
                                .only_inconsistent = true};
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        struct image_bitmaps held;
        ok = bitmaps_of(images[i].fd, images[i].format, images[i].path, &held, err);
        if (ok)
            settle_image(&settling, &images[i], &held, &carried[i]);
        image_bitmaps_clear(&held);
    }
    ok = ok && (settling.refused.length == 0 || refuse(&settling, err)) && check_names(&settling, err);
    free(settling.dropped);
    strbuf_free(&settling.refused);
    return ok;
}
