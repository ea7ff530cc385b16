/* One command of the command line, and the commands of one noun: constant tables that words are parsed by and
 * help is written from. Threads: any. Private to core/cli. */
#ifndef REFPOINT_CLI_LINE_COMMAND_H
#define REFPOINT_CLI_LINE_COMMAND_H

#include <stddef.h>

#include "core/base/error.h"
#include "core/cli/line/args.h"

struct cli;

struct cli_command {
    const char *noun;
    const char *verb; /* NULL: the noun alone is the command */
    const char *summary;
    const char *purpose; /* paragraphs for --help; NULL */
    const struct args_option *options;
    size_t option_count;
    const struct args_operand *operands;
    size_t operand_count;
    const char *examples; /* lines; NULL */
    int (*run)(struct cli *cli, const struct args *args);
    /* How words that cannot be parsed are refused; NULL = cli_refuse. */
    int (*refuse)(struct cli *cli, const struct error *err);
};

/* The commands of one noun. */
struct cli_noun {
    const struct cli_command *commands;
    size_t count;
};

/* The words of a command, "point create"; the caller's. */
char *cli_command_words(const struct cli_command *command);

#endif
