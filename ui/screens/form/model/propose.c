#include "ui/screens/form/model/propose.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

static bool is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* DIR/store, with DIR/images and DIR/exports beside it: as "refpoint demo DIR" makes them. */
static char *beside_demo(const char *store)
{
    const char *slash = strrchr(store, '/');
    if (!slash || strcmp(slash, "/store") != 0)
        return NULL;
    CLEANUP_FREE char *images = mem_format("%.*s/images", (int)(slash - store), store);
    char *exports = mem_format("%.*s/exports", (int)(slash - store), store);
    if (is_directory(images) && is_directory(exports) && access(exports, W_OK | X_OK) == 0)
        return exports;
    free(exports);
    return NULL;
}

static bool is_beneath(const char *path, const char *directory)
{
    size_t length = strlen(directory);
    return strncmp(path, directory, length) == 0 && (!path[length] || path[length] == '/');
}

const struct mounted *propose_mounted(const struct mounts *mounts, const char *home)
{
    const char *const customs[] = {"/backup", "/srv", "/mnt", "/media", home};
    for (size_t i = 0; i < ARRAY_LENGTH(customs); i++) {
        for (size_t k = 0; customs[i] && k < mounts->count; k++) {
            if (is_beneath(mounts->items[k].path, customs[i]))
                return &mounts->items[k];
        }
    }
    return NULL;
}

char *propose_directory_for(const char *store)
{
    struct mounts mounts;
    char *found = store ? beside_demo(store) : NULL;
    if (found)
        return found;
    mounts_read(NULL, &mounts);
    const struct mounted *place = propose_mounted(&mounts, getenv("HOME"));
    found = place ? mem_strdup(place->path) : NULL;
    mounts_clear(&mounts);
    return found;
}
