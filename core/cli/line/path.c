#include "core/cli/line/path.h"

#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"

char *cli_absolute_path(const char *path)
{
    if (*path == '/')
        return mem_strdup(path);
    CLEANUP_FREE char *here = getcwd(NULL, 0);
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    return mem_format("%s/%s", here ? here : "", path);
}
