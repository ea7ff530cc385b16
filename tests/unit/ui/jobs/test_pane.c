/* Pictures of jobs: running, at every size, ended; from snapshots, without a terminal. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/unit/support/ui_pictures.h"
#include "ui/jobs/outcome.h"
#include "ui/jobs/pane.h"
#include "ui/jobs/text.h"

static struct job_disk disks[30];

static struct job_snapshot running(void)
{
    struct job_snapshot job = {.state = JOB_STATE_RUNNING,
                               .phase = JOB_PHASE_COPY,
                               .percent_complete = 61,
                               .bytes_done = 251 * GIB,
                               .bytes_total = 412 * GIB,
                               .bytes_skipped = 7 * GIB,
                               .rate_now = 242 * MIB,
                               .rate_average = 240 * MIB,
                               .left_low_s = 600,
                               .left_high_s = 780,
                               .limited_by = JOB_LIMIT_TARGET,
                               .started = {.seconds = 1790244120},
                               .elapsed_ms = 1072000,
                               .disks = disks,
                               .disk_count = 4};
    guid_parse(&job.identity.id, "7f3a0000-0000-4000-8000-000000000000");
    strcpy(job.identity.collection, "web-prod");
    strcpy(job.identity.point, "nightly");
    strcpy(job.identity.directory, "/backup/web");
    strcpy(job.note, "10:19:40 web02/vda: unchanged ranges skipped");
    memset(disks, 0, sizeof disks);
    for (size_t i = 0; i < ARRAY_LENGTH(disks); i++) {
        snprintf(disks[i].machine, sizeof disks[i].machine, "web%02zu", i + 1);
        strcpy(disks[i].disk, "vda");
        strcpy(disks[i].kind, "differential");
        disks[i].bytes_total = 120 * GIB;
    }
    disks[0].state = JOB_DISK_DONE;
    disks[0].bytes_done = 120 * GIB;
    disks[1].state = JOB_DISK_COPYING;
    disks[1].bytes_done = 41 * GIB;
    strcpy(disks[2].kind, "full");
    strcpy(disks[2].reason, "the disk is new since the base");
    return job;
}

static char *picture(const struct job_snapshot *job, int rows, int columns, struct job_pane_options options)
{
    struct canvas_surface *surface = canvas_surface_new(rows, columns, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    job_pane_paint(&whole, job, &options);
    char *text = canvas_to_text(&whole);
    canvas_surface_free(surface);
    return text;
}

static void test_running(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    CLEANUP_FREE char *text = picture(&job, 9, 80, (struct job_pane_options){.follow = true});
    assert_string_equal(text,
                        "JOB 7f3a  web-prod -> /backup/web                  phase 2/4 copy  started 10:02\n"
                        "return 4096 job started     state 4 Running     error 0\n"
                        "[##################............]  61%  251.0 GiB / 412.0 GiB\n"
                        "now 242 MiB/s  avg 240 MiB/s  elapsed 0:17:52  left 10-13 min (target-limited)\n"
                        "  web01/vda                done        120.0 GiB  differential\n"
                        "> web02/vda                 34% copy   120.0 GiB  differential\n"
                        "  web03/vda                waiting     120.0 GiB  full         the disk is new …\n"
                        "  web04/vda                waiting     120.0 GiB  differential\n"
                        "10:19:40 web02/vda: unchanged ranges skipped\n");
}

#define PAIR "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9"
#define PAIR_SPELLED "\\u{1f468}\\u{200d}\\u{1f469}"

/* Heading and rows show "?": beneath, and in the outcome, the names are whole. */
static void test_names_are_whole(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    strcpy(job.identity.collection, PAIR " home");
    strcpy(disks[1].machine, "web " PAIR);
    CLEANUP_FREE char *text = picture(&job, 20, 80, (struct job_pane_options){.follow = true});
    assert_non_null(strstr(text, "? home"));
    assert_non_null(strstr(text, PAIR_SPELLED " home"));
    assert_non_null(strstr(text, "web " PAIR_SPELLED));
    job.state = JOB_STATE_COMPLETED;
    struct facts facts = {0};
    size_t told = 0;
    job_outcome_make(&facts, &job, "/log");
    for (size_t i = 0; i < facts.count; i++)
        told += facts.items[i].text && strstr(facts.items[i].text, PAIR_SPELLED) != NULL;
    assert_int_equal(told, 2); /* what was exported, and the disk of that machine */
    facts_clear(&facts);
}

static void test_rows_show_where_the_work_is(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.disk_count = 30;
    disks[1].state = JOB_DISK_DONE;
    disks[20].state = JOB_DISK_COPYING;
    CLEANUP_FREE char *text = picture(&job, 8, 80, (struct job_pane_options){.follow = true});
    assert_non_null(strstr(text, "\n  web20/vda"));
    assert_non_null(strstr(text, "\n> web21/vda"));
    assert_null(strstr(text, "web01"));
    /* The job's own screen shows what was scrolled to. */
    CLEANUP_FREE char *scrolled = picture(&job, 8, 80, (struct job_pane_options){.top_disk = 27});
    assert_non_null(strstr(scrolled, "\n  web28/vda"));
    assert_non_null(strstr(scrolled, "\n  web30/vda"));
    assert_non_null(strstr(scrolled, "412.0 GiB  disks 28-30 of 30\n"));
}

/* The hardware cursor stands at the disk marked ">"; where that is not seen, at the first that is. */
static void test_cursor(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.disk_count = 30;
    disks[1].state = JOB_DISK_DONE;
    disks[20].state = JOB_DISK_COPYING;
    struct job_pane_options follow = {.follow = true};
    CLEANUP_FREE char *text = picture(&job, 8, 80, follow);
    int row = 0;
    for (const char *at = text; at < strstr(text, "> web21"); at++)
        row += *at == '\n';
    assert_int_equal(job_pane_cursor_row(&job, 8, &follow), row);
    struct job_pane_options scrolled = {.top_disk = 25};
    assert_int_equal(job_pane_cursor_row(&job, 8, &scrolled), 4);
    disks[20].state = JOB_DISK_WAITING;
    assert_int_equal(job_pane_cursor_row(&job, 8, &follow), 4);
    assert_int_equal(job_pane_cursor_row(&job, 3, &follow), 0);
}

/* No size makes it crash or leave its canvas. */
static void test_every_size(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    for (int rows = 0; rows < 12; rows++) {
        for (int columns = 0; columns < 90; columns++) {
            CLEANUP_FREE char *text = picture(&job, rows, columns, (struct job_pane_options){.follow = true});
            int lines = 0;
            for (const char *at = text; *at; at++)
                lines += *at == '\n';
            assert_int_equal(lines, rows);
        }
    }
}

static void test_nothing_is_shown_until_it_is_stable(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.rate_now = 0;
    job.rate_average = 0;
    job.left_low_s = 0;
    job.left_high_s = 0;
    CLEANUP_FREE char *rates = job_text_rates(&job, false);
    assert_string_equal(rates, "elapsed 0:17:52");
    CLEANUP_FREE char *narrow = job_text_rates(&job, true);
    assert_string_equal(narrow, "elapsed 0:17:52");
}

/* At 60 columns nothing of the rates is cut. */
static void test_rates_fit_a_narrow_screen(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    CLEANUP_FREE char *text = picture(&job, 9, 60, (struct job_pane_options){.follow = true});
    assert_non_null(strstr(text, "\nnow 242 MiB/s, avg 240 MiB/s in 0:17:52, left 10-13 min\n"));
}

static void test_estimates(void **state)
{
    (void)state;
    static const struct {
        uint64_t low;
        uint64_t high;
        const char *text;
    } cases[] = {{3, 3, "left 3 s"},
                 {21, 51, "left 21-51 s"},
                 {60, 119, "left 60-119 s"},
                 {600, 780, "left 10-13 min"},
                 {7100, 7300, "left 1-3 h"},
                 {20, 170, "left up to 3 min"},
                 {0, 0, ""}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct job_snapshot job = running();
        job.left_low_s = cases[i].low;
        job.left_high_s = cases[i].high;
        CLEANUP_FREE char *text = job_text_left(&job);
        assert_string_equal(text, cases[i].text);
        job.state = JOB_STATE_SUSPENDED;
        CLEANUP_FREE char *paused = job_text_left(&job);
        assert_string_equal(paused, "");
    }
}

/* Whatever limits is said with its estimate, in 80 columns; without one it is not. */
static void test_what_limits(void **state)
{
    (void)state;
    static const char *const ends[JOB_LIMIT_COUNT] = {
        "  left 10-13 min", "  left 10-13 min (source-limited)", "  left 10-13 min (target-limited)",
        "  left 10-13 min (processor-limited)", "  left 10-13 min (your limit)"};
    for (int limit = 0; limit < JOB_LIMIT_COUNT; limit++) {
        struct job_snapshot job = running();
        job.rate_now = job.rate_average = 99 * MIB + 99 * KIB;
        job.limited_by = (enum job_limit)limit;
        CLEANUP_FREE char *text = job_text_rates(&job, false);
        assert_true(strlen(text) <= 80);
        assert_string_equal(text + strlen(text) - strlen(ends[limit]), ends[limit]);
        job.left_low_s = job.left_high_s = 0;
        CLEANUP_FREE char *unknown = job_text_rates(&job, false);
        assert_null(strstr(unknown, "limit"));
    }
}

/* The bytes beside the percentage are those of which it is one; what was copied is said at the end. */
static void test_amounts(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.percent_complete = 30;
    job.work_done = 247 * GIB;
    job.work_total = 824 * GIB;
    CLEANUP_FREE char *text = job_text_amount(&job);
    assert_string_equal(text, " 30%  247.0 GiB / 824.0 GiB");
    job.state = JOB_STATE_COMPLETED;
    job.percent_complete = 100;
    job.work_done = job.work_total;
    job.bytes_done = job.bytes_total;
    CLEANUP_FREE char *end = job_text_amount(&job);
    assert_string_equal(end, "100%  412.0 GiB / 412.0 GiB");
}

static char *outcome(const struct job_snapshot *job)
{
    struct facts facts = {0};
    job_outcome_make(&facts, job, "/state/log");
    char *text = facts_text(&facts);
    facts_clear(&facts);
    return text;
}

static struct job_snapshot change(const char *kind, uint32_t state)
{
    struct job_snapshot job = running();
    job.state = state;
    job.disk_count = 0;
    job.bytes_total = 0;
    *job.identity.directory = '\0';
    strcpy(job.identity.kind, kind);
    return job;
}

/* A change of a point writes no package: nothing is said of one. */
static void test_changes_of_points(void **state)
{
    (void)state;
    static const char *const kinds[] = {"destroy", "remove-data"};
    static const char *const done[] = {
        "the point nightly is destroyed",
        "the point nightly has given its data back; it stays usable as a base"};
    static const char *const subjects[] = {"destroy web-prod @ nightly", "remove data of web-prod @ nightly"};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        struct job_snapshot job = change(kinds[i], JOB_STATE_COMPLETED);
        CLEANUP_FREE char *text = outcome(&job);
        assert_non_null(strstr(text, done[i]));
        assert_non_null(strstr(text, "web-prod @ nightly"));
        job.state = JOB_STATE_TERMINATED;
        CLEANUP_FREE char *cancelled = outcome(&job);
        assert_non_null(strstr(cancelled, "was cancelled at 61%"));
        assert_non_null(strstr(cancelled, "refpoint store check"));
        job.state = JOB_STATE_RUNNING;
        CLEANUP_FREE char *subject = job_text_subject(&job, "->");
        assert_string_equal(subject, subjects[i]);
        CLEANUP_FREE char *pane = picture(&job, 9, 80, (struct job_pane_options){.follow = true});
        assert_null(strstr(pane, "phase"));
        const char *const texts[] = {text, cancelled, pane};
        for (size_t k = 0; k < ARRAY_LENGTH(texts); k++) {
            assert_null(strstr(texts[k], "package"));
            assert_null(strstr(texts[k], "Export"));
            assert_null(strstr(texts[k], "->"));
        }
    }
}

static void test_failed(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.state = JOB_STATE_EXCEPTION;
    error_set(&job.error, RETURN_FAILED, "export.no-space", "no space left on /backup/web");
    error_cause(&job.error, "needed 63.1 GiB, 1.2 GiB were free");
    error_next(&job.error, "Free space and start it again.");
    CLEANUP_FREE char *text = outcome(&job);
    assert_non_null(strstr(text, "state 10 Exception  error 32768 Failed"));
    assert_non_null(strstr(text, "What      no space left on /backup/web\n"));
    assert_non_null(strstr(text, "needed 63.1 GiB, 1.2 GiB were free\n"));
    assert_non_null(strstr(text, "Nothing   has been left under a final name"));
    assert_non_null(strstr(text, "Next      Free space and start it again.\n"));
    assert_non_null(strstr(text, "Code      export.no-space\n"));
    assert_non_null(strstr(text, "Log       /state/log\n"));
    assert_null(strstr(text, "Package"));
    assert_int_equal(job_text_role(&job), ROLE_JOB_FAILED);
    CLEANUP_FREE char *strip = job_text_strip(&job, "->");
    assert_string_equal(strip, "job 7f3a failed: no space left on /backup/web (32768)");
}

/* Of one whose process died no more is said than was looked at. */
static void test_interrupted(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.state = JOB_STATE_EXCEPTION;
    error_set(&job.error, RETURN_FAILED, "job.interrupted", "the export was interrupted");
    error_cause(&job.error, "the process was killed");
    CLEANUP_FREE char *text = outcome(&job);
    assert_null(strstr(text, "Nothing"));
    assert_null(strstr(text, "untouched"));
    assert_null(strstr(text, "Package"));
    strcpy(job.package, "/backup/web/there");
    CLEANUP_FREE char *there = outcome(&job);
    assert_non_null(strstr(there, "Package   /backup/web/there\n"));
    assert_null(strstr(there, "Nothing"));
}

static void test_suspended_by_an_obstacle(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.state = JOB_STATE_SUSPENDED;
    job.obstacle = JOB_OBSTACLE_NO_SPACE;
    error_set(&job.obstacle_error, RETURN_FAILED, "job.suspended", "cannot write to /backup/web");
    error_cause(&job.obstacle_error, "No space left on device");
    error_next(&job.obstacle_error, "Free space there.");
    job.bytes_needed = 3 * GIB;
    job.bytes_available = GIB;
    CLEANUP_FREE char *pane = picture(&job, 9, 80, (struct job_pane_options){.follow = true});
    assert_non_null(strstr(pane, "no space: 3.0 GiB needed, 1.0 GiB available; free it, then p goes on\n"));
    assert_string_equal(job_text_state(&job), "suspended");
    CLEANUP_FREE char *text = outcome(&job);
    assert_non_null(
        strstr(text, "Waits for cannot write to /backup/web: No space left on device; 3.0 GiB at"));
    job.obstacle = JOB_OBSTACLE_TARGET;
    CLEANUP_FREE char *other = picture(&job, 9, 80, (struct job_pane_options){.follow = true});
    assert_non_null(
        strstr(other, "cannot write to /backup/web: No space left on device; mend it, then p goes on"));
    job.obstacle = JOB_OBSTACLE_NONE;
    assert_string_equal(job_text_state(&job), "paused");
}

static void test_cancelled_is_no_failure_of_a_disk(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    disks[1].state = JOB_DISK_FAILED;
    job.state = JOB_STATE_TERMINATED;
    CLEANUP_FREE char *cancelled = outcome(&job);
    assert_non_null(strstr(cancelled, "web02/vda  differential, 41.0 GiB, stopped\n"));
    assert_non_null(strstr(cancelled, "web04/vda  differential, 0 B, not begun\n"));
    assert_null(strstr(cancelled, "waiting"));
    job.state = JOB_STATE_EXCEPTION;
    CLEANUP_FREE char *failed = outcome(&job);
    assert_non_null(strstr(failed, "web02/vda  differential, 41.0 GiB, failed\n"));
}

static void test_completed(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.state = JOB_STATE_COMPLETED;
    job.percent_complete = 100;
    job.verified = true;
    strcpy(job.package, "/backup/web/it's here");
    CLEANUP_FREE char *unpaused = outcome(&job);
    assert_non_null(strstr(unpaused, "Copied    251.0 GiB in 0:17:52, 240.0 MiB/s;"));
    job.paused_ms = 300000;
    CLEANUP_FREE char *text = outcome(&job);
    assert_non_null(strstr(text, "Copied    251.0 GiB in 0:17:52, paused 0:05:00; at 240.0 MiB/s;"));
    assert_non_null(strstr(text, "Verified  yes"));
    assert_non_null(strstr(text, "Package   /backup/web/it's here\n"));
    assert_non_null(strstr(text, "refpoint package verify '/backup/web/it'\\''s here'\n"));
    assert_null(strstr(text, "Nothing"));
    job.state = JOB_STATE_COMPLETED_WITH_WARNINGS;
    job.verified = false;
    CLEANUP_FREE char *warned = outcome(&job);
    assert_non_null(strstr(warned, "Verified  no"));
    assert_int_equal(job_text_role(&job), ROLE_JOB_WARNING);
}

/* What is copied is pasted somewhere, into a shell perhaps: a name must not press Enter there. */
static void test_what_is_copied_holds_no_controls(void **state)
{
    (void)state;
    struct facts facts = {0};
    const char *const words[] = {"refpoint", "package", "verify", "/a\nb", NULL};
    facts_addf(&facts, ROLE_NORMAL, "Name", "テスト\nrm x\n\x1b[31m");
    facts_add_command(&facts, "Check", words);
    CLEANUP_FREE char *text = facts_text(&facts);
    assert_non_null(strstr(text, "Name      テスト\\nrm x\\n\\x1b[31m\n"));
    assert_null(strchr(text, '\x1b'));
    size_t lines = 0;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    assert_int_equal(lines, 2);
    facts_clear(&facts);
}

/* What can be typed again can be copied off the screen, a wrapped line too. */
static void test_commands_of_the_receipt_wrap_as_commands(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    struct facts facts = {0};
    job.state = JOB_STATE_COMPLETED;
    job.verified = true;
    strcpy(job.package, "/backup/web/web-prod-20260924T000000Z-1a2b3c4d");
    job_outcome_make(&facts, &job, "/state/log");
    struct canvas_surface *surface = canvas_surface_new(24, 60, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    facts_fit(&facts, 24, 60, false);
    facts_paint(&facts, &whole);
    CLEANUP_FREE char *text = canvas_to_text(&whole);
    assert_non_null(strstr(text, "Check     refpoint package verify \\\n"
                                 "          /backup/web/web-prod-20260924T000000Z-1a2b3c4d\n"
                                 "          cd /backup/web/web-prod-20260924T000000Z-1a2b3c4d\n"
                                 "          sha256sum -c SHA256SUMS\n"
                                 "Log       /state/log\n"));
    CLEANUP_FREE char *copied = facts_text(&facts);
    assert_non_null(
        strstr(copied, "refpoint package verify /backup/web/web-prod-20260924T000000Z-1a2b3c4d\n"));
    canvas_surface_free(surface);
    facts_clear(&facts);
}

/* It must be impossible to believe in an export that does not exist: no package, no receipt. */
static void test_completed_without_a_package_is_no_success(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.state = JOB_STATE_COMPLETED;
    CLEANUP_FREE char *text = outcome(&job);
    assert_null(strstr(text, "Verified"));
    assert_null(strstr(text, "package verify"));
}

static void test_interrupted_says_so(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.state = JOB_STATE_EXCEPTION;
    error_set(&job.error, RETURN_FAILED, "job.interrupted", "the runner ended without an outcome");
    assert_string_equal(job_text_state(&job), "interrupted");
    job.state = JOB_STATE_RUNNING;
    job.cancel_requested = true;
    assert_string_equal(job_text_state(&job), "finishing block");
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    tzset();
    const struct CMUnitTest tests[] = {

        cmocka_unit_test(test_names_are_whole),
        cmocka_unit_test(test_running),
        cmocka_unit_test(test_rows_show_where_the_work_is),
        cmocka_unit_test(test_cursor),
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_nothing_is_shown_until_it_is_stable),
        cmocka_unit_test(test_rates_fit_a_narrow_screen),
        cmocka_unit_test(test_estimates),
        cmocka_unit_test(test_what_limits),
        cmocka_unit_test(test_amounts),
        cmocka_unit_test(test_changes_of_points),
        cmocka_unit_test(test_failed),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_suspended_by_an_obstacle),
        cmocka_unit_test(test_cancelled_is_no_failure_of_a_disk),
        cmocka_unit_test(test_completed),
        cmocka_unit_test(test_commands_of_the_receipt_wrap_as_commands),
        cmocka_unit_test(test_what_is_copied_holds_no_controls),
        cmocka_unit_test(test_completed_without_a_package_is_no_success),
        cmocka_unit_test(test_interrupted_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
