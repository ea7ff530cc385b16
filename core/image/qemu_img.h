/* qemu-img on files that are open already (image_layers_name), ended at once when the job is cancelled.
 *
 * Threads: the child dies with the thread that called. */
#ifndef REFPOINT_IMAGE_QEMU_IMG_H
#define REFPOINT_IMAGE_QEMU_IMG_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/job/job.h"

struct qemu_img {
    const char *const *argv; /* NULL-terminated; argv[0] "qemu-img" */
    const int *descriptors;  /* descriptor i arrives as 3 + i */
    size_t descriptor_count;
    struct job *job;                                 /* may be NULL */
    void (*progressed)(void *context, double share); /* 0 to 1, from "-p"; may be NULL */
    void *context;
};

/* 0 where it ended well; its exit status otherwise with err filled (key, cause: what it said); -1 when it was
 * cancelled, could not be started, or was killed. */
int qemu_img_run(const struct qemu_img *tool, const char *key, struct error *err) WARN_UNUSED;

#endif
