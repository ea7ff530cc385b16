#include "core/job/workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

struct crew {
    bool (*work)(void *context, struct error *err);
    void *context;
    struct halt *halt;
    pthread_mutex_t lock;
    bool failed;
    struct error first;
};

unsigned workers_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (cores < 1)
        return 1;
    return cores < WORKERS_LIMIT ? (unsigned)cores : WORKERS_LIMIT;
}

unsigned workers_count(void)
{
    unsigned cores = workers_cores();
    return cores * 2 < WORKERS_LIMIT ? cores * 2 : WORKERS_LIMIT;
}

static bool was_told_to_stop(const struct error *err)
{
    return strcmp(err->key, "image.stopped") == 0;
}

static void fail(struct crew *crew, const struct error *err)
{
    pthread_mutex_lock(&crew->lock);
    if (!crew->failed || was_told_to_stop(&crew->first))
        crew->first = *err;
    crew->failed = true;
    pthread_mutex_unlock(&crew->lock);
    halt_fail(crew->halt);
}

static void *run_one(void *argument)
{
    struct crew *crew = argument;
    struct error err = {0};
    if (!crew->work(crew->context, &err))
        fail(crew, &err);
    return NULL;
}

/* Returns how many could be started; fewer than asked is enough, none is a failure. */
static unsigned start(struct crew *crew, pthread_t *threads, unsigned count)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    unsigned started = 0;
    int number = 0;
    while (started < count && number == 0) {
        number = pthread_create(&threads[started], NULL, run_one, crew);
        started += number == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started == 0)
        error_errno(&crew->first, number == EAGAIN ? ENOMEM : number, "export.threads",
                    "cannot start a thread");
    return started;
}

bool workers_run(unsigned count, bool (*work)(void *context, struct error *err), void *context,
                 struct halt *halt, struct error *err)
{
    struct crew crew = {.work = work, .context = context, .halt = halt, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[WORKERS_LIMIT];
    unsigned started = start(&crew, threads, count < WORKERS_LIMIT ? count : WORKERS_LIMIT);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&crew.lock);
    if (started > 0 && !crew.failed)
        return true;
    *err = crew.first;
    return false;
}

bool worker_start(pthread_t *thread, void *(*run)(void *context), void *context, struct error *err)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int number = pthread_create(thread, NULL, run, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return number == 0 ||
           error_errno(err, number == EAGAIN ? ENOMEM : number, "export.threads", "cannot start a thread");
}
