#include "tests/screen/session.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/system/fs.h"
#include "core/system/proc.h"

static const char *session_program;
static const char *session_demo;

bool session_take_arguments(int argc, char **argv)
{
    if (argc != 3) {
        print_error("usage: %s REFPOINT DEMO\n", argv[0]);
        return false;
    }
    session_program = argv[1];
    session_demo = argv[2];
    return true;
}

int session_set_up(void **state)
{
    *state = session_new(session_program, session_demo);
    return 0;
}

int session_tear_down(void **state)
{
    session_free(*state);
    return 0;
}

/* Paths stand on the screens, which have 80 columns: short ones, wherever the demo was built. */
static void link_demo(struct session *session, const char *demo)
{
    CLEANUP_FREE char *target = realpath(demo, NULL);
    CLEANUP_FREE char *link = mem_format("%s/demo", session->root);
    assert_non_null(target);
    assert_int_equal(symlink(target, link), 0);
    session->store = mem_format("%s/store", link);
}

struct session *session_new(const char *program, const char *demo)
{
    struct session *session = mem_alloc(sizeof *session);
    session->program = realpath(program, NULL);
    assert_non_null(session->program);
    session->root = mem_strdup("/tmp/refpoint-XXXXXX");
    assert_non_null(mkdtemp(session->root));
    session->exports = mem_format("%s/exports", session->root);
    assert_int_equal(mkdir(session->exports, 0700), 0);
    link_demo(session, demo);
    session->environment[0] = mem_format("XDG_STATE_HOME=%s/state", session->root);
    session->environment[1] = mem_format("XDG_CONFIG_HOME=%s/config", session->root);
    session->environment[2] = mem_format("REFPOINT_STORE=%s", session->store);
    session->environment[3] = mem_format("HOME=%s", session->root);
    return session;
}

void session_free(struct session *session)
{
    struct error err = {0};
    /* A job outlives what started it: what a test that fails leaves, paused perhaps, would stay for ever. */
    free(session_shell(
        session, "for job in $(\"$REFPOINT\" job list --json 2>/dev/null |"
                 "             jq -r 'select(.job_state < 7) | .job'); do"
                 "    timeout 30 \"$REFPOINT\" job cancel $job && timeout 30 \"$REFPOINT\" job attach $job;"
                 "done >/dev/null 2>&1 || :;"
                 "chmod -R u+w \"$ROOT\""));
    if (!fs_remove_tree(AT_FDCWD, session->root, &err))
        print_error("%s %s\n", err.what, err.cause);
    for (size_t i = 0; session->environment[i]; i++)
        free(session->environment[i]);
    free(session->program);
    free(session->root);
    free(session->exports);
    free(session->store);
    free(session);
}

void session_own_store(struct session *session)
{
    free(session_shell(session, "\"$REFPOINT\" demo \"$ROOT/own\" --json | jq -e "
                                "'[.collections, .machines, .disks, (.points >= 6)] == [2, 5, 7, true]'"));
    free(session->store);
    session->store = mem_format("%s/own/store", session->root);
    free(session->environment[2]);
    session->environment[2] = mem_format("REFPOINT_STORE=%s", session->store);
}

struct terminal *session_open(struct session *session, int rows, int columns, const char *const *extra)
{
    const char *environment[16] = {0};
    size_t count = 0;
    for (size_t i = 0; session->environment[i]; i++)
        environment[count++] = session->environment[i];
    for (size_t i = 0; extra && extra[i]; i++)
        environment[count++] = extra[i];
    const char *argv[] = {session->program, NULL};
    struct terminal_spec spec = {.argv = argv, .environment = environment, .rows = rows, .columns = columns};
    return terminal_open(&spec);
}

struct terminal *session_open_at(struct session *session, int rows, int columns, const char *text)
{
    struct terminal *terminal = session_open(session, rows, columns, NULL);
    terminal_wait_text(terminal, text);
    terminal_sync(terminal);
    return terminal;
}

void session_leave(struct terminal *terminal)
{
    terminal_keys(terminal, "q");
    assert_int_equal(terminal_wait_end(terminal), 0);
    terminal_close(terminal);
}

char *session_shell(struct session *session, const char *command)
{
    CLEANUP_FREE char *script =
        mem_format("set -eu; export \"$2\" \"$3\" \"$4\"; REFPOINT=$1 EXPORTS=$5 ROOT=$6; %s", command);
    const char *argv[] = {"sh",
                          "-c",
                          script,
                          "sh",
                          session->program,
                          session->environment[0],
                          session->environment[1],
                          session->environment[2],
                          session->exports,
                          session->root,
                          NULL};
    struct error err = {0};
    char *output = NULL;
    if (!proc_run(&(struct proc_spec){.argv = argv}, 120000, "test.shell", &output, &err))
        fail_msg("%s: %s", command, err.cause);
    return output;
}

size_t session_count_exports(struct session *session)
{
    struct error err = {0};
    int fd = -1;
    char **names = NULL;
    size_t count = 0;
    assert_true(fs_open_directory(AT_FDCWD, session->exports, &fd, &err));
    assert_true(fs_list(fd, &names, &count, &err));
    close(fd);
    fs_free_names(names, count);
    return count;
}
