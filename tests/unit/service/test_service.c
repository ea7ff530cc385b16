/* The service's own checks and the synchronous form, on a scripted host; and what it passes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/service/runner/logind.h"
#include "core/service/service.h"
#include "core/system/fs.h"
#include "tests/unit/support/scripted_host.h"

static char directory[64];
static struct host *host;
static struct service *service;

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/refpoint-service-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    struct error err = {0};
    scripted_host_write(directory, "disks step step");
    host = scripted_host_open(directory, &err);
    const struct service_options options = {.state_directory = directory};
    service = service_new(host, &options);
    return host ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    struct error err = {0};
    service_free(service);
    host->ops->close(host);
    return fs_remove_tree(AT_FDCWD, directory, &err) ? 0 : -1;
}

static struct object_path some_point(void)
{
    return (struct object_path){.point_id = guid_new(), .collection_id = guid_new()};
}

static void expect_refusal(uint32_t code, uint32_t wanted)
{
    const struct error *err = service_error(service);
    assert_int_equal(code, wanted);
    assert_int_equal(err->code, wanted);
    assert_true(*err->key);
    assert_true(*err->what);
    assert_true(*err->next);
    CLEANUP_FREE char *jobs = mem_format("%s/jobs", directory);
    assert_int_equal(access(jobs, F_OK), -1);
}

/* Each refused in both forms, before the host is asked to do anything. */
static void parameters_are_checked_first(void **state)
{
    (void)state;
    struct object_path good = some_point();
    struct object_path half = {.point_id = guid_new()};
    struct object_path none = {0};
    CLEANUP_FREE char *endless = mem_alloc(PATH_MAX + 2);
    memset(endless, '/', PATH_MAX + 1);
    const struct {
        const struct object_path *point;
        const char *directory;
        const char *settings;
        uint32_t code;
    } cases[] = {
        {NULL, "/backup", NULL, RETURN_INVALID_PARAMETER},
        {&none, "/backup", NULL, RETURN_INVALID_PARAMETER},
        {&half, "/backup", NULL, RETURN_INVALID_PARAMETER},
        {&good, NULL, NULL, RETURN_INVALID_PARAMETER},
        {&good, "", NULL, RETURN_INVALID_PARAMETER},
        {&good, "backup", NULL, RETURN_INVALID_PARAMETER},
        {&good, "./\x1b[2J", NULL, RETURN_INVALID_PARAMETER},
        {&good, endless, NULL, RETURN_INVALID_PARAMETER},
        {&good, "/backup", "no xml", RETURN_INVALID_PARAMETER},
        {&good, "/backup", "<INSTANCE CLASSNAME=\"Msvm_Other\"></INSTANCE>", RETURN_INVALID_PARAMETER},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct job *job = NULL;
        expect_refusal(service_export_reference_point(service, cases[i].point, cases[i].directory,
                                                      cases[i].settings, NULL),
                       cases[i].code);
        expect_refusal(service_export_reference_point(service, cases[i].point, cases[i].directory,
                                                      cases[i].settings, &job),
                       cases[i].code);
        assert_null(job);
    }
}

static void synchronous_is_done_or_an_error(void **state)
{
    (void)state;
    struct object_path point = some_point();
    assert_int_equal(service_export_reference_point(service, &point, "/backup", NULL, NULL), RETURN_DONE);
    assert_int_equal(service_error(service)->code, 0);
    CLEANUP_FREE char *jobs = mem_format("%s/jobs", directory);
    assert_int_equal(access(jobs, F_OK), -1); /* no job, no journal */

    tear_down(NULL);
    set_up(NULL);
    host->ops->close(host);
    service_free(service);
    scripted_host_write(directory, "disks fail");
    struct error err = {0};
    host = scripted_host_open(directory, &err);
    service = service_new(host, &(struct service_options){.state_directory = directory});
    assert_int_equal(service_export_reference_point(service, &point, "/backup", NULL, NULL), RETURN_IN_USE);
    assert_string_equal(service_error(service)->key, "scripted.failure");
}

static void cancelled_before_it_began(void **state)
{
    (void)state;
    struct export_request request = {
        .point = some_point(), .directory = mem_strdup("/backup"), .options = export_options_default()};
    struct job_identity identity;
    assert_true(service_describe_job(service, &request, &identity));
    assert_string_equal(identity.collection, "web \\x1b[31m"); /* escaped */
    assert_true(*identity.owner);
    struct job *job = job_new(&identity);
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_TERMINATE), RETURN_DONE);
    assert_int_equal(service_run_export(service, &request, job), RETURN_FAILED);
    assert_string_equal(service_error(service)->key, "job.cancelled");
    struct job_snapshot end = {0};
    job_get_snapshot(job, &end);
    assert_int_equal(end.state, JOB_STATE_TERMINATED);
    assert_int_equal(end.bytes_done, 0);
    job_snapshot_clear(&end);
    job_free(job);
    export_request_clear(&request);
}

static void host_without_points(void **state)
{
    (void)state;
    struct object_path point = some_point();
    struct point_request request = {.collection_id = guid_new(),
                                    .consistency_level = CONSISTENCY_CRASH,
                                    .reference_point_type = POINT_TYPE_LOG_BASED};
    struct reference_point made = {0};
    expect_refusal(service_destroy_reference_point(service, &point, NULL), RETURN_NOT_SUPPORTED);
    expect_refusal(service_remove_associated_data(service, &point, NULL), RETURN_NOT_SUPPORTED);
    expect_refusal(service_create_reference_point(service, &request, &made, NULL), RETURN_NOT_SUPPORTED);
}

static uint32_t fail_without_a_word(struct host *self, const struct object_path *path, struct watch *watch,
                                    struct error *err)
{
    (void)watch;
    (void)self;
    (void)path;
    (void)err;
    return RETURN_IN_USE;
}

static uint32_t make_point(struct host *self, const struct point_request *request,
                           struct reference_point *made, struct point_remarks *remarks, struct error *err)
{
    (void)self;
    (void)remarks;
    (void)err;
    made->id = request->collection_id;
    return RETURN_DONE;
}

static const struct host_capabilities *no_capabilities(const struct host *self)
{
    (void)self;
    static const struct host_capabilities none = {0};
    return &none;
}

static void point_methods(void **state)
{
    (void)state;
    const struct host_ops ops = {.capabilities = no_capabilities,
                                 .create_point = make_point,
                                 .destroy_point = fail_without_a_word,
                                 .remove_associated_data = fail_without_a_word};
    struct host bare = {.ops = &ops};
    struct service *own = service_new(&bare, &(struct service_options){.state_directory = directory});
    struct object_path point = some_point();
    struct object_path none = {0};
    assert_int_equal(service_destroy_reference_point(own, &none, NULL), RETURN_INVALID_PARAMETER);
    assert_int_equal(service_destroy_reference_point(own, NULL, NULL), RETURN_INVALID_PARAMETER);
    assert_int_equal(service_destroy_reference_point(own, &point, NULL), RETURN_IN_USE);
    assert_int_equal(service_error(own)->code, RETURN_IN_USE);
    assert_true(*service_error(own)->what);
    assert_int_equal(service_remove_associated_data(own, &point, NULL), RETURN_IN_USE);

    static const struct {
        uint32_t level;
        uint32_t type;
        uint32_t code;
    } cases[] = {
        {CONSISTENCY_CRASH, POINT_TYPE_LOG_BASED, RETURN_DONE},
        {CONSISTENCY_APPLICATION, POINT_TYPE_LOG_BASED, RETURN_NOT_SUPPORTED},
        {CONSISTENCY_CRASH, POINT_TYPE_RCT_BASED, RETURN_NOT_SUPPORTED},
        {CONSISTENCY_UNKNOWN, POINT_TYPE_LOG_BASED, RETURN_INVALID_PARAMETER},
        {7, POINT_TYPE_LOG_BASED, RETURN_INVALID_PARAMETER},
        {CONSISTENCY_CRASH, 7, RETURN_INVALID_PARAMETER},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct reference_point made = {0};
        struct point_request request = {.collection_id = guid_new(),
                                        .consistency_level = cases[i].level,
                                        .reference_point_type = cases[i].type};
        assert_int_equal(service_create_reference_point(own, &request, &made, NULL), cases[i].code);
        assert_int_equal(service_error(own)->code, cases[i].code);
        assert_int_equal(guid_is_none(&made.id), cases[i].code != RETURN_DONE);
    }
    struct reference_point made = {0};
    assert_int_equal(service_create_reference_point(own, &(struct point_request){0}, &made, NULL),
                     RETURN_INVALID_PARAMETER);
    struct export_request request = {.point = point, .directory = mem_strdup("/backup")};
    struct export_estimate estimate = {0};
    assert_int_equal(service_check_export(own, &request, &estimate), RETURN_NOT_SUPPORTED);
    export_request_clear(&request);
    service_free(own);
}

static void put(const char *path, const char *text)
{
    CLEANUP_FREE char *whole = mem_format("%s/%s", directory, path);
    CLEANUP_FREE char *parent = mem_strndup(whole, (size_t)(strrchr(whole, '/') - whole));
    struct error err = {0};
    assert_true(fs_make_directories(parent, 0700, &err));
    assert_true(fs_write_atomic(AT_FDCWD, whole, text, strlen(text), 0600, &err));
}

static void logind_configuration(void **state)
{
    (void)state;
    assert_false(logind_kills_processes(directory));
    put("etc/systemd/logind.conf", "[Login]\n#KillUserProcesses=yes\n");
    assert_false(logind_kills_processes(directory));
    put("etc/systemd/logind.conf", "[Login]\n KillUserProcesses=yes\n");
    assert_true(logind_kills_processes(directory));
    put("etc/systemd/logind.conf.d/10-keep.conf", "[Login]\nKillUserProcesses=no\n");
    assert_false(logind_kills_processes(directory));
    put("etc/systemd/logind.conf.d/20-kill.conf", "[Login]\r\nKillUserProcesses=1\r\n");
    put("etc/systemd/logind.conf.d/30-keep.disabled", "KillUserProcesses=no\n");
    assert_true(logind_kills_processes(directory));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(parameters_are_checked_first),
        TEST(synchronous_is_done_or_an_error),
        TEST(cancelled_before_it_began),
        TEST(host_without_points),
        TEST(point_methods),
        TEST(logind_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
