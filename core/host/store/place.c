#include "core/host/store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/host/store/internal.h"
#include "core/system/beneath.h"
#include "core/system/fs.h"

char *store_path(const struct store *store, const char *path)
{
    return mem_format("%s/%s", store->path, path);
}

char *store_points_of(const struct guid *collection)
{
    return mem_format(STORE_COLLECTIONS "/%s/points", collection->text);
}

bool store_refuse_link(const struct store *store, const char *link, struct error *err)
{
    error_set(err, RETURN_NOT_SUPPORTED, "store.link",
              "%s/%s is a symbolic link; the store holds only plain files and directories", store->path,
              link);
    return error_next(err, "Move what it leads to into its place, or name the store itself with --store: its "
                           "own path may lead through links.");
}

/* root: -1 when it is the store itself that cannot be opened. */
static bool refuse(const struct store *store, int root, const char *path, int number, const char *key,
                   const char *deed, struct error *err)
{
    CLEANUP_FREE char *link = number == ELOOP && root >= 0 ? beneath_link(root, path) : NULL;
    return link ? store_refuse_link(store, link, err)
                : error_errno(err, number, key, "cannot %s %s/%s", deed, store->path, path);
}

static bool open_in(const struct store *store, const char *path, int flags, int *fd, const char *key,
                    const char *deed, struct error *err)
{
    CLEANUP_FD int root = open(store->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    *fd = root < 0 ? -1 : beneath_open(root, path, flags, 0);
    return *fd >= 0 || refuse(store, root, path, errno, key, deed, err);
}

bool store_open_root(const struct store *store, int *fd, struct error *err)
{
    return fs_open_directory(AT_FDCWD, store->path, fd, err);
}

bool store_open_directory(const struct store *store, const char *path, int *fd, struct error *err)
{
    return open_in(store, path, O_RDONLY | O_DIRECTORY, fd, "store.read", "open the directory", err);
}

bool store_open_if_there(const struct store *store, const char *path, int *fd, struct error *err)
{
    struct error cause;
    if (store_open_directory(store, path, fd, &cause) || cause.code == RETURN_FILE_NOT_FOUND)
        return true;
    *err = cause;
    return false;
}

bool store_make_directory(const struct store *store, const char *path, int *fd, struct error *err)
{
    CLEANUP_FD int root = -1;
    if (!fs_make_directories(store->path, STORE_DIRECTORY_MODE, err) || !store_open_root(store, &root, err))
        return false;
    if (fs_make_beneath(root, path, STORE_DIRECTORY_MODE, fd, err))
        return true;
    CLEANUP_FREE char *link = beneath_link(root, path);
    return link ? store_refuse_link(store, link, err) : error_context(err, "the store %s", store->path);
}

bool store_open_file(const struct store *store, const char *path, int *fd, struct error *err)
{
    /* O_NONBLOCK: a FIFO in the place of a file must not hang the program. */
    return open_in(store, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, fd, "file.open", "open", err);
}

bool store_stat(const struct store *store, const char *path, struct stat *status, struct error *err)
{
    CLEANUP_FD int fd = -1;
    return open_in(store, path, O_PATH, &fd, "file.stat", "look at", err) &&
           (fstat(fd, status) == 0 || refuse(store, -1, path, errno, "file.stat", "look at", err));
}

bool store_read(const struct store *store, const char *path, size_t limit, char **text, size_t *length,
                struct error *err)
{
    CLEANUP_FREE char *whole = store_path(store, path);
    CLEANUP_FD int fd = -1;
    return store_open_file(store, path, &fd, err) && fs_read_open(fd, whole, limit, text, length, err);
}

bool store_cfg_read(const struct store *store, const char *path, size_t limit, config_t *config,
                    struct error *err)
{
    CLEANUP_FREE char *whole = store_path(store, path);
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    if (store_read(store, path, limit, &text, &length, err))
        return cfg_parse(config, text, length, whole, err);
    config_init(config);
    return false;
}

bool store_cfg_write(const struct store *store, const char *directory, const char *name,
                     const config_t *config, struct error *err)
{
    CLEANUP_FD int fd = -1;
    return store_make_directory(store, directory, &fd, err) &&
           (cfg_write(config, fd, name, STORE_FILE_MODE, err) ||
            error_context(err, "%s/%s", store->path, directory));
}

bool store_remove_file(const struct store *store, const char *directory, const char *name, const char *key,
                       struct error *err)
{
    CLEANUP_FREE char *whole = mem_format("%s/%s/%s", store->path, directory, name);
    CLEANUP_FD int fd = -1;
    if (!store_open_directory(store, directory, &fd, err))
        return false;
    if (unlinkat(fd, name, 0) != 0 && errno != ENOENT)
        return error_errno(err, errno, key, "cannot remove %s", whole);
    return fs_sync(fd, whole, err);
}
