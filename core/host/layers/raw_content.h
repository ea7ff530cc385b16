/* Is a raw image really one? A qcow2 (vmdk ...) file that is declared raw would be handed to the machine as
 * it is: its disk begins with a header, and has the size of the file. A guest whose own disk begins so is
 * rare, and its operator knows. Threads: any. */
#ifndef REFPOINT_HOST_LAYERS_RAW_CONTENT_H
#define REFPOINT_HOST_LAYERS_RAW_CONTENT_H

#include "core/base/error.h"
#include "core/host/layers/layers.h"

/* The image and the templates beneath it; layers are what they were. 32770, key "disk.looks-like", unless
 * disk->raw_content. */
bool raw_content_check(const struct disk *disk, const struct chain *chain, struct error *err) WARN_UNUSED;

#endif
