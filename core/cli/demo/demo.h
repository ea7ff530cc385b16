/* `refpoint demo`: something to try everything on. Private to core/cli. */
#ifndef REFPOINT_CLI_DEMO_DEMO_H
#define REFPOINT_CLI_DEMO_DEMO_H

#include "core/cli/line/command.h"

extern const struct cli_noun cli_demo_noun;

#endif
