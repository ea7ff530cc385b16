/* What an export stands on goes away, and comes back. */
#include <string.h>

#include "core/export/run_state.h"

/* Other disks' files are made meanwhile. */
static bool stands_now(struct run_state *state, struct error *err)
{
    pthread_mutex_lock(&state->writer_lock);
    bool ok = package_writer_stands(state->writer, prepared_is_differential(&state->prepared), err);
    pthread_mutex_unlock(&state->writer_lock);
    return ok;
}

/* What somebody took out of the partial, or put there, is nothing to wait for. */
static bool may_come_back(const struct error *err)
{
    return strcmp(err->key, "export.partial-gone") != 0;
}

bool run_stands(void *context, struct error *err)
{
    struct run_state *state = context;
    while (!stands_now(state, err)) {
        if (!may_come_back(err) || !patience_wait_for_return(&state->patience, err))
            return false;
        *err = (struct error){0};
    }
    return true;
}
