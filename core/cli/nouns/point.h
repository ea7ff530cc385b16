/* `refpoint point ...`: the reference points of a collection. Private to core/cli. */
#ifndef REFPOINT_CLI_NOUNS_POINT_H
#define REFPOINT_CLI_NOUNS_POINT_H

#include "core/cli/line/command.h"

extern const struct cli_noun cli_point_noun;

#endif
