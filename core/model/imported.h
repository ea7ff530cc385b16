/* What an import has put down, for who takes it into a store: the machines, their images as they were when
 * they were compared with the package, and the package's point.
 *
 * Ownership: imported_clear. Threads: one at a time. Units: bytes. */
#ifndef REFPOINT_MODEL_IMPORTED_H
#define REFPOINT_MODEL_IMPORTED_H

#include "core/model/model.h"

struct imported_image {
    char *path; /* absolute */
    uint64_t inode;
    uint64_t size;
    struct moment modified;
};

struct imported {
    uint64_t bytes; /* allocated */
    size_t files;
    struct reference_point point; /* as the package's record has it */
    bool renamed;                 /* the machines are others than the point's: new names and ids */
    /* As machine.cfg and domain.xml beside the images have them. Of their files, `file` is the absolute path
     * at which the content lies, and sha256 what it must be; NULL: the package does not hold it. */
    struct machine *machines;
    size_t machine_count;
    struct imported_image *images;
    size_t image_count;
};

void imported_clear(struct imported *imported);

#endif
