/* The layout as pictures, and its promises at every size: inside, never overlapping, nothing too small to
 * use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/layout.h"

#define MOST 240

struct picture {
    int rows;
    int columns;
    char cells[MOST][MOST];
};

static void begin(struct picture *picture, int rows, int columns)
{
    picture->rows = rows;
    picture->columns = columns;
    memset(picture->cells, '.', sizeof picture->cells);
}

/* A letter in every cell; fails on a cell that is taken or outside. */
static void put(struct picture *picture, struct layout_box box, char letter)
{
    for (int row = box.row; row < box.row + box.rows; row++) {
        for (int column = box.column; column < box.column + box.columns; column++) {
            assert_true(row >= 0 && row < picture->rows && column >= 0 && column < picture->columns);
            assert_int_equal(picture->cells[row][column], '.');
            picture->cells[row][column] = letter;
        }
    }
}

/* One line for each run of equal rows, runs of equal letters as letter and count: "1: T80". */
static char *text_of(const struct picture *picture)
{
    struct strbuf out = {0};
    for (int row = 0; row < picture->rows;) {
        int same = 1;
        while (row + same < picture->rows &&
               memcmp(picture->cells[row], picture->cells[row + same], (size_t)picture->columns) == 0)
            same++;
        strbuf_addf(&out, "%d:", same);
        for (int column = 0; column < picture->columns;) {
            int run = 1;
            while (column + run < picture->columns &&
                   picture->cells[row][column + run] == picture->cells[row][column])
                run++;
            strbuf_addf(&out, " %c%d", picture->cells[row][column], run);
            column += run;
        }
        strbuf_add(&out, "\n");
        row += same;
    }
    return strbuf_take(&out);
}

static void expect(const struct picture *picture, const char *expected)
{
    CLEANUP_FREE char *made = text_of(picture);
    assert_string_equal(made, expected);
}

static void draw_frame(struct picture *picture, int rows, int columns, int jobs)
{
    struct layout_frame frame = layout_frame(rows, columns, jobs);
    begin(picture, rows, columns);
    put(picture, frame.title, 'T');
    put(picture, frame.body, 'b');
    put(picture, frame.strip, 'J');
    put(picture, frame.footer, 'F');
}

static void draw_browse(struct picture *picture, int rows, int columns, size_t wanted)
{
    struct layout_browse browse = layout_browse(rows, columns, wanted);
    begin(picture, rows, columns);
    put(picture, browse.collections_heading, 'C');
    put(picture, browse.collections, 'c');
    put(picture, browse.points_heading, 'P');
    put(picture, browse.points, 'p');
    put(picture, browse.collections_titles, 't');
    put(picture, browse.points_titles, 'q');
    put(picture, browse.divider, '|');
    put(picture, browse.detail_divider, '|');
    put(picture, browse.detail_heading, 'D');
    put(picture, browse.detail, 'd');
}

static void draw_form(struct picture *picture, struct layout_form form, int rows, int columns)
{
    begin(picture, rows, columns);
    put(picture, form.fields, 'f');
    put(picture, form.command, 'c');
    put(picture, form.buttons, 'B');
}

static void test_frame(void **state)
{
    (void)state;
    static struct picture picture;
    draw_frame(&picture, 24, 80, 0);
    expect(&picture, "1: T80\n22: b80\n1: F80\n");
    draw_frame(&picture, 24, 80, 1);
    expect(&picture, "1: T80\n21: b80\n1: J80\n1: F80\n");
    draw_frame(&picture, 24, 80, 9);
    expect(&picture, "1: T80\n19: b80\n3: J80\n1: F80\n");
    draw_frame(&picture, 16, 60, 0);
    expect(&picture, "1: T60\n14: b60\n1: F60\n");
    draw_frame(&picture, 16, 60, 5);
    expect(&picture, "1: T60\n13: b60\n1: J60\n1: F60\n");
}

static void test_too_small(void **state)
{
    (void)state;
    assert_false(layout_frame(16, 60, 0).too_small);
    assert_true(layout_frame(15, 60, 0).too_small);
    assert_true(layout_frame(16, 59, 0).too_small);
    assert_true(layout_frame(0, 0, 0).too_small);
    assert_true(layout_frame(-1, -1, 3).too_small);
    struct layout_frame frame = layout_frame(3, 20, 2);
    assert_int_equal(frame.body.rows, 3);
    assert_int_equal(frame.body.columns, 20);
    assert_int_equal(frame.title.rows + frame.footer.rows + frame.strip.rows, 0);
}

static void test_browse(void **state)
{
    (void)state;
    static struct picture picture;
    /* The detail has what the lists leave, and a third where they want it all. */
    draw_browse(&picture, 22, 80, 4);
    expect(&picture, "1: C34 |1 P45\n1: t34 |1 q45\n4: c34 |1 p45\n1: D80\n15: d80\n");
    draw_browse(&picture, 22, 80, 10000);
    expect(&picture, "1: C34 |1 P45\n1: t34 |1 q45\n13: c34 |1 p45\n1: D80\n6: d80\n");
    draw_browse(&picture, 14, 60, 4);
    expect(&picture, "1: C60\n1: t60\n3: c60\n1: P60\n1: q60\n7: p60\n");
    draw_browse(&picture, 21, 79, 4);
    expect(&picture, "1: C79\n1: t79\n6: c79\n1: P79\n1: q79\n11: p79\n");
    draw_browse(&picture, 48, 200, 4);
    expect(&picture, "1: C48 |1 P71 |1 D79\n1: t48 |1 q71 |1 d79\n46: c48 |1 p71 |1 d79\n");
}

static void test_form_and_review(void **state)
{
    (void)state;
    static struct picture picture;
    draw_form(&picture, layout_form(21, 80), 21, 80);
    expect(&picture, "16: f80\n4: c80\n1: B80\n");
    draw_form(&picture, layout_form(14, 60), 14, 60);
    expect(&picture, "13: f60\n1: B60\n");
    draw_form(&picture, layout_review(21, 80), 21, 80);
    expect(&picture, "20: f80\n1: B80\n");
}

static void test_list_and_dialog(void **state)
{
    (void)state;
    static struct picture picture;
    struct layout_list list = layout_list(14, 60);
    begin(&picture, 14, 60);
    put(&picture, list.heading, 'H');
    put(&picture, list.list, 'l');
    expect(&picture, "1: H60\n13: l60\n");
    begin(&picture, 10, 20);
    put(&picture, layout_dialog(10, 20, 4, 10), 'd');
    expect(&picture, "3: .20\n4: .5 d10 .5\n3: .20\n");
    begin(&picture, 10, 20);
    put(&picture, layout_dialog(10, 20, 40, 100), 'd');
    expect(&picture, "10: d20\n");
}

/* Every size from the smallest to a large one, with and without jobs: `put` fails on any overlap. */
static void test_every_size(void **state)
{
    (void)state;
    static struct picture picture;
    for (int rows = LAYOUT_LEAST_ROWS; rows <= 60; rows++) {
        for (int columns = LAYOUT_LEAST_COLUMNS; columns <= 220; columns += columns < 90 ? 1 : 13) {
            for (int jobs = 0; jobs <= 4; jobs += 2) {
                struct layout_frame frame = layout_frame(rows, columns, jobs);
                draw_frame(&picture, rows, columns, jobs);
                assert_null(memchr(picture.cells[rows / 2], '.', (size_t)columns));
                int body = frame.body.rows;
                assert_true(body >= 13 && frame.footer.rows == 1 && frame.title.rows == 1);
                for (size_t wanted = 1; wanted <= 10000; wanted *= 10) {
                    draw_browse(&picture, body, columns, wanted);
                    struct layout_browse browse = layout_browse(body, columns, wanted);
                    assert_true(browse.collections.rows >= 3);
                    assert_true(browse.points.rows >= 4);
                    assert_true(browse.points.columns >= 43);
                }
                draw_form(&picture, layout_form(body, columns), body, columns);
                assert_true(layout_form(body, columns).fields.rows >= 12);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame),           cmocka_unit_test(test_too_small),
        cmocka_unit_test(test_browse),          cmocka_unit_test(test_form_and_review),
        cmocka_unit_test(test_list_and_dialog), cmocka_unit_test(test_every_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
