/* The numbers of the contract and their words, by method. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"

static void test_by_method(void **state)
{
    (void)state;
    static const struct {
        enum service_method method;
        uint32_t code;
        const char *word;
    } cases[] = {
        {METHOD_EXPORT_REFERENCE_POINT, 0, "done"},
        {METHOD_EXPORT_REFERENCE_POINT, 4096, "job started"},
        {METHOD_EXPORT_REFERENCE_POINT, 32773, "Invalid parameter"},
        {METHOD_EXPORT_REFERENCE_POINT, 32779, "File not found"},
        {METHOD_EXPORT_REFERENCE_POINT, 4, "Unknown"},
        {METHOD_EXPORT_REFERENCE_POINT, 4711, "Unknown"},
        {METHOD_CREATE_REFERENCE_POINT, 0, "Completed"},
        {METHOD_CREATE_REFERENCE_POINT, 4, "Invalid parameter"},
        {METHOD_DESTROY_REFERENCE_POINT, 5, "Invalid state"},
        {METHOD_REMOVE_ASSOCIATED_DATA, 1, "Not supported"},
        {METHOD_REMOVE_ASSOCIATED_DATA, 32774, "System is in use"},
        {METHOD_GET_ERROR_EX, 32771, "Status is unknown"},
        {METHOD_EXPORT_JOB_REQUEST_STATE_CHANGE, 32775, "Invalid state for this operation"},
        {METHOD_EXPORT_JOB_REQUEST_STATE_CHANGE, 4, "Unknown"},
        {METHOD_CONCRETE_JOB_REQUEST_STATE_CHANGE, 4, "Failed"},
        {METHOD_CONCRETE_JOB_REQUEST_STATE_CHANGE, 2, "Unknown"},
        {METHOD_CONCRETE_JOB_REQUEST_STATE_CHANGE, 4097, "Invalid state transition"},
        {METHOD_CONCRETE_JOB_REQUEST_STATE_CHANGE, 32773, "Unknown"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_string_equal(return_code_word(cases[i].method, cases[i].code), cases[i].word);
}

static void test_job_states(void **state)
{
    (void)state;
    static const struct {
        uint32_t state;
        const char *word;
        bool is_final;
        bool succeeded;
    } cases[] = {
        {2, "New", false, false},
        {3, "Starting", false, false},
        {4, "Running", false, false},
        {5, "Suspended", false, false},
        {6, "Shutting Down", false, false},
        {7, "Completed", true, true},
        {8, "Terminated", true, false},
        {9, "Killed", true, false},
        {10, "Exception", true, false},
        {11, "Service", false, false},
        {12, "Query Pending", false, false},
        {32768, "Completed with Warnings", true, true},
        {0, "Unknown", false, false},
        {32769, "Unknown", false, false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_string_equal(job_state_word(cases[i].state), cases[i].word);
        assert_int_equal(job_state_is_final(cases[i].state), cases[i].is_final);
        assert_int_equal(job_state_succeeded(cases[i].state, 0), cases[i].succeeded);
        assert_false(job_state_succeeded(cases[i].state, 32768));
    }
}

static void test_words_of_points(void **state)
{
    (void)state;
    assert_string_equal(reference_point_type_word(0), "unknown");
    assert_string_equal(reference_point_type_word(1), "log");
    assert_string_equal(reference_point_type_word(2), "rct");
    assert_string_equal(reference_point_type_word(3), "unknown");
    assert_string_equal(reference_point_type_word(32768), "vendor");
    /* 1 = Application, 2 = Crash: not the other way round. */
    assert_string_equal(consistency_level_word(0), "unknown");
    assert_string_equal(consistency_level_word(1), "application");
    assert_string_equal(consistency_level_word(2), "crash");
    assert_string_equal(consistency_level_word(3), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_method),
        cmocka_unit_test(test_job_states),
        cmocka_unit_test(test_words_of_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
