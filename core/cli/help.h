/* Help: text for an operator, always text, always to the output stream. Written from the tables that commands
 * are parsed by, so that the two cannot differ. Threads: the main one. Private to core/cli. */
#ifndef REFPOINT_CLI_HELP_H
#define REFPOINT_CLI_HELP_H

#include "core/cli/line/command.h"
#include "core/cli/line/context.h"

void help_program(struct cli *cli);
void help_noun(struct cli *cli, const struct cli_noun *noun);
void help_command(struct cli *cli, const struct cli_command *command);
/* `refpoint help [NOUN [VERB]]`; the exit status. A topic that there is not: refused, key "usage.command". */
int help_main(struct cli *cli, int argc, char **argv);

#endif
