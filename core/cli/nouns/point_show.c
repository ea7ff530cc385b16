#include "core/cli/nouns/point_show.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"
#include "core/cli/line/report.h"
#include "core/cli/nouns/surroundings.h"
#include "core/host/notice.h"

#define TIME_FIELD 48

json_t *point_show_json(const struct reference_point *point)
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

json_t *point_show_damaged_json(const struct damaged_record *damaged, const struct collection *collection)
{
    static const char *const unknown[] = {
        "created",           "reference_point_type",   "reference_point_type_word",
        "consistency_level", "consistency_level_word", "has_associated_log"};
    json_t *object = json_object();
    json_put_text(object, "id", damaged->id.text);
    json_put_text(object, "name", damaged->name);
    for (size_t i = 0; i < ARRAY_LENGTH(unknown); i++)
        json_put(object, unknown[i], json_null());
    json_put_text(object, "collection", collection->name);
    json_put_text(object, "collection_id", collection->id.text);
    json_put(object, "virtual_size", json_null());
    json_put(object, "log_size", json_null());
    cli_put_damaged(object, damaged);
    return object;
}

static const char *log_word(const struct reference_point *point, const char *size)
{
    if (point->has_associated_log)
        return size;
    return point->type == POINT_TYPE_RCT_BASED ? "none" : "removed";
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
    table_add(table, log_word(point, log_size));
    table_add(table, point->id.text);
}

static void add_damaged_row(struct table *table, const struct damaged_record *damaged)
{
    table_add(table, damaged->name);
    table_add(table, NULL);
    table_add(table, "damaged");
    table_add(table, NULL);
    table_add(table, NULL);
    table_add(table, damaged->id.text);
}

void point_show_rows(struct cli *cli, const struct reference_point *items, size_t count,
                     const struct left_out *damaged)
{
    static const char *const headings[] = {"NAME", "CREATED", "TYPE", "CONSISTENCY", ">LOG", "ID"};
    struct table table;
    table_begin(&table, headings, ARRAY_LENGTH(headings));
    for (size_t i = 0; i < count; i++)
        add_point_row(&table, &items[i]);
    for (size_t i = 0; damaged && i < damaged->count; i++)
        add_damaged_row(&table, &damaged->items[i]);
    table_end(&table, &cli->out);
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
    json_t *object = point_show_json(point);
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
        CLEANUP_FREE char *text = member_point_instant(point, member);
        if (text)
            output_line(&cli->out, "instant      %s %s", member->machine.name, text);
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

void point_show_whole(struct cli *cli, const struct reference_point *point, const struct object_path *path)
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
    output_line(&cli->out, "log          %s", log_word(point, log_size));
    output_line(&cli->out, "disks        %s in all", size);
    output_line(&cli->out, "path         %s", path_text);
    show_disks(cli, point);
    show_instant(cli, point);
    show_surroundings(cli, point);
    show_unproven(cli, point);
    output_json(&cli->out, whole_point_json(point, path));
}

static void show_notice(struct cli *cli, const char *notice)
{
    CLEANUP_FREE char *lines = mem_strdup(notice);
    char *rest = lines;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        output_line(&cli->out, "%s", line);
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

void point_show_made(struct cli *cli, const struct reference_point *point,
                     const struct point_remarks *remarks)
{
    CLEANUP_FREE char *notice = host_freeze_notice(point);
    json_t *object = point_show_json(point);
    json_t *unwritten = json_array();
    for (size_t i = 0; i < remarks->unwritten_count; i++)
        json_array_append_new(unwritten, json_text(remarks->unwritten[i]));
    json_put_number(object, "return_value", 0);
    json_put_text(object, "notice", notice);
    json_put(object, "members", members_json(point));
    json_put(object, "unwritten", unwritten);
    output_json(&cli->out, object);
    point_show_rows(cli, point, 1, NULL);
    show_instant(cli, point);
    for (size_t i = 0; i < point->member_count; i++)
        surroundings_warn(cli, &point->members[i].machine);
    if (notice)
        show_notice(cli, notice);
    warn_of_unwritten(cli, remarks);
}
