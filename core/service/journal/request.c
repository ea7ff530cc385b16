#include "core/service/journal/request.h"

#include <stdlib.h>
#include <string.h>

#include "core/job/json.h"
#include "core/service/kinds/kinds.h"
#include "core/syntax/json_bytes.h"

json_t *journal_request_to_json(const struct journal_request *request)
{
    /* The identity has one form for all files: a snapshot of a new job. Its kind is in it. */
    struct job_snapshot fresh = {.identity = request->identity, .state = JOB_STATE_NEW};
    json_t *object = json_object();
    json_put(object, "identity", job_snapshot_to_json(&fresh));
    request->kind->to_json(object, request->work);
    json_put(object, "host", json_bytes(request->host_name));
    json_put(object, "store", json_bytes(request->store));
    json_put(object, "config", json_bytes(request->config));
    if (request->finish_hook)
        json_put(object, "finish_hook", json_bytes(request->finish_hook));
    return object;
}

bool journal_request_from_json(struct journal_request *request, const json_t *value)
{
    struct job_snapshot fresh = {0};
    bool ok = job_snapshot_from_json(&fresh, json_object_get(value, "identity"));
    request->identity = fresh.identity;
    job_snapshot_clear(&fresh);
    request->host_name = json_bytes_read(json_object_get(value, "host"));
    request->store = json_bytes_read(json_object_get(value, "store"));
    request->config = json_bytes_read(json_object_get(value, "config"));
    request->finish_hook = json_bytes_read(json_object_get(value, "finish_hook"));
    request->kind = job_kind_find(request->identity.kind);
    request->work = ok && request->kind ? request->kind->from_json(value) : NULL;
    return request->work != NULL;
}

void journal_request_clear(struct journal_request *request)
{
    if (request->kind)
        request->kind->release(request->work);
    free(request->host_name);
    free(request->store);
    free(request->config);
    free(request->finish_hook);
    *request = (struct journal_request){0};
}
