#include "ui/app/message.h"

#include <stdlib.h>

#include "ui/app/state.h"

#define MESSAGE_MS 5000

void message_put(struct app *app, enum theme_role role, char *text)
{
    free(app->message);
    app->message = text;
    app->message_job = (struct guid){0};
    app->message_role = role;
    app->message_until_ms = app->now_ms + MESSAGE_MS;
    app->dirty = true;
}

void message_drop(struct app *app)
{
    if (!app->message)
        return;
    free(app->message);
    app->message = NULL;
    app->dirty = true;
}

void message_put_of_job(struct app *app, const struct guid *job, uint32_t moot, char *text)
{
    message_put(app, ROLE_INFO, text);
    app->message_job = *job;
    app->message_moot = moot;
    message_take_back(app);
}

void message_take_back(struct app *app)
{
    const struct job_snapshot *job =
        guid_is_none(&app->message_job) ? NULL : jobs_find(app->jobs, &app->message_job);
    if (job && (job_state_is_final(job->state) || job->state == app->message_moot))
        message_drop(app);
}
