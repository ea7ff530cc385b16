/* The review as text: every disk with its kind and reason, the space, the warnings, a refusal of the start.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/strbuf.h"
#include "tests/unit/support/export_form.h"
#include "tests/unit/support/ui_pictures.h"
#include "ui/screens/form/model/check.h"
#include "ui/screens/review/view.h"

static void add_estimate(struct export_estimate *estimate, const char *machine, const char *disk,
                         bool differential, const char *reason)
{
    *ARRAY_APPEND(estimate->disks, estimate->disk_count) =
        (struct export_disk_estimate){.machine = mem_strdup(machine),
                                      .disk = mem_strdup(disk),
                                      .differential = differential,
                                      .reason = mem_strdup(reason),
                                      .virtual_size = 120 * GIB,
                                      .bytes_data = 2 * GIB,
                                      .bytes_zero = GIB / 2};
}

/* A form that is ready: differential, one disk in full, no reading back, a rate. */
static void make_review(const struct fixture *fixture, struct review *review)
{
    struct export_form *form = export_form_new(&fixture->source);
    uint64_t revision = 0;
    fill_directory(form, "/backup/web");
    export_form_toggle(form, FORM_KIND);
    export_form_toggle(form, FORM_VERIFY);
    export_form_toggle(form, FORM_COMPRESSION);
    export_form_toggle_machine(form, 1);
    line_editor_set(&form->rate, "50");
    export_form_edited(form, FORM_RATE);
    assert_true(export_form_wants_directory_check(form, &revision));
    export_form_directory_checked(form, revision, 100 * GIB, &(struct error){0});
    struct export_estimate estimate = {
        .bytes_needed = 5 * GIB,
        .bytes_available = 100 * GIB,
        .base_package = mem_strdup("/backup/web/web-prod-20260923T000000Z-1a2b3c4d"),
        .base = {.verified = {.seconds = moment_now().seconds - 3 * 86400 - 60},
                 .bytes = 120 * GIB,
                 .rate = 200 * MIB}};
    add_estimate(&estimate, "web01", "vda", true, NULL);
    add_estimate(&estimate, "web03", "vda", false, "the disk is new since the base");
    assert_true(export_form_wants_check(form, &revision));
    export_form_checked(form, revision, &estimate, &(struct error){0});
    enum form_field field;
    assert_int_equal(export_form_state(form, &field), FORM_READY);
    review_from_form(review, form);
    export_form_free(form); /* nothing of it is borrowed */
}

static void expect(const struct review *review, int columns, bool starting, const char *expected)
{
    struct review_view view = {0};
    review_view_build(&view, review, columns, false, starting);
    CLEANUP_FREE char *text = page_to_text(&view.page);
    assert_string_equal(text, expected);
    assert_int_equal(view.buttons_row, view.page.rows - 1);
    assert_int_equal(view.page.stop_count, 2);
    assert_int_equal(view.page.stops[0].focus.id, REVIEW_BACK);
    review_view_clear(&view);
}

/* clang-format off */
#define BODY \
    "── Where ───────────────────────────────────────────────────────────────────────\n" \
    " Directory /backup/web\n" \
    " Space     needs at most 5.0 GiB, 100.0 GiB available\n" \
    " Base      /backup/web/web-prod-20260923T000000Z-1a2b3c4d\n" \
    "           last verified 3 days ago; again: 120.0 GiB, about 11 min\n" \
    "── What ────────────────────────────────────────────────────────────────────────\n" \
    " Point     third   2026-09-24 02:00 +02:00\n" \
    " Chain     first (log removed) - second - [third]\n" \
    " Kind      differential, since second   2026-09-23 02:00 +02:00, log based\n" \
    "── How ─────────────────────────────────────────────────────────────────────────\n" \
    " Format    qcow2, zstd, not read back, at most 50.0 MiB/s\n" \
    " Warning   without reading back, the job ends as completed with warnings\n" \
    "           (32768) and the package says verified = no\n" \
    "── Disks ── 2 machines, 2 disks ────────────────────────────────────────────────\n" \
    " DISK       KIND           WRITTEN         SIZE\n" \
    " web01/vda  differential   2.5 GiB of 120.0 GiB\n" \
    " web03/vda  full           2.5 GiB of 120.0 GiB\n" \
    "           because the disk is new since the base\n" \
    "── Same as ─────────────────────────────────────────────────────────────────────\n" \
    " refpoint export web-prod 2026-09-24T02:00+02:00 --to /backup/web \\\n" \
    " --base 2026-09-23T02:00+02:00 --only web01 --only web03 --compress zstd \\\n" \
    " --no-verify --rate 50M\n"
/* clang-format on */

static void test_review(void **state)
{
    struct review review;
    make_review(*state, &review);
    expect(&review, 80, false, BODY " < Back >  < Start the export >\n");
    expect(&review, 80, true, BODY " < Back >  < Starting >\n");
    assert_int_equal(review.request.settings.machine_count, 2);
    assert_string_equal(review.last.directory, "/backup/web");
    review_clear(&review);
}

static void test_refused_start(void **state)
{
    struct review review;
    make_review(*state, &review);
    error_set(&review.refusal, RETURN_IN_USE, "export.in-use", "the point is being destroyed");
    error_cause(&review.refusal, "another process holds it");
    error_next(&review.refusal, "Wait for it, then start again.");
    expect(&review, 80, false,
           " ! the point is being destroyed: another process holds it (32774 System is in\n"
           "   use)\n"
           "   Wait for it, then start again.\n" BODY " < Back >  < Start the export >\n");
    review_clear(&review);
}

static void test_full_and_narrow(void **state)
{
    struct fixture *fixture = *state;
    fixture->source.capabilities = &(struct host_capabilities){0};
    struct export_form *form = export_form_new(&fixture->source);
    struct review review;
    fill_directory(form, "/a-directory/with-a-long/path");
    form->estimate =
        (struct export_estimate){.bytes_needed = GIB, .warning = mem_strdup("a chain of 31 packages")};
    add_estimate(&form->estimate, "a-machine-with-a-very-long-name", "vda\x1b[2J", false, NULL);
    review_from_form(&review, form);
    export_form_free(form);
    expect(&review, 60, false,
           "── Where ───────────────────────────────────────────────────\n"
           " Directory /a-directory/with-a-long/path\n"
           " Space     needs at most 1.0 GiB, 0 B available\n"
           "── What ────────────────────────────────────────────────────\n"
           " Point     third   2026-09-24 02:00 +02:00\n"
           " Chain     first (log removed) - second - [third]\n"
           " Kind      full\n"
           "── How ─────────────────────────────────────────────────────\n"
           " Format    qcow2\n"
           " Warning   a chain of 31 packages\n"
           "── Disks ── 3 machines, 1 disk ─────────────────────────────\n"
           " DISK                  KIND           WRITTEN         SIZE\n"
           " a-machine…vda\\x1b[2J  full           2.5 GiB of 120.0 GiB\n"
           "── Same as ─────────────────────────────────────────────────\n"
           " refpoint export web-prod 2026-09-24T02:00+02:00 \\\n"
           " --to /a-directory/with-a-long/path\n"
           " < Back >  < Start the export >\n");
    review_clear(&review);
}

/* The point is made by it: what it will be is said. */
static void test_live(void **state)
{
    struct fixture *fixture = *state;
    let_machines_run(fixture);
    struct export_form *form = export_form_new(&fixture->source);
    struct review review;
    fill_directory(form, "/backup/web");
    export_form_choose_kind(form, FORM_LIVE);
    export_form_choose_base(form, 1);
    export_form_toggle(form, FORM_CONSISTENCY);
    export_form_toggle(form, FORM_ALLOW_CRASH);
    line_editor_set(&form->name, "before the move");
    form->estimate = (struct export_estimate){.bytes_needed = GIB, .bytes_available = 100 * GIB};
    add_estimate(&form->estimate, "web01", "vda", true, NULL);
    add_estimate(&form->estimate, "web04", "vda", false, "the disk is new since the base");
    *ARRAY_APPEND(form->estimate.left_out, form->estimate.left_out_count) = mem_strdup("CD-ROM sda of web01");
    review_from_form(&review, form);
    export_form_free(form);
    expect(&review, 80, false,
           "── Where ───────────────────────────────────────────────────────────────────────\n"
           " Directory /backup/web\n"
           " Space     needs at most 1.0 GiB, 100.0 GiB available\n"
           "── What ────────────────────────────────────────────────────────────────────────\n"
           " Point     before the move\n"
           " Chain     .. - second - third - [now]\n"
           " Kind      live, the machines as they are now, differential, since second\n"
           "           2026-09-23 02:00 +02:00, rct based\n"
           " Makes     an RCT based point, application consistent; crash where a guest\n"
           "           cannot be quiesced\n"
           "── How ─────────────────────────────────────────────────────────────────────────\n"
           " Format    qcow2, not compressed, read back and compared, no limit of the rate\n"
           " Not in it CD-ROM sda of web01\n"
           "── Disks ── 4 machines, 2 disks ────────────────────────────────────────────────\n"
           " DISK       KIND           WRITTEN         SIZE\n"
           " web01/vda  differential   2.5 GiB of 120.0 GiB\n"
           " web04/vda  full           2.5 GiB of 120.0 GiB\n"
           "           because the disk is new since the base\n"
           "── Same as ─────────────────────────────────────────────────────────────────────\n"
           " refpoint export web-prod --live --name 'before the move' \\\n"
           " --consistency application --allow-crash --to /backup/web \\\n"
           " --base 2026-09-23T02:00:00+02:00\n"
           " < Back >  < Start the export >\n");
    assert_true(review.request.live && review.last.live);
    review_clear(&review);
}

int main(void)
{
    prepare_process();
#define REVIEW_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        REVIEW_TEST(test_review),
        REVIEW_TEST(test_refused_start),
        REVIEW_TEST(test_full_and_narrow),
        REVIEW_TEST(test_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
