/* Pictures of a job that is not over, at every size; from snapshots, without a terminal. */
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
#include "ui/jobs/text.h"

static char *picture_among(enum canvas_signs signs, const struct job_snapshot *job, int rows, int columns,
                           struct job_pane_options options)
{
    struct canvas_surface *surface = canvas_surface_new(rows, columns, signs);
    struct canvas whole = canvas_whole(surface);
    job_pane_paint(&whole, job, &options);
    char *text = canvas_to_text(&whole);
    canvas_surface_free(surface);
    return text;
}

static char *picture(const struct job_snapshot *job, int rows, int columns, struct job_pane_options options)
{
    return picture_among(CANVAS_FULL, job, rows, columns, options);
}

static const struct job_pane_options following = {.follow = true};

static void test_running(void **state)
{
    (void)state;
    static const char *const log[] = {"10:19:40 web02/vda: 8.1 GiB unchanged, skipped",
                                      "10:19:52 web02/vda: copying"};
    struct job_snapshot job = running();
    CLEANUP_FREE char *text =
        picture(&job, 22, 80, (struct job_pane_options){.follow = true, .log = log, .log_count = 2});
    assert_string_equal(text,
                        "── Progress ────────────────────────────────────────────── phase 2 of 4: copy ──\n"
                        " ███████████████████████████████████████████▎···························   61 %\n"
                        " 251.0 of 412.0 GiB   now 242 MiB/s   average 240 MiB/s   limited by the target\n"
                        " elapsed 0:17:52      left 10-13 min  started 10:02:00\n"
                        "\n"
                        " 320 MiB/s ┤                    ████████████████████\n"
                        "           │                    ████████████████████\n"
                        "           │                    ████████████████████\n"
                        "           │████████████████████████████████████████\n"
                        "           │████████████████████████████████████████\n"
                        "         0 ┤████████████████████████████████████████\n"
                        "── Disks ── 4 ──────────────────────────────────────────────────────────────────\n"
                        " DISK          KIND          STATE                                         SIZE\n"
                        " web01/vda     differential  ✓ copied      ████████████████████████   120.0 GiB\n"
                        ">web02/vda     differential  ● 34 %        ████████▏···············   120.0 GiB\n"
                        " web03/vda     full            waiting     the disk is new since t…   120.0 GiB\n"
                        " web04/vda     differential    waiting     ························   120.0 GiB\n"
                        "── Method ──────────────────────────────────────────────────────────────────────\n"
                        " Started, and running.  return 4096 job started  state 4 Running  error 0\n"
                        "── Log ─────────────────────────────────────────────────────────────────────────\n"
                        " 10:19:40 web02/vda: 8.1 GiB unchanged, skipped\n"
                        " 10:19:52 web02/vda: copying\n");
}

/* No graph, and what is longest is not cut. */
static void test_compact(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    CLEANUP_FREE char *text = picture(&job, 14, 60, following);
    assert_null(strstr(text, "┤"));
    assert_non_null(strstr(text, "\n 251.0 of 412.0 GiB   now 242 MiB/s   average 240 MiB/s\n"));
    assert_non_null(strstr(text, "\n elapsed 0:17:52      left 10-13 min  started 10:02:00\n"));
    assert_non_null(strstr(text, "\n web04/vda "));
    assert_non_null(strstr(text, "\n── Log "));
    assert_non_null(strstr(text, "10:19:40 web02/vda"));
}

/* The same words, without a sign that ASCII has not, and without the graph. */
static void test_ascii(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    CLEANUP_FREE char *text = picture_among(CANVAS_ASCII, &job, 22, 80, following);
    for (const char *at = text; *at; at++)
        assert_in_range((unsigned char)*at, 1, 126);
    assert_non_null(strstr(text, "-- Progress ---"));
    assert_non_null(strstr(text, "+ copied"));
    assert_non_null(strstr(text, "* 34 %"));
    assert_null(strstr(text, "320 MiB/s"));
}

#define PAIR "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9"
#define PAIR_SPELLED "\\u{1f468}\\u{200d}\\u{1f469}"

/* Title and rows show "?": beneath, the names are whole. */
static void test_names_are_whole(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    strcpy(job.identity.collection, PAIR " home");
    strcpy(disks[1].machine, "web " PAIR);
    CLEANUP_FREE char *text = picture(&job, 22, 80, following);
    assert_non_null(strstr(text, PAIR_SPELLED " home"));
    assert_non_null(strstr(text, "web " PAIR_SPELLED));
}

static void test_rows_show_where_the_work_is(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.disk_count = 30;
    disks[1].state = JOB_DISK_DONE;
    disks[20].state = JOB_DISK_COPYING;
    CLEANUP_FREE char *text = picture(&job, 14, 80, following);
    assert_non_null(strstr(text, "── Disks ── 20-27 of 30 ─"));
    assert_non_null(strstr(text, "\n web20/vda"));
    assert_non_null(strstr(text, "\n>web21/vda"));
    assert_null(strstr(text, "web01"));
    /* The job's own screen shows what was scrolled to. */
    CLEANUP_FREE char *scrolled = picture(&job, 14, 80, (struct job_pane_options){.top_disk = 27});
    assert_non_null(strstr(scrolled, "── Disks ── 23-30 of 30 ─"));
    assert_non_null(strstr(scrolled, "\n web23/vda"));
    assert_non_null(strstr(scrolled, "\n web30/vda"));
}

static int cursor(const struct job_snapshot *job, int rows, const struct job_pane_options *options)
{
    struct job_pane_place place;
    const struct job_pane_area area = {.rows = rows, .columns = 80};
    job_pane_lay_out(&place, &area, job, options);
    return job_pane_cursor_row(job, &place, options);
}

/* The hardware cursor stands at the disk marked ">"; where that is not seen, at the first that is. */
static void test_cursor(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.disk_count = 30;
    disks[1].state = JOB_DISK_DONE;
    disks[20].state = JOB_DISK_COPYING;
    CLEANUP_FREE char *text = picture(&job, 14, 80, following);
    int row = 0;
    for (const char *at = text; at < strstr(text, ">web21"); at++)
        row += *at == '\n';
    assert_int_equal(cursor(&job, 14, &following), row);
    struct job_pane_options scrolled = {.top_disk = 5};
    assert_int_equal(cursor(&job, 14, &scrolled), 6);
    disks[20].state = JOB_DISK_WAITING;
    assert_int_equal(cursor(&job, 14, &following), 6);
    assert_int_equal(cursor(&job, 3, &following), 0);
}

/* No size makes it crash or leave its canvas. */
static void test_every_size(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    for (int rows = 0; rows < 26; rows++) {
        for (int columns = 0; columns < 130; columns += 3) {
            CLEANUP_FREE char *text = picture(&job, rows, columns, following);
            int lines = 0;
            for (const char *at = text; *at; at++)
                lines += *at == '\n';
            assert_int_equal(lines, rows);
        }
    }
}

/* Parts do not overlap, and all disks come before the log grows. */
static void test_places(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    for (int rows = 4; rows < 60; rows++) {
        struct job_pane_place place;
        const struct job_pane_area area = {.rows = rows, .columns = 80};
        job_pane_lay_out(&place, &area, &job, &following);
        assert_true(place.log + place.log_rows <= rows);
        assert_true(place.disks + place.disk_rows <= place.method);
        assert_true(place.method + place.method_rows <= place.log || place.method_rows == 0);
        assert_true(rows < 12 || place.disk_rows == 4);
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
    job.limited_by = JOB_LIMIT_NONE;
    job.history = (struct job_history){0};
    CLEANUP_FREE char *text = picture(&job, 22, 80, following);
    assert_non_null(strstr(text, "\n 251.0 of 412.0 GiB\n elapsed 0:17:52 "));
    assert_null(strstr(text, "average"));
    assert_null(strstr(text, "left"));
    assert_null(strstr(text, "/s"));
}

static void test_before_there_is_anything_to_copy(void **state)
{
    (void)state;
    struct job_snapshot job = running();
    job.phase = JOB_PHASE_PLAN;
    job.percent_complete = 0;
    job.disk_count = 0;
    job.bytes_done = job.bytes_total = 0;
    CLEANUP_FREE char *text = picture(&job, 22, 80, following);
    assert_non_null(strstr(text, "\n finding out how much there is to copy"));
    assert_null(strstr(text, "Disks"));
    job.work_done = 3 * GIB;
    job.work_total = 10 * GIB;
    CLEANUP_FREE char *verifies = job_text_amount(&job);
    assert_string_equal(verifies, "verified 3.0 of 10.0 GiB");
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

/* Whatever limits is said in words, in 80 columns. */
static void test_what_limits(void **state)
{
    (void)state;
    static const char *const texts[JOB_LIMIT_COUNT] = {"average 99.1 MiB/s", "limited by the source",
                                                       "limited by the target", "limited by processor",
                                                       "held to your limit"};
    for (int limit = 0; limit < JOB_LIMIT_COUNT; limit++) {
        struct job_snapshot job = running();
        job.rate_now = job.rate_average = 99 * MIB + 99 * KIB;
        job.limited_by = (enum job_limit)limit;
        CLEANUP_FREE char *text = picture(&job, 22, 80, following);
        assert_non_null(strstr(text, texts[limit]));
        job.state = JOB_STATE_SUSPENDED;
        assert_null(job_text_limit(&job));
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
    assert_string_equal(text, "247.0 of 824.0 GiB");
    job.work_done = 247 * MIB;
    CLEANUP_FREE char *units = job_text_amount(&job);
    assert_string_equal(units, "247.0 MiB of 824.0 GiB");
    job.state = JOB_STATE_COMPLETED;
    job.percent_complete = 100;
    job.work_done = job.work_total;
    job.bytes_done = job.bytes_total;
    CLEANUP_FREE char *end = job_text_amount(&job);
    assert_string_equal(end, "412.0 of 412.0 GiB");
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
    struct job_pane_options options = {.follow = true, .pause_key = "P"};
    CLEANUP_FREE char *compact = picture(&job, 14, 80, options);
    assert_non_null(
        strstr(compact, " ! no space: 3.0 GiB needed, 1.0 GiB available; free it, then P goes on\n"));
    assert_non_null(strstr(compact, "‖ suspended, P goes on"));
    assert_non_null(strstr(compact, "‖ 34 %"));
    CLEANUP_FREE char *roomy = picture(&job, 22, 80, options);
    assert_non_null(strstr(roomy, " ! cannot write to /backup/web: No space left on device; 3.0 GiB at"));
    assert_non_null(strstr(roomy, "Free space there."));
    assert_non_null(strstr(roomy, "Started, and waiting."));
    assert_string_equal(job_text_state(&job), "suspended");
    job.obstacle = JOB_OBSTACLE_TARGET;
    CLEANUP_FREE char *other = picture(&job, 14, 80, options);
    assert_non_null(strstr(other, "cannot write to /backup/web: No space left on device; mend it, then P"));
    job.obstacle = JOB_OBSTACLE_NONE;
    assert_string_equal(job_text_state(&job), "paused");
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
        cmocka_unit_test(test_running),
        cmocka_unit_test(test_compact),
        cmocka_unit_test(test_ascii),
        cmocka_unit_test(test_names_are_whole),
        cmocka_unit_test(test_rows_show_where_the_work_is),
        cmocka_unit_test(test_cursor),
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_nothing_is_shown_until_it_is_stable),
        cmocka_unit_test(test_before_there_is_anything_to_copy),
        cmocka_unit_test(test_estimates),
        cmocka_unit_test(test_what_limits),
        cmocka_unit_test(test_amounts),
        cmocka_unit_test(test_suspended_by_an_obstacle),
        cmocka_unit_test(test_interrupted_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
