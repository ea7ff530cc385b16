/* What every screen test starts from: directories of its own, the demo's store, the program on a terminal,
 * and the command line beside it on the same state. Threads: one. */
#ifndef REFPOINT_TESTS_SCREEN_SESSION_H
#define REFPOINT_TESTS_SCREEN_SESSION_H

#include "tests/screen/terminal.h"

struct session {
    char *program;
    char *root; /* a directory of this test's own, removed at the end */
    char *exports;
    char *store;
    char *environment[8]; /* owned; NULL-terminated */
};

/* program and demo are the test program's two arguments. */
struct session *session_new(const char *program, const char *demo);
void session_free(struct session *session);

/* A demo's store of the test's own, in place of the one that all share: for what changes it. */
void session_own_store(struct session *session);

/* The full screen on a terminal of this size; extra variables ("NO_COLOR=1") end with NULL, or are NULL. */
struct terminal *session_open(struct session *session, int rows, int columns, const char *const *extra);
/* The same at its first screen: once this text is there, nothing moves any more. */
struct terminal *session_open_at(struct session *session, int rows, int columns, const char *text);
/* Leaves by q, which the program has to take, and closes the terminal. */
void session_leave(struct terminal *terminal);
/* Runs a shell command line with $REFPOINT, $EXPORTS and $ROOT set and fails the test when it fails; its
 * output is the caller's. */
char *session_shell(struct session *session, const char *command);
/* Names in the export directory, dot names too. */
size_t session_count_exports(struct session *session);

/* cmocka's fixture: *state is a fresh session. And the whole of a test program's main. */
int session_set_up(void **state);
int session_tear_down(void **state);
#define SESSION_TEST(function) cmocka_unit_test_setup_teardown(function, session_set_up, session_tear_down)
#define SESSION_MAIN(tests)                                                                                  \
    int main(int argc, char **argv)                                                                          \
    {                                                                                                        \
        return session_take_arguments(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 2;           \
    }
/* PROGRAM DEMO; false with a sentence when they are not two. */
bool session_take_arguments(int argc, char **argv);

#endif
