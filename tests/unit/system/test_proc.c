/* Other programs: started without a shell, bounded, and never left behind. Small shell scripts play them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/units.h"
#include "core/system/proc.h"
#include "tests/pulse.h"
#include "tests/unit/support/scratch.h"

#define PATIENCE 300000
#define SHELL(script) ((const char *const[]){"sh", "-c", (script), NULL})

static char *output_of(const struct proc_spec *spec)
{
    struct error err = {0};
    char *output = NULL;
    if (!proc_run(spec, PATIENCE, "test", &output, &err))
        fail_msg("%s: %s", err.what, err.cause);
    assert_int_equal(err.code, 0);
    return output;
}

static void assert_output(const char *const *argv, const char *wanted)
{
    CLEANUP_FREE char *output = output_of(&(struct proc_spec){.argv = argv});
    assert_string_equal(output, wanted);
}

static unsigned open_descriptors(void)
{
    struct error err = {0};
    CLEANUP_FD int fd = -1;
    char **names = NULL;
    size_t count = 0;
    assert_true(fs_open_directory(AT_FDCWD, "/proc/self/fd", &fd, &err));
    assert_true(fs_list(fd, &names, &count, &err));
    fs_free_names(names, count);
    return (unsigned)count;
}

static void test_output(void **state)
{
    (void)state;
    static const char *const argv[] = {"printf", "<%s>", "a b", "$(reboot)", "'\"", "", "-n", NULL};
    assert_output(argv, "<a b><$(reboot)><'\"><><-n>");
    assert_output(SHELL("true"), "");
    assert_output(SHELL("echo to stderr >&2; echo out"), "out\n");
    assert_output(SHELL("echo $LC_ALL"), "C\n");
    assert_output(SHELL("cat"), "");
    struct error err = {0};
    assert_true(
        proc_run(&(struct proc_spec){.argv = SHELL("echo not wanted")}, PATIENCE, "test", NULL, &err));
}

static void assert_fails(const char *const *argv, const char *what, const char *cause)
{
    struct error err = {0};
    char *output = NULL;
    assert_false(proc_run(&(struct proc_spec){.argv = argv}, PATIENCE, "image.tool", &output, &err));
    assert_null(output);
    assert_int_equal(err.code, RETURN_FAILED);
    assert_string_equal(err.key, "image.tool");
    assert_string_equal(err.what, what);
    assert_string_equal(err.cause, cause);
}

static void test_failures(void **state)
{
    (void)state;
    assert_fails(SHELL("echo out; echo one >&2; echo 'two\033[31m' >&2; exit 3"), "sh -c failed",
                 "one two\\x1b[31m");
    assert_fails(SHELL("exit 3"), "sh -c failed", "it ended with status 3 and without a word");
    assert_fails(SHELL("kill -9 $$"), "sh -c failed", "it was ended by signal 9 (Killed)");
    assert_fails(SHELL("echo last words >&2; kill -9 $$"), "sh -c failed",
                 "last words: it was ended by signal 9 (Killed)");
    assert_fails((const char *const[]){"false", NULL}, "false failed",
                 "it ended with status 1 and without a word");
}

static void test_no_space_is_said(void **state)
{
    (void)state;
    struct error err = {0};
    struct proc_spec spec = {
        .argv = SHELL("echo 'qemu-img: error while writing: No space left on device' >&2; exit 1")};
    assert_false(proc_run(&spec, -1, "test", NULL, &err));
    assert_string_equal(err.next, "Free some space there, then try again.");
}

static void test_missing(void **state)
{
    (void)state;
    struct error err = {0};
    struct proc proc;
    static const char *const missing[] = {"refpoint-no-such-program", NULL};
    assert_false(proc_start(&(struct proc_spec){.argv = missing}, false, &proc, &err));
    assert_int_equal(err.code, RETURN_NOT_AVAILABLE);
    assert_string_equal(err.key, "program.missing");
    assert_string_not_equal(err.next, "");
    assert_int_equal(proc.pid, -1);
    assert_int_equal(proc_end(&proc, 0), -1);

    static const char *const path[] = {"/no/such/program", NULL};
    assert_false(proc_start(&(struct proc_spec){.argv = path}, false, &proc, &err));
    assert_string_equal(err.key, "program.exec");
    assert_int_equal(err.code, RETURN_FILE_NOT_FOUND);
    assert_true(fs_write_atomic(AT_FDCWD, "no-program", "hello", 5, 0600, &err));
    static const char *const file[] = {"./no-program", NULL};
    assert_false(proc_start(&(struct proc_spec){.argv = file}, false, &proc, &err));
    assert_int_equal(err.code, RETURN_ACCESS_DENIED);
    /* A directory of that name in PATH is no program. */
    CLEANUP_FREE char *before = mem_strdup(getenv("PATH"));
    CLEANUP_FREE char *with_directory = mem_format("%s/bin:%s", scratch_path, before);
    assert_true(fs_make_directories("bin/printf", 0700, &err));
    setenv("PATH", with_directory, 1);
    assert_output((const char *const[]){"printf", "found", NULL}, "found");
    setenv("PATH", before, 1);
}

static void test_time_out(void **state)
{
    (void)state;
    struct error err = {0};
    struct pulse *pulse = pulse_start();
    assert_false(proc_run(&(struct proc_spec){.argv = SHELL("trap '' TERM; exec sleep 1000")}, 100,
                          "image.tool", NULL, &err));
    assert_true(pulse_stop(pulse) < 30000);
    assert_int_equal(err.code, RETURN_TIMEOUT);
    assert_string_equal(err.key, "image.tool");
    assert_string_equal(err.what, "sh took longer than 0.1 s and was ended");
    /* Also when it has closed its output. */
    assert_false(
        proc_run(&(struct proc_spec){.argv = SHELL("exec >&- 2>&-; exec sleep 1000")}, 100, "x", NULL, &err));
    assert_int_equal(err.code, RETURN_TIMEOUT);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void test_output_is_capped(void **state)
{
    (void)state;
    CLEANUP_FREE char *output = output_of(&(struct proc_spec){
        .argv = SHELL("head -c 70000000 /dev/zero | tr '\\0' x; head -c 100000 /dev/zero >&2")});
    assert_int_equal(strlen(output), 64 << 20);
}

static void test_error_is_capped(void **state)
{
    (void)state;
    struct error err = {0};
    assert_false(
        proc_run(&(struct proc_spec){.argv = SHELL("head -c 300000 /dev/zero | tr '\\0' y >&2; exit 1")},
                 PATIENCE, "x", NULL, &err));
    assert_int_equal(strlen(err.cause), sizeof err.cause - 1);
}

static void test_descriptors(void **state)
{
    (void)state;
    struct error err = {0};
    assert_true(fs_write_atomic(AT_FDCWD, "one", "first", 5, 0600, &err));
    assert_true(fs_write_atomic(AT_FDCWD, "two", "second", 6, 0600, &err));
    /* Low numbers, in the way of their targets, in the wrong order, one of them twice. */
    int one = open("one", O_RDONLY | O_CLOEXEC);
    int two = open("two", O_RDONLY | O_CLOEXEC);
    int leaked = open("one", O_RDONLY);
    const int handed_over[] = {two, one, two};
    const struct proc_spec spec = {
        .argv = SHELL("cat <&4; cat <&3; cat <&5; ls /proc/self/fd | tr '\\n' ' '"),
        .descriptors = handed_over,
        .descriptor_count = 3,
    };
    CLEANUP_FREE char *output = output_of(&spec);
    /* The last one is ls's own. */
    assert_string_equal(output, "firstsecond0 1 2 3 4 5 6 ");
    assert_output(SHELL("ls /proc/self/fd | tr '\\n' ' '"), "0 1 2 3 ");
    close(one);
    close(two);
    close(leaked);
}

static void test_listening(void **state)
{
    (void)state;
    CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct proc_spec spec = {
        .argv =
            SHELL("[ $LISTEN_PID -eq $$ ] && [ $LISTEN_FDS -eq 1 ] && [ -S /proc/self/fd/3 ] && echo yes"),
        .descriptors = &fd,
        .descriptor_count = 1,
        .listen = true,
    };
    setenv("LISTEN_FDNAMES", "x", 1);
    CLEANUP_FREE char *output = output_of(&spec);
    assert_string_equal(output, "yes\n");
    assert_output(SHELL("echo \"$LISTEN_PID$LISTEN_FDS$LISTEN_FDNAMES\""), "\n");
    unsetenv("LISTEN_FDNAMES");
}

/* What is given takes the place of what we have; the rest goes over. */
static void test_environment(void **state)
{
    (void)state;
    static const char *const given[] = {"REFPOINT_A=new", "REFPOINT_C=", NULL};
    struct proc_spec spec = {
        .argv =
            SHELL("echo \"$REFPOINT_A,$REFPOINT_AB,${REFPOINT_C-unset}\"; env | grep -c '^REFPOINT_[AC]'"),
        .environment = given};
    setenv("REFPOINT_A", "old", 1);
    setenv("REFPOINT_AB", "kept", 1);
    CLEANUP_FREE char *output = output_of(&spec);
    assert_string_equal(output, "new,kept,\n3\n");
    unsetenv("REFPOINT_A");
    unsetenv("REFPOINT_AB");
}

/* A child reads what it is given, from where the descriptor stands, and finds no terminal to ask on. */
static void test_input_and_no_terminal(void **state)
{
    (void)state;
    CLEANUP_FD int fd = memfd_create("input", MFD_CLOEXEC);
    assert_int_equal(write(fd, "a word\n", 7), 7);
    assert_int_equal(lseek(fd, 2, SEEK_SET), 2);
    CLEANUP_FREE char *read = output_of(&(struct proc_spec){.argv = SHELL("exec cat"), .input_from = fd});
    assert_string_equal(read, "word\n");
    struct proc_spec session = {.argv = SHELL("exec cut -d' ' -f1,6 /proc/self/stat"), .no_terminal = true};
    CLEANUP_FREE char *own = output_of(&session);
    session.no_terminal = false;
    CLEANUP_FREE char *ours = output_of(&session);
    char *end = NULL;
    long pid = strtol(own, &end, 10);
    assert_int_equal(strtol(end, NULL, 10), pid);
    strtol(ours, &end, 10);
    assert_int_equal(strtol(end, NULL, 10), getsid(0));
}

static void test_signals(void **state)
{
    (void)state;
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    assert_fails(SHELL("kill -PIPE $$; echo ignored"), "sh -c failed",
                 "it was ended by signal 13 (Broken pipe)");
    assert_fails(SHELL("kill -USR1 $$; echo ignored"), "sh -c failed",
                 "it was ended by signal 10 (User defined signal 1)");
    signal(SIGPIPE, SIG_DFL);
    signal(SIGUSR1, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void test_start_and_end(void **state)
{
    (void)state;
    struct error err = {0};
    struct proc proc;
    int status = 0;
    char line[8] = "";
    assert_true(proc_start(&(struct proc_spec){.argv = SHELL("echo ready; echo oops >&2; exec sleep 1000")},
                           true, &proc, &err));
    assert_int_equal(read(proc.output_fd, line, sizeof line), 6);
    assert_false(proc_wait(&proc, 0, &status));
    assert_false(proc_wait(&proc, 20, &status));
    CLEANUP_FREE char *said = NULL;
    do {
        free(said);
        said = proc_error_text(&proc);
    } while (*said == '\0');
    assert_string_equal(said, "oops");
    status = proc_end(&proc, PATIENCE);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_int_equal(proc.pid, -1);
    assert_int_equal(proc.output_fd, -1);
    assert_int_equal(proc_end(&proc, PATIENCE), -1);
    assert_true(proc_wait(&proc, -1, &status));
    assert_int_equal(status, -1);
    CLEANUP_FREE char *nothing = proc_error_text(&proc);
    assert_string_equal(nothing, "");

    assert_true(proc_start(&(struct proc_spec){.argv = SHELL("exit 7")}, false, &proc, &err));
    assert_true(proc_wait(&proc, -1, &status));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    proc_end(&proc, 0);

    /* One that does not want to end. */
    assert_true(proc_start(&(struct proc_spec){.argv = SHELL("trap '' TERM; echo ready; exec sleep 1000")},
                           true, &proc, &err));
    assert_int_equal(read(proc.output_fd, line, sizeof line), 6);
    status = proc_end(&proc, 50);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void *start_on_thread(void *argument)
{
    struct error err = {0};
    return proc_start(&(struct proc_spec){.argv = (const char *const[]){"sleep", "1000", NULL}}, false,
                      argument, &err)
               ? argument
               : NULL;
}

/* kill -9 of the program, or an end of the thread, leaves no child. */
static void test_dies_with_its_thread(void **state)
{
    (void)state;
    struct proc proc;
    pthread_t thread;
    void *started = NULL;
    int status = 0;
    assert_int_equal(pthread_create(&thread, NULL, start_on_thread, &proc), 0);
    assert_int_equal(pthread_join(thread, &started), 0);
    assert_non_null(started);
    assert_true(proc_wait(&proc, PATIENCE, &status));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    proc_end(&proc, 0);
}

static void test_no_descriptor_is_lost(void **state)
{
    (void)state;
    struct error err = {0};
    static const char *const missing[] = {"/no/such/program", NULL};
    unsigned before = open_descriptors();
    for (int i = 0; i < 20; i++) {
        assert_false(proc_run(&(struct proc_spec){.argv = missing}, PATIENCE, "x", NULL, &err));
        assert_false(proc_run(&(struct proc_spec){.argv = SHELL("exit 1")}, PATIENCE, "x", NULL, &err));
        assert_output(SHELL("echo x"), "x\n");
    }
    assert_int_equal(open_descriptors(), before);
}

/* Wherever the limit of descriptors strikes, it is an error, and the child is not started half-fitted. */
static void test_without_descriptors(void **state)
{
    (void)state;
    struct rlimit limit;
    struct rlimit few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    unsigned before = open_descriptors();
    bool worked = false;
    for (rlim_t count = before; count < before + 30 && !worked; count++) {
        struct error err = {0};
        struct proc_spec spec = {.argv = SHELL("[ -c /proc/self/fd/0 ] && read x || echo fine")};
        char *output = NULL;
        few = limit;
        few.rlim_cur = count;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        worked = proc_run(&spec, PATIENCE, "x", &output, &err);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        if (worked)
            assert_string_equal(output, "fine\n");
        else
            assert_string_not_equal(err.what, "");
        free(output);
        assert_int_equal(open_descriptors(), before);
    }
    assert_true(worked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_no_space_is_said),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_time_out),
        cmocka_unit_test(test_output_is_capped),
        cmocka_unit_test(test_error_is_capped),
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_listening),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_input_and_no_terminal),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_start_and_end),
        cmocka_unit_test(test_dies_with_its_thread),
        cmocka_unit_test(test_no_descriptor_is_lost),
        cmocka_unit_test(test_without_descriptors),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
