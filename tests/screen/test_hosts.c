/* Several hosts: choosing one, working there while a job of another runs, daemons that do not answer, and
 * what is found on this machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/screen/session.h"

/* What they say goes through the shell, which knows $ROOT. */
static void configure(struct session *session, const char *more, const char *hosts)
{
    CLEANUP_FREE char *command =
        mem_format("mkdir -p \"$XDG_CONFIG_HOME/refpoint\"; cat > \"$XDG_CONFIG_HOME/refpoint/refpoint.cfg\" "
                   "<<CFG\n%s\nhosts = ( %s );\nCFG\n",
                   more, hosts);
    free(session_shell(session, command));
}

static void make_lab(struct session *session)
{
    configure(session, "", "{ name = \"lab\"; store = \"$ROOT/lab\"; }, { name = \"old\"; type = \"x\"; }");
    free(session_shell(
        session, "unset REFPOINT_STORE; qemu-img create -q -f qcow2 \"$ROOT/a.qcow2\" 1M;"
                 "lab=\"$REFPOINT --host lab\"; $lab machine add m --disk \"vda=qcow2:$ROOT/a.qcow2\";"
                 "$lab collection define only-here --member m; $lab point create only-here --name one"));
}

static void test_all_hosts_are_listed(void **state)
{
    struct session *session = *state;
    make_lab(session);
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_wait_text(terminal, "H hosts");
    terminal_press(terminal, "H");
    terminal_wait_text(terminal, ">local");
    terminal_wait_text(terminal, "shown now");
    terminal_wait_text(terminal, "refused");
    assert_true(terminal_has_text(terminal, session->store)); /* not that of the settings */
    terminal_press(terminal, "Down Down");
    terminal_wait_text(terminal, ">old");
    terminal_wait_text(terminal, "Refused: ");
    terminal_press(terminal, "Enter");
    terminal_wait_text(terminal, "This host is refused");
    terminal_wait_text(terminal, ">old");
    terminal_resize(terminal, 16, 60);
    terminal_wait_text(terminal, "Refused: ");
    terminal_resize(terminal, 24, 80);
    /* What is corrected meanwhile can be chosen. */
    configure(session, "", "{ name = \"old\"; store = \"$ROOT/old\"; }");
    terminal_press(terminal, "r");
    assert_false(terminal_has_text(terminal, "refused"));
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "web-prod");
    session_leave(terminal);
}

static void go_to(struct terminal *terminal, const char *text)
{
    for (int i = 0; i < 40 && !terminal_has_text(terminal, text); i++)
        terminal_press(terminal, "Down");
    terminal_wait_text(terminal, text);
}

/* From lab's first screen to a package of its point. */
static void export_from_lab(struct session *session, struct terminal *terminal)
{
    terminal_press(terminal, "Tab e");
    terminal_wait_text(terminal, "1 of 3");
    terminal_wait_text(terminal, "--host lab");
    assert_false(terminal_has_text(terminal, "--store")); /* --host says where it is */
    terminal_type(terminal, session->exports);
    terminal_sync(terminal);
    terminal_wait_text(terminal, "free, writable");
    go_to(terminal, "Enter press");
    terminal_press(terminal, "Right Enter");
    terminal_wait_text(terminal, "2 of 3");
    terminal_press(terminal, "Tab");
    terminal_keys(terminal, "Enter");
    terminal_wait_text(terminal, "7 Completed");
    terminal_sync(terminal);
}

static void test_another_host_while_a_job_of_the_first_runs(void **state)
{
    struct session *session = *state;
    make_lab(session);
    CLEANUP_FREE char *started = session_shell(
        session, "mkdir \"$ROOT/slow\"; \"$REFPOINT\" export web-prod monday --to \"$ROOT/slow\" --rate 64KiB"
                 " --detach --json | jq -r .job");
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_keys(terminal, "H Down Enter"); /* at once: each waits until its list is there */
    terminal_wait_text(terminal, "refpoint   lab (local: ");
    terminal_wait_text(terminal, "only-here");
    terminal_wait_text(terminal, "web-prod"); /* the job, which goes on */
    terminal_sync(terminal);
    assert_false(terminal_has_text(terminal, "Points of web-prod"));
    export_from_lab(session, terminal);
    CLEANUP_FREE char *package =
        session_shell(session, "cd \"$EXPORTS\"/only-here-* && \"$REFPOINT\" package verify .");
    assert_non_null(strstr(package, "whole"));
    terminal_press(terminal, "Esc");
    terminal_wait_text(terminal, "Points of only-here");
    terminal_press(terminal, "H");
    terminal_wait_text(terminal, ">lab");
    terminal_press(terminal, "Up Enter");
    terminal_wait_text(terminal, "refpoint   local: ");
    terminal_wait_text(terminal, "Collections ── 2");
    CLEANUP_FREE char *command = mem_format(
        "job=%.36s; \"$REFPOINT\" job show $job --json | jq -e '.job_state == 4' && \"$REFPOINT\" job cancel "
        "$job && \"$REFPOINT\" job attach $job || test $? = 130",
        started);
    free(session_shell(session, command));
    terminal_wait_text(terminal, "cancelled");
    session_leave(terminal);
}

#define KVM "{ name = \"kvm\"; kind = \"libvirt\"; uri = \"qemu+unix:///system?socket=$ROOT/nobody\"; }"

static void test_nobody_serves_the_socket(void **state)
{
    struct session *session = *state;
    configure(session, "host = \"kvm\";", KVM);
    CLEANUP_FREE char *empty = mem_format("REFPOINT_STORE=%s/empty", session->root);
    const char *const environment[] = {empty, NULL};
    struct terminal *terminal = session_open(session, 24, 80, environment);
    static const char *const said[] = {"refpoint   kvm: qemu+unix:///system", "cannot connect to",
                                       "See that the daemon runs", "r tries again, H chooses another host.",
                                       "r try again  H another host"};
    for (size_t i = 0; i < ARRAY_LENGTH(said); i++)
        terminal_wait_text(terminal, said[i]);
    terminal_sync(terminal);
    assert_false(terminal_has_text(terminal, "e export"));
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "cannot connect to");
    terminal_resize(terminal, 16, 60);
    for (size_t i = 1; i < ARRAY_LENGTH(said); i++)
        terminal_wait_text(terminal, said[i]);
    terminal_resize(terminal, 24, 80);
    terminal_press(terminal, "H");
    terminal_wait_text(terminal, ">kvm");
    terminal_press(terminal, "Up Enter");
    terminal_wait_text(terminal, "refpoint   local: ");
    terminal_wait_text(terminal, "There are no machines and no collections here yet.");
    session_leave(terminal);
}

/* What has been shown once stays, and is told to be old. */
/* Collections and points lie in the store: they are shown, and what was frozen can be exported. */
static void test_what_is_known_of_a_host_that_is_away(void **state)
{
    struct session *session = *state;
    configure(session, "host = \"away\";",
              "{ name = \"away\"; kind = \"libvirt\"; uri = \"qemu+unix:///system?socket=/none\"; "
              "store = \"$REFPOINT_STORE\"; }");
    CLEANUP_FREE char *list = session_shell(session, "unset REFPOINT_STORE; $REFPOINT collection list 2>&1");
    assert_non_null(strstr(list, "web-prod"));
    assert_non_null(strstr(list, "machines are shown as they were last known: cannot connect"));
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_wait_text(terminal, "! Machines as they were last");
    terminal_wait_text(terminal, "Points of");
    session_leave(terminal);
}

static void test_a_list_that_cannot_be_read_again_stays(void **state)
{
    struct session *session = *state;
    make_lab(session);
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_press(terminal, "H Down Enter");
    terminal_wait_text(terminal, "only-here");
    terminal_sync(terminal);
    free(session_shell(session,
                       "mv \"$ROOT/lab/collections\" \"$ROOT/lab/away\"; : > \"$ROOT/lab/collections\""));
    terminal_press(terminal, "r");
    terminal_wait_text(terminal, "! Not read again: ");
    assert_true(terminal_has_text(terminal, "only-here"));
    free(session_shell(session,
                       "rm \"$ROOT/lab/collections\"; mv \"$ROOT/lab/away\" \"$ROOT/lab/collections\""));
    terminal_press(terminal, "r");
    terminal_wait_no_text(terminal, "! Not read again: ");
    session_leave(terminal);
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(strlen(path) < sizeof address.sun_path);
    strcpy(address.sun_path, path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(chmod(path, 0666), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

/* One that takes the connection and says nothing: keys go on working. */
static void test_a_daemon_that_says_nothing(void **state)
{
    struct session *session = *state;
    CLEANUP_FREE char *path = mem_format("%s/nobody", session->root);
    int fd = listen_at(path);
    configure(session, "", KVM);
    struct terminal *terminal = session_open_at(session, 24, 80, "web-prod");
    terminal_keys(terminal, "H Down Enter");
    terminal_wait_text(terminal, "Connecting to qemu+unix:///system");
    terminal_wait_text(terminal, "Esc stop waiting");
    terminal_keys(terminal, "?");
    terminal_wait_text(terminal, "Stop waiting for the host");
    terminal_keys(terminal, "?");
    terminal_wait_text(terminal, "Connecting to");
    terminal_keys(terminal, "H");
    terminal_wait_text(terminal, ">kvm");
    terminal_keys(terminal, "Up Enter");
    terminal_wait_text(terminal, "refpoint   local: ");
    terminal_wait_text(terminal, "Collections ── 2");
    close(fd); /* whoever still waits for it is told so */
    terminal_sync(terminal);
    session_leave(terminal);
}

/* As an account that is not root: whose own daemon is told by its socket. */
static struct terminal *open_as_somebody(struct session *session)
{
    CLEANUP_FREE char *mine = mem_format("%s/somebody", session->root);
    CLEANUP_FREE char *program = mem_format("%s/refpoint", mine);
    CLEANUP_FREE char *home = mem_format("HOME=%s", mine);
    CLEANUP_FREE char *runtime = mem_format("XDG_RUNTIME_DIR=%s", mine);
    const char *const environment[] = {home, runtime, NULL};
    const char *const other[] = {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534",
                                 "--clear-groups",   program,         NULL};
    const char *const self[] = {program, NULL};
    return terminal_open(&(struct terminal_spec){
        .argv = geteuid() == 0 ? other : self, .environment = environment, .rows = 24, .columns = 80});
}

static void test_a_daemon_of_this_machine_is_offered(void **state)
{
    struct session *session = *state;
    free(session_shell(
        session, "chmod 755 \"$ROOT\"; mkdir -p \"$ROOT/somebody/libvirt\"; cp \"$REFPOINT\" "
                 "\"$ROOT/somebody/refpoint\"; test $(id -u) != 0 || chown -R 65534 \"$ROOT/somebody\""));
    CLEANUP_FREE char *path = mem_format("%s/somebody/libvirt/libvirt-sock", session->root);
    int fd = listen_at(path);
    struct terminal *terminal = open_as_somebody(session);
    terminal_wait_text(terminal, "There are no machines and no collections here yet.");
    terminal_wait_text(terminal, "H  Work with the machines of the libvirt daemon");
    terminal_sync(terminal);
    terminal_press(terminal, "H");
    terminal_wait_text(terminal, "qemu:///session");
    terminal_wait_text(terminal, "found here");
    terminal_press(terminal, "G");
    terminal_wait_text(terminal, ">qemu:///session");
    terminal_wait_text(terminal, "/.local/share/refpoint/hosts/qemu-session");
    terminal_keys(terminal, "Enter");
    terminal_wait_text(terminal, "refpoint   qemu:///session");
    terminal_wait_text(terminal, "Connecting to qemu:///session");
    close(fd);
    terminal_wait_text(terminal, "cannot connect to qemu:///session");
    session_leave(terminal);
}

static const struct CMUnitTest tests[] = {
    SESSION_TEST(test_all_hosts_are_listed),
    SESSION_TEST(test_another_host_while_a_job_of_the_first_runs),
    SESSION_TEST(test_nobody_serves_the_socket),
    SESSION_TEST(test_what_is_known_of_a_host_that_is_away),
    SESSION_TEST(test_a_list_that_cannot_be_read_again_stays),
    SESSION_TEST(test_a_daemon_that_says_nothing),
    SESSION_TEST(test_a_daemon_of_this_machine_is_offered),
};

SESSION_MAIN(tests)
