/* Files beneath a disk's image that are no layers of points: templates that the operator registered, and
 * layers that belong to no point any more. A machine's disk says that they may be read; a point's disk keeps
 * what they were, nearest first. They are told apart by their path, never by their place in the list: in a
 * chain they may lie above layers of points as well as beneath them.
 *
 * Threads: any. Ownership: what is added is copied. */
#ifndef REFPOINT_HOST_LAYERS_TEMPLATES_H
#define REFPOINT_HOST_LAYERS_TEMPLATES_H

#include <sys/stat.h>

#include "core/host/layers/layers.h"
#include "core/model/model.h"

/* What is recorded of the file with this path; NULL when nothing is. */
struct backing_file *templates_find(const struct disk *disk, const char *path);
/* Those of the chain as they are now, and no others. */
void templates_record(struct disk *disk, const struct chain *chain);
/* One more, in front of the one with the path `before` (NULL, or no such: in front of all); false when it was
 * known. */
bool templates_add(struct disk *disk, const struct backing_file *file, const char *before);

/* What the point keeps of the file is renewed: it was changed by us, or taken by the operator's word
 * (unproven_since, else NULL). false: the point has nothing of it. */
bool templates_renew(struct reference_point *point, const char *path, const struct stat *status,
                     const struct moment *unproven_since);

#endif
