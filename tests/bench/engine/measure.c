/* Runs a command and says what it cost, with everything that it started: also what it leaves running, which
 * is waited for.
 *
 *   bench_measure FILE COMMAND [WORD...]
 *
 * FILE gets one line: wall= until the command returned, all= until the last process ended, user= sys= of all
 * of them, in milliseconds; peak.NAME= for each program the largest sum of the resident memory of its
 * processes that were there at once (VmHWM, in KiB, looked at every ten milliseconds). Exit status: the
 * command's. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 10
#define PROGRAMS 32
#define NAME_SIZE 17

struct program {
    char name[NAME_SIZE];
    unsigned long now; /* in the look that is under way */
    unsigned long peak;
};

struct measure {
    struct program programs[PROGRAMS];
    size_t count;
    pid_t command;
    int status;
    double begin;
    double returned;
    double user;
    double sys;
};

static double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1000 + (double)time.tv_nsec / 1e6;
}

static double as_ms(struct timeval time)
{
    return (double)time.tv_sec * 1000 + (double)time.tv_usec / 1000;
}

static struct program *program_of(struct measure *measure, const char *name)
{
    for (size_t i = 0; i < measure->count; i++) {
        if (strcmp(measure->programs[i].name, name) == 0)
            return &measure->programs[i];
    }
    if (measure->count == PROGRAMS)
        return NULL;
    struct program *program = &measure->programs[measure->count++];
    snprintf(program->name, sizeof program->name, "%s", name);
    return program;
}

static void look_at_memory(struct measure *measure, pid_t pid)
{
    char path[64];
    char line[256];
    char name[NAME_SIZE] = "";
    unsigned long size = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "Name: %16s", name) == 1)
            continue;
        if (sscanf(line, "VmHWM: %lu", &size) == 1)
            break;
    }
    fclose(file);
    struct program *program = size ? program_of(measure, name) : NULL;
    if (program)
        program->now += size;
}

/* Children belong to the thread that made them. */
static void look_at_children(struct measure *measure, pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    for (struct dirent *task = tasks ? readdir(tasks) : NULL; task; task = readdir(tasks)) {
        char children[384];
        snprintf(children, sizeof children, "%s/%s/children", path, task->d_name);
        FILE *file = *task->d_name == '.' ? NULL : fopen(children, "re");
        int child = 0;
        while (file && fscanf(file, "%d", &child) == 1) {
            look_at_memory(measure, child);
            look_at_children(measure, child); /* as deep as programs start each other */
        }
        if (file)
            fclose(file);
    }
    if (tasks)
        closedir(tasks);
}

static void look(struct measure *measure)
{
    for (size_t i = 0; i < measure->count; i++)
        measure->programs[i].now = 0;
    look_at_children(measure, getpid());
    for (size_t i = 0; i < measure->count; i++) {
        struct program *program = &measure->programs[i];
        if (program->now > program->peak)
            program->peak = program->now;
    }
}

/* What a process has used includes what its own children had, that it waited for. False: nobody is left. */
static bool reap(struct measure *measure)
{
    int status = 0;
    struct rusage used;
    pid_t pid;
    while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0) {
        measure->user += as_ms(used.ru_utime);
        measure->sys += as_ms(used.ru_stime);
        if (pid != measure->command)
            continue;
        measure->returned = now_ms();
        measure->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return pid == 0 || errno != ECHILD;
}

static void follow(struct measure *measure, int signals)
{
    struct pollfd wait = {.fd = signals, .events = POLLIN};
    struct signalfd_siginfo info;
    while (reap(measure)) {
        look(measure);
        if (poll(&wait, 1, LOOK_MS) > 0 && read(signals, &info, sizeof info) < 0)
            return;
    }
}

static void print(const struct measure *measure, FILE *file)
{
    fprintf(file, "wall=%.1f all=%.1f user=%.1f sys=%.1f", measure->returned - measure->begin,
            now_ms() - measure->begin, measure->user, measure->sys);
    for (size_t i = 0; i < measure->count; i++)
        fprintf(file, " peak.%s=%lu", measure->programs[i].name, measure->programs[i].peak);
    fputc('\n', file);
}

int main(int argc, char **argv)
{
    static struct measure measure;
    if (argc < 3) {
        fprintf(stderr, "usage: %s FILE COMMAND [WORD...]\n", argv[0]);
        return 2;
    }
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_ended, NULL);
    int signals = signalfd(-1, &child_ended, SFD_CLOEXEC);
    FILE *file = fopen(argv[1], "we");
    if (!file || signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
        perror(argv[1]);
        return 2;
    }
    measure.begin = now_ms();
    measure.command = fork();
    if (measure.command == 0) {
        sigprocmask(SIG_UNBLOCK, &child_ended, NULL);
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    follow(&measure, signals);
    print(&measure, file);
    return fclose(file) == 0 ? measure.status : 2;
}
