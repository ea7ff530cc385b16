#include "core/qcow2/extents.h"

#include "core/base/return_code.h"
#include "core/qcow2/format.h"

bool qcow2_walk_start(struct qcow2_walk *walk, const struct qcow2_extents *extents, uint64_t virtual_size,
                      struct error *err)
{
    *walk = (struct qcow2_walk){.extents = extents, .virtual_size = virtual_size};
    return extents->rewind(extents->context, err);
}

bool qcow2_range_fits(uint64_t end, uint64_t offset, uint64_t length, uint64_t virtual_size)
{
    if (offset < end || offset % CLUSTER != 0 || offset > virtual_size || length > virtual_size - offset)
        return false;
    return length > 0 && (length % CLUSTER == 0 || offset + length == virtual_size);
}

bool qcow2_walk_next(struct qcow2_walk *walk, struct qcow2_extent *extent, struct error *err)
{
    *extent = (struct qcow2_extent){0};
    if (!walk->extents->next(walk->extents->context, extent, err))
        return false;
    if (extent->length == 0)
        return true;
    if (!qcow2_range_fits(walk->end, extent->offset, extent->length, walk->virtual_size))
        return error_set(err, RETURN_FAILED, "image.plan",
                         "the plan of an image is out of order at byte %llu",
                         (unsigned long long)extent->offset);
    walk->end = extent->offset + extent->length;
    return true;
}
