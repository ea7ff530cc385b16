/* Is this file what a record promises, although it is another one by inode or time? Read whole, compared with
 * the digest that the store keeps; where it keeps none, only the operator's word is left. Its structure must
 * fit in either case, and nobody may write to it meanwhile.
 *
 * Threads: any; under the store's lock. */
#ifndef REFPOINT_HOST_LAYERS_WAYS_PROOF_H
#define REFPOINT_HOST_LAYERS_WAYS_PROOF_H

#include "core/base/error.h"
#include "core/base/watch.h"
#include "core/host/layers/layers.h"
#include "core/model/ways.h"

struct proof_wishes {
    bool unproven; /* the operator's word is given */
    struct moment now;
    struct watch *watch;
};

/* path: where the layer's file is. On success the record is the file's, with path and digest, and *how says
 * how it came to that; the file is read-only. Refusals leave the record alone: 32779 it is not there, 32775
 * it is another one ("layer.size", "layer.content", "layer.structure"), or needs the operator's word
 * ("layer.unproven"), 32774 somebody writes to it. */
bool proof_of_layer(struct disk_point *record, const char *path, const struct proof_wishes *wishes,
                    enum adopted_how *how, struct error *err) WARN_UNUSED;
/* A template has no digest: its size is that of the record, and the operator's word is given. */
bool proof_of_template(const struct backing_file *record, const struct proof_wishes *wishes,
                       struct stat *status, struct error *err) WARN_UNUSED;

#endif
