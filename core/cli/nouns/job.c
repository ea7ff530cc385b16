/* refpoint job ...: the journal's jobs, and requests to those that run. */
#include "core/cli/nouns/job.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/cli/follow/attach.h"
#include "core/cli/follow/progress.h"
#include "core/cli/follow/work.h"
#include "core/cli/line/args.h"
#include "core/cli/line/context.h"
#include "core/cli/line/report.h"
#include "core/cli/nouns/job_discard.h"
#include "core/job/json.h"
#include "core/service/follow.h"
#include "core/service/journal/journal.h"
#include "core/service/resume.h"

#define TIME_FIELD 48

static void put_time(json_t *object, const char *key, struct moment moment)
{
    char field[TIME_FIELD];
    if (moment.seconds == 0) {
        json_put(object, key, json_null());
        return;
    }
    moment_format_rfc3339(moment, false, field, sizeof field);
    json_put_text(object, key, field);
}

static json_t *job_json(const struct job_snapshot *job)
{
    json_t *object = json_object();
    json_put_text(object, "job", job->identity.id.text);
    json_put_text(object, "state", job_state_word(job->state));
    json_put_number(object, "job_state", job->state);
    json_put_number(object, "percent_complete", job->percent_complete);
    progress_put_error(object, &job->error);
    json_put_text(object, "package", *job->package ? job->package : NULL);
    json_put_text(object, "package_sum", *job->package_sum ? job->package_sum : NULL);
    json_put_text(object, "collection", job->identity.collection);
    json_put_text(object, "point", job->identity.point);
    json_put_text(object, "directory", job->identity.directory);
    if (!job_is_kind(&job->identity, "export"))
        json_put_text(object, "kind", job->identity.kind);
    put_time(object, "started", job->started);
    put_time(object, "changed", job->changed);
    return object;
}

static void add_job_row(struct table *table, const struct job_snapshot *job)
{
    char started[TIME_FIELD] = "";
    if (job->started.seconds)
        moment_format_rfc3339(job->started, false, started, sizeof started);
    table_add(table, job->identity.id.text);
    table_add(table, job_state_word(job->state));
    table_addf(table, "%u%%", job->percent_complete);
    table_add(table, job->identity.collection);
    table_add(table, job->identity.point);
    table_add(table, started);
    CLEANUP_FREE char *verified =
        job_is_kind(&job->identity, "verify") && *job->package ? mem_format("whole: %s", job->package) : NULL;
    const char *changed =
        job_state_succeeded(job->state, job->error.code) ? job_change_done(&job->identity) : NULL;
    table_add(table, verified        ? verified
                     : changed       ? changed
                     : *job->package ? job->package
                                     : job->error.what);
}

static int run_list(struct cli *cli, const struct args *args)
{
    static const char *const headings[] = {"JOB",   "STATE",   ">DONE", "COLLECTION",
                                           "POINT", "STARTED", "RESULT"};
    (void)args;
    struct error err = {0};
    struct job_snapshot *jobs = NULL;
    size_t count = 0;
    if (!journal_list(cli->state_directory, &jobs, &count, &err))
        return cli_refuse(cli, &err);
    struct table table;
    table_begin(&table, headings, ARRAY_LENGTH(headings));
    for (size_t i = 0; i < count; i++) {
        add_job_row(&table, &jobs[i]);
        output_json(&cli->out, job_json(&jobs[i]));
        job_snapshot_clear(&jobs[i]);
    }
    table_end(&table, &cli->out);
    free(jobs);
    return CLI_DONE;
}

static void show_disks(struct cli *cli, const struct job_snapshot *job)
{
    static const char *const headings[] = {"MACHINE", "DISK", "KIND", "STATE", ">DONE", ">OF", "REASON"};
    struct table table;
    table_begin(&table, headings, ARRAY_LENGTH(headings));
    for (size_t i = 0; i < job->disk_count; i++) {
        const struct job_disk *disk = &job->disks[i];
        char done[32];
        char total[32];
        size_format(disk->bytes_done, done, sizeof done);
        size_format(disk->bytes_total, total, sizeof total);
        table_add(&table, disk->machine);
        table_add(&table, disk->disk);
        table_add(&table, disk->kind);
        table_add(&table, job_disk_state_word(disk->state));
        table_add(&table, done);
        table_add(&table, total);
        table_add(&table, disk->reason);
    }
    table_end(&table, &cli->out);
}

static void show_error(struct cli *cli, const struct error *err)
{
    output_line(&cli->out, "error       %" PRIu32 " %s", err->code, err->key);
    output_line(&cli->out, "what        %s", err->what);
    if (*err->cause)
        output_line(&cli->out, "cause       %s", err->cause);
    if (*err->next)
        output_line(&cli->out, "next        %s", err->next);
}

static void show_obstacle(struct cli *cli, const struct job_snapshot *job)
{
    CLEANUP_FREE char *text = job_obstacle_text(job);
    char until[32];
    moment_format_list(job->obstacle_until, false, until, sizeof until);
    output_line(&cli->out, "waits for   %s", text);
    output_line(&cli->out, "until       %s, then it ends as failed", until);
}

static void show_kept(struct cli *cli, const struct job_snapshot *job)
{
    char kept[32];
    if (job->bytes_kept == 0)
        return;
    size_format(job->bytes_kept, kept, sizeof kept);
    output_line(&cli->out, "kept        %s of it were there before the job went on, and are proven again",
                kept);
}

static void show_job(struct cli *cli, const struct job_snapshot *job, const char *log)
{
    CLEANUP_FREE char *progress = progress_text(job);
    CLEANUP_FREE char *elapsed = job_elapsed_text(job);
    output_line(&cli->out, "job         %s", job->identity.id.text);
    output_line(&cli->out, "state       %" PRIu32 " %s", job->state, job_state_word(job->state));
    output_line(&cli->out, "progress    %s", progress);
    show_kept(cli, job);
    output_line(&cli->out, "elapsed     %s", elapsed);
    if (!job_is_kind(&job->identity, "export"))
        output_line(&cli->out, "kind        %s", job->identity.kind);
    output_line(&cli->out, "collection  %s", job->identity.collection);
    output_line(&cli->out, "point       %s", job->identity.point);
    output_line(&cli->out, "base        %s",
                *job->identity.base_point_id ? job->identity.base_point_id : "none: full");
    output_line(&cli->out, "directory   %s", job->identity.directory);
    output_line(&cli->out, "owner       %s", job->identity.owner);
    output_line(&cli->out, "package     %s", *job->package ? job->package : "-");
    if (*job->package_sum)
        output_line(&cli->out, "checksum    %s", job->package_sum);
    if (job_is_kind(&job->identity, "export") && job->signature_count > 0 && job->signatures[0].key)
        output_line(&cli->out, "signed      with %s", job->signatures[0].key);
    if (job->has_freed) {
        CLEANUP_FREE char *freed = job_freed_sentence(job->bytes_freed);
        output_line(&cli->out, "freed       %s", freed);
    }
    output_line(&cli->out, "log         %s", log);
    if (job->obstacle != JOB_OBSTACLE_NONE)
        show_obstacle(cli, job);
    if (*job->error.what)
        show_error(cli, &job->error);
    for (size_t i = 0; i < job->finding_count; i++)
        output_line(&cli->out, "%-11s %s",
                    i > 0                                   ? ""
                    : job_is_kind(&job->identity, "export") ? "not in it"
                                                            : "found",
                    job->findings[i]);
    show_disks(cli, job);
}

/* The same names as the list's, and everything else that is known. */
static json_t *whole_job_json(const struct job_snapshot *job, const char *log)
{
    json_t *object = job_snapshot_to_json(job);
    json_t *fixed = job_json(job);
    json_object_update(object, fixed);
    json_decref(fixed);
    json_put_text(object, "log", log);
    return object;
}

static bool read_job(const struct cli *cli, const struct args *args, struct guid *id,
                     struct job_snapshot *job, struct error *err)
{
    return journal_resolve(cli->state_directory, args->operands[0], id, err) &&
           journal_read(cli->state_directory, id, job, err);
}

static int run_show(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct guid id;
    struct job_snapshot job = {0};
    bool ok = read_job(cli, args, &id, &job, &err);
    if (ok) {
        CLEANUP_FREE char *log = journal_log_path(cli->state_directory, &id);
        show_job(cli, &job, log);
        output_json(&cli->out, whole_job_json(&job, log));
    }
    job_snapshot_clear(&job);
    return ok ? CLI_DONE : cli_refuse(cli, &err);
}

static int run_attach(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct guid id;
    if (!journal_resolve(cli->state_directory, args->operands[0], &id, &err))
        return cli_refuse(cli, &err);
    struct interrupt interrupt;
    interrupt_open(&interrupt, false);
    int status = attach_job(cli, &id, &interrupt);
    interrupt_close(&interrupt);
    return status;
}

static int request_state(struct cli *cli, const struct guid *id, uint32_t requested, const char *sentence)
{
    struct error err = {0};
    uint32_t value = follow_request(cli->state_directory, id, requested, &err);
    if (value != RETURN_DONE) {
        err.code = value;
        return cli_refuse(cli, &err);
    }
    json_t *more = json_object();
    json_put_text(more, "job", id->text);
    json_put_number(more, "requested_state", requested);
    cli_report_done(cli, more);
    output_line(&cli->out, "job %s %s", id->text, sentence);
    return CLI_DONE;
}

static int run_cancel(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct guid id;
    if (!journal_resolve(cli->state_directory, args->operands[0], &id, &err))
        return cli_refuse(cli, &err);
    return request_state(cli, &id, REQUESTED_STATE_TERMINATE, "was asked to cancel");
}

static int run_pause(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct guid id;
    struct job_snapshot job = {0};
    if (!read_job(cli, args, &id, &job, &err))
        return cli_refuse(cli, &err);
    bool is_paused = job.state == JOB_STATE_SUSPENDED;
    job_snapshot_clear(&job);
    if (is_paused)
        return request_state(cli, &id, REQUESTED_STATE_START, "goes on");
    return request_state(cli, &id, REQUESTED_STATE_SUSPEND, "is paused; the same command lets it go on");
}

struct going_on {
    const char *state_directory;
    const struct guid *id;
    bool anew;
    struct job *checking;
    uint32_t value;
    struct error err;
};

static void run_going_on(void *context)
{
    struct going_on *going = context;
    going->value = resume_job(going->state_directory, going->id, going->anew, going->checking, &going->err);
}

static int go_on(struct cli *cli, const struct guid *id, bool anew)
{
    struct error err = {0};
    const struct job_identity identity = {.id = guid_new()};
    struct going_on going = {
        .state_directory = cli->state_directory, .id = id, .anew = anew, .checking = job_new(&identity)};
    const struct work work = {.job = going.checking,
                              .out = &cli->out,
                              .patience =
                                  "looking at what the job has left and what it reads; Ctrl-C ends that",
                              .run = run_going_on,
                              .context = &going};
    bool done = work_do(&work, &err);
    bool cancelled = job_is_cancelled(going.checking);
    job_free(going.checking);
    if (!done)
        return cli_refuse(cli, &err);
    if (going.value != RETURN_JOB_STARTED) {
        int status = cli_refuse(cli, &going.err);
        return cancelled ? CLI_CANCELLED : status;
    }
    json_t *more = json_object();
    json_put_text(more, "job", id->text);
    json_put_bool(more, "resumed", !anew);
    cli_report_done(cli, more);
    output_line(&cli->out, "job %s %s; `refpoint job attach %.8s` follows it", id->text,
                anew ? "begins again" : "goes on where it stopped", id->text);
    return CLI_DONE;
}

static int run_resume(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct guid id;
    struct job_snapshot job = {0};
    bool anew = args_flag(args, "anew");
    if (!read_job(cli, args, &id, &job, &err))
        return cli_refuse(cli, &err);
    uint32_t state = job.state;
    job_snapshot_clear(&job);
    if (state != JOB_STATE_SUSPENDED)
        return go_on(cli, &id, anew);
    if (!anew)
        return request_state(cli, &id, REQUESTED_STATE_START, "goes on");
    error_set(&err, RETURN_INVALID_STATE, "job.state", "job %s is suspended, not interrupted", id.text);
    error_next(&err, "Without --anew it goes on; or cancel it, and start it again.");
    return cli_refuse(cli, &err);
}

static const struct args_operand operands[] = {{.name = "ID", .help = "the job's id, or its beginning"}};

static const struct args_operand discarded[] = {
    {.name = "ID", .help = "the job's id, or its beginning; without it --older-than", .optional = true}};

static const struct args_option resume_options[] = {
    {.name = "anew",
     .kind = ARGS_FLAG,
     .help = "of an interrupted one: remove what was begun, and begin at the beginning"},
};

#define JOB_COMMAND(word) .noun = "job", .verb = (word), .operands = operands, .operand_count = 1

static const struct cli_command commands[] = {
    {.noun = "job",
     .verb = "list",
     .summary = "list the jobs of this user, newest first",
     .purpose =
         "Lists running, finished and interrupted jobs, newest first. With --json one line each: job, state "
         "(the word), job_state (the number), percent_complete, error_code, error, warning, package, "
         "package_sum, collection, "
         "point, directory, started, changed.",
     .run = run_list},
    {JOB_COMMAND("show"), .summary = "show a job with its disks and its error", .run = run_show},
    {JOB_COMMAND("attach"), .summary = "follow a job to its end",
     .purpose =
         "Follows a job as export does, with the same lines and the same exit status. Ctrl-C asks it to "
         "cancel; a second one leaves it running.",
     .run = run_attach},
    {JOB_COMMAND("cancel"), .summary = "ask a job to end; nothing is left of its package",
     .purpose =
         "RequestStateChange Terminate. Returns once the request is accepted; job attach shows the end.",
     .run = run_cancel},
    {JOB_COMMAND("pause"), .summary = "pause a running job, or let a paused one go on",
     .purpose = "RequestStateChange Suspend; on a job that is suspended, Start.", .run = run_pause},
    {JOB_COMMAND("resume"), .summary = "let a suspended or interrupted job go on", .options = resume_options,
     .option_count = ARRAY_LENGTH(resume_options),
     .purpose =
         "Of a job that was paused, or is suspended by what stands in its way (no space, a quota, storage "
         "that "
         "fails or is read-only): RequestStateChange Start; it tries again what failed. How long it waits "
         "before it ends is the setting suspend_minutes. Of one that was interrupted (its process was "
         "killed, "
         "the machine went down): it gets a process again. What is complete is not copied again but read and "
         "proven again; where the images or the base package are not what they were, that is refused (32775) "
         "and nothing is changed. An export whose package had got its name is verified, and ends. Comes back "
         "at once; job attach follows.",
     .run = run_resume},
    {.noun = "job",
     .verb = "discard",
     .summary = "forget a job that has ended or was interrupted, or all old ones",
     .operands = discarded,
     .operand_count = ARRAY_LENGTH(discarded),
     .options = job_discard_options,
     .option_count = JOB_DISCARD_OPTIONS,
     .purpose =
         "Removes the job's journal, and the unfinished package that an interrupted one left. A job that "
         "runs is refused (32775). A package that it finished stays. With --older-than all jobs that ended "
         "longer ago than that (completed, failed, cancelled) are forgotten; those that were interrupted "
         "only with --interrupted, since they can be gone on with. How long records are kept without being "
         "asked is the setting keep_jobs_days. With --json: discarded (how many), jobs (their ids), "
         "interrupted_left, partials_removed, dry_run.",
     .examples = "  refpoint job discard 7f3a\n  refpoint job discard --older-than 30d --dry-run\n",
     .run = job_discard_run},
};

const struct cli_noun cli_job_noun = {.commands = commands, .count = ARRAY_LENGTH(commands)};
