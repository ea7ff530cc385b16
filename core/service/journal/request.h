/* The request of a job as the journal keeps it. Private to the journal. Threads: any. */
#ifndef REFPOINT_SERVICE_JOURNAL_REQUEST_H
#define REFPOINT_SERVICE_JOURNAL_REQUEST_H

#include "core/service/journal/journal.h"
#include "core/syntax/json.h"

json_t *journal_request_to_json(const struct journal_request *request);
/* Into a zeroed request; false for one that is damaged, or of a kind that only a newer version knows. What
 * was read stays in it, for journal_request_clear. */
bool journal_request_from_json(struct journal_request *request, const json_t *value);

#endif
