/* qemu-img on files that are open already: given descriptors, never names, with the format of every layer and
 * the end of the chain written out, so that no header makes it open anything else (traps.md 7); ended at once
 * when the job is cancelled.
 *
 * Threads: the child dies with the thread that called. */
#ifndef REFPOINT_IMAGE_QEMU_IMG_H
#define REFPOINT_IMAGE_QEMU_IMG_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/image/nbd_server.h"
#include "core/job/job.h"

/* "json:{...}" for a chain, top first, below the last nothing; descriptor i of the layers arrives in the
 * child as first_descriptor + i. The caller's. */
char *qemu_img_chain(const struct nbd_server_layer *layers, size_t count, int first_descriptor);

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
