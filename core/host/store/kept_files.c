#include "core/host/store/kept_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/host/store/place.h"
#include "core/system/fs.h"

#define TEMPORARY_PREFIX ".new-"

#define DIRECTORY "files"

char *kept_files_path(const char *sha256)
{
    return mem_format(DIRECTORY "/%s", sha256);
}

static bool give_name(int directory, const char *temporary, const char *sha256, const char *path,
                      struct error *err)
{
    if (renameat(directory, temporary, directory, sha256) != 0)
        return error_errno(err, errno, "store.file", "cannot keep %s", path);
    return fs_sync(directory, path, err);
}

/* Under the lock nobody else makes one: what is there is left of a crash. */
static void remove_leavings(int directory)
{
    struct error ignored;
    char **names = NULL;
    size_t count = 0;
    if (!fs_list(directory, &names, &count, &ignored))
        return;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(names[i], TEMPORARY_PREFIX, strlen(TEMPORARY_PREFIX)) == 0)
            unlinkat(directory, names[i], 0);
    }
    fs_free_names(names, count);
}

bool kept_files_put(const struct store *store, int fd, const char *path, char sha256[DIGEST_TEXT],
                    uint64_t *size, struct error *err)
{
    CLEANUP_FD int directory = -1;
    struct guid id = guid_new();
    CLEANUP_FREE char *temporary = mem_format(TEMPORARY_PREFIX "%s", id.text);
    if (!store_make_directory(store, DIRECTORY, &directory, err))
        return error_context(err, "cannot keep %s in the store", path);
    remove_leavings(directory);
    CLEANUP_FD int file =
        openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
    if (file < 0)
        return error_errno(err, errno, "store.file", "cannot keep %s in the store", path);
    bool ok = digest_copy(fd, path, file, path, NULL, sha256, size, err) && fs_sync(file, path, err);
    /* The same content has the same name: whichever comes later takes its place, and is the same. */
    ok = ok && give_name(directory, temporary, sha256, path, err);
    if (!ok)
        unlinkat(directory, temporary, 0);
    return ok;
}

struct names {
    char **items;
    size_t count;
};

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool collect_used(const struct store *store, struct names *used, bool *whole, struct error *err)
{
    struct collection_list collections;
    struct findings broken = {0};
    if (!store_list_collections(store, &collections, &broken, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < collections.count; i++) {
        struct reference_point_list points;
        ok = store_list_points(store, &collections.items[i].id, true, &points, &broken, err);
        for (size_t p = 0; ok && p < points.count; p++) {
            for (size_t m = 0; m < points.items[p].member_count; m++) {
                const struct machine *machine = &points.items[p].members[m].machine;
                for (size_t f = 0; f < machine->file_count; f++) {
                    if (machine->files[f].sha256)
                        *ARRAY_APPEND(used->items, used->count) = mem_strdup(machine->files[f].sha256);
                }
            }
        }
        if (ok)
            reference_point_list_clear(&points);
    }
    *whole = broken.count == 0;
    findings_clear(&broken);
    collection_list_clear(&collections);
    if (used->count > 0)
        qsort(used->items, used->count, sizeof *used->items, compare_names);
    return ok;
}

static bool is_used(const struct names *used, const char *name)
{
    return used->count > 0 && bsearch(&name, used->items, used->count, sizeof *used->items, compare_names);
}

bool kept_files_any(const struct store *store)
{
    struct stat status;
    struct error ignored;
    return store_stat(store, DIRECTORY, &status, &ignored);
}

bool kept_files_sweep(const struct store *store, struct error *err)
{
    CLEANUP_FD int directory = -1;
    struct names used = {0};
    char **names = NULL;
    size_t count = 0;
    bool whole = false;
    if (!store_open_if_there(store, DIRECTORY, &directory, err))
        return false;
    if (directory < 0)
        return true;
    bool ok = collect_used(store, &used, &whole, err) && fs_list(directory, &names, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        bool temporary = strncmp(names[i], TEMPORARY_PREFIX, strlen(TEMPORARY_PREFIX)) == 0;
        if (temporary || (whole && !is_used(&used, names[i])))
            unlinkat(directory, names[i], 0);
    }
    fs_free_names(names, count);
    fs_free_names(used.items, used.count);
    return ok;
}
