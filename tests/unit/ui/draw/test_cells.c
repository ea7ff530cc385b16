/* Text to columns: hostile names, clusters kept whole, and widths that the C library agrees with. */
#include <limits.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/cells.h"

static int set_locale(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

static void expect_fit(const char *text, struct cells_format format, const char *expected)
{
    CLEANUP_FREE char *made = cells_fit(text, &format);
    assert_string_equal(made, expected);
    if (!format.no_pad)
        assert_int_equal(cells_width(made, false), format.columns);
}

static void test_pads_and_aligns(void **state)
{
    (void)state;
    expect_fit("web", (struct cells_format){.columns = 6}, "web   ");
    expect_fit("web", (struct cells_format){.columns = 6, .align = CELLS_RIGHT}, "   web");
    expect_fit("web", (struct cells_format){.columns = 3}, "web");
    expect_fit("web", (struct cells_format){.columns = 6, .no_pad = true}, "web");
    expect_fit("", (struct cells_format){.columns = 2}, "  ");
    expect_fit("web", (struct cells_format){.columns = 0}, "");
}

static void test_cuts(void **state)
{
    (void)state;
    expect_fit("web-production", (struct cells_format){.columns = 6}, "web-p…");
    expect_fit("web-production", (struct cells_format){.columns = 6, .ascii = true}, "web-..");
    expect_fit("web", (struct cells_format){.columns = 1, .ascii = true}, ".");
    expect_fit("web", (struct cells_format){.columns = 1}, "…");
    expect_fit("/backup/a/b/c/web", (struct cells_format){.columns = 9, .cut = CELLS_CUT_MIDDLE},
               "/bac…/web");
    expect_fit("/backup/a/b/c/web",
               (struct cells_format){.columns = 9, .cut = CELLS_CUT_MIDDLE, .ascii = true}, "/ba../web");
    expect_fit("/backup/web", (struct cells_format){.columns = 5, .cut = CELLS_CUT_START}, "…/web");
}

static void test_wide_characters_stay_whole(void **state)
{
    (void)state;
    expect_fit("日本語", (struct cells_format){.columns = 6}, "日本語");
    expect_fit("日本語", (struct cells_format){.columns = 5}, "日本…");
    expect_fit("日本語", (struct cells_format){.columns = 4}, "日… ");
    expect_fit("日本語", (struct cells_format){.columns = 4, .align = CELLS_RIGHT}, " 日…");
    expect_fit("日本語", (struct cells_format){.columns = 4, .cut = CELLS_CUT_MIDDLE}, "…語 ");
    /* e and a combining acute accent: one column, never parted */
    expect_fit("cafe\xcc\x81s", (struct cells_format){.columns = 5}, "cafe\xcc\x81s");
    expect_fit("cafe\xcc\x81s!", (struct cells_format){.columns = 5}, "cafe\xcc\x81…");
    expect_fit("cafe\xcc\x81s!", (struct cells_format){.columns = 4}, "caf…");
}

static void test_escapes_are_never_cut(void **state)
{
    (void)state;
    expect_fit("a\x1b[31mb", (struct cells_format){.columns = 12}, "a\\x1b[31mb  ");
    expect_fit("a\x1b[31mb", (struct cells_format){.columns = 4}, "a…  ");
    expect_fit("a\r\nb", (struct cells_format){.columns = 10}, "a\\x0d\\nb  ");
    expect_fit("\xff\xfeok", (struct cells_format){.columns = 10}, "\\xff\\xfeok");
    expect_fit("\xe2\x80\xaegpj.exe", (struct cells_format){.columns = 20, .no_pad = true},
               "\\u{202e}gpj.exe");
    expect_fit("\xc2\x9b", (struct cells_format){.columns = 8, .no_pad = true}, "\\u{9b}");
}

static void test_ascii_escapes_the_rest(void **state)
{
    (void)state;
    expect_fit("f\xc3\xbcr", (struct cells_format){.columns = 20, .ascii = true, .no_pad = true},
               "f\\u{fc}r");
    CLEANUP_FREE char *safe = cells_safe("\xe6\x97\xa5\x1b", true);
    assert_string_equal(safe, "\\u{65e5}\\x1b");
}

static void test_disagreement_is_replaced(void **state)
{
    (void)state;
    static const char *const replaced[] = {
        "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9", /* two people joined by ZWJ */
        "\xe2\x9d\xa4\xef\xb8\x8f",                     /* heart with VS16 */
        "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa",             /* a flag */
        "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd",             /* thumb with a skin tone */
        "\xf0\x9f\xab\xa8",                             /* emoji of Unicode 15 */
        "\xf0\x9f\xa7\xa0",                             /* emoji of Unicode 10 */
        "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",    /* more marks than a cell holds */
        "\xcc\x81",                                     /* a mark on nothing */
        "\xe4\xb7\x80",                                 /* hexagram: 1 or 2 columns */
    };
    for (size_t i = 0; i < ARRAY_LENGTH(replaced); i++) {
        CLEANUP_FREE char *safe = cells_safe(replaced[i], false);
        assert_string_equal(safe, "?");
    }
    CLEANUP_FREE char *kept = cells_safe("\xf0\x9f\x98\x80", false); /* a face, wide everywhere */
    assert_string_equal(kept, "\xf0\x9f\x98\x80");
    assert_int_equal(cells_width(kept, false), 2);
}

/* Every code point by itself: what is shown takes the columns that wcwidth, thus ncurses, will give it. */
static void test_what_is_replaced_can_be_spelled(void **state)
{
    (void)state;
    CLEANUP_FREE char *spelled = cells_spelled("p\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb? \xe6\x97\xa5");
    assert_string_equal(spelled, "p\\u{1f469}\\u{200d}\\u{1f4bb}? \xe6\x97\xa5");
    CLEANUP_FREE char *pile =
        cells_spelled("e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86"); /* no cell holds it */
    assert_string_equal(pile, "e\\u{301}\\u{302}\\u{303}\\u{304}\\u{305}\\u{306}");
    assert_null(cells_spelled("why? \xe6\x97\xa5"));
    assert_null(cells_spelled(""));
}

static void test_widths_are_the_c_librarys(void **state)
{
    (void)state;
    size_t kept = 0;
    for (int32_t code_point = 1; code_point <= 0x10ffff; code_point++) {
        if (code_point >= 0xd800 && code_point <= 0xdfff)
            continue;
        char source[MB_LEN_MAX + 1] = "";
        mbstate_t shift = {0};
        size_t length = wcrtomb(source, (wchar_t)code_point, &shift);
        if (length == (size_t)-1)
            continue;
        source[length] = '\0';
        struct cells_piece piece;
        cells_next_piece(source, false, &piece);
        assert_int_equal(piece.bytes, length);
        wchar_t wide[sizeof piece.shown];
        size_t count = mbstowcs(wide, piece.shown, ARRAY_LENGTH(wide));
        assert_int_not_equal(count, (size_t)-1);
        assert_int_equal(wcswidth(wide, count), (int)piece.columns);
        kept += strcmp(piece.shown, source) == 0;
    }
    assert_true(kept > 100000);
}

static void test_garbage_always_advances(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    for (int round = 0; round < 2000; round++) {
        char text[64];
        size_t length = (size_t)(round % 60);
        for (size_t i = 0; i < length; i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = (char)((seed >> 24) % 255 + 1);
        }
        text[length] = '\0';
        struct cells_piece piece;
        size_t total = 0;
        for (cells_next_piece(text, false, &piece); piece.bytes > 0;
             cells_next_piece(text + total, false, &piece)) {
            assert_true(piece.columns >= 1);
            total += piece.bytes;
        }
        assert_int_equal(total, length);
        for (size_t columns = 0; columns < 20; columns++) {
            struct cells_format format = {.columns = columns, .cut = (enum cells_cut)(round % 3)};
            CLEANUP_FREE char *fitted = cells_fit(text, &format);
            assert_int_equal(cells_width(fitted, false), columns);
        }
    }
}

static void expect_wrap(const char *text, size_t columns, size_t limit, const char *expected)
{
    char **lines = NULL;
    size_t count = 0;
    cells_wrap(text, columns, limit, false, &lines, &count);
    CLEANUP_FREE char *joined = mem_strdup("");
    for (size_t i = 0; i < count; i++) {
        char *longer = mem_format("%s%s|", joined, lines[i]);
        free(joined);
        joined = longer;
    }
    assert_string_equal(joined, expected);
    cells_free_lines(lines, count);
}

static void test_wraps(void **state)
{
    (void)state;
    expect_wrap("Choose another base, or export in full.", 20, 9, "Choose another base,|or export in full.|");
    expect_wrap("Choose another base, or export in full.", 20, 1, "Choose another base…|");
    expect_wrap("abcdefghij kl", 4, 9, "abcd|efgh|ij|kl|");
    expect_wrap("  a   b ", 10, 9, "a   b|");
    expect_wrap("", 10, 9, "");
    expect_wrap("日本語", 1, 9, "…|…|…|");
}

/* Of any bytes, the places that reading from the start finds. */
static void test_boundaries_are_found_from_near_by(void **state)
{
    (void)state;
    static const char *const parts[] = {"a",
                                        "\r",
                                        "\n",
                                        "\xcc\x81",
                                        "\xff",
                                        "\x81",
                                        "\xf0\x9f",
                                        "日",
                                        "\xe2\x80\x8d",
                                        "\xf0\x9f\x91\xa8",
                                        "\xf0\x9f\x87\xa9",
                                        "\xe1\x84\x80",
                                        "\xe1\x85\xa1",
                                        "\xe0\xa4\x95",
                                        "\xe0\xa5\x8d",
                                        "\xd8\x80"};
    uint32_t seed = 11;
    for (int round = 0; round < 3000; round++) {
        CLEANUP_STRBUF struct strbuf made = {0};
        for (int i = 0; i < 24; i++) {
            seed = seed * 1664525u + 1013904223u;
            strbuf_add(&made, parts[(seed >> 16) % ARRAY_LENGTH(parts)]);
        }
        const char *text = made.data;
        struct cells_piece piece;
        size_t at = 0;
        for (cells_next_piece(text, false, &piece); piece.bytes > 0;
             at += piece.bytes, cells_next_piece(text + at, false, &piece)) {
            for (size_t i = 0; i < piece.bytes; i++)
                assert_int_equal(cells_boundary(text, at + i), at);
        }
        assert_int_equal(cells_boundary(text, at), at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pads_and_aligns),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_wide_characters_stay_whole),
        cmocka_unit_test(test_escapes_are_never_cut),
        cmocka_unit_test(test_ascii_escapes_the_rest),
        cmocka_unit_test(test_disagreement_is_replaced),
        cmocka_unit_test(test_what_is_replaced_can_be_spelled),
        cmocka_unit_test(test_widths_are_the_c_librarys),
        cmocka_unit_test(test_garbage_always_advances),
        cmocka_unit_test(test_wraps),
        cmocka_unit_test(test_boundaries_are_found_from_near_by),
    };
    return cmocka_run_group_tests(tests, set_locale, NULL);
}
