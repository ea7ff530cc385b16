/* What an export stands on goes away, and comes back. */
#include <string.h>

#include "core/export/run_state.h"

bool run_wait_for_return(void *context, const struct error *err)
{
    const struct run_state *state = context;
    if (strcmp(err->key, "export.partial-gone") ==
        0) /* what somebody took or put there is nothing to wait for */
        return false;
    return patience_wait_for_return(&state->patience, err);
}

/* Other disks' files are made meanwhile. */
static bool stands(struct run_state *state, struct error *err)
{
    pthread_mutex_lock(&state->writer_lock);
    bool ok = package_writer_stands(state->writer, state->prepared.has_base, err);
    pthread_mutex_unlock(&state->writer_lock);
    return ok;
}

bool run_stands(struct run_state *state, struct error *err)
{
    struct error found = {0};
    while (!stands(state, &found)) {
        if (!run_wait_for_return(state, &found)) {
            *err = found;
            return false;
        }
        found = (struct error){0};
    }
    return true;
}
