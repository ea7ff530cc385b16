/* `refpoint export`: a point to a package, with a job or without. Private to core/cli. */
#ifndef REFPOINT_CLI_NOUNS_EXPORT_H
#define REFPOINT_CLI_NOUNS_EXPORT_H

#include "core/cli/line/command.h"

extern const struct cli_noun cli_export_noun;

#endif
