/* refpoint store ... */
#include "core/cli/nouns/store.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/cli/follow/watched.h"
#include "core/cli/line/context.h"
#include "core/cli/line/report.h"
#include "core/cli/ways/adopt.h"

static json_t *sentences(char *const *items, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_text(items[i]));
    return list;
}

static void tell(struct cli *cli, const struct store_report *report)
{
    CLEANUP_FREE char *place = cli->host->ops->identify(cli->host);
    json_t *line = json_object();
    for (size_t i = 0; i < report->note_count; i++)
        output_line(&cli->out, "%s", report->notes[i]);
    for (size_t i = 0; i < report->finding_count; i++)
        output_line(&cli->out, "%s", report->findings[i]);
    if (report->finding_count == 0)
        output_line(&cli->out, "%s: nothing wrong was found", place);
    json_put_text(line, "store", cli->globals.store);
    json_put_bool(line, "ok", report->finding_count == 0);
    json_put(line, "findings", sentences(report->findings, report->finding_count));
    json_put(line, "notes", sentences(report->notes, report->note_count));
    output_json(&cli->out, line);
}

static int run_check(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct store_report report = {0};
    struct watched watched;
    if (!cli_open(cli, &err) ||
        !cli_host_can(cli, cli->host->ops->check_store != NULL, "check a store", &err))
        return cli_refuse(cli, &err);
    watched_begin(&watched, cli);
    watched.left = "what was read until then is kept, the next time reads all again";
    int status = CLI_DONE;
    if (!cli->host->ops->check_store(cli->host, args_flag(args, "deep"), &watched.watch, &report, &err))
        status = watched_refuse(&watched, &err);
    watched_end(&watched);
    if (status != CLI_DONE)
        return status;
    tell(cli, &report);
    status = report.finding_count == 0 ? CLI_DONE : CLI_FAILED;
    store_report_clear(&report);
    return status;
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
         "there "
         "is any. With --deep also the "
         "contents of the layers: what has rotted although no time shows it. The first time the digest of "
         "each is made, which is said and is no finding. A layer whose digest is kept can be moved and "
         "copied by anybody, since \"refpoint store adopt\" can prove it; and one to which something was "
         "done that may have been a write (chmod, a link, a label) is taken again when its content is the "
         "same. With --json: store, ok, findings[], notes[].",
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
