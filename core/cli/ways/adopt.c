#include "core/cli/ways/adopt.h"

#include "core/base/mem.h"
#include "core/cli/follow/watched.h"
#include "core/cli/line/report.h"

static json_t *adopted_json(const struct adopted_file *file)
{
    json_t *object = json_object();
    json_put_text(object, "path", file->path);
    json_put_text(object, "machine", file->machine);
    json_put_text(object, "disk", file->disk);
    json_put_text(object, "point", file->point);
    json_put_bool(object, "adopted", file->how != ADOPTED_NOT);
    json_put_bool(object, "proven", file->how == ADOPTED_PROVEN);
    json_put_text(object, "reason", file->reason);
    return object;
}

static void show_adopted(struct cli *cli, const struct adopted_file *file)
{
    CLEANUP_FREE char *whose = file->point ? mem_format("%s/%s at %s", file->machine, file->disk, file->point)
                                           : mem_format("%s/%s", file->machine, file->disk);
    if (file->how == ADOPTED_NOT)
        output_line(&cli->out, "left     %s (%s): %s", file->path, whose, file->reason);
    else
        output_line(&cli->out, "%s %s (%s)", file->how == ADOPTED_PROVEN ? "proven  " : "unproven",
                    file->path, whose);
}

static int report_adopted(struct cli *cli, const struct adopted_files *adopted)
{
    CLEANUP_FREE char *place = cli->host->ops->identify(cli->host);
    json_t *line = json_object();
    json_t *list = json_array();
    size_t left = 0;
    for (size_t i = 0; i < adopted->count; i++) {
        left += adopted->items[i].how == ADOPTED_NOT;
        json_array_append_new(list, adopted_json(&adopted->items[i]));
        show_adopted(cli, &adopted->items[i]);
    }
    json_put_text(line, "store", cli->globals.store);
    json_put_bool(line, "ok", left == 0);
    json_put(line, "files", list);
    output_json(&cli->out, line);
    if (adopted->count == 0)
        output_line(&cli->out, "%s: every file is the one that its record knows", place);
    else
        output_line(&cli->out, "%zu taken, %zu left as they were", adopted->count - left, left);
    return left == 0 ? CLI_DONE : CLI_FAILED;
}

int adopt_run(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct adopted_files adopted = {0};
    struct watched watched;
    if (!cli_open(cli, &err) || !cli_host_can(cli, cli->host->ops->adopt_files != NULL, "adopt files", &err))
        return cli_refuse(cli, &err);
    watched_begin(&watched, cli);
    bool ok =
        cli->host->ops->adopt_files(cli->host, args_flag(args, "unproven"), &watched.watch, &adopted, &err);
    int status = ok ? report_adopted(cli, &adopted) : watched_refuse(&watched, &err);
    watched_end(&watched);
    adopted_files_clear(&adopted);
    return status;
}

const struct args_option adopt_options[ADOPT_OPTIONS] = {
    {.name = "unproven",
     .kind = ARGS_FLAG,
     .help = "take files of which the store keeps no digest, by your word; the records of the points say so"},
};
