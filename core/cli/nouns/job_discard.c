#include "core/cli/nouns/job_discard.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "core/cli/line/report.h"
#include "core/job/job.h"
#include "core/service/discard.h"
#include "core/service/journal/journal.h"

#define TIME_FIELD 48

const struct args_option job_discard_options[JOB_DISCARD_OPTIONS] = {
    {.name = "older-than",
     .value = "AGE",
     .kind = ARGS_TEXT,
     .help = "instead of ID: all that ended longer ago than that, 30d, 12h or 8w"},
    {.name = "interrupted",
     .kind = ARGS_FLAG,
     .help = "with --older-than: interrupted ones too, which cannot be gone on with then"},
    {.name = "dry-run", .kind = ARGS_FLAG, .help = "with --older-than: only tell which"},
};

static int discard_one(struct cli *cli, const char *text)
{
    struct error err = {0};
    struct guid id;
    size_t removed = 0;
    if (!journal_resolve(cli->state_directory, text, &id, &err) ||
        !discard_job(cli->state_directory, &id, &removed, &err))
        return cli_refuse(cli, &err);
    json_t *more = json_object();
    json_put_text(more, "job", id.text);
    json_put_number(more, "partials_removed", removed);
    cli_report_done(cli, more);
    output_line(&cli->out, "job %s is forgotten; a package that it finished stays", id.text);
    if (removed > 0)
        output_line(&cli->out, "what had been begun in its directory has been removed");
    return CLI_DONE;
}

static bool check_words(const struct args *args, struct error *err)
{
    bool old = args_text(args, "older-than") != NULL;
    if (old && args->operand_count > 0)
        error_set(err, RETURN_INVALID_PARAMETER, "usage.conflict", "either ID or --older-than, not both");
    else if (!old && args->operand_count == 0)
        error_set(err, RETURN_INVALID_PARAMETER, "usage.missing", "ID is missing, or --older-than AGE");
    else if (!old && (args_flag(args, "interrupted") || args_flag(args, "dry-run")))
        error_set(err, RETURN_INVALID_PARAMETER, "usage.conflict", "--%s is for --older-than only",
                  args_flag(args, "dry-run") ? "dry-run" : "interrupted");
    else
        return true;
    return error_next(err, "See refpoint job discard --help.");
}

static bool read_age(const struct args *args, int64_t *seconds, struct error *err)
{
    const char *text = args_text(args, "older-than");
    if (age_parse(seconds, text))
        return true;
    error_set(err, RETURN_INVALID_PARAMETER, "usage.value", "--older-than cannot be \"%s\"", text);
    error_cause(err, "it must be a number of hours, days or weeks: 12h, 30d, 8w");
    return error_next(err, "See refpoint job discard --help.");
}

static void show_jobs(struct cli *cli, const struct discard_result *result)
{
    static const char *const headings[] = {"JOB", "STATE", "COLLECTION", "POINT", "CHANGED"};
    struct table table;
    if (result->count == 0)
        return;
    table_begin(&table, headings, ARRAY_LENGTH(headings));
    for (size_t i = 0; i < result->count; i++) {
        const struct discard_entry *job = &result->jobs[i];
        char ended[TIME_FIELD];
        moment_format_rfc3339(job->ended, false, ended, sizeof ended);
        table_add(&table, job->id.text);
        table_add(&table, job_state_word(job->state));
        table_add(&table, job->collection);
        table_add(&table, job->point);
        table_add(&table, ended);
    }
    table_end(&table, &cli->out);
}

static void tell(struct cli *cli, const struct discard_result *result, const char *age, bool only_look)
{
    size_t count = result->count;
    const char *verb = count == 1 ? "is" : "are";
    if (only_look)
        show_jobs(cli, result);
    if (count == 0)
        output_line(&cli->out, "no job ended longer than %s ago", age);
    else
        output_line(&cli->out, "%zu job%s that ended longer than %s ago %s forgotten; %s", count,
                    count == 1 ? "" : "s", age, only_look ? "would be" : verb,
                    only_look ? "nothing was changed" : "packages that they finished stay");
    if (result->partials > 0)
        output_line(&cli->out, "what had been begun in their directories has been removed");
    if (result->resumable > 0)
        output_line(
            &cli->out,
            "%zu interrupted %s that old, and left: `refpoint job resume` lets it go on, --interrupted "
            "discards it too",
            result->resumable, result->resumable == 1 ? "one is" : "ones are");
}

static json_t *result_json(const struct discard_result *result, bool only_look)
{
    json_t *object = json_object();
    json_t *jobs = json_array();
    for (size_t i = 0; i < result->count; i++)
        json_array_append_new(jobs, json_string(result->jobs[i].id.text));
    json_put_bool(object, "dry_run", only_look);
    json_put_number(object, "discarded", result->count);
    json_put(object, "jobs", jobs);
    json_put_number(object, "interrupted_left", result->resumable);
    json_put_number(object, "partials_removed", result->partials);
    return object;
}

static int refuse_rest(struct cli *cli, const struct discard_result *result)
{
    struct error err = result->first_failure;
    error_context(&err, "%zu job%s could not be removed, the first", result->failed,
                  result->failed == 1 ? "" : "s");
    error_begun(&err);
    if (!*err.next)
        error_next(&err, "Mend that, then give the command again: what is done stays done.");
    return cli_refuse(cli, &err);
}

static int discard_all(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct discard_rule rule = {.interrupted = args_flag(args, "interrupted"),
                                .only_look = args_flag(args, "dry-run"),
                                .before = moment_now()};
    struct discard_result result = {0};
    int64_t seconds = 0;
    if (!read_age(args, &seconds, &err))
        return cli_refuse(cli, &err);
    rule.before.seconds -= seconds;
    if (!discard_old(cli->state_directory, &rule, &result, &err))
        return cli_refuse(cli, &err);
    tell(cli, &result, args_text(args, "older-than"), rule.only_look);
    int status = CLI_DONE;
    if (result.failed > 0)
        status = refuse_rest(cli, &result);
    else
        cli_report_done(cli, result_json(&result, rule.only_look));
    discard_result_clear(&result);
    return status;
}

int job_discard_run(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    if (!check_words(args, &err))
        return cli_refuse(cli, &err);
    return args_text(args, "older-than") ? discard_all(cli, args) : discard_one(cli, args->operands[0]);
}
