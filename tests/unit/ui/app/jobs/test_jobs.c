/* The screen's list of jobs against real journals: listed, started since, ended before our eyes, removed. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/service/journal/journal.h"
#include "core/service/kinds/export.h"
#include "core/system/fs.h"
#include "ui/app/jobs/jobs.h"

#define PATIENCE_MS 300000

struct fixture {
    char directory[64];
    struct work *work;
    struct jobs *jobs;
};

static int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    snprintf(fixture->directory, sizeof fixture->directory, "/tmp/refpoint-jobs-XXXXXX");
    if (!mkdtemp(fixture->directory))
        return -1;
    fixture->work = work_new();
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    bool ended = work_free(fixture->work, PATIENCE_MS);
    jobs_free(fixture->jobs);
    bool removed = fs_remove_tree(AT_FDCWD, fixture->directory, &err);
    free(fixture);
    return ended && removed ? 0 : -1;
}

static struct journal *create(const struct fixture *fixture, struct guid *id)
{
    struct export_request *work = mem_alloc(sizeof *work);
    struct journal_request request = {.kind = &job_kind_export, .work = work};
    struct journal *journal = NULL;
    struct error err = {0};
    *id = guid_new();
    request.identity.id = *id;
    strcpy(request.identity.collection, "web-prod");
    strcpy(request.identity.directory, "/backup");
    work->directory = mem_strdup("/backup");
    work->options = export_options_default();
    work->point = (struct object_path){.point_id = guid_new(), .collection_id = guid_new()};
    if (!journal_create(fixture->directory, &request, &journal, &err))
        fail_msg("%s: %s", err.what, err.cause);
    journal_request_clear(&request);
    return journal;
}

static struct job_snapshot snapshot_of(const struct guid *id, uint32_t state, uint64_t revision)
{
    struct job_snapshot snapshot = {.state = state, .phase = JOB_PHASE_COPY, .revision = revision};
    snapshot.identity.id = *id;
    strcpy(snapshot.identity.collection, "web-prod");
    strcpy(snapshot.identity.directory, "/backup");
    if (state == JOB_STATE_COMPLETED)
        strcpy(snapshot.package, "/backup/p");
    return snapshot;
}

static void finish(struct journal *journal, const struct guid *id)
{
    struct error err = {0};
    struct job_snapshot snapshot = snapshot_of(id, JOB_STATE_COMPLETED, 9);
    assert_true(journal_write_outcome(journal, &snapshot, &err));
    journal_close(journal);
}

/* One turn of a loop like the screen's; false when nothing came in time. */
static bool turn(struct fixture *fixture)
{
    int descriptors[32];
    struct pollfd waits[33] = {{.fd = work_fd(fixture->work), .events = POLLIN}};
    size_t count = jobs_descriptors(fixture->jobs, descriptors, 32);
    for (size_t i = 0; i < count; i++)
        waits[i + 1] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
    int64_t due = jobs_due_ms(fixture->jobs);
    int64_t wait = due ? due - monotonic_milliseconds() : PATIENCE_MS;
    int ready = poll(waits, count + 1, (int)(wait < 0 ? 0 : wait));
    struct screen *screen = NULL;
    unsigned effects = 0;
    while (work_deliver(fixture->work, &screen, &effects))
        ;
    jobs_read(fixture->jobs);
    jobs_tick(fixture->jobs, monotonic_milliseconds());
    return ready > 0 || due;
}

static size_t count_of(const struct fixture *fixture)
{
    size_t count = 0;
    jobs_all(fixture->jobs, &count);
    return count;
}

static void wait_for_count(struct fixture *fixture, size_t wanted)
{
    int64_t deadline = monotonic_milliseconds() + PATIENCE_MS;
    while (count_of(fixture) != wanted && monotonic_milliseconds() < deadline)
        assert_true(turn(fixture));
    assert_int_equal(count_of(fixture), wanted);
}

static void wait_for_idle(struct fixture *fixture)
{
    while (work_in_flight(fixture->work) > 0)
        assert_true(turn(fixture));
}

/* Whatever number the list brought, jobs started later find room in front of it. */
static void test_started_jobs_come_first(void **state)
{
    struct fixture *fixture = *state;
    struct guid ids[12];
    struct journal *owned[12] = {0};
    for (size_t listed = 0; listed < 7; listed++) {
        struct guid id;
        finish(create(fixture, &id), &id);
    }
    fixture->jobs = jobs_new(fixture->work, fixture->directory, 0);
    wait_for_count(fixture, 7);
    for (size_t i = 0; i < ARRAY_LENGTH(ids); i++) {
        owned[i] = create(fixture, &ids[i]);
        jobs_follow(fixture->jobs, &ids[i]);
        size_t count = 0;
        assert_true(guid_equal(&jobs_all(fixture->jobs, &count)[0].identity.id, &ids[i]));
        assert_int_equal(count, 8 + i);
    }
    jobs_refresh(fixture->jobs);
    wait_for_idle(fixture);
    assert_int_equal(count_of(fixture), 7 + ARRAY_LENGTH(ids));
    for (size_t i = 0; i < ARRAY_LENGTH(ids); i++) {
        assert_non_null(jobs_find(fixture->jobs, &ids[i]));
        finish(owned[i], &ids[i]);
    }
}

/* Of thousands, what changed last is there before the others have been read. */
static void test_the_newest_are_read_first(void **state)
{
    struct fixture *fixture = *state;
    struct guid newest;
    size_t count = 0;
    for (size_t i = 0; i < 300; i++) {
        struct guid id;
        finish(create(fixture, &id), &id);
    }
    finish(create(fixture, &newest), &newest);
    fixture->jobs = jobs_new(fixture->work, fixture->directory, 0);
    while (count_of(fixture) == 0)
        assert_true(turn(fixture));
    jobs_all(fixture->jobs, &count);
    assert_in_range(count, 1, 299);
    assert_non_null(jobs_find(fixture->jobs, &newest));
    assert_int_equal(count + jobs_unread(fixture->jobs), 301);
    wait_for_count(fixture, 301);
    assert_int_equal(jobs_unread(fixture->jobs), 0);
}

static void make_old(const struct fixture *fixture, const struct guid *id, int64_t days)
{
    CLEANUP_FREE char *path = mem_format("%s/jobs/%s", fixture->directory, id->text);
    int64_t seconds = moment_now().seconds - days * 24 * 3600;
    const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void finish_old(const struct fixture *fixture, struct guid *id, int64_t days)
{
    struct error err = {0};
    struct journal *journal = create(fixture, id);
    struct job_snapshot snapshot = snapshot_of(id, JOB_STATE_COMPLETED, 9);
    snapshot.changed.seconds = moment_now().seconds - days * 24 * 3600;
    assert_true(journal_write_outcome(journal, &snapshot, &err));
    journal_close(journal);
    make_old(fixture, id, days);
}

/* What is older than the setting says goes; what was interrupted can be gone on with, and stays. */
static void test_old_ones_are_forgotten(void **state)
{
    struct fixture *fixture = *state;
    struct guid old;
    struct guid young;
    struct guid interrupted;
    finish_old(fixture, &old, 40);
    finish_old(fixture, &young, 20);
    journal_close(create(fixture, &interrupted));
    make_old(fixture, &interrupted, 400);
    fixture->jobs = jobs_new(fixture->work, fixture->directory, 30);
    wait_for_idle(fixture);
    assert_null(jobs_find(fixture->jobs, &old));
    assert_non_null(jobs_find(fixture->jobs, &young));
    assert_non_null(jobs_find(fixture->jobs, &interrupted));
    assert_int_equal(count_of(fixture), 2);
}

static void wait_for_state(struct fixture *fixture, const struct guid *id, uint32_t wanted)
{
    int64_t deadline = monotonic_milliseconds() + PATIENCE_MS;
    const struct job_snapshot *job = jobs_find(fixture->jobs, id);
    while ((!job || job->state != wanted) && monotonic_milliseconds() < deadline) {
        assert_true(turn(fixture));
        job = jobs_find(fixture->jobs, id);
    }
    assert_non_null(job);
    assert_int_equal(job->state, wanted);
}

static void test_an_end_before_our_eyes_is_not_missed(void **state)
{
    struct fixture *fixture = *state;
    struct guid id;
    struct error err = {0};
    struct journal *journal = create(fixture, &id);
    struct job_snapshot running = snapshot_of(&id, JOB_STATE_RUNNING, 2);
    assert_true(journal_write_progress(journal, &running, &err));
    fixture->jobs = jobs_new(fixture->work, fixture->directory, 0);
    wait_for_state(fixture, &id, JOB_STATE_RUNNING);
    wait_for_idle(fixture);
    jobs_take_news(fixture->jobs);
    assert_false(jobs_is_unseen(fixture->jobs, 0));
    finish(journal, &id);
    wait_for_state(fixture, &id, JOB_STATE_COMPLETED);
    assert_int_equal(jobs_take_news(fixture->jobs), JOBS_CHANGED);
    assert_int_equal(jobs_take_news(fixture->jobs), JOBS_NO_NEWS);
    assert_true(jobs_is_unseen(fixture->jobs, 0));
    jobs_mark_seen(fixture->jobs, NULL);
    assert_false(jobs_is_unseen(fixture->jobs, 0));
}

static void test_jobs_of_others_appear_and_go(void **state)
{
    struct fixture *fixture = *state;
    struct guid id;
    struct error err = {0};
    fixture->jobs = jobs_new(fixture->work, fixture->directory, 0);
    wait_for_idle(fixture);
    assert_int_equal(count_of(fixture), 0);
    finish(create(fixture, &id), &id); /* another process would do just this */
    wait_for_count(fixture, 1);
    wait_for_state(fixture, &id, JOB_STATE_COMPLETED);
    assert_true(journal_discard(fixture->directory, &id, &err));
    wait_for_count(fixture, 0);
    assert_null(jobs_find(fixture->jobs, &id));
}

static void test_a_job_that_does_not_exist_is_given_up(void **state)
{
    struct fixture *fixture = *state;
    struct guid id = guid_new();
    fixture->jobs = jobs_new(fixture->work, fixture->directory, 0);
    wait_for_idle(fixture);
    jobs_follow(fixture->jobs, &id);
    assert_int_equal(count_of(fixture), 1);
    wait_for_idle(fixture);
    /* Its connection fails; it is tried again later, and the pool is idle in between. */
    assert_int_equal(work_in_flight(fixture->work), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_started_jobs_come_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_newest_are_read_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_old_ones_are_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_end_before_our_eyes_is_not_missed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_jobs_of_others_appear_and_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_job_that_does_not_exist_is_given_up, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
