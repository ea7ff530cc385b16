/* refpoint store ... */
#include "core/cli/nouns/store.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/cli/follow/watched.h"
#include "core/cli/line/context.h"
#include "core/cli/line/report.h"
#include "core/cli/ways/adopt.h"

static int run_check(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    char **findings = NULL;
    size_t count = 0;
    struct watched watched;
    if (!cli_open(cli, &err) ||
        !cli_host_can(cli, cli->host->ops->check_store != NULL, "check a store", &err))
        return cli_refuse(cli, &err);
    watched_begin(&watched, cli);
    int status = CLI_DONE;
    if (!cli->host->ops->check_store(cli->host, args_flag(args, "deep"), &watched.watch, &findings, &count,
                                     &err))
        status = watched_refuse(&watched, &err);
    watched_end(&watched);
    if (status != CLI_DONE)
        return status;
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

static const struct args_option check_options[] = {
    {.name = "deep",
     .kind = ARGS_FLAG,
     .help = "read every layer whole: its digest is kept the first time, and compared from then on"},
};

static const struct cli_command commands[] = {
    {.noun = "store",
     .verb = "check",
     .summary = "look for damage, mend what is safe to mend",
     .purpose =
         "Looks through the store and the images that it names: unfinished work of a program that was "
         "killed, records that cannot be read, symbolic links, which are not followed, layers that have "
         "changed "
         "or are gone. What is safe to mend is mended. One sentence for each finding; exit status 1 when "
         "there is any. With --deep also the "
         "contents of the layers: what has rotted although no time shows it; and a layer whose digest is "
         "kept "
         "can be moved and copied by anybody, since \"refpoint store adopt\" can prove it. With --json: "
         "store, "
         "ok, findings[].",
     .options = check_options,
     .option_count = ARRAY_LENGTH(check_options),
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
     .option_count = ADOPT_OPTIONS,
     .run = adopt_run},
};

const struct cli_noun cli_store_noun = {.commands = commands, .count = ARRAY_LENGTH(commands)};
