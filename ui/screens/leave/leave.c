#include "ui/screens/leave/leave.h"

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/screens/dialog/dialog.h"
#include "ui/screens/job/actions.h"

enum { LEAVE, CANCEL, STAY };

static void cancel_all(struct app *app)
{
    size_t count = 0;
    const struct job_snapshot *jobs = app_jobs(app, &count);
    for (size_t i = 0; i < count; i++) {
        if (!job_state_is_final(jobs[i].state))
            job_request(app, &jobs[i].identity.id, REQUESTED_STATE_TERMINATE,
                        "Cancelling: finishing the block at hand, then removing what is partial.");
    }
}

static void chosen(struct screen *screen, size_t button, void *context)
{
    (void)context;
    if (button == LEAVE)
        app_leave(screen->app);
    if (button == CANCEL)
        cancel_all(screen->app);
}

struct screen *leave_dialog_new(const struct screen_argument *argument)
{
    size_t running = argument->running;
    bool one = running == 1;
    CLEANUP_FREE char *title =
        one ? mem_strdup("Leave while a job runs?") : mem_format("Leave while %zu jobs run?", running);
    CLEANUP_FREE char *cancel = one ? mem_strdup("Cancel the job") : mem_format("Cancel all %zu", running);
    CLEANUP_FREE char *text =
        mem_format("%s without this screen. Start refpoint again to see %s, from any terminal.",
                   one ? "The job goes on" : "The jobs go on", one ? "it" : "them");
    struct dialog dialog = {.title = title,
                            .text = text,
                            .buttons = {[LEAVE] = "Leave", [CANCEL] = cancel, [STAY] = "Stay"},
                            .selected = LEAVE,
                            .escape = STAY,
                            .chosen = chosen};
    return dialog_screen_new(&(struct screen_argument){.dialog = &dialog});
}
