/* Keys from bytes: whole sequences, split ones, late ones, noise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/keys/key.h"
#include "ui/terminal/input.h"

#define ESCAPE_DELAY 80

static int set_up(void **state)
{
    *state = input_new(ESCAPE_DELAY);
    return 0;
}

static int tear_down(void **state)
{
    input_free(*state);
    return 0;
}

static void feed(struct input *input, const char *bytes, int64_t now)
{
    input_feed(input, bytes, strlen(bytes), now);
}

static void assert_key(struct input *input, int64_t now, uint32_t wanted)
{
    uint32_t key = 0;
    const char *text = NULL;
    assert_true(input_next(input, now, &key, &text));
    assert_int_equal(key, wanted);
}

static void assert_no_key(struct input *input, int64_t now)
{
    uint32_t key = 0;
    const char *text = NULL;
    assert_false(input_next(input, now, &key, &text));
}

static void test_sequences(void **state)
{
    static const struct {
        const char *bytes;
        uint32_t key;
    } cases[] = {
        {"\033[A", KEY_CODE_UP},
        {"\033OB", KEY_CODE_DOWN},
        {"\033[1;5C", KEY_CODE_RIGHT},
        {"\033[5~", KEY_CODE_PAGE_UP},
        {"\033[6;2~", KEY_CODE_PAGE_DOWN},
        {"\033[Z", KEY_CODE_SHIFT_TAB},
        {"\033[3~", KEY_CODE_DELETE},
        {"\033[H", KEY_CODE_HOME},
        {"\033OF", KEY_CODE_END},
        {"\033OP", KEY_CODE_F1},
        {"\033[15~", KEY_CODE_F1 + 4},
        {"\033[[B", KEY_CODE_F1 + 1},
        {"\033[24~", KEY_CODE_F12},
        {"\r", KEY_CODE_ENTER},
        {"\n", KEY_CODE_ENTER},
        {"\t", KEY_CODE_TAB},
        {"\177", KEY_CODE_BACKSPACE},
        {"\b", KEY_CODE_BACKSPACE},
        {"\014", 0x0c},
        {"q", 'q'},
        {"ü", 0xfc},
        {"テ", 0x30c6},
        {"😀", 0x1f600},
        {"\033[99~", KEY_CODE_UNKNOWN},
        {"\033[<0;3;4M", KEY_CODE_UNKNOWN},
        {"\033]10;rgb:0/0/0\a", KEY_CODE_UNKNOWN},
        {"\033P1$r0m\033\\", KEY_CODE_UNKNOWN},
    };
    struct input *input = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        feed(input, cases[i].bytes, 1000);
        assert_key(input, 1000, cases[i].key);
        assert_no_key(input, 1000);
        assert_int_equal(input_wait_ms(input, 1000), -1);
    }
}

static void test_text(void **state)
{
    struct input *input = *state;
    uint32_t key = 0;
    const char *text = NULL;
    feed(input, "aテ\033[A", 0);
    assert_true(input_next(input, 0, &key, &text));
    assert_string_equal(text, "a");
    assert_true(input_next(input, 0, &key, &text));
    assert_string_equal(text, "テ");
    assert_true(input_next(input, 0, &key, &text));
    assert_int_equal(key, KEY_CODE_UP);
    assert_string_equal(text, "");
}

static void test_every_split(void **state)
{
    struct input *input = *state;
    static const char bytes[] = "\033[1;5A\033OPテ\033[5~x";
    static const uint32_t keys[] = {KEY_CODE_UP, KEY_CODE_F1, 0x30c6, KEY_CODE_PAGE_UP, 'x'};
    for (size_t cut = 1; cut < sizeof bytes - 1; cut++) {
        size_t seen = 0;
        uint32_t key = 0;
        const char *text = NULL;
        input_feed(input, bytes, cut, 5000);
        while (input_next(input, 5000, &key, &text))
            assert_int_equal(key, keys[seen++]);
        input_feed(input, bytes + cut, sizeof bytes - 1 - cut, 5050);
        while (input_next(input, 5050, &key, &text))
            assert_int_equal(key, keys[seen++]);
        assert_int_equal(seen, ARRAY_LENGTH(keys));
    }
}

static void test_lone_escape_by_silence(void **state)
{
    struct input *input = *state;
    feed(input, "\033", 1000);
    assert_no_key(input, 1000);
    assert_int_equal(input_wait_ms(input, 1000), ESCAPE_DELAY);
    assert_int_equal(input_wait_ms(input, 1030), ESCAPE_DELAY - 30);
    assert_no_key(input, 1079);
    assert_key(input, 1080, KEY_CODE_ESCAPE);
    assert_int_equal(input_wait_ms(input, 1080), -1);
}

static void test_alt_and_a_key_is_swallowed_whole(void **state)
{
    static const char *const keys[] = {"\033q",      "\033\177",      "\033\r",     "\033\t", "\033テ",
                                       "\033\033[A", "\033\033[1;5D", "\033\033OP", "\033 ",  "\033\xff"};
    struct input *input = *state;
    uint32_t key = 0;
    const char *text = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        feed(input, keys[i], 1000);
        feed(input, "x", 1001);
        assert_true(input_next(input, 1001, &key, &text));
        assert_int_equal(key, KEY_CODE_UNKNOWN);
        assert_string_equal(text, "");
        assert_key(input, 1001, 'x');
        assert_no_key(input, 1001);
    }
    /* It may come in two parts. */
    feed(input, "\033", 2000);
    assert_no_key(input, 2040);
    feed(input, "\177", 2041);
    assert_key(input, 2041, KEY_CODE_UNKNOWN);
    assert_no_key(input, 9000);
}

/* What follows Alt-P, which begins a string of the terminal's too, is not lost in it. */
static void test_alt_and_the_beginning_of_a_string(void **state)
{
    static const char *const keys[] = {"\033P", "\033]", "\033X", "\033^", "\033_"};
    struct input *input = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        feed(input, keys[i], 1000);
        assert_int_equal(input_wait_ms(input, 1000), ESCAPE_DELAY);
        assert_no_key(input, 1079);
        assert_key(input, 1080, KEY_CODE_UNKNOWN);
        feed(input, "x", 1090);
        assert_key(input, 1090, 'x');
    }
}

static void test_every_escape_counts(void **state)
{
    struct input *input = *state;
    feed(input, "\033\033", 1000);
    assert_int_equal(input_wait_ms(input, 1000), ESCAPE_DELAY);
    assert_no_key(input, 1079);
    assert_key(input, 1080, KEY_CODE_ESCAPE);
    assert_key(input, 1080, KEY_CODE_ESCAPE);
    assert_no_key(input, 1080);
    feed(input, "\033", 2000);
    assert_no_key(input, 2040);
    feed(input, "\033", 2040);
    assert_no_key(input, 2100);
    assert_key(input, 2120, KEY_CODE_ESCAPE);
    assert_key(input, 2120, KEY_CODE_ESCAPE);
    /* A held key repeats faster than the delay. */
    size_t seen = 0;
    uint32_t key = 0;
    const char *text = NULL;
    for (int64_t now = 3000; now < 3300; now += 30) {
        feed(input, "\033", now);
        while (input_next(input, now, &key, &text))
            seen += key == KEY_CODE_ESCAPE;
    }
    while (input_next(input, 4000, &key, &text))
        seen += key == KEY_CODE_ESCAPE;
    assert_int_equal(seen, 10);
}

static void test_a_paste_behind_an_escape(void **state)
{
    struct input *input = *state;
    uint32_t key = 0;
    const char *text = NULL;
    feed(input, "\033\033[200~/srv\033[201~", 0);
    assert_true(input_next(input, 0, &key, &text));
    assert_int_equal(key, KEY_CODE_PASTE);
    assert_string_equal(text, "/srv");
}

/* The link was slower than the escape delay: no letter of the sequence may be taken for a key. */
static void test_late_tail_is_swallowed(void **state)
{
    struct input *input = *state;
    feed(input, "\033", 1000);
    assert_key(input, 1080, KEY_CODE_ESCAPE);
    feed(input, "[A", 1200);
    assert_key(input, 1200, KEY_CODE_UNKNOWN);
    assert_no_key(input, 1200);
    feed(input, "[A", 9000); /* much later it is typed */
    assert_key(input, 9000, '[');
    assert_key(input, 9000, 'A');
}

static void test_half_a_sequence_waits_then_goes(void **state)
{
    struct input *input = *state;
    feed(input, "\033[1;", 1000);
    assert_no_key(input, 1100);
    feed(input, "5D", 1300);
    assert_key(input, 1300, KEY_CODE_LEFT);
    feed(input, "\033[1;", 2000);
    assert_no_key(input, 2499);
    assert_key(input, 2500, KEY_CODE_UNKNOWN);
    assert_no_key(input, 2500);
}

static void test_broken_text(void **state)
{
    struct input *input = *state;
    feed(input,
         "\xff"
         "a"
         "\xc3(",
         0);
    assert_key(input, 0, KEY_CODE_UNKNOWN);
    assert_key(input, 0, 'a');
    assert_key(input, 0, KEY_CODE_UNKNOWN);
    assert_key(input, 0, '(');
    feed(input, "\xe3\x83", 0); /* the rest never comes */
    assert_no_key(input, 0);
    assert_key(input, 500, KEY_CODE_UNKNOWN);
    assert_no_key(input, 500);
}

static void test_paste(void **state)
{
    struct input *input = *state;
    uint32_t key = 0;
    const char *text = NULL;
    feed(input, "\033[200~/backup/web\nq\033[A", 0);
    assert_no_key(input, 0);
    feed(input, " x\033[20", 0);
    assert_no_key(input, 0);
    feed(input, "1~z", 0);
    assert_true(input_next(input, 0, &key, &text));
    assert_int_equal(key, KEY_CODE_PASTE);
    assert_string_equal(text, "/backup/web\nq\033[A x");
    assert_key(input, 0, 'z');
}

static void test_paste_without_end(void **state)
{
    struct input *input = *state;
    feed(input, "\033[200~abc", 0);
    assert_no_key(input, 999);
    assert_int_equal(input_wait_ms(input, 999), 1);
    assert_key(input, 1000, KEY_CODE_PASTE);
    feed(input, "q", 1001);
    assert_key(input, 1001, 'q');
}

static void test_learned(void **state)
{
    struct input *input = *state;
    input_learn(input, "\033[17^", KEY_CODE_F1 + 8);
    input_learn(input, "\x0b", KEY_CODE_UP);
    input_learn(input, "x", KEY_CODE_DOWN); /* a letter stays a letter */
    input_learn(input, NULL, KEY_CODE_DOWN);
    input_learn(input, "", KEY_CODE_DOWN);
    feed(input, "\033[17^\x0bx", 0);
    assert_key(input, 0, KEY_CODE_F1 + 8);
    assert_key(input, 0, KEY_CODE_UP);
    assert_key(input, 0, 'x');
}

/* Whatever comes: no crash, no endless loop, and after enough silence nothing is left open. */
static void test_noise(void **state)
{
    struct input *input = *state;
    uint32_t random = 12345;
    int64_t now = 0;
    for (int round = 0; round < 2000; round++) {
        char bytes[64];
        size_t length = 1 + random % sizeof bytes;
        for (size_t i = 0; i < length; i++) {
            random = random * 1664525 + 1013904223;
            static const char often[] = "\033\033\033[[O]P~;201A?";
            bytes[i] = random >> 31 ? often[(random >> 8) % (sizeof often - 1)] : (char)(random >> 16);
        }
        input_feed(input, bytes, length, now);
        uint32_t key = 0;
        const char *text = NULL;
        size_t keys = 0;
        while (input_next(input, now, &key, &text)) {
            keys++;
            assert_true(keys <= 4096);
        }
        now += 10;
    }
    uint32_t key = 0;
    const char *text = NULL;
    while (input_next(input, now + 100000, &key, &text))
        ;
    assert_int_equal(input_wait_ms(input, now + 100000), -1);
}

static void assert_pointer(struct input *input, enum pointer_kind kind, int row, int column)
{
    const struct pointer_event *pointer = input_pointer(input);
    assert_key(input, 0, KEY_CODE_POINTER);
    assert_int_equal(pointer->kind, kind);
    assert_int_equal(pointer->row, row);
    assert_int_equal(pointer->column, column);
}

static void test_mouse(void **state)
{
    struct input *input = *state;
    feed(input, "\033[<0;3;5Mj", 0); /* not asked for: swallowed */
    assert_key(input, 0, KEY_CODE_UNKNOWN);
    assert_key(input, 0, 'j');
    input_expect_pointer(input);
    feed(input, "\033[<0;3;5M\033[<0;3;5mj\033[<64;200;100M\033[<65;1;1M\033[<4;1;2M", 0);
    assert_pointer(input, POINTER_PRESS, 4, 2);
    assert_key(input, 0, 'j');
    assert_pointer(input, POINTER_WHEEL_UP, 99, 199);
    assert_pointer(input, POINTER_WHEEL_DOWN, 0, 0);
    assert_pointer(input, POINTER_PRESS, 1, 0); /* with Shift */
    /* Other buttons, motion, noise. */
    feed(input, "\033[<2;3;5M\033[<35;3;5M\033[<0;3M\033[<0;3;5;7M\033[<0;0;5M", 0);
    feed(input, "\033[<99999999999999999;3;5Mk", 0);
    assert_key(input, 0, 'k');
    /* Three bytes, where the terminal cannot write numbers. */
    feed(input, "\033[M #$\033[M####\033[M`", 0);
    assert_pointer(input, POINTER_PRESS, 3, 2);
    assert_key(input, 0, '#');
    assert_no_key(input, 0);
    feed(input, "!!l", 0);
    assert_pointer(input, POINTER_WHEEL_UP, 0, 0);
    assert_key(input, 0, 'l');
}

static void assert_colour(struct input *input, unsigned red, unsigned green, unsigned blue)
{
    const struct answers *answers = input_answers(input);
    assert_true(answers->background);
    assert_int_equal(answers->red, red);
    assert_int_equal(answers->green, green);
    assert_int_equal(answers->blue, blue);
}

static void test_answers_are_no_keys(void **state)
{
    static const struct {
        const char *bytes;
        unsigned parts[3];
    } cases[] = {
        {"\033]11;rgb:1111/8080/ffff\033\\", {0x1111, 0x8080, 0xffff}},
        {"\033]11;rgb:11/80/ff\a", {0x1111, 0x8080, 0xffff}},
        {"\033]11;rgb:f/0/8\a", {0xffff, 0, 0x8888}},
        {"\033]11;rgba:0000/ffff/0000/8000\a", {0, 0xffff, 0}},
        {"\033]11;#ff0080\033\\", {0xffff, 0, 0x8080}},
    };
    struct input *input = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        input_expect_answers(input, 100);
        assert_false(input_answers(input)->background);
        feed(input, "j", 0);
        feed(input, cases[i].bytes, 0);
        feed(input, "k\033[?62;4c", 0);
        assert_key(input, 0, 'j');
        assert_key(input, 0, 'k');
        assert_no_key(input, 0);
        assert_colour(input, cases[i].parts[0], cases[i].parts[1], cases[i].parts[2]);
        assert_true(input_answers(input)->end);
    }
    /* Nobody asked, or so long ago that it was forgotten. */
    feed(input, "\033]11;rgb:0/0/0\a\033]11;what\a\033[?1;2c", 9000);
    assert_no_key(input, 9000);
}

static void test_an_answer_in_pieces(void **state)
{
    static const char answer[] = "\033]11;rgb:1111/2222/3333\033\\";
    struct input *input = *state;
    /* Each byte by itself, with less than the window in all, and with so much that Esc was given out. */
    for (int pause = 1; pause <= 400; pause += 133) {
        int64_t now = 0;
        bool escape = false;
        uint32_t key = 0;
        const char *text = NULL;
        input_expect_answers(input, 100);
        for (size_t i = 0; answer[i]; i++) {
            input_feed(input, &answer[i], 1, now);
            assert_no_key(input, now);
            now += pause;
            if (input_next(input, now, &key, &text)) {
                assert_int_equal(key, KEY_CODE_ESCAPE);
                assert_false(escape || i > 0);
                escape = true;
            }
        }
        assert_no_key(input, now + 10000);
        assert_colour(input, 0x1111, 0x2222, 0x3333);
        assert_int_equal(escape, pause > 100);
        feed(input, "j", now + 20000);
        assert_key(input, now + 20000, 'j');
    }
}

static void test_escape_while_an_answer_is_awaited(void **state)
{
    struct input *input = *state;
    input_expect_answers(input, 200);
    feed(input, "\033", 0);
    assert_no_key(input, ESCAPE_DELAY);
    assert_int_equal(input_wait_ms(input, ESCAPE_DELAY), 200 - ESCAPE_DELAY);
    assert_key(input, 200, KEY_CODE_ESCAPE);
    feed(input, "\033", 300); /* the window is over: the key */
    assert_key(input, 300 + ESCAPE_DELAY, KEY_CODE_ESCAPE);
    feed(input, "]", 5000);
    assert_key(input, 5000, ']');
    feed(input, "\033", 6000);
    assert_key(input, 6000 + ESCAPE_DELAY, KEY_CODE_ESCAPE);
    feed(input, "]", 6100);
    assert_no_key(input, 6100);
    assert_key(input, 6100 + 500, ']');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sequences, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_split, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lone_escape_by_silence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_alt_and_a_key_is_swallowed_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_alt_and_the_beginning_of_a_string, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_escape_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_paste_behind_an_escape, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_late_tail_is_swallowed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_half_a_sequence_waits_then_goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_broken_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_paste, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_paste_without_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_learned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_noise, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_mouse, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_answers_are_no_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_answer_in_pieces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_escape_while_an_answer_is_awaited, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
