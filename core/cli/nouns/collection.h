/* `refpoint collection ...`: the collections of the host. Private to core/cli. */
#ifndef REFPOINT_CLI_NOUNS_COLLECTION_H
#define REFPOINT_CLI_NOUNS_COLLECTION_H

#include "core/cli/line/command.h"

extern const struct cli_noun cli_collection_noun;

#endif
