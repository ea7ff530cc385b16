#include "core/cli/follow/watched.h"

#include <string.h>

#include "core/base/units.h"
#include "core/cli/line/report.h"

#define BETWEEN_MS 500

static void show(struct watched *watched, uint64_t done, uint64_t total)
{
    struct output *out = &watched->cli->out;
    int64_t now = monotonic_milliseconds();
    char so_far[16];
    char whole[16];
    char line[64];
    if (out->json || !out->terminal || now < watched->shown + BETWEEN_MS)
        return;
    watched->shown = now;
    size_format(done, so_far, sizeof so_far);
    size_format(total, whole, sizeof whole);
    snprintf(line, sizeof line, "%s of %s", so_far, whole);
    output_progress(out, line);
}

static bool go_on(void *context, uint64_t done, uint64_t total)
{
    struct watched *watched = context;
    while (interrupt_take(&watched->interrupt))
        watched->cancelled = true;
    if (!watched->cancelled)
        show(watched, done, total);
    return !watched->cancelled;
}

void watched_begin(struct watched *watched, struct cli *cli)
{
    *watched = (struct watched){.cli = cli, .shown = monotonic_milliseconds()};
    watched->watch = (struct watch){.go_on = go_on, .context = watched};
    interrupt_open(&watched->interrupt, true);
}

void watched_end(struct watched *watched)
{
    interrupt_close(&watched->interrupt);
}

int watched_refuse(struct watched *watched, const struct error *err)
{
    if (!watched->cancelled || err->begun)
        return cli_refuse(watched->cli, err);
    json_t *line = json_object();
    json_put_text(line, "event", "cancelled");
    output_json(&watched->cli->out, line);
    output_warning(&watched->cli->out, "cancelled; %s",
                   watched->left ? watched->left : "everything is as it was");
    return CLI_CANCELLED;
}
