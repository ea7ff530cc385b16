#include "core/service/discard.h"

#include "core/service/journal/journal.h"
#include "core/service/kinds/kinds.h"

bool discard_job(const char *state_directory, const struct guid *id, size_t *removed, struct error *err)
{
    struct job_snapshot snapshot = {0};
    struct error ignored = {0}; /* what cannot be read can still be forgotten */
    const struct job_kind *kind =
        journal_read(state_directory, id, &snapshot, &ignored) ? job_kind_find(snapshot.identity.kind) : NULL;
    bool ok = journal_discard(state_directory, id, err);
    *removed = 0;
    if (ok && kind && kind->tidy)
        *removed = kind->tidy(&snapshot.identity);
    job_snapshot_clear(&snapshot);
    return ok;
}
