/* The line editor: clusters stay whole whatever is typed, pasted or deleted, and the cursor stays visible. */
#include <dlfcn.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/cells.h"
#include "ui/widgets/line_editor.h"

static int set_locale(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

static void expect(const struct line_editor *editor, const char *text, size_t cursor)
{
    assert_string_equal(line_editor_text(editor), text);
    assert_int_equal(editor->cursor, cursor);
}

static void test_inserts_and_deletes(void **state)
{
    (void)state;
    struct line_editor editor = {0};
    expect(&editor, "", 0);
    assert_false(line_editor_delete(&editor, LINE_EDITOR_LEFT));
    assert_false(line_editor_move(&editor, LINE_EDITOR_RIGHT));
    assert_true(line_editor_insert(&editor, "/backup"));
    assert_true(line_editor_move(&editor, LINE_EDITOR_HOME));
    assert_true(line_editor_move(&editor, LINE_EDITOR_RIGHT));
    assert_true(line_editor_insert(&editor, "x"));
    expect(&editor, "/xbackup", 2);
    assert_true(line_editor_delete(&editor, LINE_EDITOR_LEFT));
    assert_true(line_editor_delete(&editor, LINE_EDITOR_RIGHT));
    expect(&editor, "/ackup", 1);
    assert_true(line_editor_delete(&editor, LINE_EDITOR_END));
    expect(&editor, "/", 1);
    assert_true(line_editor_delete(&editor, LINE_EDITOR_HOME));
    expect(&editor, "", 0);
    line_editor_clear(&editor);
}

static void test_words_end_at_slashes(void **state)
{
    (void)state;
    struct line_editor editor = {0};
    line_editor_set(&editor, "/srv/web-1.x/日本 b");
    line_editor_move(&editor, LINE_EDITOR_WORD_LEFT);
    assert_string_equal(line_editor_text(&editor) + editor.cursor, "b");
    line_editor_move(&editor, LINE_EDITOR_WORD_LEFT);
    assert_string_equal(line_editor_text(&editor) + editor.cursor, "日本 b");
    line_editor_delete(&editor, LINE_EDITOR_WORD_LEFT);
    assert_string_equal(line_editor_text(&editor), "/srv/日本 b");
    line_editor_move(&editor, LINE_EDITOR_HOME);
    line_editor_move(&editor, LINE_EDITOR_WORD_RIGHT);
    assert_string_equal(line_editor_text(&editor) + editor.cursor, "/日本 b");
    line_editor_clear(&editor);
}

static void test_clusters_stay_whole(void **state)
{
    (void)state;
    struct line_editor editor = {0};
    line_editor_set(&editor, "ae\xcc\x81z"); /* e and a combining accent */
    line_editor_move(&editor, LINE_EDITOR_LEFT);
    line_editor_move(&editor, LINE_EDITOR_LEFT);
    expect(&editor, "ae\xcc\x81z", 1);
    line_editor_delete(&editor, LINE_EDITOR_RIGHT);
    expect(&editor, "az", 1);
    /* A mark typed after a letter joins it; a base typed before a mark takes it along. */
    line_editor_insert(&editor, "\xcc\x81");
    expect(&editor, "a\xcc\x81z", 3);
    line_editor_delete(&editor, LINE_EDITOR_LEFT);
    expect(&editor, "z", 0);
    line_editor_clear(&editor);
}

static void test_paste_of_garbage(void **state)
{
    (void)state;
    struct line_editor editor = {.limit = 20};
    assert_true(line_editor_insert(&editor, "/a\r\n\t\x1b[31m\x7f/b\n"));
    expect(&editor, "/a[31m/b", 8);
    assert_false(line_editor_insert(&editor, "\n\x01"));
    assert_false(line_editor_insert(&editor, "0123456789012")); /* over the limit: nothing is taken */
    expect(&editor, "/a[31m/b", 8);
    assert_true(line_editor_insert(&editor, "\xff\xc3"));
    struct line_view view;
    line_editor_view(&editor, 40, false, &view);
    assert_string_equal(view.text, "/a[31m/b\\xff\\xc3");
    free(view.text);
    line_editor_set(&editor, "0123456789012345678日"); /* a found name is cut at a character */
    expect(&editor, "0123456789012345678", 19);
    line_editor_clear(&editor);
}

static void expect_loss(const struct line_editor *editor, const char *words)
{
    CLEANUP_FREE char *loss = line_editor_loss(editor);
    if (words)
        assert_string_equal(loss, words);
    else
        assert_null(loss);
}

static void test_what_is_not_taken_is_told(void **state)
{
    (void)state;
    struct line_editor editor = {.limit = 10};
    expect_loss(&editor, NULL);
    assert_true(line_editor_insert(&editor, "/a\r\n\tb\n"));
    expect_loss(&editor, "left out of what was pasted: 2 line breaks, 1 tab");
    assert_true(line_editor_insert(&editor, "c"));
    expect_loss(&editor, NULL);
    assert_true(line_editor_insert(&editor, "\x1b[A"));
    expect_loss(&editor, "left out of what was pasted: 1 control character");
    assert_false(line_editor_insert(&editor, "\n"));
    expect_loss(&editor, "left out of what was pasted: 1 line break");
    assert_false(line_editor_insert(&editor, "12345\n"));
    expect_loss(&editor, "not taken: it is too long, at most 10 bytes fit here");
    line_editor_forget_loss(&editor);
    expect_loss(&editor, NULL);
    expect(&editor, "/abc[A", 6);
    line_editor_clear(&editor);
}

static void expect_view(struct line_editor *editor, size_t columns, const char *text, size_t cursor_column,
                        bool more_left, bool more_right)
{
    struct line_view view;
    line_editor_view(editor, columns, false, &view);
    assert_string_equal(view.text, text);
    assert_int_equal(view.cursor_column, cursor_column);
    assert_int_equal(view.more_left, more_left);
    assert_int_equal(view.more_right, more_right);
    free(view.text);
}

static void test_scrolls_by_columns(void **state)
{
    (void)state;
    struct line_editor editor = {0};
    line_editor_set(&editor, "0123456789");
    expect_view(&editor, 20, "0123456789", 10, false, false);
    expect_view(&editor, 10, "123456789", 9, true, false);
    expect_view(&editor, 5, "6789", 4, true, false);
    line_editor_move(&editor, LINE_EDITOR_LEFT);
    expect_view(&editor, 5, "6789", 3, true, false);
    line_editor_move(&editor, LINE_EDITOR_HOME);
    expect_view(&editor, 5, "01234", 0, false, true);
    line_editor_move(&editor, LINE_EDITOR_END);
    line_editor_delete(&editor, LINE_EDITOR_LEFT);
    expect_view(&editor, 5, "5678", 4, true, false);
    expect_view(&editor, 11, "012345678", 9, false, false); /* a wider field shows all again */
    line_editor_set(&editor, "日本語テキスト");
    expect_view(&editor, 6, "スト", 4, true, false);
    expect_view(&editor, 1, "", 0, true, false);
    line_editor_clear(&editor);
}

static void expect_inside(struct line_editor *editor)
{
    struct line_view view;
    line_editor_view(editor, 20, false, &view);
    assert_true(view.cursor_column < 20);
    free(view.text);
}

/* Any mixture of keys on any bytes: the cursor stands on a boundary and within the view. */
static void test_random_keys(void **state)
{
    (void)state;
    static const char *const inserts[] = {
        "a",      "日",        "\xcc\x81",     "/",           "\xff", "\xf0\x9f\x91\xa8", "\xe2\x80\x8d",
        "\x1b[A", "e\xcc\x81", "\xe1\x84\x80", "\xe1\x85\xa1"};
    struct line_editor editor = {.limit = 64};
    uint32_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        seed = seed * 1664525u + 1013904223u;
        unsigned dice = seed >> 16;
        if (dice % 4 < 2)
            line_editor_insert(&editor, inserts[dice / 4 % ARRAY_LENGTH(inserts)]);
        else if (dice % 4 == 2)
            line_editor_move(&editor, (enum line_editor_place)(dice / 4 % 6));
        else
            line_editor_delete(&editor, (enum line_editor_place)(dice / 4 % 4));
        assert_true(editor.length <= 64);
        assert_int_equal(editor.length, strlen(line_editor_text(&editor)));
        size_t at = 0;
        struct cells_piece piece;
        while (at < editor.cursor) {
            cells_next_piece(line_editor_text(&editor) + at, false, &piece);
            at += piece.bytes;
        }
        assert_int_equal(at, editor.cursor);
        struct line_view view;
        size_t columns = dice % 30 + 1;
        line_editor_view(&editor, columns, false, &view);
        assert_true(view.cursor_column < columns);
        assert_int_equal(cells_width(view.text, false), view.columns);
        assert_true(view.columns <= columns);
        free(view.text);
    }
    line_editor_clear(&editor);
}

/* Code points that were looked at, by standing in for the library that reads them. */
static size_t reads;

utf8proc_ssize_t utf8proc_iterate(const utf8proc_uint8_t *text, utf8proc_ssize_t length,
                                  utf8proc_int32_t *code_point)
{
    static utf8proc_ssize_t (*really)(const utf8proc_uint8_t *, utf8proc_ssize_t, utf8proc_int32_t *);
    if (!really)
        *(void **)&really = dlsym(RTLD_NEXT, "utf8proc_iterate");
    reads++;
    return really(text, length, code_point);
}

/* Code points read for a key in the middle of a line and for its picture. */
static size_t cost_of_keys(const char *character, size_t length)
{
    struct line_editor editor = {0};
    CLEANUP_STRBUF struct strbuf line = {0};
    while (line.length < length)
        strbuf_add(&line, character);
    line_editor_set(&editor, line.data);
    for (int i = 0; i < 10; i++)
        line_editor_move(&editor, LINE_EDITOR_LEFT);
    expect_inside(&editor);
    reads = 0;
    line_editor_insert(&editor, "b");
    line_editor_insert(&editor, "\xcc\x81");
    line_editor_delete(&editor, LINE_EDITOR_LEFT);
    line_editor_move(&editor, LINE_EDITOR_RIGHT);
    line_editor_move(&editor, LINE_EDITOR_LEFT);
    expect_inside(&editor);
    line_editor_clear(&editor);
    return reads;
}

static void test_a_key_costs_the_same_in_a_long_line(void **state)
{
    (void)state;
    static const char *const characters[] = {"a", "/", "日", "e\xcc\x81", "\xff", "\xe1\x84\x80\xe1\x85\xa1"};
    for (size_t i = 0; i < ARRAY_LENGTH(characters); i++) {
        size_t in_short = cost_of_keys(characters[i], 600);
        size_t in_long = cost_of_keys(characters[i], 60000);
        assert_true(in_short > 0);
        assert_in_range(in_long, 1, in_short + 16);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inserts_and_deletes),
        cmocka_unit_test(test_words_end_at_slashes),
        cmocka_unit_test(test_clusters_stay_whole),
        cmocka_unit_test(test_paste_of_garbage),
        cmocka_unit_test(test_scrolls_by_columns),
        cmocka_unit_test(test_random_keys),
        cmocka_unit_test(test_what_is_not_taken_is_told),
        cmocka_unit_test(test_a_key_costs_the_same_in_a_long_line),
    };
    return cmocka_run_group_tests(tests, set_locale, NULL);
}
