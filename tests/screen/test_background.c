/* Dark or light by the terminal's background, where no theme was chosen: terminals that answer early, late,
 * in pieces and never, and those that are not asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

#define QUESTION "\033]11;?"
#define DARK "\033]11;rgb:1e1e/1e1e/2e2e\033\\"
#define LIGHT "\033]11;rgb:fafa/fbfb/fcfc\a"
#define END "\033[?62;4c"
/* Backgrounds of `normal` in dark.theme and light.theme. */
#define IN_DARK "48;5;234m"
#define IN_LIGHT "48;5;231m"

static struct terminal *start(struct session *session, bool silent, const char *const *extra)
{
    const char *environment[16] = {0};
    size_t count = 0;
    for (size_t i = 0; session->environment[i]; i++)
        environment[count++] = session->environment[i];
    for (size_t i = 0; extra && extra[i]; i++)
        environment[count++] = extra[i];
    const char *argv[] = {session->program, NULL};
    struct terminal_spec spec = {
        .argv = argv, .environment = environment, .rows = 24, .columns = 80, .silent = silent};
    return terminal_open(&spec);
}

static bool sent(struct terminal *terminal, const char *bytes)
{
    size_t length = 0;
    const char *stream = terminal_stream(terminal, &length);
    return memmem(stream, length, bytes, strlen(bytes)) != NULL;
}

static void assert_drawn_in(struct terminal *terminal, const char *background)
{
    terminal_wait_text(terminal, "web-prod");
    assert_true(terminal_saw_only_keys(terminal));
    assert_int_equal(sent(terminal, IN_DARK), background && strcmp(background, IN_DARK) == 0);
    assert_int_equal(sent(terminal, IN_LIGHT), background && strcmp(background, IN_LIGHT) == 0);
}

static void leave(struct terminal *terminal)
{
    terminal_keys(terminal, "q");
    assert_int_equal(terminal_wait_end(terminal), 0);
    terminal_close(terminal);
}

/* What the terminal sends lies ready when the program first reads: in time, however busy the machine is. */
static void assert_answer(struct session *session, const char *bytes, const char *background)
{
    struct terminal *terminal = start(session, true, NULL);
    terminal_answer(terminal, bytes);
    assert_drawn_in(terminal, background);
    assert_true(sent(terminal, QUESTION));
    leave(terminal);
}

static void test_dark(void **state)
{
    assert_answer(*state, DARK END, IN_DARK);
    assert_answer(*state, DARK, IN_DARK);
    assert_answer(*state, "\033]11;#101010\a", IN_DARK);
    assert_answer(*state, "\033]11;rgba:00/00/00/80\033\\", IN_DARK);
}

static void test_light(void **state)
{
    assert_answer(*state, LIGHT END, IN_LIGHT);
    assert_answer(*state, LIGHT, IN_LIGHT);
}

static void test_without_a_colour(void **state)
{
    assert_answer(*state, END, NULL);
    assert_answer(*state, "\033]11;chartreuse\a" END, NULL);
}

static void test_keys_around_the_answer(void **state)
{
    struct terminal *terminal = start(*state, true, NULL);
    terminal_keys(terminal, "Down");
    terminal_answer(terminal, DARK);
    terminal_keys(terminal, "?");
    terminal_answer(terminal, END);
    terminal_wait_text(terminal, "Keys of");
    assert_true(terminal_saw_only_keys(terminal));
    assert_true(sent(terminal, IN_DARK));
    terminal_press(terminal, "Esc");
    leave(terminal);
}

static void test_late_answers_are_swallowed(void **state)
{
    static const char *const late[][4] = {{LIGHT END},
                                          {LIGHT, END},
                                          {"\033]", "11;rgb:ffff/ff", "ff/ffff\033", "\\" END},
                                          {"\033]11;rg", "b:ffff/ffff/fff", "f\a"}};
    struct terminal *terminal = start(*state, true, NULL);
    assert_drawn_in(terminal, NULL);
    CLEANUP_FREE char *before = terminal_text(terminal);
    for (size_t i = 0; i < ARRAY_LENGTH(late); i++) {
        for (size_t piece = 0; piece < ARRAY_LENGTH(late[i]) && late[i][piece]; piece++) {
            terminal_answer(terminal, late[i][piece]);
            assert_true(terminal_saw_only_keys(terminal));
        }
        CLEANUP_FREE char *after = terminal_text(terminal);
        assert_string_equal(before, after);
        assert_drawn_in(terminal, NULL);
    }
    terminal_press(terminal, "?");
    terminal_wait_text(terminal, "Keys of");
    terminal_press(terminal, "Esc");
    leave(terminal);
}

static void test_no_answer(void **state)
{
    struct terminal *terminal = start(*state, true, NULL);
    assert_drawn_in(terminal, NULL);
    leave(terminal);
}

/* The shell must not be told what was meant for the program: its answer comes while the program leaves. */
static void test_left_before_the_answer(void **state)
{
    struct terminal *terminal = start(*state, true, NULL);
    terminal_wait_stream(terminal, QUESTION);
    terminal_keys(terminal, "Ctrl-C");
    terminal_answer(terminal, DARK END);
    assert_int_equal(terminal_wait_end(terminal), 0);
    terminal_close(terminal);
}

static void test_colorfgbg(void **state)
{
    static const char *const told[][2] = {
        {"COLORFGBG=15;0", IN_DARK}, {"COLORFGBG=7;8", IN_DARK},          {"COLORFGBG=0;15", IN_LIGHT},
        {"COLORFGBG=0;7", IN_LIGHT}, {"COLORFGBG=12;default;0", IN_DARK}, {"COLORFGBG=0;default", NULL},
        {"COLORFGBG=15;teal", NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(told); i++) {
        const char *extra[] = {told[i][0], NULL};
        struct terminal *terminal = start(*state, i % 2 == 0, extra);
        assert_drawn_in(terminal, told[i][1]);
        leave(terminal);
    }
}

static void test_the_answer_counts_more_than_colorfgbg(void **state)
{
    const char *extra[] = {"COLORFGBG=15;0", NULL};
    struct terminal *terminal = start(*state, true, extra);
    terminal_answer(terminal, LIGHT END);
    assert_drawn_in(terminal, IN_LIGHT);
    leave(terminal);
}

static void test_not_asked(void **state)
{
    static const char *const settings[][2] = {{"NO_COLOR=1"},
                                              {"TERM=linux"},
                                              {"TERM=vt220"},
                                              {"TERM=screen-256color"},
                                              {"STY=1234.pts-0.here", "TERM=xterm-256color"}};
    for (size_t i = 0; i < ARRAY_LENGTH(settings); i++) {
        const char *extra[] = {settings[i][0], settings[i][1], NULL};
        struct terminal *terminal = start(*state, true, extra);
        assert_drawn_in(terminal, NULL);
        assert_false(sent(terminal, QUESTION));
        leave(terminal);
    }
}

static void test_a_chosen_theme_stays(void **state)
{
    static const char *const themes[][2] = {{"light", IN_LIGHT}, {"dark", IN_DARK}, {"default", NULL}};
    for (size_t i = 0; i < ARRAY_LENGTH(themes); i++) {
        CLEANUP_FREE char *write = mem_format("mkdir -p \"$ROOT/config/refpoint\"; echo 'theme = \"%s\";' "
                                              ">\"$ROOT/config/refpoint/refpoint.cfg\"",
                                              themes[i][0]);
        free(session_shell(*state, write));
        const char *extra[] = {i % 2 == 0 ? "COLORFGBG=15;0" : "COLORFGBG=0;15", NULL};
        struct terminal *terminal = start(*state, true, extra);
        assert_drawn_in(terminal, themes[i][1]);
        assert_false(sent(terminal, QUESTION));
        leave(terminal);
    }
}

static const struct CMUnitTest tests[] = {
    SESSION_TEST(test_dark),
    SESSION_TEST(test_light),
    SESSION_TEST(test_without_a_colour),
    SESSION_TEST(test_keys_around_the_answer),
    SESSION_TEST(test_late_answers_are_swallowed),
    SESSION_TEST(test_no_answer),
    SESSION_TEST(test_left_before_the_answer),
    SESSION_TEST(test_colorfgbg),
    SESSION_TEST(test_the_answer_counts_more_than_colorfgbg),
    SESSION_TEST(test_not_asked),
    SESSION_TEST(test_a_chosen_theme_stays),
};

SESSION_MAIN(tests)
