/* The request of a job as the journal keeps it. Threads: any. */
#ifndef REFPOINT_SERVICE_JOURNAL_REQUEST_H
#define REFPOINT_SERVICE_JOURNAL_REQUEST_H

#include "core/service/kinds/kind.h"
#include "core/syntax/json.h"

struct journal_request { /* what a runner needs to do the work */
    struct job_identity identity;
    const struct job_kind *kind;
    void *work;      /* the kind's own request, owned */
    char *host_name; /* NULL = default */
    char *store;
    char *config;
    char *finish_hook; /* command of the shell that is run when the job has ended; NULL = none */
};
void journal_request_clear(struct journal_request *request);

json_t *journal_request_to_json(const struct journal_request *request);
/* Into a zeroed request; false for one that is damaged, or of a kind that only a newer version knows. What
 * was read stays in it, for journal_request_clear. */
bool journal_request_from_json(struct journal_request *request, const json_t *value);

#endif
