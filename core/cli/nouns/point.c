/* refpoint point ... */
#include "core/cli/nouns/point.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/cli/follow/attach.h"
#include "core/cli/follow/watched.h"
#include "core/cli/line/args.h"
#include "core/cli/line/context.h"
#include "core/cli/line/find.h"
#include "core/cli/line/path.h"
#include "core/cli/line/report.h"
#include "core/cli/nouns/point_show.h"
#include "core/cli/ways/forget.h"
#include "core/system/fs.h"

static int run_list(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct collection collection = {0};
    struct reference_point_list list = {0};
    bool ok = cli_open(cli, &err) && cli_find_collection(cli, args->operands[0], &collection, &err) &&
              cli->host->ops->list_points(cli->host, &collection.id, &list, &err);
    if (ok) {
        for (size_t i = 0; i < list.count; i++)
            output_json(&cli->out, point_show_json(&list.items[i]));
        for (size_t i = 0; i < list.left_out.count; i++)
            output_json(&cli->out, point_show_damaged_json(&list.left_out.items[i], &collection));
        point_show_rows(cli, list.items, list.count, &list.left_out);
        cli_warn_left_out(cli, "point", &list.left_out);
    }
    reference_point_list_clear(&list);
    collection_clear(&collection);
    return ok ? CLI_DONE : cli_refuse(cli, &err);
}

static int run_show(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct object_path path = {0};
    struct reference_point point = {0};
    bool ok = cli_find_point_path(cli, args->operands[0], args->operands[1], &path, &err) &&
              cli->host->ops->read_point(cli->host, &path, &point, &err);
    if (ok)
        point_show_whole(cli, &point, &path);
    reference_point_clear(&point);
    return ok ? CLI_DONE : cli_refuse(cli, &err);
}

static uint32_t type_of(const struct args *args)
{
    const char *word = args_text(args, "type");
    return word && strcmp(word, "rct") == 0 ? POINT_TYPE_RCT_BASED : POINT_TYPE_LOG_BASED;
}

static uint32_t consistency_of(const struct args *args)
{
    const char *word = args_text(args, "consistency");
    return word && strcmp(word, "application") == 0 ? CONSISTENCY_APPLICATION : CONSISTENCY_CRASH;
}

/* Roles as they are, paths made absolute. */
static char **read_leave_out(const struct args *args, size_t *count)
{
    char **items = NULL;
    const char *text;
    for (size_t i = 0; (text = args_nth(args, "leave-out", i)); i++) {
        enum machine_file_role role;
        *ARRAY_APPEND(items, *count) =
            machine_file_role_parse(&role, text) ? mem_strdup(text) : cli_absolute_path(text);
    }
    return items;
}

static int run_create(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct collection collection = {0};
    struct reference_point made = {0};
    struct point_remarks remarks = {0};
    if (!cli_open(cli, &err) || !cli_find_collection(cli, args->operands[0], &collection, &err))
        return cli_refuse(cli, &err);
    size_t leave_out_count = 0;
    char **leave_out = read_leave_out(args, &leave_out_count);
    CLEANUP_FREE const char **drop = mem_alloc((args_count(args, "drop-bitmap") + 1) * sizeof *drop);
    for (size_t i = 0; args_nth(args, "drop-bitmap", i); i++)
        drop[i] = args_nth(args, "drop-bitmap", i);
    const struct point_request request = {.collection_id = collection.id,
                                          .name = args_text(args, "name"),
                                          .consistency_level = consistency_of(args),
                                          .allow_crash = args_flag(args, "allow-crash"),
                                          .reference_point_type = type_of(args),
                                          .raw_to_qcow2 = args_flag(args, "raw-to-qcow2"),
                                          .leave_out = leave_out,
                                          .leave_out_count = leave_out_count,
                                          .drop_bitmaps = drop,
                                          .drop_bitmap_count = args_count(args, "drop-bitmap"),
                                          .carry_bitmaps = args_flag(args, "carry-bitmaps")};
    collection_clear(&collection);
    uint32_t value = service_create_reference_point(cli_service(cli), &request, &made, &remarks);
    fs_free_names(leave_out, leave_out_count);
    if (value != RETURN_DONE)
        return cli_refuse(cli, service_error(cli_service(cli)));
    point_show_made(cli, &made, &remarks);
    reference_point_clear(&made);
    point_remarks_clear(&remarks);
    return CLI_DONE;
}

/* What can be done to a point, here or by a runner. */
struct point_change {
    uint32_t (*now)(struct service *service, const struct object_path *affected, struct watch *watch);
    uint32_t (*start)(struct service *service, const struct object_path *affected, struct job **job);
    const char *sentence;
};

static int change_in_job(struct cli *cli, const struct args *args, const struct point_change *change,
                         const struct object_path *path, struct interrupt *interrupt)
{
    struct job *job = NULL;
    if (change->start(cli_service(cli), path, &job) != RETURN_JOB_STARTED)
        return cli_refuse(cli, service_error(cli_service(cli)));
    struct guid id = job_id(job);
    job_free(job);
    if (args_flag(args, "detach"))
        return attach_say_started(cli, &id);
    output_line(&cli->out, "job %s", id.text);
    return attach_job(cli, &id, interrupt);
}

static int run_in_job(struct cli *cli, const struct args *args, const struct point_change *change,
                      const struct object_path *path)
{
    struct interrupt interrupt;
    interrupt_open(&interrupt, false);
    int status = change_in_job(cli, args, change, path, &interrupt);
    interrupt_close(&interrupt);
    return status;
}

static void say_freed(struct cli *cli, int64_t bytes)
{
    CLEANUP_FREE char *sentence = job_freed_sentence(bytes);
    output_line(&cli->out, "%s", sentence);
}

static int run_change(struct cli *cli, const struct args *args, const struct point_change *change)
{
    struct error err = {0};
    struct object_path path = {0};
    struct watched watched;
    if (!cli_find_point_path(cli, args->operands[0], args->operands[1], &path, &err))
        return cli_refuse(cli, &err);
    if (args_flag(args, "job") || args_flag(args, "detach"))
        return run_in_job(cli, args, change, &path);
    watched_begin(&watched, cli);
    uint32_t value = change->now(cli_service(cli), &path, &watched.watch);
    watched_end(&watched);
    if (value != RETURN_DONE)
        return watched_refuse(&watched, service_error(cli_service(cli)));
    json_t *more = json_object();
    json_put_text(more, "id", path.point_id.text);
    json_put_text(more, "collection_id", path.collection_id.text);
    if (watched.watch.has_freed)
        json_put(more, "bytes_freed", json_integer(watched.watch.freed));
    cli_report_done(cli, more);
    output_line(&cli->out, "point %s %s", args->operands[1], change->sentence);
    if (watched.watch.has_freed)
        say_freed(cli, watched.watch.freed);
    return CLI_DONE;
}

static int run_remove_data(struct cli *cli, const struct args *args)
{
    static const struct point_change change = {
        .now = service_remove_associated_data,
        .start = service_start_remove_data,
        .sentence = "has given its data back; it stays usable as a base",
    };
    return run_change(cli, args, &change);
}

static int run_destroy(struct cli *cli, const struct args *args)
{
    static const struct point_change change = {
        .now = service_destroy_reference_point, .start = service_start_destroy, .sentence = "is destroyed"};
    return run_change(cli, args, &change);
}

static const struct args_operand of_collection[] = {
    {.name = "COLLECTION", .help = "its name, id or id's beginning"},
};
static const struct args_operand of_point[] = {
    {.name = "COLLECTION", .help = "its name, id or id's beginning"},
    {.name = "POINT", .help = "its name, its time as the list shows it, its id or id's beginning"},
};
static const struct args_option change_options[] = {
    {.name = "job",
     .kind = ARGS_FLAG,
     .help = "as a job of its own, which outlives this command: it can be attached to, paused and cancelled"},
    {.name = "detach", .kind = ARGS_FLAG, .help = "as a job of its own; return once it is started"},
};
static const struct args_option create_options[] = {
    {.name = "name",
     .kind = ARGS_TEXT,
     .value = "NAME",
     .help = "what the point is to be called; otherwise its time and a short id"},
    {.name = "consistency",
     .kind = ARGS_CHOICE,
     .value = "crash|application",
     .help =
         "crash (the default) is as after a power cut; application needs something that quiesces the guests"},
    {.name = "type",
     .kind = ARGS_CHOICE,
     .value = "log|rct",
     .help = "log (the default) keeps what the disks held, to be exported at any later time; rct only marks "
             "what changes from now on (running machines), to be the base of an export --live"},
    {.name = "allow-crash",
     .kind = ARGS_FLAG,
     .help = "with application: machines that cannot be quiesced are taken crash consistent, which is said"},
    {.name = "raw-to-qcow2",
     .kind = ARGS_FLAG,
     .help =
         "allow raw images: their path holds a qcow2 overlay afterwards, and the machine's definition must "
         "be changed"},
    {.name = "leave-out",
     .kind = ARGS_TEXT,
     .value = "FILE|ROLE",
     .repeat = true,
     .help =
         "go without this file of a machine (its path, or nvram, tpm, kernel, initrd ...); the point, its "
         "exports and their records say so"},
    {.name = "carry-bitmaps",
     .kind = ARGS_FLAG,
     .help =
         "take another tool's dirty bitmaps over into the new overlays, so that its next incremental backup "
         "is right; destroying the point brings them back"},
    {.name = "drop-bitmap",
     .kind = ARGS_TEXT,
     .value = "NAME",
     .repeat = true,
     .help = "let another tool's dirty bitmap of this name go: that tool then needs a full backup"},
};

#define FREED_HELP                                                                                           \
    "At the end it says what came back to the file system: the allocated blocks of the files that went or "  \
    "shrank, less what others grew by; it can be nothing, or less than that. With --json: return_value, "    \
    "id, collection_id, bytes_freed (negative: more is taken than before; left out where the files could "   \
    "not be looked at)."

static const struct cli_command commands[] = {
    {.noun = "point",
     .verb = "list",
     .summary = "list the points of a collection, newest first",
     .purpose =
         "Lists the reference points of a collection, newest first. With --json one line each: id, name, "
         "created, reference_point_type, consistency_level, has_associated_log, collection, "
         "collection_id, virtual_size, log_size. A point whose record cannot be read is damaged: it comes "
         "last, "
         "with what is known of it, and with --json has \"damaged\": true and \"problem\".",
     .operands = of_collection,
     .operand_count = ARRAY_LENGTH(of_collection),
     .run = run_list},
    {.noun = "point",
     .verb = "show",
     .summary = "show a point with its machines, disks and layers",
     .operands = of_point,
     .operand_count = ARRAY_LENGTH(of_point),
     .run = run_show},
    {.noun = "point",
     .verb = "create",
     .summary = "freeze all disks of a collection at one moment",
     .purpose =
         "Makes a log based reference point: each image's file becomes a read-only layer in its own "
         "directory, and "
         "a new overlay takes the image's path, so that definitions need no change. All disks of all "
         "machines, or "
         "none. The machines must be off. The first time, the program says which files hold the "
         "machine from then "
         "on (with --json: notice). A disk in which nothing was written since the last point is named (with "
         "--json: unwritten[]). Images that hold another tool's dirty bitmaps are refused (32775), unless "
         "each of "
         "them is taken along or let go.",
     .options = create_options,
     .option_count = ARRAY_LENGTH(create_options),
     .operands = of_collection,
     .operand_count = ARRAY_LENGTH(of_collection),
     .examples = "  refpoint point create shop --name monday\n",
     .run = run_create},
    {.noun = "point",
     .verb = "remove-data",
     .summary = "give back the space a point holds; it stays a base",
     .purpose =
         "Gives back the space that later layers shadow. The point can no longer be exported (32775), and "
         "stays usable as the base of a differential export. " FREED_HELP,
     .operands = of_point,
     .operand_count = ARRAY_LENGTH(of_point),
     .options = change_options,
     .option_count = ARRAY_LENGTH(change_options),
     .run = run_remove_data},
    {.noun = "point",
     .verb = "destroy",
     .summary = "remove a point; its layer is merged into the next",
     .purpose =
         "Merges the point's layers into what follows and forgets the point. Destroying the last point "
         "leaves one plain file at each image's path. " FREED_HELP,
     .operands = of_point,
     .operand_count = ARRAY_LENGTH(of_point),
     .options = change_options,
     .option_count = ARRAY_LENGTH(change_options),
     .run = run_destroy},
    {.noun = "point",
     .verb = "forget",
     .summary = "drop a point's record; every file stays",
     .purpose =
         "Drops the record of a point and leaves every file as it is: the way out when a layer is gone or "
         "is no longer what was frozen, and destroy refuses. Points above it and the machines go on being "
         "read through its layers, which belong to no point from then on. For each layer it is said what "
         "needs it, and with which commands the machine becomes free of it. A point whose record cannot be "
         "read is named by its whole id. With --json: return_value, id, collection_id, layers[{point, "
         "machine, disk, layer, needed (image, point, free, gone, unclear), needed_by, commands[]}].",
     .operands = of_point,
     .operand_count = ARRAY_LENGTH(of_point),
     .run = forget_run_point},
};

const struct cli_noun cli_point_noun = {.commands = commands, .count = ARRAY_LENGTH(commands)};
