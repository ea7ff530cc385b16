/* The pictures in screenshots/: a tour of the running program at 100x30 in the dark theme, and the recorded
 * main path. Not a test: cmake --build build --target screenshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "tests/screen/session.h"

#define ROWS 30
#define COLUMNS 100
#define LINGER_MS 1200

static void theme(struct session *session, const char *name)
{
    CLEANUP_FREE char *command = mem_format(
        "mkdir -p \"$XDG_CONFIG_HOME/refpoint\";"
        "printf 'theme = \"%s\"; suspend_minutes = 0;\\n' > \"$XDG_CONFIG_HOME/refpoint/refpoint.cfg\"",
        name);
    free(session_shell(session, command));
}

static struct terminal *open_tour(struct session *session)
{
    struct terminal *terminal = session_open_at(session, ROWS, COLUMNS, "web-prod");
    terminal_press(terminal, "G");
    terminal_wait_text(terminal, "Points of web-prod");
    terminal_sync(terminal);
    return terminal;
}

/* A collection whose points are exported: in full, and a difference on that. */
static void export_some(struct session *session)
{
    free(session_shell(session,
                       "\"$REFPOINT\" export web-prod installed --to \"$EXPORTS\" >/dev/null;"
                       "\"$REFPOINT\" export web-prod monday --to \"$EXPORTS\" --base installed >/dev/null;"
                       "\"$REFPOINT\" export web-prod tuesday --to \"$EXPORTS\" --base monday >/dev/null"));
}

static void picture(struct terminal *terminal, const char *keys, const char *text, const char *name)
{
    terminal_keys(terminal, keys);
    terminal_wait_text(terminal, text);
    terminal_sync(terminal);
    terminal_screenshot(terminal, name);
}

static void tour_objects(void **state)
{
    struct session *session = *state;
    theme(session, "dark");
    export_some(session);
    struct terminal *terminal = open_tour(session);
    picture(terminal, "Tab Down", "Machines  web01", "browse");
    picture(terminal, "Enter", "Exported", "point");
    terminal_press(terminal, "Esc");
    picture(terminal, "n", "What it does", "new-point");
    terminal_press(terminal, "Esc");
    picture(terminal, "X", "No", "destroy");
    terminal_press(terminal, "Esc");
    picture(terminal, "m", "IN COLLECTIONS", "machines");
    terminal_press(terminal, "Esc");
    picture(terminal, "P", "verified", "packages");
    terminal_press(terminal, "Esc");
    picture(terminal, ":", "Do or go to", "palette");
    terminal_press(terminal, "Esc");
    picture(terminal, "?", "Keys of", "help");
    terminal_press(terminal, "Esc");
    picture(terminal, "O", "keep_jobs_days", "settings");
    terminal_press(terminal, "Esc");
    session_leave(terminal);
}

static void tour_form(void **state)
{
    struct session *session = *state;
    theme(session, "dark");
    export_some(session);
    struct terminal *terminal = open_tour(session);
    picture(terminal, "Tab e", "free, writable", "form");
    terminal_keys(terminal, "F9");
    terminal_wait_text(terminal, "2 of 3");
    terminal_sync(terminal);
    terminal_screenshot(terminal, "review");
    terminal_press(terminal, "Esc Esc e");
    terminal_type(terminal, "/nowhere");
    picture(terminal, "Tab", "(32", "form-refused");
    terminal_close(terminal);
}

static void tour_jobs(void **state)
{
    struct session *session = *state;
    theme(session, "dark");
    free(session_shell(
        session,
        "\"$REFPOINT\" export web-prod installed --to \"$EXPORTS\" >/dev/null;"
        "mkdir \"$ROOT/slow\" \"$ROOT/small\";"
        "(ulimit -f 30000; \"$REFPOINT\" export web-prod monday --to \"$ROOT/small\" >/dev/null 2>&1) || :;"
        "job=$(\"$REFPOINT\" export web-prod monday --to \"$ROOT/slow\" --rate 8M --detach --json |"
        "      jq -r .job);"
        "until \"$REFPOINT\" job show $job --json | jq -e '.bytes_done > 5000000' >/dev/null; do :; done;"
        "kill -9 $(pgrep -f -- \"--runner $ROOT/state/refpoint $job\" | head -n 1);"
        "\"$REFPOINT\" export web-prod tuesday --to \"$EXPORTS\" --rate 12M --detach >/dev/null"));
    struct terminal *terminal = open_tour(session);
    picture(terminal, "J", "running", "jobs");
    picture(terminal, "Enter", "limit", "job");
    picture(terminal, "q", "Leave", "leave");
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "The package is there and verified");
    terminal_sync(terminal);
    terminal_screenshot(terminal, "job-done");
    picture(terminal, "Esc Down Enter", "○ interrupted", "interrupted");
    picture(terminal, "Esc Down Enter", "✗ failed", "failed");
    terminal_close(terminal);
}

/* What is recorded is watched by people. */
static void linger(struct terminal *terminal)
{
    int64_t until = monotonic_milliseconds() + LINGER_MS;
    while (monotonic_milliseconds() < until)
        terminal_read(terminal, (int)(until - monotonic_milliseconds()));
}

/* From the first screen to a verified package, at the pace of somebody who reads. */
static void tour_main_path(void **state)
{
    struct session *session = *state;
    theme(session, "dark");
    struct terminal *terminal = session_open(session, ROWS, COLUMNS, NULL);
    terminal_record(terminal, "main-path");
    terminal_wait_text(terminal, "web-prod");
    linger(terminal);
    static const char *const keys[] = {"G", "Tab", "Down", "Down", "e"};
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        terminal_press(terminal, keys[i]);
        linger(terminal);
    }
    terminal_wait_text(terminal, "1 of 3");
    terminal_type(terminal, session->exports);
    terminal_wait_text(terminal, "writable");
    linger(terminal);
    terminal_keys(terminal, "F9");
    terminal_wait_text(terminal, "2 of 3");
    linger(terminal);
    terminal_keys(terminal, "Tab Enter");
    terminal_wait_text(terminal, "The package is there and verified");
    linger(terminal);
    terminal_keys(terminal, "Esc");
    linger(terminal);
    session_leave(terminal);
}

/* The same first screen in the other themes, and in ASCII. */
static void tour_themes(void **state)
{
    static const char *const names[] = {"light", "mono"};
    struct session *session = *state;
    export_some(session);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        theme(session, names[i]);
        CLEANUP_FREE char *name = mem_format("browse-%s", names[i]);
        struct terminal *terminal = open_tour(session);
        picture(terminal, "Tab Down", "Machines  web01", name);
        session_leave(terminal);
    }
    free(session_shell(session, "echo 'theme = \"dark\"; ascii = true;' > "
                                "\"$XDG_CONFIG_HOME/refpoint/refpoint.cfg\""));
    struct terminal *terminal = open_tour(session);
    picture(terminal, "Tab Down", "Machines  web01", "browse-ascii");
    session_leave(terminal);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        SESSION_TEST(tour_objects),   SESSION_TEST(tour_form),   SESSION_TEST(tour_jobs),
        SESSION_TEST(tour_main_path), SESSION_TEST(tour_themes),
    };
    return session_take_arguments(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 2;
}
