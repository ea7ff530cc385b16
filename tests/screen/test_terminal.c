/* What the program does to a terminal: kinds of terminals, colours, signals, crashes, how much it sends. */
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
#include "tests/pulse.h"
#include "tests/screen/session.h"

#define LEAVE_SCREEN "\033[?1049l"

static struct terminal *open_with(struct session *session, const char *first, const char *second)
{
    const char *extra[] = {first, second, NULL};
    struct terminal *terminal = session_open(session, 24, 80, extra);
    terminal_wait_text(terminal, "web-prod");
    terminal_sync(terminal);
    return terminal;
}

static bool sent(struct terminal *terminal, const char *text)
{
    size_t length = 0;
    const char *stream = terminal_stream(terminal, &length);
    return memmem(stream, length, text, strlen(text)) != NULL;
}

static void assert_last_sequence_leaves(struct terminal *terminal)
{
    size_t length = 0;
    const char *stream = terminal_stream(terminal, &length);
    size_t size = strlen(LEAVE_SCREEN);
    const char *at = memmem(stream, length, LEAVE_SCREEN, size);
    assert_non_null(at);
    assert_null(memmem(at, length - (size_t)(at - stream), "\033[?1049h", size));
}

static void look_around(struct terminal *terminal)
{
    static const char *const keys[] = {"Down", "Tab", "?", "Esc", "J", "Esc", "/", "Esc"};
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        terminal_keys(terminal, keys[i]);
        terminal_sync(terminal);
    }
}

static void leave(struct terminal *terminal)
{
    terminal_keys(terminal, "q");
    assert_int_equal(terminal_wait_end(terminal), 0);
}

/* Parameters of every SGR sequence that was sent; true when one of them is a colour. */
static bool sends_colour(struct terminal *terminal)
{
    size_t length = 0;
    const char *stream = terminal_stream(terminal, &length);
    const char *end = stream + length;
    for (const char *at = stream; (at = memmem(at, (size_t)(end - at), "\033[", 2)); at += 2) {
        const char *parameters = at + 2;
        const char *last = parameters;
        while (last < end && (strchr("0123456789;", *last) && *last))
            last++;
        if (last == end || *last != 'm')
            continue;
        while (parameters < last) {
            long number = strtol(parameters, NULL, 10);
            if ((number >= 30 && number <= 49) || (number >= 90 && number <= 107))
                return true;
            const char *next = memchr(parameters, ';', (size_t)(last - parameters));
            parameters = next ? next + 1 : last;
        }
    }
    return false;
}

static void test_no_color(void **state)
{
    struct terminal *terminal = open_with(*state, "NO_COLOR=1", NULL);
    look_around(terminal);
    leave(terminal);
    assert_false(sends_colour(terminal));
    terminal_close(terminal);
}

static void test_colours_by_default(void **state)
{
    struct terminal *terminal = open_with(*state, NULL, NULL);
    look_around(terminal);
    leave(terminal);
    assert_true(sends_colour(terminal));
    assert_false(sent(terminal, "\033]4;")); /* the palette is the user's */
    terminal_close(terminal);
}

static void test_kinds_of_terminals(void **state)
{
    static const char *const kinds[] = {"TERM=vt220", "TERM=linux", "TERM=xterm", "TERM=screen-256color"};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        struct terminal *terminal = open_with(*state, kinds[i], NULL);
        look_around(terminal);
        terminal_wait_text(terminal, "Collections ── 2");
        leave(terminal);
        assert_false(terminal_has_text(terminal, "q quit")); /* the row of the shell's prompt is free */
        terminal_close(terminal);
    }
}

static void test_without_utf8_everything_is_ascii(void **state)
{
    struct terminal *terminal = open_with(*state, "LANG=C", "LC_ALL=C");
    terminal_wait_text(terminal, "--------");
    look_around(terminal);
    leave(terminal);
    size_t length = 0;
    const char *stream = terminal_stream(terminal, &length);
    for (size_t i = 0; i < length; i++)
        assert_true((unsigned char)stream[i] < 0x80);
    terminal_close(terminal);
}

static void test_unknown_terminals_are_refused_in_words(void **state)
{
    static const char *const kinds[] = {"TERM=no-such-terminal", "TERM=dumb", "TERM="};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        const char *extra[] = {kinds[i], NULL};
        struct terminal *terminal = session_open(*state, 24, 80, extra);
        int status = terminal_wait_end(terminal);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 2);
        assert_true(sent(terminal, "refpoint: "));
        assert_true(sent(terminal, "TERM"));
        assert_false(sent(terminal, "\033"));
        terminal_close(terminal);
    }
}

static void test_ended_by_a_signal(void **state)
{
    struct terminal *terminal = open_with(*state, NULL, NULL);
    kill(terminal_pid(terminal), SIGTERM);
    int status = terminal_wait_end(terminal);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
    assert_last_sequence_leaves(terminal);
    assert_true(sent(terminal, "ended by signal 15"));
    terminal_close(terminal);
}

/* A frozen window, Ctrl-S outside, a dying link. */
static void test_ended_while_the_terminal_does_not_read(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT};
    struct session *session = *state;
    free(session_shell(
        session, "\"$REFPOINT\" export web-prod installed --to \"$EXPORTS\" --rate 1M --detach >/dev/null"));
    for (size_t i = 0; i < ARRAY_LENGTH(signals); i++) {
        struct terminal *terminal = open_with(session, NULL, NULL);
        terminal_stall(terminal);
        struct pulse *pulse = pulse_start();
        kill(terminal_pid(terminal), signals[i]);
        bool ended = terminal_ends_unread(terminal, 30000);
        assert_in_range(pulse_stop(pulse), 0, 2000);
        assert_true(ended);
        int status = terminal_wait_end(terminal);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 128 + signals[i]);
        assert_last_sequence_leaves(terminal);
        terminal_close(terminal);
    }
    free(session_shell(session, "\"$REFPOINT\" job list --json | jq -e '.job_state == 4'"));
}

static void test_goes_on_when_the_terminal_reads_again(void **state)
{
    struct terminal *terminal = open_with(*state, NULL, NULL);
    terminal_stall(terminal);
    terminal_press(terminal, "?");
    assert_true(terminal_has_text(terminal, "Keys of"));
    terminal_press(terminal, "Esc");
    CLEANUP_FREE char *drawn = terminal_text(terminal);
    terminal_press(terminal, "Ctrl-L");
    CLEANUP_FREE char *again = terminal_text(terminal);
    assert_string_equal(drawn, again);
    leave(terminal);
    terminal_close(terminal);
}

/* Nobody could continue what a terminal without a shell stops: it gives the screen back and takes it again.
 */
static void test_stopped_and_continued(void **state)
{
    struct terminal *terminal = open_with(*state, NULL, NULL);
    assert_false(sent(terminal, LEAVE_SCREEN));
    terminal_press(terminal, "Ctrl-z");
    assert_true(sent(terminal, LEAVE_SCREEN));
    terminal_press(terminal, "Down ?"); /* as single keys, with the arrows' sequences */
    terminal_wait_text(terminal, "Keys of");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Collections ── 2");
    leave(terminal);
    assert_false(terminal_has_text(terminal, "Collections ── 2"));
    terminal_close(terminal);
}

static void test_a_crash_leaves_a_sane_terminal(void **state)
{
    struct terminal *terminal = open_with(*state, NULL, NULL);
    kill(terminal_pid(terminal), SIGSEGV);
    int status = terminal_wait_end(terminal);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
    assert_last_sequence_leaves(terminal);
    assert_true(sent(terminal, "a fault of the program ended the screen"));
    terminal_close(terminal);
}

static void test_escape_is_quick(void **state)
{
    struct terminal *terminal = open_with(*state, NULL, NULL);
    terminal_keys(terminal, "?");
    terminal_sync(terminal);
    terminal_wait_text(terminal, "Keys of");
    struct pulse *pulse = pulse_start();
    terminal_keys(terminal, "Esc");
    terminal_wait_no_text(terminal, "Keys of");
    /* 80 ms by itself; the library's 1000 would show even on a busy machine. */
    assert_in_range(pulse_stop(pulse), 0, 500);
    leave(terminal);
    terminal_close(terminal);
}

/* As the screen shows it. */
static int elapsed_seconds(struct terminal *terminal)
{
    CLEANUP_FREE char *text = terminal_text(terminal);
    const char *elapsed = strstr(text, "elapsed ");
    int hours = 0;
    int minutes = 0;
    int seconds = 0;
    assert_non_null(elapsed);
    assert_int_equal(sscanf(elapsed, "elapsed %d:%d:%d", &hours, &minutes, &seconds), 3);
    return (hours * 60 + minutes) * 60 + seconds;
}

/* Until the screen shows that one more second has elapsed, or several. */
static int next_second(struct terminal *terminal)
{
    int now = elapsed_seconds(terminal);
    CLEANUP_FREE char *shown = mem_format("elapsed %d:%02d:%02d", now / 3600, now / 60 % 60, now % 60);
    terminal_wait_no_text(terminal, shown);
    return elapsed_seconds(terminal);
}

static void test_a_running_job_sends_little(void **state)
{
    struct session *session = *state;
    free(session_shell(
        session, "\"$REFPOINT\" export web-prod installed --to \"$EXPORTS\" --rate 1M --detach >/dev/null"));
    struct terminal *terminal = open_with(session, NULL, NULL);
    terminal_press(terminal, "J");
    terminal_wait_text(terminal, "running");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "phase 2 of 4: copy");
    terminal_wait_text(terminal, "elapsed 0:");
    int start = next_second(terminal);
    size_t before = terminal_bytes(terminal);
    int end = start;
    while (end < start + 5)
        end = next_second(terminal);
    size_t bytes = terminal_bytes(terminal) - before;
    assert_true(bytes > 0);
    assert_true(bytes < (size_t)(end - start) * 1024);
    terminal_wait_text(terminal, "held to your limit");
    terminal_keys(terminal, "x");
    terminal_sync(terminal);
    terminal_keys(terminal, "Right Enter");
    terminal_sync(terminal);
    terminal_wait_text(terminal, "ended in phase");
    leave(terminal);
    terminal_close(terminal);
}

/* The log keeps what libraries and the program itself write to standard error while the screen is up. */
static void test_standard_error_goes_to_the_log(void **state)
{
    struct session *session = *state;
    struct terminal *terminal = open_with(session, NULL, NULL);
    CLEANUP_FREE char *command = mem_format("readlink /proc/%d/fd/2", (int)terminal_pid(terminal));
    CLEANUP_FREE char *target = session_shell(session, command);
    assert_non_null(strstr(target, "/state/refpoint/refpoint.log"));
    leave(terminal);
    terminal_close(terminal);
}

static const struct CMUnitTest tests[] = {
    SESSION_TEST(test_no_color),
    SESSION_TEST(test_colours_by_default),
    SESSION_TEST(test_kinds_of_terminals),
    SESSION_TEST(test_without_utf8_everything_is_ascii),
    SESSION_TEST(test_unknown_terminals_are_refused_in_words),
    SESSION_TEST(test_ended_by_a_signal),
    SESSION_TEST(test_ended_while_the_terminal_does_not_read),
    SESSION_TEST(test_goes_on_when_the_terminal_reads_again),
    SESSION_TEST(test_stopped_and_continued),
    SESSION_TEST(test_a_crash_leaves_a_sane_terminal),
    SESSION_TEST(test_escape_is_quick),
    SESSION_TEST(test_a_running_job_sends_little),
    SESSION_TEST(test_standard_error_goes_to_the_log),
};

SESSION_MAIN(tests)
