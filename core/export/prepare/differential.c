#include "core/export/prepare/differential.h"

#include "core/base/mem.h"

void differential_decide(const struct export_disk *disk, const struct package_layout_disk *layout,
                         const struct package *base, struct differential *verdict)
{
    *verdict = (struct differential){.reason = disk->full_reason ? disk->full_reason : layout->full_reason};
    if (!base || !export_disk_has_base(disk) || !layout->backing_name || verdict->reason)
        return;
    const struct package_disk *held = &base->disks[layout->base_disk];
    verdict->differential = held->virtual_size == disk->base_virtual_size;
    if (verdict->differential)
        return;
    verdict->own_reason =
        mem_format("the base package holds it with %llu bytes, the base point has %llu",
                   (unsigned long long)held->virtual_size, (unsigned long long)disk->base_virtual_size);
    verdict->reason = verdict->own_reason;
}
