#include "ui/app/news.h"

#include "core/base/mem.h"
#include "ui/app/message.h"
#include "ui/app/stack.h"
#include "ui/app/state.h"

static void ring_ended(struct app *app)
{
    size_t kept = 0;
    for (size_t i = 0; i < app->ringing_count; i++) {
        const struct job_snapshot *job = jobs_find(app->jobs, &app->ringing[i]);
        if (job && job_state_is_final(job->state))
            terminal_bell(app->terminal);
        else
            app->ringing[kept++] = app->ringing[i];
    }
    app->ringing_count = kept;
}

/* "61% web-prod - refpoint": the newest running job, for whoever has another window in front. */
static void set_title(struct app *app)
{
    size_t count = 0;
    const struct job_snapshot *jobs = jobs_all(app->jobs, &count);
    size_t i = 0;
    while (i < count && job_state_is_final(jobs[i].state))
        i++;
    CLEANUP_FREE char *title =
        i < count ? mem_format("%u%% %s - refpoint", jobs[i].percent_complete, jobs[i].identity.collection)
                  : mem_strdup("refpoint");
    terminal_set_title(app->terminal, title);
}

void news_tell_jobs(struct app *app)
{
    if (app->settings.title)
        set_title(app);
    ring_ended(app);
    message_take_back(app);
    for (size_t i = 0; i < app->depth; i++) {
        struct screen *screen = app->stack[i];
        if (screen->ops->jobs_changed)
            stack_apply(app, screen, screen->ops->jobs_changed(screen));
    }
    app->dirty = true; /* the strip */
}

void news_tick(struct app *app)
{
    if (app->now_ms >= app->message_until_ms)
        message_drop(app);
    if (app->progress_due) {
        app->progress_due = false;
        news_tell_jobs(app);
    }
    for (size_t i = 0; i < app->depth; i++) {
        struct screen *screen = app->stack[i];
        if (screen->ops->tick)
            stack_apply(app, screen, screen->ops->tick(screen));
    }
}
