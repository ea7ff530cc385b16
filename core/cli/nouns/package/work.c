/* Verifying in this process works on the paths as they are; with --job a runner does the same. */
#include "core/cli/nouns/package/work.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/follow/attach.h"
#include "core/cli/follow/progress.h"
#include "core/cli/follow/signatures.h"
#include "core/cli/follow/work.h"
#include "core/cli/line/args.h"
#include "core/cli/line/path.h"
#include "core/cli/line/report.h"
#include "core/cli/ways/register.h"
#include "core/export/package/check/verify.h"
#include "core/export/package/import/before.h"
#include "core/export/package/import/import.h"
#include "core/export/package/proof/proof.h"
#include "core/export/package/read.h"
#include "core/system/fs.h"

/* Work on a package: verify and import take the same. */
struct package_work {
    char *path;
    char *to; /* import only, as the next two */
    const char *as;
    struct import_notes notes;
    struct imported imported;
    char **bases;
    size_t base_count;
    struct job *job;
    char *allowed_signers; /* verify only, as the next two */
    bool require_signature;
    const char *sum;
    struct package_verdict verdict;
    bool ok;
    struct error err;
};

static void begin_package_work(struct package_work *work, const struct args *args)
{
    const struct job_identity identity = {.id = guid_new()};
    const char *text;
    *work = (struct package_work){.path = cli_absolute_path(args->operands[0]), .job = job_new(&identity)};
    for (size_t i = 0; (text = args_nth(args, "base-package", i)); i++)
        *ARRAY_APPEND(work->bases, work->base_count) = cli_absolute_path(text);
}

static void end_package_work(struct package_work *work)
{
    for (size_t i = 0; i < work->base_count; i++)
        free(work->bases[i]);
    free(work->bases);
    free(work->allowed_signers);
    package_verdict_clear(&work->verdict);
    free(work->path);
    free(work->to);
    import_notes_clear(&work->notes);
    imported_clear(&work->imported);
    job_free(work->job);
}

bool package_work_do(struct cli *cli, struct job *job, void (*run)(void *context), void *context,
                     struct error *err)
{
    struct progress progress;
    progress_begin(&progress, &cli->out, false);
    bool shows = cli->out.terminal && !cli->out.json;
    const struct work work = {
        .job = job, .progress = shows ? &progress : NULL, .out = &cli->out, .run = run, .context = context};
    return work_do(&work, err);
}

int package_say_cancelled(struct cli *cli, const char *path)
{
    json_t *line = json_object();
    json_put_text(line, "event", "cancelled");
    json_put_text(line, "package", path);
    output_json(&cli->out, line);
    output_warning(&cli->out, "cancelled");
    return CLI_CANCELLED;
}

static void verify(void *context)
{
    struct package_work *work = context;
    CLEANUP_FREE char *memory = package_proof_usual_memory();
    const struct package_verification asked = {.path = work->path,
                                               .base_directories = work->bases,
                                               .base_directory_count = work->base_count,
                                               .memory = memory,
                                               .seal = {.allowed_signers = work->allowed_signers,
                                                        .require_signature = work->require_signature,
                                                        .sum = work->sum}};
    work->ok = package_verify(&asked, work->job, &work->verdict, &work->err);
}

static void show_verdict(struct cli *cli, const struct package_work *work)
{
    const struct package_verdict *verdict = &work->verdict;
    json_t *line = json_object();
    json_t *problems = json_array();
    for (size_t i = 0; i < verdict->problem_count; i++) {
        json_array_append_new(problems, json_text(verdict->problems[i]));
        output_line(&cli->out, "%s", verdict->problems[i]);
    }
    json_put_text(line, "package", work->path);
    json_put_bool(line, "ok", verdict->problem_count == 0);
    json_put(line, "problems", problems);
    signatures_put(line, verdict->signatures, verdict->signature_count);
    output_json(&cli->out, line);
    signatures_show(&cli->out, verdict->signatures, verdict->signature_count);
    if (verdict->problem_count == 0)
        output_line(&cli->out, "%s is whole", work->path);
}

/* As they are named on the line, else as the settings say. */
static bool find_allowed_signers(const struct cli *cli, const struct args *args, char **file,
                                 struct error *err)
{
    const char *typed = args_text(args, "allowed-signers");
    if (!typed)
        return cli_allowed_signers(cli, file, err);
    *file = cli_absolute_path(typed);
    return true;
}

static int verify_in_job(struct cli *cli, const struct args *args, struct interrupt *interrupt)
{
    struct error err = {0};
    struct job *job = NULL;
    if (!cli_open(cli, &err))
        return cli_refuse(cli, &err);
    char *allowed = NULL;
    if (!find_allowed_signers(cli, args, &allowed, &err))
        return cli_refuse(cli, &err);
    struct verify_request request = {.package = cli_absolute_path(args->operands[0]),
                                     .allowed_signers = allowed,
                                     .require_signature = args_flag(args, "require-signature"),
                                     .sum = mem_strdup(args_text(args, "sum"))};
    const char *text;
    for (size_t i = 0; (text = args_nth(args, "base-package", i)); i++)
        *ARRAY_APPEND(request.base_directories, request.base_directory_count) = cli_absolute_path(text);
    uint32_t value = service_start_verify(cli_service(cli), &request, &job);
    verify_request_clear(&request);
    if (value != RETURN_JOB_STARTED)
        return cli_refuse(cli, service_error(cli_service(cli)));
    struct guid id = job_id(job);
    job_free(job);
    if (args_flag(args, "detach"))
        return attach_say_started(cli, &id);
    output_line(&cli->out, "job %s", id.text);
    return attach_job(cli, &id, interrupt);
}

static int run_verify_job(struct cli *cli, const struct args *args)
{
    struct interrupt interrupt;
    interrupt_open(&interrupt, false);
    int status = verify_in_job(cli, args, &interrupt);
    interrupt_close(&interrupt);
    return status;
}

int package_run_verify(struct cli *cli, const struct args *args)
{
    if (args_flag(args, "job") || args_flag(args, "detach"))
        return run_verify_job(cli, args);
    struct error err = {0};
    struct package_work work;
    begin_package_work(&work, args);
    work.require_signature = args_flag(args, "require-signature");
    work.sum = args_text(args, "sum");
    int status;
    if (!find_allowed_signers(cli, args, &work.allowed_signers, &err) ||
        !package_work_do(cli, work.job, verify, &work, &err)) {
        status = cli_refuse(cli, &err);
    } else if (job_is_cancelled(work.job)) {
        status = package_say_cancelled(cli, work.path);
    } else if (!work.ok) {
        status = cli_refuse(cli, &work.err);
    } else {
        show_verdict(cli, &work);
        status = work.verdict.problem_count ? CLI_FAILED : CLI_DONE;
    }
    end_package_work(&work);
    return status;
}

static void import(void *context)
{
    struct package_work *work = context;
    work->ok = package_import_as(work->path, work->to, work->bases, work->base_count, work->as, &work->notes,
                                 &work->imported, work->job, &work->err);
}

static json_t *notes_json(const struct import_notes *notes)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < notes->count; i++)
        json_array_append_new(rows, json_text(notes->items[i]));
    return rows;
}

/* The images are their maker's alone, and libvirt's machines run under another account. */
static void say_who_must_read(struct cli *cli, const char *to, json_t *more)
{
    char real[PATH_MAX];
    char **closed = NULL;
    size_t count = 0;
    json_t *list = json_array();
    CLEANUP_FREE char *place = text_shell_quote(realpath(to, real) ? real : to);
    output_line(&cli->out,
                "For libvirt to start machines from them, its account must be able to read and write them: "
                "libvirt-qemu on Debian, or what user = in /etc/libvirt/qemu.conf says. As root:");
    output_line(&cli->out, "  chown -R libvirt-qemu %s", place);
    fs_closed_parents(to, &closed, &count);
    for (size_t i = 0; i < count; i++) {
        CLEANUP_FREE char *directory = text_shell_quote(closed[i]);
        json_array_append_new(list, json_text(closed[i]));
        output_line(&cli->out,
                    "It would not get there: other accounts cannot pass through %s. Let them, or import to "
                    "another place:",
                    closed[i]);
        output_line(&cli->out, "  chmod o+x %s", directory);
    }
    fs_free_names(closed, count);
    json_put(more, "closed_directories", list);
}

static void say_written(struct cli *cli, const struct imported *written, json_t *more)
{
    char size[16];
    size_format(written->bytes, size, sizeof size);
    json_put_number(more, "bytes_written", written->bytes);
    json_put_number(more, "files", written->files);
    output_line(&cli->out, "written: %s (%" PRIu64 " bytes) in %zu files", size, written->bytes,
                written->files);
}

/* Before hours of copying. */
static bool may_register(struct cli *cli, const struct package_work *work, struct error *err)
{
    struct package package = {0};
    if (work->as)
        return register_may(cli, NULL, err);
    if (!package_read(work->path, &package, err))
        return false;
    bool ok = import_can_register(&package, err) && register_may(cli, &package.point, err);
    package_clear(&package);
    return ok;
}

static int say_imported(struct cli *cli, struct package_work *work, bool registers)
{
    json_t *more = json_object();
    json_put_text(more, "package", work->path);
    json_put_text(more, "to", work->to);
    json_put(more, "notes", notes_json(&work->notes));
    json_put(more, "registered", json_null());
    output_line(&cli->out, "the disks of %s are now plain images in %s", work->path, work->to);
    say_written(cli, &work->imported, more);
    for (size_t i = 0; i < work->notes.count; i++)
        output_warning(&cli->out, "%s", work->notes.items[i]);
    if (registers)
        register_say(cli, &work->imported, more);
    say_who_must_read(cli, work->to, more);
    cli_report_done(cli, more);
    return CLI_DONE;
}

int package_run_import(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct package_work work;
    begin_package_work(&work, args);
    work.to = cli_absolute_path(args_text(args, "to"));
    work.as = args_text(args, "as");
    bool registers = args_flag(args, "register");
    int status;
    if ((registers && !may_register(cli, &work, &err)) ||
        !package_work_do(cli, work.job, import, &work, &err))
        status = cli_refuse(cli, &err);
    else if (!work.ok && job_is_cancelled(work.job))
        status = package_say_cancelled(cli, work.path);
    else if (!work.ok || (registers && !register_do(cli, &work.imported, work.to, &work.err)))
        status = cli_refuse(cli, &work.err);
    else
        status = say_imported(cli, &work, registers);
    end_package_work(&work);
    return status;
}
