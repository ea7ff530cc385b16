/* fork and exec from a threaded program: between the two the child calls async-signal-safe functions only;
 * all that needs memory (environment, PATH search, descriptors out of the way of their targets) is made
 * beforehand. */
#include "core/system/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/base/units.h"

#define FIRST_HANDED_OVER 3
#define OUTPUT_LIMIT ((size_t)64 << 20)
#define ERROR_LIMIT ((size_t)8 << 10)
#define PID_DIGITS 10
#define KILL_PATIENCE_MS 500
#define LOOK_PAUSE_NS 2000000L

struct launch {
    char *path;
    char **environment;
    char *listen_pid; /* where the child writes its own id, PID_DIGITS digits */
    int *sources;     /* all above the targets' range */
    size_t source_count;
    int standard[3];
    int null;
    int input_copy;  /* of what is the input instead; -1 = none */
    int output_copy; /* of what takes the output instead; -1 = none */
    bool no_terminal;
    int report_fd; /* errno of a failed exec */
    sigset_t no_signals;
};

static bool is_program(const char *path)
{
    struct stat status;
    return access(path, X_OK) == 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

char *proc_find_program(const char *name)
{
    if (strchr(name, '/'))
        return mem_strdup(name);
    const char *path = getenv("PATH");
    if (!path || !*path)
        path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
    while (*path) {
        size_t length = strcspn(path, ":");
        char *candidate = mem_format("%.*s/%s", (int)length, path, name);
        if (length > 0 && is_program(candidate))
            return candidate;
        free(candidate);
        path += length + (path[length] == ':');
    }
    return NULL;
}

static bool is_replaced(const char *variable, const char *const *given)
{
    if (strncmp(variable, "LC_ALL=", 7) == 0 || strncmp(variable, "LISTEN_", 7) == 0)
        return true;
    size_t name = strcspn(variable, "=") + 1;
    while (given && *given && strncmp(variable, *given, name) != 0)
        given++;
    return given && *given;
}

static void make_environment(struct launch *launch, const char *const *given, bool listen)
{
    size_t count = 0;
    for (char **variable = environ; *variable; variable++) {
        if (!is_replaced(*variable, given))
            *ARRAY_APPEND(launch->environment, count) = mem_strdup(*variable);
    }
    for (const char *const *variable = given; variable && *variable; variable++)
        *ARRAY_APPEND(launch->environment, count) = mem_strdup(*variable);
    *ARRAY_APPEND(launch->environment, count) = mem_strdup("LC_ALL=C");
    if (listen) {
        char *variable = mem_strdup("LISTEN_PID=0000000000");
        launch->listen_pid = variable + strlen("LISTEN_PID=");
        *ARRAY_APPEND(launch->environment, count) = variable;
        *ARRAY_APPEND(launch->environment, count) = mem_strdup("LISTEN_FDS=1");
    }
    *ARRAY_APPEND(launch->environment, count) = NULL;
}

static void free_launch(struct launch *launch)
{
    free(launch->path);
    for (char **variable = launch->environment; variable && *variable; variable++)
        free(*variable);
    free(launch->environment);
    for (size_t i = 0; i < launch->source_count; i++)
        close(launch->sources[i]);
    free(launch->sources);
    if (launch->input_copy >= 0)
        close(launch->input_copy);
    if (launch->output_copy >= 0)
        close(launch->output_copy);
    if (launch->null >= 0)
        close(launch->null);
}

static void child_main(const struct launch *launch, const char *const *argv, pid_t parent)
    __attribute__((noreturn));

static void child_main(const struct launch *launch, const char *const *argv, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* Ctrl-C at the terminal asks us to cancel; it must not end qemu-nbd behind our back. */
    if (!launch->no_terminal || setsid() < 0)
        setpgid(0, 0);
    if (getppid() != parent)
        _exit(127);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &launch->no_signals, NULL);
    for (int i = 0; i < 3; i++)
        dup2(launch->standard[i], i);
    for (size_t i = 0; i < launch->source_count; i++)
        dup2(launch->sources[i], FIRST_HANDED_OVER + (int)i);
    syscall(SYS_close_range, FIRST_HANDED_OVER + (unsigned)launch->source_count, ~0U, 1U << 2 /* CLOEXEC */);
    if (launch->listen_pid) {
        pid_t self = getpid();
        for (int i = PID_DIGITS - 1; i >= 0; i--, self /= 10)
            launch->listen_pid[i] = (char)('0' + self % 10);
    }
    /* execve takes its arguments without const for historical reasons and does not write to them. */
    union {
        const char *const *given;
        char *const *taken;
    } arguments = {.given = argv};
    execve(launch->path, arguments.taken, launch->environment);
    int number = errno;
    ssize_t written = write(launch->report_fd, &number, sizeof number);
    (void)written;
    _exit(127);
}

static bool say_missing(const char *name, struct error *err)
{
    error_set(err, RETURN_NOT_AVAILABLE, "program.missing", "the program %s is not installed", name);
    bool of_ssh = strcmp(name, "ssh") == 0 || strncmp(name, "ssh-", 4) == 0;
    const char *package = strncmp(name, "qemu", 4) == 0 ? "qemu-utils" : of_ssh ? "openssh-client" : name;
    return error_next(err, "Install it (on Debian: apt-get install %s) and try again.", package);
}

bool proc_check_program(const char *name, struct error *err)
{
    CLEANUP_FREE char *path = proc_find_program(name);
    return path || say_missing(name, err);
}

/* Of what the child is given, above the descriptors' targets. */
static bool copy_above(const struct proc_spec *spec, int given, int *copy, struct error *err)
{
    *copy = fcntl(given, F_DUPFD_CLOEXEC, FIRST_HANDED_OVER + (int)spec->descriptor_count + 1);
    return *copy >= 0 ||
           error_errno(err, errno, "program.descriptors", "cannot hand files over to %s", spec->argv[0]);
}

static bool prepare(const struct proc_spec *spec, struct launch *launch, struct error *err)
{
    launch->path = proc_find_program(spec->argv[0]);
    if (!launch->path)
        return say_missing(spec->argv[0], err);
    make_environment(launch, spec->environment, spec->listen);
    launch->no_terminal = spec->no_terminal;
    if ((spec->input_from > 0 && !copy_above(spec, spec->input_from, &launch->input_copy, err)) ||
        (spec->output_to > 0 && !copy_above(spec, spec->output_to, &launch->output_copy, err)))
        return false;
    for (size_t i = 0; i < spec->descriptor_count; i++) {
        int copy;
        if (!copy_above(spec, spec->descriptors[i], &copy, err))
            return false;
        *ARRAY_APPEND(launch->sources, launch->source_count) = copy;
    }
    return true;
}

/* A pipe whose ends lie above the descriptors' targets, so that dup2 in the child cannot hit them. */
static bool make_pipe(int ends[2], int above, struct error *err)
{
    int low[2];
    if (pipe2(low, O_CLOEXEC) != 0)
        return error_errno(err, errno, "program.pipe", "cannot make a pipe");
    ends[0] = fcntl(low[0], F_DUPFD_CLOEXEC, above);
    ends[1] = fcntl(low[1], F_DUPFD_CLOEXEC, above);
    close(low[0]);
    close(low[1]);
    if (ends[0] < 0 || ends[1] < 0)
        return error_errno(err, EMFILE, "program.pipe", "cannot make a pipe");
    return true;
}

static bool open_null(struct launch *launch, int above, struct error *err)
{
    CLEANUP_FD int low = open("/dev/null", O_RDWR | O_CLOEXEC);
    launch->null = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, above);
    return launch->null >= 0 || error_errno(err, errno, "program.input", "cannot open /dev/null");
}

static void close_pair(int ends[2])
{
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0)
            close(ends[i]);
        ends[i] = -1;
    }
}

static bool fork_child(const struct proc_spec *spec, struct launch *launch, int report[2], struct proc *proc,
                       struct error *err)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigemptyset(&launch->no_signals);
    pid_t parent = getpid();
    /* All signals blocked: no handler of ours may run in the child. */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        child_main(launch, spec->argv, parent);
    int number = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    report[1] = -1;
    if (pid < 0)
        return error_errno(err, number, "program.fork", "cannot start %s", spec->argv[0]);
    ssize_t got;
    do
        got = read(report[0], &number, sizeof number);
    while (got < 0 && errno == EINTR);
    if (got == (ssize_t)sizeof number) {
        waitpid(pid, NULL, 0);
        error_errno(err, number, "program.exec", "cannot start %s", launch->path);
        return number == EACCES ? error_next(err, "Let this account execute it, or install it anew.") : false;
    }
    proc->pid = pid;
    return true;
}

bool proc_start(const struct proc_spec *spec, bool capture_output, struct proc *proc, struct error *err)
{
    struct launch launch = {.standard = {-1, -1, -1}, .null = -1, .input_copy = -1, .output_copy = -1};
    int report[2] = {-1, -1};
    int output[2] = {-1, -1};
    int errors[2] = {-1, -1};
    int above = FIRST_HANDED_OVER + (int)spec->descriptor_count + 1;
    *proc = (struct proc){.pid = -1, .output_fd = -1, .error_fd = -1};
    bool ok = prepare(spec, &launch, err) && make_pipe(report, above, err) && make_pipe(errors, above, err) &&
              (!capture_output || make_pipe(output, above, err)) && open_null(&launch, above, err);
    if (ok) {
        launch.standard[0] = spec->input_from > 0 ? launch.input_copy : launch.null;
        launch.standard[1] = capture_output ? output[1] : launch.null;
        if (spec->output_to > 0)
            launch.standard[1] = launch.output_copy;
        launch.standard[2] = errors[1];
        launch.report_fd = report[1];
        ok = fork_child(spec, &launch, report, proc, err);
    }
    if (ok) {
        fcntl(errors[0], F_SETFL, O_NONBLOCK);
        proc->error_fd = errors[0];
        proc->output_fd = output[0];
        errors[0] = output[0] = -1;
    }
    close_pair(report);
    close_pair(output);
    close_pair(errors);
    free_launch(&launch);
    return ok;
}

/* For kernels before 5.3, and what runs programs without pidfd_open(2): false when the child still runs at
 * the end. Other threads have children too, so that no signal can be waited for. */
static bool look_until(struct proc *proc, int64_t end, int *status)
{
    for (;;) {
        pid_t pid = waitpid(proc->pid, status, WNOHANG);
        if (pid != 0 && !(pid < 0 && errno == EINTR)) {
            *status = pid < 0 ? -1 : *status;
            proc->pid = -1;
            return true;
        }
        if (monotonic_milliseconds() >= end)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = LOOK_PAUSE_NS}, NULL);
    }
}

static bool poll_until(int pidfd, int64_t end)
{
    struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};
    int ready;
    do {
        int64_t left = end - monotonic_milliseconds();
        ready = poll(&poll_fd, 1, left < 0 ? 0 : (int)left);
    } while (ready < 0 && errno == EINTR);
    return ready != 0;
}

bool proc_wait(struct proc *proc, int patience_ms, int *status)
{
    if (proc->pid < 0) {
        *status = -1;
        return true;
    }
    int64_t end = monotonic_milliseconds() + patience_ms;
    int pidfd = patience_ms < 0 ? -1 : (int)syscall(SYS_pidfd_open, proc->pid, 0);
    if (patience_ms >= 0 && pidfd < 0)
        return look_until(proc, end, status);
    if (pidfd >= 0) {
        bool ready = poll_until(pidfd, end);
        close(pidfd);
        if (!ready)
            return false;
    }
    while (waitpid(proc->pid, status, 0) < 0 && errno == EINTR)
        ;
    proc->pid = -1;
    return true;
}

int proc_end(struct proc *proc, int patience_ms)
{
    int status = -1;
    if (proc->pid >= 0) {
        kill(proc->pid, SIGTERM);
        if (!proc_wait(proc, patience_ms, &status)) {
            kill(proc->pid, SIGKILL);
            /* A child that hangs in the kernel on dead storage cannot be reaped; waiting for it would hang
             * the caller too. It ends as soon as the kernel lets go of it. */
            if (!proc_wait(proc, KILL_PATIENCE_MS, &status))
                status = -1;
        }
    }
    if (proc->output_fd >= 0)
        close(proc->output_fd);
    if (proc->error_fd >= 0)
        close(proc->error_fd);
    *proc = (struct proc){.pid = -1, .output_fd = -1, .error_fd = -1};
    return status;
}

bool proc_drain(int fd, struct strbuf *buffer, size_t limit)
{
    char block[16384];
    ssize_t got = read(fd, block, sizeof block);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    size_t room = limit > buffer->length ? limit - buffer->length : 0;
    if (got > 0)
        strbuf_add_bytes(buffer, block, (size_t)got < room ? (size_t)got : room);
    return got > 0;
}

static char *one_line(struct strbuf *text)
{
    while (text->length > 0 && strchr("\r\n ", text->data[text->length - 1]))
        text->data[--text->length] = '\0';
    for (size_t i = 0; i < text->length; i++) {
        if (text->data[i] == '\n')
            text->data[i] = ' ';
    }
    return text_escape(text->data ? text->data : "");
}

char *proc_error_text(struct proc *proc)
{
    CLEANUP_STRBUF struct strbuf text = {0};
    struct pollfd poll_fd = {.fd = proc->error_fd, .events = POLLIN};
    while (proc->error_fd >= 0 && poll(&poll_fd, 1, 0) > 0 && proc_drain(proc->error_fd, &text, ERROR_LIMIT))
        ;
    return one_line(&text);
}

static char *describe_end(int status, const char *said)
{
    if (WIFSIGNALED(status)) {
        const char *name = sigdescr_np(WTERMSIG(status));
        return mem_format("%s%sit was ended by signal %d (%s)", said, *said ? ": " : "", WTERMSIG(status),
                          name ? name : "unknown");
    }
    if (*said == '\0')
        return mem_format("it ended with status %d and without a word", WEXITSTATUS(status));
    return mem_strdup(said);
}

bool proc_explain(int status, const char *said, struct error *err)
{
    CLEANUP_FREE char *cause = describe_end(status, said);
    error_cause(err, "%s", cause);
    /* Children run with LC_ALL=C. */
    bool no_space = strstr(said, strerrordesc_np(ENOSPC)) != NULL;
    return no_space ? error_next(err, "%s", error_next_of(ENOSPC)) : false;
}

bool proc_run(const struct proc_spec *spec, int patience_ms, const char *key, char **output,
              struct error *err)
{
    struct proc proc;
    if (!proc_start(spec, true, &proc, err))
        return false;
    CLEANUP_STRBUF struct strbuf text = {0};
    CLEANUP_STRBUF struct strbuf errors = {0};
    struct pollfd fds[2] = {{.fd = proc.output_fd, .events = POLLIN},
                            {.fd = proc.error_fd, .events = POLLIN}};
    int64_t end = monotonic_milliseconds() + patience_ms;
    bool in_time = true;
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        int64_t left = patience_ms < 0 ? -1 : end - monotonic_milliseconds();
        if (patience_ms >= 0 && left <= 0) {
            in_time = false;
            break;
        }
        if (poll(fds, 2, (int)left) <= 0)
            continue;
        if (fds[0].revents && !proc_drain(fds[0].fd, &text, OUTPUT_LIMIT))
            fds[0].fd = -1;
        if (fds[1].revents && !proc_drain(fds[1].fd, &errors, ERROR_LIMIT))
            fds[1].fd = -1;
    }
    int status = 0;
    bool ended = in_time && proc_wait(&proc, patience_ms, &status);
    proc_end(&proc, 1000);
    if (!ended) {
        error_set(err, RETURN_TIMEOUT, key, "%s took longer than %g s and was ended", spec->argv[0],
                  patience_ms / 1000.0);
        return error_next(
            err, "The machine or its storage may be overloaded or hang: look at both, then try again.");
    }
    int exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (exit_status != 0 && exit_status != spec->also_fine) {
        CLEANUP_FREE char *said = one_line(&errors);
        error_set(err, RETURN_FAILED, key, "%s%s%s failed", spec->argv[0], spec->argv[1] ? " " : "",
                  spec->argv[1] ? spec->argv[1] : "");
        return proc_explain(status, said, err);
    }
    if (output)
        *output = strbuf_take(&text);
    return true;
}
