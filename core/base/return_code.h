/* Return values, job states and the other numbers of the contract, and their words.
 *
 * Source: Msvm_CollectionReferencePointService, CIM_ConcreteJob (MOF value maps), as collected in
 * contract.md. The same number means different things on different methods, so numbers are decoded by method.
 * Threads: any; the words are constants. */
#ifndef REFPOINT_BASE_RETURN_CODE_H
#define REFPOINT_BASE_RETURN_CODE_H

#include <stdbool.h>
#include <stdint.h>

enum return_code {
    RETURN_DONE = 0,
    RETURN_JOB_STARTED = 4096,
    RETURN_FAILED = 32768,
    RETURN_ACCESS_DENIED = 32769,
    RETURN_NOT_SUPPORTED = 32770,
    RETURN_UNKNOWN_STATUS = 32771,
    RETURN_TIMEOUT = 32772,
    RETURN_INVALID_PARAMETER = 32773,
    RETURN_IN_USE = 32774,
    RETURN_INVALID_STATE = 32775,
    RETURN_INCORRECT_DATA_TYPE = 32776,
    RETURN_NOT_AVAILABLE = 32777,
    RETURN_OUT_OF_MEMORY = 32778,
    RETURN_FILE_NOT_FOUND = 32779,
};

enum service_method {
    METHOD_EXPORT_REFERENCE_POINT,
    METHOD_CREATE_REFERENCE_POINT,
    METHOD_DESTROY_REFERENCE_POINT,
    METHOD_REMOVE_ASSOCIATED_DATA,
    METHOD_GET_ERROR_EX,
    METHOD_EXPORT_JOB_REQUEST_STATE_CHANGE,
    METHOD_CONCRETE_JOB_REQUEST_STATE_CHANGE,
};

/* "Invalid parameter", "job started", ...; "code 4711" is not made up: an unknown number gives "Unknown". */
const char *return_code_word(enum service_method method, uint32_t code);

enum job_state {
    JOB_STATE_NEW = 2,
    JOB_STATE_STARTING = 3,
    JOB_STATE_RUNNING = 4,
    JOB_STATE_SUSPENDED = 5,
    JOB_STATE_SHUTTING_DOWN = 6,
    JOB_STATE_COMPLETED = 7,
    JOB_STATE_TERMINATED = 8,
    JOB_STATE_KILLED = 9,
    JOB_STATE_EXCEPTION = 10,
    JOB_STATE_SERVICE = 11,
    JOB_STATE_QUERY_PENDING = 12,
    JOB_STATE_COMPLETED_WITH_WARNINGS = 32768,
};

const char *job_state_word(uint32_t state);
bool job_state_is_final(uint32_t state);
/* Succeeded = (7 or 32768) and ErrorCode 0. */
bool job_state_succeeded(uint32_t state, uint32_t error_code);

enum requested_state {
    REQUESTED_STATE_START = 2,
    REQUESTED_STATE_SUSPEND = 3,
    REQUESTED_STATE_TERMINATE = 4,
    REQUESTED_STATE_KILL = 5,
    REQUESTED_STATE_SERVICE = 6,
};

enum reference_point_type { POINT_TYPE_UNKNOWN = 0, POINT_TYPE_LOG_BASED = 1, POINT_TYPE_RCT_BASED = 2 };
const char *reference_point_type_word(uint32_t type); /* "log", "rct", "unknown", "vendor" */

/* 1 = Application, 2 = Crash: one documentation page has them swapped (contract.md). */
enum consistency_level { CONSISTENCY_UNKNOWN = 0, CONSISTENCY_APPLICATION = 1, CONSISTENCY_CRASH = 2 };
const char *consistency_level_word(uint32_t level); /* "application", "crash", "unknown" */

#endif
