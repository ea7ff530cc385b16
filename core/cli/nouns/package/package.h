/* `refpoint package ...`: what exports have left. Private to core/cli. */
#ifndef REFPOINT_CLI_NOUNS_PACKAGE_PACKAGE_H
#define REFPOINT_CLI_NOUNS_PACKAGE_PACKAGE_H

#include "core/cli/line/command.h"

extern const struct cli_noun cli_package_noun;

#endif
