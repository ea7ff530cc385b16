/* Where a planned disk's data lies in the files of its chain: QEMU's map of the chain, laid beside the
 * extents that a qemu-nbd on the same chain tells to the plan.
 *
 * A range gets a place only where both say the same of it, data or zeroes, and the same depth, where the map
 * tells an offset that is possible for such a layer, and where the layer is a raw file or a qcow2 image
 * without encryption and external data file. Everything else (compressed clusters, whatever the two do not
 * agree on) gets none and is read by QEMU. A map that fails lets the plan fail. A chain that is one raw file
 * is its own map: data lies where it is read.
 *
 * A difference is planned on a chain that is cut above its base, and that is the chain whose map is asked
 * for: what lies in a layer above the cut lies at the same place in the whole chain, and neither a large base
 * nor its map costs anything. What the cut chain does not have is data of the base; the little of it that is
 * read, where a cluster of the package is changed in part, has no place.
 *
 * Files: a place must lie within the layer's file. QEMU reads zeroes behind its end, which is right for the
 * last sector of a raw file (of any size) and for the last cluster of a qcow2 image (which QEMU may leave
 * unwritten to its end; the rest of it gets no place). Data that lies farther out is lost, also where QEMU
 * tells that it is zero: "export.layer-short".
 *
 * Threads: one, which outlives it (a child process). Units: bytes. */
#ifndef REFPOINT_EXPORT_PLAN_PLACES_H
#define REFPOINT_EXPORT_PLAN_PLACES_H

#include "core/base/error.h"
#include "core/export/plan/run_list.h"
#include "core/export/source/place_list.h"
#include "core/image/layer.h"
#include "core/image/nbd/extents.h"
#include "core/job/halt.h"

struct places_spec {
    const struct image_layer *layers; /* as given to the qemu-nbd; needed until places_close */
    size_t layer_count;
    bool is_cut;    /* there are layers below: what these do not have is not zero */
    uint64_t start; /* of what the map is asked for */
    uint64_t end;
    const char *label;
    struct halt *halt;
};

struct places;

/* Starts QEMU's map; before the qemu-nbd is started, so that both run at once. */
bool places_open(const struct places_spec *spec, struct place_list *list, struct places **places,
                 struct error *err) WARN_UNUSED;
/* Extents from spec.start on, in order, and what the plan makes of each: of what is not data, only the edges
 * in clusters of the package that may hold data too are kept. */
bool places_take(struct places *places, const struct nbd_extent *extent, enum run_kind kind,
                 struct error *err) WARN_UNUSED;
/* What lies up to there is nobody's: nothing of it is looked up. */
void places_skip(struct places *places, uint64_t position);
/* After the last extent: has the map come to its end too? */
bool places_finish(struct places *places, struct error *err) WARN_UNUSED;
void places_close(struct places *places); /* NULL is allowed */

/* Fills list->bytes_elsewhere: data of the runs that has no place. Both lists are finished. */
bool places_count_elsewhere(struct place_list *list, const struct run_list *runs,
                            struct error *err) WARN_UNUSED;

#endif
