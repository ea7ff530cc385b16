#include "core/service/discard.h"

#include <string.h>

#include "core/service/journal/journal.h"
#include "core/service/kinds/kinds.h"

/* What it was about, when it was interrupted; false for any other job. */
static bool was_interrupted(const char *state_directory, const struct guid *id, struct job_identity *identity)
{
    struct job_snapshot snapshot = {0};
    struct error ignored = {0}; /* what cannot be read can still be forgotten */
    if (!journal_read(state_directory, id, &snapshot, &ignored))
        return false;
    bool interrupted = strcmp(snapshot.error.key, "job.interrupted") == 0;
    *identity = snapshot.identity;
    job_snapshot_clear(&snapshot);
    return interrupted;
}

bool discard_job(const char *state_directory, const struct guid *id, size_t *removed, struct error *err)
{
    struct job_identity identity;
    bool interrupted = was_interrupted(state_directory, id, &identity);
    *removed = 0;
    if (!journal_discard(state_directory, id, err))
        return false;
    const struct job_kind *kind = interrupted ? job_kind_find(identity.kind) : NULL;
    if (kind && kind->tidy)
        *removed = kind->tidy(&identity);
    return true;
}
