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

static void update(struct list_view *view)
{
    list_view_update(view, &(struct list_view_rows){.total = ARRAY_LENGTH(names), .match = match});
}

/* So many rows, known by nothing but their numbers. */
static void update_numbers(struct list_view *view, size_t total)
{
    list_view_update(view, &(struct list_view_rows){.total = total});
}

static enum list_view_filter_result press(struct list_view *view, uint32_t key, enum ui_action action,
                                          const char *text)
{
    struct key_event event = {.key = key, .action = action, .text = text};
    enum list_view_filter_result result = list_view_filter_key(view, &event);
    if (result == FILTER_EDITED)
        update(view);
    return result;
}

static void test_moving_ten_thousand_rows(void **state)
{
    (void)state;
    struct list_view view = {0};
    update_numbers(&view, 10000);
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
    update_numbers(&view, 100);
    list_view_select(&view, 90);
    list_view_fit(&view, 10);
    assert_int_equal(list_view_row(&view), 90);
    update_numbers(&view, 5);
    assert_int_equal(list_view_row(&view), 4);
    assert_int_equal(view.top, 0);
    update_numbers(&view, 0);
    assert_true(list_view_row(&view) == SIZE_MAX);
    list_view_fit(&view, 0);
    list_view_clear(&view);
}

static void test_filter_narrows_as_typed(void **state)
{
    (void)state;
    struct list_view view = {0};
    update(&view);
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
    update(&view);
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
    update(&view);
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

/* --- items that come and go --- */

struct items { /* each letter is the id of one, and what a filter looks in */
    const char *letters;
};

static bool match_letter(const void *context, size_t row, const char *folded)
{
    const struct items *items = context;
    return strchr(folded, items->letters[row]) != NULL;
}

static const char *id_of_letter(const void *context, size_t row)
{
    static char id[2];
    const struct items *items = context;
    id[0] = items->letters[row];
    return id;
}

static void show(struct list_view *view, const char *letters)
{
    const struct items items = {.letters = letters};
    list_view_update(
        view, &(struct list_view_rows){
                  .total = strlen(letters), .id = id_of_letter, .match = match_letter, .context = &items});
}

/* The letters that pass, of all those that are there. */
static void filter(struct list_view *view, const char *passing, const char *letters)
{
    line_editor_clear(&view->filter);
    list_view_start_filter(view);
    line_editor_insert(&view->filter, passing);
    show(view, letters);
}

static void assert_selected(const struct list_view *view, const char *letters, char letter, size_t line)
{
    size_t row = list_view_row(view);
    assert_true(row < strlen(letters));
    assert_int_equal(letters[row], letter);
    assert_int_equal(view->selected - view->top, line);
}

static void test_an_item_is_selected_not_a_row(void **state)
{
    static const char before[] = "abcdefghijklmnopqrst";
    static const char more[] = "ABCabcdefghijklmnopqrst"; /* three came before it */
    static const char less[] = "degijklmnopqrst";         /* some went, it stays */
    (void)state;
    struct list_view view = {0};
    show(&view, before);
    list_view_fit(&view, 5);
    list_view_select(&view, 9);
    list_view_move(&view, ACTION_UP);
    list_view_move(&view, ACTION_UP);
    assert_selected(&view, before, 'h', 2);
    show(&view, more);
    assert_selected(&view, more, 'h', 2);
    show(&view, before);
    list_view_move(&view, ACTION_DOWN);
    assert_selected(&view, before, 'i', 3);
    show(&view, less);
    assert_selected(&view, less, 'i', 3);
    show(&view, "i");
    assert_selected(&view, "i", 'i', 0);
    show(&view, "xi");
    assert_selected(&view, "xi", 'i', 1); /* all fits: nothing is scrolled away */
    list_view_clear(&view);
}

static void test_where_it_has_gone_the_next_one_is_selected(void **state)
{
    (void)state;
    struct list_view view = {0};
    show(&view, "abcdefgh");
    list_view_fit(&view, 20);
    list_view_select(&view, 3);
    show(&view, "abcXfgh"); /* d and e went, another came */
    assert_selected(&view, "abcXfgh", 'f', 4);
    show(&view, "ab"); /* nothing is left behind it */
    assert_selected(&view, "ab", 'b', 1);
    show(&view, "xyz"); /* nor before it */
    assert_selected(&view, "xyz", 'x', 0);
    list_view_clear(&view);
}

static void test_a_filter_comes_and_goes(void **state)
{
    (void)state;
    struct list_view view = {0};
    show(&view, "abcdefgh");
    list_view_fit(&view, 20);
    list_view_select(&view, 2);
    filter(&view, "bcg", "abcdefgh");
    assert_selected(&view, "abcdefgh", 'c', 1);
    filter(&view, "bg", "abcdefgh"); /* it does not pass: the next that does */
    assert_selected(&view, "abcdefgh", 'g', 1);
    filter(&view, "ab", "abcdefgh");
    assert_selected(&view, "abcdefgh", 'b', 1);
    filter(&view, "x", "abcdefgh");
    assert_true(list_view_row(&view) == SIZE_MAX);
    filter(&view, "x", "XYabcdefgh"); /* and is read again meanwhile */
    filter(&view, "", "XYabcdefgh");
    assert_selected(&view, "XYabcdefgh", 'b', 3);
    list_view_clear(&view);
}

static void test_a_list_that_is_empty_for_a_while(void **state)
{
    (void)state;
    struct list_view view = {0};
    show(&view, "abcdefgh");
    list_view_fit(&view, 3);
    list_view_select(&view, 5);
    assert_selected(&view, "abcdefgh", 'f', 2);
    show(&view, "");
    assert_true(list_view_row(&view) == SIZE_MAX);
    list_view_fit(&view, 3);
    show(&view, "Zabcdefgh");
    assert_selected(&view, "Zabcdefgh", 'f', 2);
    list_view_forget(&view);
    show(&view, "fgh");
    assert_selected(&view, "fgh", 'f', 0);
    list_view_select(&view, 2);
    list_view_forget(&view); /* of something else, in which there is one of that id */
    show(&view, "fgh");
    assert_selected(&view, "fgh", 'f', 0);
    list_view_clear(&view);
}

/* --- order, position, what is seen of it --- */

static void show_backwards(struct list_view *view, const char *letters)
{
    const struct items items = {.letters = letters};
    size_t count = strlen(letters);
    size_t *order = mem_alloc((count + 1) * sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = count - 1 - i;
    list_view_update(
        view,
        &(struct list_view_rows){
            .total = count, .id = id_of_letter, .match = match_letter, .context = &items, .order = order});
    free(order);
}

static void test_another_order_keeps_what_is_selected(void **state)
{
    (void)state;
    struct list_view view = {0};
    show(&view, "abcdefgh");
    list_view_fit(&view, 20);
    list_view_select(&view, 2);
    show_backwards(&view, "abcdefgh");
    assert_selected(&view, "abcdefgh", 'c', 5);
    list_view_move(&view, ACTION_DOWN);
    assert_selected(&view, "abcdefgh", 'b', 6);
    show_backwards(&view, "acdefgh"); /* it went: the next one in this order */
    assert_selected(&view, "acdefgh", 'a', 6);
    show(&view, "acdefgh");
    assert_selected(&view, "acdefgh", 'a', 0);
    list_view_clear(&view);
}

static void assert_summary(const struct list_view *view, const char *wanted)
{
    CLEANUP_FREE char *summary = list_view_summary(view);
    assert_string_equal(summary, wanted);
}

static void test_the_position_is_told_where_not_all_is_seen(void **state)
{
    (void)state;
    struct list_view view = {0};
    assert_summary(&view, "");
    update_numbers(&view, 12);
    list_view_fit(&view, 12);
    assert_summary(&view, "12");
    list_view_fit(&view, 11);
    assert_summary(&view, "1 of 12");
    update_numbers(&view, 1234567);
    list_view_select(&view, 1016);
    assert_summary(&view, "1,017 of 1,234,567");
    list_view_start_filter(&view);
    line_editor_insert(&view.filter, "web");
    assert_summary(&view, "1,017 of 1,234,567 of 1,234,567  /web");
    list_view_clear(&view);
}

/* Rows that the mark takes, as "..##." */
static void assert_thumb(const struct list_view *view, int rows, const char *wanted)
{
    char seen[32] = "";
    struct canvas_surface *surface = canvas_surface_new(rows, 4, CANVAS_ASCII);
    struct canvas list = canvas_whole(surface);
    list_view_paint_scroll(view, &list, ROLE_SELECTED);
    for (int row = 0; row < rows; row++)
        seen[row] = *canvas_cell_at(surface, row, 3)->text == '#' ? '#' : '.';
    assert_string_equal(seen, wanted);
    canvas_surface_free(surface);
}

static void test_a_mark_tells_which_part_is_seen(void **state)
{
    (void)state;
    struct list_view view = {0};
    update_numbers(&view, 5);
    list_view_fit(&view, 5);
    assert_thumb(&view, 5, ".....");
    update_numbers(&view, 10);
    assert_thumb(&view, 5, "##...");
    list_view_move(&view, ACTION_LAST);
    assert_thumb(&view, 5, "...##");
    update_numbers(&view, 10000);
    list_view_select(&view, 0);
    assert_thumb(&view, 5, "#....");
    list_view_select(&view, 5); /* a row is hidden above: not at the end any more */
    assert_thumb(&view, 5, ".#...");
    list_view_select(&view, 9998);
    assert_thumb(&view, 5, "...#.");
    list_view_select(&view, 9999);
    assert_thumb(&view, 5, "....#");
    list_view_clear(&view);
}

static void test_a_line_is_pointed_at(void **state)
{
    (void)state;
    struct list_view view = {0};
    assert_false(list_view_point(&view, 0));
    update_numbers(&view, 100);
    list_view_fit(&view, 10);
    list_view_select(&view, 50);
    assert_int_equal(view.top, 41);
    list_view_start_filter(&view);
    assert_true(list_view_point(&view, 3));
    assert_int_equal(list_view_row(&view), 44);
    assert_false(view.filtering);
    assert_false(list_view_point(&view, 10));
    assert_false(list_view_point(&view, -1));
    update_numbers(&view, 4);
    assert_false(list_view_point(&view, 4));
    assert_true(list_view_point(&view, 2));
    assert_int_equal(list_view_row(&view), 2);
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
        cmocka_unit_test(test_an_item_is_selected_not_a_row),
        cmocka_unit_test(test_where_it_has_gone_the_next_one_is_selected),
        cmocka_unit_test(test_a_filter_comes_and_goes),
        cmocka_unit_test(test_a_list_that_is_empty_for_a_while),
        cmocka_unit_test(test_another_order_keeps_what_is_selected),
        cmocka_unit_test(test_the_position_is_told_where_not_all_is_seen),
        cmocka_unit_test(test_a_mark_tells_which_part_is_seen),
        cmocka_unit_test(test_a_line_is_pointed_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
