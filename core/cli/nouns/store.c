/* refpoint store ... */
#include "core/cli/nouns/store.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/cli/line/args.h"
#include "core/cli/line/context.h"
#include "core/cli/line/report.h"
#include "core/cli/nouns/watched.h"

static int run_check(struct cli *cli, const struct args *args)
{
    (void)args;
    struct error err = {0};
    char **findings = NULL;
    size_t count = 0;
    bool ok = cli_open(cli, &err) &&
              cli_host_can(cli, cli->host->ops->check_store != NULL, "check a store", &err) &&
              cli->host->ops->check_store(cli->host, &findings, &count, &err);
    if (!ok)
        return cli_refuse(cli, &err);
    CLEANUP_FREE char *place = cli->host->ops->identify(cli->host);
    json_t *line = json_object();
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_text(findings[i]));
        output_line(&cli->out, "%s", findings[i]);
        free(findings[i]);
    }
    free(findings);
    json_put_text(line, "store", cli->globals.store);
    json_put_bool(line, "ok", count == 0);
    json_put(line, "findings", list);
    output_json(&cli->out, line);
    if (count == 0)
        output_line(&cli->out, "%s: nothing wrong was found", place);
    return count == 0 ? CLI_DONE : CLI_FAILED;
}

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

static int run_adopt(struct cli *cli, const struct args *args)
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

static const struct args_option adopt_options[] = {
    {.name = "unproven",
     .kind = ARGS_FLAG,
     .help = "take files of which the store keeps no digest, by your word; the records of the points say so"},
};

static const struct cli_command commands[] = {
    {.noun = "store",
     .verb = "check",
     .summary = "look for damage, mend what is safe to mend",
     .purpose =
         "Looks through the store and the images that it names: unfinished work of a program that was "
         "killed, records that cannot be read, layers that have changed or are gone. What is safe to mend "
         "is mended. One sentence for each finding; exit status 1 when there is any. With --json: store, "
         "ok, findings[].",
     .run = run_check},
    {.noun = "store",
     .verb = "adopt",
     .summary = "take files that somebody else moved or copied",
     .purpose =
         "For layers and templates that lie where the store has them and are other files than it knows: "
         "restored from a backup, copied away and back, moved to another file system mounted there. Each is "
         "read whole and compared with the digest that the store keeps; where it keeps none it is left, "
         "unless --unproven is given, which the records of the points say from then on. The structure of "
         "each must fit: format, size, what it is based on. A line for each file that is not the one of its "
         "record; exit status 1 when one is left. With --json: store, ok, files[{path, machine, disk, "
         "point, adopted, proven, reason}]. For files in another directory: refpoint machine move --moved.",
     .options = adopt_options,
     .option_count = ARRAY_LENGTH(adopt_options),
     .run = run_adopt},
};

const struct cli_noun cli_store_noun = {.commands = commands, .count = ARRAY_LENGTH(commands)};
