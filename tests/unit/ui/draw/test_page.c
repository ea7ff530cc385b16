/* A page's sections and labels: what is shown as focused, and that a sign is what the canvas has for it. */
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
#include "ui/draw/page.h"

enum { NAME, SIZE, BUTTON };

static void add_field(struct page *page, unsigned id, const char *label)
{
    int row = page_add_row(page);
    page_label(page, row, PAGE_MARGIN, label);
    page_text(page, row, 10, ROLE_NORMAL, "value");
    page_add_stop(page,
                  &(struct page_stop){
                      .focus = {.id = id}, .row = row, .column = 10, .columns = 5, .role = ROLE_SELECTED});
}

static void make(struct page *page)
{
    *page = (struct page){.columns = 30};
    page_heading(page, "First", "1 of 2");
    add_field(page, NAME, "Name");
    page_heading(page, "Second", "");
    add_field(page, SIZE, "Size");
    page_end_section(page);
    int row = page_add_row(page);
    page_sign(page, row, 0, ROLE_SUCCESS, SIGN_GOOD);
    page_text(page, row, PAGE_MARGIN + 1, ROLE_BUTTON, "< Back >");
    page_add_stop(page,
                  &(struct page_stop){
                      .focus = {.id = BUTTON}, .row = row, .column = 2, .columns = 8, .role = ROLE_SELECTED});
}

static enum theme_role role_at(struct canvas_surface *surface, int row, int column)
{
    return canvas_cell_at(surface, row, column)->role;
}

static struct canvas_surface *paint(const struct page *page, unsigned id, enum canvas_signs signs)
{
    struct canvas_surface *surface = canvas_surface_new(page->rows, page->columns, signs);
    struct canvas whole = canvas_whole(surface);
    page_paint(page, &whole, 0, page->rows, &(struct page_focus){.id = id});
    return surface;
}

static void test_the_section_with_the_focus(void **state)
{
    (void)state;
    static const struct {
        unsigned id;
        enum theme_role first, name, second, size;
    } cases[] = {
        {NAME, ROLE_HEADING_FOCUSED, ROLE_HEADING_FOCUSED, ROLE_HEADING, ROLE_DIM},
        {SIZE, ROLE_HEADING, ROLE_DIM, ROLE_HEADING_FOCUSED, ROLE_HEADING_FOCUSED},
        {BUTTON, ROLE_HEADING, ROLE_DIM, ROLE_HEADING, ROLE_DIM}, /* belongs to none */
    };
    struct page page;
    make(&page);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct canvas_surface *surface = paint(&page, cases[i].id, CANVAS_FULL);
        assert_int_equal(role_at(surface, 0, 3), cases[i].first);
        assert_int_equal(role_at(surface, 1, PAGE_MARGIN), cases[i].name);
        assert_int_equal(role_at(surface, 2, 3), cases[i].second);
        assert_int_equal(role_at(surface, 3, PAGE_MARGIN), cases[i].size);
        canvas_surface_free(surface);
    }
    page_clear(&page);
}

static void test_pictures(void **state)
{
    (void)state;
    struct page page;
    make(&page);
    struct canvas_surface *surface = paint(&page, NAME, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    CLEANUP_FREE char *text = canvas_to_text(&whole);
    assert_string_equal(text, "── First ── 1 of 2 ───────────\n"
                              " Name     value\n"
                              "── Second ────────────────────\n"
                              " Size     value\n"
                              "✓ < Back >\n");
    canvas_surface_free(surface);
    page.ascii = true;
    surface = paint(&page, NAME, CANVAS_ASCII);
    whole = canvas_whole(surface);
    CLEANUP_FREE char *plain = canvas_to_text(&whole);
    assert_non_null(strstr(plain, "-- First -- 1 of 2 -----------\n"));
    assert_non_null(strstr(plain, "+ < Back >\n"));
    canvas_surface_free(surface);
    page_clear(&page);
    assert_int_equal(page.heading_count, 0);
}

int main(void)
{
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_section_with_the_focus),
        cmocka_unit_test(test_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
