/* The request of an export, to the journal and back. Threads: any. */
#ifndef REFPOINT_SERVICE_KINDS_EXPORT_JSON_H
#define REFPOINT_SERVICE_KINDS_EXPORT_JSON_H

#include "core/model/model.h"
#include "core/syntax/json.h"

void export_request_to_json(json_t *object, const struct export_request *request);
/* Into a zeroed request; what was read before a failure stays in it, for export_request_clear. */
bool export_request_from_json(struct export_request *request, const json_t *object);

#endif
