/* The job: every transition, progress, requests, listeners, and its form as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/job/job.h"
#include "core/job/json.h"

static struct job *make_job(void)
{
    struct job_identity identity = {.id = guid_new(),
                                    .collection = "web-prod",
                                    .point = "nightly",
                                    .directory = "/backup",
                                    .owner = "op"};
    return job_new(&identity);
}

static struct job_snapshot look(struct job *job)
{
    struct job_snapshot snapshot = {0};
    job_get_snapshot(job, &snapshot);
    return snapshot;
}

static uint32_t state_of(struct job *job)
{
    struct job_snapshot snapshot = look(job);
    uint32_t state = snapshot.state;
    job_snapshot_clear(&snapshot);
    return state;
}

static const enum job_state all_states[] = {
    JOB_STATE_NEW,       JOB_STATE_STARTING,
    JOB_STATE_RUNNING,   JOB_STATE_SUSPENDED,
    JOB_STATE_COMPLETED, JOB_STATE_SHUTTING_DOWN,
    JOB_STATE_KILLED,    JOB_STATE_TERMINATED,
    JOB_STATE_SERVICE,   JOB_STATE_COMPLETED_WITH_WARNINGS,
    JOB_STATE_EXCEPTION, JOB_STATE_QUERY_PENDING,
};

/* The way from New to each state. */
static void lead_to(struct job *job, enum job_state state)
{
    switch (state) {
    case JOB_STATE_NEW:
        return;
    case JOB_STATE_SUSPENDED:
        lead_to(job, JOB_STATE_RUNNING);
        break;
    case JOB_STATE_RUNNING:
        lead_to(job, JOB_STATE_STARTING);
        break;
    default:
        break;
    }
    assert_true(job_set_state(job, state));
}

static bool allowed(enum job_state from, enum job_state to)
{
    bool from_is_final = job_state_is_final(from);
    if (job_state_is_final(to))
        return !from_is_final;
    if (to == JOB_STATE_STARTING)
        return from == JOB_STATE_NEW;
    if (to == JOB_STATE_RUNNING)
        return from == JOB_STATE_STARTING || from == JOB_STATE_SUSPENDED;
    if (to == JOB_STATE_SUSPENDED)
        return from == JOB_STATE_RUNNING;
    return to == JOB_STATE_SHUTTING_DOWN && !from_is_final && from != JOB_STATE_SHUTTING_DOWN;
}

static void every_transition(void **state)
{
    (void)state;
    for (size_t from = 0; from < ARRAY_LENGTH(all_states); from++) {
        if (all_states[from] == JOB_STATE_SERVICE || all_states[from] == JOB_STATE_QUERY_PENDING)
            continue; /* cannot be reached */
        for (size_t to = 0; to < ARRAY_LENGTH(all_states); to++) {
            struct job *job = make_job();
            lead_to(job, all_states[from]);
            struct job_snapshot before = look(job);
            bool moved = job_set_state(job, all_states[to]);
            struct job_snapshot after = look(job);
            assert_int_equal(moved, allowed(all_states[from], all_states[to]));
            assert_int_equal(after.state, moved ? all_states[to] : all_states[from]);
            if (moved)
                assert_true(after.revision > before.revision);
            job_free(job);
        }
    }
}

static void endings(void **state)
{
    (void)state;
    struct job *job = make_job();
    lead_to(job, JOB_STATE_RUNNING);
    job_complete(job, "/backup/p1", true, NULL);
    struct job_snapshot end = look(job);
    assert_int_equal(end.state, JOB_STATE_COMPLETED);
    assert_int_equal(end.percent_complete, 100);
    assert_true(end.verified);
    assert_false(end.cancellable);
    assert_string_equal(end.package, "/backup/p1");
    struct error err = {0};
    error_set(&err, RETURN_IN_USE, "test.late", "too late");
    job_fail(job, &err);
    assert_int_equal(state_of(job), JOB_STATE_COMPLETED);
    job_free(job);

    job = make_job();
    lead_to(job, JOB_STATE_RUNNING);
    error_set(&err, RETURN_FAILED, "export.not-verified", "the package was not verified");
    job_complete(job, "/backup/p1", false, &err);
    end = look(job);
    assert_int_equal(end.state, JOB_STATE_COMPLETED_WITH_WARNINGS);
    assert_true(job_state_succeeded(end.state, end.error.code));
    assert_string_equal(end.error.key, "export.not-verified");
    job_free(job);

    job = make_job();
    lead_to(job, JOB_STATE_RUNNING);
    job_fail(job, &(struct error){.code = 0, .key = "odd"});
    end = look(job);
    assert_int_equal(end.state, JOB_STATE_EXCEPTION);
    assert_int_equal(end.error.code, RETURN_FAILED);
    assert_true(end.percent_complete < 100);
    job_free(job);

    job = make_job();
    job_end_cancelled(job);
    end = look(job);
    assert_int_equal(end.state, JOB_STATE_TERMINATED);
    assert_int_equal(end.error.code, RETURN_FAILED);
    assert_string_equal(end.error.key, "job.cancelled");
    job_free(job);
}

static void requests(void **state)
{
    (void)state;
    struct job *job = make_job();
    struct pollfd cancel = {.fd = job_cancel_fd(job), .events = POLLIN};
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_START), RETURN_INVALID_STATE);
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_SUSPEND), RETURN_INVALID_STATE);
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_KILL), RETURN_NOT_SUPPORTED);
    assert_int_equal(job_request_state_change(job, 99), RETURN_NOT_SUPPORTED);
    lead_to(job, JOB_STATE_RUNNING);
    assert_true(job_checkpoint(job));
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_SUSPEND), RETURN_DONE);
    assert_int_equal(state_of(job), JOB_STATE_SUSPENDED);
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_SUSPEND), RETURN_INVALID_STATE);
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_START), RETURN_DONE);
    assert_true(job_checkpoint(job));
    assert_int_equal(poll(&cancel, 1, 0), 0);
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_TERMINATE), RETURN_DONE);
    assert_int_equal(poll(&cancel, 1, 0), 1);
    assert_true(job_is_cancelled(job));
    assert_false(job_checkpoint(job));
    assert_int_equal(state_of(job), JOB_STATE_SHUTTING_DOWN);
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_TERMINATE), RETURN_DONE);
    assert_false(job_set_state(job, JOB_STATE_RUNNING));
    job_end_cancelled(job);
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_TERMINATE), RETURN_INVALID_STATE);
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_START), RETURN_INVALID_STATE);
    job_free(job);
}

static void *work_until_cancelled(void *context)
{
    struct job *job = context;
    while (job_checkpoint(job))
        job_disk_add_done(job, 0, 1);
    return NULL;
}

static void checkpoint_waits_while_suspended(void **state)
{
    (void)state;
    struct job *job = make_job();
    struct job_disk row = {.disk = "vda", .bytes_total = UINT64_MAX / 4};
    job_set_disks(job, &row, 1);
    lead_to(job, JOB_STATE_RUNNING);
    job_set_phase(job, JOB_PHASE_COPY);
    pthread_t workers[3];
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_SUSPEND), RETURN_DONE);
    for (size_t i = 0; i < ARRAY_LENGTH(workers); i++)
        assert_int_equal(pthread_create(&workers[i], NULL, work_until_cancelled, job), 0);
    struct job_snapshot snapshot = look(job);
    assert_int_equal(snapshot.bytes_done, 0);
    job_snapshot_clear(&snapshot);
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_START), RETURN_DONE);
    do {
        job_snapshot_clear(&snapshot);
        snapshot = look(job);
    } while (snapshot.bytes_done < 1000);
    job_snapshot_clear(&snapshot);
    /* Cancelling a suspended job wakes the work. */
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_SUSPEND), RETURN_DONE);
    assert_int_equal(job_request_state_change(job, REQUESTED_STATE_TERMINATE), RETURN_DONE);
    for (size_t i = 0; i < ARRAY_LENGTH(workers); i++)
        pthread_join(workers[i], NULL);
    job_free(job);
}

static unsigned percent_of(struct job *job)
{
    struct job_snapshot snapshot = look(job);
    unsigned percent = snapshot.percent_complete;
    job_snapshot_clear(&snapshot);
    return percent;
}

static void percent_never_goes_back(void **state)
{
    (void)state;
    struct job *job = make_job();
    lead_to(job, JOB_STATE_RUNNING);
    struct job_disk rows[2] = {{.disk = "vda", .bytes_total = 600}, {.disk = "vdb", .bytes_total = 400}};
    assert_int_equal(percent_of(job), 0);
    job_set_disks(job, rows, 2);
    job_set_later_bytes(job, 100, 500);
    assert_int_equal(percent_of(job), 0);
    job_set_phase(job, JOB_PHASE_COPY);
    unsigned last = 0;
    for (int i = 0; i < 60; i++) {
        job_disk_add_done(job, 0, 10);
        assert_true(percent_of(job) >= last);
        last = percent_of(job);
    }
    job_disk_add_zeroed(job, 1, 4000); /* more than there is */
    job_disk_add_done(job, 7, 4000);   /* no such disk */
    struct job_snapshot snapshot = look(job);
    assert_int_equal(snapshot.bytes_done, 1000);
    assert_int_equal(snapshot.percent_complete, 62);
    assert_int_equal(snapshot.work_done, 1000);
    assert_int_equal(snapshot.work_total, 1600);
    job_snapshot_clear(&snapshot);
    job_set_phase(job, JOB_PHASE_VERIFY);
    job_set_phase_progress(job, 500, 1000); /* its own bytes: of what it passes it reads a part */
    snapshot = look(job);
    last = snapshot.percent_complete;
    assert_int_equal(last, 84);
    assert_int_equal(snapshot.work_done, 1350);
    assert_int_equal(snapshot.bytes_done, 1000);
    job_snapshot_clear(&snapshot);
    job_set_phase_progress(job, 100, 1000);
    assert_int_equal(percent_of(job), last);
    job_set_phase(job, JOB_PHASE_COPY); /* phases only go forward */
    job_set_phase(job, JOB_PHASE_COMMIT);
    job_set_phase_progress(job, 1, 1);
    assert_int_equal(percent_of(job), 99);
    job_complete(job, "/p", true, NULL);
    assert_int_equal(percent_of(job), 100);
    job_disk_add_done(job, 0, 1);
    job_set_phase_progress(job, 0, 1);
    assert_int_equal(percent_of(job), 100);
    job_free(job);
}

static void same_revision_same_content(void **state)
{
    (void)state;
    struct job *job = make_job();
    lead_to(job, JOB_STATE_RUNNING);
    struct job_snapshot left = look(job);
    struct job_snapshot right = look(job);
    if (left.revision == right.revision)
        assert_memory_equal(&left, &right, sizeof left);
    job_log(job, "a line\nof \x1b[31mtwo");
    job_snapshot_clear(&right);
    right = look(job);
    assert_true(right.revision > left.revision);
    assert_non_null(strstr(right.note, " a line\\nof \\x1b[31mtwo"));
    assert_int_equal(right.note[2], ':');
    job_free(job);
}

struct heard {
    int changes;
    char line[100];
};

static void hear_change(void *context)
{
    ((struct heard *)context)->changes++;
}

static void hear_line(void *context, const char *line)
{
    snprintf(((struct heard *)context)->line, 100, "%s", line);
}

static void listener_hears(void **state)
{
    (void)state;
    struct job *job = make_job();
    struct heard heard = {0};
    job_set_listener(job,
                     &(struct job_listener){.changed = hear_change, .logged = hear_line, .context = &heard});
    lead_to(job, JOB_STATE_STARTING);
    assert_int_equal(heard.changes, 1);
    assert_false(job_set_state(job, JOB_STATE_STARTING));
    assert_int_equal(heard.changes, 1);
    job_request_state_change(job, REQUESTED_STATE_TERMINATE);
    assert_int_equal(heard.changes, 2);
    job_end_cancelled(job);
    assert_int_equal(heard.changes, 3);
    job_log(job, "line %d", 7);
    assert_string_equal(heard.line, "line 7");
    job_free(job);
}

static struct job_snapshot full_snapshot(void)
{
    struct job *job = make_job();
    lead_to(job, JOB_STATE_RUNNING);
    struct job_disk rows[2] = {
        {.machine = "web01", .disk = "vda", .kind = "differential", .bytes_total = 600, .bytes_skipped = 9},
        {.machine = "a \\x1B b", .disk = "vdb", .kind = "full", .reason = "new", .state = JOB_DISK_FAILED}};
    job_set_disks(job, rows, 2);
    job_set_phase(job, JOB_PHASE_COPY);
    job_disk_set_state(job, 0, JOB_DISK_COPYING);
    job_disk_add_done(job, 0, 17);
    job_log(job, "caf\xc3\xa9 \"x\"");
    struct error err = {0};
    error_set(&err, RETURN_IN_USE, "export.busy", "image open");
    error_cause(&err, "another process");
    error_next(&err, "End it.");
    job_fail(job, &err);
    struct job_snapshot snapshot = look(job);
    snapshot.rate_now = 12345;
    snapshot.left_low_s = 3;
    snapshot.left_high_s = 5;
    snapshot.limited_by = JOB_LIMIT_RATE;
    snapshot.paused_ms = 77;
    snapshot.verified = true;
    strcpy(snapshot.package, "/backup/a\nb");
    strcpy(snapshot.identity.base_point_id, "0a0a0a0a-0000-4000-8000-000000000000");
    job_free(job);
    return snapshot;
}

static void json_round_trip(void **state)
{
    (void)state;
    struct job_snapshot out = full_snapshot();
    json_t *object = job_snapshot_to_json(&out);
    CLEANUP_FREE char *line = json_line(object);
    json_decref(object);
    object = json_loads(line, 0, NULL);
    assert_non_null(object);
    struct job_snapshot in = {0};
    assert_true(job_snapshot_from_json(&in, object));
    assert_int_equal(in.disk_count, 2);
    assert_memory_equal(in.disks, out.disks, 2 * sizeof *in.disks);
    free(in.disks);
    struct job_disk *disks = out.disks;
    in.disks = out.disks = NULL;
    assert_memory_equal(&in, &out, sizeof in);
    free(disks);
    assert_string_equal(json_get_text(object, "limited_by", ""), "rate");
    assert_string_equal(json_get_text(object, "state", ""), "Exception");
    assert_int_equal(json_get_number(object, "job_state", 0), 10);
    assert_string_equal(json_get_text(object, "error", ""), "image open: another process. End it.");
    assert_string_equal(json_get_text(json_object_get(object, "error_detail"), "key", ""), "export.busy");
    json_decref(object);
}

/* Through the job and JSON, also when it is negative; a job that knows none has no such member. */
static void what_came_back(void **state)
{
    (void)state;
    struct job *job = make_job();
    struct job_snapshot in = {0};
    struct job_snapshot seen = look(job);
    json_t *object = job_snapshot_to_json(&seen);
    assert_null(json_object_get(object, "bytes_freed"));
    assert_true(job_snapshot_from_json(&in, object));
    assert_false(in.has_freed);
    json_decref(object);
    job_snapshot_clear(&seen);
    job_set_freed(job, -4096);
    seen = look(job);
    object = job_snapshot_to_json(&seen);
    assert_true(job_snapshot_from_json(&in, object));
    assert_true(in.has_freed);
    assert_int_equal(in.bytes_freed, -4096);
    CLEANUP_FREE char *more = job_freed_sentence(-4096);
    CLEANUP_FREE char *none = job_freed_sentence(0);
    CLEANUP_FREE char *some = job_freed_sentence(1572864);
    assert_string_equal(more, "it takes 4.0 KiB more of the file system than before (-4096 bytes)");
    assert_string_equal(none, "nothing came back to the file system");
    assert_string_equal(some, "1.5 MiB (1572864 bytes) came back to the file system");
    json_decref(object);
    job_snapshot_clear(&seen);
    job_snapshot_clear(&in);
    job_free(job);
}

/* Through the job, a copy, and JSON; what others have written is escaped on the way back. */
static void what_seals_a_package(void **state)
{
    (void)state;
    struct job *job = make_job();
    char texts[][12] = {"/p", "a\033b", "SHA256:x", "/q"};
    const struct job_signature top = {
        .package = texts[0], .signer = texts[1], .key = texts[2], .is_signed = true, .asked = true};
    const struct job_signature base = {.package = texts[3], .asked = true};
    job_set_package_sum(job, "00ff");
    job_add_signature(job, &top);
    job_add_signature(job, &base);
    struct job_snapshot seen = look(job);
    struct job_snapshot out = {0};
    job_snapshot_copy(&out, &seen);
    job_snapshot_clear(&seen);
    job_free(job);
    json_t *object = job_snapshot_to_json(&out);
    struct job_snapshot in = {0};
    assert_true(job_snapshot_from_json(&in, object));
    assert_string_equal(in.package_sum, "00ff");
    assert_int_equal(in.signature_count, 2);
    assert_string_equal(in.signatures[0].signer, "a\\x1bb");
    CLEANUP_FREE char *first = job_signature_sentence(&in.signatures[0]);
    CLEANUP_FREE char *second = job_signature_sentence(&in.signatures[1]);
    assert_string_equal(first, "signed by a\\x1bb (key SHA256:x)");
    assert_string_equal(second, "not signed");
    assert_string_equal(in.signatures[1].package, "/q");
    json_decref(object);
    job_snapshot_clear(&out);
    job_snapshot_clear(&in);
}

static void json_of_a_new_job(void **state)
{
    (void)state;
    struct job *job = make_job();
    struct job_snapshot snapshot = look(job);
    json_t *object = job_snapshot_to_json(&snapshot);
    assert_true(json_is_null(json_object_get(object, "error")));
    assert_true(json_is_null(json_object_get(object, "error_detail")));
    assert_true(json_is_null(json_object_get(object, "limited_by")));
    assert_true(json_is_null(json_object_get(object, "package")));
    assert_true(json_is_null(json_object_get(object, "package_sum")));
    assert_null(json_object_get(object, "signatures"));
    assert_true(json_is_null(json_object_get(object, "start_time")));
    assert_true(json_is_null(json_object_get(object, "base_reference_point_id")));
    json_decref(object);
    job_snapshot_clear(&snapshot);
    job_free(job);
}

static void hostile_json(void **state)
{
    (void)state;
    static const char *const refused[] = {"[]", "{}", "{\"job\":7}", "{\"job\":\"../../etc\"}", "null"};
    struct job_snapshot snapshot = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        json_t *value = json_loads(refused[i], JSON_DECODE_ANY, NULL);
        assert_false(job_snapshot_from_json(&snapshot, value));
        json_decref(value);
    }
    json_t *value = json_loads("{\"job\":\"0a0a0a0a-0000-4000-8000-000000000000\",\"percent_complete\":4000,"
                               "\"phase_index\":77,\"job_state\":-1,\"start_time\":\"yesterday\","
                               "\"error_detail\":\"no\",\"disks\":[7,{\"state\":\"odd\",\"machine\":[]}],"
                               "\"note\":\"\\u001b[2J\",\"limited_by\":\"moon\",\"bytes_done\":1e30}",
                               JSON_DECODE_ANY, NULL);
    assert_true(job_snapshot_from_json(&snapshot, value));
    assert_int_equal(snapshot.percent_complete, 100);
    assert_int_equal(snapshot.phase, 0);
    assert_int_equal(snapshot.disk_count, 2);
    assert_string_equal(snapshot.note, "\\x1b[2J");
    assert_int_equal(snapshot.limited_by, JOB_LIMIT_NONE);
    json_decref(value);
    job_snapshot_clear(&snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_transition),
        cmocka_unit_test(endings),
        cmocka_unit_test(requests),
        cmocka_unit_test(checkpoint_waits_while_suspended),
        cmocka_unit_test(percent_never_goes_back),
        cmocka_unit_test(same_revision_same_content),
        cmocka_unit_test(listener_hears),
        cmocka_unit_test(json_round_trip),
        cmocka_unit_test(what_seals_a_package),
        cmocka_unit_test(what_came_back),
        cmocka_unit_test(json_of_a_new_job),
        cmocka_unit_test(hostile_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
