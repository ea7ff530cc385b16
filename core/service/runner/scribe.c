#include "core/service/runner/scribe.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/job/condition.h"
#include "core/job/halt.h"
#include "core/job/workers.h"

struct scribe {
    struct journal *journal;
    void (*woken)(void *context);
    void *context;
    pthread_t thread;
    atomic_bool gone;
    struct error failure; /* the first; the thread's until it is joined */
    pthread_mutex_t lock;
    pthread_cond_t news;
    pthread_cond_t idle; /* condition_wait */
    bool offered;
    bool writing;
    bool stopping;
    struct job_snapshot next;
};

/* False: the scribe is to stop. */
static bool take_next(struct scribe *scribe, struct job_snapshot *snapshot)
{
    pthread_mutex_lock(&scribe->lock);
    while (!scribe->offered && !scribe->stopping)
        pthread_cond_wait(&scribe->news, &scribe->lock);
    bool go_on = !scribe->stopping;
    if (go_on)
        job_snapshot_copy(snapshot, &scribe->next);
    scribe->offered = false;
    scribe->writing = go_on;
    pthread_mutex_unlock(&scribe->lock);
    return go_on;
}

static void end_writing(struct scribe *scribe)
{
    pthread_mutex_lock(&scribe->lock);
    scribe->writing = false;
    pthread_cond_broadcast(&scribe->idle);
    pthread_mutex_unlock(&scribe->lock);
}

static void look_whether_gone(struct scribe *scribe)
{
    if (!journal_is_gone(scribe->journal) || atomic_exchange(&scribe->gone, true))
        return;
    scribe->woken(scribe->context);
}

static void *write_progress(void *context)
{
    struct scribe *scribe = context;
    struct job_snapshot snapshot = {0};
    uint64_t written = 0;
    while (take_next(scribe, &snapshot)) {
        struct error err = {0};
        look_whether_gone(scribe);
        if (snapshot.revision != written && !journal_write_progress(scribe->journal, &snapshot, &err) &&
            scribe->failure.code == RETURN_DONE)
            scribe->failure = err;
        written = snapshot.revision;
        end_writing(scribe);
    }
    job_snapshot_clear(&snapshot);
    return NULL;
}

static void release(struct scribe *scribe)
{
    job_snapshot_clear(&scribe->next);
    pthread_cond_destroy(&scribe->news);
    pthread_cond_destroy(&scribe->idle);
    pthread_mutex_destroy(&scribe->lock);
    free(scribe);
}

struct scribe *scribe_start(struct journal *journal, void (*woken)(void *context), void *context,
                            struct error *err)
{
    struct scribe *scribe = mem_alloc(sizeof *scribe);
    scribe->journal = journal;
    scribe->woken = woken;
    scribe->context = context;
    atomic_init(&scribe->gone, false);
    pthread_mutex_init(&scribe->lock, NULL);
    pthread_cond_init(&scribe->news, NULL);
    condition_init(&scribe->idle);
    if (worker_start(&scribe->thread, write_progress, scribe, err))
        return scribe;
    error_context(err, "writing the job's progress");
    release(scribe);
    return NULL;
}

void scribe_offer(struct scribe *scribe, const struct job_snapshot *snapshot)
{
    pthread_mutex_lock(&scribe->lock);
    job_snapshot_copy(&scribe->next, snapshot);
    scribe->offered = true;
    pthread_cond_signal(&scribe->news);
    pthread_mutex_unlock(&scribe->lock);
}

void scribe_wait(struct scribe *scribe, int patience_ms)
{
    int64_t end = monotonic_milliseconds() + patience_ms;
    pthread_mutex_lock(&scribe->lock);
    while ((scribe->offered || scribe->writing) && monotonic_milliseconds() < end)
        condition_wait(&scribe->idle, &scribe->lock);
    pthread_mutex_unlock(&scribe->lock);
}

bool scribe_is_gone(struct scribe *scribe)
{
    return atomic_load(&scribe->gone);
}

void scribe_stop(struct scribe *scribe, struct error *failure)
{
    if (!scribe)
        return;
    pthread_mutex_lock(&scribe->lock);
    scribe->stopping = true;
    pthread_cond_signal(&scribe->news);
    pthread_mutex_unlock(&scribe->lock);
    pthread_join(scribe->thread, NULL);
    if (failure->code == RETURN_DONE)
        *failure = scribe->failure;
    release(scribe);
}
