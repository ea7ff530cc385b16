/* Two queues under one lock: requests (posting thread → workers) and results (workers → posting thread). A
 * request is in exactly one of: waiting, running (in a worker's hands), finished. `forgotten` belongs to the
 * posting thread and is read there only, when the result is delivered. */
#include "ui/app/work/work.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "ui/terminal/crash.h"

#define THREAD_LIMIT 64 /* each request that was given up keeps one until the host answers */

struct request {
    struct request *next; /* in a queue */
    struct request *sibling;
    uint64_t ticket;
    const struct work_ops *ops;
    void *task;
    struct screen *screen;
    bool forgotten;
};

struct queue {
    struct request *first;
    struct request *last;
};

struct work {
    int wake_fd;
    uint64_t last_ticket;
    struct request *all; /* by `sibling`; the posting thread's */
    size_t in_flight;

    pthread_mutex_t lock;
    pthread_cond_t changed; /* on CLOCK_MONOTONIC */
    struct queue waiting;
    struct queue finished;
    size_t idle;
    size_t waiting_count;
    size_t alive;
    bool stopping;
    pthread_t threads[THREAD_LIMIT];
    size_t thread_count;
};

static void queue_put(struct queue *queue, struct request *request)
{
    request->next = NULL;
    if (queue->last)
        queue->last->next = request;
    else
        queue->first = request;
    queue->last = request;
}

static struct request *queue_take(struct queue *queue)
{
    struct request *request = queue->first;
    if (request) {
        queue->first = request->next;
        if (!queue->first)
            queue->last = NULL;
    }
    return request;
}

struct work *work_new(void)
{
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake < 0)
        return NULL;
    struct work *work = mem_alloc(sizeof *work);
    work->wake_fd = wake;
    pthread_mutex_init(&work->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&work->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return work;
}

static void wake(const struct work *work)
{
    uint64_t one = 1;
    ssize_t written = write(work->wake_fd, &one, sizeof one);
    (void)written; /* full means that it is readable already */
}

static void *worker(void *argument)
{
    struct work *work = argument;
    void *stack = crash_thread_begin();
    pthread_mutex_lock(&work->lock);
    while (!work->stopping) {
        struct request *request = queue_take(&work->waiting);
        if (!request) {
            work->idle++;
            pthread_cond_wait(&work->changed, &work->lock);
            work->idle--;
            continue;
        }
        work->waiting_count--;
        pthread_mutex_unlock(&work->lock);
        request->ops->run(request->task);
        pthread_mutex_lock(&work->lock);
        queue_put(&work->finished, request);
        wake(work);
    }
    work->alive--;
    pthread_cond_broadcast(&work->changed);
    pthread_mutex_unlock(&work->lock);
    crash_thread_end(stack);
    return NULL;
}

/* Under the lock. */
static void start_thread(struct work *work)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    /* What a fault raises is the faulting thread's own and must reach the crash handler. */
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < ARRAY_LENGTH(faults); i++)
        sigdelset(&all, faults[i]);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&work->threads[work->thread_count], NULL, worker, work) == 0) {
        work->thread_count++;
        work->alive++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

uint64_t work_post(struct work *work, struct screen *screen, const struct work_ops *ops, void *task)
{
    struct request *request = mem_alloc(sizeof *request);
    *request = (struct request){
        .ticket = ++work->last_ticket, .ops = ops, .task = task, .screen = screen, .sibling = work->all};
    work->all = request;
    work->in_flight++;
    uint64_t ticket = request->ticket;
    pthread_mutex_lock(&work->lock);
    queue_put(&work->waiting, request);
    work->waiting_count++;
    if (work->idle < work->waiting_count && work->thread_count < THREAD_LIMIT)
        start_thread(work);
    pthread_cond_broadcast(&work->changed);
    pthread_mutex_unlock(&work->lock);
    return ticket;
}

static void give_up(const struct request *request)
{
    if (request->ops->give_up)
        request->ops->give_up(request->task);
}

static void forget(struct request *request)
{
    request->forgotten = true;
    give_up(request);
}

void work_give_up(struct work *work, uint64_t ticket)
{
    for (const struct request *request = work->all; request; request = request->sibling) {
        if (request->ticket == ticket)
            give_up(request);
    }
}

void work_forget(struct work *work, uint64_t ticket)
{
    for (struct request *request = work->all; request; request = request->sibling) {
        if (request->ticket == ticket)
            forget(request);
    }
}

void work_forget_screen(struct work *work, const struct screen *screen)
{
    for (struct request *request = work->all; request; request = request->sibling) {
        if (request->screen == screen)
            forget(request);
    }
}

static void retire(struct work *work, struct request *request)
{
    struct request **link = &work->all;
    while (*link != request)
        link = &(*link)->sibling;
    *link = request->sibling;
    work->in_flight--;
    request->ops->release(request->task);
    free(request);
}

bool work_deliver(struct work *work, struct screen **screen, unsigned *effects)
{
    pthread_mutex_lock(&work->lock);
    struct request *request = queue_take(&work->finished);
    if (!request) {
        uint64_t count = 0;
        ssize_t got = read(work->wake_fd, &count, sizeof count);
        (void)got; /* nothing to read is what is wanted */
    }
    pthread_mutex_unlock(&work->lock);
    if (!request)
        return false;
    *screen = request->forgotten ? NULL : request->screen;
    *effects = request->forgotten ? 0 : request->ops->done(request->screen, request->task);
    retire(work, request);
    return true;
}

int work_fd(const struct work *work)
{
    return work->wake_fd;
}

size_t work_in_flight(const struct work *work)
{
    return work->in_flight;
}

static bool wait_for_threads(struct work *work, int patience_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += patience_ms / 1000;
    until.tv_nsec += (long)(patience_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&work->lock);
    work->stopping = true;
    pthread_cond_broadcast(&work->changed);
    while (work->alive > 0 && pthread_cond_timedwait(&work->changed, &work->lock, &until) != ETIMEDOUT)
        ;
    bool ended = work->alive == 0;
    pthread_mutex_unlock(&work->lock);
    return ended;
}

bool work_free(struct work *work, int patience_ms)
{
    if (!work)
        return true;
    for (const struct request *request = work->all; request; request = request->sibling)
        give_up(request);
    if (!wait_for_threads(work, patience_ms))
        return false;
    for (size_t i = 0; i < work->thread_count; i++)
        pthread_join(work->threads[i], NULL);
    while (work->all)
        retire(work, work->all);
    pthread_cond_destroy(&work->changed);
    pthread_mutex_destroy(&work->lock);
    close(work->wake_fd);
    free(work);
    return true;
}
