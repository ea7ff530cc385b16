/* A chain as its headers tell it, whatever is wrong with it: for records that are dropped or mended just
 * because something is wrong. Nothing is refused, nothing that is found may be given to QEMU, and nothing is
 * left open (chain_read in layers.h is for that).
 *
 * Ownership: loose_chain_clear. Threads: any. */
#ifndef REFPOINT_HOST_LAYERS_WAYS_LOOSE_CHAIN_H
#define REFPOINT_HOST_LAYERS_WAYS_LOOSE_CHAIN_H

#include "core/host/layers/layers.h"

struct loose_link {
    char *path;
    enum disk_format format; /* by its record where a point has it, else by the header above it */
};

struct loose_chain {
    struct loose_link *links; /* [0] = where it was started */
    size_t count;
    bool whole; /* down to a file that needs nothing; false: it leads on to what cannot be read */
};

void loose_chain_read(const char *path, enum disk_format format, const struct layers *layers,
                      struct loose_chain *chain);
void loose_chain_clear(struct loose_chain *chain);
/* SIZE_MAX when no link is this file. */
size_t loose_chain_find(const struct loose_chain *chain, const char *path);

#endif
