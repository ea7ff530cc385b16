/* From words to a command: options before the noun, the noun, the verb, then that command's own table. */
#include "core/cli/cli.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/cli/help.h"
#include "core/cli/line/args.h"
#include "core/cli/line/command.h"
#include "core/cli/line/context.h"
#include "core/cli/line/report.h"
#include "core/cli/nouns.h"

/* --json must be known before parsing can fail. */
static bool asks_for_json(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0)
            return true;
    }
    return false;
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
    cli_begin(&cli, environment, globals);
    struct args args;
    struct error err = {0};
    if (!args_parse(&spec, argc - 1, argv + 1, &args, &err)) {
        *stop = true;
        return cli_end(&cli, cli_refuse(&cli, &err));
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
    return cli_end(&cli, CLI_DONE);
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
    const struct cli_noun *noun = cli_find_noun(argv[0], &err);
    if (!noun)
        return cli_refuse(cli, &err);
    if (!noun->commands[0].verb)
        return run_command(cli, &noun->commands[0], argc - 1, argv + 1);
    if (argc > 1 && is_help(argv[1])) {
        help_noun(cli, noun);
        return CLI_DONE;
    }
    bool has_verb = argc > 1 && argv[1][0] != '-';
    const struct cli_command *command = cli_find_verb(noun, has_verb ? argv[1] : NULL, &err);
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
    cli_begin(&cli, environment, &start);
    return cli_end(&cli, dispatch(&cli, argc, argv));
}
