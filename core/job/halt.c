#include "core/job/halt.h"

#include "core/base/return_code.h"

bool halt_is_asked(void *context)
{
    struct halt *halt = context;
    return atomic_load(&halt->failed) || halt_is_cancelled(halt);
}

void halt_fail(struct halt *halt)
{
    atomic_store(&halt->failed, true);
    if (halt->job)
        job_end_waiting(halt->job);
}

bool halt_is_cancelled(const struct halt *halt)
{
    return halt->job && job_is_cancelled(halt->job);
}

bool halt_checkpoint(struct halt *halt)
{
    if (halt->job && !job_checkpoint(halt->job))
        return false;
    return !atomic_load(&halt->failed);
}

bool halt_cancelled(struct error *err)
{
    return error_set(err, RETURN_FAILED, "package.cancelled", "cancelled");
}
