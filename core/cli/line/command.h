/* One command of the command line: its table entry, and what it is given to work with. Private to core/cli.
 */
#ifndef REFPOINT_CLI_LINE_COMMAND_H
#define REFPOINT_CLI_LINE_COMMAND_H

#include "core/cli/line/args.h"
#include "core/cli/line/context.h"

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
extern const struct cli_noun cli_collection_noun;
extern const struct cli_noun cli_machine_noun;
extern const struct cli_noun cli_point_noun;
extern const struct cli_noun cli_export_noun;
extern const struct cli_noun cli_package_noun;
extern const struct cli_noun cli_job_noun;
extern const struct cli_noun cli_store_noun;
extern const struct cli_noun cli_demo_noun;
/* All of them, in the order of help. */
const struct cli_noun *const *cli_nouns(size_t *count);
/* The words of a command, "point create"; the caller's. */
char *cli_command_words(const struct cli_command *command);

/* help.c: text for an operator, always text, always to the output stream. */
void help_program(struct cli *cli);
void help_noun(struct cli *cli, const struct cli_noun *noun);
void help_command(struct cli *cli, const struct cli_command *command);
/* `refpoint help [NOUN [VERB]]`. */
int help_main(struct cli *cli, int argc, char **argv);

#endif
