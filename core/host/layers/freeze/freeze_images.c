#include "core/host/layers/freeze/freeze_images.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/layers/foreign/above.h"
#include "core/host/layers/foreign/bitmaps.h"

static struct active_image image_of(const struct freeze_work *work, const struct freeze_disk *disk,
                                    const char *label)
{
    return (struct active_image){.path = disk->image,
                                 .label = label,
                                 .format = freeze_disk_before(work, disk)->format,
                                 .directory_fd = disk->directory_fd,
                                 .fd = disk->image_fd};
}

/* A running machine's bitmaps are in its QEMU, and its host takes them along. */
static bool settle_bitmaps(struct freeze_work *work, const struct active_image *images,
                           const struct point_request *request, struct error *err)
{
    CLEANUP_FREE struct active_image *still = mem_alloc(work->count * sizeof *still);
    CLEANUP_FREE struct image_bitmaps *carried = mem_alloc(work->count * sizeof *carried);
    CLEANUP_FREE size_t *places = mem_alloc(work->count * sizeof *places);
    size_t count = 0;
    for (size_t i = 0; i < work->count; i++) {
        if (freeze_disk_is_live(work, &work->disks[i]))
            continue;
        places[count] = i;
        still[count++] = images[i];
    }
    bool ok = foreign_settle_bitmaps(still, count, request, carried, err);
    for (size_t i = 0; i < count; i++)
        work->disks[places[i]].carried = carried[i];
    return ok;
}

bool freeze_check_images(struct freeze_work *work, const struct point_request *request, struct error *err)
{
    CLEANUP_FREE struct active_image *images = mem_alloc(work->count * sizeof *images);
    CLEANUP_FREE char **labels = mem_alloc(work->count * sizeof *labels);
    for (size_t i = 0; i < work->count; i++) {
        labels[i] = freeze_disk_label(work, &work->disks[i]);
        images[i] = image_of(work, &work->disks[i], labels[i]);
    }
    bool ok = foreign_nothing_above(images, work->count, err) && settle_bitmaps(work, images, request, err);
    for (size_t i = 0; i < work->count; i++)
        free(labels[i]);
    return ok;
}
