/* The settings on the screen: where each is from, and changing one in the file with the rest as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

static void configure(struct session *session)
{
    free(session_shell(session, "mkdir -p \"$XDG_CONFIG_HOME/refpoint\"; cat > "
                                "\"$XDG_CONFIG_HOME/refpoint/refpoint.cfg\" <<CFG\n"
                                "// mine\nzstd_level = 9; // slow\nnonsense = 3;\nCFG\n"));
}

static void assert_file(struct session *session, const char *expected)
{
    CLEANUP_FREE char *text = session_shell(session, "cat \"$XDG_CONFIG_HOME/refpoint/refpoint.cfg\"");
    assert_string_equal(text, expected);
}

static struct terminal *open_settings(struct session *session, int rows, int columns)
{
    struct terminal *terminal = session_open(session, rows, columns, NULL);
    terminal_wait_text(terminal, "web-prod");
    terminal_sync(terminal);
    terminal_press(terminal, "O");
    terminal_wait_text(terminal, "Settings in ");
    terminal_sync(terminal);
    return terminal;
}

static void test_a_setting_is_changed(void **state)
{
    struct session *session = *state;
    configure(session);
    struct terminal *terminal = open_settings(session, 24, 80);
    assert_true(terminal_has_text(terminal, "nonsense"));
    terminal_go_to_row(terminal, ">zstd_level");
    terminal_wait_text(terminal, "zstd_level = 9;");
    terminal_press(terminal, "Enter");
    terminal_enter(terminal, "9");
    terminal_wait_text(terminal, "must be a number from 1 to 19");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "It is not written");
    terminal_press(terminal, "BackSpace BackSpace");
    terminal_enter(terminal, "12");
    terminal_wait_text(terminal, "zstd_level = 12;");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "is written to the file");
    assert_file(session, "// mine\nzstd_level = 12; // slow\nnonsense = 3;\n");
    terminal_press(terminal, "D");
    terminal_wait_text(terminal, "is taken out of the file");
    assert_file(session, "// mine\n // slow\nnonsense = 3;\n");
    terminal_press(terminal, "D");
    terminal_wait_text(terminal, "has its default already");
    session_leave(terminal);
}

static void test_a_choice_is_toggled(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_settings(session, 16, 60);
    terminal_press(terminal, "/");
    terminal_enter(terminal, "bell");
    terminal_press(terminal, "Enter Enter");
    terminal_wait_text(terminal, "(o) true");
    terminal_press(terminal, "Space");
    terminal_wait_text(terminal, "(o) false");
    terminal_press(terminal, "Esc");
    terminal_wait_no_text(terminal, "(o) ");
    terminal_press(terminal, "Enter Space Enter");
    terminal_wait_text(terminal, "is written to the file");
    assert_file(session, "bell = false;\n");
    session_leave(terminal);
}

/* A host that is not there would end the next start. */
static void test_a_host_must_be_there(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_settings(session, 24, 80);
    terminal_go_to_row(terminal, ">host");
    terminal_press(terminal, "Enter Ctrl-U");
    terminal_enter(terminal, "elsewhere");
    terminal_wait_text(terminal, "there is no host named elsewhere");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, ">host");
    session_leave(terminal);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_a_setting_is_changed),
        SESSION_TEST(test_a_choice_is_toggled),
        SESSION_TEST(test_a_host_must_be_there),
    };
    return session_take_arguments(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 2;
}
