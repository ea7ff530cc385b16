/* What is said of a job that is over; from snapshots, without a terminal. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/support/ui_pictures.h"
#include "tests/unit/ui/jobs/shown.h"
#include "ui/jobs/pane.h"
#include "ui/jobs/report.h"
#include "ui/jobs/text.h"

static const struct job_report_source plain = {.log_path = "/state/log"};

static char *report_of(const struct job_snapshot *job, const struct job_report_source *source)
{
    struct job_report report = {0};
    job_report_make(&report, job, source);
    char *text = job_report_text(&report, job);
    job_report_clear(&report);
    return text;
}

static char *outcome(const struct job_snapshot *job)
{
    return report_of(job, &plain);
}

static char *picture_from(const struct job_snapshot *job, const struct job_report_source *source, int rows,
                          int columns, int top)
{
    struct job_report report = {.top = top};
    struct canvas_surface *surface = canvas_surface_new(rows, columns, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    job_report_make(&report, job, source);
    job_report_fit(&report, job, rows, columns, false);
    job_report_paint(&report, job, &whole);
    char *text = canvas_to_text(&whole);
    job_report_clear(&report);
    canvas_surface_free(surface);
    return text;
}

static struct job_snapshot completed(void)
{
    struct job_snapshot job = running();
    job.state = JOB_STATE_COMPLETED;
    job.phase = JOB_PHASE_COMMIT;
    job.percent_complete = 100;
    job.verified = true;
    for (size_t i = 0; i < job.disk_count; i++)
        disks[i].state = JOB_DISK_DONE;
    strcpy(job.package, "/backup/web/web-prod-20260924T000000Z-1a2b3c4d");
    return job;
}

static bool begins_with(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void test_completed(void **state)
{
    (void)state;
    struct job_snapshot job = completed();
    strcpy(job.package, "/backup/web/it's here");
    CLEANUP_FREE char *unpaused = outcome(&job);
    assert_true(begins_with(unpaused, "The package is there and verified\n"));
    assert_non_null(strstr(unpaused, "Size      251.0 GiB copied; 7.0 GiB unchanged or empty, skipped\n"));
    assert_non_null(strstr(unpaused, "Time      0:17:52, at 240 MiB/s; started 2026-09-24 10:02"));
    job.paused_ms = 300000;
    CLEANUP_FREE char *text = outcome(&job);
    assert_non_null(strstr(text, "Time      0:17:52, paused 0:05:00; at 240 MiB/s;"));
    assert_non_null(strstr(text, "Verified  yes"));
    assert_non_null(strstr(text, "Package   /backup/web/it's here\n"));
    assert_non_null(strstr(text, "refpoint package verify '/backup/web/it'\\''s here'\n"));
    assert_non_null(strstr(text, "refpoint package import '/backup/web/it'\\''s here' --to DIRECTORY\n"));
    assert_non_null(strstr(text, "web02/vda  differential, 41.0 GiB, verified\n"));
    assert_non_null(strstr(text, "Method    Done.  return 4096 job started  state 7 Completed  error 0\n"));
    assert_null(strstr(text, "Nothing"));
    job.state = JOB_STATE_COMPLETED_WITH_WARNINGS;
    job.verified = false;
    CLEANUP_FREE char *warned = outcome(&job);
    assert_true(begins_with(warned, "The package is there, not verified\n"));
    assert_non_null(strstr(warned, "Verified  no"));
    assert_int_equal(job_text_role(&job), ROLE_JOB_WARNING);
}

/* With what was read of the journal: the settings and the command that does it once more. */
static void test_once_more(void **state)
{
    (void)state;
    struct job_snapshot job = completed();
    struct command_line again = {0};
    command_line_begin(&again, NULL, "/srv/it's", NULL);
    command_line_add(&again, "export");
    static const char *const log[] = {"10:20:00 completed, verified"};
    const struct job_report_source source = {.log_path = "/state/log",
                                             .log = log,
                                             .log_count = 1,
                                             .settings = "full, qcow2, verified",
                                             .again = &again};
    CLEANUP_FREE char *text = report_of(&job, &source);
    assert_non_null(strstr(text, "\n-- Run it again --\nSettings  full, qcow2, verified\n"
                                 "Command   refpoint --store '/srv/it'\\''s' export\n"));
    assert_non_null(
        strstr(text, "\n-- Log --\nFile      /state/log\n          10:20:00 completed, verified\n"));
    command_line_clear(&again);
}

static void test_first_page(void **state)
{
    (void)state;
    struct job_snapshot job = completed();
    CLEANUP_FREE char *text = picture_from(&job, &plain, 22, 80, 0);
    assert_true(begins_with(text, " ✓ The package is there and verified\n Package   /backup/web/web-prod-"));
    assert_non_null(strstr(text, "\n── Check it ─"));
    assert_non_null(strstr(text, "\n── Get the disks back ─"));
}

/* Every row can be scrolled to, and none is painted twice. */
static void test_scrolling(void **state)
{
    (void)state;
    struct job_snapshot job = completed();
    CLEANUP_FREE char *all = picture_from(&job, &plain, 60, 80, 0);
    const char *line = all;
    for (int top = 0; top < 20; top++) {
        CLEANUP_FREE char *text = picture_from(&job, &plain, 8, 80, top);
        assert_true(strncmp(line, text, strlen(text)) == 0);
        line = strchr(line, '\n') + 1;
    }
}

static void test_every_size(void **state)
{
    (void)state;
    struct job_snapshot jobs[] = {completed(), running()};
    jobs[1].state = JOB_STATE_EXCEPTION;
    error_set(&jobs[1].error, RETURN_FAILED, "export.no-space", "no space left on /backup/web");
    for (size_t i = 0; i < ARRAY_LENGTH(jobs); i++) {
        for (int rows = 0; rows < 24; rows += 2) {
            for (int columns = 0; columns < 90; columns += 3) {
                CLEANUP_FREE char *text = picture_from(&jobs[i], &plain, rows, columns, 3);
                int lines = 0;
                for (const char *at = text; *at; at++)
                    lines += *at == '\n';
                assert_int_equal(lines, rows);
            }
        }
    }
}

/* What can be typed again can be copied off the screen, a wrapped line too. */
static void test_commands_wrap_as_commands(void **state)
{
    (void)state;
    struct job_snapshot job = completed();
    CLEANUP_FREE char *text = picture_from(&job, &plain, 24, 64, 0);
    assert_non_null(strstr(text, " All of it refpoint package verify \\\n"
                                 "           /backup/web/web-prod-20260924T000000Z-1a2b3c4d\n"
                                 " By hand   cd /backup/web/web-prod-20260924T000000Z-1a2b3c4d\n"
                                 "           sha256sum -c SHA256SUMS\n"));
    CLEANUP_FREE char *copied = outcome(&job);
    assert_non_null(
        strstr(copied, "refpoint package verify /backup/web/web-prod-20260924T000000Z-1a2b3c4d\n"));
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
    struct job_snapshot job = running();
    job.state = JOB_STATE_EXCEPTION;
    error_set(&job.error, RETURN_FAILED, "export.failed", "no\nspace\x1b[31m");
    CLEANUP_FREE char *failed = outcome(&job);
    assert_null(strchr(failed, '\x1b'));
    assert_null(strstr(failed, "no\nspace"));
}

/* It must be impossible to believe in an export that does not exist: no package, no receipt. */
static void test_completed_without_a_package_is_no_success(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.state = JOB_STATE_COMPLETED;
    CLEANUP_FREE char *text = outcome(&job);
    assert_null(strstr(text, "is there"));
    assert_null(strstr(text, "package verify"));
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
        assert_true(begins_with(text, done[i]));
        assert_non_null(strstr(text, "web-prod @ nightly"));
        job.state = JOB_STATE_TERMINATED;
        CLEANUP_FREE char *cancelled = outcome(&job);
        assert_non_null(strstr(cancelled, "was cancelled at 61%"));
        assert_non_null(strstr(cancelled, "refpoint store check"));
        job.state = JOB_STATE_RUNNING;
        CLEANUP_FREE char *subject = job_text_subject(&job, "->");
        assert_string_equal(subject, subjects[i]);
        struct canvas_surface *surface = canvas_surface_new(20, 80, CANVAS_FULL);
        struct canvas whole = canvas_whole(surface);
        job_pane_paint(&whole, &job, &(struct job_pane_options){.follow = true});
        CLEANUP_FREE char *pane = canvas_to_text(&whole);
        canvas_surface_free(surface);
        assert_null(strstr(pane, "phase"));
        assert_null(strstr(pane, "┤"));
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
    disks[1].state = JOB_DISK_FAILED;
    error_set(&job.error, RETURN_FAILED, "export.no-space", "no space left on /backup/web");
    error_cause(&job.error, "needed 63.1 GiB, 1.2 GiB were free");
    error_next(&job.error, "Free space and start it again.");
    CLEANUP_FREE char *text = outcome(&job);
    assert_non_null(strstr(text, "\nFailed (32768): no space left on /backup/web\n"));
    assert_non_null(strstr(text, "Why       needed 63.1 GiB, 1.2 GiB were free\n"));
    assert_non_null(strstr(text, "Next      Free space and start it again.\n"));
    assert_non_null(strstr(text, "Key       export.no-space\n"));
    assert_non_null(strstr(text, "Nothing   has been left under a final name"));
    assert_non_null(strstr(text, "web02/vda  differential, 41.0 GiB, failed\n"));
    assert_non_null(strstr(
        text,
        "Method    It failed.\n          return 4096 job started  state 10 Exception  error 32768 Failed\n"));
    assert_non_null(strstr(text, "File      /state/log\n"));
    assert_null(strstr(text, "Package"));
    assert_int_equal(job_text_role(&job), ROLE_JOB_FAILED);
    CLEANUP_FREE char *seen = picture_from(&job, &plain, 22, 80, 0);
    assert_non_null(strstr(seen, "ended in phase 2 of 4: copy"));
    assert_non_null(strstr(seen, "\n ✗ Failed (32768): no space left on /backup/web\n"));
    CLEANUP_FREE char *strip = job_text_strip(&job, "->");
    assert_string_equal(strip, "job 7f3a failed: no space left on /backup/web (32768)");
}

/* Of one whose process died no more is said than was looked at; and how it goes on. */
static void test_interrupted(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.state = JOB_STATE_EXCEPTION;
    error_set(&job.error, RETURN_FAILED, "job.interrupted", "the export was interrupted");
    error_cause(&job.error, "the process was killed");
    struct job_report_source source = {.log_path = "/state/log", .pause_key = "P"};
    CLEANUP_FREE char *text = report_of(&job, &source);
    assert_non_null(strstr(text, "\ninterrupted: the export was interrupted\n"));
    assert_non_null(strstr(text, "Resume    P lets it go on where it stopped;"));
    assert_null(strstr(text, "Nothing"));
    assert_null(strstr(text, "untouched"));
    assert_null(strstr(text, "Package"));
    CLEANUP_FREE char *seen = picture_from(&job, &source, 22, 80, 0);
    assert_non_null(strstr(seen, "\n ○ interrupted: the export was interrupted\n"));
    source.is_live = true;
    CLEANUP_FREE char *live = report_of(&job, &source);
    assert_null(strstr(live, "Resume"));
    strcpy(job.package, "/backup/web/there");
    CLEANUP_FREE char *there = outcome(&job);
    assert_non_null(strstr(there, "Package   /backup/web/there\n"));
    assert_null(strstr(there, "Nothing"));
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

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_completed),
        cmocka_unit_test(test_once_more),
        cmocka_unit_test(test_first_page),
        cmocka_unit_test(test_scrolling),
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_commands_wrap_as_commands),
        cmocka_unit_test(test_what_is_copied_holds_no_controls),
        cmocka_unit_test(test_completed_without_a_package_is_no_success),
        cmocka_unit_test(test_changes_of_points),
        cmocka_unit_test(test_failed),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_cancelled_is_no_failure_of_a_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
