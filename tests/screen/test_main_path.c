/* The main path as an operator walks it: collections, a point, the form, the review, the job, its end. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

/* From the first screen to the form of web-prod's newest point. */
static void open_form(struct terminal *terminal)
{
    terminal_wait_text(terminal, "web-prod");
    terminal_sync(terminal);
    terminal_keys(terminal, "/");
    terminal_type(terminal, "web");
    terminal_sync(terminal);
    terminal_keys(terminal, "Enter Tab");
    terminal_wait_text(terminal, "Points of web-prod");
    terminal_sync(terminal);
    terminal_keys(terminal, "e");
    terminal_wait_text(terminal, "1 of 3");
    terminal_sync(terminal);
}

static void press_until(struct terminal *terminal, const char *key, const char *footer)
{
    for (int i = 0; i < 40 && !terminal_has_text(terminal, footer); i++) {
        terminal_keys(terminal, key);
        terminal_sync(terminal);
    }
    terminal_wait_text(terminal, footer);
}

static void fill_in(struct session *session, struct terminal *terminal)
{
    terminal_type(terminal, session->exports);
    terminal_sync(terminal);
    terminal_wait_text(terminal, "free, writable");
    terminal_wait_text(terminal, "about");
}

/* From a form that is filled in to the job's pane. */
static void review_and_start(struct terminal *terminal)
{
    terminal_go_to_row(terminal, " < Back >");
    terminal_keys(terminal, "Right Enter");
    terminal_wait_text(terminal, "2 of 3");
    terminal_sync(terminal);
    terminal_keys(terminal, "Tab Enter");
    terminal_wait_text(terminal, "return 4096");
}

static void test_from_collections_to_a_verified_package(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    terminal_wait_text(terminal, "web-prod");
    terminal_keys(terminal, "Down");
    terminal_wait_text(terminal, "Points of web-prod");
    terminal_sync(terminal);
    terminal_keys(terminal, "Tab Down");
    terminal_sync(terminal);
    terminal_keys(terminal, "Up Tab g");
    terminal_sync(terminal);
    open_form(terminal);
    terminal_wait_text(terminal, "proposed: what you type takes its place");
    fill_in(session, terminal);

    /* Enter twice: Review opens with the focus on Back, and the second Enter goes back to the form. */
    terminal_go_to_row(terminal, " < Back >");
    terminal_keys(terminal, "Right Enter");
    terminal_wait_text(terminal, "2 of 3");
    terminal_keys(terminal, "Enter");
    terminal_wait_text(terminal, "1 of 3");
    terminal_sync(terminal);
    assert_true(terminal_has_text(terminal, session->exports));
    assert_int_equal(session_count_exports(session), 0);

    review_and_start(terminal);
    terminal_wait_text(terminal, "state 7 Completed");
    terminal_wait_text(terminal, "error 0");
    terminal_sync(terminal);
    assert_int_equal(session_count_exports(session), 1);
    CLEANUP_FREE char *checked =
        session_shell(session, "cd \"$EXPORTS\"/web-prod-* && sha256sum --quiet -c SHA256SUMS && "
                               "\"$REFPOINT\" package verify . && \"$REFPOINT\" job list");
    assert_non_null(strstr(checked, "whole"));
    assert_non_null(strstr(checked, "Completed"));
    terminal_keys(terminal, "Esc q");
    assert_int_equal(terminal_wait_end(terminal), 0);
    terminal_close(terminal);
}

/* A limit of the rate keeps the job running for as long as the test wants. */
static void start_slow_job(struct session *session, struct terminal *terminal)
{
    open_form(terminal);
    fill_in(session, terminal);
    terminal_go_to_row(terminal, " Verify");
    press_until(terminal, "Right", "Limit");
    terminal_keys(terminal, "Right");
    terminal_type(terminal, "1");
    terminal_sync(terminal);
    terminal_wait_text(terminal, "--rate");
    terminal_wait_text(terminal, "about");
    review_and_start(terminal);
    terminal_wait_text(terminal, "phase 2 of 4: copy");
}

static void test_a_job_outlives_its_terminal_and_can_be_cancelled(void **state)
{
    struct session *session = *state;
    struct terminal *first = session_open(session, 24, 80, NULL);
    start_slow_job(session, first);
    terminal_wait_text(first, "MiB/s");
    CLEANUP_FREE char *before = session_shell(session, "\"$REFPOINT\" job list --json");
    assert_null(strstr(before, "\"state\":\"Completed\""));
    terminal_close(first); /* SIGKILL: the terminal is gone */

    struct terminal *second = session_open(session, 24, 80, NULL);
    terminal_wait_text(second, "web-prod");
    terminal_sync(second);
    terminal_keys(second, "J");
    terminal_wait_text(second, "running");
    terminal_sync(second);
    terminal_keys(second, "Enter");
    terminal_wait_text(second, "phase 2 of 4: copy");
    terminal_sync(second);
    terminal_keys(second, "x");
    terminal_sync(second);
    terminal_keys(second, "Enter"); /* No is preselected */
    terminal_sync(second);
    terminal_wait_text(second, "state 4 Running");
    terminal_keys(second, "x");
    terminal_sync(second);
    terminal_keys(second, "Right Enter"); /* Yes */
    terminal_wait_text(second, "8 Terminated");
    terminal_sync(second);
    assert_false(terminal_has_text(second, "Cancelling:")); /* that is over too */
    terminal_wait_text(second, "D discard");
    assert_int_equal(session_count_exports(session), 0);
    terminal_keys(second, "q");
    assert_int_equal(terminal_wait_end(second), 0);
    terminal_close(second);
}

/* A job whose process was killed when it had copied something. rate: of the export. */
static void interrupt_a_job(struct session *session, const char *rate, const char *point)
{
    CLEANUP_FREE char *command = mem_format(
        "job=$(\"$REFPOINT\" export web-prod %s --to \"$EXPORTS\" --rate %s --detach --json |"
        "      jq -r .job);"
        "until \"$REFPOINT\" job show $job --json | jq -e '.bytes_done > 0' >/dev/null; do :; done;"
        "runner=$(pgrep -f -- \"--runner $ROOT/state/refpoint $job\" | head -n 1);"
        "group=$(ps -o sid= -p $runner | tr -d ' '); kill -9 $runner;"
        "while pgrep --session $group --runstates D,I,R,S,T,t >/dev/null; do :; done;"
        "ls -A \"$EXPORTS\"",
        point, rate);
    CLEANUP_FREE char *left = session_shell(session, command);
    assert_non_null(strstr(left, ".partial"));
}

static struct terminal *open_on_interrupted(struct session *session)
{
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_keys(terminal, "J");
    terminal_wait_text(terminal, "interrupted");
    terminal_wait_text(terminal, "p resume");
    terminal_sync(terminal);
    return terminal;
}

/* It goes on where it stopped, and its end tells what was there already. */
static void test_an_interrupted_job_goes_on(void **state)
{
    struct session *session = *state;
    interrupt_a_job(session, "64MiB", "monday");
    struct terminal *terminal = open_on_interrupted(session);
    terminal_keys(terminal, "Enter");
    terminal_wait_text(terminal, "goes on where it stopped");
    terminal_sync(terminal);
    terminal_keys(terminal, "p");
    terminal_wait_text(terminal, "7 Completed");
    terminal_wait_text(terminal, "before it was interrupted");
    terminal_sync(terminal);
    assert_false(terminal_has_text(terminal, "p resume"));
    assert_int_equal(session_count_exports(session), 1);
    terminal_keys(terminal, "p");
    terminal_wait_text(terminal, "is over");
    session_leave(terminal);
}

/* What it had begun belongs to another base: refused with the reason, and a way to begin again. */
static void test_an_interrupted_job_begins_again(void **state)
{
    struct session *session = *state;
    free(session_shell(session, "\"$REFPOINT\" export web-prod monday --to \"$EXPORTS\""));
    CLEANUP_FREE char *first = session_shell(session, "ls \"$EXPORTS\"");
    free(session_shell(session,
                       "mkdir \"$ROOT/other\"; \"$REFPOINT\" export web-prod monday --to \"$ROOT/other\""));
    interrupt_a_job(session, "8MiB --base monday", "tuesday");
    CLEANUP_FREE char *swap = mem_format("rm -rf \"$EXPORTS/%.*s\"; mv \"$ROOT/other/\"* \"$EXPORTS\"",
                                         (int)strcspn(first, "\n"), first);
    free(session_shell(session, swap));
    struct terminal *terminal = open_on_interrupted(session);
    terminal_keys(terminal, "p");
    terminal_wait_text(terminal, "cannot go on");
    terminal_wait_text(terminal, "Yes, begin again");
    terminal_sync(terminal);
    terminal_keys(terminal, "Enter"); /* No is preselected */
    terminal_wait_text(terminal, "interrupted");
    terminal_keys(terminal, "p");
    terminal_wait_text(terminal, "cannot go on");
    terminal_sync(terminal);
    terminal_keys(terminal, "Right Enter");
    terminal_wait_text(terminal, "7 Completed");
    assert_int_equal(session_count_exports(session), 2);
    session_leave(terminal);
}

/* It is forgotten together with what it had begun, on the screen as by command. */
static void test_discarding_an_interrupted_job_takes_what_it_had_begun(void **state)
{
    struct session *session = *state;
    interrupt_a_job(session, "64KiB", "monday");
    struct terminal *terminal = open_on_interrupted(session);
    terminal_keys(terminal, "D");
    terminal_wait_text(terminal, "Remove the record of job");
    terminal_keys(terminal, "Right Enter"); /* No is preselected */
    terminal_wait_text(terminal, "record has been removed, and what it had begun");
    assert_int_equal(session_count_exports(session), 0);
    session_leave(terminal);
}

/* All disks of a running job can be seen, and the cursor stands where the work is. */
static void test_disks_of_a_running_job_scroll(void **state)
{
    struct session *session = *state;
    free(session_shell(session, "export REFPOINT_STORE=\"$ROOT/store\"; disks=; for i in $(seq -w 20); do "
                                "image=$ROOT/d$i.qcow2; qemu-img create -q -f qcow2 \"$image\" 16M; "
                                "qemu-io -f qcow2 -c 'write -q -P 7 0 16M' \"$image\"; "
                                "disks=\"$disks --disk d$i=qcow2:$image\"; done; "
                                "\"$REFPOINT\" machine add many $disks; "
                                "\"$REFPOINT\" collection define many --member many; "
                                "\"$REFPOINT\" point create many --name one; "
                                "\"$REFPOINT\" export many one --to \"$EXPORTS\" --rate 1MiB --detach"));
    CLEANUP_FREE char *store = mem_format("REFPOINT_STORE=%s/store", session->root);
    struct terminal *terminal = session_open(session, 24, 80, (const char *const[]){store, NULL});
    terminal_wait_text(terminal, "Points of many ── 1");
    terminal_sync(terminal);
    terminal_keys(terminal, "J Enter");
    terminal_wait_text(terminal, "\n>many/d");
    terminal_keys(terminal, "p"); /* within the first disk, which takes 16 seconds */
    terminal_wait_text(terminal, "5 Suspended");
    terminal_sync(terminal);
    assert_false(terminal_has_text(terminal, "The job pauses")); /* it is paused now */
    terminal_wait_text(terminal, "p resume");
    /* To and fro between a job and the list does not pile up what Esc has to leave. */
    for (int i = 0; i < 3; i++) {
        terminal_keys(terminal, "J");
        terminal_sync(terminal);
        terminal_keys(terminal, "Enter");
        terminal_sync(terminal);
    }
    /* The same word for the same key on every screen that has it. */
    terminal_keys(terminal, "Esc");
    terminal_wait_text(terminal, "p resume");
    terminal_keys(terminal, "Esc");
    terminal_wait_text(terminal, "Collections");
    terminal_wait_text(terminal, "p resume");
    terminal_keys(terminal, "J");
    terminal_sync(terminal);
    terminal_keys(terminal, "Enter");
    terminal_wait_text(terminal, " of 20 ");
    terminal_sync(terminal);
    CLEANUP_FREE char *row = terminal_cursor_row(terminal);
    assert_int_equal(strncmp(row, ">many/d", 7), 0);
    assert_false(terminal_has_text(terminal, "\n many/d20"));
    terminal_keys(terminal, "G");
    terminal_wait_text(terminal, "\n many/d20");
    terminal_wait_text(terminal, "of 20");
    terminal_sync(terminal);
    terminal_keys(terminal, "x");
    terminal_sync(terminal);
    terminal_keys(terminal, "Right Enter");
    terminal_wait_text(terminal, "8 Terminated");
    session_leave(terminal);
}

static void test_leaving_with_a_running_job_asks_and_leaves_it_running(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    start_slow_job(session, terminal);
    terminal_keys(terminal, "q");
    terminal_wait_text(terminal, "Leave");
    terminal_sync(terminal);
    terminal_keys(terminal, "Enter");
    assert_int_equal(terminal_wait_end(terminal), 0);
    terminal_close(terminal);
    /* What the journal says of a running job may be half a second old: New, Starting or Running. */
    CLEANUP_FREE char *jobs = session_shell(
        session,
        "id=$(\"$REFPOINT\" job list --json | jq -r .job);"
        "\"$REFPOINT\" job show \"$id\" --json | jq '.job_state < 7';"
        "\"$REFPOINT\" job cancel \"$id\" >/dev/null; \"$REFPOINT\" job attach \"$id\" >/dev/null 2>&1 || :;"
        "\"$REFPOINT\" job show \"$id\" --json | jq -r .state");
    assert_string_equal(jobs, "true\nTerminated\n");
}

static void test_a_missing_directory_is_refused_and_can_be_made(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    open_form(terminal);
    terminal_type(terminal, session->exports);
    terminal_type(terminal, "/new");
    terminal_wait_text(terminal, "(32779 File not found)");
    terminal_wait_text(terminal, "Directory must be mended first");
    terminal_sync(terminal);
    terminal_keys(terminal, "Down");
    terminal_sync(terminal);
    terminal_keys(terminal, "Enter");
    terminal_wait_text(terminal, "free, writable");
    CLEANUP_FREE char *made = session_shell(session, "test -d \"$EXPORTS/new\" && echo made");
    assert_string_equal(made, "made\n");
    terminal_close(terminal);
}

static const struct CMUnitTest tests[] = {
    SESSION_TEST(test_from_collections_to_a_verified_package),
    SESSION_TEST(test_a_job_outlives_its_terminal_and_can_be_cancelled),
    SESSION_TEST(test_an_interrupted_job_goes_on),
    SESSION_TEST(test_an_interrupted_job_begins_again),
    SESSION_TEST(test_discarding_an_interrupted_job_takes_what_it_had_begun),
    SESSION_TEST(test_disks_of_a_running_job_scroll),
    SESSION_TEST(test_leaving_with_a_running_job_asks_and_leaves_it_running),
    SESSION_TEST(test_a_missing_directory_is_refused_and_can_be_made),
};

SESSION_MAIN(tests)
