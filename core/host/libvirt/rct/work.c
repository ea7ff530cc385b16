#include "core/host/libvirt/rct/work.h"

#include <stdlib.h>

#include "core/base/mem.h"

void rct_work_clear(struct rct_work *work)
{
    for (size_t i = 0; i < work->count; i++) {
        free(work->disks[i].full_reason);
        free(work->disks[i].scratch);
        chain_clear(&work->disks[i].chain);
    }
    free(work->disks);
    free(work->directory);
    free(work->checkpoint);
    free(work->base_checkpoint);
    reference_point_clear(&work->base);
    members_clear(&work->members);
    layers_clear(&work->layers);
    freeze_work_clear(&work->frame);
    mem_cleanup_fd(&work->pin);
    *work = (struct rct_work){.pin = -1};
}

bool rct_is_live(const struct rct_work *work, size_t member)
{
    return machine_state_is_live(work->frame.point.members[member].machine.state);
}

char *rct_socket_of(const struct rct_work *work, size_t member)
{
    return mem_format("%s/%zu", work->directory ? work->directory : "", member);
}
