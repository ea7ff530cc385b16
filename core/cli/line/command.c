#include "core/cli/line/command.h"

#include "core/base/mem.h"

char *cli_command_words(const struct cli_command *command)
{
    return mem_format("%s%s%s", command->noun, command->verb ? " " : "", command->verb ? command->verb : "");
}
