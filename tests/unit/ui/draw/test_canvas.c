/* What is painted, as text: cutting, wide signs, escapes, windows on windows. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/unit/support/ui_pictures.h"
#include "ui/draw/canvas.h"

static void assert_picture(struct canvas_surface *surface, const char *wanted)
{
    struct canvas whole = canvas_whole(surface);
    CLEANUP_FREE char *text = canvas_to_text(&whole);
    assert_string_equal(text, wanted);
}

static void test_text_is_cut_at_the_edge(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(2, 6, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    canvas_text(&whole, 0, 3, ROLE_NORMAL, "abcdef");
    canvas_text(&whole, 1, 0, ROLE_NORMAL, "テストx");
    canvas_text(&whole, 5, 0, ROLE_NORMAL, "outside");
    canvas_text(&whole, -1, 0, ROLE_NORMAL, "outside");
    assert_picture(surface, "   abc\nテスト\n");
    canvas_surface_free(surface);
}

static void test_half_of_a_wide_sign_never_shows(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(1, 6, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    canvas_text(&whole, 0, 0, ROLE_NORMAL, "テスト");
    canvas_text(&whole, 0, 1, ROLE_NORMAL, "x");
    assert_picture(surface, " xスト\n");
    canvas_text(&whole, 0, 4, ROLE_NORMAL, "y");
    assert_picture(surface, " xスy\n");
    canvas_text(&whole, 0, 5, ROLE_NORMAL, "ス"); /* does not fit: nothing of it */
    assert_picture(surface, " xスy\n");
    canvas_surface_free(surface);
}

static void test_hostile_text_is_escaped(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(1, 40, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    canvas_text(&whole, 0, 0, ROLE_NORMAL, "a\033[2Jb\nc\xff");
    assert_picture(surface, "a\\x1b[2Jb\\nc\\xff\n");
    canvas_surface_free(surface);
}

static void test_ascii_surface(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(3, 20, CANVAS_ASCII);
    struct canvas whole = canvas_whole(surface);
    canvas_text(&whole, 0, 0, ROLE_NORMAL, "bü");
    canvas_rule(&whole, 1, 0, 4);
    canvas_field(&whole, 2, 0, 6, ROLE_NORMAL, "abcdefghij");
    assert_picture(surface, "b\\u{fc}\n----\nabcd..\n");
    canvas_surface_free(surface);
}

static void test_fields(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(6, 12, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    canvas_field(&whole, 0, 0, 6, ROLE_NORMAL, "abcdefghij");
    canvas_field_right(&whole, 1, 0, 6, ROLE_NORMAL, "42");
    canvas_field(&whole, 2, 0, 0, ROLE_NORMAL, "nothing");
    canvas_path(&whole, 5, 0, 12, ROLE_NORMAL, "/backup/of/everything/web");
    assert_picture(surface, "abcde…\n    42\n\n\n\n/back…ng/web\n");
    canvas_surface_free(surface);
}

static void test_windows(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(5, 12, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    struct canvas part = canvas_part(&whole, 1, 2, 3, 6);
    canvas_box(&part, ROLE_DIALOG_BORDER);
    canvas_text(&part, 1, 1, ROLE_NORMAL, "too long");
    struct canvas beyond = canvas_part(&part, 2, 4, 99, 99);
    assert_int_equal(beyond.rows, 1);
    assert_int_equal(beyond.columns, 2);
    struct canvas nothing = canvas_part(&part, 99, -5, 1, 1);
    assert_int_equal(nothing.rows, 0);
    assert_picture(surface, "\n  ┌────┐\n  │too l\n  └────┘\n\n");
    assert_int_equal(canvas_cell_at(surface, 1, 2)->role, ROLE_DIALOG_BORDER);
    assert_null(canvas_cell_at(surface, 5, 0));
    canvas_surface_free(surface);
}

static void test_wrap(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(3, 10, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    assert_int_equal(canvas_wrap_rows("one two three four", 10, false), 2);
    assert_int_equal(canvas_wrap(&whole, 0, 0, 2, 10, ROLE_NORMAL, "one two three four five six"), 2);
    assert_int_equal(canvas_wrap(&whole, 0, 0, 0, 10, ROLE_NORMAL, "none"), 0);
    assert_picture(surface, "one two\nthree fou…\n\n");
    canvas_surface_free(surface);
}

static void test_no_size_at_all(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(0, -3, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    canvas_text(&whole, 0, 0, ROLE_NORMAL, "x");
    canvas_box(&whole, ROLE_NORMAL);
    assert_picture(surface, "");
    canvas_surface_free(surface);
}

/* Rules and wide signs beneath a dialog end a cell before it, and none is cut in half. */
static void test_a_dialog_touches_nothing(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(7, 16, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    for (int row = 0; row < 7; row++) {
        canvas_rule(&whole, row, 0, 16);
        if (row % 2)
            canvas_text(
                &whole, row, row % 4 == 1 ? 0 : 1, ROLE_NORMAL,
                "\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5");
    }
    struct canvas body = canvas_part(&whole, 1, 0, 5, 16);
    canvas_dialog(&body, 1, 4, 3, 8);
    CLEANUP_FREE char *text = canvas_to_text(&whole);
    assert_string_equal(text, "────────────────\n"
                              "日            ──\n"
                              "─── ┌──────┐ ───\n"
                              "─日 │      │ 日─\n"
                              "─── └──────┘ ───\n"
                              "日            ──\n"
                              "────────────────\n");
    canvas_surface_free(surface);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_dialog_touches_nothing),
        cmocka_unit_test(test_text_is_cut_at_the_edge),
        cmocka_unit_test(test_half_of_a_wide_sign_never_shows),
        cmocka_unit_test(test_hostile_text_is_escaped),
        cmocka_unit_test(test_ascii_surface),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_no_size_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
