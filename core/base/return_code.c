#include "core/base/return_code.h"

#include <stddef.h>

#include "core/base/mem.h"

struct word {
    uint32_t number;
    const char *text;
};

#define LOOK_UP(table, number) look_up((table), ARRAY_LENGTH(table), (number))

static const char *look_up(const struct word *table, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].number == number)
            return table[i].text;
    }
    return NULL;
}

static const struct word vendor_codes[] = {
    {RETURN_FAILED, "Failed"},
    {RETURN_ACCESS_DENIED, "Access denied"},
    {RETURN_NOT_SUPPORTED, "Not supported"},
    {RETURN_UNKNOWN_STATUS, "Status is unknown"},
    {RETURN_TIMEOUT, "Timeout"},
    {RETURN_INVALID_PARAMETER, "Invalid parameter"},
    {RETURN_IN_USE, "System is in use"},
    {RETURN_INVALID_STATE, "Invalid state for this operation"},
    {RETURN_INCORRECT_DATA_TYPE, "Incorrect data type"},
    {RETURN_NOT_AVAILABLE, "System is not available"},
    {RETURN_OUT_OF_MEMORY, "Out of memory"},
    {RETURN_FILE_NOT_FOUND, "File not found"},
};

static const struct word collection_codes[] = {
    {0, "Completed"},         {1, "Not supported"}, {2, "Failed"},       {3, "Timeout"},
    {4, "Invalid parameter"}, {5, "Invalid state"}, {6, "Invalid type"}, {RETURN_JOB_STARTED, "job started"},
};

static const struct word concrete_job_codes[] = {
    {0, "Completed"},
    {1, "Not supported"},
    {2, "Unknown"},
    {3, "Timeout"},
    {4, "Failed"},
    {5, "Invalid parameter"},
    {6, "In use"},
    {RETURN_JOB_STARTED, "job started"},
    {4097, "Invalid state transition"},
    {4098, "Timeout parameter not supported"},
    {4099, "Busy"},
};

static const struct word export_codes[] = {{0, "done"}, {RETURN_JOB_STARTED, "job started"}};

const char *return_code_word(enum service_method method, uint32_t code)
{
    const char *word = NULL;
    switch (method) {
    case METHOD_CREATE_REFERENCE_POINT:
    case METHOD_DESTROY_REFERENCE_POINT:
    case METHOD_REMOVE_ASSOCIATED_DATA:
        word = LOOK_UP(collection_codes, code);
        break;
    case METHOD_CONCRETE_JOB_REQUEST_STATE_CHANGE:
        word = LOOK_UP(concrete_job_codes, code);
        break;
    case METHOD_EXPORT_REFERENCE_POINT:
    case METHOD_GET_ERROR_EX:
    case METHOD_EXPORT_JOB_REQUEST_STATE_CHANGE:
        word = LOOK_UP(export_codes, code);
        break;
    }
    if (!word && method != METHOD_CONCRETE_JOB_REQUEST_STATE_CHANGE)
        word = LOOK_UP(vendor_codes, code);
    return word ? word : "Unknown";
}

static const struct word job_states[] = {
    {JOB_STATE_NEW, "New"},
    {JOB_STATE_STARTING, "Starting"},
    {JOB_STATE_RUNNING, "Running"},
    {JOB_STATE_SUSPENDED, "Suspended"},
    {JOB_STATE_SHUTTING_DOWN, "Shutting Down"},
    {JOB_STATE_COMPLETED, "Completed"},
    {JOB_STATE_TERMINATED, "Terminated"},
    {JOB_STATE_KILLED, "Killed"},
    {JOB_STATE_EXCEPTION, "Exception"},
    {JOB_STATE_SERVICE, "Service"},
    {JOB_STATE_QUERY_PENDING, "Query Pending"},
    {JOB_STATE_COMPLETED_WITH_WARNINGS, "Completed with Warnings"},
};

const char *job_state_word(uint32_t state)
{
    const char *word = LOOK_UP(job_states, state);
    return word ? word : "Unknown";
}

bool job_state_is_final(uint32_t state)
{
    return (state >= JOB_STATE_COMPLETED && state <= JOB_STATE_EXCEPTION) ||
           state == JOB_STATE_COMPLETED_WITH_WARNINGS;
}

bool job_state_succeeded(uint32_t state, uint32_t error_code)
{
    return (state == JOB_STATE_COMPLETED || state == JOB_STATE_COMPLETED_WITH_WARNINGS) && error_code == 0;
}

const char *reference_point_type_word(uint32_t type)
{
    switch (type) {
    case POINT_TYPE_LOG_BASED:
        return "log";
    case POINT_TYPE_RCT_BASED:
        return "rct";
    default:
        return type >= 32768 ? "vendor" : "unknown";
    }
}

const char *consistency_level_word(uint32_t level)
{
    switch (level) {
    case CONSISTENCY_APPLICATION:
        return "application";
    case CONSISTENCY_CRASH:
        return "crash";
    default:
        return "unknown";
    }
}
