/* Stands between a program and libvirt, for tests: built as a shared library and loaded by LD_PRELOAD
 * (live.bash does both).
 *
 * REFPOINT_TEST_TRACE=FILE, absolute: a line is appended for each call that ended,
 *
 *   PID BEGIN END FUNCTION UUID RESULT
 *
 * BEGIN and END in nanoseconds of CLOCK_MONOTONIC; UUID of the domain, "-" if there is none; RESULT is ok,
 * failed:CODE with libvirt's number, or refused when the call was not made because of:
 *
 * REFPOINT_TEST_AT=FUNCTION:N:before|after:ACTION, at the N-th call of FUNCTION in this process, counted from
 * 1 as they begin:
 *
 *   kill         SIGKILL to the own process
 *   fail         failure is returned, with an error of libvirt's; before: the call is not made, after: it was
 * made, and traced as it went run=COMMAND  a shell does it, with stdout going to stderr; other threads that
 * come to a function of this file wait meanwhile. Its line in the trace has "run" for the function. A COMMAND
 * that fails is said on stderr.
 *
 * It acts in the process that it was first loaded into, and no other: it is taken out of the environment, and
 * what is forked does not act. The trace goes on in all of them.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

enum function {
    SUSPEND,
    RESUME,
    SNAPSHOT_CREATE,
    BLOCK_COMMIT,
    BLOCK_JOB_ABORT,
    DEFINE,
    DEFINE_FLAGS,
    FREEZE,
    THAW,
    BACKUP_BEGIN,
    CHECKPOINT_CREATE,
    FUNCTION_COUNT,
};

static const char *const names[FUNCTION_COUNT] = {
    [SUSPEND] = "virDomainSuspend",
    [RESUME] = "virDomainResume",
    [SNAPSHOT_CREATE] = "virDomainSnapshotCreateXML",
    [BLOCK_COMMIT] = "virDomainBlockCommit",
    [BLOCK_JOB_ABORT] = "virDomainBlockJobAbort",
    [DEFINE] = "virDomainDefineXML",
    [DEFINE_FLAGS] = "virDomainDefineXMLFlags",
    [FREEZE] = "virDomainFSFreeze",
    [THAW] = "virDomainFSThaw",
    [BACKUP_BEGIN] = "virDomainBackupBegin",
    [CHECKPOINT_CREATE] = "virDomainCheckpointCreateXML",
};

enum action { ACTION_NONE, ACTION_KILL, ACTION_FAIL, ACTION_RUN };

/* Of the process; written before main. */
static struct {
    char *trace;
    pid_t owner; /* who acts */
    enum function function;
    unsigned long at;
    bool after;
    enum action action;
    char *command;
} plan;

/* Counts are under it, and it is held while a command runs. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static unsigned long counts[FUNCTION_COUNT];

struct call {
    enum function function;
    bool chosen;
    bool refused;
    int64_t begin;
    char uuid[VIR_UUID_STRING_BUFLEN];
};

__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
    char text[512];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    dprintf(STDERR_FILENO, "interpose: %s\n", text);
}

static void *find(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) { /* libvirt was opened by dlopen */
        void *library = dlopen("libvirt.so.0", RTLD_LAZY | RTLD_NOLOAD);
        found = library ? dlsym(library, name) : NULL;
    }
    return found;
}

static void *real(const char *name)
{
    void *found = find(name);
    if (!found) {
        complain("there is no %s", name);
        abort();
    }
    return found;
}

#define REAL(name) ((__typeof__(&name))real(#name))

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* The file is opened for each line: programs close what they did not open. One write, so lines of several
 * processes do not mix. */
static void trace(int64_t begin, const char *function, const char *uuid, const char *result)
{
    int file;
    if (!plan.trace)
        return;
    file = open(plan.trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) {
        complain("%s: %s", plan.trace, strerror(errno));
        return;
    }
    dprintf(file, "%ld %lld %lld %s %s %s\n", (long)getpid(), (long long)begin, (long long)now(), function,
            uuid, result);
    close(file);
}

static char **environment_of_command(void)
{
    static const char *const left_out[] = {"LD_PRELOAD=", "REFPOINT_TEST_TRACE=", "REFPOINT_TEST_AT="};
    size_t count = 0;
    size_t kept = 0;
    char **copy;
    while (environ[count])
        count++;
    copy = calloc(count + 1, sizeof *copy);
    if (!copy)
        abort();
    for (size_t i = 0; i < count; i++) {
        bool keep = true;
        for (size_t j = 0; j < sizeof left_out / sizeof *left_out; j++)
            keep = keep && strncmp(environ[i], left_out[j], strlen(left_out[j])) != 0;
        if (keep)
            copy[kept++] = environ[i];
    }
    return copy;
}

static void run_command(void)
{
    char *words[] = {(char[]){"sh"}, (char[]){"-c"}, plan.command, NULL};
    char **environment = environment_of_command();
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t all;
    int status = -1;
    int error;
    char result[32] = "ok";
    pid_t child = 0;
    int64_t begin = now();

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    error = posix_spawn(&child, "/bin/sh", &files, &attributes, words, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    free(environment);
    if (!error) {
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
    }
    if (status != 0) {
        snprintf(result, sizeof result, "failed:%d", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        complain("%s: %s", result, plan.command);
    }
    trace(begin, "run", "-", result);
}

/* True if failure is to be returned. With the gate held. */
static bool act(void)
{
    if (plan.action == ACTION_KILL)
        kill(getpid(), SIGKILL);
    if (plan.action == ACTION_RUN)
        run_command();
    return plan.action == ACTION_FAIL;
}

/* What a call of libvirt's that fails leaves: an error of this thread. virSetError is there for programs of
 * libvirt's own only. */
static void leave_error(void)
{
    static const char text[] = "operation failed: the test wants it so";
    char copy[sizeof text];
    virError error = {.code = VIR_ERR_OPERATION_FAILED, .domain = VIR_FROM_QEMU, .level = VIR_ERR_ERROR};
    int (*set_error)(virErrorPtr) = (__typeof__(set_error))find("virSetError");
    memcpy(copy, text, sizeof text);
    error.message = copy;
    if (set_error)
        set_error(&error);
    else
        REAL(virDomainSuspend)(NULL); /* an error at least */
}

/* Before a call; true if it is to be made. The domain's UUID is asked now: asking forgets the thread's last
 * error. */
static bool enter(struct call *call, enum function function, virDomainPtr domain)
{
    *call = (struct call){.function = function, .uuid = "-"};
    if (domain && REAL(virDomainGetUUIDString)(domain, call->uuid) < 0)
        strcpy(call->uuid, "-");
    pthread_mutex_lock(&gate);
    counts[function]++;
    call->chosen = plan.action != ACTION_NONE && plan.owner == getpid() && plan.function == function &&
                   plan.at == counts[function];
    call->refused = call->chosen && !plan.after && act();
    pthread_mutex_unlock(&gate);
    call->begin = now();
    if (!call->refused)
        return true;
    trace(call->begin, names[function], call->uuid, "refused");
    leave_error();
    return false;
}

/* After a call that was made, or was not; true if what it returned stands. */
static bool leave(struct call *call, bool success)
{
    bool fails;
    char result[32] = "ok";
    int number = errno;
    if (call->refused)
        return false;
    if (!success)
        snprintf(result, sizeof result, "failed:%d", REAL(virGetLastErrorCode)());
    trace(call->begin, names[call->function], call->uuid, result);
    errno = number;
    if (!call->chosen || !plan.after)
        return true;
    pthread_mutex_lock(&gate);
    fails = act();
    pthread_mutex_unlock(&gate);
    errno = number;
    if (fails)
        leave_error();
    return !fails;
}

/* What a function with a number does, and one with an object. */
#define NUMBER(function, domain, made)                                                                       \
    struct call call;                                                                                        \
    int result = -1;                                                                                         \
    if (enter(&call, function, domain))                                                                      \
        result = made;                                                                                       \
    return leave(&call, result >= 0) ? result : -1

#define OBJECT(type, function, domain, made)                                                                 \
    struct call call;                                                                                        \
    type result = NULL;                                                                                      \
    if (enter(&call, function, domain))                                                                      \
        result = made;                                                                                       \
    return leave(&call, result) ? result : NULL

int virDomainSuspend(virDomainPtr domain)
{
    NUMBER(SUSPEND, domain, REAL(virDomainSuspend)(domain));
}

int virDomainResume(virDomainPtr domain)
{
    NUMBER(RESUME, domain, REAL(virDomainResume)(domain));
}

virDomainSnapshotPtr virDomainSnapshotCreateXML(virDomainPtr domain, const char *xml, unsigned int flags)
{
    OBJECT(virDomainSnapshotPtr, SNAPSHOT_CREATE, domain,
           REAL(virDomainSnapshotCreateXML)(domain, xml, flags));
}

int virDomainBlockCommit(virDomainPtr domain, const char *disk, const char *base, const char *top,
                         unsigned long bandwidth, unsigned int flags)
{
    NUMBER(BLOCK_COMMIT, domain, REAL(virDomainBlockCommit)(domain, disk, base, top, bandwidth, flags));
}

int virDomainBlockJobAbort(virDomainPtr domain, const char *disk, unsigned int flags)
{
    NUMBER(BLOCK_JOB_ABORT, domain, REAL(virDomainBlockJobAbort)(domain, disk, flags));
}

int virDomainFSFreeze(virDomainPtr domain, const char **places, unsigned int count, unsigned int flags)
{
    NUMBER(FREEZE, domain, REAL(virDomainFSFreeze)(domain, places, count, flags));
}

int virDomainFSThaw(virDomainPtr domain, const char **places, unsigned int count, unsigned int flags)
{
    NUMBER(THAW, domain, REAL(virDomainFSThaw)(domain, places, count, flags));
}

int virDomainBackupBegin(virDomainPtr domain, const char *xml, const char *checkpoint, unsigned int flags)
{
    NUMBER(BACKUP_BEGIN, domain, REAL(virDomainBackupBegin)(domain, xml, checkpoint, flags));
}

virDomainCheckpointPtr virDomainCheckpointCreateXML(virDomainPtr domain, const char *xml, unsigned int flags)
{
    OBJECT(virDomainCheckpointPtr, CHECKPOINT_CREATE, domain,
           REAL(virDomainCheckpointCreateXML)(domain, xml, flags));
}

/* The domain of a definition is known when it is defined. */
static virDomainPtr defined(struct call *call, virDomainPtr domain)
{
    if (domain)
        REAL(virDomainGetUUIDString)(domain, call->uuid);
    return domain;
}

virDomainPtr virDomainDefineXML(virConnectPtr connection, const char *xml)
{
    OBJECT(virDomainPtr, DEFINE, NULL, defined(&call, REAL(virDomainDefineXML)(connection, xml)));
}

virDomainPtr virDomainDefineXMLFlags(virConnectPtr connection, const char *xml, unsigned int flags)
{
    OBJECT(virDomainPtr, DEFINE_FLAGS, NULL,
           defined(&call, REAL(virDomainDefineXMLFlags)(connection, xml, flags)));
}

static void open_gate_in_child(void)
{
    gate = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER; /* another thread of the parent may have held it */
}

/* Takes the first word off, which ends at a colon. */
static const char *word(char **text)
{
    char *colon = strchr(*text, ':');
    const char *start = *text;
    if (!colon)
        return "";
    *colon = '\0';
    *text = colon + 1;
    return start;
}

static bool read_plan(char *text)
{
    const char *function = word(&text);
    const char *at = word(&text);
    const char *side = word(&text);
    char *end;
    for (plan.function = 0; plan.function < FUNCTION_COUNT; plan.function++) {
        if (strcmp(names[plan.function], function) == 0)
            break;
    }
    plan.at = strtoul(at, &end, 10);
    plan.after = strcmp(side, "after") == 0;
    if (plan.function == FUNCTION_COUNT || plan.at == 0 || *end ||
        (!plan.after && strcmp(side, "before") != 0))
        return false;
    if (strcmp(text, "kill") == 0)
        plan.action = ACTION_KILL;
    else if (strcmp(text, "fail") == 0)
        plan.action = ACTION_FAIL;
    else if (strncmp(text, "run=", 4) == 0)
        plan.action = ACTION_RUN;
    else
        return false;
    plan.command = text + 4;
    return true;
}

__attribute__((constructor)) static void begin(void)
{
    const char *file = getenv("REFPOINT_TEST_TRACE");
    const char *at = getenv("REFPOINT_TEST_AT");
    plan.owner = getpid();
    pthread_atfork(NULL, NULL, open_gate_in_child);
    if (file && *file == '/') {
        plan.trace = strdup(file);
    } else if (file && *file) {
        complain("REFPOINT_TEST_TRACE must be absolute: %s", file);
        _exit(2);
    }
    if (!at || !*at)
        return;
    if (!read_plan(strdup(at))) {
        complain("REFPOINT_TEST_AT is FUNCTION:N:before|after:kill|fail|run=COMMAND, not %s", at);
        _exit(2);
    }
    unsetenv("REFPOINT_TEST_AT");
}
