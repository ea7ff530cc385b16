/* From words to a command: options before the noun, the noun, the verb, then that command's own table. */
#include "core/cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/cli/line/command.h"
#include "core/host/resolve.h"
#include "core/system/fs.h"

enum { NOUN_COUNT = 8 };
static const struct cli_noun *const nouns[NOUN_COUNT] = {
    &cli_collection_noun, &cli_machine_noun, &cli_point_noun, &cli_export_noun,
    &cli_package_noun,    &cli_job_noun,     &cli_store_noun, &cli_demo_noun,
};

const struct cli_noun *const *cli_nouns(size_t *count)
{
    *count = NOUN_COUNT;
    return nouns;
}

char *cli_command_words(const struct cli_command *command)
{
    return mem_format("%s%s%s", command->noun, command->verb ? " " : "", command->verb ? command->verb : "");
}

/* --json must be known before parsing can fail. */
static bool asks_for_json(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0)
            return true;
    }
    return false;
}

static void begin(struct cli *cli, const struct cli_environment *environment,
                  const struct cli_globals *globals)
{
    *cli = (struct cli){.environment = environment, .globals = *globals};
    output_begin(&cli->out, environment->out, environment->errors, globals->json);
    cli->state_directory = fs_state_home();
}

static int end(struct cli *cli, int status)
{
    if (cli->service)
        service_free(cli->service);
    if (cli->host)
        cli->host->ops->close(cli->host);
    cli_place_free(cli->place);
    free(cli->state_directory);
    struct error err = {0};
    if (output_end(&cli->out, &err))
        return status;
    output_error(&cli->out, &err);
    return status == CLI_DONE ? CLI_FAILED : status;
}

int cli_refuse(struct cli *cli, const struct error *err)
{
    CLEANUP_FREE char *text = error_text(err);
    json_t *line = json_object();
    json_put_text(line, "event", err->begun ? "failed" : "refused");
    json_put_number(line, "return_value", err->code);
    json_put_text(line, "error_key", err->key);
    json_put_text(line, "error", text);
    output_json(&cli->out, line);
    output_error(&cli->out, err);
    return err->begun ? CLI_FAILED : CLI_REFUSED;
}

void cli_report_done(struct cli *cli, json_t *more)
{
    json_t *line = json_object();
    json_put_text(line, "event", "done");
    json_put_number(line, "return_value", 0);
    if (more)
        json_object_update(line, more);
    json_decref(more);
    output_json(&cli->out, line);
}

void cli_warn_left_out(struct cli *cli, const char *what, const struct left_out *left_out)
{
    if (left_out->count > 0)
        output_warning(&cli->out, "%zu %s%s cannot be read and %s not in this list; the first: %s",
                       left_out->count, what, left_out->count == 1 ? "" : "s",
                       left_out->count == 1 ? "is" : "are", left_out->why);
}

static const struct args_option program_options[] = {
    {.name = "ascii", .kind = ARGS_FLAG, .help = "draw lines of the full screen with ASCII only"},
    {.name = "version", .kind = ARGS_FLAG, .help = "print the version"},
};

static void take_common(const struct args *args, struct cli_globals *globals)
{
    const char *host = args_text(args, "host");
    const char *store = args_text(args, "store");
    const char *config = args_text(args, "config");
    globals->host = host ? host : globals->host;
    globals->store = store ? store : globals->store;
    globals->config = config ? config : globals->config;
    globals->json = globals->json || args_flag(args, "json");
}

int cli_parse_globals(const struct cli_environment *environment, int argc, char **argv,
                      struct cli_globals *globals, int *first, bool *stop)
{
    const struct args_spec spec = {.command = "",
                                   .options = program_options,
                                   .option_count = ARRAY_LENGTH(program_options),
                                   .stop_at_operand = true};
    *globals = (struct cli_globals){.json = asks_for_json(argc, argv)};
    struct cli cli;
    begin(&cli, environment, globals);
    struct args args;
    struct error err = {0};
    if (!args_parse(&spec, argc - 1, argv + 1, &args, &err)) {
        *stop = true;
        return end(&cli, cli_refuse(&cli, &err));
    }
    take_common(&args, globals);
    globals->ascii = args_flag(&args, "ascii");
    *first = args.used + 1;
    *stop = args_flag(&args, "help") || args_flag(&args, "version");
    if (args_flag(&args, "help"))
        help_program(&cli);
    else if (args_flag(&args, "version"))
        fputs("refpoint " REFPOINT_VERSION "\n", environment->out);
    args_clear(&args);
    return end(&cli, CLI_DONE);
}

static const struct cli_noun *find_noun(const char *word, struct error *err)
{
    const char *names[NOUN_COUNT];
    for (size_t i = 0; i < NOUN_COUNT; i++) {
        names[i] = nouns[i]->commands[0].noun;
        if (strcmp(names[i], word) == 0)
            return nouns[i];
    }
    const char *near = args_nearest(word, names, NOUN_COUNT, sizeof *names);
    error_set(err, RETURN_INVALID_PARAMETER, "usage.command", "there is no command \"%s\"", word);
    if (near)
        error_next(err, "Did you mean %s? See refpoint --help.", near);
    else
        error_next(err, "See refpoint --help.");
    return NULL;
}

static const struct cli_command *find_verb(const struct cli_noun *noun, const char *word, struct error *err)
{
    CLEANUP_STRBUF struct strbuf verbs = {0};
    for (size_t i = 0; i < noun->count; i++) {
        if (word && strcmp(noun->commands[i].verb, word) == 0)
            return &noun->commands[i];
        strbuf_addf(&verbs, "%s%s", i ? ", " : "", noun->commands[i].verb);
    }
    const char *name = noun->commands[0].noun;
    const char *near = NULL;
    if (word)
        near = args_nearest(word, &noun->commands[0].verb, noun->count, sizeof *noun->commands);
    if (word)
        error_set(err, RETURN_INVALID_PARAMETER, "usage.command", "there is no command %s %s", name, word);
    else
        error_set(err, RETURN_INVALID_PARAMETER, "usage.command", "%s needs a verb", name);
    error_cause(err, "%s takes: %s", name, verbs.data);
    if (near)
        error_next(err, "Did you mean %s %s? See refpoint %s --help.", name, near, name);
    else
        error_next(err, "See refpoint %s --help.", name);
    return NULL;
}

static int run_command(struct cli *cli, const struct cli_command *command, int argc, char **argv)
{
    CLEANUP_FREE char *words = cli_command_words(command);
    const struct args_spec spec = {.command = words,
                                   .options = command->options,
                                   .option_count = command->option_count,
                                   .operands = command->operands,
                                   .operand_count = command->operand_count};
    struct args args;
    struct error err = {0};
    if (!args_parse(&spec, argc, argv, &args, &err))
        return command->refuse ? command->refuse(cli, &err) : cli_refuse(cli, &err);
    int status = CLI_DONE;
    take_common(&args, &cli->globals);
    if (args_flag(&args, "help"))
        help_command(cli, command);
    else
        status = command->run(cli, &args);
    args_clear(&args);
    return status;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int dispatch(struct cli *cli, int argc, char **argv)
{
    struct error err = {0};
    if (strcmp(argv[0], "help") == 0)
        return help_main(cli, argc - 1, argv + 1);
    const struct cli_noun *noun = find_noun(argv[0], &err);
    if (!noun)
        return cli_refuse(cli, &err);
    if (!noun->commands[0].verb)
        return run_command(cli, &noun->commands[0], argc - 1, argv + 1);
    if (argc > 1 && is_help(argv[1])) {
        help_noun(cli, noun);
        return CLI_DONE;
    }
    bool has_verb = argc > 1 && argv[1][0] != '-';
    const struct cli_command *command = find_verb(noun, has_verb ? argv[1] : NULL, &err);
    if (!command)
        return cli_refuse(cli, &err);
    return run_command(cli, command, argc - 2, argv + 2);
}

int cli_main(const struct cli_environment *environment, const struct cli_globals *globals, int argc,
             char **argv)
{
    struct cli cli;
    struct cli_globals start = *globals;
    start.json = start.json || asks_for_json(argc, argv);
    begin(&cli, environment, &start);
    return end(&cli, dispatch(&cli, argc, argv));
}

bool cli_open(struct cli *cli, struct error *err)
{
    if (cli->host)
        return true;
    struct cli_globals found;
    struct cli_place *place = cli_place_find(cli->environment, &cli->globals, &found, err);
    if (!place)
        return false;
    cli_place_free(cli->place);
    cli->place = place;
    cli->globals = found;
    cli->host = cli->environment->open_host(&cli->globals, err);
    return cli->host != NULL;
}

void cli_say_host_cannot(const struct cli *cli, const char *what, struct error *err)
{
    error_set(err, RETURN_NOT_SUPPORTED, "host.unsupported", "a %s host cannot %s", cli->host->ops->kind,
              what);
    error_next(err, "See refpoint --help for what can be done, or choose another host with --host.");
}

struct service *cli_service(struct cli *cli)
{
    if (!cli->service) {
        const struct service_options options = {.state_directory = cli->state_directory,
                                                .host_name = cli->globals.host,
                                                .store = cli->globals.store,
                                                .config = cli->globals.config};
        cli->service = service_new(cli->host, &options);
    }
    return cli->service;
}

bool cli_find_collection(struct cli *cli, const char *text, struct collection *found, struct error *err)
{
    struct collection_list list = {0};
    if (!cli->host->ops->list_collections(cli->host, &list, err))
        return false;
    const struct collection *match = resolve_collection(&list, text, err);
    if (match)
        collection_copy(found, match);
    collection_list_clear(&list);
    return match != NULL;
}

bool cli_find_machine(struct cli *cli, const char *text, struct machine *found, struct error *err)
{
    struct machine_list list = {0};
    if (!cli->host->ops->list_machines(cli->host, &list, err))
        return false;
    const struct machine *match = resolve_machine(&list, text, err);
    if (match)
        machine_copy(found, match);
    machine_list_clear(&list);
    return match != NULL;
}

bool cli_find_point(struct cli *cli, const struct collection *collection, const char *text,
                    struct reference_point *found, struct error *err)
{
    struct reference_point_list list = {0};
    if (!cli->host->ops->list_points(cli->host, &collection->id, &list, err))
        return false;
    const struct reference_point *match = resolve_point(&list, text, err);
    if (match)
        reference_point_copy(found, match);
    reference_point_list_clear(&list);
    return match != NULL;
}

bool cli_find_point_path(struct cli *cli, const char *collection_text, const char *point_text,
                         struct object_path *path, struct error *err)
{
    struct collection collection = {0};
    struct reference_point point = {0};
    bool ok = cli_open(cli, err) && cli_find_collection(cli, collection_text, &collection, err) &&
              cli_find_point(cli, &collection, point_text, &point, err);
    if (ok)
        *path = (struct object_path){.point_id = point.id, .collection_id = collection.id};
    reference_point_clear(&point);
    collection_clear(&collection);
    return ok;
}

char *cli_absolute_path(const char *path)
{
    if (*path == '/')
        return mem_strdup(path);
    CLEANUP_FREE char *here = getcwd(NULL, 0);
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    return mem_format("%s/%s", here ? here : "", path);
}
