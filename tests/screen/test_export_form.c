/* The export form on a real terminal: what it refuses and where it says so, completion, what is kept when it
 * is left, sizes, and that the command it shows does the same. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "tests/screen/session.h"

#define FLOOD ((size_t)100 * 1024) /* bytes, far more than a path has */

static struct terminal *open_points(struct session *session, int rows, int columns)
{
    struct terminal *terminal = session_open(session, rows, columns, NULL);
    terminal_wait_text(terminal, "web-prod");
    terminal_sync(terminal);
    terminal_press(terminal, "/");
    terminal_enter(terminal, "web");
    terminal_press(terminal, "Enter");
    terminal_press(terminal, "Tab");
    terminal_wait_text(terminal, "Points of web-prod");
    return terminal;
}

/* From the first screen to the form of web-prod's newest point. */
static struct terminal *open_form(struct session *session, int rows, int columns)
{
    struct terminal *terminal = open_points(session, rows, columns);
    terminal_press(terminal, "e");
    terminal_wait_text(terminal, "1 of 3");
    terminal_sync(terminal);
    return terminal;
}

static char *row_of(struct terminal *terminal, int row)
{
    CLEANUP_FREE char *text = terminal_text(terminal);
    const char *line = text;
    for (int i = 0; i < row; i++)
        line = strchr(line, '\n') + 1;
    return mem_strndup(line, strcspn(line, "\n"));
}

static bool cursor_is_on(struct terminal *terminal, const char *start)
{
    int row = 0;
    int column = 0;
    terminal_cursor(terminal, &row, &column);
    CLEANUP_FREE char *text = row_of(terminal, row);
    return strncmp(text, start, strlen(start)) == 0;
}

static void go_to(struct terminal *terminal, const char *start)
{
    for (int i = 0; i < 60 && !cursor_is_on(terminal, start); i++)
        terminal_press(terminal, "Down");
    if (!cursor_is_on(terminal, start))
        fail_msg("the cursor never came to \"%s\"", start);
}

static void expect_on(struct terminal *terminal, const char *start)
{
    if (!cursor_is_on(terminal, start)) {
        CLEANUP_FREE char *text = terminal_text(terminal);
        fail_msg("the cursor is not on \"%s\":\n%s", start, text);
    }
}

static bool has_rung(struct terminal *terminal)
{
    size_t length = 0;
    const char *stream = terminal_stream(terminal, &length);
    return memchr(stream, '\a', length) != NULL;
}

static void test_tab_completes_lists_and_moves_on(void **state)
{
    struct session *session = *state;
    free(session_shell(session, "mkdir \"$EXPORTS/alpha\" \"$EXPORTS/alpine\" \"$EXPORTS/alpine/deep er\""));
    struct terminal *terminal = open_form(session, 24, 80);
    terminal_enter(terminal, session->exports);
    terminal_enter(terminal, "/a");
    terminal_press(terminal, "Tab");
    CLEANUP_FREE char *completed = mem_format("%s/alp ", session->exports);
    terminal_wait_text(terminal, completed);
    terminal_wait_text(terminal, "Down chooses, Enter takes");
    expect_on(terminal, " Directory");
    terminal_press(terminal, "Tab"); /* nothing to add: on to what comes next */
    expect_on(terminal, "           < Create this directory >");
    terminal_press(terminal, "Shift-Tab");
    expect_on(terminal, " Directory");
    terminal_enter(terminal, "i");
    terminal_press(terminal, "Tab");
    CLEANUP_FREE char *whole = mem_format("%s/alpine/", session->exports);
    terminal_wait_text(terminal, whole);
    terminal_press(terminal, "Tab");
    terminal_wait_text(terminal, "alpine/deep er/");
    terminal_press(terminal, "Tab");
    expect_on(terminal, " Kind");
    terminal_wait_text(terminal, "free, writable");
    terminal_close(terminal);
}

/* The command of the review as a person copies it: the rows of its section. */
static char *copied_command(struct terminal *terminal)
{
    CLEANUP_FREE char *text = terminal_text(terminal);
    struct strbuf command = {0};
    const char *line = strstr(text, " Same as ");
    assert_non_null(line);
    for (line = strchr(line, '\n'); line && line[1] == ' ' && line[2] != ' ' && line[2] != '<';
         line = strchr(line + 1, '\n'))
        strbuf_addf(&command, "%.*s\n", (int)strcspn(line + 1, "\n"), line + 1);
    return strbuf_take(&command);
}

/* Where nothing was exported yet, a demo's form proposes the demo's own directory; what is typed takes its
 * place.
 */
static void test_a_first_directory_is_proposed(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_form(session, 24, 80);
    terminal_wait_text(terminal, "/demo/exports");
    terminal_wait_text(terminal, "proposed: what you type takes its place");
    terminal_wait_text(terminal, "< Review >");
    terminal_enter(terminal, session->exports);
    CLEANUP_FREE char *field = mem_format(" Directory  %s", session->exports);
    terminal_wait_text(terminal, field);
    assert_false(terminal_has_text(terminal, "proposed"));
    terminal_close(terminal);
}

static void test_candidates_are_chosen_with_arrows(void **state)
{
    struct session *session = *state;
    free(session_shell(session, "mkdir \"$EXPORTS/alpha\" \"$EXPORTS/alpine\" \"$EXPORTS/alpine/deep er\""));
    struct terminal *terminal = open_form(session, 24, 80);
    terminal_enter(terminal, session->exports);
    terminal_enter(terminal, "/a");
    terminal_press(terminal, "Tab");
    terminal_wait_text(terminal, "Down choose  Enter take  Esc close the list");
    terminal_press(terminal, "Down");
    expect_on(terminal, "           >alpha/");
    terminal_press(terminal, "Down Down Down"); /* behind the last one there is nothing */
    expect_on(terminal, "           >alpine/");
    terminal_press(terminal, "Up Up");
    expect_on(terminal, " Directory");
    terminal_press(terminal, "Esc"); /* the list, not the form */
    assert_false(terminal_has_text(terminal, "alpine/"));
    terminal_press(terminal, "Tab");
    terminal_press(terminal, "Down Down Enter");
    CLEANUP_FREE char *taken = mem_format("%s/alpine/", session->exports);
    terminal_wait_text(terminal, taken);
    expect_on(terminal, " Directory");
    terminal_press(terminal, "Tab"); /* goes on from there */
    terminal_wait_text(terminal, "alpine/deep er/");
    terminal_close(terminal);
}

/* From wherever the focus is; and where something is in the way, to that. */
static void test_a_key_leads_to_the_review(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_form(session, 24, 80);
    terminal_enter(terminal, session->exports);
    terminal_wait_text(terminal, "F9 review");
    terminal_press(terminal, "F9");
    terminal_wait_text(terminal, "2 of 3");
    terminal_press(terminal, "Enter"); /* the focus is on Back */
    terminal_wait_text(terminal, "1 of 3");
    go_to(terminal, " Format");
    terminal_wait_text(terminal, "R review");
    terminal_press(terminal, "R");
    terminal_wait_text(terminal, "2 of 3");
    terminal_press(terminal, "Esc");
    go_to(terminal, " Verify");
    terminal_press(terminal, "Right");
    terminal_enter(terminal, "fast");
    terminal_press(terminal, "Home Up Up");
    terminal_press(terminal, "R");
    terminal_wait_text(terminal, "\"fast\" is not a rate (32773 Invalid parameter)");
    expect_on(terminal, " Verify");
    terminal_press(terminal, "End Ctrl-u Ctrl-n");
    terminal_wait_text(terminal, "2 of 3");
    assert_int_equal(session_count_exports(session), 0);
    terminal_close(terminal);
}

static void test_wrong_base_is_refused_in_place(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_form(session, 44, 80);
    terminal_enter(terminal, session->exports);
    go_to(terminal, " Kind");
    terminal_press(terminal, "Left");
    terminal_wait_text(terminal, "! no package of the base point");
    terminal_wait_text(terminal, "missing: no package of it is there");
    terminal_wait_text(terminal, "Base must be mended first");
    terminal_press(terminal, "Down");
    expect_on(terminal, " Base ");
    terminal_press(terminal, "Space");
    terminal_wait_text(terminal, "Older points");
    terminal_wait_text(terminal, "> ");
    terminal_press(terminal, "Esc");
    /* Review leads to what is in the way. */
    go_to(terminal, " < Back >");
    terminal_press(terminal, "End");
    terminal_press(terminal, "Enter");
    expect_on(terminal, " Base ");

    free(session_shell(session, "\"$REFPOINT\" export web-prod tuesday --to \"$EXPORTS\" --only web01"));
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "< Review >");
    go_to(terminal, " Format");
    go_to(terminal, " < Back >");
    terminal_press(terminal, "End");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "2 of 3");
    terminal_wait_text(terminal, "differential, since");
    terminal_wait_text(terminal, "web01/vda            differential");
    terminal_wait_text(terminal, "because"); /* the others are not in the base's package */
    CLEANUP_FREE char *command = copied_command(terminal);
    terminal_press(terminal, "Tab");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "state 7 Completed");
    terminal_sync(terminal);
    assert_true(has_rung(terminal)); /* "When done [x] bell" */
    terminal_close(terminal);
    assert_int_equal(session_count_exports(session), 2);

    /* The same by the command that was shown: another package of the same kinds. */
    CLEANUP_FREE char *kinds = session_shell(
        session,
        "cd \"$EXPORTS\"; first=$(ls -t | head -n 1); \"$REFPOINT\" package show \"$EXPORTS/$first\" "
        "--json | jq -c '[.disks[] | [.machine, .disk, .kind]]'");
    CLEANUP_FREE char *script =
        mem_format("refpoint() { \"$REFPOINT\" \"$@\"; }\n%s\ncd \"$EXPORTS\"; last=$(ls -t | head -n 1);"
                   "\"$REFPOINT\" package show \"$EXPORTS/$last\" --json | jq -c '[.disks[] | [.machine, "
                   ".disk, .kind]]' | "
                   "tail -n 1",
                   command);
    CLEANUP_FREE char *output = session_shell(session, script);
    assert_int_equal(session_count_exports(session), 3);
    assert_non_null(strstr(kinds, "differential"));
    assert_non_null(strstr(output, kinds));
}

/* Whoever only ever presses Enter comes to the review, with every choice as it was proposed, and starts
 * nothing. */
static void test_enter_goes_on_and_changes_no_choice(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_form(session, 24, 80);
    terminal_enter(terminal, session->exports);
    for (int i = 0; i < 30 && !cursor_is_on(terminal, " < Back >"); i++)
        terminal_press(terminal, "Enter");
    expect_on(terminal, " < Back >");
    terminal_wait_text(terminal, " Kind      ( ) differential  (o) full");
    terminal_wait_text(terminal, "[x] web01");
    terminal_wait_text(terminal, "MiB/s    When done [x] bell");
    terminal_press(terminal, "Up");
    terminal_wait_text(terminal, "Space toggle  Enter next");
    terminal_press(terminal, "End");
    for (int i = 0; i < 3; i++) {
        terminal_press(terminal, "Enter");
        terminal_wait_text(terminal, "2 of 3");
        terminal_press(terminal, "Enter");
        terminal_wait_text(terminal, "1 of 3");
    }
    assert_int_equal(session_count_exports(session), 0);
    terminal_close(terminal);
}

static void test_what_is_left_is_kept(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_form(session, 24, 80);
    terminal_enter(terminal, session->exports);
    go_to(terminal, ">[x] db01");
    terminal_press(terminal, "Right Space");
    terminal_wait_text(terminal, "[-] db01");
    terminal_wait_text(terminal, "3 machines, 3 disks");
    terminal_wait_text(terminal, "--only db01/vda");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Points of web-prod");
    terminal_press(terminal, "e");
    terminal_wait_text(terminal, "[-] db01");
    terminal_wait_text(terminal, session->exports);
    go_to(terminal, ">[x] web01");
    terminal_press(terminal, "a");
    terminal_wait_text(terminal, "[x] db01");
    terminal_press(terminal, "a");
    terminal_wait_text(terminal, "! no disk is selected (32773 Invalid parameter)");
    terminal_wait_text(terminal, "Include must be mended first");
    assert_false(has_rung(terminal));
    terminal_close(terminal);
}

static void test_small_and_smaller(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_form(session, 16, 60);
    terminal_enter(terminal, session->exports);
    terminal_wait_text(terminal, "free, writable");
    go_to(terminal, " Verify");
    terminal_press(terminal, "Right");
    terminal_enter(terminal, "fast");
    terminal_press(terminal, "BackSpace");
    terminal_wait_text(terminal, "\"fas\" is not a rate");
    expect_on(terminal, " Verify");
    terminal_wait_text(terminal, "< Review: mend Limit first >");
    terminal_wait_text(terminal, "Esc back"); /* the way out is told at 60 columns too */
    terminal_wait_text(terminal, "F1 help");
    terminal_press(terminal, "F1"); /* help, also where characters are text */
    terminal_wait_text(terminal, "Keys of");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "\"fas\" is not a rate");
    terminal_resize(terminal, 10, 40);
    terminal_wait_text(terminal, "60 columns and 16 rows");
    terminal_press(terminal, "Esc"); /* ignored */
    terminal_resize(terminal, 24, 80);
    terminal_wait_text(terminal, "1 of 3");
    terminal_sync(terminal);
    expect_on(terminal, " Verify");
    terminal_wait_text(terminal, "\"fas\" is not a rate");
    terminal_wait_text(terminal, "Limit must be mended first");
    terminal_close(terminal);
}

/* The keys that are told are those that work: where characters are text, "?" is one. */
static void test_characters_are_text_in_a_text_field(void **state)
{
    struct terminal *terminal = open_form(*state, 24, 80);
    terminal_enter(terminal, "/what?");
    terminal_wait_text(terminal, " /what? ");
    terminal_wait_text(terminal, "F1 help");
    assert_false(terminal_has_text(terminal, "? help"));
    terminal_press(terminal, "F1");
    terminal_wait_text(terminal, "Keys of Export");
    terminal_wait_text(terminal, "? help");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, " /what? ");
    go_to(terminal, " Kind");
    terminal_wait_text(terminal, "? help");
    assert_false(terminal_has_text(terminal, "F1 help"));
    terminal_close(terminal);
}

/* All of it is at the terminal before the program looks: the form cannot have been read when the keys come.
 */
static void type_at_once(struct terminal *terminal, const char *before, const char *text, const char *behind)
{
    assert_int_equal(kill(terminal_pid(terminal), SIGSTOP), 0);
    terminal_keys(terminal, before);
    terminal_type(terminal, text);
    terminal_keys(terminal, behind);
    assert_int_equal(kill(terminal_pid(terminal), SIGCONT), 0);
    terminal_sync(terminal);
}

static void test_what_is_typed_ahead_is_not_lost(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_points(session, 24, 80);
    type_at_once(terminal, "e", "/srv/q?xJ", "BackSpace Left D");
    terminal_wait_text(terminal, " /srv/q?Dx "); /* text, whatever the letters do elsewhere */
    expect_on(terminal, " Directory");
    terminal_press(terminal, "F1");
    terminal_wait_text(terminal, "Keys of Export");
    terminal_close(terminal);
}

/* As far as the review at most, whose first Enter goes back. */
static void test_what_is_typed_ahead_starts_nothing(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_points(session, 24, 80);
    type_at_once(terminal, "e", session->exports, "Enter End Enter");
    terminal_wait_text(terminal, "2 of 3");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "1 of 3");
    terminal_press(terminal, "Esc");
    type_at_once(terminal, "e", "x", "Enter Enter Space Enter Down Enter Enter");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Points of web-prod");
    assert_int_equal(session_count_exports(session), 0);
    terminal_close(terminal);
}

/* As a serial console pastes: without brackets, faster than anything can be drawn, far more than a path. */
static void test_a_flood_of_text_is_taken_as_it_comes(void **state)
{
    struct terminal *terminal = open_form(*state, 24, 80);
    CLEANUP_FREE char *flood = mem_alloc(FLOOD + 1);
    memset(flood, 'a', FLOOD);
    long before = terminal_processor_ms(terminal);
    terminal_pour(terminal, flood);
    terminal_press(terminal, "Ctrl-u");
    terminal_enter(terminal, "/srv/short");
    assert_true(terminal_has_text(terminal, " /srv/short "));
    assert_in_range(terminal_processor_ms(terminal) - before, 0, 2000); /* 40 s where each key measures all */
    terminal_close(terminal);
}

static void test_what_a_paste_loses_is_told_beneath_the_field(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_form(session, 24, 80);
    CLEANUP_FREE char *with_breaks = mem_format("%s\n\tx\r\n", session->exports);
    terminal_paste(terminal, with_breaks);
    CLEANUP_FREE char *field = mem_format(" %sx ", session->exports);
    terminal_wait_text(terminal, field);
    terminal_wait_text(terminal, "left out of what was pasted: 2 line breaks, 1 tab");
    terminal_press(terminal, "BackSpace");
    assert_false(terminal_has_text(terminal, "left out"));
    CLEANUP_FREE char *endless = mem_alloc(FLOOD + 1);
    memset(endless, 'a', FLOOD);
    terminal_paste(terminal, endless);
    terminal_wait_text(terminal, "not taken: it is too long, at most 4095 bytes fit here");
    terminal_wait_text(terminal, "free, writable"); /* of what was there before */
    expect_on(terminal, " Directory");
    terminal_close(terminal);
}

/* Esc leaves the form; a key with Alt is not Esc and a key. */
static void test_alt_leaves_nothing_and_two_escapes_are_two(void **state)
{
    struct terminal *terminal = open_form(*state, 24, 80);
    terminal_enter(terminal, "/srv/web");
    terminal_press(terminal, "Alt-BackSpace");
    terminal_enter(terminal, "1");
    terminal_wait_text(terminal, " /srv/web1 ");
    terminal_press(terminal, "F1");
    terminal_wait_text(terminal, "Keys of Export");
    terminal_pour(terminal, "\033\033"); /* at once */
    terminal_sync(terminal);
    terminal_wait_text(terminal, "Points of web-prod");
    assert_false(terminal_has_text(terminal, "1 of 3"));
    terminal_close(terminal);
}

/* The harness's HOME is the test's own directory. */
static void test_a_tilde_is_the_home_directory(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_form(session, 24, 80);
    terminal_enter(terminal, "~/exports/new");
    CLEANUP_FREE char *command = mem_format("--to %s/new", session->exports);
    terminal_wait_text(terminal, command);
    go_to(terminal, "           < Create this directory >");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "free, writable");
    free(session_shell(session, "test -d \"$EXPORTS/new\""));
    terminal_press(terminal, "Ctrl-u");
    terminal_enter(terminal, "~nobody/x");
    terminal_wait_text(terminal, "the directory must begin with / or ~/");
    terminal_close(terminal);
}

static void test_space_keeps_what_was_chosen(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_form(session, 44, 80);
    terminal_enter(terminal, session->exports);
    go_to(terminal, " Format");
    terminal_wait_text(terminal, "Left choose  Right choose");
    terminal_press(terminal, "Right Space");
    terminal_wait_text(terminal, "( ) qcow2  (o) raw");
    terminal_wait_text(terminal, "Left and Right choose another");
    terminal_press(terminal, "Left Space");
    terminal_wait_text(terminal, "(o) qcow2  ( ) raw");
    free(session_shell(session, "\"$REFPOINT\" export web-prod tuesday --to \"$EXPORTS\" --only web01"));
    go_to(terminal, " < Back >");
    terminal_press(terminal, "Home");
    go_to(terminal, " Kind");
    terminal_press(terminal, "Left Space");
    terminal_wait_text(terminal, " Kind      (o) differential  ( ) full");
    go_to(terminal, " Base read");
    terminal_press(terminal, "Right Space");
    terminal_wait_text(terminal, "( ) if needed  (o) again  ( ) never");
    terminal_press(terminal, "Right Right"); /* behind the last one there is nothing */
    terminal_wait_text(terminal, "( ) if needed  ( ) again  (o) never");
    terminal_press(terminal, "Left Left Space");
    terminal_wait_text(terminal, "(o) if needed  ( ) again  ( ) never");
    go_to(terminal, " Verify");
    terminal_wait_text(terminal, "Space toggle");
    terminal_close(terminal);
}

static const struct CMUnitTest tests[] = {
    SESSION_TEST(test_space_keeps_what_was_chosen),
    SESSION_TEST(test_a_tilde_is_the_home_directory),
    SESSION_TEST(test_alt_leaves_nothing_and_two_escapes_are_two),
    SESSION_TEST(test_what_a_paste_loses_is_told_beneath_the_field),
    SESSION_TEST(test_a_flood_of_text_is_taken_as_it_comes),
    SESSION_TEST(test_what_is_typed_ahead_is_not_lost),
    SESSION_TEST(test_what_is_typed_ahead_starts_nothing),
    SESSION_TEST(test_characters_are_text_in_a_text_field),
    SESSION_TEST(test_tab_completes_lists_and_moves_on),
    SESSION_TEST(test_a_first_directory_is_proposed),
    SESSION_TEST(test_candidates_are_chosen_with_arrows),
    SESSION_TEST(test_a_key_leads_to_the_review),
    SESSION_TEST(test_wrong_base_is_refused_in_place),
    SESSION_TEST(test_enter_goes_on_and_changes_no_choice),
    SESSION_TEST(test_what_is_left_is_kept),
    SESSION_TEST(test_small_and_smaller),
};

SESSION_MAIN(tests)
