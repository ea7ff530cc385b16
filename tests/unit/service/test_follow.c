/* Following a job in another process and asking it; clients that misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "tests/pulse.h"
#include "tests/unit/support/jobs.h"

static void cancel_is_honoured(void **state)
{
    (void)state;
    jobs_set_script("disks step wait");
    struct guid id = jobs_start();
    struct job_snapshot snapshot = {0};
    struct follow *follow = jobs_watch(&id);
    jobs_wait(follow, jobs_has_a_step, &snapshot);
    struct pulse *pulse = pulse_start();
    jobs_ask(&id, REQUESTED_STATE_TERMINATE);
    jobs_wait(follow, jobs_is_final, &snapshot);
    assert_true(pulse_stop(pulse) < 10000);
    follow_close(follow);
    assert_int_equal(snapshot.state, JOB_STATE_TERMINATED);
    assert_int_equal(snapshot.error.code, RETURN_FAILED);
    assert_string_equal(snapshot.error.key, "job.cancelled");
    assert_string_equal(snapshot.package, "");
    assert_true(snapshot.percent_complete < 100);
    job_snapshot_clear(&snapshot);
    struct error err = {0};
    assert_int_equal(follow_request(jobs_directory, &id, REQUESTED_STATE_TERMINATE, &err),
                     RETURN_INVALID_STATE);
}

static void pause_and_go_on(void **state)
{
    (void)state;
    jobs_set_script("disks step spin");
    struct guid id = jobs_start();
    struct error err = {0};
    struct job_snapshot snapshot = {0};
    struct follow *follow = jobs_watch(&id);
    jobs_wait(follow, jobs_is_running, &snapshot);
    assert_int_equal(follow_request(jobs_directory, &id, REQUESTED_STATE_START, &err), RETURN_INVALID_STATE);
    assert_int_equal(follow_request(jobs_directory, &id, REQUESTED_STATE_KILL, &err), RETURN_NOT_SUPPORTED);
    jobs_ask(&id, REQUESTED_STATE_SUSPEND);
    jobs_wait(follow, jobs_is_suspended, &snapshot);
    assert_int_equal(follow_request(jobs_directory, &id, REQUESTED_STATE_SUSPEND, &err),
                     RETURN_INVALID_STATE);
    jobs_ask(&id, REQUESTED_STATE_START);
    jobs_wait(follow, jobs_is_running, &snapshot);
    scripted_host_release(jobs_directory);
    jobs_wait(follow, jobs_is_final, &snapshot);
    follow_close(follow);
    assert_int_equal(snapshot.state, JOB_STATE_COMPLETED);
    job_snapshot_clear(&snapshot);
}

static void cancel_while_paused(void **state)
{
    (void)state;
    jobs_set_script("disks spin");
    struct guid id = jobs_start();
    struct job_snapshot snapshot = {0};
    struct follow *follow = jobs_watch(&id);
    jobs_wait(follow, jobs_is_running, &snapshot);
    jobs_ask(&id, REQUESTED_STATE_SUSPEND);
    jobs_ask(&id, REQUESTED_STATE_TERMINATE);
    jobs_wait(follow, jobs_is_final, &snapshot);
    follow_close(follow);
    assert_int_equal(snapshot.state, JOB_STATE_TERMINATED);
    job_snapshot_clear(&snapshot);
}

static void two_followers_see_the_same(void **state)
{
    (void)state;
    jobs_set_script("disks step wait step");
    struct guid id = jobs_start();
    struct job_snapshot one = {0};
    struct job_snapshot two = {0};
    struct follow *first = jobs_watch(&id);
    struct follow *second = jobs_watch(&id);
    jobs_wait(first, jobs_has_a_step, &one);
    jobs_wait(second, jobs_has_a_step, &two);
    scripted_host_release(jobs_directory);
    jobs_wait(first, jobs_is_final, &one);
    jobs_wait(second, jobs_is_final, &two);
    assert_int_equal(one.revision, two.revision);
    assert_int_equal(one.state, two.state);
    assert_memory_equal(one.disks, two.disks, sizeof *one.disks);
    follow_close(first);
    follow_close(second);
    job_snapshot_clear(&one);
    job_snapshot_clear(&two);
}

/* Each snapshot is larger than a socket takes: who never reads gets stuck at once. */
static void deaf_and_rude_clients(void **state)
{
    (void)state;
    jobs_set_script("many step wait step spin");
    struct guid id = jobs_start();
    int fds[60];
    static const char follow_line[] = "{\"request\":\"follow\"}\n";
    char junk[4096];
    memset(junk, 'x', sizeof junk);
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
        fds[i] = jobs_connect(&id);
        if (fds[i] < 0)
            continue;
        /* Deaf, garbage, an endless line, requests without end that nobody reads the answers of. */
        ssize_t sent = 0;
        if (i % 4 == 0)
            sent = send(fds[i], follow_line, sizeof follow_line - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (i % 4 == 1)
            sent = send(fds[i], "{]\n", 3, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (i % 4 == 2)
            sent = send(fds[i], junk, sizeof junk, MSG_NOSIGNAL | MSG_DONTWAIT);
        for (int n = 0; i % 4 == 3 && n < 2000 && sent >= 0; n++)
            sent = send(fds[i], "{\"request\":\"state\",\"requested_state\":5}\n", 40,
                        MSG_NOSIGNAL | MSG_DONTWAIT);
        /* Half of the well-behaved leave, so that there is room for the follower below. */
        if (i % 4 == 0 && i >= 40) {
            close(fds[i]);
            fds[i] = -1;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
        if (i % 4 == 3 && fds[i] >= 0) {
            close(fds[i]);
            fds[i] = -1;
        }
    }
    struct job_snapshot snapshot = {0};
    struct follow *follow = jobs_watch(&id);
    jobs_wait(follow, jobs_has_many, &snapshot);
    scripted_host_release(jobs_directory);
    jobs_wait(follow, jobs_has_a_step, &snapshot);
    jobs_ask(&id, REQUESTED_STATE_SUSPEND);
    jobs_wait(follow, jobs_is_suspended, &snapshot);
    jobs_ask(&id, REQUESTED_STATE_TERMINATE);
    jobs_wait(follow, jobs_is_final, &snapshot);
    assert_int_equal(snapshot.state, JOB_STATE_TERMINATED);
    follow_close(follow);
    job_snapshot_clear(&snapshot);
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++)
        mem_cleanup_fd(&fds[i]);
}

static int64_t moment_of_stall;

static bool is_past_the_stall(const struct job_snapshot *snapshot)
{
    return snapshot->elapsed_ms > moment_of_stall + 1500; /* several turns of writing progress */
}

/* Storage that does not come back: opening a FIFO that nobody reads. */
static void journal_that_stalls_silences_nobody(void **state)
{
    (void)state;
    jobs_set_script("disks step spin");
    struct guid id = jobs_start();
    struct job_snapshot snapshot = {0};
    struct follow *follow = jobs_watch(&id);
    jobs_wait(follow, jobs_has_a_step, &snapshot);
    CLEANUP_FREE char *path = mem_format("%s/jobs/%s/progress.tmp", jobs_directory, id.text);
    CLEANUP_FREE char *made = mem_format("%s/stall", jobs_directory);
    assert_int_equal(mkfifo(made, 0600), 0);
    CLEANUP_FD int held = open(made, O_PATH | O_CLOEXEC);
    CLEANUP_FREE char *fifo = mem_format("/proc/self/fd/%d", held);
    assert_int_equal(rename(made, path), 0);
    moment_of_stall = snapshot.elapsed_ms;
    jobs_wait(follow, is_past_the_stall, &snapshot);
    jobs_ask(&id, REQUESTED_STATE_SUSPEND);
    jobs_wait(follow, jobs_is_suspended, &snapshot);
    CLEANUP_FD int reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    jobs_ask(&id, REQUESTED_STATE_TERMINATE);
    jobs_wait(follow, jobs_is_final, &snapshot);
    assert_int_equal(snapshot.state, JOB_STATE_TERMINATED);
    follow_close(follow);
    job_snapshot_clear(&snapshot);
}

static void vanished_is_unknown(void **state)
{
    (void)state;
    jobs_set_script("disks step wait");
    struct guid id = jobs_start();
    struct job_snapshot snapshot = {0};
    struct follow *follow = jobs_watch(&id);
    jobs_wait(follow, jobs_has_a_step, &snapshot);
    pid_t runner = jobs_runner(&id);
    CLEANUP_FREE char *path = mem_format("%s/jobs/%s", jobs_directory, id.text);
    /* At one moment, whatever the runner is writing just then. */
    CLEANUP_FREE char *elsewhere = mem_format("%s/vanished", jobs_directory);
    assert_int_equal(rename(path, elsewhere), 0);
    assert_int_equal(kill(runner, SIGKILL), 0);
    jobs_wait(follow, jobs_is_final, &snapshot);
    follow_close(follow);
    assert_int_equal(snapshot.state, JOB_STATE_EXCEPTION);
    assert_int_equal(snapshot.error.code, RETURN_UNKNOWN_STATUS);
    assert_string_equal(snapshot.error.key, "job.vanished");
    job_snapshot_clear(&snapshot);
}

/* A runner that cannot answer, and somebody who does not wait for it: at once, and the job goes on. */
static void waiting_for_an_answer_can_be_given_up(void **state)
{
    (void)state;
    jobs_set_script("disks step wait");
    struct guid id = jobs_start();
    struct error err = {0};
    struct job_snapshot snapshot = {0};
    struct follow *follow = jobs_watch(&id);
    jobs_wait(follow, jobs_has_a_step, &snapshot);
    pid_t runner = jobs_runner(&id);
    CLEANUP_FD int give_up = eventfd(1, EFD_CLOEXEC);
    assert_int_equal(kill(runner, SIGSTOP), 0);
    struct pulse *pulse = pulse_start();
    assert_int_equal(follow_request_until(jobs_directory, &id, REQUESTED_STATE_SUSPEND, give_up, &err),
                     RETURN_UNKNOWN_STATUS);
    assert_true(pulse_stop(pulse) < 1000);
    assert_string_equal(err.key, "job.no-answer");
    assert_int_equal(kill(runner, SIGCONT), 0);
    jobs_wait(follow, jobs_is_suspended, &snapshot); /* it was asked all the same */
    jobs_ask(&id, REQUESTED_STATE_TERMINATE);
    jobs_wait(follow, jobs_is_final, &snapshot);
    follow_close(follow);
    assert_int_equal(snapshot.state, JOB_STATE_TERMINATED);
    job_snapshot_clear(&snapshot);
}

static void unknown_jobs(void **state)
{
    (void)state;
    struct error err = {0};
    struct guid id = guid_new();
    assert_null(follow_open(jobs_directory, &id, &err));
    assert_int_equal(err.code, RETURN_INVALID_PARAMETER);
    assert_int_equal(follow_request(jobs_directory, &id, REQUESTED_STATE_TERMINATE, &err),
                     RETURN_INVALID_PARAMETER);
}

int main(int argc, char **argv)
{
    int status = 0;
    if (jobs_is_runner(argc, argv, &status))
        return status;
    const struct CMUnitTest tests[] = {
        JOBS_TEST(cancel_is_honoured),    JOBS_TEST(pause_and_go_on),
        JOBS_TEST(cancel_while_paused),   JOBS_TEST(two_followers_see_the_same),
        JOBS_TEST(deaf_and_rude_clients), JOBS_TEST(journal_that_stalls_silences_nobody),
        JOBS_TEST(vanished_is_unknown),   JOBS_TEST(waiting_for_an_answer_can_be_given_up),
        JOBS_TEST(unknown_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
