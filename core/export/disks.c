/* Several disks at a time: the SHA-256 of one file cannot be split, so that is what keeps all cores busy. */
#include "core/export/run_state.h"
#include "core/job/workers.h"

struct crew {
    struct run_state *state;
    enum job_disk_state during;
    enum job_disk_state after;
    bool (*one)(struct run_state *state, size_t disk, unsigned workers, struct error *err);
    unsigned workers; /* of one disk */
    _Atomic size_t next;
};

static bool work(void *context, struct error *err)
{
    struct crew *crew = context;
    struct run_state *state = crew->state;
    size_t disk;
    while ((disk = atomic_fetch_add(&crew->next, 1)) < state->prepared.disk_count) {
        job_disk_set_state(state->job, disk, crew->during);
        if (!crew->one(state, disk, crew->workers, err)) {
            job_disk_set_state(state->job, disk, JOB_DISK_FAILED);
            return false;
        }
        job_disk_set_state(state->job, disk, crew->after);
    }
    return true;
}

bool run_each_disk(struct run_state *state, enum job_disk_state during, enum job_disk_state after,
                   bool (*one)(struct run_state *state, size_t disk, unsigned workers, struct error *err),
                   struct error *err)
{
    unsigned threads = workers_count();
    size_t count = state->prepared.disk_count;
    unsigned at_once = threads / 2 < count ? threads / 2 : (unsigned)count;
    if (at_once == 0)
        at_once = 1;
    struct crew crew = {
        .state = state, .during = during, .after = after, .one = one, .workers = threads / at_once};
    return workers_run(at_once, work, &crew, &state->halt, err);
}
