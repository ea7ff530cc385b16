/* The footer is a promise: in each state of each screen every key that it names does something that can be
 * seen. And a key that does nothing says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

#define ROWS 24
#define COLUMNS 150 /* so that all hints have room */

struct state {
    const char *name;
    const char *keys;     /* pressed one after the other */
    const char *shows;    /* then this is there */
    const char *type;     /* into what has the keys then; NULL */
    const char *and_then; /* keys behind that; NULL */
    const char *finally;  /* then this is there; NULL */
    const char *prepare;  /* a command before the program is started, each time; NULL */
};

static void reach(struct terminal *terminal, const struct state *state)
{
    CLEANUP_FREE char *keys = mem_strdup(state->keys);
    char *rest = NULL;
    for (char *key = strtok_r(keys, " ", &rest); key; key = strtok_r(NULL, " ", &rest))
        terminal_press(terminal, key); /* what it asks for is there before the next */
    terminal_wait_text(terminal, state->shows);
    terminal_sync(terminal);
    if (state->type)
        terminal_enter(terminal, state->type);
    if (state->and_then)
        terminal_press(terminal, state->and_then);
    if (state->finally)
        terminal_wait_text(terminal, state->finally);
    terminal_sync(terminal);
}

/* The row in which the keys are named; the caller's. */
static char *footer_of(struct terminal *terminal)
{
    CLEANUP_FREE char *text = terminal_text(terminal);
    char *row = strrchr(text, '\n');
    if (row && !row[1]) {
        *row = '\0';
        row = strrchr(text, '\n');
    }
    assert_non_null(row);
    return mem_strdup(row + 1);
}

/* The index-th key of a footer; false: it names no more. */
static bool named_key(const char *footer, size_t index, char *key, size_t size)
{
    for (const char *at = footer; *at;) {
        at += strspn(at, " ");
        size_t length = strcspn(at, " ");
        assert_true(length < size);
        memcpy(key, at, length);
        key[length] = '\0';
        if (length > 0 && index-- == 0)
            return true;
        const char *next = strstr(at, "  ");
        if (!next)
            return false;
        at = next;
    }
    return false;
}

static char *picture(struct terminal *terminal)
{
    int row = 0;
    int column = 0;
    CLEANUP_FREE char *text = terminal_text(terminal);
    terminal_cursor(terminal, &row, &column);
    return mem_format("%d %d\n%s", row, column, text);
}

/* Tested where leaving is. */
static bool leads_out(const struct state *state, const char *key)
{
    return strcmp(key, "q") == 0 || (strcmp(state->name, "leave?") == 0 && strcmp(key, "Enter") == 0);
}

static struct terminal *open_in(struct session *session, const struct state *state)
{
    if (state->prepare)
        free(session_shell(session, state->prepare));
    struct terminal *terminal = session_open(session, ROWS, COLUMNS, NULL);
    terminal_wait_text(terminal, "help");
    terminal_sync(terminal);
    reach(terminal, state);
    return terminal;
}

static void check_key(struct terminal *terminal, const struct state *state, const char *key)
{
    CLEANUP_FREE char *before = picture(terminal);
    terminal_press(terminal, key);
    CLEANUP_FREE char *after = picture(terminal);
    if (strcmp(before, after) == 0)
        fail_msg("%s: %s does nothing\n%s", state->name, key, after);
}

/* Each key in a program of its own, which has the same footer. */
static void check_state(struct session *session, const struct state *state)
{
    char key[32];
    struct terminal *terminal = open_in(session, state);
    CLEANUP_FREE char *footer = footer_of(terminal);
    if (!named_key(footer, 0, key, sizeof key))
        fail_msg("%s: no key is named", state->name);
    for (size_t i = 0; named_key(footer, i, key, sizeof key); i++) {
        if (leads_out(state, key))
            continue;
        terminal = terminal ? terminal : open_in(session, state);
        CLEANUP_FREE char *same = footer_of(terminal);
        assert_string_equal(same, footer);
        check_key(terminal, state, key);
        terminal_close(terminal);
        terminal = NULL;
    }
    if (terminal)
        terminal_close(terminal);
}

static void check_states(struct session *session, const struct state *states, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_state(session, &states[i]);
}

static void test_every_key_of_a_footer_acts(void **state)
{
    struct session *session = *state;
    static const struct state states[] = {
        {.name = "collections", .keys = "", .shows = "Collections ── 2"},
        {.name = "points", .keys = "G Tab", .shows = "Points of web-prod"},
        {.name = "filter", .keys = "/", .shows = "leave the filter"},
        {.name = "filter, typed", .keys = "/", .shows = "leave the filter", .type = "web"},
        {.name = "filter, no match",
         .keys = "/",
         .shows = "leave the filter",
         .type = "zzz",
         .and_then = "Enter"},
        {.name = "point", .keys = "G Tab Enter", .shows = "Machine   web01"},
        {.name = "help", .keys = "?", .shows = "Keys of Browse"},
        {.name = "palette", .keys = ":", .shows = "Do or go to"},
        {.name = "palette, no match", .keys = ":", .shows = "Do or go to", .type = "zzz"},
        {.name = "themes", .keys = "T", .shows = "Themes"},
        {.name = "themes, last",
         .keys = "T G",
         .shows = "Themes",
         .prepare = "rm -f \"$XDG_CONFIG_HOME/refpoint/refpoint.cfg\""},
        {.name = "hosts", .keys = "H", .shows = "shown now"},
        {.name = "form, text", .keys = "G Tab e", .shows = "1 of 3"},
        {.name = "form, candidates",
         .keys = "G Tab e",
         .shows = "1 of 3",
         .type = "~/exports/a",
         .and_then = "Tab",
         .finally = "close the list",
         .prepare = "mkdir -p \"$EXPORTS/a1\" \"$EXPORTS/a2\""},
        {.name = "form, choice", .keys = "G Tab e Tab", .shows = "1 of 3"},
        {.name = "form, button", .keys = "G Tab e Tab G", .shows = "1 of 3"},
        {.name = "new point", .keys = "G n", .shows = "becomes a read-only layer"},
        {.name = "new point, button", .keys = "G n Tab", .shows = "becomes a read-only layer"},
        {.name = "destroy", .keys = "G Tab X", .shows = "Destroy this point?"},
        {.name = "remove data", .keys = "G Tab d", .shows = "Give the data of this point back?"},
        {.name = "no jobs", .keys = "J", .shows = "No jobs yet"},
    };
    check_states(session, states, ARRAY_LENGTH(states));
}

/* Of the jobs the one of which the list says that, and keys behind that. */
#define SELECTED(word, more)                                                                                 \
    .keys = "J /", .shows = "leave the filter", .type = word, .and_then = "Enter" more
/* The keys of an interrupted job let it go on, to its end: it is interrupted again. */
#define INTERRUPT                                                                                            \
    "job=$(cat \"$ROOT/interrupted\"); $REFPOINT job attach $job >/dev/null 2>&1 || :;"                      \
    "rm -f \"$ROOT/state/refpoint/jobs/$job/outcome\""

/* One that is complete, one that was interrupted, one whose journal is damaged. */
static void test_every_key_of_the_jobs_acts(void **state)
{
    struct session *session = *state;
    free(session_shell(
        session,
        "point=$($REFPOINT point list web-prod --json | jq -rs '.[-1].id'); cd \"$ROOT/state/refpoint/jobs\" "
        "2>/dev/null ||"
        " mkdir -p \"$ROOT/state/refpoint/jobs\"; cd \"$ROOT/state/refpoint/jobs\";"
        "for n in 1 2 3; do $REFPOINT export web-prod $point --to \"$EXPORTS\" --only web01 >/dev/null; done;"
        "set -- $($REFPOINT job list --json | jq -r .job);"
        "echo $2 >\"$ROOT/interrupted\"; echo broken >$3/outcome; rm $3/progress $3/log"));
    static const struct state states[] = {
        {.name = "jobs, complete", SELECTED("completed", "")},
        {.name = "jobs, interrupted", SELECTED("interrupted", ""), .prepare = INTERRUPT},
        {.name = "jobs, damaged", SELECTED("failed", "")},
        {.name = "jobs, no match", SELECTED("zzz", "")},
        {.name = "job, complete", SELECTED("completed", " Enter"), .finally = "Check it"},
        {.name = "job, interrupted", SELECTED("interrupted", " Enter"), .prepare = INTERRUPT},
        {.name = "job, damaged", SELECTED("failed", " Enter"), .finally = "cannot be read"},
        {.name = "job, to a file", SELECTED("completed", " Enter w"), .finally = "write it"},
        {.name = "log", SELECTED("completed", " L"), .finally = "This line"},
        {.name = "log, shifted", SELECTED("completed", " L Right"), .finally = "start of the lines"},
        {.name = "log, missing", SELECTED("failed", " L"), .finally = "! "},
        {.name = "discard?", SELECTED("completed", " D"), .finally = "Remove the record"},
    };
    check_states(session, states, ARRAY_LENGTH(states));
}

/* It stands still, so that what changes was changed by a key; which may have let it go on. */
#define PAUSE                                                                                                \
    "job=$($REFPOINT job list --json | jq -r .job);"                                                         \
    "state() { $REFPOINT job show $job --json | jq -r .job_state; };"                                        \
    "until [ \"$(state)\" = 4 ] || [ \"$(state)\" = 5 ]; do :; done;"                                        \
    "[ \"$(state)\" = 5 ] || $REFPOINT job pause $job >/dev/null; until [ \"$(state)\" = 5 ]; do :; done"

static void test_every_key_acts_beside_a_job(void **state)
{
    struct session *session = *state;
    free(session_shell(session,
                       "point=$($REFPOINT point list web-prod --json | jq -rs '.[-1].id');"
                       "$REFPOINT export web-prod $point --to \"$EXPORTS\" --rate 128K --detach >/dev/null"));
    static const struct state states[] = {
        {.name = "lists and a job", .keys = "", .shows = "p resume", .prepare = PAUSE},
        {.name = "points and a job", .keys = "G Tab", .shows = "p resume", .prepare = PAUSE},
        {.name = "jobs, paused", .keys = "J", .shows = "p resume", .prepare = PAUSE},
        {.name = "job, paused", .keys = "J Enter", .shows = "p resume", .prepare = PAUSE},
        {.name = "log of it", .keys = "J L", .shows = "This line", .prepare = PAUSE},
        {.name = "cancel?", .keys = "J x", .shows = "Yes, cancel the job", .prepare = PAUSE},
        {.name = "leave?", .keys = "q", .shows = "Leave while a job runs?", .prepare = PAUSE},
    };
    check_states(session, states, ARRAY_LENGTH(states));
}

static void test_every_key_of_a_review_acts(void **state)
{
    struct session *session = *state;
    const struct state review = {.name = "review",
                                 .keys = "G Tab e",
                                 .shows = "1 of 3",
                                 .type = session->exports,
                                 .and_then = "Shift-Tab Enter",
                                 .finally = "2 of 3"};
    check_states(session, &review, 1);
}

/* A collection without points, a store without anything, and one that cannot be read. */
static void test_every_key_acts_where_there_is_nothing(void **state)
{
    struct session *session = *state;
    static const struct state no_points[] = {
        {.name = "a collection without points", .keys = "", .shows = "Points of bare"},
        {.name = "its points", .keys = "Tab", .shows = "Points of bare"},
    };
    static const struct state empty[] = {{.name = "an empty store", .keys = "", .shows = "demo"}};
    static const struct state failed[] = {
        {.name = "a store that cannot be read", .keys = "", .shows = "try again"}};
    free(session->store);
    session->store = mem_format("%s/bare", session->root);
    free(session->environment[2]);
    session->environment[2] = mem_format("REFPOINT_STORE=%s", session->store);
    check_states(session, empty, ARRAY_LENGTH(empty));
    free(session_shell(session, "qemu-img create -q -f qcow2 \"$ROOT/a.qcow2\" 1M;"
                                "$REFPOINT machine add old --disk \"vda=qcow2:$ROOT/a.qcow2\";"
                                "$REFPOINT collection define bare --member old"));
    check_states(session, no_points, ARRAY_LENGTH(no_points));
    free(session_shell(session, "rm -r \"$ROOT/bare/collections\"; echo no >\"$ROOT/bare/collections\""));
    check_states(session, failed, ARRAY_LENGTH(failed));
}

static void test_every_key_of_the_objects_acts(void **state)
{
    struct session *session = *state;
    static const struct state states[] = {
        {.name = "define, name", .keys = "c", .shows = "New collection"},
        {.name = "define, machines", .keys = "c Tab", .shows = "New collection"},
        {.name = "define, button", .keys = "c Tab Tab", .shows = "New collection"},
        {.name = "delete a collection", .keys = "X", .shows = "Delete this collection?"},
        {.name = "machines", .keys = "m", .shows = "IN COLLECTIONS"},
        {.name = "new machine, choice", .keys = "m n", .shows = "disk by disk"},
        {.name = "new machine, text", .keys = "m n Tab", .shows = "disk by disk"},
        {.name = "new machine, button", .keys = "m n Shift-Tab", .shows = "disk by disk"},
        {.name = "remove a machine", .keys = "m X", .shows = "Remove this machine?"},
        {.name = "files",
         .keys = "m n Tab Tab Tab Tab Tab Tab Enter",
         .shows = "Choose the disk",
         .and_then = "Down"},
        {.name = "files, path", .keys = "m n Tab Tab Tab Tab Tab Tab Enter Tab", .shows = "Choose the disk"},
        {.name = "demo", .keys = "t", .shows = "Make the demo here"},
        {.name = "demo, button", .keys = "t Shift-Tab", .shows = "Make the demo here"},
        {.name = "store", .keys = "o", .shows = "Open another store"},
        {.name = "store, button", .keys = "o Shift-Tab", .shows = "Open another store"},
    };
    check_states(session, states, ARRAY_LENGTH(states));
}

static void test_a_key_that_does_nothing_says_so(void **state)
{
    struct session *session = *state;
    free(session_shell(session,
                       "mkdir -p \"$XDG_CONFIG_HOME/refpoint\"; echo 'export = ( \"E\" ); help = ( \"!\" );' "
                       ">\"$XDG_CONFIG_HOME/refpoint/keys\""));
    struct terminal *terminal = session_open(session, 24, 80, NULL);
    terminal_wait_text(terminal, "web-prod");
    terminal_sync(terminal);
    terminal_press(terminal, "z");
    terminal_wait_text(terminal, "z does nothing here; ! lists the keys.");
    terminal_press(terminal, "Down");
    terminal_wait_no_text(terminal, "does nothing");
    terminal_press(terminal, "J e"); /* taken from what it had */
    terminal_wait_text(terminal, "e does nothing here; ! lists the keys.");
    terminal_press(terminal, "E");
    terminal_wait_text(terminal, "E exports from the list of points; ! lists the keys.");
    terminal_press(terminal, "Space");
    terminal_wait_text(terminal, "Space marks points, and in the forms");
    terminal_press(terminal, "Esc H q");
    terminal_wait_text(terminal, "q leaves the program once this is closed");
    /* Moving where there is nothing to move to is not commented. */
    terminal_press(terminal, "Down");
    terminal_wait_no_text(terminal, "once this");
    terminal_press(terminal, "Esc");
    terminal_press(terminal, "k k k k Up");
    assert_false(terminal_has_text(terminal, "does nothing"));
    session_leave(terminal);
}

static const struct CMUnitTest tests[] = {
    SESSION_TEST(test_a_key_that_does_nothing_says_so),       SESSION_TEST(test_every_key_of_a_footer_acts),
    SESSION_TEST(test_every_key_of_the_objects_acts),         SESSION_TEST(test_every_key_of_the_jobs_acts),
    SESSION_TEST(test_every_key_acts_beside_a_job),           SESSION_TEST(test_every_key_of_a_review_acts),
    SESSION_TEST(test_every_key_acts_where_there_is_nothing),
};

SESSION_MAIN(tests)
