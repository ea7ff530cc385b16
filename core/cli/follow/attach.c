#include "core/cli/follow/attach.h"

#include <errno.h>
#include <poll.h>

#include "core/cli/follow/progress.h"
#include "core/cli/line/report.h"
#include "core/service/follow.h"

#define TURN_MS 1000

enum attach_end { ATTACH_FINAL, ATTACH_LEFT };

struct attach {
    struct cli *cli;
    struct guid id;
    struct follow *follow;
    struct progress progress;
    struct interrupt *interrupt;
    struct job_snapshot snapshot;
    unsigned interrupts;
    bool asked; /* the job has taken the request to cancel */
};

static void ask_to_cancel(struct attach *attach)
{
    struct error err = {0};
    output_warning(&attach->cli->out, "cancelling the job; Ctrl-C once more leaves it to itself");
    uint32_t value = follow_request_until(attach->cli->state_directory, &attach->id,
                                          REQUESTED_STATE_TERMINATE, attach->interrupt->fd, &err);
    attach->asked = value == RETURN_DONE;
    /* 32775: it has ended meanwhile, and the next snapshot tells how. */
    if (value != RETURN_DONE && value != RETURN_INVALID_STATE)
        output_error(&attach->cli->out, &err);
}

/* False: the operator leaves. */
static bool heed_interrupts(struct attach *attach)
{
    while (interrupt_take(attach->interrupt)) {
        attach->interrupts++;
        if (attach->interrupts > 1)
            return false;
        ask_to_cancel(attach);
    }
    return true;
}

static enum attach_end follow_to_the_end(struct attach *attach)
{
    for (;;) {
        if (follow_read(attach->follow, &attach->snapshot) && !job_state_is_final(attach->snapshot.state))
            progress_show(&attach->progress, &attach->snapshot);
        if (job_state_is_final(attach->snapshot.state) || follow_fd(attach->follow) < 0)
            return ATTACH_FINAL;
        struct pollfd fds[] = {{.fd = follow_fd(attach->follow), .events = POLLIN},
                               {.fd = attach->interrupt->fd, .events = POLLIN}};
        if (poll(fds, 2, TURN_MS) < 0 && errno != EINTR)
            return ATTACH_FINAL;
        if (!heed_interrupts(attach))
            return ATTACH_LEFT;
        if (!attach->cli->out.json && attach->cli->out.terminal)
            progress_show(&attach->progress, &attach->snapshot);
    }
}

static int say_left(struct attach *attach)
{
    json_t *line = json_object();
    json_put_text(line, "event", "detached");
    json_put_text(line, "job", attach->id.text);
    json_put_number(line, "job_state", attach->snapshot.state);
    output_json(&attach->cli->out, line);
    output_warning(
        &attach->cli->out, "the job %s without being watched; see it again with: refpoint job attach %s",
        attach->asked ? "has been asked to cancel and comes to its end" : "goes on", attach->id.text);
    return CLI_FAILED;
}

int attach_say_started(struct cli *cli, const struct guid *id)
{
    json_t *line = json_object();
    json_put_text(line, "event", "started");
    json_put_text(line, "job", id->text);
    json_put_number(line, "return_value", RETURN_JOB_STARTED);
    output_json(&cli->out, line);
    output_line(&cli->out, "job %s is started", id->text);
    output_line(&cli->out, "Watch it with: refpoint job attach %s", id->text);
    return CLI_DONE;
}

int attach_job(struct cli *cli, const struct guid *id, struct interrupt *interrupt)
{
    struct error err = {0};
    struct attach attach = {.cli = cli, .id = *id, .interrupt = interrupt};
    attach.follow = follow_open(cli->state_directory, id, &err);
    if (!attach.follow)
        return cli_refuse(cli, &err);
    progress_begin(&attach.progress, &cli->out, true);
    int status;
    if (follow_to_the_end(&attach) == ATTACH_LEFT)
        status = say_left(&attach);
    else
        status = progress_finish(&cli->out, &attach.snapshot, true, RETURN_JOB_STARTED);
    follow_close(attach.follow);
    job_snapshot_clear(&attach.snapshot);
    return status;
}
