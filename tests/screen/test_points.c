/* Points are made, relieved of their data and destroyed on the screen, as the command line does it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

/* One store for all of them: each makes, takes or changes a point of its own there. */
static int set_up(void **state)
{
    int result = session_set_up(state);
    if (result == 0)
        session_own_store(*state);
    return result;
}

static struct terminal *open_on(struct session *session, const char *collection)
{
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    CLEANUP_FREE char *heading = mem_format("Points of %s", collection);
    terminal_wait_text(terminal, "web-prod");
    terminal_press(terminal, "/");
    terminal_enter(terminal, collection);
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, heading);
    terminal_sync(terminal);
    return terminal;
}

/* The command that does the same, wherever its rows are broken. */
static void assert_command(struct terminal *terminal, const char *command)
{
    CLEANUP_FREE char *text = terminal_text(terminal);
    size_t length = 0;
    for (const char *at = text; *at; at++) {
        bool blank = strchr(" \\\n", *at) != NULL;
        if (!blank)
            text[length++] = *at;
        else if (length > 0 && text[length - 1] != ' ')
            text[length++] = ' ';
    }
    text[length] = '\0';
    if (!strstr(text, command))
        fail_msg("no \"%s\" in: %s", command, text);
}

static long count_points(struct session *session, const char *collection, const char *filter)
{
    CLEANUP_FREE char *command =
        mem_format("$REFPOINT point list %s --json | jq -c 'select(%s)' | wc -l", collection, filter);
    CLEANUP_FREE char *text = session_shell(session, command);
    return strtol(text, NULL, 10);
}

static void test_a_point_is_made(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_on(session, "web-prod");
    terminal_press(terminal, "n");
    terminal_wait_text(terminal, "new point   web-prod");
    terminal_wait_text(terminal, "becomes a read-only layer");
    terminal_enter(terminal, "noon");
    assert_command(terminal, "point create web-prod --name noon");
    terminal_press(terminal, "Enter");
    assert_int_equal(count_points(session, "web-prod", ".name == \"noon\""), 0);
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "Made");
    terminal_wait_text(terminal, "log based, return 0");
    assert_int_equal(count_points(session, "web-prod", ".name == \"noon\""), 1);
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "Points of web-prod ── 5");
    terminal_press(terminal, "Tab g Enter");
    terminal_wait_text(terminal, "noon");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

/* What the first point of raw images asks for, and what must be known from then on. */
static void test_raw_images_are_asked_for(void **state)
{
    struct session *session = *state;
    free(session_shell(session,
                       "truncate -s 1M \"$ROOT/a.raw\"; $REFPOINT machine add old --disk "
                       "\"vda=raw:$ROOT/a.raw\"; $REFPOINT collection define old-ones --member old"));
    struct terminal *terminal = open_on(session, "old-ones");
    terminal_wait_text(terminal, "Press n to create one");
    terminal_press(terminal, "n");
    terminal_wait_text(terminal, "Raw images");
    terminal_press(terminal, "Tab Tab Tab Enter"); /* as it is */
    terminal_wait_text(terminal, "(32770 ");
    terminal_wait_text(terminal, "Raw images"); /* nothing is lost: the form is still there */
    terminal_press(terminal, "Tab Space");
    terminal_wait_text(terminal, "--raw-to-qcow2");
    terminal_press(terminal, "Tab Tab Enter");
    terminal_wait_text(terminal, "Made");
    terminal_wait_text(terminal, "From now on these files hold the machines together");
    terminal_wait_text(terminal, "the image is qcow2 now");
    assert_int_equal(count_points(session, "old-ones", "true"), 1);
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Points of old-ones");
    session_leave(terminal);
}

static void test_destroying_asks_first(void **state)
{
    struct session *session = *state;
    long before = count_points(session, "web-prod", "true");
    struct terminal *terminal = open_on(session, "web-prod");
    terminal_press(terminal, "d");
    terminal_wait_text(terminal, "Select the point first");
    terminal_press(terminal, "Tab X");
    terminal_wait_text(terminal, "Destroy this point?");
    terminal_wait_text(terminal, "Gives back");
    assert_command(terminal, "point destroy web-prod ");
    terminal_press(terminal, "Enter"); /* no is preselected */
    terminal_wait_text(terminal, "Points of web-prod");
    assert_int_equal(count_points(session, "web-prod", "true"), before);
    terminal_press(terminal, "X Tab Enter");
    terminal_wait_text(terminal, "is destroyed");
    terminal_wait_text(terminal, "state 7 Completed");
    assert_false(terminal_has_text(terminal, "package"));
    assert_int_equal(count_points(session, "web-prod", "true"), before - 1);
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

/* From the point's own screen too; and what is shown is as it is afterwards, without a key. */
static void test_data_is_given_back(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_on(session, "web-prod");
    terminal_press(terminal, "Tab Enter");
    terminal_wait_text(terminal, "point   web-prod @ ");
    terminal_sync(terminal);
    terminal_press(terminal, "d");
    terminal_wait_text(terminal, "Give the data of this point back?");
    terminal_wait_text(terminal, "it is still a base");
    terminal_press(terminal, "Tab Enter");
    terminal_wait_text(terminal, "has given its data back");
    assert_int_equal(count_points(session, "web-prod", ".has_associated_log | not"), 1);
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "log removed");
    session_leave(terminal);
}

/* Where the point is beside the store, as its own screen tells it. */
static void test_a_point_says_where_it_was_exported_to(void **state)
{
    struct session *session = *state;
    free(session_shell(
        session, "$REFPOINT export büro-テスト \"$($REFPOINT point list büro-テスト --json | head -n 1 | "
                 "jq -r .id)\" --to \"$EXPORTS\""));
    struct terminal *terminal = open_on(session, "büro-テスト");
    terminal_press(terminal, "Tab Enter");
    terminal_wait_text(terminal, "point   büro-テスト @ ");
    terminal_wait_text(terminal, "── Exported ── 1 package ──");
    terminal_wait_text(terminal, "full, verified");
    terminal_wait_text(terminal, "── Chain ──");
    free(session_shell(session, "rm -rf \"$EXPORTS\"/*"));
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "gone");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

/* Somebody else was faster: the refusal is told in place, with its number, and nothing is done. */
static void test_a_point_that_has_gone_is_refused(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_on(session, "web-prod");
    terminal_press(terminal, "Tab X");
    terminal_wait_text(terminal, "Destroy this point?");
    free(session_shell(session, "$REFPOINT point destroy web-prod \"$($REFPOINT point list web-prod --json | "
                                "sed -n '1s/^{\"id\":\"\\([^\"]*\\)\".*/\\1/p')\""));
    terminal_press(terminal, "Tab Enter");
    terminal_wait_text(terminal, "(32773");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Points of web-prod");
    session_leave(terminal);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_point_is_made),
        cmocka_unit_test(test_raw_images_are_asked_for),
        cmocka_unit_test(test_a_point_says_where_it_was_exported_to),
        cmocka_unit_test(test_destroying_asks_first),
        cmocka_unit_test(test_data_is_given_back),
        cmocka_unit_test(test_a_point_that_has_gone_is_refused),
    };
    return session_take_arguments(argc, argv) ? cmocka_run_group_tests(tests, set_up, session_tear_down) : 2;
}
