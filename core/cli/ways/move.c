#include "core/cli/ways/move.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/cli/follow/watched.h"
#include "core/cli/line/find.h"
#include "core/cli/line/path.h"
#include "core/cli/line/report.h"

const struct args_option move_options[MOVE_OPTIONS] = {
    {.name = "to",
     .kind = ARGS_TEXT,
     .value = "DIR",
     .required = true,
     .help = "the directory for its images and layers; it must exist, their names must be free there"},
    {.name = "moved",
     .kind = ARGS_FLAG,
     .help = "the files are in DIR already, under their own names: look at them and follow"},
    {.name = "unproven",
     .kind = ARGS_FLAG,
     .help = "with --moved: take layers of which the store keeps no digest by your word; the records of the "
             "points say so"},
};

static json_t *moved_json(const struct machine *machine, const char *directory,
                          const struct moved_machine *moved)
{
    json_t *object = json_object();
    json_t *disks = json_array();
    json_t *notes = json_array();
    for (size_t i = 0; i < moved->disk_count; i++) {
        json_t *disk = json_object();
        json_put_text(disk, "disk", moved->disks[i].disk);
        json_put_text(disk, "from", moved->disks[i].from);
        json_put_text(disk, "to", moved->disks[i].to);
        json_array_append_new(disks, disk);
    }
    for (size_t i = 0; i < moved->note_count; i++)
        json_array_append_new(notes, json_text(moved->notes[i]));
    json_put_text(object, "id", machine->id.text);
    json_put_text(object, "name", machine->name);
    json_put_text(object, "directory", directory);
    json_put(object, "disks", disks);
    json_put_number(object, "files", moved->file_count);
    json_put_number(object, "copied", moved->copied);
    json_put_number(object, "unproven", moved->unproven);
    json_put_bool(object, "definition_kept", moved->has_definition);
    json_put(object, "notes", notes);
    return object;
}

static void show_moved(struct cli *cli, const struct machine *machine, const char *directory,
                       const struct moved_machine *moved)
{
    output_line(&cli->out, "machine %s: %zu files are in %s now; its points are what they were",
                machine->name, moved->file_count, directory);
    if (moved->unproven)
        output_line(&cli->out, "%zu of them were taken by your word; the records of the points say so",
                    moved->unproven);
    output_line(&cli->out, "before it is started, change in its definition%s:",
                moved->has_definition
                    ? " (refpoint machine definition prints the one that is kept, with the new paths)"
                    : "");
    for (size_t i = 0; i < moved->disk_count; i++) {
        output_line(&cli->out, "  %s: %s", moved->disks[i].disk, moved->disks[i].from);
        output_line(&cli->out, "  %*s  %s", (int)strlen(moved->disks[i].disk), "to", moved->disks[i].to);
    }
    for (size_t i = 0; i < moved->note_count; i++)
        output_warning(&cli->out, "%s", moved->notes[i]);
}

static bool check_words(const struct args *args, struct error *err)
{
    if (!args_flag(args, "unproven") || args_flag(args, "moved"))
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "usage.conflict", "--unproven is for --moved only");
    return error_next(err, "See refpoint machine move --help.");
}

int move_run(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct machine machine = {0};
    struct moved_machine moved = {0};
    struct watched watched;
    if (!check_words(args, &err) || !cli_open(cli, &err) ||
        !cli_host_can(cli, cli->host->ops->move_machine != NULL, "move machines", &err) ||
        !cli_find_machine(cli, args->operands[0], &machine, &err))
        return cli_refuse(cli, &err);
    CLEANUP_FREE char *directory = cli_absolute_path(args_text(args, "to"));
    const struct move_request request = {.machine = machine.id,
                                         .directory = directory,
                                         .moved = args_flag(args, "moved"),
                                         .unproven = args_flag(args, "unproven")};
    int status = CLI_DONE;
    watched_begin(&watched, cli);
    if (cli->host->ops->move_machine(cli->host, &request, &watched.watch, &moved, &err)) {
        cli_report_done(cli, moved_json(&machine, directory, &moved));
        show_moved(cli, &machine, directory, &moved);
    } else {
        status = watched_refuse(&watched, &err);
    }
    watched_end(&watched);
    moved_machine_clear(&moved);
    machine_clear(&machine);
    return status;
}
