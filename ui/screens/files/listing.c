#include "ui/screens/files/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/system/fs.h"
#include "ui/draw/fold.h"

void listing_clear(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++) {
        free(listing->items[i].name);
        free(listing->items[i].folded);
    }
    free(listing->items);
    free(listing->path);
    *listing = (struct listing){0};
}

static void add(struct listing *listing, const char *name, const struct stat *status)
{
    struct listing_entry *entry = ARRAY_APPEND(listing->items, listing->count);
    *entry =
        (struct listing_entry){.name = mem_strdup(name), .folded = fold_text(name), .known = status != NULL};
    if (!status)
        return;
    entry->directory = S_ISDIR(status->st_mode);
    entry->size = (uint64_t)status->st_size;
    entry->modified =
        (struct moment){.seconds = status->st_mtim.tv_sec, .nanoseconds = (int32_t)status->st_mtim.tv_nsec};
}

static int compare(const void *left, const void *right)
{
    const struct listing_entry *one = left;
    const struct listing_entry *other = right;
    if (one->directory != other->directory)
        return one->directory ? -1 : 1;
    int folded = strcmp(one->folded, other->folded);
    return folded ? folded : strcmp(one->name, other->name);
}

static void collect(struct listing *listing, DIR *stream, bool with_hidden)
{
    const struct dirent *entry = NULL;
    size_t looked_at = 0;
    while ((entry = readdir(stream))) {
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (looked_at++ == LISTING_ENTRIES) {
            listing->more = true;
            return;
        }
        if (entry->d_name[0] == '.' && !with_hidden) {
            listing->hidden++;
            continue;
        }
        bool known = fstatat(dirfd(stream), entry->d_name, &status, 0) == 0;
        add(listing, entry->d_name, known ? &status : NULL);
    }
}

/* Typed with a slash at its end, it is the same directory. */
static char *plain_path(const char *path)
{
    CLEANUP_FREE char *whole = fs_expand_home(path);
    char *plain = fs_absolute_path(*whole ? whole : "/");
    size_t length = strlen(plain);
    while (length > 1 && plain[length - 1] == '/')
        plain[--length] = '\0';
    return plain;
}

bool listing_read(struct listing *listing, const char *path, bool with_hidden, char **file, struct error *err)
{
    static const struct stat up = {.st_mode = S_IFDIR};
    struct stat status;
    *listing = (struct listing){.path = plain_path(path)};
    *file = NULL;
    if (stat(listing->path, &status) != 0)
        return error_errno(err, errno, "directory.read", "cannot look at %s", listing->path);
    if (!S_ISDIR(status.st_mode)) {
        *file = mem_strdup(listing->path);
        return true;
    }
    DIR *stream = opendir(listing->path);
    if (!stream)
        return error_errno(err, errno, "directory.read", "cannot read the directory %s", listing->path);
    collect(listing, stream, with_hidden);
    closedir(stream);
    if (listing->count > 1)
        qsort(listing->items, listing->count, sizeof *listing->items, compare);
    if (strcmp(listing->path, "/") == 0)
        return true;
    add(listing, "..", &up);
    struct listing_entry last = listing->items[listing->count - 1];
    memmove(listing->items + 1, listing->items, (listing->count - 1) * sizeof *listing->items);
    listing->items[0] = last;
    return true;
}

char *listing_path(const struct listing *listing, size_t entry)
{
    const char *name = listing->items[entry].name;
    const char *slash = strrchr(listing->path, '/');
    if (strcmp(name, "..") == 0)
        return slash == listing->path ? mem_strdup("/")
                                      : mem_strndup(listing->path, (size_t)(slash - listing->path));
    return mem_format("%s%s%s", listing->path, strcmp(listing->path, "/") == 0 ? "" : "/", name);
}
