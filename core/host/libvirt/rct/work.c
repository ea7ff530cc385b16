#include "core/host/libvirt/rct/work.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/system/fs.h"

void rct_work_clear(struct rct_work *work)
{
    for (size_t i = 0; i < work->count; i++) {
        free(work->disks[i].full_reason);
        free(work->disks[i].scratch);
        chain_clear(&work->disks[i].chain);
    }
    free(work->disks);
    place_clear(&work->place);
    account_free(work->account);
    fs_free_names(work->file_paths, work->file_path_count);
    free(work->files_said);
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
