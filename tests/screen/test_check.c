/* The store is looked through on the screen: asked how, told what was found and what mends it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/screen/session.h"

static struct terminal *open_check(struct session *session, int rows, int columns)
{
    struct terminal *terminal = session_open(session, rows, columns, NULL);
    terminal_wait_text(terminal, "web-prod");
    terminal_sync(terminal);
    terminal_press(terminal, "C");
    terminal_wait_text(terminal, "store check");
    terminal_sync(terminal);
    return terminal;
}

static void test_every_layer_is_read(void **state)
{
    struct session *session = *state;
    session_own_store(session);
    struct terminal *terminal = open_check(session, 24, 80);
    terminal_press(terminal, "Up Space");
    terminal_wait_text(terminal, "store check --deep");
    terminal_wait_text(terminal, "points are read");
    terminal_press(terminal, "Enter");
    terminal_keys(terminal, "Enter");
    terminal_wait_text(terminal, "0 to be looked at");
    terminal_wait_text(terminal, "note ");
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "Check the store");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "Findings");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Collections");
    session_leave(terminal);
}

/* Each finding with what it means and the command that mends it; whole where there is no room beneath. */
static void test_damage_is_told(void **state)
{
    struct session *session = *state;
    session_own_store(session);
    free(session_shell(session,
                       "cd \"$ROOT/own/images/web01\" && layer=$(ls *.refpoint-*.qcow2 | head -n 1) && "
                       "chmod u+w \"$layer\" && printf x | dd of=\"$layer\" bs=1 seek=70000 conv=notrunc "
                       "2>/dev/null"));
    struct terminal *terminal = open_check(session, 24, 80);
    terminal_keys(terminal, "Enter");
    terminal_wait_text(terminal, ">✗ altered");
    terminal_wait_text(terminal, "Mend with refpoint store adopt");
    terminal_sync(terminal);
    terminal_resize(terminal, 16, 60);
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "Mend with refpoint store adopt");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, ">✗ altered");
    terminal_press(terminal, "Esc");
    terminal_resize(terminal, 24, 80);
    terminal_wait_text(terminal, "Collections");
    session_leave(terminal);
}

/* What has been damaged since the list was read is told by the check, and in the title from then on. */
static void test_the_title_is_read_anew(void **state)
{
    struct session *session = *state;
    session_own_store(session);
    struct terminal *terminal = open_check(session, 24, 80);
    free(session_shell(session, "cd \"$ROOT/own/store/collections\" && "
                                "point=$(ls */points/*/point.cfg | head -n 1) && echo 'x = (' > \"$point\""));
    terminal_keys(terminal, "Enter");
    terminal_wait_text(terminal, "Findings");
    terminal_sync(terminal);
    assert_false(terminal_has_text(terminal, "0 to be looked at"));
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "! 1 damaged");
    session_leave(terminal);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_every_layer_is_read),
        SESSION_TEST(test_damage_is_told),
        SESSION_TEST(test_the_title_is_read_anew),
    };
    return session_take_arguments(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 2;
}
