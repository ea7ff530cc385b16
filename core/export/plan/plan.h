/* Planning one disk: which ranges of it an export has to write. Never reads data.
 *
 * Full: every range that does not certainly read zero. Differential from B: the point's chain is opened cut
 * above B, so that depth 0 means "unchanged since B" and however large a base costs nothing; what has a depth
 * was written, zeroed or discarded since (also where a layer in between was shrunk: QEMU attributes what lies
 * behind its end to it). Behind the end of a shorter base everything is changed, whatever the depth, and
 * there the whole chain is asked what reads zero. Zeroes of the difference are zeroes to be written
 * (traps.md 1, 3).
 *
 * A disk that is served, and one whose marks were gathered in its first layer, has a bitmap in place of
 * depths: what is dirty in it was written, zeroed or discarded since B. Behind the end of a shorter base the
 * bitmap says nothing, and everything is changed.
 *
 * Depth and bitmap say only what is changed; the data itself is always read from the whole chain, since a
 * cluster of the package may cover ranges that are not changed.
 *
 * Threads: one, which outlives the call (children). Units: bytes. */
#ifndef REFPOINT_EXPORT_PLAN_PLAN_H
#define REFPOINT_EXPORT_PLAN_PLAN_H

#include "core/base/error.h"
#include "core/export/plan/planner.h"
#include "core/export/plan/task.h"
#include "core/export/source/place_list.h"
#include "core/image/layer.h"
#include "core/job/halt.h"

struct plan_spec {
    const struct export_served *served; /* in place of layers; NULL */
    const struct image_layer *layers;   /* the whole chain, the point's layer first */
    size_t layer_count;
    size_t base_layer;  /* index of B */
    const char *bitmap; /* in place of base_layer; NULL */
    bool differential;
    uint64_t base_virtual_size;
    uint64_t virtual_size; /* true size, as the point's record has it */
    const char *label;
    struct halt *halt;
};

/* list: opened and empty, or NULL for totals only. places: opened and empty, or NULL where nobody wants to
 * know where the data lies (with a list only; a disk that is served gets none). 32775 when the image has
 * another size than the record, or the server not the bitmap ("image.changes"); "export.source-gone"
 * (source/source.h); with places those of places.h and image_map.h. */
bool plan_disk(const struct plan_spec *spec, struct run_list *list, struct place_list *places,
               struct plan_totals *totals, struct error *err) WARN_UNUSED;

#endif
