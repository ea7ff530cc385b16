#include "core/host/layers/freeze/freeze_images.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/host/layers/foreign/above.h"
#include "core/host/layers/foreign/bitmaps.h"

bool freeze_check_images(struct freeze_work *work, const struct point_request *request, struct error *err)
{
    CLEANUP_FREE struct active_image *images = mem_alloc(work->count * sizeof *images);
    CLEANUP_FREE char **labels = mem_alloc(work->count * sizeof *labels);
    CLEANUP_FREE struct image_bitmaps *carried = mem_alloc(work->count * sizeof *carried);
    for (size_t i = 0; i < work->count; i++) {
        const struct freeze_disk *disk = &work->disks[i];
        labels[i] = freeze_disk_label(work, disk);
        images[i] = (struct active_image){.path = disk->image,
                                          .label = labels[i],
                                          .format = freeze_disk_before(work, disk)->format,
                                          .directory_fd = disk->directory_fd,
                                          .fd = disk->image_fd};
    }
    bool ok = foreign_nothing_above(images, work->count, err) &&
              foreign_settle_bitmaps(images, work->count, request, carried, err);
    for (size_t i = 0; i < work->count; i++) {
        work->disks[i].carried = carried[i];
        free(labels[i]);
    }
    return ok;
}
