/* Headings in their rules, bars, graphs, numbers. */
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
#include "ui/draw/cells.h"
#include "ui/draw/parts.h"

static char *taken(struct canvas_surface *surface)
{
    struct canvas whole = canvas_whole(surface);
    char *text = canvas_to_text(&whole);
    canvas_surface_free(surface);
    return text;
}

static char *heading(int columns, enum canvas_signs signs, const struct part_heading *of)
{
    struct canvas_surface *surface = canvas_surface_new(1, columns, signs);
    struct canvas whole = canvas_whole(surface);
    part_heading(&whole, 0, 0, columns, of);
    return taken(surface);
}

static void test_headings(void **state)
{
    (void)state;
    const struct part_heading of = {.name = "Points of web-prod", .more = "4", .right = "copy"};
    CLEANUP_FREE char *all = heading(44, CANVAS_FULL, &of);
    assert_string_equal(all, "── Points of web-prod ── 4 ───────── copy ──\n");
    CLEANUP_FREE char *ascii = heading(30, CANVAS_ASCII, &of);
    assert_string_equal(ascii, "-- Points of web-prod -- 4 ---\n");
    CLEANUP_FREE char *cut = heading(22, CANVAS_FULL, &of);
    assert_string_equal(cut, "── Points of we… ── 4\n");
}

/* Every width: never longer than the place, the rule from edge to edge. */
static void test_headings_of_every_width(void **state)
{
    (void)state;
    const struct part_heading of = {
        .name = "Points of 本番環境", .more = "2 of 12  /本", .right = "phase 2 of 4: copy"};
    for (int columns = 1; columns < 100; columns++) {
        CLEANUP_FREE char *text = heading(columns, CANVAS_FULL, &of);
        text[strlen(text) - 1] = '\0';
        size_t width = cells_width(text, false);
        assert_true(width <= (size_t)columns && width + 1 >= (size_t)columns);
    }
}

static char *bar(unsigned percent, enum canvas_signs signs)
{
    struct canvas_surface *surface = canvas_surface_new(1, 10, signs);
    struct canvas whole = canvas_whole(surface);
    part_bar(&whole, 0, 0, 10, percent, ROLE_PROGRESS_DONE);
    return taken(surface);
}

static void assert_bar(unsigned percent, enum canvas_signs signs, const char *expected)
{
    CLEANUP_FREE char *made = bar(percent, signs);
    assert_string_equal(made, expected);
}

static void test_bars(void **state)
{
    (void)state;
    assert_bar(0, CANVAS_FULL, "··········\n");
    assert_bar(5, CANVAS_FULL, "▌·········\n");
    assert_bar(61, CANVAS_FULL, "██████····\n");
    assert_bar(62, CANVAS_FULL, "██████▏···\n");
    assert_bar(99, CANVAS_FULL, "█████████▉\n"); /* full only at 100 */
    assert_bar(100, CANVAS_FULL, "██████████\n");
    assert_bar(4000000000u, CANVAS_FULL, "██████████\n");
    assert_bar(62, CANVAS_PLAIN, "██████····\n");
    assert_bar(62, CANVAS_ASCII, "######....\n");
}

static void test_graphs(void **state)
{
    (void)state;
    const uint64_t values[] = {0, 1, 50, 100, 75, 25};
    struct canvas_surface *surface = canvas_surface_new(2, 6, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    part_graph(&whole, 0, 0, 2, values, ARRAY_LENGTH(values), 100, ROLE_JOB_RUNNING);
    CLEANUP_FREE char *text = taken(surface);
    assert_string_equal(text, "   █▄\n ▁███▄\n");
    surface = canvas_surface_new(2, 6, CANVAS_ASCII);
    whole = canvas_whole(surface);
    part_graph(&whole, 0, 0, 2, values, ARRAY_LENGTH(values), 100, ROLE_JOB_RUNNING);
    CLEANUP_FREE char *none = taken(surface);
    assert_string_equal(none, "\n\n");
}

static void test_numbers(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(1, 12, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    part_number(&whole, 0, 0, 12, ROLE_NORMAL, "25.4 MiB");
    assert_int_equal(canvas_cell_at(surface, 0, 7)->role, ROLE_NORMAL);
    assert_int_equal(canvas_cell_at(surface, 0, 9)->role, ROLE_DIM);
    part_number(&whole, 0, 0, 12, ROLE_SELECTED, "25.4 MiB");
    assert_int_equal(canvas_cell_at(surface, 0, 9)->role, ROLE_SELECTED);
    CLEANUP_FREE char *text = taken(surface);
    assert_string_equal(text, "    25.4 MiB\n");
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headings), cmocka_unit_test(test_headings_of_every_width),
        cmocka_unit_test(test_bars),     cmocka_unit_test(test_graphs),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
