/* `refpoint store ...`: the store of the host. Private to core/cli. */
#ifndef REFPOINT_CLI_NOUNS_STORE_H
#define REFPOINT_CLI_NOUNS_STORE_H

#include "core/cli/line/command.h"

extern const struct cli_noun cli_store_noun;

#endif
