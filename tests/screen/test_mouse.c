/* A mouse, where the setting is on; and that nothing is heard of one where it is off. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

#define ON "\033[?1000h\033[?1006h"
#define OFF "\033[?1006l\033[?1000l"

static struct terminal *open_with_mouse(struct session *session)
{
    free(session_shell(session, "mkdir -p \"$ROOT/config/refpoint\"; echo 'mouse = true;' "
                                ">\"$ROOT/config/refpoint/refpoint.cfg\""));
    return session_open_at(session, 24, 80, "web-prod");
}

static size_t count_sent(struct terminal *terminal, const char *bytes)
{
    size_t length = 0;
    size_t count = 0;
    const char *stream = terminal_stream(terminal, &length);
    const char *end = stream + length;
    for (const char *at = stream; (at = memmem(at, (size_t)(end - at), bytes, strlen(bytes))); at++)
        count++;
    return count;
}

static void click_on(struct terminal *terminal, const char *text, int times)
{
    int row = 0;
    int column = 0;
    terminal_find(terminal, text, &row, &column);
    terminal_click(terminal, row, column, times);
}

static void assert_cursor_row(struct terminal *terminal, const char *text)
{
    CLEANUP_FREE char *row = terminal_cursor_row(terminal);
    if (!strstr(row, text))
        fail_msg("the cursor is not on \"%s\" but on: %s", text, row);
}

/* In the footer, wherever else the word stands. */
static void click_hint(struct terminal *terminal, const char *hint)
{
    CLEANUP_FREE char *text = terminal_text(terminal);
    const char *row = text;
    for (int i = 0; i < 23; i++)
        row = strchr(row, '\n') + 1;
    const char *at = strstr(row, hint);
    assert_non_null(at);
    terminal_click(terminal, 23, (int)(at - row), 1); /* a footer is ASCII */
}

static void test_a_click_selects(void **state)
{
    struct terminal *terminal = open_with_mouse(*state);
    click_on(terminal, "web-prod", 1);
    assert_cursor_row(terminal, ">web-prod");
    terminal_wait_text(terminal, "Points of web-prod");
    click_on(terminal, ">web-prod", 1);
    assert_cursor_row(terminal, ">web-prod");
    terminal_sync(terminal);
    int row = 0;
    int column = 0;
    click_on(terminal, "installed", 1);
    terminal_cursor(terminal, &row, &column);
    assert_true(column > 10); /* in the other pane */
    assert_cursor_row(terminal, ">installed");
    /* Headings, rules and the title are nothing to select. */
    CLEANUP_FREE char *before = terminal_text(terminal);
    terminal_click(terminal, 0, 5, 2);
    terminal_click(terminal, 1, 5, 2);
    CLEANUP_FREE char *after = terminal_text(terminal);
    assert_string_equal(before, after);
    session_leave(terminal);
}

static void test_a_double_click_opens(void **state)
{
    struct terminal *terminal = open_with_mouse(*state);
    click_on(terminal, "web-prod", 2);
    terminal_wait_text(terminal, "Points of web-prod");
    terminal_sync(terminal);
    click_on(terminal, "installed", 2);
    terminal_wait_no_text(terminal, "Collections");
    terminal_sync(terminal);
    terminal_wheel(terminal, 5, 5, true); /* the text of a point scrolls, or has no more */
    click_hint(terminal, "back");
    terminal_wait_text(terminal, "Collections");
    session_leave(terminal);
}

static void test_the_wheel_moves_by_three(void **state)
{
    struct terminal *terminal = open_with_mouse(*state);
    terminal_press(terminal, "?");
    terminal_wait_text(terminal, "do it");
    int first = 0;
    int row = 0;
    int column = 0;
    terminal_cursor(terminal, &first, &column);
    terminal_wheel(terminal, 10, 10, true);
    terminal_cursor(terminal, &row, &column);
    assert_int_equal(row, first + 3);
    terminal_wheel(terminal, 10, 10, true);
    terminal_wheel(terminal, 10, 10, false);
    terminal_cursor(terminal, &row, &column);
    assert_int_equal(row, first + 3);
    terminal_wheel(terminal, 10, 10, false);
    terminal_wheel(terminal, 10, 10, false); /* there is no more, and nothing is said of it */
    terminal_cursor(terminal, &row, &column);
    assert_int_equal(row, first);
    terminal_click(terminal, first + 2, 4, 1);
    terminal_cursor(terminal, &row, &column);
    assert_int_equal(row, first + 2);
    terminal_press(terminal, "Esc");
    /* Over the other pane: that one. */
    click_on(terminal, "web-prod", 1);
    terminal_wait_text(terminal, "installed");
    terminal_sync(terminal);
    terminal_find(terminal, "installed", &row, &column);
    terminal_wheel(terminal, row, column, false);
    terminal_cursor(terminal, &row, &column);
    assert_true(column > 10);
    session_leave(terminal);
}

static void test_hints_of_the_footer(void **state)
{
    struct terminal *terminal = open_with_mouse(*state);
    click_hint(terminal, "help");
    terminal_wait_text(terminal, "do it");
    click_hint(terminal, "find");
    click_hint(terminal, "Esc"); /* leaves the filter, which is what it says now */
    terminal_wait_text(terminal, "do it");
    click_hint(terminal, "back");
    terminal_wait_text(terminal, "Collections");
    click_hint(terminal, "jobs");
    terminal_wait_text(terminal, "No jobs yet");
    terminal_press(terminal, "Esc");
    terminal_sync(terminal);
    session_leave(terminal);
}

static void test_jobs(void **state)
{
    struct session *session = *state;
    free(session_shell(
        session,
        "for i in 1 2; do \"$REFPOINT\" export web-prod installed --to \"$EXPORTS\" >/dev/null; done"));
    struct terminal *terminal = open_with_mouse(session);
    terminal_press(terminal, "J");
    terminal_wait_text(terminal, "discard");
    int row = 0;
    int column = 0;
    int cursor = 0;
    terminal_cursor(terminal, &row, &column);
    terminal_click(terminal, row + 1, 10, 1);
    terminal_cursor(terminal, &cursor, &column);
    assert_int_equal(cursor, row + 1);
    terminal_click(terminal, row + 8, 10, 2); /* beneath the list */
    terminal_cursor(terminal, &cursor, &column);
    assert_int_equal(cursor, row + 1);
    /* Dialogs take no clicks: what is asked is answered on purpose. */
    click_hint(terminal, "discard");
    CLEANUP_FREE char *asked = terminal_text(terminal);
    terminal_click(terminal, 12, 40, 2);
    terminal_wheel(terminal, 12, 40, true);
    CLEANUP_FREE char *still = terminal_text(terminal);
    assert_string_equal(asked, still);
    terminal_press(terminal, "Esc");
    terminal_click(terminal, row, 10, 2);
    terminal_wait_text(terminal, "package verify"); /* its receipt */
    terminal_sync(terminal);
    session_leave(terminal);
}

static void test_given_back(void **state)
{
    struct terminal *terminal = open_with_mouse(*state);
    assert_int_equal(count_sent(terminal, ON), 1);
    assert_int_equal(count_sent(terminal, OFF), 0);
    terminal_press(terminal, "Ctrl-z"); /* nobody could continue it: it takes the terminal again */
    assert_int_equal(count_sent(terminal, OFF), 1);
    assert_int_equal(count_sent(terminal, ON), 2);
    click_on(terminal, "web-prod", 1);
    assert_cursor_row(terminal, ">web-prod");
    terminal_keys(terminal, "q");
    assert_int_equal(terminal_wait_end(terminal), 0);
    assert_int_equal(count_sent(terminal, OFF), 2);
    terminal_close(terminal);
}

static void test_given_back_by_a_crash(void **state)
{
    struct terminal *terminal = open_with_mouse(*state);
    kill(terminal_pid(terminal), SIGSEGV);
    assert_true(WIFSIGNALED(terminal_wait_end(terminal)));
    assert_int_equal(count_sent(terminal, ON), 1);
    assert_int_equal(count_sent(terminal, OFF), 1);
    terminal_close(terminal);
}

static void test_off(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "web-prod");
    CLEANUP_FREE char *before = terminal_text(terminal);
    terminal_wheel(terminal, 5, 5, true); /* a terminal that was left so reports all the same */
    terminal_press(terminal, "Ctrl-z");
    CLEANUP_FREE char *after = terminal_text(terminal);
    assert_string_equal(before, after);
    terminal_keys(terminal, "q");
    assert_int_equal(terminal_wait_end(terminal), 0);
    assert_int_equal(count_sent(terminal, "?1000"), 0);
    assert_int_equal(count_sent(terminal, "?1006"), 0);
    terminal_close(terminal);
}

static const struct CMUnitTest tests[] = {
    SESSION_TEST(test_a_click_selects),
    SESSION_TEST(test_a_double_click_opens),
    SESSION_TEST(test_the_wheel_moves_by_three),
    SESSION_TEST(test_hints_of_the_footer),
    SESSION_TEST(test_jobs),
    SESSION_TEST(test_given_back),
    SESSION_TEST(test_given_back_by_a_crash),
    SESSION_TEST(test_off),
};

SESSION_MAIN(tests)
