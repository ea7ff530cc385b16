#include "core/base/refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"

#define STEPS_LIMIT 256 /* directories and links on one way: a loop of links ends here */

void refusal_clear(struct refusal *refusal)
{
    free(refusal->path);
    *refusal = (struct refusal){0};
}

static char *directory_of(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    while (length > 1 && path[length - 1] != '/')
        length--;
    while (length > 1 && path[length - 1] == '/')
        length--;
    return mem_strndup(path, length);
}

/* Where a link leads, absolute; NULL: it is none. */
static char *target_of(const char *path)
{
    char target[PATH_MAX];
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length <= 0)
        return NULL;
    target[length] = '\0';
    if (target[0] == '/')
        return mem_strdup(target);
    CLEANUP_FREE char *directory = directory_of(path);
    return mem_format("%s/%s", directory, target);
}

static bool refuses(const char *path, int need, unsigned *steps, struct refusal *refusal)
{
    if (++*steps > STEPS_LIMIT)
        return false;
    CLEANUP_FREE char *directory = directory_of(path);
    if (strcmp(path, directory) != 0 && refuses(directory, X_OK, steps, refusal))
        return true;
    if (faccessat(AT_FDCWD, path, need, AT_EACCESS) == 0 || errno != EACCES)
        return false;
    CLEANUP_FREE char *target = target_of(path);
    if (target)
        return refuses(target, need, steps, refusal);
    if (stat(path, &refusal->status) != 0)
        return false;
    refusal->path = mem_strdup(path);
    refusal->need = need;
    return true;
}

static int reading(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return R_OK;
    if (S_ISSOCK(status.st_mode))
        return R_OK | W_OK;
    return S_ISDIR(status.st_mode) ? R_OK | X_OK : R_OK;
}

bool refusal_find_of(const char *path, int need, struct refusal *refusal)
{
    unsigned steps = 0;
    *refusal = (struct refusal){0};
    return refuses(path, need, &steps, refusal);
}

bool refusal_find(const char *path, struct refusal *refusal)
{
    CLEANUP_FREE char *directory = directory_of(path);
    const struct {
        const char *path;
        int need;
    } tries[] = {{path, reading(path)}, {path, W_OK}, {directory, W_OK | X_OK}};
    for (size_t i = 0; i < ARRAY_LENGTH(tries); i++) {
        if (refusal_find_of(tries[i].path, tries[i].need, refusal))
            return true;
    }
    return false;
}

bool refusal_find_owner(const char *path, struct refusal *refusal)
{
    *refusal = (struct refusal){0};
    if (geteuid() == 0 || lstat(path, &refusal->status) != 0 || refusal->status.st_uid == geteuid())
        return false;
    refusal->path = mem_strdup(path);
    return true;
}
