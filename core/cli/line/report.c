#include "core/cli/line/report.h"

#include "core/base/mem.h"
#include "core/syntax/json.h"

int cli_refuse(struct cli *cli, const struct error *err)
{
    CLEANUP_FREE char *text = error_text(err);
    json_t *line = json_object();
    json_put_text(line, "event", err->begun ? "failed" : "refused");
    json_put_number(line, "return_value", err->code);
    json_put_text(line, "error_key", err->key);
    json_put_text(line, "error", text);
    output_json(&cli->out, line);
    output_error(&cli->out, err);
    return err->begun ? CLI_FAILED : CLI_REFUSED;
}

void cli_report_done(struct cli *cli, json_t *more)
{
    json_t *line = json_object();
    json_put_text(line, "event", "done");
    json_put_number(line, "return_value", 0);
    if (more)
        json_object_update(line, more);
    json_decref(more);
    output_json(&cli->out, line);
}

void cli_warn_unreached(struct cli *cli, const struct error *unreached)
{
    if (unreached->code)
        output_warning(&cli->out, "machines are shown as they were last known: %s", unreached->what);
}

void cli_put_damaged(json_t *object, const struct damaged_record *damaged)
{
    json_put_bool(object, "damaged", true);
    json_put_text(object, "problem", damaged->problem);
}

void cli_warn_left_out(struct cli *cli, const char *what, const struct left_out *left_out)
{
    if (left_out->count > 0)
        output_warning(&cli->out,
                       "%zu %s%s cannot be read: damaged, see \"refpoint store check\"; the first: %s",
                       left_out->count, what, left_out->count == 1 ? "" : "s", left_out->items[0].problem);
}
