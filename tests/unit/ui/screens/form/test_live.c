/* Exports of machines as they are now: offered where the host can, with machines and bases of their own; the
 * request and the command line are the same thing; what is kept and proposed again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/strbuf.h"
#include "tests/unit/support/export_form.h"
#include "tests/unit/support/ui_pictures.h"
#include "ui/screens/form/model/check.h"
#include "ui/screens/form/model/command.h"
#include "ui/screens/form/model/request.h"
#include "ui/screens/form/model/values.h"
#include "ui/screens/form/view.h"

static struct export_form *make_live(struct fixture *fixture)
{
    struct export_form *form = export_form_new(&fixture->source);
    export_form_choose_kind(form, FORM_LIVE);
    assert_int_equal(export_form_kind(form), FORM_LIVE);
    fill_directory(form, "/backup/web");
    return form;
}

static void expect_command(const struct export_form *form, const char *expected)
{
    struct command_line line;
    export_form_command(form, &line);
    CLEANUP_FREE char *text = command_line_text(&line);
    command_line_clear(&line);
    assert_string_equal(text, expected);
}

static void answer(struct export_form *form, const struct error *refusal)
{
    uint64_t revision = 0;
    if (export_form_wants_directory_check(form, &revision))
        export_form_directory_checked(form, revision, GIB, &(struct error){0});
    struct export_estimate estimate = {.bytes_needed = 63 * GIB};
    assert_true(export_form_wants_check(form, &revision));
    export_form_checked(form, revision, &estimate, refusal);
    export_estimate_clear(&estimate);
}

static void test_only_where_the_host_can(void **state)
{
    struct fixture *fixture = *state;
    struct export_form *form = export_form_new(&fixture->source);
    assert_false(export_form_offers(form, FORM_LIVE));
    export_form_choose_kind(form, FORM_LIVE);
    assert_int_equal(export_form_kind(form), FORM_FULL);
    export_form_free(form);
    let_machines_run(fixture);
    fixture->running.live_export = false;
    form = export_form_new(&fixture->source);
    assert_false(export_form_offers(form, FORM_LIVE));
    export_form_free(form);
}

static void test_kinds_in_turn(void **state)
{
    struct fixture *fixture = *state;
    let_machines_run(fixture);
    struct export_form *form = export_form_new(&fixture->source);
    static const enum form_kind order[] = {FORM_LIVE, FORM_DIFFERENTIAL, FORM_FULL};
    assert_int_equal(export_form_kind(form), FORM_FULL); /* that point was asked for */
    for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
        uint64_t revision = form->revision;
        assert_true(export_form_toggle(form, FORM_KIND));
        assert_int_equal(export_form_kind(form), order[i]);
        assert_true(form->revision > revision);
    }
    assert_false(export_form_shows(form, FORM_NAME));
    assert_false(export_form_shows(form, FORM_CONSISTENCY));
    export_form_free(form);
}

static void test_machines_and_bases_of_now(void **state)
{
    struct fixture *fixture = *state;
    let_machines_run(fixture);
    struct export_form *form = make_live(fixture);
    assert_string_equal(form->of->title, "web-prod @ now");
    assert_int_equal(form->of->machine_count, 4);
    assert_string_equal(form->of->machines[0].state, "running");
    assert_int_equal(form->of->base_count, 3);
    assert_null(export_form_base(form));
    assert_true(export_form_shows(form, FORM_BASE));
    assert_false(export_form_shows(form, FORM_BASE_DIRECTORY));
    export_form_choose_base(form, 1);
    assert_string_equal(export_form_base(form)->name, "second");
    assert_true(export_form_shows(form, FORM_BASE_DIRECTORY));
    /* What is marked here is not what is marked at the point. */
    export_form_toggle_machine(form, 3);
    export_form_choose_kind(form, FORM_FULL);
    assert_int_equal(form->of->machine_count, 3);
    assert_true(export_form_everything_selected(form));
    assert_null(export_form_base(form));
    export_form_free(form);
}

static void test_request_and_command(void **state)
{
    struct fixture *fixture = *state;
    let_machines_run(fixture);
    struct export_form *form = make_live(fixture);
    struct export_request request;
    expect_command(form, "refpoint export web-prod --live --to /backup/web");
    export_form_request(form, &request);
    assert_true(request.live && guid_is_none(&request.point.point_id));
    assert_true(guid_equal(&request.point.collection_id, &form->point.collection_id));
    assert_null(request.point_name);
    assert_int_equal(request.consistency_level, CONSISTENCY_CRASH);
    assert_true(object_path_is_none(&request.settings.base));
    export_request_clear(&request);

    line_editor_set(&form->name, "before the move");
    export_form_choose_base(form, 1);
    export_form_toggle(form, FORM_CONSISTENCY);
    export_form_toggle(form, FORM_ALLOW_CRASH);
    export_form_toggle_disk(form, 0, 1);
    expect_command(form, "refpoint export web-prod --live --name 'before the move' --consistency application "
                         "--allow-crash --to /backup/web --base 2026-09-23T02:00:00+02:00 --only web01/vda "
                         "--only web02 --only web03 --only web04");
    export_form_request(form, &request);
    struct guid base = id_of(102);
    assert_string_equal(request.point_name, "before the move");
    assert_int_equal(request.consistency_level, CONSISTENCY_APPLICATION);
    assert_true(request.allow_crash);
    assert_true(guid_equal(&request.settings.base.point_id, &base));
    assert_int_equal(request.settings.machine_count, 4);
    export_request_clear(&request);
    /* Crash consistent: nothing else is to be allowed. */
    export_form_toggle(form, FORM_CONSISTENCY);
    assert_false(export_form_shows(form, FORM_ALLOW_CRASH));
    export_form_request(form, &request);
    assert_false(request.allow_crash);
    export_request_clear(&request);
    /* Nothing of it for a point. */
    export_form_choose_kind(form, FORM_FULL);
    expect_command(form, "refpoint export web-prod 2026-09-24T02:00+02:00 --to /backup/web");
    export_form_request(form, &request);
    assert_false(request.live);
    assert_null(request.point_name);
    export_request_clear(&request);
    export_form_free(form);
}

/* The command line looks for a machine among all of the host, not only among the collection's. */
static void test_names_are_looked_for_on_the_whole_host(void **state)
{
    struct fixture *fixture = *state;
    let_machines_run(fixture);
    mem_replace(&fixture->machines.items[4].name, "web01");
    struct export_form *form = make_live(fixture);
    export_form_toggle_all(form);
    export_form_toggle_machine(form, 0);
    export_form_toggle_machine(form, 1);
    expect_command(form, "refpoint export web-prod --live --to /backup/web "
                         "--only 00001000-0000-4000-8000-000000001000 --only web02");
    export_form_free(form);
}

static void test_without_any_point(void **state)
{
    struct fixture *fixture = *state;
    let_machines_run(fixture);
    take_points_away(fixture);
    struct export_form *form = export_form_new(&fixture->source);
    assert_int_equal(export_form_kind(form), FORM_LIVE);
    assert_false(export_form_toggle(form, FORM_KIND));
    assert_int_equal(form->of->base_count, 1);
    fill_directory(form, "/backup/web");
    expect_command(form, "refpoint export web-prod --live --to /backup/web");
    export_form_free(form);
}

/* It has no data that could be exported again. */
static void test_an_rct_based_point_is_the_base(void **state)
{
    struct fixture *fixture = *state;
    let_machines_run(fixture);
    fixture->points.items[0].type = fixture->point.type = POINT_TYPE_RCT_BASED;
    struct export_form *form = export_form_new(&fixture->source);
    assert_int_equal(export_form_kind(form), FORM_LIVE);
    assert_string_equal(export_form_base(form)->name, "third");
    export_form_free(form);
}

static void test_refusals_belong_to_fields(void **state)
{
    static const struct {
        uint32_t code;
        const char *key;
        enum form_field field;
    } refusals[] = {{RETURN_INVALID_STATE, "machine.off", FORM_KIND},
                    {RETURN_INVALID_PARAMETER, "export.base-type", FORM_BASE},
                    {RETURN_INVALID_PARAMETER, "name.too-long", FORM_NAME},
                    {RETURN_NOT_SUPPORTED, "point.consistency", FORM_CONSISTENCY},
                    {RETURN_IN_USE, "machine.job", FORM_REVIEW}};
    struct fixture *fixture = *state;
    let_machines_run(fixture);
    struct export_form *form = make_live(fixture);
    for (size_t i = 0; i < ARRAY_LENGTH(refusals); i++) {
        struct error refusal = {0};
        struct error told = {0};
        enum form_field field = FORM_FIELD_COUNT;
        error_set(&refusal, refusals[i].code, refusals[i].key, "refused");
        error_next(&refusal, "Mend it.");
        answer(form, &refusal);
        assert_int_equal(export_form_state(form, &field), FORM_BLOCKED);
        assert_int_equal(field, refusals[i].field);
        assert_true(export_form_problem(form, field, &told));
        assert_string_equal(told.key, refusals[i].key);
        export_form_edited(form, FORM_NAME);
    }
    /* Raw with a base is known without asking. */
    export_form_toggle(form, FORM_FORMAT);
    export_form_choose_base(form, 1);
    struct error told = {0};
    assert_true(export_form_problem(form, FORM_FORMAT, &told));
    assert_string_equal(told.key, "form.raw-differential");
    export_form_free(form);
}

static void test_kept_and_proposed_again(void **state)
{
    struct fixture *fixture = *state;
    struct last_export last;
    let_machines_run(fixture);
    struct export_form *form = make_live(fixture);
    line_editor_set(&form->name, "r1");
    export_form_choose_base(form, 2);
    export_form_toggle(form, FORM_CONSISTENCY);
    export_form_toggle(form, FORM_ALLOW_CRASH);
    export_form_toggle_machine(form, 3);
    export_form_capture(form, &last);
    export_form_free(form);

    /* Left and opened again: as it was. */
    form = export_form_new(&fixture->source);
    export_form_restore(form, &last);
    assert_int_equal(export_form_kind(form), FORM_LIVE);
    assert_string_equal(export_form_base(form)->name, "first");
    assert_string_equal(line_editor_text(&form->name), "r1");
    assert_true(form->application && form->allow_crash);
    assert_int_equal(export_form_machine_tick(form, 3), FORM_TICK_NONE);
    export_form_free(form);

    /* Started, and the next one: the newest point is the base, the name is that of another. The point that
     * the form is opened for comes first. */
    fixture->source.last = &last;
    form = export_form_new(&fixture->source);
    assert_int_equal(export_form_kind(form), FORM_FULL);
    export_form_choose_kind(form, FORM_LIVE);
    assert_string_equal(export_form_base(form)->name, "second");
    assert_string_equal(line_editor_text(&form->name), "");
    assert_true(form->application);
    /* Taken over by the button, and put back. */
    export_form_choose_base(form, 0);
    line_editor_set(&form->name, "mine");
    export_form_press_last(form);
    assert_string_equal(export_form_base(form)->name, "second");
    export_form_press_last(form);
    assert_null(export_form_base(form));
    assert_string_equal(line_editor_text(&form->name), "mine");
    export_form_free(form);

    /* On a host that cannot: what it can. */
    fixture->running.live_export = false;
    form = export_form_new(&fixture->source);
    assert_int_equal(export_form_kind(form), FORM_FULL);
    export_form_free(form);
    last_export_clear(&last);
}

static char *picture_of(struct export_form *form, int rows, int columns, enum form_field focus)
{
    struct strbuf out = {0};
    struct export_form_view view = {0};
    const struct export_form_view_input input = {.layout = layout_form(rows, columns),
                                                 .focus = {.id = (unsigned)focus, .second = SIZE_MAX}};
    export_form_view_build(&view, form, &input);
    for (int row = 0; row < view.page.rows; row++) {
        CLEANUP_FREE char *line = page_row_text(&view.page, row);
        strbuf_addf(&out, "%s\n", line);
    }
    export_form_view_clear(&view);
    return strbuf_take(&out);
}

/* clang-format off */
static void test_picture(void **state)
{
    struct fixture *fixture = *state;
    let_machines_run(fixture);
    struct export_form *form = make_live(fixture);
    answer(form, &(struct error){0});
    CLEANUP_FREE char *plain = picture_of(form, 21, 80, FORM_KIND);
    assert_string_equal(plain,
        "── Where ───────────────────────────────────────────────────────────────────────\n"
        " Directory  /backup/web\n"
        "           1.0 GiB free, writable\n"
        "── What ────────────────────────────────────────────────────────────────────────\n"
        " Point     none yet: the machines as they are now\n"
        " Chain     .. - second - third - [now]\n"
        " Kind      ( ) differential  ( ) full  (o) live\n"
        "           the running machines as they are now; it makes an RCT based point,\n"
        "           the base of the next\n"
        " Base       none: every disk in full\n"
        " Name\n"
        " Level     (o) crash consistent  ( ) application consistent\n"
        "── Include ── 4 machines, 6 disks, about 63.0 GiB; states at opening ───────────\n"
        " [x] web01 running   [x] vda  10.0 GiB   [x] vdb  20.0 GiB\n"
        " [x] web02 running   [x] vda  10.0 GiB   [x] vdb  20.0 GiB\n"
        " [x] web03 running   [x] vda  10.0 GiB\n"
        " [x] web04 running   [x] vda  10.0 GiB\n"
        "── How ─────────────────────────────────────────────────────────────────────────\n"
        " Format    (o) qcow2  ( ) raw        Compress (o) none  ( ) zstd\n"
        " Verify    [x]    Limit          MiB/s    When done [x] bell\n"
        "── Same as ─────────────────────────────────────────────────────────────────────\n"
        " refpoint export web-prod --live --to /backup/web\n"
        " < Back >  < Review >\n");
    export_form_toggle(form, FORM_CONSISTENCY);
    export_form_choose_base(form, 1);
    CLEANUP_FREE char *narrow = picture_of(form, 14, 60, FORM_BASE);
    assert_non_null(strstr(narrow,
        " Kind      ( ) differential  ( ) full  (o) live\n"
        " Base       second   2026-09-23 02:00 +02:00, rct based\n"
        "           2 of 3; Left, Right change it, Space lists them\n"
        " Base dir\n"
        " Base read (o) if needed  ( ) again  ( ) never\n"
        "           [ ] full where it was altered\n"
        " Name\n"
        " Level     ( ) crash consistent  (o) application consistent\n"
        "           [ ] crash where a guest cannot be quiesced\n"));
    export_form_free(form);
}
/* clang-format on */

int main(void)
{
    prepare_process();
#define LIVE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE_TEST(test_only_where_the_host_can),
        LIVE_TEST(test_kinds_in_turn),
        LIVE_TEST(test_machines_and_bases_of_now),
        LIVE_TEST(test_request_and_command),
        LIVE_TEST(test_names_are_looked_for_on_the_whole_host),
        LIVE_TEST(test_without_any_point),
        LIVE_TEST(test_an_rct_based_point_is_the_base),
        LIVE_TEST(test_refusals_belong_to_fields),
        LIVE_TEST(test_kept_and_proposed_again),
        LIVE_TEST(test_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
