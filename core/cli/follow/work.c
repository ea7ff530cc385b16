#include "core/cli/follow/work.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/cli/line/interrupt.h"

#define TURN_MS 250
#define PATIENCE_TURNS 4

struct worker {
    const struct work *work;
    int done_fd;
};

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    worker->work->run(worker->work->context);
    eventfd_write(worker->done_fd, 1);
    return NULL;
}

static void end_at_once(struct interrupt *interrupt)
{
    interrupt_close(interrupt);
    signal(SIGINT, SIG_DFL);
    raise(SIGINT);
}

static void heed_interrupts(const struct work *work, struct interrupt *interrupt, unsigned *count)
{
    while (interrupt_take(interrupt)) {
        *count += 1;
        if (*count > 1)
            end_at_once(interrupt);
        output_warning(work->out, "cancelling; Ctrl-C once more ends the program at once");
        job_request_state_change(work->job, REQUESTED_STATE_TERMINATE);
    }
}

static void watch(const struct work *work, int done_fd, struct interrupt *interrupt)
{
    struct job_snapshot snapshot = {0};
    unsigned interrupts = 0;
    unsigned turns = 0;
    struct pollfd fds[] = {{.fd = done_fd, .events = POLLIN}, {.fd = interrupt->fd, .events = POLLIN}};
    while (!(fds[0].revents & POLLIN)) {
        if (poll(fds, 2, TURN_MS) < 0)
            fds[0].revents = 0;
        heed_interrupts(work, interrupt, &interrupts);
        if (work->patience && ++turns == PATIENCE_TURNS)
            output_progress(work->out, work->patience);
        job_get_snapshot(work->job, &snapshot);
        if (work->progress && !job_state_is_final(snapshot.state))
            progress_show(work->progress, &snapshot);
    }
    job_snapshot_clear(&snapshot);
}

bool work_do(const struct work *work, struct error *err)
{
    CLEANUP_FD int done_fd = eventfd(0, EFD_CLOEXEC);
    struct worker worker = {.work = work, .done_fd = done_fd};
    struct interrupt interrupt;
    interrupt_open(&interrupt, true);
    pthread_t thread;
    int number = done_fd < 0 ? EMFILE : pthread_create(&thread, NULL, worker_main, &worker);
    if (number == 0) {
        watch(work, done_fd, &interrupt);
        pthread_join(thread, NULL);
    }
    interrupt_close(&interrupt);
    return number == 0 || error_errno(err, number, "work.thread", "cannot start a thread");
}
