/* `refpoint machine ...`: the machines that the host knows. Private to core/cli. */
#ifndef REFPOINT_CLI_NOUNS_MACHINE_H
#define REFPOINT_CLI_NOUNS_MACHINE_H

#include "core/cli/line/command.h"

extern const struct cli_noun cli_machine_noun;

#endif
