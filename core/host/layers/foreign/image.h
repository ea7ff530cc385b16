/* The image that a disk's machine writes to, open and claimed: what is looked at before it is frozen. */
#ifndef REFPOINT_HOST_LAYERS_FOREIGN_IMAGE_H
#define REFPOINT_HOST_LAYERS_FOREIGN_IMAGE_H

#include "core/model/model.h"

struct active_image { /* all borrowed */
    const char *path;
    const char *label; /* "web01/vda" */
    enum disk_format format;
    int directory_fd;
    int fd;
};

#endif
