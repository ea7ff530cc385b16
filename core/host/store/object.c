#include "core/host/store/object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/system/fs.h"

#define DIRECTORY_MODE 0700
#define FILE_MODE 0600

static bool open_directory(const char *path, int *fd, struct error *err)
{
    return fs_open_directory(AT_FDCWD, path, fd, err);
}

static bool rename_synced(int parent, const char *from, const char *to, const char *path, struct error *err)
{
    if (renameat(parent, from, parent, to) != 0)
        return error_errno(err, errno, "store.write", "cannot rename %s to %s in %s", from, to, path);
    return fs_sync(parent, path, err);
}

static bool write_files(int directory, const struct store_file *files, size_t count, struct error *err)
{
    for (size_t i = count; i-- > 0;) {
        if (files[i].text &&
            !fs_write_atomic(directory, files[i].name, files[i].text, strlen(files[i].text), FILE_MODE, err))
            return false;
    }
    return true;
}

static bool make_object(int parent, const char *parent_path, const struct guid *id,
                        const struct store_file *files, size_t count, struct error *err)
{
    CLEANUP_FREE char *temporary = mem_format(".new-%s", id->text);
    if (!fs_remove_tree(parent, temporary, err))
        return false;
    if (mkdirat(parent, temporary, DIRECTORY_MODE) != 0)
        return error_errno(err, errno, "store.write", "cannot create the directory %s/%s", parent_path,
                           temporary);
    CLEANUP_FD int directory = -1;
    bool ok = fs_open_directory(parent, temporary, &directory, err) &&
              write_files(directory, files, count, err) && fs_sync(directory, temporary, err) &&
              rename_synced(parent, temporary, id->text, parent_path, err);
    /* What a crash leaves under the temporary name is swept before the next change. */
    struct error ignored = {0};
    if (!ok && !fs_remove_tree(parent, temporary, &ignored))
        return false;
    return ok;
}

bool store_object_put(const char *parent_path, const struct guid *id, const struct store_file *files,
                      size_t count, struct error *err)
{
    CLEANUP_FD int parent = -1;
    CLEANUP_FD int directory = -1;
    if (!fs_make_directories(parent_path, DIRECTORY_MODE, err) || !open_directory(parent_path, &parent, err))
        return error_context(err, "cannot write to the store");
    directory = openat(parent, id->text, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool ok = false;
    if (directory >= 0)
        ok = write_files(directory, files, count, err);
    else if (errno == ENOENT)
        ok = make_object(parent, parent_path, id, files, count, err);
    else
        return error_errno(err, errno, "store.write", "cannot open %s/%s", parent_path, id->text);
    return ok || error_context(err, "%s/%s", parent_path, id->text);
}

bool store_object_hide(const char *parent_path, const struct guid *id, struct error *err)
{
    CLEANUP_FD int parent = -1;
    CLEANUP_FREE char *hidden = mem_format(".gone-%s", id->text);
    if (!open_directory(parent_path, &parent, err))
        return false;
    if (faccessat(parent, id->text, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    /* A rename onto a directory that is not empty fails. */
    return fs_remove_tree(parent, hidden, err) && rename_synced(parent, id->text, hidden, parent_path, err);
}

bool store_object_remove(const char *parent_path, const struct guid *id, struct error *err)
{
    CLEANUP_FD int parent = -1;
    CLEANUP_FREE char *hidden = mem_format(".gone-%s", id->text);
    if (access(parent_path, F_OK) != 0 && errno == ENOENT)
        return true;
    return store_object_hide(parent_path, id, err) && open_directory(parent_path, &parent, err) &&
           fs_remove_tree(parent, hidden, err);
}

bool store_object_list(const char *parent_path, struct guid **ids, size_t *count, struct findings *findings,
                       struct error *err)
{
    *ids = NULL;
    *count = 0;
    CLEANUP_FD int parent = open(parent_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0 && errno == ENOENT)
        return true;
    char **names = NULL;
    size_t name_count = 0;
    if (parent < 0)
        return error_errno(err, errno, "store.read", "cannot open the directory %s", parent_path);
    if (!fs_list(parent, &names, &name_count, err))
        return error_context(err, "%s", parent_path);
    for (size_t i = 0; i < name_count; i++) {
        struct guid id;
        if (*names[i] == '.')
            continue;
        if (guid_parse(&id, names[i]) && strcmp(id.text, names[i]) == 0)
            *ARRAY_APPEND(*ids, *count) = id;
        else
            findings_add(findings, "%s/%s is not part of a store; it is passed over", parent_path, names[i]);
    }
    fs_free_names(names, name_count);
    return true;
}

bool store_object_exists(const char *parent_path, const struct guid *id)
{
    CLEANUP_FREE char *path = mem_format("%s/%s", parent_path, id->text);
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool is_left_over(const char *name)
{
    size_t length = strlen(name);
    return strncmp(name, ".new-", 5) == 0 || strncmp(name, ".gone-", 6) == 0 ||
           (length > 4 && strcmp(name + length - 4, ".tmp") == 0);
}

static bool sweep(int directory, bool into_objects, struct error *err)
{
    char **names = NULL;
    size_t count = 0;
    if (!fs_list(directory, &names, &count, err))
        return false;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        struct guid id;
        if (is_left_over(names[i])) {
            ok = fs_remove_tree(directory, names[i], err);
        } else if (into_objects && guid_parse(&id, names[i])) {
            CLEANUP_FD int object =
                openat(directory, names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            ok = object < 0 || sweep(object, false, err);
        }
    }
    fs_free_names(names, count);
    return ok;
}

bool store_object_sweep(const char *parent_path, struct error *err)
{
    CLEANUP_FD int parent = open(parent_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0)
        return errno == ENOENT || error_errno(err, errno, "store.read", "cannot open %s", parent_path);
    return sweep(parent, true, err) || error_context(err, "%s", parent_path);
}
