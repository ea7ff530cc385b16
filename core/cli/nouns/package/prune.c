/* refpoint package prune: what goes and what stays, each with its reasons. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/cli/line/args.h"
#include "core/cli/line/path.h"
#include "core/cli/line/report.h"
#include "core/cli/nouns/package/work.h"
#include "core/export/package/prune/prune.h"

#define TIME_FIELD 48
#define SIZE_FIELD 16

static bool is_going(const struct prune_entry *entry)
{
    return entry->outcome == PRUNE_REMOVED || entry->outcome == PRUNE_LEFT;
}

static void say_json(struct cli *cli, const struct package *package, const struct prune_entry *entry)
{
    char created[TIME_FIELD];
    json_t *line = json_object();
    json_t *why = json_array();
    moment_format_rfc3339(package->point.created, false, created, sizeof created);
    for (size_t i = 0; i < entry->why_count; i++)
        json_array_append_new(why, json_text(entry->why[i]));
    json_put_text(line, "package", package->path);
    json_put_text(line, "collection", package->point.collection_name);
    json_put_text(line, "point", package->point.name);
    json_put_text(line, "created", created);
    json_put_text(line, "action", is_going(entry) ? "remove" : "keep");
    json_put(line, "why", why);
    json_put_number(line, "bytes", entry->bytes);
    output_json(&cli->out, line);
}

static char *joined(const struct prune_entry *entry, size_t count)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < count; i++)
        strbuf_addf(&text, "%s%s", i > 0 ? ", " : "", entry->why[i]);
    return text.data;
}

static void add_row(struct table *table, const struct package *package, const struct prune_entry *entry)
{
    static const char *const words[] = {
        [PRUNE_KEPT] = "keep", [PRUNE_REMOVED] = "remove", [PRUNE_STAYS] = "stays", [PRUNE_LEFT] = "remove"};
    char created[TIME_FIELD];
    char size[SIZE_FIELD];
    bool failed = entry->outcome == PRUNE_STAYS || entry->outcome == PRUNE_LEFT;
    CLEANUP_FREE char *why = joined(entry, entry->why_count - (failed && entry->why_count > 1));
    moment_format_rfc3339(package->point.created, false, created, sizeof created);
    size_format(entry->bytes, size, sizeof size);
    table_add(table, words[entry->outcome]);
    table_add(table, package->point.collection_name);
    table_add(table, package->point.name);
    table_add(table, created);
    table_add(table, size);
    table_add(table, why);
    table_add(table, package->path);
}

static void say_all(struct cli *cli, const struct prune_result *result)
{
    static const char *const headings[] = {"ACTION", "COLLECTION", "POINT",  "CREATED",
                                           ">SIZE",  "WHY",        "PACKAGE"};
    struct table table;
    table_begin(&table, headings, ARRAY_LENGTH(headings));
    for (size_t i = 0; i < result->count; i++) {
        add_row(&table, &result->packages[i], &result->entries[i]);
        say_json(cli, &result->packages[i], &result->entries[i]);
    }
    table_end(&table, &cli->out);
}

static void warn(struct cli *cli, const struct prune_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct prune_entry *entry = &result->entries[i];
        const char *last = entry->why_count > 0 ? entry->why[entry->why_count - 1] : "";
        if (entry->outcome == PRUNE_STAYS)
            output_warning(&cli->out, "%s is not removed: %s", result->packages[i].path, last);
        else if (entry->outcome == PRUNE_LEFT)
            output_warning(&cli->out, "%s is not wholly removed: %s", result->packages[i].path, last);
    }
    for (size_t i = 0; i < result->problem_count; i++)
        output_warning(&cli->out, "left alone: %s", result->problems[i]);
}

static void sum_up(struct cli *cli, const struct prune_result *result, bool dry_run)
{
    char size[SIZE_FIELD];
    json_t *line = json_object();
    size_format(result->bytes, size, sizeof size);
    output_line(&cli->out, "%zu %s, which %s %s (%llu bytes); %zu kept", result->removed,
                dry_run ? "would be removed" : "removed", dry_run ? "would give back" : "gives back", size,
                (unsigned long long)result->bytes, result->kept);
    if (result->leavings > 0)
        output_line(&cli->out, "%zu that an earlier prune had begun to remove are gone now",
                    result->leavings);
    json_put_text(line, "event", "pruned");
    json_put_number(line, "removed", result->removed);
    json_put_number(line, "kept", result->kept);
    json_put_number(line, "bytes", result->bytes);
    json_put_bool(line, "dry_run", dry_run);
    output_json(&cli->out, line);
}

int package_run_prune(struct cli *cli, const struct args *args)
{
    const struct prune_rules rules = {.keep = {[PRUNE_LAST] = args_number(args, "keep-last", 0),
                                               [PRUNE_DAILY] = args_number(args, "keep-daily", 0),
                                               [PRUNE_WEEKLY] = args_number(args, "keep-weekly", 0),
                                               [PRUNE_MONTHLY] = args_number(args, "keep-monthly", 0)}};
    struct prune_result result;
    struct error err = {0};
    bool dry_run = args_flag(args, "dry-run");
    CLEANUP_FREE char *directory = cli_absolute_path(args->operands[0]);
    if (!package_prune(directory, &rules, dry_run, &result, &err))
        return cli_refuse(cli, &err);
    say_all(cli, &result);
    warn(cli, &result);
    sum_up(cli, &result, dry_run);
    bool ok = !result.failed && result.problem_count == 0;
    prune_result_clear(&result);
    return ok ? CLI_DONE : CLI_FAILED;
}
