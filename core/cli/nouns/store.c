/* refpoint store ... */
#include "core/cli/nouns/store.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/cli/line/context.h"
#include "core/cli/line/report.h"
#include "core/cli/ways/adopt.h"

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
     .option_count = ADOPT_OPTIONS,
     .run = adopt_run},
};

const struct cli_noun cli_store_noun = {.commands = commands, .count = ARRAY_LENGTH(commands)};
