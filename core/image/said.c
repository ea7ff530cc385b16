#include "core/image/said.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

char *said_reason(char *said, const char *program)
{
    CLEANUP_FREE char *prefix = mem_format("%s: ", program);
    CLEANUP_FREE char *next = mem_format(" %s", prefix);
    char *specification = strstr(said, "'json:{");
    char *end = specification ? strstr(specification, "}': ") : NULL;
    char *reason = end ? end + strlen("}': ") : said;
    if (strncmp(reason, prefix, strlen(prefix)) == 0)
        reason += strlen(prefix);
    char *second = strstr(reason, next);
    if (second)
        *second = '\0';
    return reason;
}

bool said_is_locked(const char *said)
{
    return strstr(said, "Failed to get") && strstr(said, "lock"); /* QEMU's block/file-posix.c */
}
