/* Records that cannot be read have a row of their own, a reason, and a mark in the title until they are
 * mended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

#define PROD                                                                                                 \
    "cd \"$ROOT/own/store/collections\";"                                                                    \
    "prod=$(grep -l 'name = \"web-prod\"' */collection.cfg | cut -d / -f 1);"                                \
    "point=$(grep -l 'sequence = 3' $prod/points/*/point.cfg);"

static int set_up(void **state)
{
    int result = session_set_up(state);
    if (result == 0)
        session_own_store(*state);
    return result;
}

/* On the last of web-prod's points. */
static struct terminal *open_on_last(struct session *session)
{
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    terminal_wait_text(terminal, "web-prod");
    terminal_press(terminal, "/");
    terminal_enter(terminal, "web-prod");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "Points of web-prod ── 4");
    terminal_press(terminal, "Esc Tab G");
    return terminal;
}

/* A theme in which nothing else has the colour of failure. */
static void assert_in_colour_of_failure(struct session *session)
{
    free(session_shell(session, "mkdir -p \"$XDG_CONFIG_HOME/refpoint/themes\";"
                                "echo 'normal = { fg = 252; }; error = { fg = 201; fg16 = 5; };'"
                                "    > \"$XDG_CONFIG_HOME/refpoint/themes/zebra.theme\";"
                                "echo 'theme = \"zebra\";' > \"$XDG_CONFIG_HOME/refpoint/refpoint.cfg\""));
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    terminal_wait_text(terminal, "web-prod");
    terminal_sync(terminal);
    terminal_press(terminal, "G");
    terminal_wait_text(terminal, "Points of web-prod ── 4");
    terminal_wait_text(terminal, "! damaged");
    size_t length = 0;
    const char *stream = terminal_stream(terminal, &length);
    const char *row = memmem(stream, length, "! damaged", 9);
    assert_non_null(row);
    /* The last colour before it. */
    const char *colour = NULL;
    for (const char *at = stream; (at = memmem(at, (size_t)(row - at), "38;5;", 5)) != NULL; at++)
        colour = at;
    assert_non_null(colour);
    assert_memory_equal(colour, "38;5;201", 8);
    session_leave(terminal);
}

static void assert_refused(struct terminal *terminal, const char *key)
{
    terminal_press(terminal, key);
    terminal_wait_text(terminal, "is damaged, nothing is done with it");
    assert_true(terminal_has_text(terminal, "Collections ── 2"));
}

/* Long sentences are broken where the screen ends. */
static char *text_without_breaks(struct terminal *terminal)
{
    char *text = terminal_text(terminal);
    size_t length = 0;
    for (const char *at = text; *at; at++) {
        bool blank = strchr(" \n", *at) != NULL;
        if (!blank || (length > 0 && text[length - 1] != ' '))
            text[length++] = blank ? ' ' : *at;
    }
    text[length] = '\0';
    return text;
}

static void assert_damaged(struct session *session, const char *reason)
{
    struct terminal *terminal = open_on_last(session);
    terminal_wait_text(terminal, "refpoint   ! 1 damaged  ");
    CLEANUP_FREE char *row = terminal_cursor_row(terminal);
    assert_non_null(strstr(row, "! damaged"));
    assert_false(terminal_has_text(terminal, "log removed"));
    assert_false(terminal_has_text(terminal, "e export")); /* what does nothing is not offered */
    assert_refused(terminal, "e");
    assert_refused(terminal, "d");
    assert_refused(terminal, "X");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "point   web-prod");
    terminal_wait_text(terminal, "(327");
    terminal_wait_text(terminal, "damaged");
    CLEANUP_FREE char *told = text_without_breaks(terminal);
    if (!strstr(told, reason) || !strstr(told, "\"refpoint store check\" tells all"))
        fail_msg("not the reason and the way on: %s", told);
    terminal_press(terminal, "e");
    terminal_wait_text(terminal, "Nothing is done with a point that cannot be read");
    terminal_press(terminal, "Esc");
    CLEANUP_FREE char *again = terminal_cursor_row(terminal);
    assert_non_null(strstr(again, "! damaged"));
    /* It is found by the word. */
    terminal_press(terminal, "/");
    terminal_enter(terminal, "damaged");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "1 of 4  /damaged");
    terminal_press(terminal, "Esc");
    static const char mend[] = "place=$(cat \"$ROOT/place\"); rm \"$place\"; cp \"$ROOT/sound\" \"$place\"";
    free(session_shell(session, mend));
    terminal_press(terminal, "r");
    terminal_wait_no_text(terminal, "damaged");
    free(session_shell(session, "\"$REFPOINT\" store check"));
    session_leave(terminal);
}

static void test_a_point_that_was_cut(void **state)
{
    struct session *session = *state;
    free(session_shell(session, PROD "cp \"$point\" \"$ROOT/sound\"; echo \"$PWD/$point\" > \"$ROOT/place\";"
                                     "sed -i '/^has_associated_log/,$d' \"$point\""));
    assert_in_colour_of_failure(session);
    assert_damaged(session, "has_associated_log");
}

static void test_a_point_that_is_a_fifo(void **state)
{
    struct session *session = *state;
    free(session_shell(session, PROD "cp \"$point\" \"$ROOT/sound\"; echo \"$PWD/$point\" > \"$ROOT/place\";"
                                     "rm \"$point\"; mkfifo \"$point\""));
    assert_damaged(session, "not a regular file");
}

/* The title tells it from wherever one is in the list. */
static void test_a_collection_and_a_machine(void **state)
{
    struct session *session = *state;
    free(session_shell(session,
                       PROD "cp \"$prod/collection.cfg\" \"$ROOT/sound\"; echo $prod > \"$ROOT/place\";"
                            "sed -i '/^members/d' \"$prod/collection.cfg\";"
                            "cd ../machines; one=$(grep -l 'name = \"Zo' */machine.cfg);"
                            "sed -i '/^disks/,$d' $one"));
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    terminal_wait_text(terminal, "refpoint   ! 2 damaged  ");
    terminal_sync(terminal);
    terminal_wait_text(terminal,
                       "the records of 1 of its machines"); /* a machine of the collection that is sound */
    terminal_press(terminal, "G");
    CLEANUP_FREE char *row = terminal_cursor_row(terminal);
    assert_non_null(strstr(row, ">web-prod"));
    assert_non_null(strstr(row, "! damaged"));
    terminal_wait_text(terminal, "the record of this collection");
    terminal_wait_text(terminal, "is missing");
    terminal_press(terminal, "n");
    terminal_wait_text(terminal, "This collection is damaged, nothing is done with it");
    terminal_press(terminal, "e");
    terminal_wait_text(terminal, "This collection is damaged, nothing is done with it");
    free(session_shell(session, "cp \"$ROOT/sound\""
                                "    \"$ROOT/own/store/collections/$(cat \"$ROOT/place\")/collection.cfg\""));
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "refpoint   ! 1 damaged  ");
    terminal_wait_text(terminal, "Points of web-prod ── 4");
    session_leave(terminal);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, session_tear_down)

static const struct CMUnitTest tests[] = {
    TEST(test_a_point_that_was_cut),
    TEST(test_a_point_that_is_a_fifo),
    TEST(test_a_collection_and_a_machine),
};

SESSION_MAIN(tests)
