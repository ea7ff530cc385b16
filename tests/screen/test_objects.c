/* Collections and machines are made, changed and removed on the screen, as the command line does it; and an
 * empty store is a beginning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

/* One store for all of them: each makes objects of its own there. */
static int set_up(void **state)
{
    int result = session_set_up(state);
    if (result == 0)
        session_own_store(*state);
    return result;
}

static void assert_shell(struct session *session, const char *command, const char *expected)
{
    CLEANUP_FREE char *text = session_shell(session, command);
    text[strcspn(text, "\n")] = '\0';
    assert_string_equal(text, expected);
}

/* --- collections --- */

static void test_a_collection_is_defined(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_press(terminal, "c");
    terminal_wait_text(terminal, "New collection");
    terminal_wait_text(terminal, "in web-prod");
    terminal_press(terminal, "Enter Enter Enter"); /* nothing is filled in: nothing happens */
    terminal_wait_text(terminal, "! it needs a name");
    terminal_enter(terminal, "web-prod");
    terminal_wait_text(terminal, "there is one of this name already");
    terminal_press(terminal, "Ctrl-U");
    terminal_enter(terminal, "night");
    terminal_wait_text(terminal, "! tick at least one machine");
    terminal_wait_text(terminal, "Define: no machine is ticked");
    terminal_press(terminal, "Tab");
    terminal_go_to_row(terminal, "           [ ] web01");
    terminal_press(terminal, "Space");
    terminal_wait_text(terminal, "1 of 5 machines");
    terminal_wait_text(terminal, "--member web01");
    terminal_press(terminal, "Enter Enter");
    terminal_wait_text(terminal, "night is defined");
    assert_shell(session, "$REFPOINT collection list --json | jq -c 'select(.name == \"night\") | .machines'",
                 "[\"web01\"]");
    session_leave(terminal);
}

static void test_deleting_a_collection_asks(void **state)
{
    struct session *session = *state;
    free(session_shell(session, "$REFPOINT collection define aaa --member db01"));
    struct terminal *terminal = session_open_at(session, 24, 80, "aaa");
    terminal_go_to_row(terminal, ">aaa");
    terminal_press(terminal, "X");
    terminal_wait_text(terminal, "Delete this collection?");
    terminal_wait_text(terminal, "nothing depends on it");
    terminal_press(terminal, "Enter"); /* no is preselected */
    terminal_wait_text(terminal, "Collections");
    terminal_press(terminal, "X");
    terminal_wait_text(terminal, "Delete this collection?");
    terminal_sync(terminal);
    terminal_press(terminal, "Tab Enter");
    terminal_wait_text(terminal, "is deleted");
    assert_shell(session, "$REFPOINT collection list --json | jq -r .name | grep -c '^aaa$' || true", "0");
    session_leave(terminal);
}

static void test_a_collection_with_points_stays(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_go_to_row(terminal, ">web-prod");
    terminal_press(terminal, "X");
    terminal_wait_text(terminal, "4 points depend on it");
    terminal_sync(terminal);
    terminal_press(terminal, "Tab Enter");
    terminal_wait_text(terminal, "! 32775");
    terminal_wait_text(terminal, "still has 4 reference points");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_collection_is_defined),
        cmocka_unit_test(test_deleting_a_collection_asks),
        cmocka_unit_test(test_a_collection_with_points_stays),
    };
    return session_take_arguments(argc, argv) ? cmocka_run_group_tests(tests, set_up, session_tear_down) : 2;
}
