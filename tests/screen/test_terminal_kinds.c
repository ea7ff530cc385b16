/* The screen on terminals of every kind and size, and how it leaves them. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

static int set_up(void **state)
{
    *state = session_new(session_program, session_demo);
    return 0;
}

static int tear_down(void **state)
{
    session_free(*state);
    return 0;
}

static void wait_browse(struct terminal *terminal)
{
    terminal_wait_text(terminal, "web-prod", 20);
    terminal_sync(terminal);
}

/* Whether the program ever chose a colour: SGR 30..49, 90..107, or a change of the palette (OSC 4). */
static bool stream_has_colour(struct terminal *terminal)
{
    size_t length = 0;
    const char *stream = terminal_stream(terminal, &length);
    for (size_t i = 0; i + 2 < length; i++) {
        if (stream[i] != '\033')
            continue;
        if (stream[i + 1] == ']' && stream[i + 2] == '4')
            return true;
        if (stream[i + 1] != '[')
            continue;
        size_t at = i + 2;
        while (at < length && (stream[at] == ';' || (stream[at] >= '0' && stream[at] <= '9')))
            at++;
        if (at >= length || stream[at] != 'm')
            continue;
        for (size_t number = i + 2; number < at;) {
            int value = atoi(stream + number);
            if ((value >= 30 && value <= 48) || (value >= 90 && value <= 107))
                return true;
            while (number < at && stream[number] != ';')
                number++;
            number++;
        }
    }
    return false;
}

static bool stream_ends_clean(struct terminal *terminal)
{
    size_t length = 0;
    const char *stream = terminal_stream(terminal, &length);
    const char *leave = "\033[?1049l";
    const char *show = "\033[?25h";
    return memmem(stream, length, leave, strlen(leave)) && !memmem(stream, length, "\033[?1000h", 8) &&
           (!memmem(stream, length, "\033[?25l", 6) || memmem(stream, length, show, strlen(show)));
}

static void test_no_color_sends_no_colour(void **state)
{
    struct session *session = *state;
    const char *extra[] = {"NO_COLOR=1", NULL};
    struct terminal *terminal = session_open(session, 24, 80, extra);
    wait_browse(terminal);
    terminal_keys(terminal, "Tab e");
    terminal_wait_text(terminal, "step 1 of 3", 20);
    terminal_sync(terminal);
    terminal_type(terminal, "/nowhere");
    terminal_wait_text(terminal, "32779", 20);
    terminal_sync(terminal);
    assert_false(stream_has_colour(terminal));
    terminal_close(terminal);

    struct terminal *coloured = session_open(session, 24, 80, NULL);
    wait_browse(coloured);
    terminal_keys(coloured, "Tab e");
    terminal_wait_text(coloured, "step 1 of 3", 20);
    terminal_sync(coloured);
    assert_true(stream_has_colour(coloured)); /* so that the check above can fail */
    terminal_close(coloured);
}

static void test_plain_locale_and_old_terminals(void **state)
{
    struct session *session = *state;
    static const char *const kinds[][2] = {{"TERM=xterm", "LANG=C"},
                                           {"TERM=vt220", "LANG=C"},
                                           {"TERM=linux", "LANG=C.UTF-8"},
                                           {"TERM=screen", "LANG=C.UTF-8"}};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        const char *extra[] = {kinds[i][0], kinds[i][1], NULL};
        struct terminal *terminal = session_open(session, 24, 80, extra);
        wait_browse(terminal);
        terminal_keys(terminal, "?");
        terminal_wait_text(terminal, "HELP", 20);
        terminal_sync(terminal);
        if (strcmp(kinds[i][1], "LANG=C") == 0) {
            size_t length = 0;
            const char *stream = terminal_stream(terminal, &length);
            for (size_t at = 0; at < length; at++)
                assert_true((unsigned char)stream[at] < 0x80);
        }
        terminal_keys(terminal, "Esc q");
        assert_int_equal(terminal_wait_end(terminal, 20), 0);
        terminal_close(terminal);
    }
}

static void test_unknown_terminal_is_a_sentence(void **state)
{
    struct session *session = *state;
    const char *extra[] = {"TERM=no-such-terminal", NULL};
    struct terminal *terminal = session_open(session, 24, 80, extra);
    int status = terminal_wait_end(terminal, 20);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
    assert_true(terminal_has_text(terminal, "no-such-terminal"));
    terminal_close(terminal);
}

static void test_every_size_on_every_screen(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    wait_browse(terminal);
    static const char *const screens[] = {"", "?", "Esc J", "Esc Tab e"};
    static const int sizes[][2] = {{16, 60}, {15, 60},  {16, 59}, {1, 1},   {2, 200}, {100, 10}, {17, 61},
                                   {20, 70}, {24, 200}, {60, 80}, {5, 300}, {23, 79}, {24, 80}};
    for (size_t screen = 0; screen < ARRAY_LENGTH(screens); screen++) {
        terminal_keys(terminal, screens[screen]);
        terminal_sync(terminal);
        CLEANUP_FREE char *before = terminal_text(terminal);
        for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
            terminal_resize(terminal, sizes[i][0], sizes[i][1]);
            if (sizes[i][0] >= 16 && sizes[i][1] >= 60)
                assert_true(terminal_has_text(terminal, "?"));
        }
        CLEANUP_FREE char *after = terminal_text(terminal);
        assert_string_equal(before, after);
    }
    terminal_close(terminal);
}

static void test_action_keys_do_nothing_on_a_tiny_terminal(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    wait_browse(terminal);
    terminal_resize(terminal, 10, 40);
    CLEANUP_FREE char *message = terminal_text(terminal);
    terminal_keys(terminal, "e J x D p");
    terminal_sync(terminal);
    CLEANUP_FREE char *still = terminal_text(terminal);
    assert_string_equal(message, still);
    terminal_resize(terminal, 24, 80);
    assert_true(terminal_has_text(terminal, "COLLECTIONS"));
    terminal_close(terminal);
}

static void test_signals_leave_a_sane_terminal(void **state)
{
    struct session *session = *state;
    static const int signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGSEGV, SIGABRT};
    for (size_t i = 0; i < ARRAY_LENGTH(signals); i++) {
        struct terminal *terminal = session_open(session, 24, 80, NULL);
        wait_browse(terminal);
        kill(terminal_pid(terminal), signals[i]);
        int status = terminal_wait_end(terminal, 20);
        if (signals[i] == SIGSEGV || signals[i] == SIGABRT)
            assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
        assert_true(stream_ends_clean(terminal));
        terminal_close(terminal);
    }
}

static void test_hostile_names_stay_in_their_cells(void **state)
{
    struct session *session = *state;
    free(session->environment[2]);
    session->environment[2] = mem_format("REFPOINT_STORE=%s/store", session->root);
    CLEANUP_FREE char *made = session_shell(
        session,
        "cd \"$ROOT\"; for i in 1 2 3; do qemu-img create -q -f qcow2 $i.qcow2 8M; done;"
        "esc=$(printf '\\033'); nl=$(printf 'a\\nb');"
        "\"$REFPOINT\" machine add \"${esc}[31mred${esc}]0;title\" --disk vda=qcow2:1.qcow2;"
        "\"$REFPOINT\" machine add '../../x' --disk vda=qcow2:2.qcow2;"
        "\"$REFPOINT\" machine add \"👩‍👩‍👧 e\xcc\x81 日本語 \xe2\x80\xae"
        "gnp\" --disk vda=qcow2:3.qcow2;"
        "\"$REFPOINT\" collection define \"${esc}[2J$nl\" --member '../../x';"
        "\"$REFPOINT\" collection define 'zz' --member '../../x' --member \"${esc}[31mred${esc}]0;title\";"
        "\"$REFPOINT\" point create zz --name \"p${esc}[1;1Hq\" | wc -l");
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    terminal_wait_text(terminal, "zz", 20);
    terminal_sync(terminal);
    size_t length = 0;
    const char *stream = terminal_stream(terminal, &length);
    assert_null(memmem(stream, length, "\033[2Ja", 5));
    assert_null(memmem(stream, length, "\033]0;title", 9));
    assert_true(terminal_has_text(terminal, "\\x1b[2J"));
    terminal_keys(terminal, "Down");
    terminal_wait_text(terminal, "POINTS of zz", 20);
    terminal_sync(terminal);
    terminal_keys(terminal, "Tab e");
    terminal_wait_text(terminal, "step 1 of 3", 20);
    terminal_sync(terminal);
    assert_true(terminal_has_text(terminal, "\\x1b[31mred"));
    terminal_close(terminal);
}

static void test_empty_store_says_what_to_do(void **state)
{
    struct session *session = *state;
    free(session->environment[2]);
    session->environment[2] = mem_format("REFPOINT_STORE=%s/none", session->root);
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    terminal_wait_text(terminal, "refpoint demo", 20);
    terminal_wait_text(terminal, "machine add", 5);
    terminal_sync(terminal);
    terminal_screenshot(terminal, "empty");
    terminal_keys(terminal, "q");
    assert_int_equal(terminal_wait_end(terminal, 20), 0);
    terminal_close(terminal);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    session_program = argv[1];
    session_demo = argv[2];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_color_sends_no_colour, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_plain_locale_and_old_terminals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unknown_terminal_is_a_sentence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_size_on_every_screen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_action_keys_do_nothing_on_a_tiny_terminal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_signals_leave_a_sane_terminal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_names_stay_in_their_cells, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_empty_store_says_what_to_do, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
