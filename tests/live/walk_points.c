/* Steps of test_walk.sh on the screen at 80x24, from Browse and back: REFPOINT
 *     create NAME | create-rct NAME | full NAME DIRECTORY | since NAME BASE DIRECTORY | live NAME BASE
 * DIRECTORY | remove-data NAME | destroy NAME of the collection "pair", with the environment that this has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/terminal.h"

static char **step; /* what is to be done, with its arguments */
static const char *program;

static struct terminal *open_program(void)
{
    static const char *const passed[] = {"HOME",          "XDG_STATE_HOME",   "XDG_CONFIG_HOME",
                                         "XDG_DATA_HOME", "REFPOINT_TEST_AT", "REFPOINT_TEST_TRACE",
                                         "LD_PRELOAD"};
    char *environment[ARRAY_LENGTH(passed) + 1] = {0};
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(passed); i++) {
        if (getenv(passed[i]))
            environment[count++] = mem_format("%s=%s", passed[i], getenv(passed[i]));
    }
    const char *argv[] = {program, NULL};
    struct terminal_spec spec = {
        .argv = argv, .environment = (const char *const *)environment, .rows = 24, .columns = 80};
    struct terminal *terminal = terminal_open(&spec);
    for (size_t i = 0; environment[i]; i++)
        free(environment[i]);
    terminal_wait_text(terminal, "Points of pair");
    terminal_sync(terminal);
    return terminal;
}

static void leave(struct terminal *terminal)
{
    terminal_wait_text(terminal, "Points of pair");
    terminal_sync(terminal);
    terminal_keys(terminal, "q");
    assert_int_equal(terminal_wait_end(terminal), 0);
    terminal_close(terminal);
}

static void select_point(struct terminal *terminal, const char *name)
{
    terminal_press(terminal, "Tab /");
    terminal_enter(terminal, name);
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "Points of pair ── 1 of ");
}

/* In the form of a new point: from its name to the button, an Enter each. */
static void create(struct terminal *terminal, bool rct)
{
    terminal_press(terminal, "n");
    terminal_wait_text(terminal, "new point   pair");
    terminal_sync(terminal);
    terminal_enter(terminal, step[1]);
    terminal_press(terminal, rct ? "Enter Right Enter Enter" : "Enter Enter Enter");
    terminal_wait_text(terminal, rct ? "(o) RCT based" : "(o) log based");
    terminal_keys(terminal, "Enter");
    terminal_wait_text(terminal, "return 0");
    terminal_press(terminal, "Esc");
}

static void choose_kind(struct terminal *terminal, const char *kind)
{
    CLEANUP_FREE char *chosen = mem_format("(o) %s", kind);
    terminal_go_to_row(terminal, " Kind");
    for (int i = 0; i < 4 && !terminal_has_text(terminal, chosen); i++)
        terminal_press(terminal, i < 2 ? "Right" : "Left");
    terminal_wait_text(terminal, chosen);
}

/* The bases stand in a row: there and back. */
static void choose_base(struct terminal *terminal, const char *base)
{
    terminal_go_to_row(terminal, " Base");
    for (int i = 0; i < 16; i++) {
        CLEANUP_FREE char *row = terminal_cursor_row(terminal);
        if (strstr(row, base))
            return;
        terminal_press(terminal, i < 8 ? "Right" : "Left");
    }
    fail_msg("%s is no base that is offered", base);
}

static void start_and_follow(struct terminal *terminal)
{
    terminal_go_to_row(terminal, " < Back >");
    terminal_wait_text(terminal, "< Review >");
    terminal_press(terminal, "End Enter");
    terminal_wait_text(terminal, "2 of 3");
    terminal_press(terminal, "Tab Enter");
    terminal_wait_text(terminal, "state 7 Completed");
    terminal_wait_text(terminal, "Verified");
    terminal_press(terminal, "Esc");
}

static void export_point(struct terminal *terminal, const char *kind, const char *base, const char *directory)
{
    terminal_press(terminal, "e");
    terminal_wait_text(terminal, "1 of 3");
    terminal_sync(terminal);
    terminal_press(terminal, "Ctrl-U"); /* the last one, as it was started */
    terminal_enter(terminal, directory);
    choose_kind(terminal, kind);
    if (base)
        choose_base(terminal, base);
    if (strcmp(kind, "live") == 0) {
        terminal_go_to_row(terminal, " Name");
        terminal_enter(terminal, step[1]);
    }
    start_and_follow(terminal);
}

static void change(struct terminal *terminal, const char *key, const char *done)
{
    select_point(terminal, step[1]);
    terminal_press(terminal, key);
    terminal_wait_text(terminal, "No, go back");
    terminal_press(terminal, "Tab Enter");
    terminal_wait_text(terminal, done);
    terminal_wait_text(terminal, "state 7 Completed");
    terminal_press(terminal, "Esc");
}

static void test_step(void **state)
{
    (void)state;
    struct terminal *terminal = open_program();
    const char *what = step[0];
    if (strcmp(what, "create") == 0 || strcmp(what, "create-rct") == 0) {
        create(terminal, strcmp(what, "create-rct") == 0);
    } else if (strcmp(what, "full") == 0) {
        select_point(terminal, step[1]);
        export_point(terminal, "full", NULL, step[2]);
    } else if (strcmp(what, "since") == 0) {
        select_point(terminal, step[1]);
        export_point(terminal, "differential", step[2], step[3]);
    } else if (strcmp(what, "live") == 0) {
        select_point(terminal, step[2]);
        export_point(terminal, "live", step[3], step[4]);
    } else if (strcmp(what, "remove-data") == 0) {
        change(terminal, "d", "has given its data back");
    } else {
        assert_string_equal(what, "destroy");
        change(terminal, "X", "is destroyed");
    }
    leave(terminal);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_step)};
    if (argc < 4) {
        print_error("usage: %s REFPOINT STEP NAME [ARGUMENT...]\n", argv[0]);
        return 2;
    }
    program = argv[1];
    step = argv + 2;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
