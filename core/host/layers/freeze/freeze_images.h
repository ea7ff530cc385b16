/* The images of all disks, open and claimed, as other tools left them: what hangs on them (foreign/above.h),
 * and what they hold of others (foreign/bitmaps.h). Threads: one at a time, under the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_FREEZE_FREEZE_IMAGES_H
#define REFPOINT_HOST_LAYERS_FREEZE_FREEZE_IMAGES_H

#include "core/host/layers/freeze/freeze_work.h"

/* Refuses, or says for each disk what its overlay takes along. */
bool freeze_check_images(struct freeze_work *work, const struct point_request *request,
                         struct error *err) WARN_UNUSED;

#endif
