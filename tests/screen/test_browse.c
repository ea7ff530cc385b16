/* The first screen and those around it: filter, panes, help, a point, the empty store, hostile names, every
 * size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

static void test_filter(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "web-prod");
    terminal_press(terminal, "/");
    /* What is told is what the keys do now. */
    terminal_wait_text(terminal, "Esc leave the filter");
    terminal_wait_text(terminal, "F1 help");
    assert_false(terminal_has_text(terminal, "e export"));
    assert_false(terminal_has_text(terminal, "? help"));
    terminal_type(terminal, "WEB-PR");
    terminal_wait_text(terminal, "1 of 2  /WEB-PR");
    terminal_wait_text(terminal, "Enter keep the filter  Esc clear it");
    terminal_sync(terminal);
    terminal_wait_text(terminal, "Points of web-prod");
    /* Letters are text here, whatever they do elsewhere. */
    terminal_type(terminal, "qxJ");
    terminal_wait_text(terminal, "No name matches");
    terminal_sync(terminal);
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "2 of 2  /");
    terminal_press(terminal, "Esc");
    terminal_wait_no_text(terminal, "2 of 2");
    session_leave(terminal);
}

static void test_the_cursor_is_on_the_focused_row(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "web-prod");
    int row = 0;
    int column = 0;
    terminal_cursor(terminal, &row, &column);
    assert_int_equal(row, 3);
    assert_int_equal(column, 0);
    terminal_press(terminal, "Down");
    terminal_cursor(terminal, &row, &column);
    assert_int_equal(row, 4);
    terminal_press(terminal, "Tab");
    terminal_cursor(terminal, &row, &column);
    assert_int_equal(row, 3);
    assert_true(column > 30);
    terminal_press(terminal, "G");
    terminal_cursor(terminal, &row, &column);
    assert_int_equal(row, 6); /* four points */
    session_leave(terminal);
}

static void test_help_and_a_point(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "web-prod");
    terminal_press(terminal, "?");
    terminal_wait_text(terminal, "Keys of Browse");
    terminal_wait_text(terminal, "Export the selected point");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Collections");
    terminal_press(terminal, "/");
    terminal_type(terminal, "web");
    terminal_press(terminal, "Enter Tab");
    terminal_wait_text(terminal, "Points of web-prod ── 4");
    terminal_press(terminal, "G");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "point   web-prod");
    terminal_wait_text(terminal, "nothing: this is the collection's first point");
    terminal_wait_text(terminal, "log based (1)");
    terminal_wait_text(terminal, "Machine   web01");
    terminal_press(terminal, "Esc");
    terminal_press(terminal, "Esc"); /* the first one clears the filter's place, or goes to the left pane */
    session_leave(terminal);
}

/* Whether what stands beside the frame's sign is a blank or the edge, on both sides of a row. */
static void assert_alone(const char *line, const char *left, const char *right)
{
    const char *begin = strstr(line, left);
    const char *end = NULL;
    for (const char *at = begin; at; at = strstr(at + 1, right))
        end = at;
    if (!begin || !end || end == begin)
        fail_msg("no frame in: %s", line);
    if ((begin > line && begin[-1] != ' ') || (end[strlen(right)] && end[strlen(right)] != ' '))
        fail_msg("something touches the frame in: %s", line);
}

static void assert_frame_is_alone(struct terminal *terminal)
{
    CLEANUP_FREE char *text = terminal_text(terminal);
    bool within = false;
    size_t rows = 0;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        bool top = strstr(line, "┌") != NULL;
        bool bottom = strstr(line, "└") != NULL;
        within = within || top;
        if (!within)
            continue;
        rows++;
        assert_alone(line, top ? "┌" : bottom ? "└" : "│", top ? "┐" : bottom ? "┘" : "│");
        within = !bottom;
    }
    assert_true(rows > 4);
    assert_false(within);
}

/* Over the lists and the rule above a running job, at both sizes that the pictures are made for. */
static void test_dialogs_touch_nothing(void **state)
{
    struct session *session = *state;
    static const int sizes[][2] = {{24, 80}, {16, 60}};
    free(session_shell(session,
                       "point=$($REFPOINT point list web-prod --json | jq -rs '.[-1].id');"
                       "$REFPOINT export web-prod $point --to \"$EXPORTS\" --rate 128K --detach >/dev/null"));
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
        struct terminal *terminal = session_open_at(session, sizes[i][0], sizes[i][1], "web-prod");
        terminal_press(terminal, "x");
        terminal_wait_text(terminal, "Yes, cancel the job");
        terminal_sync(terminal);
        assert_frame_is_alone(terminal);
        terminal_press(terminal, "Esc H");
        terminal_wait_text(terminal, "shown now");
        terminal_sync(terminal);
        assert_frame_is_alone(terminal);
        terminal_close(terminal);
    }
}

static void test_palette(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "web-prod");
    terminal_press(terminal, ":");
    terminal_wait_text(terminal, "Enter do it  Esc back  F1 help");
    terminal_wait_text(terminal, "Export the selected point");
    terminal_sync(terminal);
    assert_frame_is_alone(terminal);
    terminal_type(terminal, "jobs all");
    terminal_wait_text(terminal, "Enter do it  Esc clear");
    terminal_wait_text(terminal, "> Show all jobs, finished ones too");
    terminal_sync(terminal);
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "No jobs yet");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Collections ── 2");
    terminal_press(terminal, ":");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Collections ── 2");
    terminal_press(terminal, ":");
    terminal_type(terminal, "leave the");
    terminal_sync(terminal);
    terminal_keys(terminal, "Enter"); /* quit: nothing runs, so nothing is asked */
    assert_int_equal(terminal_wait_end(terminal), 0);
    terminal_close(terminal);
}

static void test_the_palette_knows_points_and_says_what_is_not_here(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "no copy");
    terminal_press(terminal, ":");
    terminal_type(terminal, "BURO"); /* as whoever has no such keys types it */
    terminal_wait_text(terminal, "> büro-テスト");
    terminal_press(terminal, "Esc");
    terminal_type(terminal, "mon web");
    terminal_wait_text(terminal, "> monday · web-prod");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "Name      monday");
    terminal_press(terminal, ":");
    terminal_type(terminal, "export web-prod tues");
    terminal_wait_text(terminal, "> Export tuesday · web-prod");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "1 of 3 settings");
    /* A form is not closed by going elsewhere, nor by that from a screen above it. */
    terminal_press(terminal, "Shift-Tab :");
    terminal_type(terminal, "monday");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "What is being filled in would be lost");
    terminal_press(terminal, "Esc Esc");
    terminal_wait_text(terminal, "1 of 3 settings");
    terminal_press(terminal, "Esc :");
    terminal_type(terminal, "pause");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "Not here: pauses a job from the list of jobs.");
    terminal_press(terminal, "Esc Esc");
    session_leave(terminal);
}

static void test_a_theme_is_shown_at_once_and_kept_by_choice(void **state)
{
    struct session *session = *state;
    free(session_shell(
        session, "mkdir -p \"$XDG_CONFIG_HOME/refpoint/themes\"; cd \"$XDG_CONFIG_HOME/refpoint/themes\";"
                 "echo 'normal = { fg = 252; }; heading-focused = { fg = 201; fg16 = 5; };' > zebra.theme"));
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_press(terminal, "T");
    terminal_wait_text(terminal, "colour-blind-safe");
    terminal_wait_text(terminal, "zebra");
    terminal_press(terminal, "G");
    size_t length = 0;
    const char *stream = terminal_stream(terminal, &length);
    assert_non_null(memmem(stream, length, "38;5;201", 8));
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "The theme \"zebra\" is kept");
    CLEANUP_FREE char *kept = session_shell(session, "cat \"$XDG_CONFIG_HOME/refpoint/refpoint.cfg\"");
    assert_non_null(strstr(kept, "theme = \"zebra\""));
    /* Saving its file restyles at once; a mistake in it is named, and changes nothing. */
    free(session_shell(session, "echo 'normal = { fg = 252; }; no-such-role = { fg = 1; };' > "
                                "\"$XDG_CONFIG_HOME/refpoint/themes/zebra.theme\""));
    terminal_wait_text(terminal, "no-such-role");
    terminal_sync(terminal);
    session_leave(terminal);
}

/* Every size from too small to wide: the title keeps its help, nothing is lost on the way back. */
static void test_every_size(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "web-prod");
    for (int rows = 10; rows <= 40; rows += 3) {
        for (int columns = 50; columns <= 130; columns += 10) {
            terminal_resize(terminal, rows, columns);
            if (rows < 16 || columns < 60) {
                terminal_wait_text(terminal, "needs 60 columns and");
                continue;
            }
            terminal_wait_text(terminal, "? help");
            terminal_wait_text(terminal, "Collections ── 2");
            terminal_wait_text(terminal, "Points of");
        }
    }
    session_leave(terminal);
}

static void test_too_small_ignores_keys_and_recovers(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "web-prod");
    terminal_resize(terminal, 10, 40);
    terminal_press(terminal, "q J ? Tab Enter e x");
    terminal_resize(terminal, 24, 80);
    terminal_wait_text(terminal, "Collections ── 2");
    assert_false(terminal_has_text(terminal, "Keys of"));
    session_leave(terminal);
}

static void test_many_keys_at_once(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "web-prod");
    for (int i = 0; i < 500; i++)
        terminal_keys(terminal, "Down Up Tab");
    terminal_sync(terminal);
    terminal_wait_text(terminal, "Collections ── 2");
    session_leave(terminal);
}

static struct terminal *open_other_store(struct session *session, const char *store)
{
    CLEANUP_FREE char *variable = mem_format("REFPOINT_STORE=%s/%s", session->root, store);
    const char *extra[] = {variable, NULL};
    return session_open(session, 24, 80, extra);
}

static void test_an_empty_store_offers_what_to_do(void **state)
{
    struct terminal *terminal = open_other_store(*state, "nothing");
    terminal_wait_text(terminal, "There are no machines and no collections here yet.");
    terminal_wait_text(terminal, "m  Add a machine");
    terminal_wait_text(terminal, "t  Try everything");
    terminal_wait_text(terminal, "o  Open another store");
    terminal_sync(terminal);
    assert_false(terminal_has_text(terminal, "Enter open")); /* there is nothing to open */
    terminal_wait_text(terminal, "m machines");
    terminal_press(terminal, "e");
    terminal_wait_text(terminal, "There is nothing here yet that could be exported.");
    session_leave(terminal);
}

/* What lists replace by "?" is whole where the object is looked at. */
static void test_replaced_names_are_whole_in_the_detail(void **state)
{
    struct session *session = *state;
    free(session_shell(
        session, "export REFPOINT_STORE=\"$ROOT/whole\"; qemu-img create -q -f qcow2 \"$ROOT/a.qcow2\" 1M;"
                 "pair=$(printf '\\360\\237\\221\\250\\342\\200\\215\\360\\237\\221\\251');"
                 "\"$REFPOINT\" machine add \"m $pair\" --disk \"vda=qcow2:$ROOT/a.qcow2\" >/dev/null;"
                 "\"$REFPOINT\" collection define \"c $pair\" --member \"m $pair\" >/dev/null;"
                 "\"$REFPOINT\" point create \"c $pair\" --name \"p $pair\" >/dev/null;"
                 "\"$REFPOINT\" export \"c $pair\" \"p $pair\" --to \"$EXPORTS\" >/dev/null"));
    struct terminal *terminal = open_other_store(session, "whole");
    terminal_wait_text(terminal, ">c ?");
    terminal_wait_text(terminal, "c \\u{1f468}\\u{200d}\\u{1f469}");
    terminal_sync(terminal);
    terminal_press(terminal, "Tab");
    terminal_wait_text(terminal, "p \\u{1f468}\\u{200d}\\u{1f469}");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "point   c ?");
    terminal_wait_text(terminal, "p \\u{1f468}\\u{200d}\\u{1f469}");
    terminal_wait_text(terminal, "c \\u{1f468}\\u{200d}\\u{1f469}");
    terminal_wait_text(terminal, "m \\u{1f468}\\u{200d}\\u{1f469}");
    terminal_press(terminal, "J Enter");
    terminal_wait_text(terminal, "✓ completed");
    terminal_wait_text(terminal, "c \\u{1f468}\\u{200d}\\u{1f469} @ p \\u{1f468}\\u{200d}\\u{1f469}");
    session_leave(terminal);
}

/* What is said of a difference is what can be said of all that it stands on. */
static void test_a_difference_is_worth_its_base(void **state)
{
    struct session *session = *state;
    free(session_shell(session,
                       "\"$REFPOINT\" export web-prod installed --to \"$EXPORTS\" >/dev/null;"
                       "ls \"$EXPORTS\" > \"$ROOT/full\"; mkdir \"$ROOT/away\";"
                       "\"$REFPOINT\" export web-prod monday --to \"$EXPORTS\" --base installed >/dev/null"));
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_press(terminal, "G");
    terminal_wait_text(terminal, "Points of web-prod ── 4");
    terminal_press(terminal, "Tab Down Down");
    terminal_wait_text(terminal, "differential, verified just now");
    CLEANUP_FREE char *row = terminal_cursor_row(terminal);
    assert_non_null(strstr(row, ">monday"));
    assert_non_null(strstr(row, "✓ now"));
    free(session_shell(session, "mv \"$EXPORTS/$(cat \"$ROOT/full\")\" \"$ROOT/away\""));
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "✗ no base");
    terminal_wait_text(terminal, "✗ gone");
    terminal_wait_text(terminal, "useless: a package that it stands on is");
    /* It is there again, but somebody has touched it. */
    free(session_shell(session, "mv \"$ROOT/away/$(cat \"$ROOT/full\")\" \"$EXPORTS\";"
                                "cd \"$EXPORTS/$(cat \"$ROOT/full\")\"; chmod u+w reference-point.cfg;"
                                "touch reference-point.cfg"));
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "differential, touched since it was verified");
    terminal_wait_no_text(terminal, "✓");
    session_leave(terminal);
}

static void test_hostile_names(void **state)
{
    struct session *session = *state;
    free(session_shell(
        session, "export REFPOINT_STORE=\"$ROOT/hostile\"; qemu-img create -q -f qcow2 \"$ROOT/a.qcow2\" 1M;"
                 "\"$REFPOINT\" machine add m --disk \"vda=qcow2:$ROOT/a.qcow2\" >/dev/null;"
                 "\"$REFPOINT\" collection define \"$(printf 'a\\033[2Jb\\nc')\" --member m >/dev/null;"
                 "\"$REFPOINT\" collection define \"$(printf '%0200d' 7)\" --member m >/dev/null;"
                 "\"$REFPOINT\" collection define \"$(printf 'テスト')\" --member m >/dev/null"));
    struct terminal *terminal = open_other_store(session, "hostile");
    terminal_wait_text(terminal, "Collections ── 3");
    terminal_wait_text(terminal, "Points of 0000000000000000000000000000"); /* cut, and marked */
    terminal_wait_text(terminal, "0… ");
    terminal_press(terminal, "Down Down");
    terminal_wait_text(terminal, "Points of テスト");
    terminal_wait_text(terminal, "a\\x1b[2Jb");
    terminal_wait_text(terminal, "テスト");
    terminal_wait_text(terminal, "No points yet.");
    terminal_sync(terminal);
    size_t length = 0;
    const char *stream = terminal_stream(terminal, &length);
    assert_null(memmem(stream, length, "\033[2Jb", 5));
    session_leave(terminal);
}

static void test_a_broken_store_says_why(void **state)
{
    struct session *session = *state;
    free(session_shell(session, "mkdir -p \"$ROOT/broken\"; : > \"$ROOT/broken/collections\""));
    struct terminal *terminal = open_other_store(session, "broken");
    terminal_wait_text(terminal, "(32"); /* a number of the contract and its words, behind the sentence */
    terminal_sync(terminal);
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "(32");
    session_leave(terminal);
}

/* What cannot be read must not look as if it had never been there. */
static void test_damaged_records_are_told(void **state)
{
    struct session *session = *state;
    CLEANUP_FREE char *made = session_shell(
        session, "cp -r \"$REFPOINT_STORE\" \"$ROOT/damaged\"; cd \"$ROOT/damaged\"/collections;"
                 "prod=$(grep -l 'name = \"web-prod\"' */collection.cfg | cut -d / -f 1);"
                 "point=$(ls -d \"$prod\"/points/* | head -n 1); : > \"$point/point.cfg\";"
                 "export REFPOINT_STORE=\"$ROOT/damaged\";"
                 "\"$REFPOINT\" point list web-prod 2>&1 | grep -c '1 point cannot be read' ");
    assert_string_equal(made, "1\n");
    struct terminal *terminal = open_other_store(session, "damaged");
    terminal_wait_text(terminal, "web-prod");
    terminal_sync(terminal);
    terminal_press(terminal, "Down");
    terminal_wait_text(terminal, "Points of web-prod ── 4");
    terminal_wait_text(terminal, "! 1 point cannot be read");
    terminal_wait_text(terminal, "! damaged"); /* the last row */
    terminal_wait_text(terminal, "refpoint   ! 1 damaged  ");
    terminal_press(terminal, "Up");
    assert_false(terminal_has_text(terminal, "! 1 point cannot be read"));
    /* All of them: the store is not empty. */
    free(session_shell(session, "cd \"$ROOT/damaged\"/collections; for file in */collection.cfg; do"
                                " echo 'name = 1' > \"$file\"; done"));
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "! 2 collections cannot be read");
    assert_false(terminal_has_text(terminal, "no collection"));
    terminal_resize(terminal, 16, 60);
    terminal_wait_text(terminal, "! 2 collections cannot be read");
    session_leave(terminal);
}

static void test_every_screen_comes_back_from_every_size(void **state)
{
    struct terminal *terminal = session_open_at(*state, 24, 80, "web-prod");
    static const char *const screens[] = {"", "?", "Esc J", "Esc Tab e"};
    static const int sizes[][2] = {{16, 60}, {15, 60}, {16, 59},  {1, 1},   {2, 200}, {100, 10},
                                   {17, 61}, {20, 70}, {24, 200}, {60, 80}, {5, 300}, {24, 80}};
    for (size_t screen = 0; screen < ARRAY_LENGTH(screens); screen++) {
        terminal_keys(terminal, screens[screen]);
        terminal_sync(terminal);
        CLEANUP_FREE char *before = terminal_text(terminal);
        for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++)
            terminal_resize(terminal, sizes[i][0], sizes[i][1]);
        CLEANUP_FREE char *after = terminal_text(terminal);
        assert_string_equal(before, after);
    }
    terminal_close(terminal);
}

static const struct CMUnitTest tests[] = {
    SESSION_TEST(test_filter),
    SESSION_TEST(test_the_cursor_is_on_the_focused_row),
    SESSION_TEST(test_help_and_a_point),
    SESSION_TEST(test_dialogs_touch_nothing),
    SESSION_TEST(test_palette),
    SESSION_TEST(test_the_palette_knows_points_and_says_what_is_not_here),
    SESSION_TEST(test_a_theme_is_shown_at_once_and_kept_by_choice),
    SESSION_TEST(test_every_size),
    SESSION_TEST(test_every_screen_comes_back_from_every_size),
    SESSION_TEST(test_too_small_ignores_keys_and_recovers),
    SESSION_TEST(test_many_keys_at_once),
    SESSION_TEST(test_an_empty_store_offers_what_to_do),
    SESSION_TEST(test_a_difference_is_worth_its_base),
    SESSION_TEST(test_hostile_names),
    SESSION_TEST(test_replaced_names_are_whole_in_the_detail),
    SESSION_TEST(test_a_broken_store_says_why),
    SESSION_TEST(test_damaged_records_are_told),
};

SESSION_MAIN(tests)
