/* refpoint package consolidate: a full package of a differential one and its bases, in this process. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/cli/line/args.h"
#include "core/cli/line/path.h"
#include "core/cli/line/report.h"
#include "core/cli/nouns/package/work.h"
#include "core/export/consolidate/consolidate.h"
#include "core/export/package/proof/proof.h"
#include "core/syntax/json.h"

struct consolidating {
    struct consolidation asked;
    char *path;
    char *directory;
    char **bases;
    size_t base_count;
    char *sign_key;
    char *memory;
    struct job *job;
    struct consolidated result;
    bool ok;
    struct error err;
};

static bool read_signing(const struct cli *cli, const struct args *args, struct consolidating *work,
                         struct error *err)
{
    const char *typed = args_text(args, "sign");
    bool none = args_flag(args, "no-sign");
    if (typed && none) {
        error_set(err, RETURN_INVALID_PARAMETER, "usage.conflict", "--sign and --no-sign exclude each other");
        return error_next(err, "See refpoint package consolidate --help.");
    }
    CLEANUP_FREE char *usual = NULL;
    if (!cli_place_making(cli->environment, &cli->globals, &usual, &work->asked.zstd_level, err))
        return false;
    if (typed)
        work->sign_key = cli_absolute_path(typed);
    else if (!none && usual)
        work->sign_key = mem_strdup(usual);
    return true;
}

static bool begin(const struct cli *cli, const struct args *args, struct consolidating *work,
                  struct error *err)
{
    const struct job_identity identity = {.id = guid_new()};
    const char *text = args_text(args, "compress");
    *work = (struct consolidating){.path = cli_absolute_path(args->operands[0]),
                                   .directory = cli_absolute_path(args_text(args, "to")),
                                   .memory = package_proof_usual_memory(),
                                   .job = job_new(&identity)};
    work->asked.keeps_compression = !text;
    if (text && !compression_parse(&work->asked.compression, text)) /* it was checked when it was parsed */
        work->asked.compression = COMPRESSION_NONE;
    for (size_t i = 0; (text = args_nth(args, "base-package", i)); i++)
        *ARRAY_APPEND(work->bases, work->base_count) = cli_absolute_path(text);
    if (!read_signing(cli, args, work, err))
        return false;
    work->asked.path = work->path;
    work->asked.directory = work->directory;
    work->asked.base_directories = work->bases;
    work->asked.base_directory_count = work->base_count;
    work->asked.sign_key = work->sign_key;
    work->asked.memory = work->memory;
    return true;
}

static void end(struct consolidating *work)
{
    for (size_t i = 0; i < work->base_count; i++)
        free(work->bases[i]);
    free(work->bases);
    free(work->path);
    free(work->directory);
    free(work->sign_key);
    free(work->memory);
    consolidated_clear(&work->result);
    job_free(work->job);
}

static void consolidate(void *context)
{
    struct consolidating *work = context;
    work->ok = consolidate_package(&work->asked, work->job, &work->result, &work->err);
}

static json_t *texts_json(char *const *texts, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_text(texts[i]));
    return list;
}

static void show_made(struct cli *cli, const struct consolidated *result)
{
    const struct export_result *made = &result->made;
    CLEANUP_FREE char *quoted = text_shell_quote(made->package);
    output_line(&cli->out, "package   %s", made->package);
    for (size_t i = 0; i < result->from_count; i++)
        output_line(&cli->out, "%-9s %s", i == 0 ? "made of" : "", result->from[i]);
    output_line(&cli->out, "verified  %s", made->verified ? "yes, and all that it is made of" : "no");
    if (made->key_fingerprint)
        output_line(&cli->out, "signed    with %s", made->key_fingerprint);
    if (made->sum)
        output_line(&cli->out, "checksum of the package: %s", made->sum);
    for (size_t i = 0; i < result->left_out_count; i++)
        output_line(&cli->out, "%-9s %s", i == 0 ? "not in it" : "", result->left_out[i]);
    if (result->warning)
        output_warning(&cli->out, "%s", result->warning);
    output_line(&cli->out,
                "It stands on no other package. Those that it is made of are as they were, and others "
                "may stand on them: DEPENDENTS in \"refpoint package list\".");
    output_line(&cli->out, "Check it at any time:");
    output_line(&cli->out, "  refpoint package verify %s", quoted);
}

static void report(struct cli *cli, const struct consolidated *result)
{
    const struct export_result *made = &result->made;
    json_t *more = json_object();
    json_put_text(more, "package", made->package);
    json_put_text(more, "package_sum", made->sum);
    json_put_bool(more, "verified", made->verified);
    json_put_bool(more, "signed", made->key_fingerprint != NULL);
    json_put_text(more, "key_fingerprint", made->key_fingerprint);
    json_put(more, "consolidated_from", texts_json(result->from, result->from_count));
    json_put(more, "left_out", texts_json(result->left_out, result->left_out_count));
    json_put_text(more, "warning", result->warning);
    show_made(cli, result);
    cli_report_done(cli, more);
}

int package_run_consolidate(struct cli *cli, const struct args *args)
{
    struct error err = {0};
    struct consolidating work;
    int status = CLI_DONE;
    if (!begin(cli, args, &work, &err) || !package_work_do(cli, work.job, consolidate, &work, &err))
        status = cli_refuse(cli, &err);
    else if (work.ok)
        report(cli, &work.result);
    else if (job_is_cancelled(work.job))
        status = package_say_cancelled(cli, work.path);
    else
        status = cli_refuse(cli, &work.err);
    end(&work);
    return status;
}
