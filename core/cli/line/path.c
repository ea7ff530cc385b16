#include "core/cli/line/path.h"

#include "core/system/fs.h"

char *cli_absolute_path(const char *path)
{
    return fs_absolute_path(path);
}
