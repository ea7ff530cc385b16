/* Lists: moving, scrolling, narrowing, and that a selection survives both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/widgets/list_view.h"

static const char *const names[] = {"alpha", "beta", "gamma", "alphabet", "delta"};

static bool match(const void *context, size_t row, const char *folded)
{
    (void)context;
    return strstr(names[row], folded) != NULL;
}

static bool match_all(const void *context, size_t row, const char *folded)
{
    (void)context;
    (void)row;
    (void)folded;
    return true;
}

static enum list_view_filter_result press(struct list_view *view, uint32_t key, enum ui_action action,
                                          const char *text)
{
    struct key_event event = {.key = key, .action = action, .text = text};
    enum list_view_filter_result result = list_view_filter_key(view, &event);
    if (result == FILTER_EDITED)
        list_view_update(view, ARRAY_LENGTH(names), SIZE_MAX, match, NULL);
    return result;
}

static void test_moving_ten_thousand_rows(void **state)
{
    (void)state;
    struct list_view view = {0};
    list_view_update(&view, 10000, SIZE_MAX, match_all, NULL);
    list_view_fit(&view, 20);
    assert_false(list_view_move(&view, ACTION_UP));
    assert_true(list_view_move(&view, ACTION_LAST));
    assert_int_equal(list_view_row(&view), 9999);
    assert_int_equal(view.top, 9980);
    assert_false(list_view_move(&view, ACTION_DOWN));
    assert_true(list_view_move(&view, ACTION_PAGE_UP));
    assert_int_equal(list_view_row(&view), 9980);
    assert_true(list_view_move(&view, ACTION_UP));
    assert_int_equal(view.top, 9979);
    assert_true(list_view_move(&view, ACTION_FIRST));
    assert_int_equal(view.top, 0);
    assert_true(list_view_move(&view, ACTION_PAGE_DOWN));
    assert_int_equal(list_view_row(&view), 19);
    assert_false(list_view_move(&view, ACTION_EXPORT));
    list_view_clear(&view);
}

static void test_fewer_rows_than_before(void **state)
{
    (void)state;
    struct list_view view = {0};
    list_view_update(&view, 100, 90, match_all, NULL);
    list_view_fit(&view, 10);
    assert_int_equal(list_view_row(&view), 90);
    list_view_update(&view, 5, SIZE_MAX, match_all, NULL);
    assert_int_equal(list_view_row(&view), 4);
    assert_int_equal(view.top, 0);
    list_view_update(&view, 0, SIZE_MAX, match_all, NULL);
    assert_true(list_view_row(&view) == SIZE_MAX);
    list_view_fit(&view, 0);
    list_view_clear(&view);
}

static void test_filter_narrows_as_typed(void **state)
{
    (void)state;
    struct list_view view = {0};
    list_view_update(&view, ARRAY_LENGTH(names), SIZE_MAX, match, NULL);
    list_view_fit(&view, 10);
    assert_int_equal(press(&view, 'a', ACTION_MARK_ALL, "a"), FILTER_UNHANDLED);
    assert_int_equal(press(&view, '/', ACTION_FILTER, "/"), FILTER_HANDLED);
    assert_int_equal(press(&view, 'A', ACTION_NONE, "A"), FILTER_EDITED);
    assert_int_equal(press(&view, 'l', ACTION_RIGHT, "l"), FILTER_EDITED); /* text, not an action */
    assert_int_equal(view.count, 2);
    CLEANUP_FREE char *summary = list_view_summary(&view);
    assert_string_equal(summary, "2 of 5  /Al");
    assert_int_equal(press(&view, KEY_CODE_DOWN, ACTION_DOWN, ""), FILTER_UNHANDLED);
    assert_true(list_view_move(&view, ACTION_DOWN));
    assert_int_equal(list_view_row(&view), 3);
    assert_int_equal(press(&view, KEY_CODE_BACKSPACE, ACTION_NONE, ""), FILTER_EDITED);
    assert_int_equal(view.count, 5);
    list_view_clear(&view);
}

static void test_first_escape_clears_second_leaves(void **state)
{
    (void)state;
    struct list_view view = {0};
    list_view_update(&view, ARRAY_LENGTH(names), SIZE_MAX, match, NULL);
    press(&view, '/', ACTION_FILTER, "/");
    press(&view, 'b', ACTION_NONE, "b");
    assert_int_equal(press(&view, KEY_CODE_ESCAPE, ACTION_BACK, ""), FILTER_EDITED);
    assert_int_equal(view.count, 5);
    assert_true(view.filtering);
    assert_int_equal(press(&view, KEY_CODE_ESCAPE, ACTION_BACK, ""), FILTER_HANDLED);
    assert_false(view.filtering);
    assert_int_equal(press(&view, KEY_CODE_ESCAPE, ACTION_BACK, ""), FILTER_UNHANDLED);
    list_view_clear(&view);
}

static void test_enter_keeps_the_filter(void **state)
{
    (void)state;
    struct list_view view = {0};
    list_view_update(&view, ARRAY_LENGTH(names), SIZE_MAX, match, NULL);
    press(&view, '/', ACTION_FILTER, "/");
    press(&view, 'g', ACTION_NONE, "g");
    assert_int_equal(press(&view, KEY_CODE_ENTER, ACTION_OPEN, ""), FILTER_HANDLED);
    assert_int_equal(view.count, 1);
    assert_int_equal(list_view_row(&view), 2);
    assert_int_equal(press(&view, KEY_CODE_ENTER, ACTION_OPEN, ""), FILTER_UNHANDLED);
    assert_int_equal(press(&view, KEY_CODE_ESCAPE, ACTION_BACK, ""), FILTER_EDITED);
    assert_int_equal(view.count, 5);
    list_view_clear(&view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moving_ten_thousand_rows),
        cmocka_unit_test(test_fewer_rows_than_before),
        cmocka_unit_test(test_filter_narrows_as_typed),
        cmocka_unit_test(test_first_escape_clears_second_leaves),
        cmocka_unit_test(test_enter_keeps_the_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
