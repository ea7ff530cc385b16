/* The process of one job. Threads: the main one serves signals and followers; one worker does what the kind
 * of job says and starts the children (which die with it); the scribe writes the journal's progress. The
 * worker ends the job; the main thread then writes the outcome, and only after that tells followers the final
 * state. The log is appended to by whoever logs.
 *
 * A journal that cannot be written (a full disk) does not stop an export: the first failure is kept and said
 * at the end. The outcome is tried for half a minute; without it the job would look interrupted. One that was
 * removed ends the job: nobody could pause, cancel or follow it any more. */
#include "core/service/runner/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/job/json.h"
#include "core/service/runner/control.h"
#include "core/service/runner/creator.h"
#include "core/service/runner/finish_hook.h"
#include "core/service/runner/logind.h"
#include "core/service/runner/scribe.h"

#define PROGRESS_MS 500
#define PUSH_MS 250
#define OUTCOME_TRIES 30
#define OUTCOME_PAUSE_MS 1000
#define FLUSH_MS 1000
#define CHANGE_MS 500

struct runner {
    int creator_fd;
    int handed_fd; /* until the request has it; -1 */
    enum runner_way way;
    bool has_name; /* an earlier process has given the package its name */
    struct journal *journal;
    struct journal_request request;
    struct host *host;
    struct job *job;
    struct control *control;
    struct scribe *scribe;
    int signal_fd;
    int wake_fd; /* the job changed, or the work is done */
    pthread_t worker;
    atomic_bool work_done;
    atomic_bool log_failed;
    int64_t progress_due;
    int64_t push_due;
    bool gone; /* the journal is, and that was said */
    struct job_snapshot now;
    struct error journal_error; /* the first failure */
};

/* Otherwise it would be called "exe", after the link that it was started by. */
static void take_name(const struct guid *id)
{
    CLEANUP_FREE char *name = mem_format(RUNNER_NAME_FORMAT, id->text);
    prctl(PR_SET_NAME, name);
}

/* Becomes nobody's child: the creator waits for the one it spawned, not for the job. */
static void leave_parent(void)
{
    pid_t pid = fork();
    if (pid != 0)
        _exit(pid < 0);
}

static int move_descriptor(int fd)
{
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    if (moved >= 0)
        close(fd);
    return moved;
}

/* Before anything is opened that could get its number. */
static int take_handed(void)
{
    struct stat status;
    bool is_there = fstat(RUNNER_HANDED_FD, &status) == 0 && S_ISREG(status.st_mode);
    return is_there ? move_descriptor(RUNNER_HANDED_FD) : -1;
}

static void wake(void *context)
{
    eventfd_write(((struct runner *)context)->wake_fd, 1);
}

static void keep_line(void *context, const char *line)
{
    struct runner *runner = context;
    struct error ignored = {0};
    if (!journal_append_log(runner->journal, line, &ignored))
        atomic_store(&runner->log_failed, true);
}

static void keep_naming(void *context, const char *package, const struct guid *package_id)
{
    struct runner *runner = context;
    struct error err = {0};
    if (!journal_write_naming(runner->journal, package, package_id, &err)) {
        CLEANUP_FREE char *text = error_text(&err);
        job_log(runner->job, "if this job is killed now, its journal will not know of %s: %s", package, text);
    }
}

static bool watch_signals(struct runner *runner, struct error *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is then an error like a full disk */
    /* Before any thread is made: all inherit the mask. */
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    runner->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    runner->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (runner->signal_fd < 0 || runner->wake_fd < 0)
        return error_errno(err, errno, "runner.start", "the process of the job cannot wait for events");
    return true;
}

/* Storage that stalls is not waited for. */
static void keep_change(void *context)
{
    struct runner *runner = context;
    if (!runner->scribe)
        return;
    job_get_snapshot(runner->job, &runner->now);
    if (job_state_is_final(runner->now.state))
        return;
    scribe_offer(runner->scribe, &runner->now);
    scribe_wait(runner->scribe, CHANGE_MS);
}

/* With what an earlier process of the job has left. */
static bool take_up(struct runner *runner, struct error *err)
{
    const struct job_kind *kind = runner->request.kind;
    struct job_naming named = {0};
    struct job_left left = {.job = runner->job, .anew = runner->way == RUNNER_BEGINS_AGAIN};
    if (runner->way == RUNNER_BEGINS)
        return true;
    if (!kind->take_up)
        return error_set(err, RETURN_NOT_SUPPORTED, "job.resume", "a job of the kind %s is not gone on with",
                         kind->name);
    struct creator_watch *watch = creator_watch_begin(runner->creator_fd, runner->job, err);
    if (!watch)
        return false;
    if (journal_read_naming(runner->journal, &named))
        left.named = &named;
    bool ok = kind->take_up(runner->host, runner->request.work, &left, err);
    creator_watch_end(watch);
    free(named.package);
    runner->has_name = left.has_name;
    return ok;
}

static bool prepare(struct runner *runner, const char *state_directory, const struct guid *id, int lock_fd,
                    runner_open_host *open_host, struct error *err)
{
    if (!journal_own(state_directory, id, lock_fd, &runner->journal, err) ||
        !journal_read_request(state_directory, id, &runner->request, err) || !watch_signals(runner, err))
        return false;
    if (runner->handed_fd >= 0 && runner->request.kind->take_over) {
        runner->request.kind->take_over(runner->request.work, runner->handed_fd);
        runner->handed_fd = -1;
    }
    if (runner->request.kind->needs_host) {
        runner->host = open_host(&runner->request, err);
        if (!runner->host)
            return false;
    }
    runner->job = job_new(&runner->request.identity);
    job_set_reachable(runner->job);
    job_set_directory(runner->job, journal_directory_fd(runner->journal));
    if (!take_up(runner, err))
        return false;
    job_set_listener(runner->job,
                     &(struct job_listener){
                         .changed = wake, .logged = keep_line, .naming = keep_naming, .context = runner});
    runner->control = control_open(journal_directory_fd(runner->journal), keep_change, runner, err);
    return runner->control != NULL;
}

static bool tell_creator(const struct runner *runner, json_t *message)
{
    CLEANUP_FREE char *line = json_line(message);
    json_decref(message);
    CLEANUP_FREE char *text = mem_format("%s\n", line);
    return send(runner->creator_fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

static bool report_ready(const struct runner *runner)
{
    json_t *message = json_object();
    json_put_bool(message, "ready", true);
    char go = 0;
    if (!tell_creator(runner, message))
        return false;
    ssize_t got;
    do
        got = recv(runner->creator_fd, &go, 1, 0);
    while (got < 0 && errno == EINTR);
    return got == 1 && go == 'g';
}

static void report_failure(const struct runner *runner, const struct error *err)
{
    json_t *message = json_object();
    json_put(message, "error", error_to_json(err));
    tell_creator(runner, message); /* a creator that has gone needs no answer */
}

static void keep_failure(struct runner *runner, const struct error *err)
{
    if (runner->journal_error.code == RETURN_DONE)
        runner->journal_error = *err;
}

static void log_begin(struct runner *runner)
{
    struct error err = {0};
    runner->request.kind->log_begin(runner->job, &runner->request.identity);
    if (runner->way == RUNNER_GOES_ON)
        job_log(runner->job, "resumed: its process had died");
    else if (runner->way == RUNNER_BEGINS_AGAIN)
        job_log(runner->job, "begun again: its process had died, and what that had left is removed");
    if (runner->way != RUNNER_BEGINS && !runner->has_name && !journal_forget_naming(runner->journal, &err))
        keep_failure(runner, &err);
    /* root's are left alone by default (KillExcludeUsers=). */
    if (geteuid() != 0 && getenv("XDG_SESSION_ID") && logind_kills_processes(""))
        job_log(
            runner->job,
            "this system ends a user's processes at log-out (KillUserProcesses=yes in logind.conf), this job "
            "too; to outlive the session, start refpoint with `systemd-run --user --scope refpoint` after "
            "`loginctl enable-linger`");
}

static void *work(void *context)
{
    struct runner *runner = context;
    struct error err = {0};
    runner->request.kind->run(runner->host, runner->request.work, runner->job, &err);
    atomic_store(&runner->work_done, true);
    wake(runner);
    return NULL;
}

static bool start_worker(struct runner *runner, struct error *err)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int number = pthread_create(&runner->worker, NULL, work, runner);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return number == 0 || error_errno(err, number, "runner.thread", "cannot start the work of the job");
}

static bool start_threads(struct runner *runner, struct error *err)
{
    runner->scribe = scribe_start(runner->journal, wake, runner, err);
    return runner->scribe && start_worker(runner, err);
}

/* From here on the journal is this thread's alone. */
static void stop_scribe(struct runner *runner)
{
    scribe_stop(runner->scribe, &runner->journal_error);
    runner->scribe = NULL;
}

/* The first process ends all others when the machine goes down, or a session does: nobody has asked for the
 * end of this job. It is left as a kill leaves it, so that it can go on. */
static void leave_as_it_is(struct runner *runner)
{
    job_log(runner->job, "the system ends its process: `refpoint job resume` goes on");
    _exit(1);
}

static void obey_signals(struct runner *runner)
{
    struct signalfd_siginfo info;
    while (read(runner->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_pid == 1 && runner->request.kind->take_up)
            leave_as_it_is(runner);
        job_log(runner->job, "asked to end by signal %u of process %u", (unsigned)info.ssi_signo,
                (unsigned)info.ssi_pid);
        job_request_state_change(runner->job, REQUESTED_STATE_TERMINATE);
    }
}

static void end_without_journal(struct runner *runner)
{
    if (runner->gone || !scribe_is_gone(runner->scribe))
        return;
    runner->gone = true;
    job_log(runner->job, "the journal of the job was removed: it ends");
    job_request_state_change(runner->job, REQUESTED_STATE_TERMINATE);
}

/* Progress to journal and followers, each at its own pace; never a final state, that is finish()'s. */
static void report(struct runner *runner)
{
    int64_t now = monotonic_milliseconds();
    bool newcomers = control_has_newcomers(runner->control);
    bool push = now >= runner->push_due && control_is_followed(runner->control);
    bool write_it = now >= runner->progress_due;
    if (!newcomers && !push && !write_it)
        return;
    job_get_snapshot(runner->job, &runner->now);
    if (job_state_is_final(runner->now.state))
        return;
    if (newcomers || push)
        control_push(runner->control, &runner->now, !push);
    if (push)
        runner->push_due = now + PUSH_MS;
    if (write_it) {
        runner->progress_due = now + PROGRESS_MS;
        scribe_offer(runner->scribe, &runner->now);
    }
}

/* One turn: waits for something to do, at most until `patience_ms`. */
static void take_turn(struct runner *runner, int64_t patience_ms)
{
    struct pollfd fds[CONTROL_POLL_LIMIT + 2] = {{.fd = runner->signal_fd, .events = POLLIN},
                                                 {.fd = runner->wake_fd, .events = POLLIN}};
    size_t clients = control_poll(runner->control, fds + 2);
    int ready = poll(fds, clients + 2, patience_ms < 0 ? 0 : (int)patience_ms);
    if (ready <= 0)
        return;
    eventfd_t count;
    if (fds[1].revents) { /* a change of state: whoever looks next has to see it */
        eventfd_read(runner->wake_fd, &count);
        runner->progress_due = runner->push_due = 0;
    }
    if (fds[0].revents)
        obey_signals(runner);
    control_serve(runner->control, fds + 2, clients, runner->job);
}

static void serve_until_done(struct runner *runner)
{
    while (!atomic_load(&runner->work_done)) {
        int64_t due = runner->progress_due;
        if (control_is_followed(runner->control) && runner->push_due < due)
            due = runner->push_due;
        take_turn(runner, due - monotonic_milliseconds());
        end_without_journal(runner);
        report(runner);
    }
}

static void write_outcome(struct runner *runner)
{
    for (int tries = 0; tries < OUTCOME_TRIES; tries++) {
        struct error err = {0};
        job_get_snapshot(runner->job, &runner->now);
        if (journal_write_outcome(runner->journal, &runner->now, &err) || journal_is_gone(runner->journal))
            return;
        keep_failure(runner, &err);
        int64_t again = monotonic_milliseconds() + OUTCOME_PAUSE_MS;
        while (monotonic_milliseconds() < again)
            take_turn(runner, again - monotonic_milliseconds());
    }
}

static void finish(struct runner *runner)
{
    pthread_join(runner->worker, NULL);
    stop_scribe(runner);
    if (runner->journal_error.code != RETURN_DONE) {
        CLEANUP_FREE char *text = error_text(&runner->journal_error);
        job_log(runner->job, "meanwhile the job's progress could not be kept: %s", text);
    } else if (atomic_load(&runner->log_failed)) {
        job_log(runner->job, "meanwhile lines of the job's log could not be kept");
    }
    write_outcome(runner);
    control_push(runner->control, &runner->now, false);
    int64_t end = monotonic_milliseconds() + FLUSH_MS;
    while (!control_is_flushed(runner->control) && monotonic_milliseconds() < end)
        take_turn(runner, end - monotonic_milliseconds());
    if (runner->request.finish_hook)
        finish_hook_run(runner->request.finish_hook, &runner->now, runner->job);
}

static void release(struct runner *runner)
{
    control_close(runner->control);
    job_free(runner->job);
    if (runner->host)
        runner->host->ops->close(runner->host);
    journal_close(runner->journal);
    journal_request_clear(&runner->request);
    job_snapshot_clear(&runner->now);
    mem_cleanup_fd(&runner->signal_fd);
    mem_cleanup_fd(&runner->wake_fd);
    mem_cleanup_fd(&runner->creator_fd);
    mem_cleanup_fd(&runner->handed_fd);
}

/* The job never was: nobody has been told of it; or it is as it was. Before the creator is answered, so that
 * it finds nothing left. */
static void withdraw(struct runner *runner)
{
    control_close(runner->control); /* it borrows the journal's directory */
    runner->control = NULL;
    if (runner->way == RUNNER_BEGINS && runner->journal)
        journal_remove(runner->journal);
    else
        journal_close(runner->journal);
    runner->journal = NULL;
}

static bool run(struct runner *runner, const char *state_directory, const struct guid *id, int lock_fd,
                runner_open_host *open_host)
{
    struct error err = {0};
    if (!prepare(runner, state_directory, id, lock_fd, open_host, &err)) {
        withdraw(runner);
        report_failure(runner, &err);
        return false;
    }
    if (!report_ready(runner)) {
        withdraw(runner);
        return false;
    }
    mem_cleanup_fd(&runner->creator_fd);
    runner->creator_fd = -1;
    log_begin(runner);
    if (start_threads(runner, &err)) {
        serve_until_done(runner);
        finish(runner);
        return true;
    }
    stop_scribe(runner);
    job_fail(runner->job, &err);
    write_outcome(runner);
    return false;
}

static bool read_way(int argc, char **argv, enum runner_way *way)
{
    *way = RUNNER_BEGINS;
    if (argc == 4)
        return true;
    for (enum runner_way i = RUNNER_GOES_ON; argc == 5 && i <= RUNNER_BEGINS_AGAIN; i++) {
        if (strcmp(argv[4], runner_way_word(i)) == 0)
            *way = i;
    }
    return *way != RUNNER_BEGINS;
}

int runner_main(int argc, char **argv, runner_open_host *open_host)
{
    struct guid id;
    struct stat status;
    enum runner_way way;
    if (!read_way(argc, argv, &way) || !guid_parse(&id, argv[3]) || fstat(RUNNER_CREATOR_FD, &status) != 0 ||
        !S_ISSOCK(status.st_mode) || fcntl(RUNNER_LOCK_FD, F_GETFD) < 0) {
        fputs("refpoint: " RUNNER_ARGUMENT " is how refpoint starts its own jobs; it is not for people\n",
              stderr);
        return 2;
    }
    take_name(&id);
    leave_parent();
    struct runner runner = {.creator_fd = move_descriptor(RUNNER_CREATOR_FD),
                            .handed_fd = take_handed(),
                            .way = way,
                            .signal_fd = -1,
                            .wake_fd = -1};
    atomic_init(&runner.work_done, false);
    atomic_init(&runner.log_failed, false);
    bool ok =
        runner.creator_fd >= 0 && run(&runner, argv[2], &id, move_descriptor(RUNNER_LOCK_FD), open_host);
    release(&runner);
    return ok ? 0 : 1;
}
