/* refpoint export: ExportReferencePoint, asynchronous with a job unless --no-job asks for the other form. */
#include "core/cli/nouns/export.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/cli/follow/attach.h"
#include "core/cli/follow/progress.h"
#include "core/cli/follow/work.h"
#include "core/cli/line/args.h"
#include "core/cli/line/context.h"
#include "core/cli/nouns/export_args.h"
#include "core/host/words.h"

/* No job was made: the last line carries the method's refusal. */
static int refuse_export(struct cli *cli, const struct error *err)
{
    struct job_snapshot nothing = {.error = *err};
    output_json(&cli->out, progress_finished_json(&nothing, false, err->code));
    output_error(&cli->out, err);
    return CLI_REFUSED;
}

/* What the operator did not ask for, before it is done. */
static void say_surprises(struct cli *cli, enum base_check check)
{
    const struct export_estimate *estimate = service_estimate(cli_service(cli));
    for (size_t i = 0; i < estimate->disk_count; i++) {
        const struct export_disk_estimate *disk = &estimate->disks[i];
        if (disk->reason)
            output_warning(&cli->out, "%s/%s is exported in full: %s", disk->machine, disk->disk,
                           disk->reason);
    }
    for (size_t i = 0; i < estimate->left_out_count; i++)
        output_warning(&cli->out, "not in the package: %s", estimate->left_out[i]);
    if (estimate->base.bytes_first > 0 || (estimate->base_package && estimate->base.verified.seconds == 0)) {
        CLEANUP_FREE char *text = words_for_base(&estimate->base, check);
        output_warning(&cli->out, "the base package: %s", text);
    }
    if (estimate->warning)
        output_warning(&cli->out, "%s", estimate->warning);
}

struct starting {
    struct service *service;
    struct export_request request;
    struct job *job;
    uint32_t value;
};

static void run_starting(void *context)
{
    struct starting *starting = context;
    starting->value = service_start_export(starting->service, &starting->request, &starting->job);
}

/* Checks and starts on a thread of its own, since a huge disk takes its time to be planned. *cancelled:
 * Ctrl-C came meanwhile. */
static bool start(struct cli *cli, struct starting *starting, bool *cancelled, struct error *err)
{
    const struct job_identity identity = {.id = guid_new()};
    struct job *checking = job_new(&identity);
    const struct work work = {.job = checking,
                              .out = &cli->out,
                              .patience = "looking at what the disks hold; Ctrl-C ends that",
                              .run = run_starting,
                              .context = starting};
    starting->request.checking = checking;
    bool ok = work_do(&work, err);
    *cancelled = job_is_cancelled(checking);
    job_free(checking);
    return ok;
}

static int say_cancelled(struct cli *cli)
{
    struct error err = {0};
    error_set(&err, RETURN_FAILED, "export.cancelled",
              "the export was cancelled before it was started; nothing has been left");
    refuse_export(cli, &err);
    return CLI_CANCELLED;
}

static int start_and_follow(struct cli *cli, const struct args *args, const struct export_request *request,
                            struct interrupt *interrupt)
{
    struct error err = {0};
    bool cancelled = false;
    struct starting starting = {.service = cli_service(cli), .request = *request};
    if (!start(cli, &starting, &cancelled, &err))
        return refuse_export(cli, &err);
    if (starting.value != RETURN_JOB_STARTED)
        return cancelled ? say_cancelled(cli) : refuse_export(cli, service_error(starting.service));
    struct guid id = job_id(starting.job);
    job_free(starting.job);
    say_surprises(cli, request->options.base_check);
    if (args_flag(args, "detach"))
        return attach_say_started(cli, &id);
    output_line(&cli->out, "job %s", id.text);
    if (cancelled) /* too late for the check: it is meant for the job */
        raise(SIGINT);
    return attach_job(cli, &id, interrupt);
}

static int run_with_job(struct cli *cli, const struct args *args, const struct export_request *request)
{
    struct interrupt interrupt;
    interrupt_open(&interrupt, false);
    int status = start_and_follow(cli, args, request, &interrupt);
    interrupt_close(&interrupt);
    return status;
}

struct synchronous {
    struct service *service;
    const struct export_request *request;
    struct job *job;
    uint32_t value;
};

static void run_synchronous(void *context)
{
    struct synchronous *work = context;
    work->value = service_run_export(work->service, work->request, work->job);
}

static int end_synchronous(struct cli *cli, const struct synchronous *work)
{
    struct job_snapshot snapshot = {0};
    job_get_snapshot(work->job, &snapshot);
    int status;
    /* A refusal comes before the job has moved; everything is as it was. */
    bool refused = work->value != RETURN_DONE && snapshot.started.seconds == 0;
    if (refused && snapshot.cancel_requested)
        status = say_cancelled(cli);
    else if (refused)
        status = refuse_export(cli, service_error(work->service));
    else
        status = progress_finish(&cli->out, &snapshot, false, work->value);
    if (status == CLI_DONE)
        say_surprises(cli, work->request->options.base_check);
    job_snapshot_clear(&snapshot);
    return status;
}

static int run_without_job(struct cli *cli, const struct export_request *request)
{
    struct error err = {0};
    const struct job_identity identity = {.id = guid_new()};
    struct synchronous context = {.service = cli_service(cli), .request = request, .job = job_new(&identity)};
    struct progress progress;
    progress_begin(&progress, &cli->out, false);
    const struct work work = {.job = context.job,
                              .progress = &progress,
                              .out = &cli->out,
                              .run = run_synchronous,
                              .context = &context};
    int status = work_do(&work, &err) ? end_synchronous(cli, &context) : refuse_export(cli, &err);
    job_free(context.job);
    return status;
}

static int run_export(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct export_request request = {0};
    int status;
    if (args_flag(args, "detach") && args_flag(args, "no-job")) {
        error_set(&err, RETURN_INVALID_PARAMETER, "usage.conflict",
                  "--detach and --no-job exclude each other");
        error_next(&err, "See refpoint export --help.");
        status = refuse_export(cli, &err);
    } else if (!export_args_read(cli, args, &request, &err)) {
        status = refuse_export(cli, &err);
    } else if (args_flag(args, "no-job")) {
        status = run_without_job(cli, &request);
    } else {
        status = run_with_job(cli, args, &request);
    }
    export_request_clear(&request);
    return status;
}

static const struct args_operand operands[] = {
    {.name = "COLLECTION", .help = "its name, id or id's beginning"},
    {.name = "POINT",
     .help = "its name, its time as the list shows it, its id or id's beginning; not with --live",
     .optional = true},
};
static const struct args_option options[] = {
    {.name = "live",
     .kind = ARGS_FLAG,
     .help =
         "the machines of the collection as they are now (RCT based), all of one instant: those that run are "
         "read while they go on, those that are off from their files; the point that it makes is the base of "
         "the next"},
    {.name = "name", .kind = ARGS_TEXT, .value = "NAME", .help = "with --live: what the new point is called"},
    {.name = "consistency",
     .kind = ARGS_CHOICE,
     .value = "crash|application",
     .help = "with --live: application quiesces the guests' file systems through their agents; crash"},
    {.name = "allow-crash",
     .kind = ARGS_FLAG,
     .help = "with application: machines that cannot be quiesced are taken crash consistent, which is said"},
    {.name = "to",
     .kind = ARGS_TEXT,
     .value = "DIR",
     .required = true,
     .help = "ExportDirectory: where the package goes; it must exist"},
    {.name = "base",
     .kind = ARGS_TEXT,
     .value = "POINT",
     .help =
         "an earlier point of the same collection: export only what has changed since; without it, in full"},
    {.name = "only",
     .kind = ARGS_TEXT,
     .value = "MACHINE[/DISK]",
     .repeat = true,
     .help = "export this machine or disk only"},
    {.name = "setting-data",
     .kind = ARGS_TEXT,
     .value = "FILE",
     .help = "base, machines and disks as an embedded instance of "
             "Msvm_CollectionReferencePointExportSettingData (CIM-XML); - reads the standard input"},
    {.name = "format", .kind = ARGS_CHOICE, .value = "qcow2|raw", .help = "of the package's disks; qcow2"},
    {.name = "compress", .kind = ARGS_CHOICE, .value = "none|zstd", .help = "of qcow2 disks; none"},
    {.name = "zstd-level",
     .kind = ARGS_NUMBER,
     .value = "N",
     .least = 1,
     .most = ZSTD_LEVEL_MOST,
     .help = "1 is the fastest, 19 makes the smallest package; with --compress zstd only; the setting "
             "zstd_level, which is 2"},
    {.name = "base-package",
     .kind = ARGS_TEXT,
     .value = "DIR",
     .repeat = true,
     .help = "look here too for the package of the base; with a base only"},
    {.name = "check-base",
     .kind = ARGS_CHOICE,
     .value = "auto|always|never",
     .help = "verify the packages of the base first: auto, unless they were on this machine and nobody has "
             "touched their files since; never: the package then says verified = no"},
    {.name = "altered-base",
     .kind = ARGS_CHOICE,
     .value = "refuse|full",
     .help =
         "where the base's image of a disk is not what was exported: refuse the export (32775), or export "
         "that disk in full; refuse"},
    {.name = "strict",
     .kind = ARGS_FLAG,
     .help = "refuse when a disk cannot be differential, instead of exporting it in full"},
    {.name = "no-verify",
     .kind = ARGS_FLAG,
     .help = "do not read the package again; it ends with a warning and says verified = no"},
    {.name = "sign",
     .kind = ARGS_TEXT,
     .value = "KEY",
     .help =
         "sign the package with this key of ssh's (SHA256SUMS.sig): one without a passphrase, or one that an "
         "agent holds; the setting sign"},
    {.name = "no-sign", .kind = ARGS_FLAG, .help = "do not sign it, whatever the setting sign says"},
    {.name = "rate",
     .kind = ARGS_SIZE,
     .value = "SIZE",
     .least = 1,
     .help = "at most so many bytes per second"},
    {.name = "detach", .kind = ARGS_FLAG, .help = "return once the job is started"},
    {.name = "no-job",
     .kind = ARGS_FLAG,
     .help = "the synchronous form: no job, the work is done in this process and ends with it"},
};

static const struct cli_command commands[] = {
    {.noun = "export",
     .summary = "export a point to a package, full or since a base",
     .purpose = "ExportReferencePoint: writes a package of the point's disks, configuration settings and "
                "resource settings "
                "into DIR. Parameters are checked before anything starts. Then a job does it in a process of "
                "its own "
                "(return value 4096) and this command follows it; Ctrl-C asks the job to cancel, a second "
                "one leaves it "
                "running and says so.\n\n"
                "With --json: "
                "{\"event\":\"progress\",\"job\",\"percent_complete\",\"bytes_done\",\"bytes_total\",...} "
                "and a last "
                "{\"event\":\"finished\",\"job\",\"return_value\",\"job_state\",\"error_code\",\"error\","
                "\"package\", \"package_sum\",\"signed\",\"key_fingerprint\",\"disks\"}; a "
                "refusal is a finished line without a job, whose return_value is the number. With --detach "
                "the last line "
                "is {\"event\":\"started\",...}; after a second Ctrl-C {\"event\":\"detached\",...}.",
     .options = options,
     .option_count = ARRAY_LENGTH(options),
     .operands = operands,
     .operand_count = ARRAY_LENGTH(operands),
     .examples = "  refpoint export web monday --to /backup/web\n"
                 "  refpoint export web tuesday --to /backup/web --base monday --compress zstd\n"
                 "  refpoint export web tuesday --to /backup/web --only db01/vda --only web01\n",
     .run = run_export,
     .refuse = refuse_export},
};

const struct cli_noun cli_export_noun = {.commands = commands, .count = ARRAY_LENGTH(commands)};
