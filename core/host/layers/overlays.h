/* The images in a directory that have a backing file, whoever made them: read once, looked up for each file
 * that something may hang on.
 *
 * An overlay names its backing file beside itself, by a path, or as QEMU's file: or json: name; files are
 * compared, not names. Bounded: of each regular file the header and the name in it. Links are not followed.
 * Ownership: overlays_clear. Threads: any. */
#ifndef REFPOINT_HOST_LAYERS_OVERLAYS_H
#define REFPOINT_HOST_LAYERS_OVERLAYS_H

#include <stddef.h>
#include <sys/stat.h>

#include "core/base/error.h"

struct overlay {
    char *name; /* in the directory */
    dev_t device;
    ino_t inode; /* of its backing file */
};

struct overlays {
    struct overlay *items;
    size_t count;
};

bool overlays_read(int directory_fd, struct overlays *overlays, struct error *err) WARN_UNUSED;
void overlays_clear(struct overlays *overlays);
/* The first one that is based on this file, and is not called `except` (NULL: whatever it is called). NULL:
 * there is none. */
const struct overlay *overlays_find(const struct overlays *overlays, const struct stat *backing,
                                    const char *except);

#endif
