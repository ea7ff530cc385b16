/* What is selected is a thing, not a row: it stays so when a filter comes and goes, and when a list is read
 * again in which others have come or gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

/* Empty collections "web-0101" and so on, in a store of the test's own. */
static int set_up(void **state)
{
    session_set_up(state);
    struct session *session = *state;
    free(session_shell(
        session, "export REFPOINT_STORE=\"$ROOT/many\"; qemu-img create -q -f qcow2 \"$ROOT/a.qcow2\" 1M;"
                 "\"$REFPOINT\" machine add m --disk \"vda=qcow2:$ROOT/a.qcow2\" >/dev/null;"
                 "for at in $(seq 101 160); do"
                 "    \"$REFPOINT\" collection define web-0$at --member m >/dev/null; done"));
    free(session->store);
    session->store = mem_format("%s/many", session->root);
    free(session->environment[2]);
    session->environment[2] = mem_format("REFPOINT_STORE=%s", session->store);
    return 0;
}

static int cursor_row(struct terminal *terminal)
{
    int row = 0;
    int column = 0;
    terminal_cursor(terminal, &row, &column);
    return row;
}

static void assert_selected(struct terminal *terminal, const char *start)
{
    CLEANUP_FREE char *row = terminal_cursor_row(terminal);
    if (strncmp(row, start, strlen(start)) != 0)
        fail_msg("not \"%s\" but \"%s\"", start, row);
}

static void test_a_filter_that_is_cleared_keeps_the_collection(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "web-0101");
    terminal_press(terminal, "/");
    terminal_type(terminal, "web-0143");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "Points of web-0143");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Collections ── 43 of 60");
    assert_selected(terminal, ">web-0143");
    terminal_wait_text(terminal, "Points of web-0143");
    terminal_press(terminal, "n"); /* the form is that of what is selected */
    terminal_wait_text(terminal, "new point   web-0143");
    terminal_press(terminal, "Esc");
    assert_selected(terminal, ">web-0143");
    session_leave(terminal);
}

static void test_a_filter_that_hides_all_loses_nothing(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "web-0101");
    for (int i = 0; i < 25; i++)
        terminal_keys(terminal, "Down");
    terminal_press(terminal, "Up");
    assert_selected(terminal, ">web-0125");
    int row = cursor_row(terminal);
    terminal_press(terminal, "/");
    terminal_type(terminal, "x");
    terminal_wait_text(terminal, "No name matches");
    terminal_press(terminal, "Esc");
    assert_selected(terminal, ">web-0125");
    assert_int_equal(cursor_row(terminal), row);
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

static void test_collections_come_and_go(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = session_open_at(session, 24, 80, "web-0101");
    for (int i = 0; i < 40; i++)
        terminal_keys(terminal, "Down");
    for (int i = 0; i < 5; i++)
        terminal_keys(terminal, "Up");
    terminal_sync(terminal);
    assert_selected(terminal, ">web-0136");
    int row = cursor_row(terminal);
    free(session_shell(session, "\"$REFPOINT\" collection delete web-0101 >/dev/null;"
                                "for name in aa ab ac ad; do"
                                "    \"$REFPOINT\" collection define $name --member m >/dev/null; done"));
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "Collections ── 39 of 63");
    assert_selected(terminal, ">web-0136");
    assert_int_equal(cursor_row(terminal), row);
    terminal_wait_text(terminal, "Points of web-0136");
    /* It goes itself, and the next one with it: the nearest behind. */
    free(session_shell(session, "for name in web-0136 web-0137; do"
                                "    \"$REFPOINT\" collection delete $name >/dev/null; done"));
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "Collections ── 39 of 61");
    assert_selected(terminal, ">web-0138");
    assert_int_equal(cursor_row(terminal), row);
    terminal_wait_text(terminal, "Points of web-0138");
    session_leave(terminal);
}

/* A point's row begins behind that of its collection. */
static char *selected_point(struct terminal *terminal)
{
    CLEANUP_FREE char *row = terminal_cursor_row(terminal);
    const char *mark = strrchr(row, '>');
    assert_non_null(mark);
    return mem_strdup(mark);
}

static void test_points(void **state)
{
    struct session *session = *state;
    session_own_store(session);
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_press(terminal, "/");
    terminal_enter(terminal, "web-prod");
    terminal_press(terminal, "Enter Tab");
    terminal_wait_text(terminal, "Points of web-prod ── 4");
    terminal_press(terminal, "G Up");
    CLEANUP_FREE char *before = selected_point(terminal);
    /* A newer one stands before it from now on. */
    free(session_shell(session, "\"$REFPOINT\" point create web-prod --name newest >/dev/null"));
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "Points of web-prod ── 5");
    CLEANUP_FREE char *after = selected_point(terminal);
    assert_string_equal(before, after);
    terminal_press(terminal, "/");
    terminal_type(terminal, "newest");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "1 of 5  /newest");
    terminal_press(terminal, "Esc G /");
    terminal_type(terminal, "no such point");
    terminal_wait_text(terminal, "No point matches");
    terminal_press(terminal, "Esc Esc");
    /* The last one is selected still; what is older than all is not behind it. */
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "nothing: this is the collection's first point");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

static void test_a_list_says_where_it_stands_and_is_sorted(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "web-0101");
    terminal_wait_text(terminal, "Collections ── 1 of 60");
    terminal_wait_text(terminal, "▐");
    terminal_wait_text(terminal, "NAME ▲");
    terminal_press(terminal, "Down Down");
    terminal_wait_text(terminal, "Collections ── 3 of 60");
    terminal_press(terminal, "S");
    terminal_wait_text(terminal, "Collections by name, from Z to A.");
    terminal_wait_text(terminal, "NAME ▼");
    terminal_wait_text(terminal, "Collections ── 58 of 60");
    assert_selected(terminal, ">web-0103");
    terminal_press(terminal, "g");
    assert_selected(terminal, ">web-0160");
    terminal_press(terminal, "s"); /* none has a point: they stay as they come */
    terminal_wait_text(terminal, "NEWEST ▼");
    terminal_wait_text(terminal, "Collections ── 60 of 60");
    assert_selected(terminal, ">web-0160");
    session_leave(terminal);
}

static void test_the_palette_goes_to_a_collection(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "web-0101");
    terminal_press(terminal, "/");
    terminal_type(terminal, "0102");
    terminal_press(terminal, "Enter :");
    terminal_type(terminal, "web-0143");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "Points of web-0143"); /* what the filter hid is shown again */
    terminal_wait_text(terminal, "Collections ── 43 of 60");
    assert_selected(terminal, ">web-0143");
    terminal_press(terminal, ":");
    terminal_type(terminal, "new 0150");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "New point ── web-0150");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

static void test_the_palette_verifies_a_point(void **state)
{
    struct session *session = *state;
    session_own_store(session);
    free(session_shell(session, "\"$REFPOINT\" export web-prod tuesday --to \"$EXPORTS\" >/dev/null"));
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_press(terminal, ":");
    terminal_type(terminal, "verify mon");
    terminal_wait_text(terminal, "> Verify monday · web-prod");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "No package of this point is known here: export it first.");
    terminal_press(terminal, ":");
    terminal_type(terminal, "verify tuesday");
    terminal_wait_text(terminal, "> Verify tuesday · web-prod");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "The package is whole");
    free(session_shell(session, "[ $(\"$REFPOINT\" job list --json | jq -r .job | wc -l) = 2 ]"));
    session_leave(terminal);
}

static void test_marked_points_are_exported_together(void **state)
{
    struct session *session = *state;
    session_own_store(session);
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_press(terminal, "/");
    terminal_enter(terminal, "web-prod");
    terminal_press(terminal, "Enter Tab");
    terminal_wait_text(terminal, "Points of web-prod ── 4");
    terminal_press(terminal, "a");
    terminal_wait_text(terminal, "4  4 marked");
    terminal_wait_text(terminal, "e export the marked  Space mark  a all");
    terminal_press(terminal, "Space"); /* the newest one not: the next is selected */
    terminal_wait_text(terminal, "4  3 marked");
    terminal_press(terminal, "Space s s"); /* sorted otherwise, the same ones are marked */
    terminal_wait_text(terminal, "4  2 marked");
    terminal_press(terminal, "e");
    terminal_wait_text(terminal, "and 1 more");
    terminal_type(terminal, session->exports);
    terminal_press(terminal, "Shift-Tab Enter");
    terminal_wait_text(terminal, "2 jobs at once, one a point");
    terminal_wait_text(terminal, "Start 2 exports");
    terminal_press(terminal, "Right Enter");
    terminal_wait_text(terminal, "2 jobs were started");
    free(session_shell(session, "for job in $(\"$REFPOINT\" job list --json | jq -r .job); do"
                                "    \"$REFPOINT\" job attach $job >/dev/null; done"));
    assert_int_equal(session_count_exports(session), 2);
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Points of web-prod ── 4");
    terminal_wait_no_text(terminal, "marked"); /* it is done */
    session_leave(terminal);
}

static void test_jobs(void **state)
{
    struct session *session = *state;
    session_own_store(session);
    free(session_shell(session,
                       "for collection in web-prod büro-テスト; do mkdir \"$EXPORTS/$collection\";"
                       "    point=$(\"$REFPOINT\" point list $collection --json | jq -r .id | head -n 1);"
                       "    \"$REFPOINT\" export $collection $point --to \"$EXPORTS/$collection\""
                       "        >/dev/null 2>&1; done"));
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_press(terminal, "J");
    terminal_wait_text(terminal, "Jobs ── 2");
    terminal_press(terminal, "/");
    terminal_type(terminal, "web-prod"); /* the older one, in the second row */
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "1 of 2  /web-prod");
    CLEANUP_FREE char *before = terminal_cursor_row(terminal);
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Jobs ── 2");
    CLEANUP_FREE char *after = terminal_cursor_row(terminal);
    assert_string_equal(before, after);
    /* One more comes before it. */
    free(session_shell(session,
                       "point=$(\"$REFPOINT\" point list büro-テスト --json | jq -r .id | head -n 1);"
                       "mkdir \"$EXPORTS/third\"; \"$REFPOINT\" export büro-テスト $point"
                       "    --to \"$EXPORTS/third\" >/dev/null 2>&1"));
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "Jobs ── 3");
    CLEANUP_FREE char *later = terminal_cursor_row(terminal);
    assert_string_equal(before, later);
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

static void configure(struct session *session, const char *hosts)
{
    CLEANUP_FREE char *command =
        mem_format("mkdir -p \"$XDG_CONFIG_HOME/refpoint\"; cat > \"$XDG_CONFIG_HOME/refpoint/refpoint.cfg\" "
                   "<<CFG\nhosts = ( %s );\nCFG\n",
                   hosts);
    free(session_shell(session, command));
}

static void test_hosts(void **state)
{
    struct session *session = *state;
    configure(session, "{ name = \"one\"; store = \"$ROOT/1\"; }, { name = \"two\"; store = \"$ROOT/2\"; }");
    struct terminal *terminal = session_open_at(session, 24, 80, "web-0101");
    terminal_press(terminal, "H");
    terminal_wait_text(terminal, ">local");
    terminal_press(terminal, "Down Down");
    terminal_wait_text(terminal, ">two");
    configure(session, "{ name = \"zero\"; store = \"$ROOT/0\"; }, { name = \"one\"; store = \"$ROOT/1\"; },"
                       "{ name = \"two\"; store = \"$ROOT/2\"; }");
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "zero");
    terminal_wait_text(terminal, ">two");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, session_tear_down)

static const struct CMUnitTest tests[] = {
    TEST(test_a_filter_that_is_cleared_keeps_the_collection),
    TEST(test_a_filter_that_hides_all_loses_nothing),
    TEST(test_collections_come_and_go),
    SESSION_TEST(test_points),
    TEST(test_a_list_says_where_it_stands_and_is_sorted),
    TEST(test_the_palette_goes_to_a_collection),
    SESSION_TEST(test_the_palette_verifies_a_point),
    SESSION_TEST(test_marked_points_are_exported_together),
    SESSION_TEST(test_jobs),
    TEST(test_hosts),
};

SESSION_MAIN(tests)
