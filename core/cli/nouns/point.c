/* refpoint point ... */
#include "core/cli/nouns/point.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/cli/line/args.h"
#include "core/cli/line/context.h"
#include "core/cli/line/find.h"
#include "core/cli/line/path.h"
#include "core/cli/line/report.h"
#include "core/cli/nouns/surroundings.h"
#include "core/cli/ways/forget.h"
#include "core/image/image.h"
#include "core/image/layer_name.h"
#include "core/system/fs.h"

#define TIME_FIELD 48

static json_t *point_json(const struct reference_point *point)
{
    char created[TIME_FIELD];
    moment_format_rfc3339(point->created, false, created, sizeof created);
    json_t *object = json_object();
    json_put_text(object, "id", point->id.text);
    json_put_text(object, "name", point->name);
    json_put_text(object, "created", created);
    json_put_number(object, "reference_point_type", point->type);
    json_put_text(object, "reference_point_type_word", reference_point_type_word(point->type));
    json_put_number(object, "consistency_level", point->consistency_level);
    json_put_text(object, "consistency_level_word", consistency_level_word(point->consistency_level));
    json_put_bool(object, "has_associated_log", point->has_associated_log);
    json_put_text(object, "collection", point->collection_name);
    json_put_text(object, "collection_id", point->collection_id.text);
    json_put_number(object, "virtual_size", point->virtual_size);
    json_put_number(object, "log_size", point->log_size);
    return object;
}

static void add_point_row(struct table *table, const struct reference_point *point)
{
    char created[TIME_FIELD];
    char log_size[32];
    moment_format_rfc3339(point->created, false, created, sizeof created);
    size_format(point->log_size, log_size, sizeof log_size);
    table_add(table, point->name);
    table_add(table, created);
    table_add(table, reference_point_type_word(point->type));
    table_add(table, consistency_level_word(point->consistency_level));
    table_add(table, point->has_associated_log ? log_size : "removed");
    table_add(table, point->id.text);
}

static void show_points(struct cli *cli, const struct reference_point *items, size_t count)
{
    static const char *const headings[] = {"NAME", "CREATED", "TYPE", "CONSISTENCY", ">LOG", "ID"};
    struct table table;
    table_begin(&table, headings, ARRAY_LENGTH(headings));
    for (size_t i = 0; i < count; i++)
        add_point_row(&table, &items[i]);
    table_end(&table, &cli->out);
}

static int run_list(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct collection collection = {0};
    struct reference_point_list list = {0};
    bool ok = cli_open(cli, &err) && cli_find_collection(cli, args->operands[0], &collection, &err) &&
              cli->host->ops->list_points(cli->host, &collection.id, &list, &err);
    if (ok) {
        for (size_t i = 0; i < list.count; i++)
            output_json(&cli->out, point_json(&list.items[i]));
        show_points(cli, list.items, list.count);
        cli_warn_left_out(cli, "point", &list.left_out);
    }
    reference_point_list_clear(&list);
    collection_clear(&collection);
    return ok ? CLI_DONE : cli_refuse(cli, &err);
}

static json_t *member_json(const struct member_point *member)
{
    json_t *object = json_object();
    json_t *disks = json_array();
    for (size_t i = 0; i < member->disk_count; i++) {
        const struct disk_point *disk = &member->disks[i];
        json_t *row = json_object();
        json_put_text(row, "id", disk->disk_id);
        json_put_text(row, "uuid", disk->disk_uuid.text);
        json_put_number(row, "virtual_size", disk->virtual_size);
        json_put_text(row, "layer", disk->layer_path);
        json_put_text(row, "layer_format", disk_format_word(disk->layer_format));
        json_put_text(row, "content_sha256", disk->content_sha256);
        json_put_bool(row, "unproven", disk->unproven);
        json_array_append_new(disks, row);
    }
    json_put_text(object, "instance_id", member->instance_id.text);
    json_put_text(object, "machine", member->machine.name);
    json_put_text(object, "machine_id", member->machine.id.text);
    json_put_text(object, "state", machine_state_word(member->machine.state));
    json_put_text(object, "consistency_level_word",
                  member->consistency_level ? consistency_level_word(member->consistency_level) : NULL);
    json_put(object, "paused_ms", member->paused ? json_real((double)member->paused / 1000) : json_null());
    json_put(object, "disks", disks);
    surroundings_put_json(object, &member->machine);
    return object;
}

static json_t *members_json(const struct reference_point *point)
{
    json_t *members = json_array();
    for (size_t i = 0; i < point->member_count; i++)
        json_array_append_new(members, member_json(&point->members[i]));
    return members;
}

static json_t *whole_point_json(const struct reference_point *point, const struct object_path *path)
{
    json_t *object = point_json(point);
    CLEANUP_FREE char *path_text = object_path_format(path);
    json_put_text(object, "path", path_text);
    json_put(object, "members", members_json(point));
    return object;
}

static void show_disks(struct cli *cli, const struct reference_point *point)
{
    static const char *const headings[] = {"MACHINE", "DISK", ">SIZE", "LAYER"};
    struct table table;
    table_begin(&table, headings, ARRAY_LENGTH(headings));
    for (size_t i = 0; i < point->member_count; i++) {
        const struct member_point *member = &point->members[i];
        for (size_t k = 0; k < member->disk_count; k++) {
            char size[32];
            size_format(member->disks[k].virtual_size, size, sizeof size);
            table_add(&table, member->machine.name);
            table_add(&table, member->disks[k].disk_id);
            table_add(&table, size);
            table_add(&table, member->disks[k].layer_path);
        }
    }
    table_end(&table, &cli->out);
}

/* What each machine did at the instant, where the host could tell. */
static void show_instant(struct cli *cli, const struct reference_point *point)
{
    for (size_t i = 0; i < point->member_count; i++) {
        const struct member_point *member = &point->members[i];
        const char *state = machine_state_word(member->machine.state);
        CLEANUP_STRBUF struct strbuf text = {0};
        if (!state)
            continue;
        strbuf_addf(&text, "was %s, %s consistent", state,
                    consistency_level_word(member->consistency_level ? member->consistency_level
                                                                     : point->consistency_level));
        if (member->paused)
            strbuf_addf(&text, ", stood still for %.0f ms", (double)member->paused / 1000);
        output_line(&cli->out, "instant      %s %s", member->machine.name, text.data);
    }
}

static void show_surroundings(struct cli *cli, const struct reference_point *point)
{
    for (size_t i = 0; i < point->member_count; i++) {
        const struct machine *machine = &point->members[i].machine;
        for (size_t f = 0; f < machine->file_count; f++) {
            const struct machine_file *file = &machine->files[f];
            char size[32];
            size_format(file->size, size, sizeof size);
            if (file->sha256)
                output_line(&cli->out, "file         %s: %s %s, %s", machine->name,
                            machine_file_role_word(file->role), file->path, size);
            else
                output_line(&cli->out, "not in it    %s: %s %s: %s", machine->name,
                            machine_file_role_word(file->role), file->path,
                            file->missing ? file->missing : "-");
        }
        for (size_t k = 0; k < machine->left_out_count; k++) {
            CLEANUP_FREE char *text = machine_left_out_text(&machine->left_out[k]);
            output_line(&cli->out, "not in it    %s: %s", machine->name, text);
        }
    }
}

/* What the operator has taken without a proof is told wherever the point is looked at. */
static void show_unproven(struct cli *cli, const struct reference_point *point)
{
    for (size_t i = 0; i < point->member_count; i++) {
        const struct member_point *member = &point->members[i];
        for (size_t k = 0; k < member->disk_count; k++) {
            char since[TIME_FIELD];
            if (!member->disks[k].unproven)
                continue;
            moment_format_list(member->disks[k].unproven_since, true, since, sizeof since);
            output_line(&cli->out,
                        "%s/%s: unproven since %s: its files were put there by somebody else, and nothing "
                        "proves that they are what was frozen",
                        member->machine.name, member->disks[k].disk_id, since);
        }
    }
}

static void show_whole_point(struct cli *cli, const struct reference_point *point,
                             const struct object_path *path)
{
    char created[TIME_FIELD];
    char size[32];
    char log_size[32];
    CLEANUP_FREE char *path_text = object_path_format(path);
    moment_format_rfc3339(point->created, false, created, sizeof created);
    size_format(point->virtual_size, size, sizeof size);
    size_format(point->log_size, log_size, sizeof log_size);
    output_line(&cli->out, "point        %s", point->name);
    output_line(&cli->out, "id           %s", point->id.text);
    output_line(&cli->out, "collection   %s (%s)", point->collection_name, point->collection_id.text);
    output_line(&cli->out, "created      %s", created);
    output_line(&cli->out, "type         %s (%" PRIu32 ")", reference_point_type_word(point->type),
                point->type);
    output_line(&cli->out, "consistency  %s (%" PRIu32 "), asked for %s",
                consistency_level_word(point->consistency_level), point->consistency_level,
                consistency_level_word(point->consistency_asked));
    output_line(&cli->out, "log          %s", point->has_associated_log ? log_size : "removed");
    output_line(&cli->out, "disks        %s in all", size);
    output_line(&cli->out, "path         %s", path_text);
    show_disks(cli, point);
    show_instant(cli, point);
    show_surroundings(cli, point);
    show_unproven(cli, point);
    output_json(&cli->out, whole_point_json(point, path));
}

static int run_show(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct object_path path = {0};
    struct reference_point point = {0};
    bool ok = cli_find_point_path(cli, args->operands[0], args->operands[1], &path, &err) &&
              cli->host->ops->read_point(cli->host, &path, &point, &err);
    if (ok)
        show_whole_point(cli, &point, &path);
    reference_point_clear(&point);
    return ok ? CLI_DONE : cli_refuse(cli, &err);
}

/* Whether the layer was an image nobody had frozen before: nothing of ours is beneath it. */
static bool is_first_layer(const struct disk_point *disk)
{
    struct error ignored = {0};
    struct image_info info = {0};
    CLEANUP_FD int fd = disk->layer_path ? open(disk->layer_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd < 0 || !image_inspect(fd, disk->layer_format, disk->layer_path, &info, &ignored))
        return false;
    bool first = !info.backing_name || layer_name_kind(info.backing_name) == LAYER_NAME_NONE;
    image_info_clear(&info);
    return first;
}

/* An image that kept its name when it was frozen, and the file that its machine goes on with. */
static bool is_frozen_image(const struct member_point *member, size_t disk)
{
    return strcmp(member->machine.disks[disk].path, member->disks[disk].layer_path) == 0;
}

/* What an operator must know once an image has become two files; NULL when none has just now. */
static char *first_freeze_notice(const struct reference_point *point)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < point->member_count; i++) {
        const struct member_point *member = &point->members[i];
        for (size_t k = 0; k < member->disk_count && k < member->machine.disk_count; k++) {
            const struct disk_point *disk = &member->disks[k];
            if (!is_first_layer(disk))
                continue;
            if (text.length == 0)
                strbuf_add(&text,
                           "From now on these files hold the machines together: move, copy and keep them "
                           "together, in their directory, and change nothing but the machines' images.");
            CLEANUP_FREE char *files =
                is_frozen_image(member, k)
                    ? mem_format("%s/%s: %s is frozen; the machine goes on with a new file beside it, which "
                                 "its definition names until its points are destroyed",
                                 member->machine.name, disk->disk_id, disk->layer_path)
                    : mem_format("%s/%s: %s and %s", member->machine.name, disk->disk_id,
                                 member->machine.disks[k].path, disk->layer_path);
            CLEANUP_FREE char *line = text_escape(files);
            strbuf_addf(&text, "\n  %s", line);
            if (disk->layer_format == DISK_FORMAT_RAW && !is_frozen_image(member, k))
                strbuf_add(&text,
                           "\n    the image is qcow2 now: in the machine's definition change this disk's "
                           "format from raw to qcow2 (libvirt: <driver type='qcow2'/>) before it is "
                           "started");
        }
    }
    if (text.length == 0)
        return NULL;
    return strbuf_take(&text);
}

static void show_notice(struct cli *cli, const char *notice)
{
    CLEANUP_FREE char *lines = mem_strdup(notice);
    char *rest = lines;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        output_line(&cli->out, "%s", line);
}

static uint32_t consistency_of(const struct args *args)
{
    const char *word = args_text(args, "consistency");
    return word && strcmp(word, "application") == 0 ? CONSISTENCY_APPLICATION : CONSISTENCY_CRASH;
}

/* Not on the same stream: a script that reads the table has asked for the table. */
static void warn_of_unwritten(struct cli *cli, const struct point_remarks *remarks)
{
    for (size_t i = 0; i < remarks->unwritten_count; i++)
        output_warning(
            &cli->out,
            "%s: nothing has been written to its image since the last point. If the machine has run "
            "since, it uses another file: look at its definition",
            remarks->unwritten[i]);
}

static void show_made_point(struct cli *cli, const struct reference_point *point,
                            const struct point_remarks *remarks)
{
    CLEANUP_FREE char *notice = first_freeze_notice(point);
    json_t *object = point_json(point);
    json_t *unwritten = json_array();
    for (size_t i = 0; i < remarks->unwritten_count; i++)
        json_array_append_new(unwritten, json_text(remarks->unwritten[i]));
    json_put_number(object, "return_value", 0);
    json_put_text(object, "notice", notice);
    json_put(object, "members", members_json(point));
    json_put(object, "unwritten", unwritten);
    output_json(&cli->out, object);
    show_points(cli, point, 1);
    show_instant(cli, point);
    for (size_t i = 0; i < point->member_count; i++)
        surroundings_warn(cli, &point->members[i].machine);
    if (notice)
        show_notice(cli, notice);
    warn_of_unwritten(cli, remarks);
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
                                          .reference_point_type = POINT_TYPE_LOG_BASED,
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
    show_made_point(cli, &made, &remarks);
    reference_point_clear(&made);
    point_remarks_clear(&remarks);
    return CLI_DONE;
}

typedef uint32_t point_method(struct service *service, const struct object_path *affected);

static int run_method(struct cli *cli, const struct args *args, point_method *method, const char *sentence)
{
    struct error err = {0};
    struct object_path path = {0};
    if (!cli_find_point_path(cli, args->operands[0], args->operands[1], &path, &err))
        return cli_refuse(cli, &err);
    if (method(cli_service(cli), &path) != RETURN_DONE)
        return cli_refuse(cli, service_error(cli_service(cli)));
    json_t *more = json_object();
    json_put_text(more, "id", path.point_id.text);
    json_put_text(more, "collection_id", path.collection_id.text);
    cli_report_done(cli, more);
    output_line(&cli->out, "point %s %s", args->operands[1], sentence);
    return CLI_DONE;
}

static int run_remove_data(struct cli *cli, const struct args *args)
{
    return run_method(cli, args, service_remove_associated_data,
                      "has given its data back; it stays usable as a base");
}

static int run_destroy(struct cli *cli, const struct args *args)
{
    return run_method(cli, args, service_destroy_reference_point, "is destroyed");
}

static const struct args_operand of_collection[] = {
    {.name = "COLLECTION", .help = "its name, id or id's beginning"},
};
static const struct args_operand of_point[] = {
    {.name = "COLLECTION", .help = "its name, id or id's beginning"},
    {.name = "POINT", .help = "its name, its time as the list shows it, its id or id's beginning"},
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

static const struct cli_command commands[] = {
    {.noun = "point",
     .verb = "list",
     .summary = "list the points of a collection, newest first",
     .purpose =
         "Lists the reference points of a collection, newest first. With --json one line each: id, name, "
         "created, reference_point_type, consistency_level, has_associated_log, collection, "
         "collection_id, virtual_size, log_size.",
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
         "stays usable as the base of a differential export.",
     .operands = of_point,
     .operand_count = ARRAY_LENGTH(of_point),
     .run = run_remove_data},
    {.noun = "point",
     .verb = "destroy",
     .summary = "remove a point; its layer is merged into the next",
     .purpose =
         "Merges the point's layers into what follows and forgets the point. Destroying the last point "
         "leaves one plain file at each image's path.",
     .operands = of_point,
     .operand_count = ARRAY_LENGTH(of_point),
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
